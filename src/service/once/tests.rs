use serde_json::json;

use std::time::Duration;

use super::{conclude::SEAT_TRIES, *};
use crate::{
    error::{ErrorCode, FailureBuilder, SendReport},
    model::{Booking, Extra, FromWire},
    raw::types,
    retry_policy::{FailureClass, Resend},
};

/// A row of the key that everything here is about.
pub(super) fn row(id: usize, start: usize, series: Option<u64>, seat: Option<usize>, live: bool) -> Row {
    let seats = seat.map(|seat| format!("seat-{seat:03}"));
    let mut json = json!({
        "id": id, "uid": seat.map_or(format!("uid-{id}"), |_| "uid-seated".to_owned()), "title": "t", "status": if live { "accepted" } else { "cancelled" },
        "start": format!("2030-01-{:02}T10:00:00.000Z", start + 1), "end": format!("2030-01-{:02}T10:30:00.000Z", start + 1),
        "duration": 30, "hosts": [], "attendees": [], "absentHost": false, "metadata": {"idempotencyKey": "k"},
        "createdAt": format!("2029-12-01T10:00:{:02}.000Z", id.min(59)), "updatedAt": "2029-12-01T10:00:00.000Z",
        "eventTypeId": 1, "location": null, "cancellationReason": "",
    });
    if let Some(series) = series {
        json["recurringBookingUid"] = format!("series-{series}").into();
    }
    let today: types::Booking = serde_json::from_value(json.clone()).unwrap();
    let booking = Booking::from_wire(today, Extra::of(json.to_string().into()));
    Row { booking, seat: seats.map(Into::into) }
}

pub(super) fn refusal(text: &str) -> Error {
    let failure = FailureBuilder::new().message(Some(text.to_owned()));
    if text.contains("querying the database") {
        // Only its text tells what it is.
        return Error::Validation(failure.status(400).build());
    }
    Error::Conflict(failure.status(409).code(ErrorCode::Conflict).build())
}

pub(super) fn broken() -> Error {
    let mut error = Error::Timeout(FailureBuilder::new().build());
    let report = SendReport::new("create_booking", Resend::Unsafe, FailureClass::NoResponse);
    error.failure_mut().set_send_report(report.attempts(1));
    error
}

pub(super) fn once(kind: Kind, wanted: usize, former: Former) -> (Once, Instant) {
    let now = Instant::now();
    let mut once = Once::new(kind, Some(wanted), Timing::of(&crate::service::Settings::default()), former, now);
    once.sees(true);
    (once, now)
}

pub(super) fn saw(rows: Vec<Row>) -> Result<Sight, Error> {
    Ok(Sight { rows, ..Sight::default() })
}

/// Looks at what is always the same until it is told something else, and says when.
pub(super) fn looks_until(once: &mut Once, mut now: Instant, sight: &Sight) -> (Instant, Step) {
    for _ in 0..100 {
        match once.next(now).step {
            Step::Look { at, .. } => {
                let began = at;
                now = at + Duration::from_millis(10);
                once.looked(began, now, Ok(sight.clone()));
            }
            step => return (now, step),
        }
    }
    panic!("it looks for ever");
}

pub(super) fn is_send(step: &Step) -> bool {
    matches!(step, Step::Send { .. })
}

#[test]
fn a_plain_booking_is_not_looked_for_longer_than_any_other() {
    let mut settings = crate::service::Settings::default();
    (settings.settle, settings.resend_plain) = (Duration::from_secs(2), Duration::from_secs(9));
    let Timing { settle, plain } = Timing::of(&settings);
    assert_eq!((settle, plain), (Duration::from_secs(2), Duration::from_secs(2)));
    settings.resend_plain = Duration::from_secs(1);
    assert_eq!(Timing::of(&settings).plain, Duration::from_secs(1));
}

#[test]
fn a_new_key_is_sent_without_a_look_and_an_answer_ends_it() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Never);
    assert!(is_send(&once.next(now).step));
    once.sending(now);
    once.sent(now, Sent::Made(vec![row(1, 0, None, None, true)]));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Booked { found: false, .. })));
}

/// A booking that bears the key, and is of other content.
pub(super) fn of_other_content() -> Booking {
    row(99, 5, None, None, true).booking
}

#[test]
fn a_key_that_stands_on_other_content_is_refused_when_nothing_under_way_can_stand_beside_it() {
    let used = Sight { used_for: Some(of_other_content()), ..Sight::default() };
    for (former, sends) in
        [(Former::Never, true), (Former::Perhaps, true), (Former::Perhaps, false), (Former::Died, false)]
    {
        let (mut once, began) = once(Kind::Pending, 1, former);
        if sends {
            once.sending(began);
            once.sent(began, Sent::Lost(None));
        }
        once.looked(began, began, Ok(used.clone()));
        assert!(matches!(once.next(began).step, Step::Look { .. }), "{former:?}: own work may still come");
        assert!(once.at_deadline(began).is_none(), "{former:?}");
        let (then, step) = looks_until(&mut once, began, &used);
        assert!(matches!(step, Step::Finish(Verdict::Used(_))), "{former:?}: {step:?}");
        assert!(then.duration_since(began) >= Duration::from_secs(6), "{former:?}");
        once.looked(then, then, saw(vec![row(1, 0, None, None, true)]));
        assert!(matches!(once.next(then).step, Step::Finish(Verdict::Booked { .. })), "{former:?}");
    }
    let (mut once, now) = once(Kind::Plain, 1, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
    once.looked(now, now, Ok(used));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Used(_))), "nothing of a new key is open");
}

#[test]
fn a_key_that_was_used_long_ago_is_refused_at_once_unless_an_own_attempt_is_open() {
    let used = Sight { used_for: Some(of_other_content()), ..Sight::default() };
    for open in [false, true] {
        let (mut once, began) = once(Kind::Pending, 1, Former::Perhaps);
        if open {
            once.sending(began);
            once.sent(began, Sent::Lost(None));
        }
        once.looked(began, began, Ok(used.clone()));
        assert!(once.used_for().is_some());
        once.used_long_ago();
        let (then, step) = looks_until(&mut once, began, &used);
        assert!(matches!(step, Step::Finish(Verdict::Used(_))), "{step:?}");
        assert_eq!(then.duration_since(began) >= Duration::from_secs(3), open);
    }
}

#[test]
fn a_booking_that_could_not_be_read_is_read_again_after_each_look_and_not_booked_beside() {
    let (mut once, mut now) = once(Kind::Plain, 1, Former::Perhaps);
    once.hint(&"uid-1".into());
    for _ in 0..20 {
        let Step::Read(uid) = once.next(now).step else { panic!("it is not read") };
        once.unread(&uid, broken());
        assert!(once.trouble().is_some());
        let Step::Look { at, .. } = once.next(now).step else { panic!("it is read without a pause") };
        now = at + Duration::from_millis(10);
        once.looked(at, now, saw(Vec::new()));
    }
    assert!(once.at_deadline(now).is_none());
    let Step::Read(uid) = once.next(now).step else { panic!("it is forgotten") };
    once.read(&uid, vec![row(1, 0, None, None, true)]);
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Booked { found: true, .. })));
}

#[test]
fn the_one_that_stands_in_the_place_of_a_double_is_read_again_if_it_could_not_be_read() {
    let (mut once, now) = once(Kind::Pending, 1, Former::Perhaps);
    let mut double = row(2, 0, None, None, false);
    double.booking.cancellation_reason = Some(Why::Twice.reason(Some(&"uid-1".into())));
    once.looked(now, now, saw(vec![double.clone()]));
    let Step::Read(uid) = once.next(now).step else { panic!("it is not read") };
    once.unread(&uid, broken());
    let Step::Look { at, .. } = once.next(now).step else { panic!("it is read without a pause") };
    once.looked(at, at, Err(broken()));
    let Step::Read(uid) = once.next(at).step else { panic!("it is forgotten") };
    once.read(&uid, vec![row(1, 0, None, None, true)]);
    assert!(matches!(once.next(at).step, Step::Finish(Verdict::Booked { .. })));
    once.looked(at, at, saw(vec![double]));
    assert!(!matches!(once.next(at).step, Step::Read(_)), "what was read is not read for ever");
}

#[test]
fn a_check_that_keeps_an_own_key_from_being_sent_denies_nothing_before_the_settling_time_unless_it_is_about_the_content()
 {
    let content = Problem::invalid("timeZone", "is none");
    for (problem, at_least, shows) in [(Problem::InPast, 3, false), (content, 0, false), (Problem::InPast, 0, true)] {
        let (once, began) = once(Kind::Plain, 1, Former::Perhaps);
        let mut once = once.blocked(vec![problem.clone()]);
        if shows {
            once.looked(began, began, saw(Vec::new()));
            once.looked(began, began, saw(vec![row(1, 0, None, None, true)]));
        }
        let (then, step) = looks_until(&mut once, began, &Sight::default());
        match step {
            Step::Finish(Verdict::Booked { .. }) => assert!(shows),
            Step::Finish(Verdict::Blocked(problems)) => assert!(!shows && problems == [problem]),
            step => panic!("{step:?}"),
        }
        assert!(then.duration_since(began) >= Duration::from_secs(at_least), "{:?}", then.duration_since(began));
    }
}

#[test]
fn a_lease_is_no_proof_that_nothing_stands_under_a_callers_own_key() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Perhaps);
    once.sees(false);
    once.alone(true);
    once.looked(now, now, saw(Vec::new()));
    assert!(is_send(&once.next(now).step));
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
    once.looked(now, now, saw(Vec::new()));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Unknowable)));
}

#[test]
fn a_callers_own_key_is_looked_up_once_before_it_is_sent() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Perhaps);
    assert!(matches!(once.next(now).step, Step::Look { .. }));
    once.looked(now, now, saw(Vec::new()));
    assert!(is_send(&once.next(now).step));
}

#[test]
fn what_the_key_has_booked_before_is_found_and_not_sent() {
    let (mut once, now) = once(Kind::Pending, 1, Former::Perhaps);
    once.looked(now, now, saw(vec![row(1, 0, None, None, true)]));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Booked { found: true, .. })));
}

#[test]
fn a_key_that_was_called_off_is_spent() {
    let (mut once, now) = once(Kind::Pending, 1, Former::Perhaps);
    once.looked(now, now, saw(vec![row(1, 0, None, None, false)]));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::CalledOff(_))));
}

#[test]
fn a_lost_plain_booking_is_sent_again_after_a_second_and_any_other_after_the_settling_time() {
    for (kind, rows, at_least) in
        [(Kind::Plain, 1, 1), (Kind::Pending, 1, 3), (Kind::Seated, 1, 3), (Kind::Series, 4, 3)]
    {
        let (mut once, now) = once(kind, rows, Former::Never);
        once.sending(now);
        once.sent(now, Sent::Lost(None));
        let (then, step) = looks_until(&mut once, now, &Sight::default());
        assert!(is_send(&step), "{kind:?}: {step:?}");
        let waited = then.duration_since(now);
        assert!(
            waited >= Duration::from_secs(at_least) && waited < Duration::from_secs(at_least + 2),
            "{kind:?}: {waited:?}"
        );
    }
}

#[test]
fn the_settling_time_does_not_run_while_the_service_does_not_answer() {
    let (mut once, mut now) = once(Kind::Pending, 1, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Lost(None));
    for _ in 0..10 {
        let Step::Look { at, .. } = once.next(now).step else { panic!("it concludes from silence") };
        now = at + Duration::from_secs(2);
        once.looked(at, now, Err(broken()));
    }
    let (then, step) = looks_until(&mut once, now, &Sight::default());
    assert!(is_send(&step));
    assert!(then.duration_since(now) >= Duration::from_millis(1500), "{:?}", then.duration_since(now));
}

#[test]
fn a_refusal_is_believed_at_once_where_no_attempt_is_open_and_looked_at_where_it_may_be_our_own() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("No such thing, really")));
    assert!(matches!(once.next(now).step, Step::Look { .. }));
    once.looked(now, now, saw(Vec::new()));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Refused(_))));
}

#[test]
fn a_refusal_after_a_lost_attempt_is_not_believed_before_the_settling_time() {
    let (mut once, first) = once(Kind::Plain, 1, Former::Never);
    once.sending(first);
    once.sent(first, Sent::Lost(None));
    let (now, _) = looks_until(&mut once, first, &Sight::default());
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
    let (then, step) = looks_until(&mut once, now, &Sight::default());
    assert!(matches!(step, Step::Finish(Verdict::Refused(_))));
    assert!(then.duration_since(first) >= Duration::from_secs(3));
    assert!(then.duration_since(now) >= Duration::from_secs(1));
}

#[test]
fn a_rival_who_has_the_time_of_a_plain_booking_ends_the_waiting() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Lost(None));
    let (now, _) = looks_until(&mut once, now, &Sight::default());
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
    assert!(matches!(once.next(now).step, Step::Look { wide: true, .. }));
    once.looked(now, now, Ok(Sight { rival: true, rival_at_start: true, ..Sight::default() }));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Refused(_))));
}

#[test]
fn who_cannot_see_the_booking_never_tells_a_refusal_after_a_lost_attempt() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Never);
    once.sees(false);
    once.sending(now);
    once.sent(now, Sent::Lost(None));
    let (now, step) = looks_until(&mut once, now, &Sight::default());
    assert!(is_send(&step));
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
    let Step::Look { at, .. } = once.next(now).step else { panic!("it concludes without a look") };
    once.looked(at, at, saw(Vec::new()));
    for _ in 0..50 {
        match once.next(at).step {
            Step::Look { at: next, .. } => once.looked(next, next, saw(Vec::new())),
            Step::Finish(Verdict::Unknowable) => break,
            step => panic!("it concludes from an empty list: {step:?}"),
        }
    }
    assert!(once.at_deadline(now).is_none());
}

#[test]
fn a_series_that_still_grows_is_waited_for_and_one_that_does_not_is_withdrawn() {
    let rows = |n: usize| (0..n).map(|at| row(at, at, Some(1), None, true)).collect::<Vec<_>>();
    let (mut once, mut now) = once(Kind::Series, 4, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Lost(None));
    for n in 1..4 {
        let Step::Look { at, .. } = once.next(now).step else { panic!("it does not wait") };
        now = at.max(now) + Duration::from_millis(1500);
        once.looked(now, now, saw(rows(n)));
    }
    let (_, step) = looks_until(&mut once, now, &Sight { rows: rows(3), ..Sight::default() });
    let Step::Withdraw { rows: torn, why: Why::Torn, .. } = step else { panic!("{step:?}") };
    assert_eq!(torn.len(), 3);
}

#[test]
fn the_part_of_a_series_before_a_conflict_is_withdrawn_at_once() {
    let (mut once, now) = once(Kind::Series, 4, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
    let part = vec![row(0, 0, Some(1), None, true), row(1, 1, Some(1), None, true)];
    once.looked(now, now, saw(part.clone()));
    assert!(matches!(once.next(now).step, Step::Withdraw { why: Why::Torn, .. }));
    once.withdrew(now, &part, Why::Torn, None);
    let gone = vec![row(0, 0, Some(1), None, false), row(1, 1, Some(1), None, false)];
    once.looked(now, now, saw(gone));
    assert!(matches!(once.next(now).step, Step::Finish(Verdict::Refused(_))));
}

#[test]
fn a_series_of_which_somebody_called_one_occurrence_off_is_whole() {
    let (mut once, now) = once(Kind::Series, 4, Former::Perhaps);
    let rows = (0..4).map(|at| row(at, at, Some(1), None, at != 2)).collect();
    once.looked(now, now, saw(rows));
    let Step::Finish(Verdict::Booked { rows, .. }) = once.next(now).step else { panic!() };
    assert_eq!(rows.len(), 3);
}

#[test]
fn of_two_the_younger_is_withdrawn_whoever_looks_and_in_whatever_order() {
    let (old, young) = (row(1, 0, None, None, true), row(2, 0, None, None, true));
    for rows in [vec![old.clone(), young.clone()], vec![young.clone(), old.clone()]] {
        let (mut once, now) = once(Kind::Pending, 1, Former::Died);
        once.looked(now, now, saw(rows));
        let Step::Withdraw { rows, why: Why::Twice, .. } = once.next(now).step else { panic!() };
        assert_eq!(rows.iter().map(Row::name).collect::<Vec<_>>(), [young.name()]);
    }
}

#[test]
fn of_two_series_that_ran_into_each_other_one_whole_one_is_kept() {
    let mut rows: Vec<Row> = (0..4).map(|at| row(at, at, Some(1), None, true)).collect();
    rows.extend([row(10, 0, Some(2), None, true), row(11, 2, Some(2), None, true)]);
    let (mut once, now) = once(Kind::PendingSeries, 4, Former::Died);
    let (then, step) = looks_until(&mut once, now, &Sight { rows, ..Sight::default() });
    let Step::Withdraw { rows, why: Why::Twice, .. } = step else { panic!("{step:?}") };
    assert!(then.duration_since(now) >= Duration::from_secs(3), "one of them may still grow");
    assert_eq!(rows.iter().map(|row| row.booking.id.0).collect::<Vec<_>>(), [10, 11]);
}

#[test]
fn a_seat_that_two_wanted_at_once_is_sent_for_again_and_not_for_ever() {
    let (mut once, mut now) = once(Kind::Seated, 1, Former::Never);
    let mut sends = 0;
    loop {
        match once.next(now).step {
            Step::Send { at } => {
                now = at;
                sends += 1;
                once.sending(now);
                once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
            }
            Step::Look { at, .. } => once.looked(at, at, saw(Vec::new())),
            Step::Finish(Verdict::Refused(_)) => break,
            step => panic!("{step:?}"),
        }
    }
    assert_eq!(sends, SEAT_TRIES);
}

#[test]
fn a_future_that_was_dropped_in_mid_request_goes_on_as_lost() {
    let (mut once, now) = once(Kind::Plain, 1, Former::Never);
    assert!(is_send(&once.next(now).step));
    once.sending(now);
    assert!(matches!(once.next(now).step, Step::Look { .. }));
    assert!(once.evidence().open_since().is_some());
}

#[test]
fn reconciling_never_sends_and_ends_where_nothing_comes() {
    let (once, now) = once(Kind::Pending, 1, Former::Died);
    let mut once = once.only_looks();
    let (then, step) = looks_until(&mut once, now, &Sight::default());
    assert!(matches!(step, Step::Finish(Verdict::NothingBooked)));
    assert!(then.duration_since(now) >= Duration::from_secs(3));
}

#[test]
fn after_it_was_sent_again_a_success_is_looked_at_before_it_is_told() {
    let (mut once, now) = once(Kind::Pending, 1, Former::Never);
    once.sending(now);
    once.sent(now, Sent::Lost(None));
    let (now, _) = looks_until(&mut once, now, &Sight::default());
    once.sending(now);
    let (first, second) = (row(1, 0, None, None, true), row(2, 0, None, None, true));
    once.sent(now, Sent::Made(vec![second.clone()]));
    assert!(matches!(once.next(now).step, Step::Look { .. }));
    once.looked(now, now, saw(vec![first, second]));
    assert!(matches!(once.next(now).step, Step::Withdraw { why: Why::Twice, .. }));
}
