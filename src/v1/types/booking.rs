//! The responses of `/bookings`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::Time;
use crate::{model::BookingStatus, redact::debug_shows};

/// A booking, in V1's form.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Booking {
    /// The id of the booking. V2 finds bookings by uid only: see [`ids`](crate::v1::ids).
    pub id: i64,
    /// The uid, which both versions use.
    pub uid: String,
    /// The number of the host.
    pub user_id: Option<i64>,
    /// The host.
    pub user: Option<BookingUser>,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// The start.
    pub start_time: Time,
    /// The end.
    pub end_time: Time,
    /// The id of the event type.
    pub event_type_id: Option<i64>,
    /// The event type.
    pub event_type: Option<BookingEventType>,
    /// The attendees.
    #[serde(default)]
    pub attendees: Vec<Attendee>,
    /// The status.
    pub status: BookingStatus,
    /// Free JSON of the request that created the booking. `videoCallUrl` is the link of the meeting.
    pub metadata: Option<Map<String, Value>>,
    /// The answers to the booking form, by slug.
    pub responses: Option<Map<String, Value>>,
    /// The payments. Always empty: V2 does not return them.
    #[serde(default)]
    pub payment: Vec<Value>,
    /// The uid of the booking that this one replaced.
    pub from_reschedule: Option<String>,
    /// The e-mail address of the person who cancelled the booking.
    pub cancelled_by: Option<String>,
    /// The e-mail address of the person who rescheduled the booking.
    pub rescheduled_by: Option<String>,
    /// Always `None`: V1 never stored it.
    pub time_zone: Option<String>,
    /// The time of creation.
    pub created_at: Time,
}

debug_shows!(Booking { id, user_id, start_time, end_time, event_type_id, status, created_at });

/// The host of a booking.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BookingUser {
    /// The e-mail address. The response to `POST /bookings` does not have it.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The IANA name of the time zone.
    pub time_zone: Option<String>,
    /// The language.
    pub locale: Option<String>,
}

debug_shows!(BookingUser { time_zone, locale });

/// The event type of a booking.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BookingEventType {
    /// The title.
    pub title: Option<String>,
    /// The slug.
    pub slug: Option<String>,
    /// The team that owns it.
    pub team: Option<Value>,
}

debug_shows!(BookingEventType { slug });

/// An attendee of a booking.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attendee {
    /// The id of the attendee.
    pub id: Option<i64>,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// The language.
    pub locale: Option<String>,
}

debug_shows!(Attendee { id, time_zone, locale });

/// The response to `POST /bookings`: the booking, and the fields that V1 added.
///
/// It is written without an envelope, as in V1's responses. It is read without an envelope or under `booking`, as in V1's
/// guide.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedBooking {
    /// The booking.
    #[serde(flatten)]
    pub booking: Booking,
    /// Whether a payment is due. Always `false`: V2 does not return it.
    pub payment_required: bool,
    /// The selected round-robin hosts. Always empty: V2 does not return them.
    pub lucky_users: Vec<i64>,
    /// Whether the request was a dry run, which books nothing.
    pub is_dry_run: bool,
    /// The calendar events of the booking. Always empty: V2 has a separate route for them.
    pub references: Vec<Value>,
    /// The uid of the seat.
    pub seat_reference_uid: Option<String>,
    /// The link of the meeting.
    pub video_call_url: Option<String>,
}

debug_shows!(CreatedBooking { booking, payment_required, is_dry_run });

impl<'de> Deserialize<'de> for CreatedBooking {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct UnwrappedResponse {
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
        enum ResponseForm {
            Wrapped { booking: Box<UnwrappedResponse> },
            UnwrappedResponse(Box<UnwrappedResponse>),
        }

        let (ResponseForm::Wrapped { booking: response } | ResponseForm::UnwrappedResponse(response)) =
            ResponseForm::deserialize(deserializer)?;
        Ok(Self {
            booking: response.booking,
            payment_required: response.payment_required,
            lucky_users: response.lucky_users,
            is_dry_run: response.is_dry_run,
            references: response.references,
            seat_reference_uid: response.seat_reference_uid,
            video_call_url: response.video_call_url,
        })
    }
}
