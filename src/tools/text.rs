//! Texts for a model: what happened, and what to do next.

use std::fmt::Write;

use jiff::{ZonedDateTime, tz::TimeZone};

use super::{names, reply::ToolReply};
use crate::{
    Error,
    model::{Booking, BookingStatus},
    service::{NotDone, Problem},
};

const OFFERED: &str = "Use the number of an event type that is offered.";

/// Whether two spellings are one address.
pub(super) fn same_address(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// A time with its offset, which the tools take back.
pub(super) fn time(at: &ZonedDateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Uid, state and time of a booking, without names, addresses and title.
pub(super) fn booking(booking: &Booking, zone: &TimeZone) -> String {
    let at = |instant: jiff::Timestamp| time(&instant.to_zoned_datetime(zone.clone()));
    let state = match booking.status {
        BookingStatus::Accepted => "takes place",
        BookingStatus::Pending => "waits for the host's confirmation",
        BookingStatus::Cancelled if booking.rescheduled_to_uid().is_some() => "was moved to another time",
        BookingStatus::Cancelled => "is cancelled",
        BookingStatus::Rejected => "was declined by the host",
        _ => "is in a state that these tools do not know",
    };
    format!("Appointment {}, from {} to {}, {state}.", booking.uid, at(booking.start_time), at(booking.end_time))
}

/// The reply to a call that failed before anything was known to be done.
pub(super) fn failure(error: &Error) -> ToolReply {
    let advice = match error {
        Error::NotFound(_) => "There is no such appointment or event type. Check the number or uid.",
        Error::Authentication(_) | Error::Permission(_) => {
            "The assistant may not do this. Tell the person that it has to be done another way."
        }
        Error::RateLimit(_) => "Too many requests. Try the same call again in a minute.",
        Error::Validation(_) => "Correct the argument that is named, and call again.",
        error if error.is_retryable() => "Try the same call again in a moment.",
        _ => "Tell the person that the calendar cannot be reached now.",
    };
    ToolReply::failed(format!("{error}. {advice}"))
}

/// The reply if the calendar takes too long to answer a question.
pub(super) fn no_answer() -> ToolReply {
    ToolReply::failed("The calendar has not answered in time. Try the same call again in a moment.")
}

/// The reply to a change that is not made: what was not done, why, and what to do next.
pub(super) fn not_done(what: &str, why: &NotDone, zone: &TimeZone) -> ToolReply {
    let reasons: Vec<String> = why.problems.iter().map(reason).collect();
    let mut text = format!("{what}: {}. {}", reasons.join("; "), advice(why));
    if !why.next_free.is_empty() {
        let times: Vec<String> =
            why.next_free.iter().map(|slot| time(&slot.start.with_time_zone(zone.clone()))).collect();
        // Writing to a String cannot fail.
        let _ = write!(text, " The next free times are {}.", times.join(", "));
    }
    ToolReply::failed(text)
}

/// A reason in the words of the tools: with their arguments, and without the key, which is not the model's.
pub(super) fn reason(problem: &Problem) -> String {
    match problem {
        Problem::KeyUsed { .. } => "it was booked before, with other details".to_owned(),
        Problem::MissingField { slug } => format!("{}: is required by the host", argument(slug).unwrap_or(slug)),
        Problem::InvalidField { field, message } => format!("{}: {message}", argument(field).unwrap_or(field)),
        other => other.to_string(),
    }
}

/// The argument of the tools that a field of a booking is.
fn argument(field: &str) -> Option<&'static str> {
    Some(match field.strip_prefix("responses.").unwrap_or(field) {
        "name" => "name",
        "email" => "email",
        "phone" | "attendeePhoneNumber" => "phone",
        "notes" => "notes",
        "start" => "start",
        "timeZone" => "timeZone",
        "cancellationReason" | "rescheduleReason" => "reason",
        _ => return None,
    })
}

/// The arguments that the problems are about.
fn arguments(problems: &[Problem]) -> Vec<String> {
    let about = problems.iter().filter_map(|problem| match problem {
        Problem::MissingField { slug: field } | Problem::InvalidField { field, .. } => argument(field),
        _ => None,
    });
    about.map(|argument| format!("`{argument}`")).collect()
}

fn advice(why: &NotDone) -> String {
    let arguments = arguments(&why.problems);
    match why.problem() {
        Problem::MissingField { slug: field } | Problem::InvalidField { field, .. }
            if arguments.len() > 1 && argument(field).is_some() =>
        {
            format!("Ask the person for them, and call again with {}.", arguments.join(", "))
        }
        problem if problem.is_about_time() => {
            format!("Call {} and offer the person another time.", names::FIND_SLOTS)
        }
        Problem::AlreadyBooked => {
            "The person has an appointment at this time already. Ask whether it should be moved.".to_owned()
        }
        Problem::AttendeeLimit => "The person has to cancel or move an earlier appointment first.".to_owned(),
        Problem::InvalidField { field, .. } if field == "eventTypeId" => OFFERED.to_owned(),
        Problem::MissingField { slug } => match argument(slug) {
            Some(argument) => format!("Ask the person for it, and call again with `{argument}`."),
            None => format!("The host requires an answer to `{slug}`, which these tools cannot give. Tell the person."),
        },
        Problem::InvalidField { field, .. } => match argument(field) {
            Some(argument) => format!("Ask the person for the right value, and call again with `{argument}`."),
            None => "Tell the person that it has to be done another way.".to_owned(),
        },
        Problem::CalledOff | Problem::KeyUsed { .. } => {
            "This appointment was booked and called off. If it is still wanted, choose another time.".to_owned()
        }
        Problem::NoSuchEventType => OFFERED.to_owned(),
        Problem::NoSuchBooking => "Check the uid.".to_owned(),
        Problem::Cancelled | Problem::Declined => "Book a new appointment if one is wanted.".to_owned(),
        Problem::MovedOn => {
            format!("Call {} to learn its present time.", names::LOOK_UP)
        }
        Problem::NotSent => "Try the same call again in a moment.".to_owned(),
        _ => "Tell the person that it has to be done another way.".to_owned(),
    }
}

/// The reply if it is not known whether a change was made.
pub(super) fn unknown(what: &str) -> ToolReply {
    ToolReply::failed(format!(
        "It is not known yet whether {what}. Do not tell the person that it failed, and do not choose another time. Repeat the \
         same call with the same arguments in a moment: it will find out, and nothing is done twice."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_the_tools_cannot_answer_is_not_asked_of_the_person() {
        let invalid = |field: &str| Problem::InvalidField { field: field.to_owned(), message: "is wrong".to_owned() };
        let question = Problem::MissingField { slug: "insurance".to_owned() };
        let problems = vec![question, invalid("responses.name"), invalid("responses.email")];
        let why = NotDone { problems, error: None, booking: None, next_free: Vec::new() };
        let reply = not_done("Not booked", &why, &TimeZone::UTC);
        let advice = "The host requires an answer to `insurance`, which these tools cannot give. Tell the person.";
        assert!(reply.is_error && reply.text.ends_with(advice), "{}", reply.text);
    }
}
