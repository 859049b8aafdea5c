//! A TCP proxy in front of the fake, or of any server with plain HTTP, that injects faults into connections.

mod engine;
mod listener;
pub(crate) mod message;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

pub use engine::{FaultPolicy, ProxyEngine};
pub(crate) use listener::ClosableListener;

use super::fake::FakeCalcom;
use super::fault::{Fault, FaultInjection, FaultPlan};
use super::log::ResponseOutcome;
use super::router;
use super::shared::FakeServer;
use message::HttpMessage;

/// A proxy that injects faults into connections, and forwards all else.
///
/// It takes the same faults as [`FakeCalcom::fault`]. Unlike the fake, it resets connections instead of closing them, and
/// can refuse them. In front of a fake, delays use the fake's clock.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom_fake::{Fault, FakeCalcom, FaultProxy, ResetPoint};
///
/// let fake = FakeCalcom::start().await;
/// let proxy = FaultProxy::for_fake(&fake).await;
/// proxy.fault(Fault::reset(ResetPoint::InFlight).on("create_booking"));
/// println!("{} forwards to {}", proxy.url(), fake.url());
/// proxy.refuse_connections().await;
/// proxy.accept_connections().await;
/// # }
/// ```
pub struct FaultProxy {
    engine: ProxyEngine,
    course: Arc<ProxyFaults>,
}

/// The configured faults, as the policy of the engine.
struct ProxyFaults {
    faults: FaultPlan,
    fake: Option<Arc<FakeServer>>,
    stalled_until: Mutex<Option<Instant>>,
}

impl FaultProxy {
    /// Starts a proxy in front of a fake. The fake's ledger accounts for the faults of the proxy.
    ///
    /// # Panics
    /// If no port on loopback can be bound.
    pub async fn for_fake(fake: &FakeCalcom) -> Self {
        Self::run(fake.address(), Some(Arc::clone(fake.shared()))).await
    }

    /// Starts a proxy in front of any server with plain HTTP/1.1.
    ///
    /// # Panics
    /// If no port on loopback can be bound.
    pub async fn start(server: SocketAddr) -> Self {
        Self::run(server, None).await
    }

    async fn run(upstream: SocketAddr, fake: Option<Arc<FakeServer>>) -> Self {
        let clock = fake.as_ref().map(|fake| fake.clock.clone());
        let course = Arc::new(ProxyFaults { faults: FaultPlan::default(), fake, stalled_until: Mutex::default() });
        match ProxyEngine::start(upstream, Arc::clone(&course) as Arc<dyn FaultPolicy>, clock).await {
            Ok(engine) => Self { engine, course },
            #[expect(clippy::panic, reason = "a test that has no proxy cannot go on, and says so")]
            Err(error) => panic!("the proxy has no port on loopback: {error}"),
        }
    }

    /// The base URL, such as `http://127.0.0.1:40123`, without `/v2`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The address that it listens on. It stays the same while connections are refused.
    pub fn address(&self) -> SocketAddr {
        self.engine.address()
    }

    /// Adds a fault for later requests.
    pub fn fault(&self, fault: Fault) {
        self.course.faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.course.faults.clear();
    }

    /// Closes every connection, and refuses new ones until [`Self::accept_connections`].
    ///
    /// # Panics
    /// If another process binds the port in between.
    pub async fn refuse_connections(&self) {
        self.has_port(self.engine.close().await);
    }

    /// Accepts connections again.
    ///
    /// # Panics
    /// If the proxy cannot listen on its port.
    pub async fn accept_connections(&self) {
        self.has_port(self.engine.reopen().await);
    }

    fn has_port(&self, result: std::io::Result<()>) {
        #[expect(clippy::panic, reason = "a test whose proxy has lost its port cannot go on, and says so")]
        if let Err(error) = result {
            panic!("the proxy has lost its port {}: {error}", self.address());
        }
    }

    /// Stalls the service for `time`, by tokio's clock. Requests that arrive meanwhile are forwarded at its end.
    pub fn stall(&self, time: Duration) {
        *self.course.stalled_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    /// Waits until no exchange is in progress, in the proxy and in the fake behind it.
    pub async fn idle(&self) {
        self.engine.idle().await;
        if let Some(fake) = &self.course.fake {
            fake.idle().await;
        }
    }

    /// Asserts that every fault was injected as often as configured.
    ///
    /// # Panics
    /// If one was not.
    #[track_caller]
    pub fn expect_all_faults_injected(&self) {
        #[expect(clippy::panic, reason = "an assertion of a test")]
        if let Some(message) = self.course.faults.unused_message() {
            panic!("{message}");
        }
    }
}

impl FaultPolicy for ProxyFaults {
    fn fault_for(&self, request: &HttpMessage) -> Option<FaultInjection> {
        let method = Method::from_bytes(request.method().as_bytes()).unwrap_or_default();
        let operation = router::operation(&method, request.path(), request.header("cal-api-version"));
        self.faults.inject(request.method(), request.path(), operation)
    }

    fn stalled_until(&self) -> Option<Instant> {
        *self.stalled_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_response(&self, answer: &HttpMessage, outcome: ResponseOutcome, injection: Option<&FaultInjection>) {
        let (Some(fake), Some(id)) = (&self.fake, answer.header("x-request-id")) else { return };
        fake.lock().log.record_fault(id, outcome, injection.map(ToString::to_string));
    }
}

impl fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultProxy").field("address", &self.address()).finish_non_exhaustive()
    }
}
