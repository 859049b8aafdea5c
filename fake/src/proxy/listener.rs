//! A port of loopback that can be shut, so that nobody listens there, and opened again. Meanwhile it stays taken, so that
//! nobody else gets it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};

/// What is done with a connection.
pub(crate) type Serve = Arc<dyn Fn(TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

pub(crate) struct Gate {
    address: SocketAddr,
    serve: Serve,
    leaf: Mutex<Leaf>,
}

enum Leaf {
    Open(JoinHandle<()>),
    /// Bound, and not listened on.
    Shut(TcpSocket),
    /// The port could not be had again.
    Broken,
}

impl Gate {
    pub(crate) async fn open(serve: Serve) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::clone(&serve)));
        Ok(Self { address, serve, leaf: Mutex::new(Leaf::Open(accepting)) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection and refuses new ones.
    pub(crate) async fn shut(&self) -> io::Result<()> {
        let mut leaf = self.leaf.lock().await;
        let accepting = match std::mem::replace(&mut *leaf, Leaf::Broken) {
            Leaf::Open(accepting) => accepting,
            shut => {
                *leaf = shut;
                return Ok(());
            }
        };
        accepting.abort();
        // Until the listener is gone, connections would still be made.
        let _ = accepting.await;
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        *leaf = Leaf::Shut(socket);
        Ok(())
    }

    pub(crate) async fn reopen(&self) -> io::Result<()> {
        let mut leaf = self.leaf.lock().await;
        *leaf = match std::mem::replace(&mut *leaf, Leaf::Broken) {
            Leaf::Shut(socket) => Leaf::Open(tokio::spawn(accept(socket.listen(64)?, Arc::clone(&self.serve)))),
            open => open,
        };
        Ok(())
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Leaf::Open(accepting) = self.leaf.get_mut() {
            accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, serve: Serve) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // What is lost on the way is the test's wish, what is late is not.
        let _ = stream.set_nodelay(true);
        connections.spawn(serve(stream));
        while connections.try_join_next().is_some() {}
    }
}
