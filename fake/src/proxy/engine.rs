//! The engine of every proxy here: reads each request whole, has it decided what befalls it, and passes it on, or a part
//! of it, or not; then the same with the answer. What befalls which request is decided elsewhere.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::super::clock::Clock;
use super::super::fault::{Befallen, Moment, Strike};
use super::super::log::Answered;
use super::gate::Gate;
use super::message::{Message, read_answer, read_request};

/// Between a part of an answer and the reset after it, which would otherwise overtake it.
const MOMENT: Duration = Duration::from_millis(2);

/// Decides about faults.
pub trait Course: Send + Sync + 'static {
    /// What befalls this request.
    fn befalls(&self, request: &Message) -> Option<Befallen>;

    /// Until when nothing that arrives is passed on.
    fn still_until(&self) -> Option<Instant> {
        None
    }

    /// Told what the client got of an answer, before it gets it, where that is not all of it.
    fn answered(&self, answer: &Message, answered: Answered, befallen: Option<&Befallen>) {
        let _ = (answer, answered, befallen);
    }
}

/// A running proxy.
pub struct Engine {
    gate: Gate,
    core: Arc<Core>,
}

struct Core {
    upstream: SocketAddr,
    course: Arc<dyn Course>,
    /// Whose time counts for delays; tokio's where there is none.
    clock: Option<Clock>,
    under_way: watch::Sender<usize>,
}

/// What becomes of the connection after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Request,
    Close,
    Reset,
}

impl Engine {
    /// A proxy on a port of its own.
    pub async fn start(upstream: SocketAddr, course: Arc<dyn Course>, clock: Option<Clock>) -> io::Result<Self> {
        let core = Arc::new(Core { upstream, course, clock, under_way: watch::Sender::default() });
        let serving = Arc::clone(&core);
        let gate = Gate::open(Arc::new(move |client| {
            let core = Arc::clone(&serving);
            Box::pin(async move {
                // Whatever fails here ends the connection, which is what a proxy is for.
                let _ = core.serve(client).await;
            })
        }));
        Ok(Self { gate: gate.await?, core })
    }

    pub fn address(&self) -> SocketAddr {
        self.gate.address()
    }

    /// Ends every connection and refuses new ones, until [`Self::reopen`].
    pub async fn shut(&self) -> io::Result<()> {
        self.gate.shut().await
    }

    pub async fn reopen(&self) -> io::Result<()> {
        self.gate.reopen().await
    }

    /// Waits until no exchange is under way, those included whose client has left.
    pub async fn idle(&self) {
        // The sender is the engine's, and stays.
        let _ = self.core.under_way.subscribe().wait_for(|number| *number == 0).await;
    }
}

/// An exchange that is under way, for as long as this lives.
struct UnderWay(Arc<Core>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.send_modify(|number| *number -= 1);
    }
}

impl Core {
    async fn serve(self: Arc<Self>, mut client: TcpStream) -> io::Result<()> {
        let mut upstream: Option<TcpStream> = None;
        loop {
            let request = tokio::select! {
                request = read_request(&mut client) => request?,
                // Where the service hangs up, so does this.
                () = ended(&upstream) => return Ok(()),
            };
            let Some(request) = request else { return Ok(()) };
            self.under_way.send_modify(|number| *number += 1);
            let under_way = UnderWay(Arc::clone(&self));
            match self.exchange(&request, &mut client, &mut upstream, under_way).await? {
                Next::Request => {}
                Next::Close => return client.shutdown().await,
                Next::Reset => return client.set_zero_linger(),
            }
        }
    }

    async fn exchange(
        &self,
        request: &Message,
        client: &mut TcpStream,
        upstream: &mut Option<TcpStream>,
        under_way: UnderWay,
    ) -> io::Result<Next> {
        let befallen = self.course.befalls(request);
        if let Some(until) = self.course.still_until() {
            sleep_until(until).await;
        }
        match &befallen {
            Some(fault) if !fault.has_effect() => return self.without_effect(fault, request, client).await,
            Some(fault) if matches!(fault.strike, Strike::Reset(Moment::InFlight)) => {
                self.in_flight(fault.clone(), request, under_way).await?;
                return Ok(Next::Reset);
            }
            Some(Befallen { strike: Strike::Delay(time), after_effect: false }) => self.wait(*time).await,
            _ => {}
        }
        let answer = self.forward(request, upstream).await?;
        let told = |answered| self.course.answered(&answer, answered, befallen.as_ref());
        match befallen.as_ref().map(|fault| (&fault.strike, fault.after_effect)) {
            Some((Strike::Truncate(length), _)) => {
                told(Answered::Damaged(answer.status()));
                client.write_all(answer.head.as_bytes()).await?;
                client.write_all(&answer.body[..(*length).min(answer.body.len())]).await?;
                Ok(Next::Close)
            }
            Some((Strike::Reset(Moment::MidAnswer), _)) => {
                told(Answered::Damaged(answer.status()));
                let bytes = answer.bytes();
                client.write_all(&bytes[..bytes.len() / 2]).await?;
                sleep(MOMENT).await;
                Ok(Next::Reset)
            }
            Some((Strike::ContentType(value), _)) => {
                told(Answered::Damaged(answer.status()));
                let value = value.to_str().unwrap_or_default();
                client.write_all(&answer.with_header("content-type", value).bytes()).await?;
                Ok(Next::Request)
            }
            Some((Strike::Answer(canned), _)) => {
                told(Answered::Instead(canned.status.as_u16()));
                client.write_all(&canned.bytes()).await?;
                Ok(Next::Request)
            }
            Some((Strike::Reset(_), _)) => {
                told(Answered::Lost);
                Ok(Next::Reset)
            }
            Some((Strike::Silence, _)) => {
                told(Answered::Lost);
                left(client).await;
                Ok(Next::Close)
            }
            Some((Strike::Delay(_), _)) | None => {
                if let Some(Befallen { strike: Strike::Delay(time), after_effect: true }) = &befallen {
                    self.wait(*time).await;
                }
                if has_left(client).await {
                    told(Answered::Lost);
                }
                client.write_all(&answer.bytes()).await?;
                Ok(Next::Request)
            }
        }
    }

    /// What keeps a request from the service, or all but a part of it.
    async fn without_effect(&self, fault: &Befallen, request: &Message, client: &mut TcpStream) -> io::Result<Next> {
        match &fault.strike {
            Strike::Answer(canned) => {
                client.write_all(&canned.bytes()).await?;
                // The service is not there to do what the client says about the connection.
                Ok(if request.header("connection") == Some("close") { Next::Close } else { Next::Request })
            }
            Strike::Silence => {
                left(client).await;
                Ok(Next::Close)
            }
            Strike::Reset(Moment::MidRequest) => {
                let bytes = request.bytes();
                let mut half = TcpStream::connect(self.upstream).await?;
                half.write_all(&bytes[..bytes.len() - bytes.len() / 4 - 1]).await?;
                Ok(Next::Reset)
            }
            _ => Ok(Next::Reset),
        }
    }

    /// Hands the service the whole request; it is worked on to its end, whoever has left.
    async fn in_flight(&self, fault: Befallen, request: &Message, under_way: UnderWay) -> io::Result<()> {
        let mut alone = TcpStream::connect(self.upstream).await?;
        alone.write_all(&request.bytes()).await?;
        let method = request.method().to_owned();
        tokio::spawn(async move {
            if let Ok(answer) = read_answer(&mut alone, &method).await {
                under_way.0.course.answered(&answer, Answered::Lost, Some(&fault));
            }
        });
        Ok(())
    }

    /// The service's answer; it works on the request whether or not the client stays, and so does this.
    async fn forward(&self, request: &Message, upstream: &mut Option<TcpStream>) -> io::Result<Message> {
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
async fn ended(upstream: &Option<TcpStream>) {
    match upstream {
        // Whatever it says unasked is a goodbye.
        Some(server) => drop(server.peek(&mut [0]).await),
        None => std::future::pending().await,
    }
}

/// Waits until the client has gone.
async fn left(client: &mut TcpStream) {
    let mut rest = [0; 256];
    while client.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

/// Whether the client has gone already.
async fn has_left(client: &TcpStream) -> bool {
    let mut byte = [0];
    tokio::select! {
        biased;
        read = client.peek(&mut byte) => !read.is_ok_and(|read| read > 0),
        () = std::future::ready(()) => false,
    }
}
