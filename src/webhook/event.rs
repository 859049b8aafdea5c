//! An event: the typed payload of a delivery, and the bytes that it was read from.
//!
//! An event is immutable; [`Event::new`] and [`Event::edit`] create others. So the encoded event always equals the body,
//! keys without a field included.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest, Sha256};

use super::{
    DedupeKey, compose,
    parse::{self, ParseError, ParsedEvent},
    payload::{BookingPayload, MeetingPayload, Payload},
    repair::repair,
};
use crate::model::{BookingStatus, Trigger};

/// An event that a webhook delivered.
///
/// Cheap to clone. [`payload`](Self::payload) is the typed payload of the trigger. Keys without a field are available
/// with [`extra`](Self::extra), [`json`](Self::json) and [`body`](Self::body). Serializing an event gives the JSON that
/// it was read from.
///
/// ```
/// use calcom::webhook::{Event, Payload};
///
/// let event = Event::parse(
///     r#"{"triggerEvent":"BOOKING_CANCELLED","createdAt":"2026-11-23T02:16:21.462Z",
///         "payload":{"uid":"kgiKeoVgk6NpALrVxDhWeY","status":"CANCELLED","cancellationReason":"ill","newKey":7}}"#,
/// )?;
///
/// assert_eq!(event.booking_uid(), Some("kgiKeoVgk6NpALrVxDhWeY"));
/// if let Payload::BookingCancelled(booking) = event.payload() {
///     assert_eq!(booking.cancellation_reason.as_deref(), Some("ill"));
/// }
/// assert_eq!(event.extra("newKey"), Some(&7.into()));
/// # Ok::<(), calcom::webhook::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Event(Arc<Inner>);

struct Inner {
    parsed: ParsedEvent,
    body: Bytes,
    /// The version header.
    version: Option<Box<str>>,
    json: OnceLock<Value>,
    /// The payload, read as a booking.
    as_booking: OnceLock<Box<BookingPayload>>,
}

impl Event {
    /// Reads the body of a delivery. It does not check the signature; [`Verifier`](super::Verifier) does.
    ///
    /// # Errors
    ///
    /// [`ParseError`] if the body is not JSON, has no `triggerEvent`, or lacks the payload of its trigger. Webhooks with
    /// a payload template send such bodies. The error holds the body.
    pub fn parse(body: impl Into<Bytes>) -> Result<Self, ParseError> {
        Self::parse_version(body.into(), None)
    }

    /// Reads the body of a delivery with this version header.
    pub(crate) fn parse_version(body: Bytes, version: Option<&str>) -> Result<Self, ParseError> {
        match parse::parse(&body) {
            Ok(read) => Ok(Self::of(read, body, version)),
            Err(reason) => Err(ParseError::new(reason, body)),
        }
    }

    /// Creates an event, for tests and for forwarding.
    ///
    /// The body has the form of the service: `{triggerEvent, createdAt, payload}`, and flat for `MEETING_*`.
    #[must_use]
    pub fn new(created_at: Timestamp, payload: Payload) -> Self {
        let body = compose::compose(created_at, &payload);
        Self::of(ParsedEvent { trigger: payload.trigger(), created_at: Some(created_at), payload }, body, None)
    }

    /// Returns the event with a changed payload. Keys without a field stay as they were received.
    ///
    /// If `change` sets a payload of another trigger, the event gets that trigger.
    #[must_use]
    pub fn edit(&self, change: impl FnOnce(&mut Payload)) -> Self {
        let mut payload = self.payload().clone();
        change(&mut payload);
        if payload == *self.payload() {
            return self.clone();
        }
        let body = compose::apply_changes(self.json().clone(), self.payload(), &payload);
        let parsed = ParsedEvent { trigger: payload.trigger(), created_at: self.created_at(), payload };
        Self::of(parsed, body, self.version())
    }

    /// Returns the event with another `createdAt`, for tests.
    #[must_use]
    pub fn with_created_at(&self, created_at: Timestamp) -> Self {
        let body = compose::set_created_at(self.json().clone(), created_at);
        let (trigger, payload) = (self.trigger().clone(), self.payload().clone());
        Self::of(ParsedEvent { trigger, created_at: Some(created_at), payload }, body, self.version())
    }

    fn of(parsed: ParsedEvent, body: Bytes, version: Option<&str>) -> Self {
        let version = version.map(Box::from);
        Self(Arc::new(Inner { parsed, body, version, json: OnceLock::new(), as_booking: OnceLock::new() }))
    }

    /// The trigger.
    #[must_use]
    pub fn trigger(&self) -> &Trigger {
        &self.0.parsed.trigger
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.0.parsed.payload
    }

    /// Converts into the payload. It is copied only if another clone of the event exists.
    #[must_use]
    pub fn into_payload(self) -> Payload {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.parsed.payload.clone(), |inner| inner.parsed.payload)
    }

    /// The booking, if the payload is one or has the shape of one, whatever the trigger is.
    ///
    /// A payload has the shape of a booking if it has a uid or an id of a booking, and a start, a status or a host. So
    /// `MEETING_*`, `INSTANT_MEETING_ACCEPTED`, recordings and triggers that this version of the crate does not have are read
    /// too; a `bookingUid` is then the `uid`. Such a payload is read on first use.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_FORGOTTEN","payload":{"bookingUid":"kgiKeoVgk6NpALrVxDhWeY","status":"ACCEPTED",
    ///         "startTime":"2026-12-01T09:00:00Z","location":"https://video.example.com/7"}}"#,
    /// )?;
    /// let booking = event.booking().expect("a booking");
    /// assert_eq!(booking.uid.as_deref(), Some("kgiKeoVgk6NpALrVxDhWeY"));
    /// assert_eq!(event.video_call_url(), Some("https://video.example.com/7"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    #[must_use]
    pub fn booking(&self) -> Option<&BookingPayload> {
        self.payload().booking().or_else(|| Some(self.as_booking()).filter(|booking| booking.has_shape()))
    }

    /// The payload, read as a booking, if it is none.
    fn as_booking(&self) -> &BookingPayload {
        self.0.as_booking.get_or_init(|| Box::new(BookingPayload::of_json(self.payload_object())))
    }

    /// A value of the payload, or of the booking whose shape it has.
    fn find<'a, T: ?Sized>(
        &'a self,
        of_payload: fn(&'a Payload) -> Option<&'a T>,
        of_booking: fn(&'a BookingPayload) -> Option<&'a T>,
    ) -> Option<&'a T> {
        let found = of_payload(self.payload());
        let is_booking = self.payload().booking().is_some();
        found.or_else(|| if is_booking { None } else { of_booking(self.as_booking()) })
    }

    /// The meeting of `MEETING_STARTED` and `MEETING_ENDED`.
    #[must_use]
    pub fn meeting(&self) -> Option<&MeetingPayload> {
        self.payload().meeting()
    }

    /// The `createdAt` of the delivery.
    ///
    /// It is the time of the event, except for `MEETING_*`, for which the service sends the time at which the *booking* was
    /// made. [`occurred_at`](Self::occurred_at) accounts for that.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.0.parsed.created_at
    }

    /// The time of the event: `createdAt`, or for `MEETING_*` the start or end of the meeting.
    ///
    /// Deliveries can arrive out of order. Compare this time to find the newer event.
    #[must_use]
    pub fn occurred_at(&self) -> Option<Timestamp> {
        match self.payload() {
            Payload::MeetingStarted(meeting) => meeting.start_time,
            Payload::MeetingEnded(meeting) => meeting.end_time,
            _ => self.created_at(),
        }
    }

    /// The uid of the booking. After a reschedule it is the new one.
    #[must_use]
    pub fn booking_uid(&self) -> Option<&str> {
        self.find(Payload::booking_uid, |booking| booking.uid.as_deref())
    }

    /// The uid that a rescheduled booking had before (`rescheduleUid`).
    #[must_use]
    pub fn previous_uid(&self) -> Option<&str> {
        self.find(Payload::previous_uid, |booking| booking.reschedule_uid.as_deref())
    }

    /// The status of the booking, wherever the payload has one.
    #[must_use]
    pub fn status(&self) -> Option<&BookingStatus> {
        self.find(Payload::status, |booking| booking.status.as_ref())
    }

    /// The link of the video call, wherever the payload has one: in the call's data, in the metadata, in an entry of a video
    /// app, or as a location that is a link.
    #[must_use]
    pub fn video_call_url(&self) -> Option<&str> {
        self.find(Payload::video_call_url, BookingPayload::video_call_url)
    }

    /// The version of the payload format: `2021-10-20` or `2026-07-27`.
    ///
    /// It is the header `X-Cal-Webhook-Version`, so that only events from a [`Verifier`](super::Verifier) have it. Some
    /// servers do not send it. The signature does not cover it.
    ///
    /// ```
    /// use calcom::webhook::{SIGNATURE_HEADER, VERSION_HEADER, Verifier, sign};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let body = r#"{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"kgiKeoVgk6NpALrVxDhWeY"}}"#;
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert(SIGNATURE_HEADER, sign(body, "the webhook's secret")?.parse()?);
    /// headers.insert(VERSION_HEADER, "2026-07-27".parse()?);
    /// let verifier = Verifier::new("the webhook's secret")?;
    /// let event = verifier.read(&headers, body.into(), "2026-11-23T09:00:00Z".parse()?)?;
    /// assert_eq!(event.version(), Some("2026-07-27"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// The key that identifies this delivery: the SHA-256 of its body.
    ///
    /// The service gives deliveries no id. A delivery that is received twice has the same key. If two webhooks deliver one
    /// event (one of a user and one of an event type), their `createdAt` and so their keys differ.
    #[must_use]
    pub fn dedupe_key(&self) -> DedupeKey {
        DedupeKey::new(Sha256::digest(self.body()).into())
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The body as JSON. It is parsed on first use.
    ///
    /// If the body cannot be parsed otherwise, values nested deeper than 100 levels and numbers beyond 64 bits are null, and
    /// a lone surrogate is U+FFFD.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.0.json.get_or_init(|| {
            let repaired = || serde_json::from_str(&repair(std::str::from_utf8(self.body()).ok()?)?).ok();
            serde_json::from_slice(self.body()).ok().or_else(repaired).unwrap_or_default()
        })
    }

    /// The JSON value of a key of the payload, with or without a field.
    #[must_use]
    pub fn extra(&self, key: &str) -> Option<&Value> {
        self.payload_object().get(key)
    }

    /// The keys of the payload that have no field, with their values.
    ///
    /// Keys that were delivered before they had a field are among them too, so that code which reads them here keeps working:
    /// `addedHostUserIds`, `assignmentReason`, `attendeeIcsContent`, `organizerIcsContent`, `paymentData`,
    /// `previousLocation`, `removedHostUserIds`, `schedulingType`, `smsReminderNumber` and `team`.
    #[must_use]
    pub fn extras(&self) -> Map<String, Value> {
        let mut extras = self.payload_object().as_object().cloned().unwrap_or_default();
        let has_field = |key: &str| self.payload().keys().contains(&key) && !LATER_FIELDS.contains(&key);
        extras.retain(|key, _| !has_field(key));
        if self.is_flat() {
            extras.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
        }
        extras
    }

    /// The JSON value of a key beside `triggerEvent`. Routing forms repeat their answers beside it, by field name.
    #[must_use]
    pub fn envelope_value(&self, key: &str) -> Option<&Value> {
        self.json().get(key)
    }

    /// The keys beside `triggerEvent`, `createdAt` and `payload`, with their values. Empty for the flat form.
    #[must_use]
    pub fn envelope_extras(&self) -> Map<String, Value> {
        if self.is_flat() {
            return Map::new();
        }
        let mut extras = self.json().as_object().cloned().unwrap_or_default();
        extras.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
        extras
    }

    fn is_flat(&self) -> bool {
        self.enveloped_payload().is_none()
    }

    /// The value of `payload`, unless it is null.
    fn enveloped_payload(&self) -> Option<&Value> {
        self.json().get("payload").filter(|payload| !payload.is_null())
    }

    /// The object that contains the keys of the payload.
    fn payload_object(&self) -> &Value {
        self.enveloped_payload().unwrap_or_else(|| self.json())
    }
}

const ENVELOPE: [&str; 3] = ["triggerEvent", "createdAt", "payload"];

/// The keys of bookings that were extras until they had a field.
const LATER_FIELDS: [&str; 10] = [
    "addedHostUserIds",
    "assignmentReason",
    "attendeeIcsContent",
    "organizerIcsContent",
    "paymentData",
    "previousLocation",
    "removedHostUserIds",
    "schedulingType",
    "smsReminderNumber",
    "team",
];

/// Shows the trigger, the time and the identifying fields, and no personal data.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("trigger", &self.trigger().as_str())
            .field("created_at", &self.created_at())
            .field("version", &self.version())
            .field("payload", self.payload())
            .finish_non_exhaustive()
    }
}

/// Writes the JSON that the event was read from. The serializer has to be one of JSON.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_slice(self.body()).map_err(ser::Error::custom)?;
        json.serialize(serializer)
    }
}

/// Reads an event from JSON, as [`Event::parse`] does. The deserializer has to be one of JSON.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(String::from(Box::<str>::from(json))).map_err(de::Error::custom)
    }
}
