//! Bookings and their attendees.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The status of a booking. A past booking has the status `Accepted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingStatus {
    Pending,
    Accepted,
    Cancelled,
    Rejected,
}

impl BookingStatus {
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

    /// Whether the booking is accepted or pending.
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
    /// The other hosts of a collective booking.
    pub other_hosts: Vec<i64>,
    pub title: String,
    pub description: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub status: BookingStatus,
    pub location: Option<String>,
    pub metadata: Map<String, Value>,
    pub attendees: Vec<Attendee>,
    /// The answers of the booker, name and e-mail address included.
    pub responses: Map<String, Value>,
    pub seated: bool,
    /// The uid of its series.
    pub recurring: Option<String>,
    pub cancellation_reason: Option<String>,
    pub cancelled_by: Option<String>,
    pub rejection_reason: Option<String>,
    pub rescheduling_reason: Option<String>,
    /// Set on the new booking and on the replaced one.
    pub rescheduled_by: Option<String>,
    pub from_uid: Option<String>,
    pub to_uid: Option<String>,
    pub absent_host: bool,
    /// Whether it was cancelled with the request to choose another time.
    pub reschedule_requested: bool,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub ics_uid: String,
}

/// An attendee: the booker, a guest, or the holder of a seat.
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

/// A booked seat.
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

    /// Whether a user holds the meeting.
    pub fn is_held_by(&self, user: i64) -> bool {
        self.host == user || self.other_hosts.contains(&user)
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

    /// The addresses of the guests.
    pub fn guests(&self) -> Vec<Value> {
        self.responses.get("guests").and_then(Value::as_array).cloned().unwrap_or_default()
    }
}
