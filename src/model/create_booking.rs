//! Requests to book and to reschedule, in the documented form. `wire` makes the bodies in the wire form of them.

mod wire;

use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{BookingUid, EventTypeId, Location, SeatUid, nulls::null_as_none, zone::TimeZoneName};
use crate::redact::debug_shows;

/// The request to book an appointment, in the [documented form](crate::model#the-two-forms-of-json).
///
/// ```
/// use calcom::model::CreateBooking;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(2026361, "2025-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com")
///     .time_zone("Europe/Berlin")
///     .language("de")
///     .phone("+49 30 123456")
///     .response("insurance", "public")
///     .metadata("branch_id", 67);
/// // client.bookings().create(&booking).await?;
/// # let _ = booking;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateBooking {
    /// The start.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start: Timestamp,
    /// The event type.
    pub event_type_id: EventTypeId,
    /// The attendee, and the answers to the questions of the booking form.
    pub responses: Responses,
    /// Data to attach to the booking: texts, numbers, booleans. At most 50 keys; a key has at most 40 UTF-16 units, a value
    /// 500. The service stores values as texts. The uid of the booking is enough to read them.
    #[serde(default, deserialize_with = "null_as_none")]
    pub metadata: Map<String, Value>,
    /// The attendee's time zone, an IANA name; default `UTC`.
    #[serde(default = "utc", deserialize_with = "null_as_utc")]
    pub time_zone: String,
    /// The language of mails to the attendee: `de`; the service's default is `en`.
    #[serde(default)]
    pub language: Option<String>,
    /// The booking to reschedule to `start` instead of making a new one. The service then keeps everything else of the old
    /// booking.
    #[serde(default)]
    pub reschedule_uid: Option<BookingUid>,
    /// The length in minutes; only for event types that offer several lengths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_in_minutes: Option<u32>,
    /// The location, one that the event type offers. Default: its first location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The number of occurrences; only for recurring event types. Default: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_count: Option<u32>,
    /// The code that the attendee received by mail; only for event types that require a verified address.
    /// `client.bookings().send_email_code(..)` sends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verification_code: Option<String>,
}

/// The attendee of a new booking, and the answers to the questions of the booking form.
///
/// ```
/// use calcom::model::Responses;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let json = r#"{"name": "John Doe", "email": "john@example.com", "guests": [], "insurance": "public"}"#;
/// let responses: Responses = serde_json::from_str(json)?;
/// assert_eq!(responses.fields["insurance"], "public");
/// # Ok(()) }
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Responses {
    /// The name.
    pub name: String,
    /// The e-mail address. The service compares addresses letter by letter: use the same spelling in every request.
    #[serde(default, deserialize_with = "null_as_none", skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// The phone number in international form; blanks and dashes are removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Notes for the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// E-mail addresses of guests to invite.
    #[serde(default, deserialize_with = "null_as_none")]
    pub guests: Vec<String>,
    /// The answers to custom questions, by the slug of the question.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// Reads null as the default time zone.
fn null_as_utc<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(|zone| zone.unwrap_or_else(utc))
}

fn utc() -> String {
    "UTC".to_owned()
}

debug_shows!(CreateBooking { start, event_type_id, time_zone, language, reschedule_uid, length_in_minutes });
debug_shows!(Responses {});

impl CreateBooking {
    /// A booking of this event type at this time, for an attendee with this name and e-mail address.
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
            email_verification_code: None,
        }
    }

    /// As [`new`](Self::new), at a zoned time, whose time zone is the attendee's.
    ///
    /// ```
    /// use calcom::model::CreateBooking;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let start = "2030-01-15T10:00[Europe/Berlin]".parse()?;
    /// let booking = CreateBooking::at(2026361, &start, "John Doe", "john@example.com");
    /// assert_eq!((booking.start.to_string().as_str(), &*booking.time_zone), ("2030-01-15T09:00:00Z", "Europe/Berlin"));
    /// # Ok(()) }
    /// ```
    pub fn at(
        event_type: impl Into<EventTypeId>,
        start: &ZonedDateTime,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> Self {
        Self::new(event_type, start.timestamp(), name, email).time_zone(start)
    }

    /// Sets the attendee's time zone, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = TimeZoneName::text(zone);
        self
    }

    /// Sets the language of mails to the attendee.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sets the attendee's phone number, in international form.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.responses.phone = Some(phone.into());
        self
    }

    /// Sets notes for the host.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.responses.notes = Some(notes.into());
        self
    }

    /// Adds the e-mail address of a guest to invite.
    #[must_use]
    pub fn guest(mut self, email: impl Into<String>) -> Self {
        self.responses.guests.push(email.into());
        self
    }

    /// Adds the answer to a custom question, by the slug of the question.
    #[must_use]
    pub fn response(mut self, slug: impl Into<String>, answer: impl Into<Value>) -> Self {
        self.responses.fields.insert(slug.into(), answer.into());
        self
    }

    /// Attaches a value to the booking.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Sets the length in minutes; only for event types that offer several lengths.
    #[must_use]
    pub fn length_in_minutes(mut self, minutes: u32) -> Self {
        self.length_in_minutes = Some(minutes);
        self
    }

    /// Sets the location. The event type must offer it.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Sets the number of occurrences; only for recurring event types.
    #[must_use]
    pub fn recurrence_count(mut self, count: u32) -> Self {
        self.recurrence_count = Some(count);
        self
    }

    /// Sets the code that the attendee received by mail; only for event types that require a verified address.
    #[must_use]
    pub fn email_verification_code(mut self, code: impl Into<String>) -> Self {
        self.email_verification_code = Some(code.into());
        self
    }
}

/// The request to reschedule a booking: `{"start": "2025-01-16T11:00:00Z", "rescheduleReason": "..."}`.
///
/// ```
/// use calcom::model::RescheduleBooking;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = RescheduleBooking::to("2025-01-16T11:00:00Z".parse()?).reason("Patient requested different time");
/// // client.bookings().reschedule("kgiKeoVgk6NpALrVxDhWeY", &request).await?;
/// # assert_eq!(request.reschedule_reason.as_deref(), Some("Patient requested different time"));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RescheduleBooking {
    /// The new start.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start: Timestamp,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reschedule_reason: Option<String>,
    /// The e-mail address of the person that reschedules. If the event type requires confirmation, an accepted booking stays
    /// accepted only if the address is a host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescheduled_by: Option<String>,
    /// The seat to reschedule; required in a seated booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_uid: Option<SeatUid>,
}

debug_shows!(RescheduleBooking { start, seat_uid });

impl RescheduleBooking {
    /// A reschedule to this start.
    pub fn to(start: Timestamp) -> Self {
        Self { start, reschedule_reason: None, rescheduled_by: None, seat_uid: None }
    }

    /// Sets the reason.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reschedule_reason = Some(reason.into());
        self
    }

    /// Sets the e-mail address of the person that reschedules; see [`rescheduled_by`](field@Self::rescheduled_by).
    #[must_use]
    pub fn rescheduled_by(mut self, email: impl Into<String>) -> Self {
        self.rescheduled_by = Some(email.into());
        self
    }

    /// Reschedules only this seat.
    #[must_use]
    pub fn seat(mut self, seat: impl Into<SeatUid>) -> Self {
        self.seat_uid = Some(seat.into());
        self
    }
}
