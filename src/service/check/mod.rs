//! What can be known before anything is sent: all problems at once, each naming its field. Every rule here prevents a
//! refusal that was recorded, or a booking that would not be what was asked for.

mod answers;
mod attendee;
mod location;
mod time;

use jiff::Timestamp;

use super::{IdempotencyKey, Problem, event_type::EventTypeRules, problem::key_field};
use crate::model::CreateBooking;

/// What needs no event type: the person, the form, the key.
pub(crate) fn content(request: &CreateBooking, key: &IdempotencyKey) -> Vec<Problem> {
    let mut problems = Vec::new();
    if request.reschedule_uid.is_some() {
        problems.push(Problem::invalid("rescheduleUid", "is for `Service::reschedule`"));
    }
    attendee::check(request, &mut problems);
    if let Some(message) = key.problem() {
        // The form of metadata says the same of it, less exactly.
        problems.retain(|problem| problem.field() != Some(&key_field()));
        problems.insert(0, Problem::invalid(key_field(), message));
    }
    problems
}

/// What the event type asks for and offers.
pub(crate) fn against_event_type(request: &CreateBooking, rules: &EventTypeRules, now: Timestamp) -> Vec<Problem> {
    let mut problems = Vec::new();
    time::check(request, rules, now, &mut problems);
    time::length(request, rules, &mut problems);
    time::recurrence(request, rules, &mut problems);
    answers::check(request, rules, &mut problems);
    location::check(request, rules, &mut problems);
    if !rules.allows_guests && !request.responses.guests.is_empty() {
        problems.push(Problem::invalid("responses.guests", "the event type takes no guests"));
    }
    problems
}
