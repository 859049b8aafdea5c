use super::*;

/// Every problem with its field, whether another time may succeed, whether the same call may succeed later, and whether
/// it needs a new key.
fn table() -> Vec<(Problem, Option<&'static str>, bool, bool, bool)> {
    let (start, key) = (Some("start"), "k".to_owned());
    vec![
        (Problem::SlotTaken, start, true, false, false),
        (Problem::OutOfHours, start, true, false, false),
        (Problem::NotAvailable, start, true, false, false),
        (Problem::Reserved, start, true, true, false),
        (Problem::SeatsFull, start, true, false, false),
        (Problem::AlreadyBooked, start, false, false, false),
        (Problem::InPast, start, true, false, false),
        (Problem::OutsideWindow, start, true, false, false),
        (Problem::missing("topic"), Some("topic"), false, false, false),
        (Problem::invalid("timeZone", "is unknown"), Some("timeZone"), false, false, false),
        (Problem::invalid(key_field(), "is too long"), Some("metadata.idempotencyKey"), false, false, true),
        (Problem::CalledOff, None, false, false, true),
        (Problem::MovedOn, None, false, false, false),
        (Problem::Cancelled, None, false, false, true),
        (Problem::Declined, None, false, false, true),
        (Problem::AlreadyConfirmed, None, false, false, false),
        (Problem::KeyUsed { key }, Some("metadata.idempotencyKey"), false, false, true),
        (Problem::BookingLimit, start, true, false, false),
        (Problem::DurationLimit, start, true, false, false),
        (Problem::AttendeeLimit, Some("responses.email"), false, false, false),
        (Problem::NoSuchEventType, Some("eventTypeId"), false, false, false),
        (Problem::NoSuchBooking, None, false, false, false),
        (Problem::NoSuchSeat, Some("seatUid"), false, false, false),
        (Problem::NotSent, None, false, true, false),
        (Problem::NothingBooked, None, false, false, false),
        (Problem::NotAllowed, None, false, false, false),
        (Problem::Other, None, false, false, false),
    ]
}

#[test]
fn each_problem_says_what_the_caller_may_do() {
    for (problem, field, another_time, later, new_key) in table() {
        let said = (problem.field(), problem.is_about_time(), problem.is_temporary(), problem.needs_new_key());
        assert_eq!(said, (field, another_time, later, new_key), "{problem:?}");
    }
}

#[test]
fn the_texts_of_all_problems_are_these() {
    // The compiler reports a variant that is missing here.
    let index = |problem: &Problem| match problem {
        Problem::SlotTaken => 0,
        Problem::OutOfHours => 1,
        Problem::NotAvailable => 2,
        Problem::Reserved => 3,
        Problem::SeatsFull => 4,
        Problem::AlreadyBooked => 5,
        Problem::InPast => 6,
        Problem::OutsideWindow => 7,
        Problem::MissingField { .. } => 8,
        Problem::InvalidField { .. } => 9,
        Problem::CalledOff => 11,
        Problem::MovedOn => 12,
        Problem::Cancelled => 13,
        Problem::Declined => 14,
        Problem::AlreadyConfirmed => 15,
        Problem::KeyUsed { .. } => 16,
        Problem::BookingLimit => 17,
        Problem::DurationLimit => 18,
        Problem::AttendeeLimit => 19,
        Problem::NoSuchEventType => 20,
        Problem::NoSuchBooking => 21,
        Problem::NoSuchSeat => 22,
        Problem::NotSent => 23,
        Problem::NothingBooked => 24,
        Problem::NotAllowed => 25,
        Problem::Other => 26,
    };
    for (at, (problem, ..)) in table().iter().enumerate() {
        assert!(index(problem) == at || at == 10, "{problem:?}");
    }
    let texts: Vec<String> = table().iter().map(|(problem, ..)| problem.to_string()).collect();
    insta::assert_snapshot!(texts.join("\n"));
}
