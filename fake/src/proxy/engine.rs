//! The engine of proxies: reads each request, applies the fault that the policy chooses, forwards the request, and does
//! the same with the response.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::super::clock::Clock;
use super::super::fault::{FaultAction, FaultInjection, ResetPoint};
use super::super::log::ResponseOutcome;
use super::listener::ClosableListener;
use super::message::{HttpMessage, read_answer, read_request};

/// The pause between a part of a response and the reset, which would otherwise overtake it.
const RESET_DELAY: Duration = Duration::from_millis(2);

/// Chooses the faults of a proxy.
pub trait FaultPolicy: Send + Sync + 'static {
    /// The fault to inject into this request.
    fn fault_for(&self, request: &HttpMessage) -> Option<FaultInjection>;

    /// The time until which no request is forwarded.
    fn stalled_until(&self) -> Option<Instant> {
        None
    }

    /// Called before the client receives a response that is not the complete one of the service.
    fn on_response(&self, answer: &HttpMessage, outcome: ResponseOutcome, injection: Option<&FaultInjection>) {
        let _ = (answer, outcome, injection);
    }
}

/// A running proxy.
pub struct ProxyEngine {
    listener: ClosableListener,
    core: Arc<ProxyInner>,
}

struct ProxyInner {
    upstream: SocketAddr,
    policy: Arc<dyn FaultPolicy>,
    /// The clock of delays. Default: that of tokio.
    clock: Option<Clock>,
    in_flight: watch::Sender<usize>,
}

/// The state of the connection after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionState {
    Request,
    Close,
    Reset,
}

impl ProxyEngine {
    /// Starts a proxy on a port of its own.
    pub async fn start(upstream: SocketAddr, policy: Arc<dyn FaultPolicy>, clock: Option<Clock>) -> io::Result<Self> {
        let core = Arc::new(ProxyInner { upstream, policy, clock, in_flight: watch::Sender::default() });
        let serving = Arc::clone(&core);
        let listener = ClosableListener::open(
            0,
            Arc::new(move |client| {
                let core = Arc::clone(&serving);
                Box::pin(async move {
                    // An error closes the connection, as it would without a proxy.
                    let _ = core.serve(client).await;
                })
            }),
        );
        Ok(Self { listener: listener.await?, core })
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Closes every connection and refuses new ones until [`Self::reopen`].
    pub async fn close(&self) -> io::Result<()> {
        self.listener.close().await
    }

    pub async fn reopen(&self) -> io::Result<()> {
        self.listener.reopen().await
    }

    /// Waits until no exchange is in progress, those of closed connections included.
    pub async fn idle(&self) {
        // It cannot fail: the engine holds the sender.
        let _ = self.core.in_flight.subscribe().wait_for(|number| *number == 0).await;
    }
}

/// Counts an exchange as in progress until it is dropped.
struct InFlightGuard(Arc<ProxyInner>);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.in_flight.send_modify(|number| *number -= 1);
    }
}

impl ProxyInner {
    async fn serve(self: Arc<Self>, mut client: TcpStream) -> io::Result<()> {
        let mut upstream: Option<TcpStream> = None;
        loop {
            let request = tokio::select! {
                request = read_request(&mut client) => request?,
                // If the service closes the connection, the proxy does too.
                () = upstream_closed(&upstream) => return Ok(()),
            };
            let Some(request) = request else { return Ok(()) };
            self.in_flight.send_modify(|number| *number += 1);
            let in_flight = InFlightGuard(Arc::clone(&self));
            match self.exchange(&request, &mut client, &mut upstream, in_flight).await? {
                ConnectionState::Request => {}
                ConnectionState::Close => return client.shutdown().await,
                ConnectionState::Reset => return client.set_zero_linger(),
            }
        }
    }

    async fn exchange(
        &self,
        request: &HttpMessage,
        client: &mut TcpStream,
        upstream: &mut Option<TcpStream>,
        in_flight: InFlightGuard,
    ) -> io::Result<ConnectionState> {
        let injection = self.policy.fault_for(request);
        if let Some(until) = self.policy.stalled_until() {
            sleep_until(until).await;
        }
        match &injection {
            Some(fault) if !fault.has_effect() => return self.without_effect(fault, request, client).await,
            Some(fault) if matches!(fault.action, FaultAction::Reset(ResetPoint::InFlight)) => {
                self.in_flight(fault.clone(), request, in_flight).await?;
                return Ok(ConnectionState::Reset);
            }
            Some(FaultInjection { action: FaultAction::Delay(time), after_effect: false }) => self.wait(*time).await,
            _ => {}
        }
        let answer = self.forward(request, upstream).await?;
        let report = |outcome| self.policy.on_response(&answer, outcome, injection.as_ref());
        match injection.as_ref().map(|fault| (&fault.action, fault.after_effect)) {
            Some((FaultAction::Truncate(length), _)) => {
                report(ResponseOutcome::Damaged(answer.status()));
                client.write_all(answer.head.as_bytes()).await?;
                client.write_all(&answer.body[..(*length).min(answer.body.len())]).await?;
                Ok(ConnectionState::Close)
            }
            Some((FaultAction::Reset(ResetPoint::MidResponse), _)) => {
                report(ResponseOutcome::Damaged(answer.status()));
                let bytes = answer.bytes();
                client.write_all(&bytes[..bytes.len() / 2]).await?;
                sleep(RESET_DELAY).await;
                Ok(ConnectionState::Reset)
            }
            Some((FaultAction::ContentType(value), _)) => {
                report(ResponseOutcome::Damaged(answer.status()));
                let value = value.to_str().unwrap_or_default();
                client.write_all(&answer.with_header("content-type", value).bytes()).await?;
                Ok(ConnectionState::Request)
            }
            Some((FaultAction::Respond(canned), _)) => {
                report(ResponseOutcome::Replaced(canned.status.as_u16()));
                client.write_all(&canned.bytes()).await?;
                Ok(ConnectionState::Request)
            }
            Some((FaultAction::Reset(_), _)) => {
                report(ResponseOutcome::Lost);
                Ok(ConnectionState::Reset)
            }
            Some((FaultAction::NoResponse, _)) => {
                report(ResponseOutcome::Lost);
                client_closed(client).await;
                Ok(ConnectionState::Close)
            }
            Some((FaultAction::Delay(_), _)) | None => {
                if let Some(FaultInjection { action: FaultAction::Delay(time), after_effect: true }) = &injection {
                    self.wait(*time).await;
                }
                if is_client_closed(client).await {
                    report(ResponseOutcome::Lost);
                }
                client.write_all(&answer.bytes()).await?;
                Ok(ConnectionState::Request)
            }
        }
    }

    /// Handles a fault that keeps the request, or a part of it, from the service.
    async fn without_effect(
        &self,
        fault: &FaultInjection,
        request: &HttpMessage,
        client: &mut TcpStream,
    ) -> io::Result<ConnectionState> {
        match &fault.action {
            FaultAction::Respond(canned) => {
                client.write_all(&canned.bytes()).await?;
                // The service does not see the client's `connection: close`, so the proxy obeys it.
                Ok(if request.header("connection") == Some("close") {
                    ConnectionState::Close
                } else {
                    ConnectionState::Request
                })
            }
            FaultAction::NoResponse => {
                client_closed(client).await;
                Ok(ConnectionState::Close)
            }
            FaultAction::Reset(ResetPoint::MidRequest) => {
                let bytes = request.bytes();
                let mut half = TcpStream::connect(self.upstream).await?;
                half.write_all(&bytes[..bytes.len() - bytes.len() / 4 - 1]).await?;
                Ok(ConnectionState::Reset)
            }
            _ => Ok(ConnectionState::Reset),
        }
    }

    /// Sends the complete request to the service, which processes it to its end.
    async fn in_flight(
        &self,
        fault: FaultInjection,
        request: &HttpMessage,
        in_flight: InFlightGuard,
    ) -> io::Result<()> {
        let mut alone = TcpStream::connect(self.upstream).await?;
        alone.write_all(&request.bytes()).await?;
        let method = request.method().to_owned();
        tokio::spawn(async move {
            if let Ok(answer) = read_answer(&mut alone, &method).await {
                in_flight.0.policy.on_response(&answer, ResponseOutcome::Lost, Some(&fault));
            }
        });
        Ok(())
    }

    /// Forwards the request and reads the response, whether or not the client closes its connection.
    async fn forward(&self, request: &HttpMessage, upstream: &mut Option<TcpStream>) -> io::Result<HttpMessage> {
        let server = match upstream {
            Some(server) => server,
            None => {
                let server = TcpStream::connect(self.upstream).await?;
                server.set_nodelay(true)?;
                upstream.insert(server)
            }
        };
        server.write_all(&request.bytes()).await?;
        read_answer(server, request.method()).await
    }

    async fn wait(&self, time: Duration) {
        match &self.clock {
            Some(clock) => clock.sleep(time).await,
            None => sleep(time).await,
        }
    }
}

/// Waits until the service has closed an idle connection.
async fn upstream_closed(upstream: &Option<TcpStream>) {
    match upstream {
        // Data without a request means that the service closes the connection.
        Some(server) => drop(server.peek(&mut [0]).await),
        None => std::future::pending().await,
    }
}

/// Waits until the client has closed the connection.
async fn client_closed(client: &mut TcpStream) {
    let mut rest = [0; 256];
    while client.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

/// Whether the client has closed the connection.
async fn is_client_closed(client: &TcpStream) -> bool {
    let mut byte = [0];
    tokio::select! {
        biased;
        read = client.peek(&mut byte) => !read.is_ok_and(|read| read > 0),
        () = std::future::ready(()) => false,
    }
}
