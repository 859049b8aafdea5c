//! Random histories of the machine: one to three callers of one key, who are dropped, killed and resumed, against a server
//! whose lists lag, fail and hide, with and without a lease that they share. Hundreds of them take a second.

mod caller;
mod server;

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Timing, Verdict, pick};
use crate::service::{appointment::Former, event_type::Kind};
use caller::{Caller, Lease, Luck};
use server::Server;

/// The largest lag of lists; the settling time is above it.
const LAG: u64 = 10_000;
const SETTLE: u64 = 13_000;
/// How long a call may take.
const BUDGET: u64 = 60_000;

#[derive(Debug, Clone)]
struct Calls {
    /// When it is called, and what it says of its key.
    at: u64,
    resumed: bool,
    sends: Vec<Luck>,
    /// When its future is dropped, and how long after that it is called again.
    dropped: Option<(u64, u64)>,
}

#[derive(Debug, Clone)]
struct History {
    kind: Kind,
    production: bool,
    calls: Vec<Calls>,
    /// Whether a look, or a cancellation, fails.
    fails: Vec<bool>,
    lags: Vec<u64>,
    /// So many of 256 rows are hidden for the largest lag.
    hides: u8,
    rivals: Vec<(u64, usize)>,
    others_in: bool,
    stalls: Option<(u64, u64)>,
    /// Whether callers may list.
    sees: bool,
    /// Whether callers share a store of leases.
    shares: bool,
    /// When that store forgets everything, and which callers it does not answer.
    forgets: Option<u64>,
    away: Vec<bool>,
    /// When the key is used for other content, by a caller who has not waited.
    used: Option<u64>,
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        6 => Just(Luck::Fine),
        1 => Just(Luck::NeverLeaves),
        1 => Just(Luck::HalfSent),
        2 => Just(Luck::Broken),
        1 => (0_u64..3_000).prop_map(Luck::Late),
        1 => Just(Luck::ErrorDone),
        1 => Just(Luck::ErrorUndone),
    ]
}

fn calls() -> impl Strategy<Value = Calls> {
    let at = prop_oneof![2 => Just(0_u64), 2 => 0_u64..300, 2 => 0_u64..10_000];
    let dropped = prop::option::weighted(0.3, (0_u64..8_000, 0_u64..20_000));
    (at, prop::bool::weighted(0.15), prop::collection::vec(luck(), 1..4), dropped)
        .prop_map(|(at, resumed, sends, dropped)| Calls { at, resumed, sends, dropped })
}

fn history() -> impl Strategy<Value = History> {
    let kinds = [Kind::Plain, Kind::Pending, Kind::Seated, Kind::Series, Kind::PendingSeries];
    let lag = prop_oneof![3 => Just(0_u64), 2 => 0_u64..LAG];
    let world = (
        prop::collection::vec(prop::bool::weighted(0.15), 1..12),
        prop::collection::vec(lag, 1..4),
        prop_oneof![3 => Just(0_u8), 1 => any::<u8>()],
        prop::collection::vec((0_u64..6_000, 0_usize..4), 0..2),
        prop::option::weighted(0.1, (0_u64..8_000, 500_u64..3_000)),
    );
    let how = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.85), any::<bool>());
    let store = (
        prop::option::weighted(0.15, 0_u64..15_000),
        prop::collection::vec(prop::bool::weighted(0.15), 1..4),
        prop::option::weighted(0.1, 0_u64..8_000),
    );
    (prop::sample::select(kinds.to_vec()), prop::collection::vec(calls(), 1..4), world, how, store).prop_map(
        |(kind, calls, (fails, lags, hides, rivals, stalls), (production, others_in, sees, shares), store)| {
            let rivals = if kind == Kind::Seated { Vec::new() } else { rivals };
            let (forgets, away, used) = store;
            History {
                kind,
                production,
                calls,
                fails,
                lags,
                hides,
                rivals,
                others_in,
                stalls,
                sees,
                shares,
                forgets,
                away,
                used,
            }
        },
    )
}

/// What all callers meet.
pub(super) struct World {
    server: Server,
    history: History,
    lease: Lease,
    epoch: Instant,
    asked: usize,
}

impl World {
    fn at(&self, millis: u64) -> Instant {
        self.epoch + Duration::from_millis(millis)
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.epoch).as_millis()).unwrap()
    }

    /// A server that stands still takes everything in and works on it when it goes on.
    fn reached(&self, at: u64) -> u64 {
        match self.history.stalls {
            Some((from, long)) if (from..from + long).contains(&at) => from + long,
            _ => at,
        }
    }

    /// Whether the store of leases answers this caller.
    fn leases(&mut self, name: usize, now: u64) -> bool {
        if self.history.forgets.is_some_and(|at| at <= now) {
            self.history.forgets = None;
            self.lease = Lease::default();
        }
        self.history.shares && !self.history.away[name % self.history.away.len()]
    }

    fn fails(&mut self) -> bool {
        self.asked += 1;
        self.asked < 60 && self.history.fails[self.asked % self.history.fails.len()]
    }

    fn timing() -> Timing {
        Timing { settle: Duration::from_millis(SETTLE), plain: Duration::from_millis(1_000) }
    }
}

/// Plays a history to its end; what each call was told.
fn play(history: &History) -> (World, Vec<Caller>) {
    let mut server = Server::new(history.kind, history.production, history.rivals.clone(), history.others_in);
    server.used = history.used;
    let mut world =
        World { server, history: history.clone(), lease: Lease::default(), epoch: Instant::now(), asked: 0 };
    let mut callers = Vec::new();
    for (name, calls) in history.calls.iter().enumerate() {
        let former = if calls.resumed { Former::Died } else { Former::Perhaps };
        callers.push(Caller::new(name, calls.at, former, calls.sends.clone(), calls.dropped));
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
            callers.push(Caller::new(name, again, Former::Perhaps, sends, None));
        }
    }
    (world, callers)
}

/// A second's worth, unless `PROPTEST_CASES` says otherwise.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3_000)
}

/// Whether anything of this is not the truth.
fn lies(history: &History) -> Option<String> {
    let (mut world, mut callers) = play(history);
    let live = world.server.live();
    let picked = pick(&live, &[], Some(world.server.series));
    let told: Vec<String> = callers.iter().map(|caller| format!("{:?}", caller.told)).collect();
    let informed = history.sees;
    if informed && !picked.surplus.is_empty() {
        return Some(format!("a double is left: {told:?}"));
    }
    if informed && !live.is_empty() && !picked.whole {
        return Some(format!("a part is left: {told:?}"));
    }
    let per_caller = callers.len() * world.server.series;
    if live.len() > per_caller {
        return Some(format!("more than one row a caller: {told:?}"));
    }
    // What is unknown by now is settled when all is quiet.
    let late = callers.iter().map(|caller| caller.ended).max().unwrap_or(0).max(world.server.now) + 120_000;
    for caller in &mut callers {
        if matches!(caller.told, Some(Verdict::Unknowable)) && informed {
            caller.told = Some(caller::reconcile(&mut world, late));
            if matches!(caller.told, Some(Verdict::Unknowable)) {
                return Some("unknown after reconcile".to_owned());
            }
        }
    }
    let whole = pick(&world.server.live(), &[], Some(world.server.series)).whole;
    for caller in callers {
        match caller.told {
            Some(Verdict::Booked { .. }) if !whole => return Some(format!("told booked, is not: {told:?}")),
            Some(verdict) if verdict.denies() && !world.server.live().is_empty() => {
                return Some(format!("told not booked, is: {verdict:?} of {told:?}"));
            }
            _ => {}
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_and_whoever_calls_the_verdict_is_the_truth(history in history()) {
        let lie = lies(&history);
        prop_assert!(lie.is_none(), "{}", lie.unwrap_or_default());
    }
}
