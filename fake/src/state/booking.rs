//! A booking and those who come to it.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Where a booking stands. Past is not a status: it is `Accepted` and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    Accepted,
    Cancelled,
    Rejected,
}

impl Status {
    pub fn lower(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }

    pub fn upper(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Cancelled => "CANCELLED",
            Self::Rejected => "REJECTED",
        }
    }

    /// Accepted or pending: somebody still means to come.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted)
    }
}

#[derive(Clone, Debug)]
pub struct Booking {
    pub id: i64,
    pub uid: String,
    pub event_type: i64,
    pub host: i64,
    pub title: String,
    pub description: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub status: Status,
    pub location: Option<String>,
    pub metadata: Map<String, Value>,
    pub attendees: Vec<Attendee>,
    /// What the booker answered, name and e-mail included.
    pub responses: Map<String, Value>,
    pub seated: bool,
    /// The series it belongs to.
    pub recurring: Option<String>,
    pub cancellation_reason: Option<String>,
    pub cancelled_by: Option<String>,
    pub rejection_reason: Option<String>,
    pub rescheduling_reason: Option<String>,
    /// On the new booking and on the old one.
    pub rescheduled_by: Option<String>,
    pub from_uid: Option<String>,
    pub to_uid: Option<String>,
    pub absent_host: bool,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub ics_uid: String,
}

/// Somebody who comes: the booker, a guest, or one seat of a seated booking.
#[derive(Clone, Debug)]
pub struct Attendee {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub time_zone: String,
    pub language: String,
    pub phone: Option<String>,
    pub absent: bool,
    pub seat: Option<Seat>,
}

/// One taken seat.
#[derive(Clone, Debug)]
pub struct Seat {
    pub uid: String,
    pub responses: Map<String, Value>,
    pub metadata: Map<String, Value>,
}

impl Booking {
    pub fn minutes(&self) -> i64 {
        (self.end.as_second() - self.start.as_second()) / 60
    }

    pub fn overlaps(&self, start: Timestamp, end: Timestamp) -> bool {
        self.start < end && start < self.end
    }

    pub fn attendee_of_seat(&self, seat_uid: &str) -> Option<&Attendee> {
        self.attendees.iter().find(|a| a.seat.as_ref().is_some_and(|seat| seat.uid == seat_uid))
    }

    pub fn taken_seats(&self) -> usize {
        self.attendees.iter().filter(|a| a.seat.is_some()).count()
    }

    /// The addresses after the booker's that the booker named.
    pub fn guests(&self) -> Vec<Value> {
        self.responses.get("guests").and_then(Value::as_array).cloned().unwrap_or_default()
    }
}
