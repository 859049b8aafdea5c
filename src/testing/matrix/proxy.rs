//! A TCP proxy that misbehaves: it reads each request whole, decides what befalls it, and passes it on, or half of it, or
//! not. What befalls which request is told to it by the attendee's address, which every request of an appointment names
//! but cancellations; those, and lookups, are struck by chance.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    fault::Fault,
    message::{read_answer, read_request},
};

/// Later than anybody waits.
const LATE: Duration = Duration::from_secs(45);
/// After a request was passed on, before its connection is reset.
const MOMENT: Duration = Duration::from_millis(2);
/// The service closes connections that idled for 5 s.
const IDLE: Duration = Duration::from_secs(3);
/// Nothing takes longer to answer.
const LONGEST: Duration = Duration::from_secs(120);

/// A proxy in front of the service.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
}

struct State {
    /// What befalls the next creations for an address.
    plans: HashMap<String, VecDeque<Fault>>,
    /// Out of a thousand lookups and cancellations, so many are struck.
    chance: u32,
    random: fastrand::Rng,
    /// Until when the service stands still.
    still_until: Option<Instant>,
    /// Bodies of creations, by address: they must not differ.
    bodies: HashMap<String, Vec<u8>>,
    differing: u32,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proxy {
    /// A proxy on a port of its own; `chance` out of a thousand lookups and cancellations are struck.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr, seed: u64, chance: u32) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = State {
            plans: HashMap::new(),
            chance,
            random: fastrand::Rng::with_seed(seed),
            still_until: None,
            bodies: HashMap::new(),
            differing: 0,
        };
        let shared = Arc::new(Shared { upstream, state: Mutex::new(state) });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What befalls the creations for this attendee, one after the other; those after them pass.
    pub fn plan(&self, email: &str, faults: impl IntoIterator<Item = Fault>) {
        self.shared.lock().plans.insert(email.to_owned(), faults.into_iter().collect());
    }

    /// From now on nothing is struck that was not planned.
    pub fn calm(&self) {
        self.shared.lock().chance = 0;
    }

    /// How many creations differed from the one before for the same attendee.
    pub fn differing(&self) -> u32 {
        self.shared.lock().differing
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // Whatever fails here ends the connection, which is what a proxy is for.
            let _ = serve(stream, &shared).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    let mut upstream: Option<TcpStream> = None;
    let mut used = Instant::now();
    while let Some(request) = read_request(&mut client).await? {
        if used.elapsed() > IDLE {
            upstream = None;
        }
        let (fault, still_until) = {
            let mut state = shared.lock();
            (state.choose(&request.head, &request.body), state.still_until)
        };
        if let Some(until) = still_until {
            sleep_until(until).await;
        }
        if !exchange(fault, &request.bytes(), &mut client, &mut upstream, shared).await? {
            let _ = client.set_zero_linger();
            return Ok(());
        }
        used = Instant::now();
    }
    Ok(())
}

/// Passes one request on, as far as it goes; whether the connection still stands.
async fn exchange(
    fault: Fault,
    request: &[u8],
    client: &mut TcpStream,
    upstream: &mut Option<TcpStream>,
    shared: &Arc<Shared>,
) -> io::Result<bool> {
    match fault {
        Fault::ResetBefore => return Ok(false),
        Fault::MidRequest => {
            let mut half = TcpStream::connect(shared.upstream).await?;
            half.write_all(&request[..request.len() - request.len() / 4]).await?;
            sleep(MOMENT).await;
            return Ok(false);
        }
        Fault::Silence => {
            sleep(LONGEST).await;
            return Ok(false);
        }
        Fault::TooMany => return answer(client, "429 Too Many Requests", "Retry-After: 1\r\n", "").await,
        Fault::ErrorUndone => return answer(client, "500 Internal Server Error", "", ERROR).await,
        Fault::GatewayUndone => return answer(client, "502 Bad Gateway", HTML, PAGE).await,
        Fault::UnavailableUndone => return answer(client, "503 Service Unavailable", "", ERROR).await,
        Fault::PageUndone => return answer(client, "200 OK", HTML, PAGE).await,
        Fault::InFlight => {
            let mut alone = TcpStream::connect(shared.upstream).await?;
            alone.write_all(request).await?;
            // It is worked on to its end, whoever has left.
            tokio::spawn(async move { timeout(LONGEST, read_answer(&mut alone)).await });
            sleep(MOMENT).await;
            return Ok(false);
        }
        _ => {}
    }
    let server = match upstream {
        Some(server) => server,
        None => upstream.insert(TcpStream::connect(shared.upstream).await?),
    };
    server.write_all(request).await?;
    // The service works on it whether or not the client stays; so does this.
    let whole = read_answer(server).await?;
    match fault {
        Fault::AfterCommit => Ok(false),
        Fault::MidAnswer => {
            client.write_all(&whole[..whole.len() / 2]).await?;
            sleep(MOMENT).await;
            Ok(false)
        }
        Fault::Truncated => {
            client.write_all(&whole[..whole.len() - whole.len() / 4]).await?;
            client.shutdown().await?;
            sleep(MOMENT).await;
            Ok(false)
        }
        Fault::LateAnswer => {
            sleep(LATE).await;
            client.write_all(&whole).await?;
            Ok(true)
        }
        Fault::ErrorDone => answer(client, "500 Internal Server Error", "", ERROR).await,
        Fault::GatewayDone => answer(client, "502 Bad Gateway", HTML, PAGE).await,
        Fault::UnavailableDone => answer(client, "503 Service Unavailable", "", ERROR).await,
        Fault::PageDone => answer(client, "200 OK", HTML, PAGE).await,
        _ => {
            client.write_all(&whole).await?;
            Ok(true)
        }
    }
}

const ERROR: &str = r#"{"statusCode":500,"message":"Internal server error"}"#;
const HTML: &str = "Content-Type: text/html\r\n";
const PAGE: &str = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>";

async fn answer(client: &mut TcpStream, status: &str, headers: &str, body: &str) -> io::Result<bool> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    client.write_all(head.as_bytes()).await?;
    client.write_all(body.as_bytes()).await?;
    Ok(true)
}

impl State {
    fn choose(&mut self, head: &str, body: &[u8]) -> Fault {
        if head.starts_with("POST") && head.split(' ').nth(1).is_some_and(|path| path.ends_with("/v2/bookings")) {
            return self.creation(body);
        }
        if self.random.u32(0..1000) < self.chance {
            let faults = Fault::PASSING;
            return faults[self.random.usize(0..faults.len())];
        }
        Fault::None
    }

    fn creation(&mut self, body: &[u8]) -> Fault {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(email) = json["attendee"]["email"].as_str() else { return Fault::None };
        let before = self.bodies.insert(email.to_owned(), body.to_vec());
        self.differing += u32::from(before.is_some_and(|before| before != body));
        let fault = self.plans.get_mut(email).and_then(VecDeque::pop_front).unwrap_or(Fault::None);
        if let Fault::Stalled(time) = fault {
            self.still_until = Some(Instant::now() + time);
        }
        fault
    }
}

/// A way to the service that can be shut: then nobody listens.
pub(super) struct Door {
    address: SocketAddr,
    upstream: SocketAddr,
    passing: JoinHandle<()>,
}

impl Door {
    pub(super) async fn open(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, upstream, passing: tokio::spawn(pass(listener, upstream)) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shuts it, and ends every connection through it; opens it again after `again`, if ever. What it gives back keeps the
    /// port, so that nobody else gets it meanwhile.
    pub(super) async fn shut(self, again: Option<Duration>) -> io::Result<Shut> {
        self.passing.abort();
        // Until the listener is gone, connections would still be made.
        let _ = self.passing.await;
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        let Some(wait) = again else { return Ok(Shut { _kept: Some(socket), opening: None }) };
        let opening = tokio::spawn(async move {
            sleep(wait).await;
            if let Ok(listener) = socket.listen(64) {
                pass(listener, self.upstream).await;
            }
        });
        Ok(Shut { _kept: None, opening: Some(opening) })
    }
}

/// A door that was shut, for as long as it may be knocked at.
pub(super) struct Shut {
    /// Bound, and not listened on.
    _kept: Option<TcpSocket>,
    opening: Option<JoinHandle<()>>,
}

impl Drop for Shut {
    fn drop(&mut self) {
        if let Some(opening) = &self.opening {
            opening.abort();
        }
    }
}

async fn pass(listener: TcpListener, upstream: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        connections.spawn(async move {
            if let Ok(mut server) = TcpStream::connect(upstream).await {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
            }
        });
    }
}
