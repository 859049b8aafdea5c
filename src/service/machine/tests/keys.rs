//! Decisions by key: a new one, the caller's own, and one that has other content.

use std::time::Duration;

use super::*;

#[test]
fn a_new_key_is_sent_without_a_lookup_and_booked_by_its_response() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
    assert!(is_send(&machine.next_transition(now).action));
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Created(vec![row(1, 0, None, None, true)]));
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Booked { found: false, .. })));
}

#[test]
fn a_key_of_other_content_is_refused_after_two_settling_times_or_at_once_without_an_unresolved_attempt() {
    let used = LookupResult { other_content: Some(of_other_content()), ..LookupResult::default() };
    for (former, sends) in [
        (PriorUse::None, true),
        (PriorUse::Possible, true),
        (PriorUse::Possible, false),
        (PriorUse::Interrupted, false),
    ] {
        let (mut machine, began) = machine(BookingKind::Pending, 1, former);
        if sends {
            machine.start_attempt(began);
            machine.finish_attempt(began, SendOutcome::Unknown(None));
        }
        machine.record_lookup(began, began, Ok(used.clone()));
        assert!(
            matches!(machine.next_transition(began).action, Action::Lookup { .. }),
            "{former:?}: own work may still come"
        );
        assert!(machine.resolve_at_deadline(began).is_none(), "{former:?}");
        let (then, action) = looks_until(&mut machine, began, &used);
        assert!(matches!(action, Action::Finish(Resolution::OtherContent(_))), "{former:?}: {action:?}");
        assert!(then.duration_since(began) >= Duration::from_secs(6), "{former:?}");
        machine.record_lookup(then, then, saw(vec![row(1, 0, None, None, true)]));
        assert!(
            matches!(machine.next_transition(then).action, Action::Finish(Resolution::Booked { .. })),
            "{former:?}"
        );
    }
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
    machine.record_lookup(now, now, Ok(used));
    assert!(
        matches!(machine.next_transition(now).action, Action::Finish(Resolution::OtherContent(_))),
        "nothing of a new key is open"
    );
}

#[test]
fn a_key_that_was_used_long_ago_is_refused_at_once_unless_an_own_attempt_is_open() {
    let used = LookupResult { other_content: Some(of_other_content()), ..LookupResult::default() };
    for open in [false, true] {
        let (mut machine, began) = machine(BookingKind::Pending, 1, PriorUse::Possible);
        if open {
            machine.start_attempt(began);
            machine.finish_attempt(began, SendOutcome::Unknown(None));
        }
        machine.record_lookup(began, began, Ok(used.clone()));
        assert!(machine.other_content().is_some());
        machine.accept_old_other_content();
        let (then, action) = looks_until(&mut machine, began, &used);
        assert!(matches!(action, Action::Finish(Resolution::OtherContent(_))), "{action:?}");
        assert_eq!(then.duration_since(began) >= Duration::from_secs(3), open);
    }
}

#[test]
fn a_booking_that_could_not_be_read_is_read_again_after_each_lookup_and_nothing_is_sent() {
    let (mut machine, mut now) = machine(BookingKind::Plain, 1, PriorUse::Possible);
    machine.add_hint(&"uid-1".into());
    for _ in 0..20 {
        let Action::Read(uid) = machine.next_transition(now).action else { panic!("it is not read") };
        machine.record_read_failure(&uid, broken());
        assert!(machine.last_error().is_some());
        let Action::Lookup { at, .. } = machine.next_transition(now).action else {
            panic!("it is read without a pause")
        };
        now = at + Duration::from_millis(10);
        machine.record_lookup(at, now, saw(Vec::new()));
    }
    assert!(machine.resolve_at_deadline(now).is_none());
    let Action::Read(uid) = machine.next_transition(now).action else { panic!("it is forgotten") };
    machine.record_read(&uid, vec![row(1, 0, None, None, true)]);
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Booked { found: true, .. })));
}

#[test]
fn the_kept_booking_of_a_cancelled_duplicate_is_read_again_if_it_could_not_be_read() {
    let (mut machine, now) = machine(BookingKind::Pending, 1, PriorUse::Possible);
    let mut double = row(2, 0, None, None, false);
    double.booking.cancellation_reason = Some(CancelReason::Duplicate.text(Some(&"uid-1".into())));
    machine.record_lookup(now, now, saw(vec![double.clone()]));
    let Action::Read(uid) = machine.next_transition(now).action else { panic!("it is not read") };
    machine.record_read_failure(&uid, broken());
    let Action::Lookup { at, .. } = machine.next_transition(now).action else { panic!("it is read without a pause") };
    machine.record_lookup(at, at, Err(broken()));
    let Action::Read(uid) = machine.next_transition(at).action else { panic!("it is forgotten") };
    machine.record_read(&uid, vec![row(1, 0, None, None, true)]);
    assert!(matches!(machine.next_transition(at).action, Action::Finish(Resolution::Booked { .. })));
    machine.record_lookup(at, at, saw(vec![double]));
    assert!(!matches!(machine.next_transition(at).action, Action::Read(_)), "what was read is not read for ever");
}

#[test]
fn a_blocked_callers_key_is_not_booked_after_the_settling_time_or_at_once_if_the_content_is_invalid() {
    let content = Problem::invalid("timeZone", "is none");
    for (problem, at_least, shows) in [(Problem::InPast, 3, false), (content, 0, false), (Problem::InPast, 0, true)] {
        let (machine, began) = machine(BookingKind::Plain, 1, PriorUse::Possible);
        let mut machine = machine.with_blocking_problems(vec![problem.clone()]);
        if shows {
            machine.record_lookup(began, began, saw(Vec::new()));
            machine.record_lookup(began, began, saw(vec![row(1, 0, None, None, true)]));
        }
        let (then, action) = looks_until(&mut machine, began, &LookupResult::default());
        match action {
            Action::Finish(Resolution::Booked { .. }) => assert!(shows),
            Action::Finish(Resolution::Blocked(problems)) => assert!(!shows && problems == [problem]),
            action => panic!("{action:?}"),
        }
        assert!(then.duration_since(began) >= Duration::from_secs(at_least), "{:?}", then.duration_since(began));
    }
}

#[test]
fn an_exclusive_lease_does_not_prove_that_a_callers_key_is_not_booked() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::Possible);
    machine.set_can_list(false);
    machine.set_exclusive_lease(true);
    machine.record_lookup(now, now, saw(Vec::new()));
    assert!(is_send(&machine.next_transition(now).action));
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
    machine.record_lookup(now, now, saw(Vec::new()));
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Unknown)));
}

#[test]
fn a_callers_own_key_is_looked_up_once_before_it_is_sent() {
    let (mut machine, now) = machine(BookingKind::Plain, 1, PriorUse::Possible);
    assert!(matches!(machine.next_transition(now).action, Action::Lookup { .. }));
    machine.record_lookup(now, now, saw(Vec::new()));
    assert!(is_send(&machine.next_transition(now).action));
}

#[test]
fn an_active_booking_of_the_key_is_found_and_nothing_is_sent() {
    let (mut machine, now) = machine(BookingKind::Pending, 1, PriorUse::Possible);
    machine.record_lookup(now, now, saw(vec![row(1, 0, None, None, true)]));
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Booked { found: true, .. })));
}

#[test]
fn a_key_whose_booking_was_cancelled_is_not_sent_again() {
    let (mut machine, now) = machine(BookingKind::Pending, 1, PriorUse::Possible);
    machine.record_lookup(now, now, saw(vec![row(1, 0, None, None, false)]));
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Cancelled(_))));
}
