//! Decisions on several rows: series, duplicates and seats.

use std::time::Duration;

use super::*;

#[test]
fn a_partial_series_is_looked_up_while_it_grows_and_cancelled_when_it_does_not() {
    let rows = |n: usize| (0..n).map(|at| row(at, at, Some(1), None, true)).collect::<Vec<_>>();
    let (mut machine, mut now) = machine(BookingKind::Series, 4, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Unknown(None));
    for n in 1..4 {
        let Action::Lookup { at, .. } = machine.next_transition(now).action else { panic!("it does not wait") };
        now = at.max(now) + Duration::from_millis(1500);
        machine.record_lookup(now, now, saw(rows(n)));
    }
    let (_, action) = looks_until(&mut machine, now, &LookupResult { rows: rows(3), ..LookupResult::default() });
    let Action::Cancel { rows: torn, reason: CancelReason::PartialSeries, .. } = action else { panic!("{action:?}") };
    assert_eq!(torn.len(), 3);
}

#[test]
fn the_rows_of_a_series_before_a_conflict_are_cancelled_at_once() {
    let (mut machine, now) = machine(BookingKind::Series, 4, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
    let part = vec![row(0, 0, Some(1), None, true), row(1, 1, Some(1), None, true)];
    machine.record_lookup(now, now, saw(part.clone()));
    assert!(matches!(machine.next_transition(now).action, Action::Cancel { reason: CancelReason::PartialSeries, .. }));
    machine.record_cancellation(now, &part, CancelReason::PartialSeries, None);
    let gone = vec![row(0, 0, Some(1), None, false), row(1, 1, Some(1), None, false)];
    machine.record_lookup(now, now, saw(gone));
    assert!(matches!(machine.next_transition(now).action, Action::Finish(Resolution::Refused(_))));
}

#[test]
fn a_series_of_which_a_person_cancelled_one_occurrence_is_complete() {
    let (mut machine, now) = machine(BookingKind::Series, 4, PriorUse::Possible);
    let rows = (0..4).map(|at| row(at, at, Some(1), None, at != 2)).collect();
    machine.record_lookup(now, now, saw(rows));
    let Action::Finish(Resolution::Booked { rows, .. }) = machine.next_transition(now).action else { panic!() };
    assert_eq!(rows.len(), 3);
}

#[test]
fn of_two_bookings_the_younger_is_cancelled_in_any_order_of_rows() {
    let (old, young) = (row(1, 0, None, None, true), row(2, 0, None, None, true));
    for rows in [vec![old.clone(), young.clone()], vec![young.clone(), old.clone()]] {
        let (mut machine, now) = machine(BookingKind::Pending, 1, PriorUse::Interrupted);
        machine.record_lookup(now, now, saw(rows));
        let Action::Cancel { rows, reason: CancelReason::Duplicate, .. } = machine.next_transition(now).action else {
            panic!()
        };
        assert_eq!(rows.iter().map(BookingRow::id).collect::<Vec<_>>(), [young.id()]);
    }
}

#[test]
fn of_a_complete_and_a_partial_series_of_one_key_the_complete_one_is_kept() {
    let mut rows: Vec<BookingRow> = (0..4).map(|at| row(at, at, Some(1), None, true)).collect();
    rows.extend([row(10, 0, Some(2), None, true), row(11, 2, Some(2), None, true)]);
    let (mut machine, now) = machine(BookingKind::PendingSeries, 4, PriorUse::Interrupted);
    let (then, action) = looks_until(&mut machine, now, &LookupResult { rows, ..LookupResult::default() });
    let Action::Cancel { rows, reason: CancelReason::Duplicate, .. } = action else { panic!("{action:?}") };
    assert!(then.duration_since(now) >= Duration::from_secs(3), "one of them may still grow");
    assert_eq!(rows.iter().map(|row| row.booking.id.0).collect::<Vec<_>>(), [10, 11]);
}

#[test]
fn a_seat_that_is_refused_for_a_concurrent_request_is_sent_a_bounded_number_of_times() {
    let (mut machine, mut now) = machine(BookingKind::Seated, 1, PriorUse::None);
    let mut sends = 0;
    loop {
        match machine.next_transition(now).action {
            Action::Send { at } => {
                now = at;
                sends += 1;
                machine.start_attempt(now);
                machine.finish_attempt(now, SendOutcome::Refused(refusal("booking_conflict_error")));
            }
            Action::Lookup { at, .. } => machine.record_lookup(at, at, saw(Vec::new())),
            Action::Finish(Resolution::Refused(_)) => break,
            action => panic!("{action:?}"),
        }
    }
    assert_eq!(sends, MAX_SEAT_ATTEMPTS);
}

#[test]
fn a_success_after_an_unresolved_attempt_is_looked_up_and_its_duplicate_is_cancelled() {
    let (mut machine, now) = machine(BookingKind::Pending, 1, PriorUse::None);
    machine.start_attempt(now);
    machine.finish_attempt(now, SendOutcome::Unknown(None));
    let (now, _) = looks_until(&mut machine, now, &LookupResult::default());
    machine.start_attempt(now);
    let (first, second) = (row(1, 0, None, None, true), row(2, 0, None, None, true));
    machine.finish_attempt(now, SendOutcome::Created(vec![second.clone()]));
    assert!(matches!(machine.next_transition(now).action, Action::Lookup { .. }));
    machine.record_lookup(now, now, saw(vec![first, second]));
    assert!(matches!(machine.next_transition(now).action, Action::Cancel { reason: CancelReason::Duplicate, .. }));
}
