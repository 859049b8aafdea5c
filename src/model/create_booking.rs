//! What a caller says to book or to move an appointment, in the documented form; how it becomes what the service takes
//! today stands in `wire`.

mod wire;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{BookingUid, EventTypeId, Location, SeatUid};
use crate::redact::debug_shows;

/// A booking to be made, in the [documented form](crate::model#the-documented-interface).
///
/// ```
/// use calcom::model::CreateBooking;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(2026361, "2025-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com")
///     .time_zone("Europe/Berlin")
///     .language("de")
///     .phone("+49 30 123456")
///     .metadata("branch_id", 67);
/// # let _ = booking;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateBooking {
    /// When it starts.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start: Timestamp,
    /// What is booked.
    pub event_type_id: EventTypeId,
    /// Who books, and the answers to the event type's booking fields.
    pub responses: Responses,
    /// Anything to find again on the booking: texts, numbers, booleans. At most 50 keys; a key has at most 40 UTF-16
    /// units, a value 500. The service keeps all of them as texts. Anybody who knows the booking's uid can read it.
    #[serde(default, deserialize_with = "null_as_none")]
    pub metadata: Map<String, Value>,
    /// The attendee's time zone, an IANA name; default `UTC`.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// The language of the attendee's mails: `de`; the service's default is `en`.
    #[serde(default)]
    pub language: Option<String>,
    /// Moves this booking to `start` in the place of making a new one. The service then keeps everything else as it is
    /// in the old booking.
    #[serde(default)]
    pub reschedule_uid: Option<BookingUid>,
    /// How long, in minutes; only for event types that offer several lengths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_in_minutes: Option<u32>,
    /// Where; only what the event type offers. Default: its first location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How many occurrences; only for recurring event types. Default: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_count: Option<u32>,
}

/// Who books, and the answers to the event type's booking fields.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Responses {
    /// The name.
    pub name: String,
    /// The e-mail address. The service compares it letter by letter: send it the same way every time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// The phone number in international form; blanks and dashes are taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Notes for the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Further e-mail addresses to invite.
    #[serde(default, deserialize_with = "null_as_none")]
    pub guests: Vec<String>,
    /// The answers to custom booking fields, by their slug.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// A null as if the field were left out.
fn null_as_none<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn utc() -> String {
    "UTC".to_owned()
}

debug_shows!(CreateBooking { start, event_type_id, time_zone, language, reschedule_uid, length_in_minutes });
debug_shows!(Responses {});

impl CreateBooking {
    /// A booking of this event type, at this time, for this person.
    pub fn new(
        event_type: impl Into<EventTypeId>,
        start: Timestamp,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> Self {
        Self {
            start,
            event_type_id: event_type.into(),
            responses: Responses { name: name.into(), email: email.into(), ..Responses::default() },
            metadata: Map::new(),
            time_zone: utc(),
            language: None,
            reschedule_uid: None,
            length_in_minutes: None,
            location: None,
            recurrence_count: None,
        }
    }

    /// The attendee's time zone, an IANA name.
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = zone.into();
        self
    }

    /// The language of the attendee's mails.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The attendee's phone number, in international form.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.responses.phone = Some(phone.into());
        self
    }

    /// Notes for the host.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.responses.notes = Some(notes.into());
        self
    }

    /// One more e-mail address to invite.
    #[must_use]
    pub fn guest(mut self, email: impl Into<String>) -> Self {
        self.responses.guests.push(email.into());
        self
    }

    /// The answer to a custom booking field, by its slug.
    #[must_use]
    pub fn response(mut self, slug: impl Into<String>, answer: impl Into<Value>) -> Self {
        self.responses.fields.insert(slug.into(), answer.into());
        self
    }

    /// Something to find again on the booking.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// How long, in minutes; only for event types that offer several lengths.
    #[must_use]
    pub fn length_in_minutes(mut self, minutes: u32) -> Self {
        self.length_in_minutes = Some(minutes);
        self
    }

    /// Where; only what the event type offers.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// How many occurrences; only for recurring event types.
    #[must_use]
    pub fn recurrence_count(mut self, count: u32) -> Self {
        self.recurrence_count = Some(count);
        self
    }
}

/// Where a booking is moved to: `{"start": "2025-01-16T11:00:00Z", "rescheduleReason": "..."}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RescheduleBooking {
    /// The new start.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reschedule_reason: Option<String>,
    /// The e-mail address of who moves it. A host's keeps an accepted booking accepted where it needs confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescheduled_by: Option<String>,
    /// Only this attendee's seat, in a seated booking; there it is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_uid: Option<SeatUid>,
}

debug_shows!(RescheduleBooking { start, seat_uid });

impl RescheduleBooking {
    /// To this start.
    pub fn to(start: Timestamp) -> Self {
        Self { start, reschedule_reason: None, rescheduled_by: None, seat_uid: None }
    }

    /// With a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reschedule_reason = Some(reason.into());
        self
    }

    /// Only this attendee's seat.
    #[must_use]
    pub fn seat(mut self, seat: impl Into<SeatUid>) -> Self {
        self.seat_uid = Some(seat.into());
        self
    }
}
