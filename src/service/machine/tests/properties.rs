//! Properties of any evidence: more of it never turns "booked" into "not booked".

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::*;

#[derive(Debug, Clone)]
enum Event {
    Sends(u8),
    Looks { rows: Vec<usize>, wide: bool, slow: bool },
    LookFails,
    Reads(usize),
    Waits(u64),
}

/// The row with this number: its start is fixed, and it is never cancelled.
fn the(at: usize, kind: BookingKind) -> BookingRow {
    static ROWS: std::sync::OnceLock<Vec<BookingRow>> = std::sync::OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        [BookingKind::Plain, BookingKind::Seated, BookingKind::Series]
            .iter()
            .flat_map(|kind| (0..8).map(|at| made(at, *kind)))
            .collect()
    });
    let place = if kind == BookingKind::Seated {
        8
    } else if kind.is_series() {
        16
    } else {
        0
    };
    rows[place + at].clone()
}

fn made(at: usize, kind: BookingKind) -> BookingRow {
    let series = kind.is_series().then_some((at / 4) as u64);
    let seat = (kind == BookingKind::Seated).then_some(at);
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

fn told(machine: &mut BookingMachine, now: Instant) -> Option<Resolution> {
    match machine.next_transition(now).action {
        Action::Finish(resolution) => Some(resolution),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_evidence_never_turns_booked_into_not_booked(
        kind in prop::sample::select(vec![BookingKind::Plain, BookingKind::Pending, BookingKind::Seated, BookingKind::Series, BookingKind::PendingSeries]),
        former in prop::sample::select(vec![PriorUse::None, PriorUse::Possible, PriorUse::Interrupted]),
        sees in prop::option::of(any::<bool>()),
        events in prop::collection::vec(event(), 1..25),
    ) {
        let wanted = if kind.is_series() { 4 } else { 1 };
        let epoch = Instant::now();
        let mut now = epoch;
        let mut machine = BookingMachine::new(kind, Some(wanted), SettlingTimes::of(&crate::service::Settings::default()), former, now);
        if let Some(sees) = sees {
            machine.set_can_list(sees);
        }
        let mut booked = false;
        for event in events {
            match event {
                Event::Sends(input) => {
                    machine.start_attempt(now);
                    now += Duration::from_millis(200);
                    let made = if kind.is_series() { (0..4).map(|at| the(at, kind)).collect() } else { vec![the(0, kind)] };
                    machine.finish_attempt(now, match input {
                        0 | 1 => SendOutcome::Created(made),
                        2 => SendOutcome::Refused(refusal("booking_conflict_error")),
                        3 => SendOutcome::Refused(refusal("An error occurred while querying the database.")),
                        4 => SendOutcome::NotSent(broken()),
                        _ => SendOutcome::Unknown(None),
                    });
                }
                Event::Looks { rows, wide, slow } => {
                    let asked = now;
                    now += Duration::from_millis(if slow { 1_900 } else { 10 });
                    let rows = rows.into_iter().map(|at| the(at, kind)).collect();
                    machine.record_lookup(asked, now, Ok(LookupResult { rows, taken_by_other: wide, start_taken_by_other: wide, ..LookupResult::default() }));
                }
                Event::LookFails => machine.record_lookup(now, now, Err(broken())),
                Event::Reads(at) => {
                    let row = the(at, kind);
                    // A read of a seated booking shows all its seats.
                    let rows = if kind == BookingKind::Seated { (0..8).map(|at| the(at, kind)).collect() } else { vec![row.clone()] };
                    machine.record_read(&row.booking.uid, rows);
                }
                Event::Waits(millis) => now += Duration::from_millis(millis),
            }
            for resolution in told(&mut machine, now).into_iter().chain(machine.resolve_at_deadline(now)) {
                prop_assert!(!(booked && resolution.is_not_booked()), "{resolution:?}");
                booked |= matches!(resolution, Resolution::Booked { .. });
            }
        }
    }

    #[test]
    fn not_booked_is_never_concluded_while_a_lookup_shows_the_booking_or_an_attempt_is_not_settled(
        events in prop::collection::vec(event(), 1..25),
    ) {
        let kind = BookingKind::Pending;
        let mut now = Instant::now();
        let timing = SettlingTimes::of(&crate::service::Settings::default());
        let mut machine = BookingMachine::new(kind, Some(1), timing, PriorUse::Possible, now);
        machine.set_can_list(true);
        let (mut shown, mut last) = (false, None);
        for event in events {
            match event {
                Event::Sends(input) => {
                    machine.start_attempt(now);
                    machine.finish_attempt(now, if input % 2 == 0 { SendOutcome::Unknown(None) } else { SendOutcome::Refused(refusal("booking_conflict_error")) });
                    last = Some(now);
                }
                Event::Looks { rows, .. } => {
                    shown |= !rows.is_empty();
                    let rows = rows.into_iter().map(|at| the(at, kind)).collect();
                    machine.record_lookup(now, now, Ok(LookupResult { rows, ..LookupResult::default() }));
                }
                Event::LookFails | Event::Reads(_) => machine.record_lookup(now, now, Err(broken())),
                Event::Waits(millis) => now += Duration::from_millis(millis),
            }
            if let Some(resolution) = told(&mut machine, now) {
                prop_assert!(!(shown && resolution.is_not_booked()), "{resolution:?}");
                let settled = last.is_some_and(|last| now.duration_since(last) >= timing.settle);
                prop_assert!(!resolution.is_not_booked() || settled, "{resolution:?}");
            }
        }
    }
}
