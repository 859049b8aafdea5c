//! The fault matrix: thousands of appointments, booked by many callers at once, through a proxy that misbehaves at every
//! point of an exchange, beside rivals who want the same times; and what was told compared with what stands in the end.
//!
//! Shared by the tests and `cargo xtask faults`. Against the fake it runs under paused time, in pieces, so that hours of
//! waiting take minutes of work; against a real server in real time.

mod caller;
mod fault;
mod ground;
mod proxy;
mod report;
mod scenario;
mod standing;

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
pub use proxy::Proxy;
pub use report::{Counts, Report};
pub use scenario::{Rival, Scenario, Shape};

use caller::Told;
use ground::Ground;
use proxy::{Door, Shut};
use report::{Record, Truth};
use standing::Standing;

/// How much is run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What everything follows from.
    pub seed: u64,
    /// How many appointments each caller books.
    pub appointments: usize,
    /// How many are booked at once.
    pub at_once: usize,
    /// The time for each.
    pub budget: Duration,
    /// How many threads work on it.
    pub threads: usize,
    /// Who books.
    pub callers: &'static [Caller],
    /// Whether the clients have their circuit breaker, which so many faults at once keep open now and then.
    pub breaker: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 20_261_123,
            appointments: 10_000,
            at_once: 16,
            // Time to send three times and to settle after each: a refusal under a caller's own key settles too.
            budget: Duration::from_secs(12),
            threads: 2,
            callers: &Caller::ALL,
            breaker: false,
        }
    }
}

/// All that can fail where something listens on loopback.
const NO_PORT: &str = "no port on loopback";
/// How many appointments one fake holds.
const PIECE: usize = 120;
/// Every so many pieces, one in which the service stands still at times.
const STALLS: usize = 5;
/// Out of a thousand lookups and cancellations, so many are struck.
const CHANCE: u32 = 60;

/// Runs the matrix against fakes, each in a runtime of its own: one of the current thread, with paused time.
///
/// # Errors
/// When no port or no runtime can be had.
pub fn run(plan: Plan, runtime: impl Fn() -> io::Result<Runtime> + Sync) -> Result<Report> {
    let runtime = &runtime;
    let pieces: Vec<(usize, usize)> =
        (0..plan.appointments).step_by(PIECE).map(|from| (from / PIECE, PIECE.min(plan.appointments - from))).collect();
    let mut report = Report::default();
    thread::scope(|scope| {
        let share = |thread: usize| pieces.iter().copied().skip(thread).step_by(plan.threads.max(1));
        let workers: Vec<_> = (0..plan.threads.max(1))
            .map(|thread| {
                let mine: Vec<_> = share(thread).collect();
                scope.spawn(move || some_pieces(plan, &mine, runtime))
            })
            .collect();
        for worker in workers {
            let part = worker.join().map_err(|_| anyhow!("a thread of the matrix has panicked"))??;
            report.join(part);
        }
        Ok(report)
    })
}

fn some_pieces(plan: Plan, pieces: &[(usize, usize)], runtime: impl Fn() -> io::Result<Runtime>) -> Result<Report> {
    let mut report = Report::default();
    for &(piece, number) in pieces {
        for &caller in plan.callers {
            let runtime = runtime().context("no runtime")?;
            runtime.block_on(async {
                let slowness = 1 + u32::try_from(piece % 4).unwrap_or(0);
                let ground = Ground::fake(number, slowness).await;
                let stalls = piece % STALLS == STALLS - 1;
                let seed = plan.seed.wrapping_add(piece as u64);
                let scenarios = scenario::scenarios(seed, number, stalls);
                let settled = Duration::from_secs(180);
                one_piece(plan, caller, Arc::new(ground), scenarios, seed, settled, &mut report).await
            })?;
        }
    }
    Ok(report)
}

/// Runs the matrix against a real server, reached over plain HTTP at `address`, in real time, with the settings of the
/// environment (`CALCOM_RATE_LIMIT_PER_MINUTE`: so many requests are made that most of them wait otherwise). Event types are made for it
/// and deleted afterwards; what was booked stays cancelled or booked as it came out.
///
/// # Errors
/// Whatever the server refuses.
pub async fn run_against(plan: Plan, address: SocketAddr, key: &str) -> Result<Report> {
    let mut report = Report::default();
    for &caller in plan.callers {
        let client = Client::builder().config(ground::config(address)?).credentials(ApiKey::new(key)).build()?;
        let ground = Arc::new(Ground::server(&client, address, key, plan.appointments).await?);
        let scenarios = scenario::scenarios(plan.seed, ground.room(), false);
        let settled = Duration::from_secs(20);
        let ran = one_piece(plan, caller, Arc::clone(&ground), scenarios, plan.seed, settled, &mut report).await;
        ground.leave(&client).await;
        ran?;
    }
    Ok(report)
}

/// What every appointment of a piece shares.
struct Piece {
    plan: Plan,
    caller: Caller,
    ground: Arc<Ground>,
    proxy: Proxy,
    client: Client,
    service: Service,
    /// A client that meets no misfortune: rivals, and the truth.
    clear: Client,
    seed: u64,
    stalls: bool,
}

async fn one_piece(
    plan: Plan,
    caller: Caller,
    ground: Arc<Ground>,
    scenarios: Vec<Scenario>,
    seed: u64,
    settled: Duration,
    report: &mut Report,
) -> Result<()> {
    let proxy = Proxy::start(ground.address, seed, CHANCE).await.context(NO_PORT)?;
    let (client, clear) = (ground.client(proxy.address(), plan.breaker)?, ground.client(ground.address, false)?);
    let service = Service::with_settings(client.clone(), settings(&ground));
    let stalls = scenarios.iter().any(|scenario| scenario.fault.strikes_all());
    let piece = Arc::new(Piece { plan, caller, ground, proxy, client, service, clear, seed, stalls });
    let places = Arc::new(Semaphore::new(plan.at_once));
    let mut tasks = JoinSet::new();
    for scenario in scenarios {
        let (piece, places) = (Arc::clone(&piece), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire().await;
            (piece.appointment(&scenario).await, scenario)
        });
    }
    let mut records = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        let (record, scenario) = ended.map_err(|_| anyhow!("an appointment has panicked"))?;
        records.push((record?, scenario));
    }
    piece.proxy.calm();
    for (record, _) in &mut records {
        record.settled = piece.settled(&record.settled).await;
    }
    // Whatever is still under way comes to its end.
    piece.service.idle().await;
    tokio::time::sleep(settled).await;
    let standing = piece.standing().await?;
    for (record, scenario) in &mut records {
        record.truth = standing.of(&piece.key(scenario), scenario.shape, &record.settled);
    }
    let records: Vec<Record> = records.into_iter().map(|(record, _)| record).collect();
    report.add(caller, &records, piece.proxy.differing());
    Ok(())
}

fn settings(ground: &Ground) -> Settings {
    let mut settings = Settings::default();
    if let Some(fake) = &ground.fake {
        let clock = fake.clock();
        settings.now = Arc::new(move || clock.now());
    }
    settings
}

impl Piece {
    fn key(&self, scenario: &Scenario) -> String {
        format!("matrix-{}-{}", self.seed, scenario.number)
    }

    fn email(&self, scenario: &Scenario, who: &str) -> String {
        format!("{who}.{}.{}@example.org", self.seed, scenario.number)
    }

    async fn appointment(&self, scenario: &Scenario) -> Result<Record> {
        let email = self.email(scenario, "ada");
        let booking = self.ground.booking(scenario.shape, scenario.number, &email);
        self.proxy.plan(&email, std::iter::once(scenario.fault).chain(scenario.later.iter().copied()));
        self.prepare(scenario).await?;
        let ticket = Appointment::new(booking.clone()).ticket();
        let (service, client, _shut) = self.way(scenario, &ticket).await?;
        let rival = self.rival(scenario);
        let began = Instant::now();
        let key = self.key(scenario);
        let told = caller::book(self.caller, &service, &client, booking, &key, self.plan.budget).await;
        let took = began.elapsed();
        // Where the whole service stands still it is asked again when that is over.
        let settled = if self.stalls { told.clone() } else { self.settled(&told).await };
        if let Some(rival) = rival {
            let _ = rival.await;
        }
        let Scenario { fault, later, rival, number, .. } = scenario;
        let what = format!("{fault} then {later:?}, {rival:?}, number {number} of seed {}", self.seed);
        let Scenario { shape, .. } = *scenario;
        let free = !self.stalls && *rival == Rival::None && *fault != Fault::Refused;
        // A service that nobody reaches is as good as one that stands still: a key of the caller's own stays unknown.
        let stalled = self.stalls || *fault == Fault::Refused;
        Ok(Record { shape, what, stalled, free, told, settled, took, truth: Truth::default() })
    }

    async fn settled(&self, told: &Told) -> Told {
        let Told::Unknown(Some(ticket)) = told else { return told.clone() };
        match Told::by(self.service.reconcile(&**ticket).await) {
            Told::Unknown(_) => Told::Unknown(None),
            told => told,
        }
    }

    /// Who is there before.
    async fn prepare(&self, scenario: &Scenario) -> Result<()> {
        let mut before = Vec::new();
        if scenario.shape == Shape::SeatedOthers {
            before.push(self.ground.booking(scenario.shape, scenario.number, &self.email(scenario, "other")));
        }
        match scenario.rival {
            Rival::JustBefore if scenario.shape.is_seated() => {
                let taken = if scenario.shape == Shape::SeatedOthers { 1 } else { 0 };
                for seat in taken..3 {
                    let email = self.email(scenario, &format!("seat{seat}"));
                    before.push(self.ground.booking(scenario.shape, scenario.number, &email));
                }
            }
            Rival::JustBefore => before.push(self.ground.rival(scenario.number, 0, &self.email(scenario, "rival"))),
            Rival::Third => before.push(self.ground.rival(scenario.number, 2, &self.email(scenario, "rival"))),
            Rival::None | Rival::AtOnce(_) => {}
        }
        for booking in before {
            self.clear.bookings().create(&booking).await?;
        }
        Ok(())
    }

    /// Who comes at the same moment.
    fn rival(&self, scenario: &Scenario) -> Option<tokio::task::JoinHandle<()>> {
        let Rival::AtOnce(wait) = scenario.rival else { return None };
        let email = self.email(scenario, "rival");
        let booking = if scenario.shape.is_seated() {
            self.ground.booking(scenario.shape, scenario.number, &email)
        } else {
            self.ground.rival(scenario.number, 0, &email)
        };
        let clear = self.clear.clone();
        Some(tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            // Whether the rival wins or loses is the rival's business.
            let _ = clear.bookings().create(&booking).await;
        }))
    }

    /// The way to the service: for some, a door of their own that is shut when they have looked around.
    async fn way(&self, scenario: &Scenario, ticket: &Ticket) -> Result<(Service, Client, Option<Shut>)> {
        let again = match scenario.fault {
            Fault::Refused => None,
            Fault::RefusedFirst => Some(Duration::from_millis(60)),
            _ => return Ok((self.service.clone(), self.client.clone(), None)),
        };
        let door = Door::open(self.ground.address).await.context(NO_PORT)?;
        let client = self.ground.client(door.address(), self.plan.breaker)?;
        let service = Service::with_settings(client.clone(), settings(&self.ground));
        // It reads the event type, as anybody has who has booked before.
        service.find(ticket).await?;
        let shut = door.shut(again).await.context(NO_PORT)?;
        Ok((service, client, Some(shut)))
    }

    async fn standing(&self) -> Result<Standing> {
        if let Some(fake) = &self.ground.fake {
            return Ok(Standing::in_fake(fake));
        }
        let filter = BookingFilter::default();
        Ok(Standing::listed(&self.clear.bookings().stream(&filter).collect().await?))
    }
}
