//! Refusals that do not resolve to "not booked": not at once, not because of another booking that can coexist, not at a
//! deadline.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::error::{ErrorDetailsBuilder, FieldError};

/// A refusal for the content, which no active booking can cause.
fn of_content() -> Error {
    let field = FieldError { field: "topic".to_owned(), message: "error_required_field".to_owned() };
    Error::Validation(ErrorDetailsBuilder::new().status(400).fields(vec![field]).build())
}

fn any_other() -> Error {
    Error::Validation(ErrorDetailsBuilder::new().status(400).message(Some("Something else".to_owned())).build())
}

#[test]
fn a_refusal_for_the_content_does_not_resolve_an_earlier_attempt() {
    for former in [PriorUse::None, PriorUse::Possible] {
        let (mut machine, now) = machine(BookingKind::Pending, 1, former);
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Unknown(None));
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Refused(of_content()));
        assert!(matches!(machine.next_transition(now).action, Action::Lookup { .. }), "{former:?}");
        machine.record_lookup(now, now, saw(vec![]));
        assert!(matches!(machine.next_transition(now).action, Action::Lookup { .. }), "{former:?}");
        assert!(machine.resolve_at_deadline(now).is_none());
        let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
        assert!(matches!(action, Action::Finish(Resolution::Refused(_))), "{former:?}: {action:?}");
        assert!(then.duration_since(now) >= machine.terms.times.settle);
    }
}

#[test]
fn an_attempt_that_was_not_sent_does_not_resolve_an_earlier_attempt() {
    for former in [PriorUse::None, PriorUse::Possible] {
        let (mut machine, now) = machine(BookingKind::Pending, 1, former);
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Unknown(None));
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::NotSent(broken()));
        assert!(machine.resolve_at_deadline(now).is_none(), "{former:?}");
        let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
        assert!(is_send(&action), "{former:?}: {action:?}");
        assert!(then.duration_since(now) >= machine.terms.times.settle, "{former:?}");
    }
}

#[test]
fn a_refusal_of_a_callers_key_is_final_after_one_lookup_only_if_it_is_for_the_content() {
    for (error, at_once) in [(of_content(), true), (any_other(), false), (refusal("booking_conflict_error"), false)] {
        let (mut machine, now) = machine(BookingKind::Seated, 1, PriorUse::Possible);
        machine.record_lookup(now, now, saw(vec![]));
        for _ in 0..8 {
            machine.start_attempt(now);
            machine.finish_attempt(now, SendOutcome::Refused(error.clone()));
        }
        let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
        assert!(matches!(action, Action::Finish(Resolution::Refused(_))), "{error:?}: {action:?}");
        assert_eq!(then.duration_since(now) < machine.terms.times.settle, at_once, "{error:?}");
    }
}

#[test]
fn another_booking_of_the_time_proves_nothing_for_kinds_that_can_coexist_with_it() {
    let taken_by_other = LookupResult { taken_by_other: true, start_taken_by_other: true, ..LookupResult::default() };
    for kind in [BookingKind::Pending, BookingKind::Seated, BookingKind::PendingSeries, BookingKind::Unknown] {
        let (mut machine, now) = machine(kind, 1, PriorUse::None);
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Unknown(None));
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
        machine.record_lookup(now, now, Ok(taken_by_other.clone()));
        let (then, action) = looks_until(&mut machine, now, &taken_by_other);
        assert!(matches!(action, Action::Finish(Resolution::Refused(_))), "{kind:?}: {action:?}");
        assert!(then.duration_since(now) >= machine.terms.times.settle, "{kind:?}");
    }
}

#[test]
fn a_series_that_lost_a_race_is_not_booked_after_the_settling_time_or_if_another_booking_has_its_start() {
    for (kind, taken_by_other, at_once) in [
        (BookingKind::Series, false, false),
        (BookingKind::Series, true, true),
        (BookingKind::PendingSeries, true, false),
        (BookingKind::Plain, false, true),
    ] {
        let (mut machine, now) = machine(kind, if kind.is_series() { 4 } else { 1 }, PriorUse::None);
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
        let result = LookupResult { taken_by_other, start_taken_by_other: taken_by_other, ..LookupResult::default() };
        let Action::Lookup { wide, .. } = machine.next_transition(now).action else { panic!("{kind:?}") };
        assert_eq!(wide, kind == BookingKind::Series, "{kind:?}");
        let (then, action) = looks_until(&mut machine, now, &result);
        assert!(matches!(action, Action::Finish(Resolution::Refused(_))), "{kind:?}: {action:?}");
        assert_eq!(
            then.duration_since(now) < Duration::from_secs(1),
            at_once,
            "{kind:?}, taken_by_other {taken_by_other}"
        );
    }
}

#[test]
fn a_series_of_unknown_length_is_unresolved_at_the_deadline_until_it_stops_growing() {
    let now = Instant::now();
    let mut machine = BookingMachine::new(
        BookingKind::Unknown,
        None,
        SettlingTimes::of(&crate::service::Settings::default()),
        PriorUse::Possible,
        now,
    );
    machine.set_can_list(true);
    let part = saw(vec![row(0, 0, Some(1), None, true), row(1, 1, Some(1), None, true)]);
    machine.record_lookup(now, now, part.clone());
    assert!(machine.resolve_at_deadline(now).is_none());
    let (then, action) = looks_until(&mut machine, now, &part.unwrap());
    assert!(matches!(action, Action::Finish(Resolution::Booked { .. })) && machine.resolve_at_deadline(then).is_some());
}

#[test]
fn attempts_for_a_seat_count_whether_they_were_refused_or_not_sent() {
    let (mut machine, mut now) = machine(BookingKind::Seated, 1, PriorUse::Possible);
    let mut sends = 0;
    loop {
        match machine.next_transition(now).action {
            Action::Send { at } => {
                (now, sends) = (at, sends + 1);
                machine.start_attempt(now);
                let outcome = if sends <= 2 { SendOutcome::NotSent(broken()) } else { race() };
                machine.finish_attempt(now, outcome);
            }
            Action::Lookup { at, .. } => {
                now = at;
                machine.record_lookup(at, at, saw(Vec::new()));
            }
            Action::Finish(Resolution::Refused(_)) => break,
            action => panic!("{action:?}"),
        }
    }
    assert_eq!(sends, MAX_SEAT_ATTEMPTS);
}

#[test]
fn the_conflict_of_a_series_is_not_reported_as_its_refusal() {
    for (kind, is_reason) in [
        (BookingKind::Plain, true),
        (BookingKind::Seated, true),
        (BookingKind::Series, false),
        (BookingKind::PendingSeries, false),
    ] {
        let (mut machine, now) = machine(kind, 1, PriorUse::None);
        machine.start_attempt(now);
        assert!(machine.refusals().is_empty(), "{kind:?}: nothing is known yet");
        machine.finish_attempt(now, race());
        assert_eq!(!machine.refusals().is_empty(), is_reason, "{kind:?}");
    }
}

#[test]
fn a_refusal_with_an_unresolved_attempt_before_it_is_in_one_state_throughout() {
    for kind in [BookingKind::Plain, BookingKind::Pending, BookingKind::Series, BookingKind::PendingSeries] {
        for can_list in [Some(true), Some(false), None] {
            let (mut machine, mut now) = machine(kind, 4, PriorUse::None);
            if let Some(can_list) = can_list {
                machine.set_can_list(can_list);
            }
            machine.start_attempt(now);
            machine.finish_attempt(now, SendOutcome::Unknown(None));
            machine.start_attempt(now);
            machine.finish_attempt(now, race());
            for _ in 0..20 {
                let transition = machine.next_transition(now);
                assert_eq!(transition.state, BookingState::RefusedAgain, "{kind:?} {can_list:?}");
                let Action::Lookup { at, .. } = transition.action else { break };
                now = at;
                machine.record_lookup(at, at, saw(Vec::new()));
            }
        }
    }
}

fn race() -> SendOutcome {
    SendOutcome::Refused(refusal("booking_conflict_error"))
}

#[test]
fn an_unreadable_booking_without_a_key_is_another_ones_only_if_bookings_can_be_listed() {
    for (can_list, is_another_s) in [(true, true), (false, false)] {
        let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
        machine.set_can_list(can_list);
        let mut json = serde_json::to_value(row(9, 0, None, None, true).booking.wire()).unwrap();
        json["metadata"] = serde_json::json!({});
        let booking: Booking = serde_json::from_value(json).unwrap();
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::OtherKey(Box::new(booking)));
        let mut at = now;
        let resolution = loop {
            match machine.next_transition(at).action {
                Action::Lookup { at: then, .. } => {
                    at = then;
                    machine.record_lookup(at, at, saw(Vec::new()));
                }
                Action::Read(uid) => machine.record_read_failure(&uid, broken()),
                Action::Finish(resolution) => break resolution,
                action => panic!("{action:?}"),
            }
        };
        assert_eq!(matches!(resolution, Resolution::OtherKey(_)), is_another_s, "{resolution:?}");
    }
}
