//! Parses a body: its trigger, its time, and the payload of the trigger.
//!
//! A usual body begins with its trigger and is read in one pass. Routing forms put their own fields before it; such a
//! body is read twice, first for the trigger. If serde_json cannot read a body, it is repaired first.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{
    Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;

use super::payload::{
    BookingPayload, MeetingPayload, Payload, UnknownPayload,
    read::{LenientReader, ObjectKey, PayloadObject},
};
use super::repair::repair;
use crate::model::Trigger;

/// Error for a body that is no event. It keeps the body, because the service does not send it again.
///
/// The error text contains nothing of the body.
///
/// ```
/// use calcom::webhook::{Event, ParseErrorKind};
///
/// let error = Event::parse("Alice booked").unwrap_err();
/// assert!(matches!(error.kind(), ParseErrorKind::NotJson { line: 1, .. }));
/// assert_eq!(error.body(), "Alice booked");
/// ```
#[derive(Clone, thiserror::Error)]
#[error("{kind}")]
pub struct ParseError {
    kind: ParseErrorKind,
    body: Bytes,
}

/// Reason for which a body is no event.
///
/// [`ParseError`] has an example.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The body is not JSON. The webhook has a payload template for forms or text, or a proxy changed the body.
    #[error("the body is not JSON (line {line}, column {column}): does the webhook have a payload template?")]
    NotJson {
        /// The line of the error, counted from 1.
        line: usize,
        /// The column of the error in that line, counted from 1.
        column: usize,
    },
    /// The body is JSON without `triggerEvent`. The webhook has a payload template, or belongs to Zapier.
    #[error("the body has no triggerEvent: the webhook has a payload template, or belongs to Zapier")]
    NoTrigger,
    /// The body has no payload, although its trigger has one. The payload template of the webhook leaves it out.
    #[error("the body of {0} has no payload object: does the webhook have a payload template?")]
    NoPayload(Trigger),
}

impl ParseError {
    pub(crate) fn new(kind: ParseErrorKind, body: Bytes) -> Self {
        Self { kind, body }
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &ParseErrorKind {
        &self.kind
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body, byte for byte.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseError").field("reason", &self.kind).field("bytes", &self.body.len()).finish()
    }
}

/// The contents of a body.
pub(crate) struct ParsedEvent {
    pub(crate) trigger: Trigger,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) payload: Payload,
}

pub(crate) fn parse(body: &[u8]) -> Result<ParsedEvent, ParseErrorKind> {
    let text = std::str::from_utf8(body).map_err(|error| utf8_error(body, error.valid_up_to()))?;
    parse_text(text).or_else(|error| repair(text).map_or(Err(error), |text| parse_text(&text)))
}

fn parse_text(text: &str) -> Result<ParsedEvent, ParseErrorKind> {
    let mut body = PartialEvent::default();
    if starts_with_trigger(text) {
        body = read_map(text, EventVisitor(None))?;
    }
    if body.trigger.is_none() {
        body = read_map(text, EventVisitor(Some(read_map(text, TriggerVisitor)?)))?;
    }
    let PartialEvent { trigger: Some(trigger), created_at, payload } = body else {
        return Err(ParseErrorKind::NoTrigger);
    };
    let payload = match payload {
        Some(payload) => payload,
        None => {
            payload_of_body(&trigger, parse_json(text)?).ok_or_else(|| ParseErrorKind::NoPayload(trigger.clone()))?
        }
    };
    Ok(ParsedEvent { trigger, created_at, payload })
}

/// The payload of a body without a payload object. Payload templates write the fields of a booking beside the trigger.
fn payload_of_body(trigger: &Trigger, mut body: Value) -> Option<Payload> {
    let unknown = |json| Payload::Unknown(UnknownPayload { trigger: trigger.to_string(), json });
    match trigger {
        Trigger::RoutingFormFallbackHit | Trigger::CalendarEntryRejected | Trigger::Other(_) => {
            Some(unknown(body.get_mut("payload").map(Value::take).unwrap_or(body)))
        }
        _ if body.get("payload").is_none() => Payload::of_flat_booking(trigger, BookingPayload::of_json(&body)),
        _ => None,
    }
}

fn starts_with_trigger(text: &str) -> bool {
    let first_key = text.trim_ascii_start().strip_prefix('{').map(str::trim_ascii_start);
    first_key.is_some_and(|key| key.starts_with("\"triggerEvent\""))
}

fn read_map<'de, V: Visitor<'de>>(text: &'de str, visitor: V) -> Result<V::Value, ParseErrorKind> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = json.deserialize_map(visitor).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| error_kind(&error))
}

fn parse_json(text: &str) -> Result<Value, ParseErrorKind> {
    serde_json::from_str(text).map_err(|error| error_kind(&error))
}

/// Drops the text of serde's error, because it can contain a part of the body.
fn error_kind(error: &serde_json::Error) -> ParseErrorKind {
    match error.classify() {
        serde_json::error::Category::Data => ParseErrorKind::NoTrigger,
        _ => ParseErrorKind::NotJson { line: error.line(), column: error.column() },
    }
}

fn utf8_error(body: &[u8], at: usize) -> ParseErrorKind {
    let before = &body[..at.min(body.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    ParseErrorKind::NotJson { line, column: at - line_start + 1 }
}

/// Reads the trigger and skips all else.
struct TriggerVisitor;

impl<'de> Visitor<'de> for TriggerVisitor {
    type Value = Trigger;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with triggerEvent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Trigger, A::Error> {
        let mut trigger = None;
        while let Some(ObjectKey(key)) = map.next_key()? {
            if key == "triggerEvent" {
                trigger = map.next_value_seed(LenientReader::<Trigger>::new())?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        trigger.ok_or_else(|| serde::de::Error::missing_field("triggerEvent"))
    }
}

#[derive(Default)]
struct PartialEvent {
    trigger: Option<Trigger>,
    created_at: Option<Timestamp>,
    payload: Option<Payload>,
}

/// Reads a body whose trigger is known, or is its first key. If the trigger is not known and the body contains
/// `triggerEvent` more than once, the result has no trigger, and the caller reads the body again.
struct EventVisitor(Option<Trigger>);

impl<'de> Visitor<'de> for EventVisitor {
    type Value = PartialEvent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with triggerEvent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PartialEvent, A::Error> {
        let is_known = self.0.is_some();
        let mut body = PartialEvent { trigger: self.0, ..PartialEvent::default() };
        let mut trigger_count = 0;
        let mut meeting = MeetingPayload::default();
        while let Some(ObjectKey(key)) = map.next_key()? {
            match (&*key, &body.trigger) {
                ("triggerEvent", None) => {
                    body.trigger = map.next_value_seed(LenientReader::new())?;
                    trigger_count += 1;
                }
                ("triggerEvent", Some(_)) => {
                    map.next_value::<IgnoredAny>()?;
                    trigger_count += 1;
                }
                ("createdAt", _) => body.created_at = map.next_value_seed(LenientReader::new())?,
                ("payload", Some(trigger)) => body.payload = Payload::read(trigger, &mut map)?,
                (key, Some(trigger)) if trigger.is_flat() && meeting.read_field(key, &mut map)? => {}
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if trigger_count > 1 && !is_known {
            body.trigger = None;
        }
        if body.payload.is_none() {
            body.payload = match body.trigger {
                Some(Trigger::MeetingStarted) => Some(Payload::MeetingStarted(meeting.into())),
                Some(Trigger::MeetingEnded) => Some(Payload::MeetingEnded(meeting.into())),
                _ => None,
            };
        }
        Ok(body)
    }
}
