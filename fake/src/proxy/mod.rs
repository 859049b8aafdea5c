//! A TCP proxy in front of the fake, or of any server that speaks plain HTTP, in which connections break.

mod engine;
mod gate;
pub(crate) mod message;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

pub use engine::{Course, Engine};
pub(crate) use gate::Gate;

use super::fake::FakeCalcom;
use super::fault::{Befallen, Fault, Faults};
use super::log::Answered;
use super::router::{self, Matched};
use super::shared::Shared;
use super::version::ApiVersion;
use message::Message;

/// A proxy that does to connections what is asked of it, and otherwise passes everything on.
///
/// What [`FakeCalcom::fault`] does inside the fake, this does on the wire: it resets connections instead of closing them,
/// and it can refuse them. Delays go by the fake's clock where a fake is behind it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom_fake::{Fault, FakeCalcom, FaultProxy, Moment};
///
/// let fake = FakeCalcom::start().await;
/// let proxy = FaultProxy::in_front_of(&fake).await;
/// proxy.fault(Fault::reset(Moment::InFlight).on("create_booking"));
/// println!("{} leads to {}, most of the time", proxy.url(), fake.url());
/// proxy.refuse().await; // nobody is there
/// proxy.listen().await; // and there again
/// # }
/// ```
pub struct FaultProxy {
    engine: Engine,
    course: Arc<Planned>,
}

/// Faults as they were given.
struct Planned {
    faults: Faults,
    fake: Option<Arc<Shared>>,
    still_until: Mutex<Option<Instant>>,
}

impl FaultProxy {
    /// A proxy in front of a fake, whose ledger then knows what its clients did not get.
    ///
    /// # Panics
    /// When no port on loopback can be had.
    pub async fn in_front_of(fake: &FakeCalcom) -> Self {
        Self::start(fake.address(), Some(Arc::clone(fake.shared()))).await
    }

    /// A proxy in front of any server that speaks plain HTTP/1.1.
    ///
    /// # Panics
    /// When no port on loopback can be had.
    pub async fn to(server: SocketAddr) -> Self {
        Self::start(server, None).await
    }

    async fn start(upstream: SocketAddr, fake: Option<Arc<Shared>>) -> Self {
        let clock = fake.as_ref().map(|fake| fake.clock.clone());
        let course = Arc::new(Planned { faults: Faults::default(), fake, still_until: Mutex::default() });
        match Engine::start(upstream, Arc::clone(&course) as Arc<dyn Course>, clock).await {
            Ok(engine) => Self { engine, course },
            #[expect(clippy::panic, reason = "a test that has no proxy cannot go on, and says so")]
            Err(error) => panic!("the proxy has no port on loopback: {error}"),
        }
    }

    /// The base URL, such as `http://127.0.0.1:40123`, without `/v2`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The address that it listens on; it stays the same when it refuses connections.
    pub fn address(&self) -> SocketAddr {
        self.engine.address()
    }

    /// Has something go wrong with requests that are still to come.
    pub fn fault(&self, fault: Fault) {
        self.course.faults.add(fault);
    }

    /// From now on nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.course.faults.clear();
    }

    /// Ends every connection, and refuses new ones until [`Self::listen`].
    ///
    /// # Panics
    /// When the port is taken by somebody else in that moment.
    pub async fn refuse(&self) {
        self.has_port(self.engine.shut().await);
    }

    /// Takes connections again.
    ///
    /// # Panics
    /// When the port cannot be listened on.
    pub async fn listen(&self) {
        self.has_port(self.engine.reopen().await);
    }

    fn has_port(&self, result: std::io::Result<()>) {
        #[expect(clippy::panic, reason = "a test whose proxy has lost its port cannot go on, and says so")]
        if let Err(error) = result {
            panic!("the proxy has lost its port {}: {error}", self.address());
        }
    }

    /// The service stands still for so long, by tokio's clock: what arrives is passed on when it is over.
    pub fn stall(&self, time: Duration) {
        *self.course.still_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    /// Waits until nothing is under way any more, neither here nor in the fake behind it.
    pub async fn idle(&self) {
        self.engine.idle().await;
        if let Some(fake) = &self.course.fake {
            fake.idle().await;
        }
    }

    /// Asserts that every fault has struck as often as it was meant to.
    ///
    /// # Panics
    /// When one has not.
    #[track_caller]
    pub fn expect_faults_struck(&self) {
        #[expect(clippy::panic, reason = "an assertion of a test")]
        if let Some(message) = self.course.faults.unused_message() {
            panic!("{message}");
        }
    }
}

impl Course for Planned {
    fn befalls(&self, request: &Message) -> Option<Befallen> {
        let version = ApiVersion::of_header(request.header("cal-api-version"));
        let method = Method::from_bytes(request.method().as_bytes()).unwrap_or_default();
        let operation = match router::find(&method, request.path(), version) {
            Matched::Route(route, _) => Some(route.operation),
            Matched::Nothing(_) | Matched::BadPath(_) => None,
        };
        self.faults.strike(request.method(), request.path(), operation)
    }

    fn still_until(&self) -> Option<Instant> {
        *self.still_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, answer: &Message, answered: Answered, befallen: Option<&Befallen>) {
        let (Some(fake), Some(id)) = (&self.fake, answer.header("x-request-id")) else { return };
        fake.lock().log.befell(id, answered, befallen.map(ToString::to_string));
    }
}

impl fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultProxy").field("address", &self.address()).finish_non_exhaustive()
    }
}
