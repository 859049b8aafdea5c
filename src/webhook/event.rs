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
    json: OnceLock<Value>,
}

impl Event {
    /// Reads the body of a delivery. It does not check the signature; [`Verifier`](super::Verifier) does.
    ///
    /// # Errors
    ///
    /// [`ParseError`] if the body is not JSON, has no `triggerEvent`, or lacks the payload of its trigger. Webhooks with
    /// a payload template send such bodies. The error holds the body.
    pub fn parse(body: impl Into<Bytes>) -> Result<Self, ParseError> {
        let body = body.into();
        match parse::parse(&body) {
            Ok(read) => Ok(Self::of(read, body)),
            Err(reason) => Err(ParseError::new(reason, body)),
        }
    }

    /// Creates an event, for tests and for forwarding.
    ///
    /// The body has the form of the service: `{triggerEvent, createdAt, payload}`, and flat for `MEETING_*`.
    #[must_use]
    pub fn new(created_at: Timestamp, payload: Payload) -> Self {
        let body = compose::compose(created_at, &payload);
        Self::of(ParsedEvent { trigger: payload.trigger(), created_at: Some(created_at), payload }, body)
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
        Self::of(ParsedEvent { trigger: payload.trigger(), created_at: self.created_at(), payload }, body)
    }

    /// Returns the event with another `createdAt`, for tests.
    #[must_use]
    pub fn with_created_at(&self, created_at: Timestamp) -> Self {
        let body = compose::set_created_at(self.json().clone(), created_at);
        let (trigger, payload) = (self.trigger().clone(), self.payload().clone());
        Self::of(ParsedEvent { trigger, created_at: Some(created_at), payload }, body)
    }

    fn of(parsed: ParsedEvent, body: Bytes) -> Self {
        Self(Arc::new(Inner { parsed, body, json: OnceLock::new() }))
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

    /// The booking, if the trigger carries one.
    #[must_use]
    pub fn booking(&self) -> Option<&BookingPayload> {
        self.payload().booking()
    }

    /// The meeting of `MEETING_STARTED` and `MEETING_ENDED`.
    #[must_use]
    pub fn meeting(&self) -> Option<&MeetingPayload> {
        self.payload().meeting()
    }

    /// The `createdAt` of the delivery.
    ///
    /// It is the time of the event, except for `MEETING_*`: there the service sends the time at which the *booking* was
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
        self.payload().booking_uid()
    }

    /// The uid that a rescheduled booking had before (`rescheduleUid`).
    #[must_use]
    pub fn previous_uid(&self) -> Option<&str> {
        self.payload().previous_uid()
    }

    /// The status of the booking.
    #[must_use]
    pub fn status(&self) -> Option<&BookingStatus> {
        self.payload().status()
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
    #[must_use]
    pub fn extras(&self) -> Map<String, Value> {
        let mut extras = self.payload_object().as_object().cloned().unwrap_or_default();
        extras.retain(|key, _| !self.payload().keys().contains(&key.as_str()));
        if self.is_flat() {
            extras.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
        }
        extras
    }

    /// The JSON value of a key beside `triggerEvent`. Routing forms repeat their answers there, by field name.
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
        self.json().get("payload").is_none()
    }

    /// The object that contains the keys of the payload.
    fn payload_object(&self) -> &Value {
        self.json().get("payload").unwrap_or_else(|| self.json())
    }
}

const ENVELOPE: [&str; 3] = ["triggerEvent", "createdAt", "payload"];

/// Shows the trigger, the time and the identifying fields, and no personal data.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("trigger", &self.trigger().as_str())
            .field("created_at", &self.created_at())
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
