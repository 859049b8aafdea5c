//! The reasons why something was not done, in the caller's terms: from the service's recorded texts, or from the checks
//! before anything was sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::IDEMPOTENCY_KEY_FIELD;
use crate::{Error, retry_policy::CallFailure};

/// A reason why something was not done.
///
/// If the service has one text for several reasons, and lookups do not distinguish them, the problem is
/// [`NotAvailable`](Self::NotAvailable).
///
/// | problem | what the caller may do |
/// |---|---|
/// | `SlotTaken`, `OutOfHours`, `NotAvailable`, `SeatsFull`, `InPast`, `OutsideWindow`, `BookingLimit`, `DurationLimit` | ask for another time ([`NotDone::next_free`](super::NotDone::next_free)), under the same key or a new one |
/// | `Reserved` | ask again under the same key when the reservation has ended, or for another time |
/// | `AlreadyBooked` | use the booking in the outcome; if a second one is meant, ask for another time |
/// | `AttendeeLimit` | ask again under the same key when one of the attendee's bookings has been cancelled or is over |
/// | `MissingField`, `InvalidField` | correct the field and ask again, under the same key unless the key is the field |
/// | `NotSent` | ask again under the same key; the outcome's error says when |
/// | `NothingBooked` | [`book`](super::Service::book) it under the same key, or give it up |
/// | `CalledOff`, `KeyUsed`, `Cancelled`, `Declined` | if it is still wanted, book it under a new key |
/// | `MovedOn` | use the booking in the outcome |
/// | `AlreadyConfirmed` | cancel it instead of declining it |
/// | `NoSuchEventType`, `NoSuchBooking`, `NoSuchSeat` | correct the id, or use a credential that may see it |
/// | `NotAllowed` | use a credential that may do it |
/// | `Other` | read the outcome's error |
///
/// [`is_about_time`](Self::is_about_time), [`is_temporary`](Self::is_temporary), [`needs_new_key`](Self::needs_new_key)
/// and [`field`](Self::field) return the same to a program.
///
/// ```
/// use calcom::service::Problem;
///
/// assert!(Problem::SlotTaken.is_about_time());
/// assert!(Problem::CalledOff.needs_new_key());
/// assert_eq!(Problem::NoSuchEventType.field(), Some("eventTypeId"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Problem {
    /// Another booking has the time, or that of a later occurrence of the series (409 `booking_conflict_error`, or the
    /// 400 for a time that is not available while another booking has it). It is another attendee's, or this caller may
    /// not see whose it is.
    SlotTaken,
    /// The host does not work at that time.
    OutOfHours,
    /// The time is taken, or outside the hours, or the host is busy elsewhere, or a limit is reached: the service does
    /// not say which.
    NotAvailable,
    /// The time is reserved by another booker (422).
    Reserved,
    /// All seats are taken (409).
    SeatsFull,
    /// The same attendee has another booking at this time: under another key, or of another event type. The outcome
    /// contains it if the service shows it to this caller.
    AlreadyBooked,
    /// The time has passed (400).
    InPast,
    /// Sooner than the event type's notice allows, or later than its booking window.
    OutsideWindow,
    /// The event type requires an answer that is missing.
    MissingField {
        /// The slug of the booking field; the attendee's own are `name`, `email` and `attendeePhoneNumber`.
        slug: String,
    },
    /// A value is invalid.
    InvalidField {
        /// Its place in [`CreateBooking`](crate::model::CreateBooking): `timeZone`, `responses.email`,
        /// `metadata.source`.
        field: String,
        /// What is wrong with it, without the value.
        message: String,
    },
    /// It was booked under this key, and cancelled or declined since. The key is used up.
    CalledOff,
    /// The booking was rescheduled to another time since; the outcome contains the current one.
    MovedOn,
    /// The booking is cancelled.
    Cancelled,
    /// The host has declined the booking.
    Declined,
    /// The booking is confirmed already, and so cannot be declined.
    AlreadyConfirmed,
    /// The idempotency key was used for other content before: another attendee, time or event type, or other answers.
    /// The outcome contains the booking that has it. Nothing was sent.
    KeyUsed {
        /// The key.
        key: String,
    },
    /// The event type's limit on the number of bookings in a day, week, month or year is reached (401
    /// `booking_limit_reached`).
    BookingLimit,
    /// The event type's limit on booked time in a day, week, month or year is reached (401 `duration_limit_reached`).
    DurationLimit,
    /// The attendee has the most active bookings of the event type that one attendee may have (400).
    AttendeeLimit,
    /// There is no such event type, or this caller may not see it.
    NoSuchEventType,
    /// There is no such booking.
    NoSuchBooking,
    /// There is no such seat: it was given back, moved to another booking under another uid, or never existed.
    NoSuchSeat,
    /// The request did not reach the service: no connection, no permit, or no time left.
    NotSent,
    /// Nothing is booked under this key: [`reconcile`](super::Service::reconcile) saw nothing while the service
    /// answered. It was never sent, or never executed.
    NothingBooked,
    /// The credential may not do this.
    NotAllowed,
    /// Another reason; see the outcome's error.
    Other,
}

impl Problem {
    /// The field that is wrong, if there is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::MissingField { slug } => Some(slug),
            Self::InvalidField { field, .. } => Some(field),
            Self::KeyUsed { .. } => Some("metadata.idempotencyKey"),
            Self::AttendeeLimit => Some("responses.email"),
            Self::NoSuchEventType => Some("eventTypeId"),
            Self::NoSuchSeat => Some("seatUid"),
            Self::AlreadyBooked => Some("start"),
            problem if problem.is_about_time() => Some("start"),
            _ => None,
        }
    }

    /// Whether another time may succeed.
    #[must_use]
    pub fn is_about_time(&self) -> bool {
        matches!(
            self,
            Self::SlotTaken
                | Self::OutOfHours
                | Self::NotAvailable
                | Self::Reserved
                | Self::SeatsFull
                | Self::InPast
                | Self::OutsideWindow
                | Self::BookingLimit
                | Self::DurationLimit
        )
    }

    /// Whether the problem passes without a change of the caller's request: `NotSent` and `Reserved`.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::NotSent | Self::Reserved)
    }

    /// Whether nothing can be booked under this key any more: its booking was cancelled, it was used for other content,
    /// or it is invalid.
    #[must_use]
    pub fn needs_new_key(&self) -> bool {
        match self {
            Self::CalledOff | Self::KeyUsed { .. } | Self::Cancelled | Self::Declined => true,
            Self::InvalidField { field, .. } => *field == key_field(),
            _ => false,
        }
    }

    /// Whether it follows from the content, for every call and at every time.
    pub(crate) fn is_about_content(&self) -> bool {
        matches!(self, Self::MissingField { .. } | Self::InvalidField { .. })
    }

    /// Whether the service refused while it was writing the booking, after its own check: 409 in development, a 400
    /// without the reason in production.
    pub(crate) fn is_lost_race(error: &Error) -> bool {
        let text = error.service_message().unwrap_or_default();
        text.contains("booking_conflict_error") || text.contains(REDACTED_MESSAGE)
    }

    /// Whether the service also refuses the second of two identical requests with this, or the rest of a series. A
    /// limit may be reached by the same booking.
    pub(crate) fn may_follow_own_attempt(error: &Error) -> bool {
        let is = |problem: &Self| {
            matches!(
                problem,
                Self::SlotTaken
                    | Self::NotAvailable
                    | Self::AlreadyBooked
                    | Self::SeatsFull
                    | Self::Reserved
                    | Self::BookingLimit
                    | Self::DurationLimit
                    | Self::AttendeeLimit
                    | Self::InPast
                    | Self::OutsideWindow
            )
        };
        matches!(error, Error::Conflict(_)) || Self::from_error(error).iter().any(is)
    }

    pub(crate) fn missing(slug: impl Into<String>) -> Self {
        Self::MissingField { slug: slug.into() }
    }

    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidField { field: field.into(), message: message.into() }
    }

    /// The problems that an error of the service means.
    pub(crate) fn from_error(error: &Error) -> Vec<Self> {
        if let Some(problem) = from_message(error.service_message().unwrap_or_default()) {
            return vec![problem];
        }
        let fields: Vec<Self> =
            error.field_errors().iter().map(|field| from_field(&field.field, &field.message)).collect();
        if !fields.is_empty() {
            return fields;
        }
        vec![match error {
            Error::Authentication(_) | Error::Permission(_) => Self::NotAllowed,
            Error::RateLimit(_) => Self::NotSent,
            Error::Conflict(_) => Self::SlotTaken,
            error if error.attempts() == 0 || error.call_failure() == CallFailure::NotSent => Self::NotSent,
            _ => Self::Other,
        }]
    }
}

/// The place of the idempotency key in the request.
pub(crate) fn key_field() -> String {
    format!("metadata.{IDEMPOTENCY_KEY_FIELD}")
}

/// The text of a server in production for `booking_conflict_error`, and for other failures of its database.
const REDACTED_MESSAGE: &str = "An error occurred while querying the database";

/// The recordings of the texts are `once-*`, `once-concurrent-production`, `bookings-limits`,
/// `bookings-2024-08-13/create-*`, `bookings-2024-08-13/error-*` and `slots/reservation-*`.
fn from_message(text: &str) -> Option<Problem> {
    let has = |part: &str| text.contains(part);
    let problem = if has("booking_limit_reached") {
        Problem::BookingLimit
    } else if has("duration_limit_reached") {
        Problem::DurationLimit
    } else if has("maximum number of active bookings") {
        Problem::AttendeeLimit
    } else if has("event is already booked") || has("booking_conflict_error") {
        Problem::SlotTaken
    } else if has(REDACTED_MESSAGE) || has("no available hosts left") {
        Problem::NotAvailable
    } else if has("already_signed_up_for_this_booking_error") {
        Problem::AlreadyBooked
    } else if has("already has booking at this time or is not available") || has("no_available_users_found_error") {
        Problem::NotAvailable
    } else if has("No more seats left") || has("no more seats left") || has("booking_seats_full_error") {
        Problem::SeatsFull
    } else if has("book a meeting in the past") {
        Problem::InPast
    } else if has("can't be booked at the \"start\" time provided") || has("booking_time_out_of_bounds_error") {
        Problem::OutsideWindow
    } else if has("already reserved by another user") {
        Problem::Reserved
    } else if has("Booking already confirmed") {
        Problem::AlreadyConfirmed
    } else if has("Cancellation reason is required") {
        Problem::missing("cancellationReason")
    } else if has("Missing attendee phone number") {
        Problem::missing("attendeePhoneNumber")
    } else if has("provide seatUid in the request body") {
        Problem::missing("seatUid")
    } else if (has("Seat with uid=") && has("does not exist")) || has("Invalid seatUid") {
        Problem::NoSuchSeat
    } else if has("rescheduled already to booking") {
        Problem::MovedOn
    } else if has("because it has been cancelled") {
        Problem::Cancelled
    } else if has("Event type with id") || has("Event Type not found") {
        Problem::NoSuchEventType
    } else if has("Booking with uid=") && has("not found") {
        Problem::NoSuchBooking
    } else if has("lengthInMinutes") {
        Problem::invalid("lengthInMinutes", "is not a length that the event type offers")
    } else if has("recurrence count is higher") || has("recurrenceCount") {
        Problem::invalid("recurrenceCount", "is more than the event type allows")
    } else {
        return None;
    };
    Some(problem)
}

fn from_field(field: &str, message: &str) -> Problem {
    if message.contains("error_required_field") || message.contains("is required by the event type") {
        return Problem::missing(field);
    }
    // The facade names the fields of the request; this is the slug of a booking field.
    Problem::invalid(if field == "attendeePhoneNumber" { "responses.phone" } else { field }, message)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SlotTaken => "another booking has this time",
            Self::OutOfHours => "outside the host's hours",
            Self::NotAvailable => "the time is not available (taken, closed, host busy, or a limit is reached)",
            Self::Reserved => "another booker has reserved this time",
            Self::SeatsFull => "all seats are taken",
            Self::AlreadyBooked => "the same person has another booking at this time",
            Self::InPast => "the time has gone by",
            Self::OutsideWindow => "too soon, or too far ahead, for this event type",
            Self::MissingField { slug } => return write!(f, "{slug}: is required by the event type"),
            Self::InvalidField { field, message } => return write!(f, "{field}: {message}"),
            Self::CalledOff => "it was booked, and called off since",
            Self::MovedOn => "it was moved to another time since",
            Self::Cancelled => "it is cancelled",
            Self::Declined => "the host has declined it",
            Self::AlreadyConfirmed => "it is confirmed already",
            Self::KeyUsed { key } => return write!(f, "idempotency key {key} was used for another booking"),
            Self::BookingLimit => "the event type takes no more bookings in this period",
            Self::DurationLimit => "the event type takes no more booked time in this period",
            Self::AttendeeLimit => "the attendee has as many active bookings as one person may have",
            Self::NoSuchEventType => "there is no such event type",
            Self::NoSuchBooking => "there is no such booking",
            Self::NoSuchSeat => "there is no such seat",
            Self::NotSent => "nothing reached the service",
            Self::NothingBooked => "nothing is booked under this key",
            Self::NotAllowed => "the credential does not allow it",
            Self::Other => "the service refused it",
        })
    }
}

#[cfg(test)]
mod tests;
