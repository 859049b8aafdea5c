//! A booking and those who come to it.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Where a booking stands. Past is not a status: it is `Accepted` and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Accepted,
    Cancelled,
    Rejected,
}

impl Status {
    pub(crate) fn lower(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }

    pub(crate) fn upper(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Cancelled => "CANCELLED",
            Self::Rejected => "REJECTED",
        }
    }

    /// Accepted or pending: somebody still means to come.
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Booking {
    pub(crate) id: i64,
    pub(crate) uid: String,
    pub(crate) event_type: i64,
    pub(crate) host: i64,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) status: Status,
    pub(crate) location: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) attendees: Vec<Attendee>,
    /// What the booker answered, name and e-mail included.
    pub(crate) responses: Map<String, Value>,
    pub(crate) seated: bool,
    /// The series it belongs to.
    pub(crate) recurring: Option<String>,
    pub(crate) cancellation_reason: Option<String>,
    pub(crate) cancelled_by: Option<String>,
    pub(crate) rejection_reason: Option<String>,
    pub(crate) rescheduling_reason: Option<String>,
    /// On the new booking and on the old one.
    pub(crate) rescheduled_by: Option<String>,
    pub(crate) from_uid: Option<String>,
    pub(crate) to_uid: Option<String>,
    pub(crate) absent_host: bool,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) ics_uid: String,
}

/// Somebody who comes: the booker, a guest, or one seat of a seated booking.
#[derive(Clone, Debug)]
pub(crate) struct Attendee {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) time_zone: String,
    pub(crate) language: String,
    pub(crate) phone: Option<String>,
    pub(crate) absent: bool,
    pub(crate) seat: Option<Seat>,
}

/// One taken seat.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) uid: String,
    pub(crate) responses: Map<String, Value>,
    pub(crate) metadata: Map<String, Value>,
}

impl Booking {
    pub(crate) fn minutes(&self) -> i64 {
        (self.end.as_second() - self.start.as_second()) / 60
    }

    pub(crate) fn overlaps(&self, start: Timestamp, end: Timestamp) -> bool {
        self.start < end && start < self.end
    }

    pub(crate) fn attendee_of_seat(&self, seat_uid: &str) -> Option<&Attendee> {
        self.attendees.iter().find(|a| a.seat.as_ref().is_some_and(|seat| seat.uid == seat_uid))
    }

    pub(crate) fn taken_seats(&self) -> usize {
        self.attendees.iter().filter(|a| a.seat.is_some()).count()
    }

    /// The addresses after the booker's that the booker named.
    pub(crate) fn guests(&self) -> Vec<Value> {
        self.responses.get("guests").and_then(Value::as_array).cloned().unwrap_or_default()
    }
}
