//! One piece: a fake, its misfortunes, and some dozens of appointments at once.

use std::{collections::HashMap, sync::Arc, time::Duration};

use calcom::{
    ApiKey, Client, Config,
    facade::BookingFilter,
    model::{Booking, BookingStatus, CreateBooking},
    service::{IDEMPOTENCY_KEY_FIELD, Service},
    state::{MemoryStore, Store},
};
use calcom_fake::{FakeCalcom, Fault, Latency, ListLag, ResetPoint};
use jiff::{SignedDuration, Timestamp};
use tokio::{task::JoinSet, time::sleep};

use super::{
    super::{again, settings},
    Callers, DEADLINE, Piece, SETTLE,
    bad_store::BadStore,
    call::{Plan, Told, call, plans},
    report::{Appointment, Report},
};

const BEGIN: &str = "2027-01-04T00:00:00Z";

/// What the callers of a piece may share.
#[derive(Clone)]
struct Stores {
    good: Arc<MemoryStore>,
    bad: Arc<BadStore>,
}

fn process(fake: &FakeCalcom, callers: Callers, stores: &Stores) -> Service {
    let mut config = Config::default();
    config.api_url = fake.url();
    config.circuit_breaker.enabled = false;
    config.rate_limit.per_minute = Some(10_000_000);
    let user = if callers.may_list() { "johndoe" } else { "janeroe" };
    let mut client = Client::builder().config(config).credentials(ApiKey::new(fake.api_key_of(user)));
    client = match callers {
        Callers::Host | Callers::Strangers => client,
        Callers::HostsWithStore | Callers::StrangersWithStore => client.store(Store::shared(stores.good.clone(), 0)),
        Callers::StrangersWithBadStore => client.store(Store::memory(0).with_leases(stores.bad.clone())),
    };
    let mut settings = settings(fake);
    settings.deadline = DEADLINE;
    settings.settling_time = SETTLE;
    settings.reconcile_settling_time = SETTLE;
    Service::with_settings(client.build().unwrap(), settings)
}

/// A time of its own for each appointment, and for its occurrences in the three weeks after.
fn own_time(at: usize) -> Timestamp {
    let (block, place) = (at as i64 / 336, at as i64 % 336);
    BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(block * 28 * 24 * 60 + place * 30)
}

pub async fn run(piece: &Piece, report: &mut Report) {
    let fake = Arc::new(again::fake().await);
    let mut random = fastrand::Rng::with_seed(piece.seed);
    fake.set_latency(Latency::recorded().scaled(1 + random.u32(0..3)));
    fake.set_production(piece.production);
    let store = Stores { good: Arc::new(MemoryStore::new(0)), bad: BadStore::new(piece.seed) };
    let clear = process(&fake, Callers::Host, &store);
    let mut wanted = Vec::new();
    for at in 0..piece.number {
        let kind = at % again::SLUGS.len();
        let event_type = fake.event_type_id("johndoe", again::SLUGS[kind]);
        let key = format!("simulated-{}-{at}", piece.seed);
        let booking = CreateBooking::new(event_type, own_time(at), "Ada Test", format!("ada.{at}@example.org"));
        let mut taken = false;
        if random.u32(0..100) < 8 && again::SLUGS[kind] != "seated" {
            // Another attendee has the time, or that of the third occurrence.
            let weeks = if kind >= 3 { random.i64(0..2) * 2 } else { 0 };
            let start = own_time(at) + SignedDuration::from_hours(weeks * 7 * 24);
            let plain = fake.event_type_id("johndoe", "plain");
            let rival = CreateBooking::new(plain, start, "Rival", format!("rival.{at}@example.org"));
            clear.client().bookings().create(&rival).await.unwrap();
            taken = true;
        } else if again::SLUGS[kind] == "seated" && random.bool() {
            let mut other = booking.clone();
            other.responses.email = format!("other.{at}@example.org");
            clear.client().bookings().create(&other).await.unwrap();
        }
        wanted.push((at, kind, key, booking, taken));
    }
    fake.set_list_lag(piece.listing.clone());
    let misfortune = |fault: Fault, share: f64, seed: u64| fake.fault(fault.chance(share, piece.seed * 31 + seed));
    for (seed, moment) in
        [ResetPoint::BeforeRequest, ResetPoint::InFlight, ResetPoint::AfterEffect].into_iter().enumerate()
    {
        misfortune(Fault::reset(moment).on("create_booking"), 0.05, seed as u64);
    }
    misfortune(Fault::status(500).on("create_booking").after_effect(), 0.03, 5);
    misfortune(Fault::status(503).on("create_booking"), 0.03, 6);
    if piece.fails > 0 {
        misfortune(Fault::status(503).on("list_bookings"), f64::from(piece.fails) / 100.0, 7);
        misfortune(Fault::reset(ResetPoint::InFlight).on("list_bookings"), f64::from(piece.fails) / 200.0, 8);
        misfortune(Fault::status(500).on("cancel_booking"), 0.1, 9);
        misfortune(Fault::status(503).on("get_booking"), 0.1, 10);
    }
    let mut tasks = JoinSet::new();
    for (at, kind, key, booking, taken) in wanted {
        let plans = plans(&mut random);
        let (fake, store, callers) = (Arc::clone(&fake), store.clone(), piece.callers);
        let what = format!("{} {key} {plans:?} taken {taken}", again::SLUGS[kind]);
        let processes = plans.iter().map(Plan::processes).sum();
        tasks.spawn(async move {
            // They do not all come in the same millisecond.
            sleep(Duration::from_millis(37 * at as u64)).await;
            let mut calls = JoinSet::new();
            for plan in plans {
                let (fake, store) = (Arc::clone(&fake), store.clone());
                calls.spawn(call(plan, booking.clone(), key.clone(), move || process(&fake, callers, &store)));
            }
            let told = calls.join_all().await;
            Appointment {
                callers,
                kind,
                key,
                what,
                taken,
                processes,
                told,
                settled: Vec::new(),
                standing: HashMap::new(),
            }
        });
    }
    let mut appointments = tasks.join_all().await;
    appointments.sort_by(|a, b| a.key.cmp(&b.key));
    let mut tasks = JoinSet::new();
    for mut appointment in appointments {
        let service = process(&fake, piece.callers, &store);
        tasks.spawn(async move {
            for (told, _) in &appointment.told {
                appointment.settled.push(match told {
                    Told::Unknown(ticket) => Told::by(service.reconcile(&**ticket).await, ticket),
                    told => told.clone(),
                });
            }
            appointment
        });
    }
    let mut appointments = tasks.join_all().await;
    sleep(Duration::from_secs(120)).await;
    fake.clear_faults();
    fake.set_list_lag(ListLag::current());
    let mut standing = standing(&clear).await;
    for appointment in &mut appointments {
        appointment.standing = standing.remove(&appointment.key).unwrap_or_default();
    }
    report.add(piece, appointments);
}

/// What stands under each key, by start.
async fn standing(service: &Service) -> HashMap<String, HashMap<Timestamp, Vec<String>>> {
    let all = service.client().bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    let live = |booking: &&Booking| !matches!(booking.status, BookingStatus::Cancelled | BookingStatus::Rejected);
    let mut standing: HashMap<String, HashMap<Timestamp, Vec<String>>> = HashMap::new();
    for booking in all.iter().filter(live) {
        let own = booking.metadata.get(IDEMPOTENCY_KEY_FIELD).map(|key| (key.clone(), booking.uid.to_string()));
        let seats = booking
            .attendees
            .iter()
            .filter_map(|it| Some((it.metadata()?.get(IDEMPOTENCY_KEY_FIELD)?.clone(), it.seat_uid()?.to_string())));
        for (key, uid) in own.into_iter().chain(seats) {
            let starts = standing.entry(key.as_str().unwrap().to_owned()).or_default();
            starts.entry(booking.start_time).or_default().push(uid);
        }
    }
    standing
}
