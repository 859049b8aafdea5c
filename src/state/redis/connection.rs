//! A Redis server or cluster, and the connection to it, which reconnects by itself.

use std::{fmt, sync::Mutex, time::Duration};

use redis::{
    Client, Cmd, IntoConnectionInfo, Pipeline, RedisError, RedisFuture, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterClientBuilder},
    cluster_async::ClusterConnection,
};

use crate::{Error, Result, sync::lock};

/// Time limit for opening a connection. No call waits this long.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How often a command is redirected to another server of a cluster.
const MAX_REDIRECTS: u32 = 3;

/// Where the state is.
enum Server {
    Single(Box<Client>),
    Cluster(Box<ClusterClient>, Vec<String>),
}

/// The connection to a server or a cluster, opened at the first use.
pub(super) struct Connections {
    server: Server,
    current: Mutex<Option<Connection>>,
    /// Held while a cluster is asked for its servers.
    connecting: tokio::sync::Mutex<()>,
}

/// A connection that reconnects by itself.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

impl Connections {
    /// Parses `urls`: one URL, or several of one cluster, separated by commas. `roots` are the certificates to trust (PEM), in
    /// place of the system's.
    pub(super) fn open(urls: &str, roots: Option<Vec<u8>>) -> Result<Self> {
        let urls: Vec<&str> = urls.split(',').map(str::trim).collect();
        urls.iter().try_for_each(|url| validate(url))?;
        #[cfg(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring"))]
        let certificates = roots.map(|roots| redis::TlsCertificates { client_tls: None, root_cert: Some(roots) });
        #[cfg(not(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring")))]
        let _ = roots;
        let server = if let [url] = urls[..] {
            #[cfg(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring"))]
            let client = match certificates {
                Some(certificates) => Client::build_with_tls(url, certificates),
                None => Client::open(url),
            };
            #[cfg(not(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring")))]
            let client = Client::open(url);
            Server::Single(Box::new(client.map_err(|error| url_error(&error))?))
        } else {
            let addresses = urls.iter().map(|url| address(url)).collect::<Result<_>>()?;
            let builder = ClusterClientBuilder::new(urls).connection_timeout(CONNECT_TIMEOUT).retries(MAX_REDIRECTS);
            #[cfg(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring"))]
            let builder = match certificates {
                Some(certificates) => builder.certs(certificates),
                None => builder,
            };
            Server::Cluster(Box::new(builder.build().map_err(|error| url_error(&error))?), addresses)
        };
        Ok(Self { server, current: Mutex::default(), connecting: tokio::sync::Mutex::default() })
    }

    pub(super) async fn get(&self) -> Result<Connection, RedisError> {
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let connection = match &self.server {
            Server::Single(client) => {
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(0)
                    .set_connection_timeout(Some(CONNECT_TIMEOUT))
                    .set_response_timeout(None);
                Connection::Single(ConnectionManager::new_lazy_with_config((**client).clone(), config)?)
            }
            Server::Cluster(client, _) => {
                let _connecting = self.connecting.lock().await;
                if let Some(connection) = self.current() {
                    return Ok(connection);
                }
                Connection::Cluster(client.get_async_connection().await?)
            }
        };
        *lock(&self.current) = Some(connection.clone());
        Ok(connection)
    }

    fn current(&self) -> Option<Connection> {
        lock(&self.current).clone()
    }

    /// Drops the connection. The next use opens another.
    pub(super) fn disconnect(&self) {
        lock(&self.current).take();
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
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
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// Rejects URLs that the crate cannot use, with errors of its own.
fn validate(url: &str) -> Result<()> {
    let info = url.into_connection_info().map_err(|error| url_error(&error))?;
    if matches!(info.addr(), redis::ConnectionAddr::TcpTls { .. }) {
        #[cfg(not(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring")))]
        return Err(Error::configuration(
            "the Redis URL is rediss, and the crate is built without the features `rustls`, `rustls-ring` and `native-tls`",
        ));
        // redis uses the process's provider. It panics if there is none and several are compiled in.
        #[cfg(any(feature = "rustls", feature = "rustls-ring"))]
        crate::tls::ensure_provider();
    }
    Ok(())
}

/// Host and port of a URL, without its other parts.
fn address(url: &str) -> Result<String> {
    let info = url.into_connection_info().map_err(|error| url_error(&error))?;
    Ok(info.addr().to_string())
}

/// Shows only the kind of the error: its text may repeat the URL, which may hold a password.
fn url_error(error: &RedisError) -> Error {
    Error::configuration(format!(
        "the Redis URL cannot be used ({:?}): it has the form redis://host:6379/, or rediss:// for TLS",
        error.kind()
    ))
}

/// Shows the addresses.
impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Server::Single(client) => client.get_connection_info().addr().fmt(f),
            Server::Cluster(_, addresses) => addresses.fmt(f),
        }
    }
}
