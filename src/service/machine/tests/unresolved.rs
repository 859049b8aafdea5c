//! Decisions after an attempt whose outcome is unknown.

use std::time::Duration;

use super::*;

#[test]
fn the_resend_delay_of_plain_bookings_is_at_most_the_settling_time() {
    let mut settings = crate::service::Settings::default();
    (settings.settling_time, settings.plain_resend_delay) = (Duration::from_secs(2), Duration::from_secs(9));
    let SettlingTimes { settle, plain_resend } = SettlingTimes::of(&settings);
    assert_eq!((settle, plain_resend), (Duration::from_secs(2), Duration::from_secs(2)));
    settings.plain_resend_delay = Duration::from_secs(1);
    assert_eq!(SettlingTimes::of(&settings).plain_resend, Duration::from_secs(1));
}

#[test]
fn a_lost_plain_booking_is_sent_again_after_a_second_and_any_other_after_the_settling_time() {
    for (kind, rows, at_least) in [
        (BookingKind::Plain, 1, 1),
        (BookingKind::Pending, 1, 3),
        (BookingKind::RoundRobin, 1, 3),
        (BookingKind::Seated, 1, 3),
        (BookingKind::Series, 4, 3),
        (BookingKind::RoundRobinSeries, 4, 3),
    ] {
        let (mut machine, now) = machine(kind, rows, PriorUse::None);
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Unknown(None));
        let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
        assert!(is_send(&action), "{kind:?}: {action:?}");
        let waited = then.duration_since(now);
        assert!(
            waited >= Duration::from_secs(at_least) && waited < Duration::from_secs(at_least + 2),
            "{kind:?}: {waited:?}"
        );
    }
}

#[test]
fn the_settling_time_does_not_run_while_the_service_does_not_answer() {
    let (mut machine, mut now) = machine(BookingKind::Pending, 1, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Unknown(None));
    for _ in 0..10 {
        let Action::Lookup { at, .. } = machine.next_transition(now).action else {
            panic!("it concludes without an answer")
        };
        now = at + Duration::from_secs(2);
        machine.record_lookup(at, now, Err(broken()));
    }
    let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
    assert!(is_send(&action));
    assert!(then.duration_since(now) >= Duration::from_millis(1500), "{:?}", then.duration_since(now));
}

#[test]
fn a_refusal_without_an_earlier_attempt_is_final_after_one_lookup() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("No such thing, really")));
    assert!(matches!(machine.next_transition(now).action, Action::Lookup { .. }));
    machine.record_lookup(now, now, saw(Vec::new()));
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Refused(_))));
}

#[test]
fn a_refusal_after_a_lost_attempt_is_final_only_after_the_settling_time() {
    let (mut machine, first) = machine(BookingKind::Plain, 1, PriorUse::None);
    machine.start_attempt(first);
    machine.finish_attempt(first, SendOutcome::Unknown(None));
    let (now, _) = looks_until(&mut machine, first, &LookupResult::default());
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
    let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
    assert!(matches!(action, Action::Finish(Resolution::Refused(_))));
    assert!(then.duration_since(first) >= Duration::from_secs(3));
    assert!(then.duration_since(now) >= Duration::from_secs(1));
}

#[test]
fn another_booking_at_the_time_of_a_plain_one_ends_the_lookups() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Unknown(None));
    let (now, _) = looks_until(&mut machine, now, &LookupResult::default());
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
    assert!(matches!(machine.next_transition(now).action, Action::Lookup { wide: true, .. }));
    machine.record_lookup(
        now,
        now,
        Ok(LookupResult { taken_by_other: true, start_taken_by_other: true, ..LookupResult::default() }),
    );
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Refused(_))));
}

#[test]
fn without_a_list_of_bookings_a_refusal_after_a_lost_attempt_is_unknown() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
    machine.set_can_list(false);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Unknown(None));
    let (now, action) = looks_until(&mut machine, now, &LookupResult::default());
    assert!(is_send(&action));
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
    let Action::Lookup { at, .. } = machine.next_transition(now).action else { panic!("it concludes without a look") };
    machine.record_lookup(at, at, saw(Vec::new()));
    for _ in 0..50 {
        match machine.next_transition(at).action {
            Action::Lookup { at: next, .. } => machine.record_lookup(next, next, saw(Vec::new())),
            Action::Finish(Resolution::Unknown) => break,
            action => panic!("it concludes from an empty list: {action:?}"),
        }
    }
    assert!(machine.resolve_at_deadline(now).is_none());
}

#[test]
fn an_attempt_without_an_end_is_looked_up_as_unresolved() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
    assert!(is_send(&machine.next_transition(now).action));
    machine.start_attempt(now);
    assert!(matches!(machine.next_transition(now).action, Action::Lookup { .. }));
    assert!(machine.evidence().unresolved_since().is_some());
}

#[test]
fn reconciling_never_sends_and_ends_if_nothing_appears() {
    let (machine, now) = machine(BookingKind::Pending, 1, PriorUse::Interrupted);
    let mut machine = machine.lookup_only();
    let (then, action) = looks_until(&mut machine, now, &LookupResult::default());
    assert!(matches!(action, Action::Finish(Resolution::NothingBooked)));
    assert!(then.duration_since(now) >= Duration::from_secs(3));
}

#[test]
fn a_request_of_a_crashed_process_is_sent_again_after_three_settling_times() {
    let settle = crate::service::Settings::default().settling_time;
    for (age, is_sent_at_once) in [(settle * 3 - Duration::from_millis(1), false), (settle * 3, true)] {
        let (machine, since) = machine(BookingKind::Pending, 1, PriorUse::Interrupted);
        let mut machine = machine.with_interruption_at(Some(since));
        machine.record_lookup(since + age, since + age, Ok(LookupResult::default()));
        let action = machine.next_transition(since + age).action;
        assert_eq!(is_send(&action), is_sent_at_once, "{age:?}: {action:?}");
    }
}

#[test]
fn a_round_robin_is_not_sent_again_by_a_caller_whose_lookups_prove_nothing() {
    for kind in [BookingKind::RoundRobin, BookingKind::RoundRobinSeries, BookingKind::Unknown] {
        for prior in [PriorUse::None, PriorUse::Possible, PriorUse::Interrupted] {
            let (mut machine, now) = machine(kind, 1, prior);
            machine.set_can_list(false);
            machine.start_attempt(now);
            machine.finish_attempt(now, SendOutcome::Unknown(None));
            let (_, action) = looks_until(&mut machine, now, &LookupResult::default());
            assert!(matches!(action, Action::Finish(Resolution::Unknown)), "{kind:?} {prior:?}: {action:?}");
            assert!(machine.resolve_at_deadline(now).is_none(), "{kind:?} {prior:?}");
        }
    }
    // The service finds these itself: a second request is harmless, and says what is booked.
    for kind in [BookingKind::Plain, BookingKind::Pending, BookingKind::Seated] {
        let (mut machine, now) = machine(kind, 1, PriorUse::None);
        machine.set_can_list(false);
        machine.start_attempt(now);
        machine.finish_attempt(now, SendOutcome::Unknown(None));
        let (_, action) = looks_until(&mut machine, now, &LookupResult::default());
        assert!(is_send(&action), "{kind:?}: {action:?}");
    }
}
