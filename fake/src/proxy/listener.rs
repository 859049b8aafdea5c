//! A listener on loopback that can be closed and reopened on the same port. The port stays reserved meanwhile.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

/// Handles a connection.
pub(crate) type Serve = Arc<dyn Fn(TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

pub(crate) struct ClosableListener {
    address: SocketAddr,
    serve: Serve,
    leaf: Mutex<ListenerState>,
}

enum ListenerState {
    Open(JoinHandle<()>),
    /// The port is bound, and connections are refused.
    Closed(TcpSocket),
    /// The port could not be bound again.
    Broken,
}

impl ClosableListener {
    /// Listens on a port of loopback; 0 is a free one.
    pub(crate) async fn open(port: u16, serve: Serve) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::clone(&serve)));
        Ok(Self { address, serve, leaf: Mutex::new(ListenerState::Open(accepting)) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes every connection and refuses new ones.
    pub(crate) async fn close(&self) -> io::Result<()> {
        let mut leaf = self.leaf.lock().await;
        let accepting = match std::mem::replace(&mut *leaf, ListenerState::Broken) {
            ListenerState::Open(accepting) => accepting,
            close => {
                *leaf = close;
                return Ok(());
            }
        };
        accepting.abort();
        // Connections are accepted until the listener is dropped.
        let _ = accepting.await;
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        *leaf = ListenerState::Closed(socket);
        Ok(())
    }

    pub(crate) async fn reopen(&self) -> io::Result<()> {
        let mut leaf = self.leaf.lock().await;
        *leaf = match std::mem::replace(&mut *leaf, ListenerState::Broken) {
            ListenerState::Closed(socket) => {
                ListenerState::Open(tokio::spawn(accept(socket.listen(64)?, Arc::clone(&self.serve))))
            }
            open => open,
        };
        Ok(())
    }
}

impl Drop for ClosableListener {
    fn drop(&mut self) {
        if let ListenerState::Open(accepting) = self.leaf.get_mut() {
            accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, serve: Serve) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Without `TCP_NODELAY`, small packets would be delayed.
        let _ = stream.set_nodelay(true);
        connections.spawn(serve(stream));
        while connections.try_join_next().is_some() {}
    }
}
