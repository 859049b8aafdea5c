//! From a verified body to its event: which trigger it is, and where that trigger keeps its payload.
//!
//! The usual body names its trigger first and is read in one pass. Routing forms put their own fields before it; such a
//! body is looked through for its trigger and then read. What serde_json cannot read of a body is repaired first.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{
    Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;

use super::payload::{
    MeetingPayload, Payload, UnknownPayload,
    read::{Key, Object, Reader},
};
use super::repair::repair;
use crate::model::Trigger;

/// A verified body that is no event. The body is at hand: the service will not send it again.
///
/// The text names no part of the body.
#[derive(Clone, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    reason: ParseErrorKind,
    body: Bytes,
}

/// Why a body is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// It is not JSON: the webhook has a template for forms or text, or something on the way changed the body.
    #[error("the body is not JSON (line {line}, column {column}): does the webhook have a payload template?")]
    NotJson {
        /// The line where the JSON ends to be one, from 1.
        line: usize,
        /// The column in that line, from 1.
        column: usize,
    },
    /// It is JSON without `triggerEvent`: the webhook has a template, or is Zapier's.
    #[error("the body has no triggerEvent: the webhook has a payload template, or belongs to Zapier")]
    NoTrigger,
    /// It names a trigger that carries a payload, and has none: the webhook's template leaves it out.
    #[error("the body of {0} has no payload object: does the webhook have a payload template?")]
    NoPayload(Trigger),
}

impl ParseError {
    pub(crate) fn new(reason: ParseErrorKind, body: Bytes) -> Self {
        Self { reason, body }
    }

    /// What is wrong with the body.
    #[must_use]
    pub fn kind(&self) -> &ParseErrorKind {
        &self.reason
    }

    /// The body, byte for byte. It holds what the webhook's template put there.
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
        f.debug_struct("ParseError").field("reason", &self.reason).field("bytes", &self.body.len()).finish()
    }
}

/// What a body says.
pub(crate) struct Parsed {
    pub(crate) trigger: Trigger,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) payload: Payload,
}

pub(crate) fn parse(body: &[u8]) -> Result<Parsed, ParseErrorKind> {
    let text = std::str::from_utf8(body).map_err(|error| position(body, error.valid_up_to()))?;
    parse_text(text).or_else(|error| repair(text).map_or(Err(error), |text| parse_text(&text)))
}

fn parse_text(text: &str) -> Result<Parsed, ParseErrorKind> {
    let mut body = Body::default();
    if begins_with_trigger(text) {
        body = read(text, ReadBody(None))?;
    }
    if body.trigger.is_none() {
        body = read(text, ReadBody(Some(read(text, FindTrigger)?)))?;
    }
    let Body { trigger: Some(trigger), created_at, payload } = body else { return Err(ParseErrorKind::NoTrigger) };
    let payload = match (payload, &trigger) {
        (Some(payload), _) => payload,
        (None, Trigger::RoutingFormFallbackHit) => Payload::RoutingFormFallbackHit(whole(text)?),
        (None, Trigger::Other(name)) => Payload::Unknown(UnknownPayload { trigger: name.clone(), json: whole(text)? }),
        (None, known) => return Err(ParseErrorKind::NoPayload(known.clone())),
    };
    Ok(Parsed { trigger, created_at, payload })
}

fn begins_with_trigger(text: &str) -> bool {
    let first_key = text.trim_ascii_start().strip_prefix('{').map(str::trim_ascii_start);
    first_key.is_some_and(|key| key.starts_with("\"triggerEvent\""))
}

fn read<'de, V: Visitor<'de>>(text: &'de str, visitor: V) -> Result<V::Value, ParseErrorKind> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = json.deserialize_map(visitor).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| not_an_event(&error))
}

fn whole(text: &str) -> Result<Value, ParseErrorKind> {
    serde_json::from_str(text).map_err(|error| not_an_event(&error))
}

/// The text of serde's error can quote the body, so it is not kept.
fn not_an_event(error: &serde_json::Error) -> ParseErrorKind {
    match error.classify() {
        serde_json::error::Category::Data => ParseErrorKind::NoTrigger,
        _ => ParseErrorKind::NotJson { line: error.line(), column: error.column() },
    }
}

fn position(body: &[u8], at: usize) -> ParseErrorKind {
    let before = &body[..at.min(body.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    ParseErrorKind::NotJson { line, column: at - line_start + 1 }
}

/// Looks for the trigger and skips everything else.
struct FindTrigger;

impl<'de> Visitor<'de> for FindTrigger {
    type Value = Trigger;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with triggerEvent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Trigger, A::Error> {
        let mut trigger = None;
        while let Some(Key(key)) = map.next_key()? {
            if key == "triggerEvent" {
                trigger = map.next_value_seed(Reader::<Trigger>::new())?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        trigger.ok_or_else(|| serde::de::Error::missing_field("triggerEvent"))
    }
}

#[derive(Default)]
struct Body {
    trigger: Option<Trigger>,
    created_at: Option<Timestamp>,
    payload: Option<Payload>,
}

/// Reads the body of a trigger that is known beforehand, or is the first thing that the body says. A body that says it
/// first and then says another is given up, without trigger.
struct ReadBody(Option<Trigger>);

impl<'de> Visitor<'de> for ReadBody {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with triggerEvent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let is_known = self.0.is_some();
        let mut body = Body { trigger: self.0, ..Body::default() };
        let mut times_told = 0;
        let mut meeting = MeetingPayload::default();
        while let Some(Key(key)) = map.next_key()? {
            match (&*key, &body.trigger) {
                ("triggerEvent", None) => {
                    body.trigger = map.next_value_seed(Reader::new())?;
                    times_told += 1;
                }
                ("triggerEvent", Some(_)) => {
                    map.next_value::<IgnoredAny>()?;
                    times_told += 1;
                }
                ("createdAt", _) => body.created_at = map.next_value_seed(Reader::new())?,
                ("payload", Some(trigger)) => body.payload = Payload::read(trigger, &mut map)?,
                (key, Some(trigger)) if trigger.is_flat() && meeting.set(key, &mut map)? => {}
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if times_told > 1 && !is_known {
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
