//! The fault matrix: books thousands of appointments concurrently, through a proxy that injects faults at each point of an
//! exchange, with rivals for the same times. Then it compares the reported outcomes with the actual bookings.
//!
//! Used by the tests and `cargo xtask faults`. Against the fake it runs in batches under paused time, so that hours take
//! minutes; against a real server it runs in real time.

mod caller;
mod environment;
mod fault;
mod final_state;
mod http2;
mod proxy;
mod report;
mod scenario;

use std::{io, net::SocketAddr, sync::Arc, thread, time::Duration};

use anyhow::{Context, Result, anyhow};
use calcom::{
    ApiKey, Client,
    facade::BookingFilter,
    service::{Appointment, Service, Settings, Ticket},
};
use tokio::{runtime::Runtime, sync::Semaphore, task::JoinSet, time::Instant};

pub use caller::Caller;
pub use fault::Fault;
pub use proxy::MatrixProxy;
pub use report::{Counts, MatrixReport};
pub use scenario::{BookingShape, Rival, Scenario};

use caller::ReportedOutcome;
use environment::TestEnvironment;
use final_state::FinalState;
use http2::Http2Front;
use proxy::{ClosableProxy, ClosedProxy};
use report::{ActualState, AppointmentResult};

/// The size and settings of a run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The seed of all random choices.
    pub seed: u64,
    /// The number of appointments of each caller.
    pub appointments: usize,
    /// The number of concurrent appointments.
    pub concurrency: usize,
    /// The time limit of each appointment.
    pub deadline: Duration,
    /// The number of threads.
    pub threads: usize,
    /// The callers.
    pub callers: &'static [Caller],
    /// Whether the clients have a circuit breaker. The many faults open it at times.
    pub breaker: bool,
    /// Whether clients speak HTTP/2 with an edge in front of the service.
    pub http2: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 20_261_123,
            appointments: 10_000,
            concurrency: 16,
            // Time for three attempts with a settling time after each. A rejection of a caller's own key has one too.
            deadline: Duration::from_secs(12),
            threads: 2,
            callers: &Caller::ALL,
            breaker: false,
            http2: false,
        }
    }
}

/// Error message if nothing can listen on loopback.
const NO_PORT: &str = "no port on loopback";
/// The number of appointments of one fake.
const BATCH_SIZE: usize = 120;
/// The number of batches of which one has stalls of the service.
const STALL_INTERVAL: usize = 5;
/// The number of faults per thousand lookups and cancellations.
const FAULTS_PER_MILLE: u32 = 60;

/// Runs the matrix against fakes, each in a runtime of its own: a current-thread runtime with paused time.
///
/// # Errors
/// If no port can be bound or no runtime can be started.
pub fn run(plan: Plan, runtime: impl Fn() -> io::Result<Runtime> + Sync) -> Result<MatrixReport> {
    let runtime = &runtime;
    let batches: Vec<(usize, usize)> = (0..plan.appointments)
        .step_by(BATCH_SIZE)
        .map(|from| (from / BATCH_SIZE, BATCH_SIZE.min(plan.appointments - from)))
        .collect();
    let mut report = MatrixReport::default();
    thread::scope(|scope| {
        let share = |thread: usize| batches.iter().copied().skip(thread).step_by(plan.threads.max(1));
        let workers: Vec<_> = (0..plan.threads.max(1))
            .map(|thread| {
                let mine: Vec<_> = share(thread).collect();
                scope.spawn(move || run_batches(plan, &mine, runtime))
            })
            .collect();
        for worker in workers {
            let part = worker.join().map_err(|_| anyhow!("a thread of the matrix has panicked"))??;
            report.join(part);
        }
        Ok(report)
    })
}

fn run_batches(
    plan: Plan,
    batches: &[(usize, usize)],
    runtime: impl Fn() -> io::Result<Runtime>,
) -> Result<MatrixReport> {
    let mut report = MatrixReport::default();
    for &(batch, number) in batches {
        for &caller in plan.callers {
            let runtime = runtime().context("no runtime")?;
            runtime.block_on(async {
                let slowness = 1 + u32::try_from(batch % 4).unwrap_or(0);
                let environment = TestEnvironment::fake(number, slowness).await;
                let stalls = batch % STALL_INTERVAL == STALL_INTERVAL - 1;
                let seed = plan.seed.wrapping_add(batch as u64);
                let scenarios = scenario::scenarios(seed, number, stalls);
                let settled = Duration::from_secs(180);
                run_batch(plan, caller, Arc::new(environment), scenarios, seed, settled, &mut report).await
            })?;
        }
    }
    Ok(report)
}

/// Runs the matrix in real time against a real server, over plain HTTP at `address`, with the configuration of the
/// environment. Set `CALCOM_RATE_LIMIT_PER_MINUTE`, because most requests wait for the limiter otherwise. It creates event
/// types and deletes them at the end; the bookings are left as they are.
///
/// # Errors
/// Errors of the server.
pub async fn run_against(plan: Plan, address: SocketAddr, key: &str) -> Result<MatrixReport> {
    let mut report = MatrixReport::default();
    for &caller in plan.callers {
        let client = Client::builder().config(environment::config(address)?).credentials(ApiKey::new(key)).build()?;
        let environment = Arc::new(TestEnvironment::server(&client, address, key, plan.appointments).await?);
        let scenarios = scenario::scenarios(plan.seed, environment.capacity(), false);
        let settled = Duration::from_secs(20);
        let ran = run_batch(plan, caller, Arc::clone(&environment), scenarios, plan.seed, settled, &mut report).await;
        environment.clean_up(&client).await;
        ran?;
    }
    Ok(report)
}

/// The shared parts of the appointments of a batch.
struct AppointmentBatch {
    plan: Plan,
    caller: Caller,
    environment: Arc<TestEnvironment>,
    proxy: MatrixProxy,
    /// In front of the proxy, over HTTP/2.
    _front: Option<Http2Front>,
    client: Client,
    service: Service,
    /// A client without faults, for rivals and for the final state.
    clear: Client,
    seed: u64,
    stalls: bool,
}

async fn run_batch(
    plan: Plan,
    caller: Caller,
    environment: Arc<TestEnvironment>,
    scenarios: Vec<Scenario>,
    seed: u64,
    settled: Duration,
    report: &mut MatrixReport,
) -> Result<()> {
    let proxy = MatrixProxy::start(environment.address, seed, FAULTS_PER_MILLE).await.context(NO_PORT)?;
    let front = match plan.http2 {
        true => Some(Http2Front::start(proxy.address()).await.context(NO_PORT)?),
        false => None,
    };
    let address = front.as_ref().map_or_else(|| proxy.address(), Http2Front::address);
    let client = environment.client(address, plan.breaker, plan.http2)?;
    let clear = environment.client(environment.address, false, false)?;
    let service = Service::with_settings(client.clone(), settings(&environment));
    let stalls = scenarios.iter().any(|scenario| scenario.fault.affects_service());
    let batch = Arc::new(AppointmentBatch {
        plan,
        caller,
        environment,
        proxy,
        _front: front,
        client,
        service,
        clear,
        seed,
        stalls,
    });
    let places = Arc::new(Semaphore::new(plan.concurrency));
    let mut tasks = JoinSet::new();
    for scenario in scenarios {
        let (batch, places) = (Arc::clone(&batch), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire().await;
            (batch.appointment(&scenario).await, scenario)
        });
    }
    let mut records = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        let (record, scenario) = ended.map_err(|_| anyhow!("an appointment has panicked"))?;
        records.push((record?, scenario));
    }
    batch.proxy.clear_random_faults();
    for (record, _) in &mut records {
        record.settled = batch.reconcile(&record.settled).await;
    }
    // Requests in progress are finished first.
    batch.service.idle().await;
    tokio::time::sleep(settled).await;
    let final_state = batch.final_state().await?;
    for (record, scenario) in &mut records {
        record.truth = final_state.of(&batch.key(scenario), scenario.shape, &record.settled);
    }
    let records: Vec<AppointmentResult> = records.into_iter().map(|(record, _)| record).collect();
    report.add(caller, &records, batch.proxy.body_mismatches());
    Ok(())
}

fn settings(environment: &TestEnvironment) -> Settings {
    let mut settings = Settings::default();
    if let Some(fake) = &environment.fake {
        let clock = fake.clock();
        settings.now = Arc::new(move || clock.now());
    }
    settings
}

impl AppointmentBatch {
    fn key(&self, scenario: &Scenario) -> String {
        format!("matrix-{}-{}", self.seed, scenario.number)
    }

    fn email(&self, scenario: &Scenario, who: &str) -> String {
        format!("{who}.{}.{}@example.org", self.seed, scenario.number)
    }

    async fn appointment(&self, scenario: &Scenario) -> Result<AppointmentResult> {
        let email = self.email(scenario, "ada");
        let booking = self.environment.booking(scenario.shape, scenario.number, &email);
        self.proxy.plan(&email, std::iter::once(scenario.fault).chain(scenario.later.iter().copied()));
        self.prepare(scenario).await?;
        let ticket = Appointment::new(booking.clone()).ticket();
        let (service, client, _shut) = self.connect(scenario, &ticket).await?;
        let rival = self.rival(scenario);
        let began = Instant::now();
        let key = self.key(scenario);
        let reported = caller::book(self.caller, &service, &client, booking, &key, self.plan.deadline).await;
        let durations = began.elapsed();
        // If the whole service stalls, the outcome is not reconciled before the end of the stall.
        let settled = if self.stalls { reported.clone() } else { self.reconcile(&reported).await };
        if let Some(rival) = rival {
            let _ = rival.await;
        }
        let Scenario { fault, later, rival, number, .. } = scenario;
        let what = format!("{fault} then {later:?}, {rival:?}, number {number} of seed {}", self.seed);
        let Scenario { shape, .. } = *scenario;
        let free = !self.stalls && *rival == Rival::None && *fault != Fault::Refused;
        // An unreachable service counts as stalled: the outcome of a caller's own key stays unknown.
        let stalled = self.stalls || *fault == Fault::Refused;
        Ok(AppointmentResult {
            shape,
            what,
            stalled,
            free,
            reported,
            settled,
            durations,
            truth: ActualState::default(),
        })
    }

    async fn reconcile(&self, reported: &ReportedOutcome) -> ReportedOutcome {
        let ReportedOutcome::Unknown(Some(ticket)) = reported else { return reported.clone() };
        match ReportedOutcome::from_outcome(self.service.reconcile(&**ticket).await) {
            ReportedOutcome::Unknown(_) => ReportedOutcome::Unknown(None),
            reported => reported,
        }
    }

    /// Makes the bookings that exist before the appointment.
    async fn prepare(&self, scenario: &Scenario) -> Result<()> {
        let mut before = Vec::new();
        if scenario.shape == BookingShape::SeatedOthers {
            before.push(self.environment.booking(scenario.shape, scenario.number, &self.email(scenario, "other")));
        }
        match scenario.rival {
            Rival::Earlier if scenario.shape.is_seated() => {
                let taken = if scenario.shape == BookingShape::SeatedOthers { 1 } else { 0 };
                for seat in taken..3 {
                    let email = self.email(scenario, &format!("seat{seat}"));
                    before.push(self.environment.booking(scenario.shape, scenario.number, &email));
                }
            }
            Rival::Earlier => before.push(self.environment.rival(scenario.number, 0, &self.email(scenario, "rival"))),
            Rival::Third => before.push(self.environment.rival(scenario.number, 2, &self.email(scenario, "rival"))),
            Rival::None | Rival::Simultaneous(_) => {}
        }
        for booking in before {
            self.clear.bookings().create(&booking).await?;
        }
        Ok(())
    }

    /// Starts the rival that books at the same moment.
    fn rival(&self, scenario: &Scenario) -> Option<tokio::task::JoinHandle<()>> {
        let Rival::Simultaneous(wait) = scenario.rival else { return None };
        let email = self.email(scenario, "rival");
        let booking = if scenario.shape.is_seated() {
            self.environment.booking(scenario.shape, scenario.number, &email)
        } else {
            self.environment.rival(scenario.number, 0, &email)
        };
        let clear = self.clear.clone();
        Some(tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            // The result of the rival does not matter.
            let _ = clear.bookings().create(&booking).await;
        }))
    }

    /// The service and client of an appointment. For a refused connection, a proxy that is closed after the first lookup.
    async fn connect(&self, scenario: &Scenario, ticket: &Ticket) -> Result<(Service, Client, Option<ClosedProxy>)> {
        let again = match scenario.fault {
            Fault::Refused => None,
            Fault::RefusedFirst => Some(Duration::from_millis(60)),
            _ => return Ok((self.service.clone(), self.client.clone(), None)),
        };
        let door = ClosableProxy::open(self.environment.address).await.context(NO_PORT)?;
        // The edge does not refuse connections.
        let client = self.environment.client(door.address(), self.plan.breaker, false)?;
        let service = Service::with_settings(client.clone(), settings(&self.environment));
        // The event type is read and cached, as after an earlier booking.
        service.find(ticket).await?;
        let shut = door.close(again).await.context(NO_PORT)?;
        Ok((service, client, Some(shut)))
    }

    async fn final_state(&self) -> Result<FinalState> {
        if let Some(fake) = &self.environment.fake {
            return Ok(FinalState::in_fake(fake));
        }
        let filter = BookingFilter::default();
        Ok(FinalState::listed(&self.clear.bookings().stream(&filter).try_collect().await?))
    }
}
