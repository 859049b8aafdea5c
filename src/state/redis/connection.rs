//! One Redis server or a cluster of them, and the connection to it, which mends itself.

use std::{fmt, sync::Mutex, time::Duration};

use redis::{
    Client, Cmd, IntoConnectionInfo, Pipeline, RedisError, RedisFuture, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterClientBuilder},
    cluster_async::ClusterConnection,
};

use crate::{Error, Result, sync::lock};

/// How long a connection may take to be made. Nobody waits for it.
const CONNECT: Duration = Duration::from_millis(1_500);
/// How often a command goes on to another server of a cluster.
const REDIRECTS: u32 = 3;

/// Where the state is.
enum Server {
    One(Box<Client>),
    Cluster(Box<ClusterClient>, Vec<String>),
}

/// The connection to a server or a cluster, made at the first use.
pub(super) struct Connections {
    server: Server,
    made: Mutex<Option<Connection>>,
    /// Held while a cluster is asked for its servers.
    making: tokio::sync::Mutex<()>,
}

/// A connection that mends itself.
#[derive(Clone)]
pub(crate) enum Connection {
    One(ConnectionManager),
    Cluster(ClusterConnection),
}

impl Connections {
    /// `urls` are one URL, or several of one cluster, separated by commas. `roots` are the certificates to trust (PEM), in
    /// place of the system's.
    pub(super) fn open(urls: &str, roots: Option<Vec<u8>>) -> Result<Self> {
        let urls: Vec<&str> = urls.split(',').map(str::trim).collect();
        urls.iter().try_for_each(|url| check(url))?;
        #[cfg(feature = "rustls")]
        let certificates = roots.map(|roots| redis::TlsCertificates { client_tls: None, root_cert: Some(roots) });
        #[cfg(not(feature = "rustls"))]
        let _ = roots;
        let server = if let [url] = urls[..] {
            #[cfg(feature = "rustls")]
            let client = match certificates {
                Some(certificates) => Client::build_with_tls(url, certificates),
                None => Client::open(url),
            };
            #[cfg(not(feature = "rustls"))]
            let client = Client::open(url);
            Server::One(Box::new(client.map_err(|error| unusable(&error))?))
        } else {
            let addresses = urls.iter().map(|url| address(url)).collect::<Result<_>>()?;
            let builder = ClusterClientBuilder::new(urls).connection_timeout(CONNECT).retries(REDIRECTS);
            #[cfg(feature = "rustls")]
            let builder = match certificates {
                Some(certificates) => builder.certs(certificates),
                None => builder,
            };
            Server::Cluster(Box::new(builder.build().map_err(|error| unusable(&error))?), addresses)
        };
        Ok(Self { server, made: Mutex::default(), making: tokio::sync::Mutex::default() })
    }

    pub(super) async fn get(&self) -> Result<Connection, RedisError> {
        if let Some(connection) = self.made() {
            return Ok(connection);
        }
        let connection = match &self.server {
            Server::One(client) => {
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(0)
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(None);
                Connection::One(ConnectionManager::new_lazy_with_config((**client).clone(), config)?)
            }
            Server::Cluster(client, _) => {
                let _making = self.making.lock().await;
                if let Some(connection) = self.made() {
                    return Ok(connection);
                }
                Connection::Cluster(client.get_async_connection().await?)
            }
        };
        *lock(&self.made) = Some(connection.clone());
        Ok(connection)
    }

    fn made(&self) -> Option<Connection> {
        lock(&self.made).clone()
    }

    /// Gives the connection up; the next use makes another.
    pub(super) fn forget(&self) {
        lock(&self.made).take();
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// Says what the crate cannot do with a URL before redis says it in its own words.
fn check(url: &str) -> Result<()> {
    let info = url.into_connection_info().map_err(|error| unusable(&error))?;
    if matches!(info.addr(), redis::ConnectionAddr::TcpTls { .. }) {
        #[cfg(not(feature = "rustls"))]
        return Err(Error::configuration(
            "the Redis URL is rediss, and the crate is built without the feature `rustls`",
        ));
        // redis takes the process's provider, and panics where there is none and several are compiled in.
        #[cfg(feature = "rustls")]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
    }
    Ok(())
}

/// Host and port, and nothing else of a URL.
fn address(url: &str) -> Result<String> {
    let info = url.into_connection_info().map_err(|error| unusable(&error))?;
    Ok(info.addr().to_string())
}

/// The kind of the error alone: its text may repeat the URL, and that may hold a password.
fn unusable(error: &RedisError) -> Error {
    Error::configuration(format!("the Redis URL cannot be used ({:?})", error.kind()))
}

/// Names the addresses.
impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Server::One(client) => client.get_connection_info().addr().fmt(f),
            Server::Cluster(_, addresses) => addresses.fmt(f),
        }
    }
}
