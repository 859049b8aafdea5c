//! What can be known before anything is sent: all problems at once, each naming its field. Every rule here prevents a
//! refusal that was recorded, or a booking that would not be what was asked for.

mod answers;
mod person;
mod place;
mod time;

use jiff::Timestamp;

use super::{IdempotencyKey, Problem, event_type::Rules, problem::key_field};
use crate::model::CreateBooking;

/// What needs no event type: the person, the form, the key.
pub(crate) fn person(wire: &CreateBooking, key: &IdempotencyKey) -> Vec<Problem> {
    let mut problems = Vec::new();
    if wire.reschedule_uid.is_some() {
        problems.push(Problem::invalid("rescheduleUid", "is for `Service::reschedule`"));
    }
    person::check(wire, &mut problems);
    if let Some(message) = key.problem() {
        // The form of metadata says the same of it, less exactly.
        problems.retain(|problem| problem.field() != Some(&key_field()));
        problems.insert(0, Problem::invalid(key_field(), message));
    }
    problems
}

/// What the event type asks for and offers.
pub(crate) fn event_type(wire: &CreateBooking, rules: &Rules, now: Timestamp) -> Vec<Problem> {
    let mut problems = Vec::new();
    time::check(wire, rules, now, &mut problems);
    time::length(wire, rules, &mut problems);
    time::recurrence(wire, rules, &mut problems);
    answers::check(wire, rules, &mut problems);
    place::check(wire, rules, &mut problems);
    if !rules.guests && !wire.responses.guests.is_empty() {
        problems.push(Problem::invalid("responses.guests", "the event type takes no guests"));
    }
    problems
}
