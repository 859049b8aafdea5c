//! Random histories of the machine: one to three callers of one key, which are dropped, killed and resumed, against a
//! server whose lists lag, fail and hide rows, with and without a shared lease. Hundreds of histories take a second.

mod caller;
mod lease;
mod server;
mod view;

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Resolution, SettlingTimes, select};
use crate::service::{appointment::PriorUse, event_type::BookingKind};
use caller::{NetworkOutcome, SimulatedCaller};
use lease::SimulatedLease;
use server::SimulatedServer;

/// The largest lag of lists, in ms; the settling time is longer.
const LAG: u64 = 10_000;
const SETTLE: u64 = 13_000;
/// Time limit of a call, in ms.
const DEADLINE: u64 = 60_000;

#[derive(Debug, Clone)]
struct PlannedCall {
    /// When it is called.
    at: u64,
    resumed: bool,
    sends: Vec<NetworkOutcome>,
    /// When its future is dropped, and the delay until it is called again.
    dropped: Option<(u64, u64)>,
}

#[derive(Debug, Clone)]
struct History {
    kind: BookingKind,
    production: bool,
    calls: Vec<PlannedCall>,
    /// Whether each lookup, or cancellation, fails.
    fails: Vec<bool>,
    lags: Vec<u64>,
    /// Of 256 rows, so many are hidden for the largest lag.
    hidden_share: u8,
    conflicts: Vec<(u64, usize)>,
    has_other_seats: bool,
    stalls: Option<(u64, u64)>,
    /// Whether callers can list.
    can_list: bool,
    /// Whether callers share a store of leases.
    shares: bool,
    /// When the store loses everything.
    forgets_at: Option<u64>,
    unanswered: Vec<bool>,
    /// When the key is used for other content, by a caller that does not wait for the lease.
    other_content_at: Option<u64>,
}

fn network_outcome() -> impl Strategy<Value = NetworkOutcome> {
    prop_oneof![
        6 => Just(NetworkOutcome::Delivered),
        1 => Just(NetworkOutcome::NeverSent),
        1 => Just(NetworkOutcome::HalfSent),
        2 => Just(NetworkOutcome::ConnectionLost),
        1 => (0_u64..3_000).prop_map(NetworkOutcome::Delayed),
        1 => Just(NetworkOutcome::ErrorAfterEffect),
        1 => Just(NetworkOutcome::ErrorBeforeEffect),
    ]
}

fn calls() -> impl Strategy<Value = PlannedCall> {
    let at = prop_oneof![2 => Just(0_u64), 2 => 0_u64..300, 2 => 0_u64..10_000];
    let dropped = prop::option::weighted(0.3, (0_u64..8_000, 0_u64..20_000));
    (at, prop::bool::weighted(0.15), prop::collection::vec(network_outcome(), 1..4), dropped)
        .prop_map(|(at, resumed, sends, dropped)| PlannedCall { at, resumed, sends, dropped })
}

fn history() -> impl Strategy<Value = History> {
    let kinds = [
        BookingKind::Plain,
        BookingKind::Pending,
        BookingKind::Seated,
        BookingKind::Series,
        BookingKind::PendingSeries,
    ];
    let lag = prop_oneof![3 => Just(0_u64), 2 => 0_u64..LAG];
    let world = (
        prop::collection::vec(prop::bool::weighted(0.15), 1..12),
        prop::collection::vec(lag, 1..4),
        prop_oneof![3 => Just(0_u8), 1 => any::<u8>()],
        prop::collection::vec((0_u64..6_000, 0_usize..4), 0..2),
        prop::option::weighted(0.1, (0_u64..8_000, 500_u64..3_000)),
    );
    let input = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.85), any::<bool>());
    let store = (
        prop::option::weighted(0.15, 0_u64..15_000),
        prop::collection::vec(prop::bool::weighted(0.15), 1..4),
        prop::option::weighted(0.1, 0_u64..8_000),
    );
    (prop::sample::select(kinds.to_vec()), prop::collection::vec(calls(), 1..4), world, input, store).prop_map(
        |(
            kind,
            calls,
            (fails, lags, hidden_share, conflicts, stalls),
            (production, has_other_seats, can_list, shares),
            store,
        )| {
            let conflicts = if kind == BookingKind::Seated { Vec::new() } else { conflicts };
            let (forgets_at, unanswered, other_content_at) = store;
            History {
                kind,
                production,
                calls,
                fails,
                lags,
                hidden_share,
                conflicts,
                has_other_seats,
                stalls,
                can_list,
                shares,
                forgets_at,
                unanswered,
                other_content_at,
            }
        },
    )
}

/// The state that all callers share.
pub(super) struct SimulatedWorld {
    server: SimulatedServer,
    history: History,
    lease: SimulatedLease,
    epoch: Instant,
    asked: usize,
}

impl SimulatedWorld {
    fn at(&self, millis: u64) -> Instant {
        self.epoch + Duration::from_millis(millis)
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.epoch).as_millis()).unwrap()
    }

    /// When a request is processed: a stalled server accepts requests and processes them when it continues.
    fn reached(&self, at: u64) -> u64 {
        match self.history.stalls {
            Some((from, long)) if (from..from + long).contains(&at) => from + long,
            _ => at,
        }
    }

    /// Whether the store of leases answers this caller.
    fn store_answers(&mut self, name: usize, now: u64) -> bool {
        if self.history.forgets_at.is_some_and(|at| at <= now) {
            self.history.forgets_at = None;
            self.lease = SimulatedLease::default();
        }
        self.history.shares && !self.history.unanswered[name % self.history.unanswered.len()]
    }

    fn fails(&mut self) -> bool {
        self.asked += 1;
        self.asked < 60 && self.history.fails[self.asked % self.history.fails.len()]
    }

    fn timing() -> SettlingTimes {
        SettlingTimes { settle: Duration::from_millis(SETTLE), plain_resend: Duration::from_millis(1_000) }
    }
}

/// Runs a history to its end; returns the calls with their resolutions.
fn run_history(history: &History) -> (SimulatedWorld, Vec<SimulatedCaller>) {
    let mut server =
        SimulatedServer::new(history.kind, history.production, history.conflicts.clone(), history.has_other_seats);
    server.other_content_at = history.other_content_at;
    let mut world = SimulatedWorld {
        server,
        history: history.clone(),
        lease: SimulatedLease::default(),
        epoch: Instant::now(),
        asked: 0,
    };
    let mut callers = Vec::new();
    for (name, calls) in history.calls.iter().enumerate() {
        let prior = if calls.resumed { PriorUse::Interrupted } else { PriorUse::Possible };
        callers.push(SimulatedCaller::new(name, calls.at, prior, calls.sends.clone(), calls.dropped));
    }
    let mut steps = 0;
    loop {
        steps += 1;
        assert!(steps < 100_000, "it never ends");
        let of_callers = callers.iter().filter_map(|caller| caller.due(&world)).min();
        let (Some(now), who) = (match (of_callers, world.server.next_due()) {
            (Some((at, who)), Some(due)) if at < due => (Some(at), Some(who)),
            (_, Some(due)) => (Some(due), None),
            (Some((at, who)), None) => (Some(at), Some(who)),
            (None, None) => (None, None),
        }) else {
            break;
        };
        world.server.advance(now);
        let Some(who) = who else { continue };
        let Some(place) = callers.iter().position(|caller| caller.name == who) else { continue };
        callers[place].act(&mut world, now);
        if let Some((again, sends)) = callers[place].called_again.take() {
            let name = callers.len() + 100 * who;
            callers.push(SimulatedCaller::new(name, again, PriorUse::Possible, sends, None));
        }
    }
    (world, callers)
}

/// Enough for a second, unless `PROPTEST_CASES` is set.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3_000)
}

/// A contradiction between the resolutions and the server, if there is one.
fn find_contradiction(history: &History) -> Option<String> {
    let (mut world, mut callers) = run_history(history);
    let active = world.server.active_rows();
    let selection = select(&active, &[], Some(world.server.series));
    let resolutions: Vec<String> = callers.iter().map(|caller| format!("{:?}", caller.resolution)).collect();
    let can_list = history.can_list;
    if can_list && !selection.surplus.is_empty() {
        return Some(format!("a double is left: {resolutions:?}"));
    }
    if can_list && !active.is_empty() && !selection.is_complete {
        return Some(format!("a part is left: {resolutions:?}"));
    }
    let per_caller = callers.len() * world.server.series;
    if active.len() > per_caller {
        return Some(format!("more than one row a caller: {resolutions:?}"));
    }
    // Unknown outcomes are reconciled at the end.
    let late = callers.iter().map(|caller| caller.ended).max().unwrap_or(0).max(world.server.now) + 120_000;
    for caller in &mut callers {
        if matches!(caller.resolution, Some(Resolution::Unknown)) && can_list {
            caller.resolution = Some(view::reconcile(&mut world, late));
            if matches!(caller.resolution, Some(Resolution::Unknown)) {
                return Some("unknown after reconcile".to_owned());
            }
        }
    }
    let whole = select(&world.server.active_rows(), &[], Some(world.server.series)).is_complete;
    for caller in callers {
        match caller.resolution {
            Some(Resolution::Booked { .. }) if !whole => return Some(format!("told booked, is not: {resolutions:?}")),
            Some(resolution) if resolution.is_not_booked() && !world.server.active_rows().is_empty() => {
                return Some(format!("told not booked, is: {resolution:?} of {resolutions:?}"));
            }
            _ => {}
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_resolution_agrees_with_the_service_in_random_histories(history in history()) {
        let contradiction = find_contradiction(&history);
        prop_assert!(contradiction.is_none(), "{}", contradiction.unwrap_or_default());
    }
}
