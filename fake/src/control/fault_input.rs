//! Faults as JSON.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use super::super::fault::{Fault, ResetPoint, is_framing};
use super::super::seed_file::{duration, positive};

/// A fault: its kind, what this kind takes, and the requests that it is injected into.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FaultInput {
    kind: FaultKind,
    status: Option<u16>,
    at: Option<ResetPointInput>,
    #[serde(default, deserialize_with = "duration")]
    delay: Option<SignedDuration>,
    bytes: Option<usize>,
    content_type: Option<String>,
    body: Option<Value>,
    headers: Option<BTreeMap<String, String>>,
    on: Option<String>,
    times: Option<u32>,
    #[serde(default)]
    always: bool,
    nth: Option<u32>,
    chance: Option<f64>,
    random_seed: Option<u64>,
    #[serde(default)]
    after_effect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FaultKind {
    Status,
    Html,
    Empty,
    Answer,
    Delay,
    Truncated,
    ContentType,
    Reset,
    NoResponse,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ResetPointInput {
    BeforeRequest,
    MidRequest,
    InFlight,
    AfterEffect,
    MidResponse,
}

/// Refuses a header of a response that cannot be sent.
pub(super) fn check_header(name: &str, value: &str) -> Result<(), String> {
    if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
        return Err(format!("headers: `{name}` or its value is not valid in a header"));
    }
    if is_framing(name) {
        return Err(format!(
            "headers: `{name}` is made by the server; the faults `truncated` and `reset` break a response"
        ));
    }
    Ok(())
}

impl FaultInput {
    /// The fault. The error names the field that is wrong.
    pub(super) fn fault(self) -> Result<Fault, String> {
        self.check_fields()?;
        let mut fault = self.action()?;
        for (name, value) in self.headers.iter().flatten() {
            check_header(name, value)?;
            fault = fault.header(name, value);
        }
        if let Some(requests) = &self.on {
            fault = fault.try_on(requests).map_err(|message| format!("on: {message}"))?;
        }
        if let Some(share) = self.chance {
            if !(0.0..=1.0).contains(&share) || share == 0.0 {
                return Err("chance: must be from 0 to 1, and not 0".to_owned());
            }
            fault = fault.chance(share, self.random_seed.unwrap_or_default());
        }
        if let Some(nth) = self.nth {
            fault = fault.nth(nth);
        }
        if self.always {
            fault = fault.always();
        }
        if let Some(times) = self.times {
            fault = fault.times(times);
        }
        Ok(if self.after_effect { fault.after_effect() } else { fault })
    }

    /// Refuses a field that this kind does not take.
    fn check_fields(&self) -> Result<(), String> {
        use FaultKind::{Answer, ContentType, Delay, Empty, Html, Reset, Status, Truncated};
        let given: [(&str, bool, &[FaultKind]); 7] = [
            ("status", self.status.is_some(), &[Status, Html, Empty, Answer]),
            ("at", self.at.is_some(), &[Reset]),
            ("delay", self.delay.is_some(), &[Delay]),
            ("bytes", self.bytes.is_some(), &[Truncated]),
            ("contentType", self.content_type.is_some(), &[Answer, ContentType]),
            ("body", self.body.is_some(), &[Answer]),
            ("headers", self.headers.is_some(), &[Status, Html, Empty, Answer]),
        ];
        match given.iter().find(|(_, is_given, kinds)| *is_given && !kinds.contains(&self.kind)) {
            Some((field, ..)) => Err(format!("{field}: a fault of this kind has no such field")),
            None if self.always && self.times.is_some() => Err("times: not together with `always`".to_owned()),
            None if self.times == Some(0) => Err("times: must be 1 or more".to_owned()),
            None if self.nth == Some(0) => Err("nth: must be 1 or more; 1 is the first request".to_owned()),
            None if self.random_seed.is_some() && self.chance.is_none() => {
                Err("randomSeed: only together with `chance`".to_owned())
            }
            None => Ok(()),
        }
    }

    fn action(&self) -> Result<Fault, String> {
        let missing = |field: &str| format!("{field}: is missing");
        let status = || match self.status {
            Some(status) if (200..600).contains(&status) => Ok(status),
            Some(_) => Err("status: must be from 200 to 599".to_owned()),
            None => Err(missing("status")),
        };
        let content_type = self.content_type.as_deref();
        Ok(match self.kind {
            FaultKind::Status => Fault::status(status()?),
            FaultKind::Html => Fault::html(status()?),
            FaultKind::Empty => Fault::empty(status()?),
            FaultKind::Answer => {
                let body = match self.body.clone().unwrap_or_default() {
                    Value::Null => Vec::new(),
                    Value::String(text) => text.into_bytes(),
                    json => json.to_string().into_bytes(),
                };
                Fault::answer(status()?, content_type.unwrap_or("application/json; charset=utf-8"), body)
            }
            FaultKind::Delay => {
                let delay = self.delay.ok_or_else(|| missing("delay"))?;
                Fault::delay(positive(delay, "delay").map_err(|error| error.to_string())?)
            }
            FaultKind::Truncated => Fault::truncated(self.bytes.ok_or_else(|| missing("bytes"))?),
            FaultKind::ContentType => Fault::content_type(content_type.ok_or_else(|| missing("contentType"))?),
            FaultKind::Reset => Fault::reset(match self.at.ok_or_else(|| missing("at"))? {
                ResetPointInput::BeforeRequest => ResetPoint::BeforeRequest,
                ResetPointInput::MidRequest => ResetPoint::MidRequest,
                ResetPointInput::InFlight => ResetPoint::InFlight,
                ResetPointInput::AfterEffect => ResetPoint::AfterEffect,
                ResetPointInput::MidResponse => ResetPoint::MidResponse,
            }),
            FaultKind::NoResponse => Fault::no_response(),
        })
    }
}
