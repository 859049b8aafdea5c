//! A delivery that has been read: typed, and beside it the bytes it was read from.
//!
//! The two never part: an event cannot be changed, only made anew ([`Event::new`], [`Event::edit`]), so what is encoded
//! is always what was received, with every key that has no field.

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
    DedupeKey, edit,
    parse::{self, ParseError, Parsed},
    payload::{BookingPayload, MeetingPayload, Payload},
    repair::repair,
};
use crate::model::{BookingStatus, Trigger};

/// Something that happened, as a webhook told it.
///
/// Cheap to clone. [`payload`](Self::payload) is what the trigger carries, typed; whatever has no field there is kept
/// too: [`extra`](Self::extra), [`json`](Self::json), [`body`](Self::body). Encoding an event gives back the JSON it was
/// read from.
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
    read: Parsed,
    body: Bytes,
    json: OnceLock<Value>,
}

impl Event {
    /// Reads a delivery's body. Whether it is genuine is the business of [`Verifier`](super::Verifier).
    ///
    /// # Errors
    ///
    /// A body that is not JSON, names no `triggerEvent`, or has no payload where its trigger has one: what a webhook
    /// with a payload template sends. The error carries the body.
    pub fn parse(body: impl Into<Bytes>) -> Result<Self, ParseError> {
        let body = body.into();
        match parse::parse(&body) {
            Ok(read) => Ok(Self::of(read, body)),
            Err(reason) => Err(ParseError::new(reason, body)),
        }
    }

    /// An event of one's own, for tests and for passing events on.
    ///
    /// It is encoded as the service writes it: `{triggerEvent, createdAt, payload}`, flat for `MEETING_*`.
    #[must_use]
    pub fn new(created_at: Timestamp, payload: Payload) -> Self {
        let body = edit::compose(created_at, &payload);
        Self::of(Parsed { trigger: payload.trigger(), created_at: Some(created_at), payload }, body)
    }

    /// The same event with another payload, or with parts of it changed; what has no field stays as it was received.
    ///
    /// A payload of another trigger makes an event of that trigger.
    #[must_use]
    pub fn edit(&self, change: impl FnOnce(&mut Payload)) -> Self {
        let mut payload = self.payload().clone();
        change(&mut payload);
        if payload == *self.payload() {
            return self.clone();
        }
        let body = edit::overlay(self.json().clone(), self.payload(), &payload);
        Self::of(Parsed { trigger: payload.trigger(), created_at: self.created_at(), payload }, body)
    }

    /// The same event at another time, for tests.
    #[must_use]
    pub fn with_created_at(&self, created_at: Timestamp) -> Self {
        let body = edit::set_created_at(self.json().clone(), created_at);
        let (trigger, payload) = (self.trigger().clone(), self.payload().clone());
        Self::of(Parsed { trigger, created_at: Some(created_at), payload }, body)
    }

    fn of(read: Parsed, body: Bytes) -> Self {
        Self(Arc::new(Inner { read, body, json: OnceLock::new() }))
    }

    /// What happened.
    #[must_use]
    pub fn trigger(&self) -> &Trigger {
        &self.0.read.trigger
    }

    /// What the service tells about it.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.0.read.payload
    }

    /// What the service tells about it, without a copy where nobody else has the event.
    #[must_use]
    pub fn into_payload(self) -> Payload {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.read.payload.clone(), |inner| inner.read.payload)
    }

    /// The booking, where the trigger carries one.
    #[must_use]
    pub fn booking(&self) -> Option<&BookingPayload> {
        self.payload().booking()
    }

    /// The meeting of `MEETING_STARTED` and `MEETING_ENDED`.
    #[must_use]
    pub fn meeting(&self) -> Option<&MeetingPayload> {
        self.payload().meeting()
    }

    /// The `createdAt` of the delivery: when it was made, but for `MEETING_*`, where the service writes when the
    /// *booking* was made. [`occurred_at`](Self::occurred_at) knows the difference.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.0.read.created_at
    }

    /// When it happened: the delivery's `createdAt`, or for `MEETING_*` the meeting's start or end.
    ///
    /// Deliveries can overtake each other; this tells which is the newer.
    #[must_use]
    pub fn occurred_at(&self) -> Option<Timestamp> {
        match self.payload() {
            Payload::MeetingStarted(meeting) => meeting.start_time,
            Payload::MeetingEnded(meeting) => meeting.end_time,
            _ => self.created_at(),
        }
    }

    /// The uid of the booking it is about; after a reschedule the new one.
    #[must_use]
    pub fn booking_uid(&self) -> Option<&str> {
        self.payload().booking_uid()
    }

    /// The uid that a moved booking had before (`rescheduleUid`).
    #[must_use]
    pub fn previous_uid(&self) -> Option<&str> {
        self.payload().previous_uid()
    }

    /// Where the booking stands.
    #[must_use]
    pub fn status(&self) -> Option<&BookingStatus> {
        self.payload().status()
    }

    /// What tells this delivery from every other: the SHA-256 of its body.
    ///
    /// The service gives deliveries no id. The same delivery received twice has the same key; two webhooks that tell of
    /// the same thing (a user's and an event type's) write different `createdAt` and so have different keys.
    #[must_use]
    pub fn dedupe_key(&self) -> DedupeKey {
        DedupeKey::new(Sha256::digest(self.body()).into())
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The body as JSON, parsed when first asked for. Values nested deeper than 100 levels and numbers beyond 64 bits are
    /// null where the body could not be parsed with them, and half a surrogate pair is U+FFFD.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.0.json.get_or_init(|| {
            let repaired = || serde_json::from_str(&repair(std::str::from_utf8(self.body()).ok()?)?).ok();
            serde_json::from_slice(self.body()).ok().or_else(repaired).unwrap_or_default()
        })
    }

    /// The value under a key of the payload, whether the payload has a field for it or not.
    #[must_use]
    pub fn extra(&self, key: &str) -> Option<&Value> {
        self.carrier().get(key)
    }

    /// Everything in the payload that has no field, by key.
    #[must_use]
    pub fn extras(&self) -> Map<String, Value> {
        let mut extras = self.carrier().as_object().cloned().unwrap_or_default();
        extras.retain(|key, _| !self.payload().keys().contains(&key.as_str()));
        if self.is_flat() {
            extras.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
        }
        extras
    }

    /// The value under a key beside `triggerEvent`: where routing forms repeat their answers, under the fields' names.
    #[must_use]
    pub fn root(&self, key: &str) -> Option<&Value> {
        self.json().get(key)
    }

    /// Everything beside `triggerEvent`, `createdAt` and `payload`, by key; nothing in the flat form.
    #[must_use]
    pub fn root_extras(&self) -> Map<String, Value> {
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

    /// Where the payload's keys stand.
    fn carrier(&self) -> &Value {
        self.json().get("payload").unwrap_or_else(|| self.json())
    }
}

const ENVELOPE: [&str; 3] = ["triggerEvent", "createdAt", "payload"];

/// Shows what identifies the event, and nothing personal.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("trigger", &self.trigger().as_str())
            .field("created_at", &self.created_at())
            .field("payload", self.payload())
            .finish_non_exhaustive()
    }
}

/// Gives the JSON that the event was read from. Needs a serializer of JSON.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_slice(self.body()).map_err(ser::Error::custom)?;
        json.serialize(serializer)
    }
}

/// Reads an event from JSON, as [`Event::parse`] does. Needs a deserializer of JSON.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(String::from(Box::<str>::from(json))).map_err(de::Error::custom)
    }
}
