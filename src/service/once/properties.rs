//! What holds for any evidence: more of it never turns "booked" into "not booked".

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{
    tests::{broken, refusal, row},
    *,
};

#[derive(Debug, Clone)]
enum Event {
    Sends(u8),
    Looks { rows: Vec<usize>, wide: bool, slow: bool },
    LookFails,
    Reads(usize),
    Waits(u64),
}

/// What is true of the rows, whatever a look shows of them: their starts, and that nobody calls them off.
fn the(at: usize, kind: Kind) -> Row {
    static ROWS: std::sync::OnceLock<Vec<Row>> = std::sync::OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        [Kind::Plain, Kind::Seated, Kind::Series].iter().flat_map(|kind| (0..8).map(|at| made(at, *kind))).collect()
    });
    let place = if kind == Kind::Seated {
        8
    } else if kind.is_series() {
        16
    } else {
        0
    };
    rows[place + at].clone()
}

fn made(at: usize, kind: Kind) -> Row {
    let series = kind.is_series().then_some((at / 4) as u64);
    let seat = (kind == Kind::Seated).then_some(at);
    row(at, if kind.is_series() { at % 4 } else { 0 }, series, seat, true)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0_u8..6).prop_map(Event::Sends),
        4 => (prop::collection::vec(0_usize..8, 0..5), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(rows, wide, slow)| Event::Looks { rows, wide, slow }),
        1 => Just(Event::LookFails),
        1 => (0_usize..8).prop_map(Event::Reads),
        3 => (0_u64..5_000).prop_map(Event::Waits),
    ]
}

fn told(once: &mut Once, now: Instant) -> Option<Verdict> {
    match once.next(now).step {
        Step::Finish(verdict) => Some(verdict),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_evidence_never_turns_booked_into_not_booked(
        kind in prop::sample::select(vec![Kind::Plain, Kind::Pending, Kind::Seated, Kind::Series, Kind::PendingSeries]),
        former in prop::sample::select(vec![Former::Never, Former::Perhaps, Former::Died]),
        sees in prop::option::of(any::<bool>()),
        events in prop::collection::vec(event(), 1..25),
    ) {
        let wanted = if kind.is_series() { 4 } else { 1 };
        let epoch = Instant::now();
        let mut now = epoch;
        let mut once = Once::new(kind, Some(wanted), Timing::of(&crate::service::Settings::default()), former, now);
        if let Some(sees) = sees {
            once.sees(sees);
        }
        let mut booked = false;
        for event in events {
            match event {
                Event::Sends(how) => {
                    once.sending(now);
                    now += Duration::from_millis(200);
                    let made = if kind.is_series() { (0..4).map(|at| the(at, kind)).collect() } else { vec![the(0, kind)] };
                    once.sent(now, match how {
                        0 | 1 => Sent::Made(made),
                        2 => Sent::Refused(refusal("booking_conflict_error")),
                        3 => Sent::Refused(refusal("An error occurred while querying the database.")),
                        4 => Sent::NotSent(broken()),
                        _ => Sent::Lost(None),
                    });
                }
                Event::Looks { rows, wide, slow } => {
                    let asked = now;
                    now += Duration::from_millis(if slow { 1_900 } else { 10 });
                    let rows = rows.into_iter().map(|at| the(at, kind)).collect();
                    once.looked(asked, now, Ok(Sight { rows, rival: wide, rival_at_start: wide, ..Sight::default() }));
                }
                Event::LookFails => once.looked(now, now, Err(broken())),
                Event::Reads(at) => {
                    let row = the(at, kind);
                    // Whoever reads a seated booking sees all who sit in it.
                    let rows = if kind == Kind::Seated { (0..8).map(|at| the(at, kind)).collect() } else { vec![row.clone()] };
                    once.read(&row.booking.uid, rows);
                }
                Event::Waits(millis) => now += Duration::from_millis(millis),
            }
            for verdict in told(&mut once, now).into_iter().chain(once.at_deadline(now)) {
                prop_assert!(!(booked && verdict.denies()), "{verdict:?}");
                booked |= matches!(verdict, Verdict::Booked { .. });
            }
        }
    }

    #[test]
    fn nothing_is_denied_while_a_look_has_shown_it_or_an_attempt_of_an_own_key_is_not_settled(
        events in prop::collection::vec(event(), 1..25),
    ) {
        let kind = Kind::Pending;
        let mut now = Instant::now();
        let timing = Timing::of(&crate::service::Settings::default());
        let mut once = Once::new(kind, Some(1), timing, Former::Perhaps, now);
        once.sees(true);
        let (mut shown, mut last) = (false, None);
        for event in events {
            match event {
                Event::Sends(how) => {
                    once.sending(now);
                    once.sent(now, if how % 2 == 0 { Sent::Lost(None) } else { Sent::Refused(refusal("booking_conflict_error")) });
                    last = Some(now);
                }
                Event::Looks { rows, .. } => {
                    shown |= !rows.is_empty();
                    let rows = rows.into_iter().map(|at| the(at, kind)).collect();
                    once.looked(now, now, Ok(Sight { rows, ..Sight::default() }));
                }
                Event::LookFails | Event::Reads(_) => once.looked(now, now, Err(broken())),
                Event::Waits(millis) => now += Duration::from_millis(millis),
            }
            if let Some(verdict) = told(&mut once, now) {
                prop_assert!(!(shown && verdict.denies()), "{verdict:?}");
                let settled = last.is_some_and(|last| now.duration_since(last) >= timing.settle);
                prop_assert!(!verdict.denies() || settled, "{verdict:?}");
            }
        }
    }
}
