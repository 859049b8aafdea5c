//! The checks before anything is sent. They return all problems together, each with its field. Each rule prevents a
//! recorded refusal, or a booking that differs from what was asked for.

mod answers;
mod attendee;
mod location;
mod time;

use jiff::Timestamp;

use super::{IdempotencyKey, Problem, event_type::EventTypeRules, problem::key_field};
use crate::model::CreateBooking;

/// Checks what needs no event type: the attendee, the form, the key.
pub(crate) fn content(request: &CreateBooking, key: &IdempotencyKey) -> Vec<Problem> {
    let mut problems = Vec::new();
    if request.reschedule_uid.is_some() {
        problems.push(Problem::invalid("rescheduleUid", "is for `Service::reschedule`"));
    }
    attendee::check(request, &mut problems);
    if let Some(message) = key.problem() {
        // The check of metadata reports the same field in less detail.
        problems.retain(|problem| problem.field() != Some(&key_field()));
        problems.insert(0, Problem::invalid(key_field(), message));
    }
    problems
}

/// Checks against what the event type requires and offers.
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
