//! Texts for a model: what happened, and what to do next.

use std::fmt::Write;

use jiff::{ZonedDateTime, tz::TimeZone};

use super::{names, reply::ToolReply};
use crate::{
    Error,
    model::{Booking, BookingStatus},
    service::{NotDone, Problem},
};

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

/// The reply to a change that is not made: what was not done, why, and what to do next.
pub(super) fn not_done(what: &str, why: &NotDone, zone: &TimeZone) -> ToolReply {
    let mut text = format!("{what}: {why}. {}", advice(why));
    if !why.next_free.is_empty() {
        let times: Vec<String> =
            why.next_free.iter().map(|slot| time(&slot.start.with_time_zone(zone.clone()))).collect();
        // Writing to a String cannot fail.
        let _ = write!(text, " The next free times are {}.", times.join(", "));
    }
    ToolReply::failed(text)
}

fn advice(why: &NotDone) -> String {
    match why.problem() {
        problem if problem.is_about_time() => {
            format!("Call {} and offer the person another time.", names::FIND_SLOTS)
        }
        Problem::AlreadyBooked => {
            "The person has an appointment at this time already. Ask whether it should be moved.".to_owned()
        }
        Problem::AttendeeLimit => "The person has to cancel or move an earlier appointment first.".to_owned(),
        Problem::MissingField { slug } if slug == "cancellationReason" => {
            "Ask the person for the reason, and call again with `reason`.".to_owned()
        }
        Problem::MissingField { slug } => {
            format!("The host requires an answer to `{slug}`, which these tools cannot give. Tell the person.")
        }
        Problem::InvalidField { .. } => "Ask the person for the right value, and call again.".to_owned(),
        Problem::CalledOff => {
            "This appointment was booked and called off. If it is still wanted, choose another time.".to_owned()
        }
        Problem::NoSuchEventType => "Use the number of an event type that is offered.".to_owned(),
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
