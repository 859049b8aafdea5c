//! A booking in the answers of `/bookings`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::Time;
use crate::{model::BookingStatus, redact::debug_shows};

/// A booking, in V1's form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Booking {
    /// The number of the booking. V2 finds bookings by uid alone: see [`ids`](crate::v1::ids).
    pub id: i64,
    /// What names it everywhere.
    pub uid: String,
    /// Who hosts it.
    pub user_id: Option<i64>,
    /// Who hosts it.
    pub user: Option<BookingUser>,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// When it starts.
    pub start_time: Time,
    /// When it ends.
    pub end_time: Time,
    /// What was booked.
    pub event_type_id: Option<i64>,
    /// What was booked.
    pub event_type: Option<BookingEventType>,
    /// Who comes.
    #[serde(default)]
    pub attendees: Vec<Attendee>,
    /// Where it stands.
    pub status: BookingStatus,
    /// What the booker stored; `videoCallUrl` is the link of the meeting.
    pub metadata: Option<Map<String, Value>>,
    /// The answers to the booking form, by slug.
    pub responses: Option<Map<String, Value>>,
    /// Its payments. V2 tells none.
    #[serde(default)]
    pub payment: Vec<Value>,
    /// The uid of the booking that this one replaced.
    pub from_reschedule: Option<String>,
    /// The e-mail address of who cancelled it.
    pub cancelled_by: Option<String>,
    /// The e-mail address of who moved it.
    pub rescheduled_by: Option<String>,
    /// Never told.
    pub time_zone: Option<String>,
    /// When it was made.
    pub created_at: Time,
}

debug_shows!(Booking { id, uid, user_id, start_time, end_time, event_type_id, status, created_at });

/// Who hosts a booking.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BookingUser {
    /// The e-mail address; V1's answer to booking hides it.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// An IANA name.
    pub time_zone: Option<String>,
    /// A language.
    pub locale: Option<String>,
}

debug_shows!(BookingUser { time_zone, locale });

/// What was booked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BookingEventType {
    /// The title of the event type.
    pub title: Option<String>,
    /// Its slug.
    pub slug: Option<String>,
    /// The team whose it is.
    pub team: Option<Value>,
}

/// Who comes to a booking.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attendee {
    /// The number of the attendee.
    pub id: Option<i64>,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// An IANA name.
    pub time_zone: String,
    /// A language.
    pub locale: Option<String>,
}

debug_shows!(Attendee { id, time_zone, locale });

/// The answer to booking: the booking, and what V1's handler added.
///
/// Written bare, as V1 answered; read bare or under `booking`, as V1's guide showed it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedBooking {
    /// The booking.
    #[serde(flatten)]
    pub booking: Booking,
    /// Whether a payment is due. V2 does not tell.
    pub payment_required: bool,
    /// Round-robin hosts that were chosen. V2 does not tell.
    pub lucky_users: Vec<i64>,
    /// Whether nothing was booked after all.
    pub is_dry_run: bool,
    /// What the booking became in calendars. V2 tells it on a route of its own.
    pub references: Vec<Value>,
    /// The seat that was taken.
    pub seat_reference_uid: Option<String>,
    /// The link of the meeting.
    pub video_call_url: Option<String>,
}

impl<'de> Deserialize<'de> for CreatedBooking {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Bare {
            #[serde(flatten)]
            booking: Booking,
            #[serde(default)]
            payment_required: bool,
            #[serde(default)]
            lucky_users: Vec<i64>,
            #[serde(default)]
            is_dry_run: bool,
            #[serde(default)]
            references: Vec<Value>,
            seat_reference_uid: Option<String>,
            video_call_url: Option<String>,
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Wrapped { booking: Box<Bare> },
            Bare(Box<Bare>),
        }

        let (Either::Wrapped { booking: bare } | Either::Bare(bare)) = Either::deserialize(deserializer)?;
        Ok(Self {
            booking: bare.booking,
            payment_required: bare.payment_required,
            lucky_users: bare.lucky_users,
            is_dry_run: bare.is_dry_run,
            references: bare.references,
            seat_reference_uid: bare.seat_reference_uid,
            video_call_url: bare.video_call_url,
        })
    }
}
