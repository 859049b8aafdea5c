//! Playback of recordings: finds the recorded exchange for a request, and returns its response with the persons and texts
//! of the request.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use super::exchange::{Request, query_pairs};
use super::pseudonyms::{Pseudonyms, substitute};
use super::recording::{RecordedExchange, load, paths_of};
use super::reply::{Reply, ReplyBody, RequestId};

/// Recorded headers that are not played, because the server sets them itself.
const SKIPPED_HEADERS: [&str; 4] = ["connection", "content-length", "keep-alive", "transfer-encoding"];

/// The recorded exchanges, and the state of their playback.
#[derive(Clone, Debug)]
pub(crate) struct Playback {
    recorded: Vec<PlaybackEntry>,
    /// The recorded credentials of each real one.
    callers: HashMap<String, String>,
    /// Persons: recorded to real.
    persons: HashMap<String, String>,
    /// Texts in which requests differed from the recorded ones: recorded to real.
    texts: HashMap<String, String>,
}

/// The shortest text that is replaced in a response. A shorter one may be a word of the API.
const MIN_TEXT_LEN: usize = 12;

#[derive(Clone, Debug)]
struct PlaybackEntry {
    exchange: RecordedExchange,
    form: ComparableRequest,
    /// In the order of the comparable request.
    pseudonyms: Pseudonyms,
    played: bool,
}

/// A request in the form in which it is compared: persons are numbered in order of appearance, credentials are left out.
#[derive(Clone, Debug, PartialEq)]
struct ComparableRequest {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    version: Option<String>,
    /// `If-None-Match`.
    known: Option<String>,
    body: Value,
}

impl ComparableRequest {
    fn of(
        method: &str,
        path: &str,
        query: &str,
        header: impl Fn(&str) -> Option<String>,
        body: &Value,
    ) -> (Self, Pseudonyms) {
        let mut pseudonyms = Pseudonyms::default();
        pseudonyms.learn_query(query);
        pseudonyms.learn_body(body);
        let pairs = query_pairs(query).into_iter();
        let mut query: Vec<(String, String)> =
            pairs.map(|(name, value)| (name, pseudonyms.replace_in(&value))).collect();
        query.sort();
        let form = Self {
            method: method.to_owned(),
            path: pseudonyms.replace_in(path),
            query,
            version: header("cal-api-version"),
            known: header("if-none-match"),
            body: pseudonyms.replace_in_body(body),
        };
        (form, pseudonyms)
    }

    /// The difference of the bodies: 0 if they are equal, 1 if only values differ, `None` otherwise.
    fn distance(&self, other: &Self) -> Option<u8> {
        let head = |form: &Self| {
            let ComparableRequest { method, path, query, version, known, .. } = form.clone();
            (method, path, query, version, known)
        };
        if head(self) != head(other) {
            return None;
        }
        if self.body == other.body {
            return Some(0);
        }
        let shape = |form: &Self| -> BTreeSet<String> { paths_of(&form.body) };
        (shape(self) == shape(other)).then_some(1)
    }
}

impl Playback {
    /// Reads every recording below `folder`.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut exchanges = load(folder)?;
        exchanges.sort_by(|one, other| (one.at, &one.name).cmp(&(other.at, &other.name)));
        let recorded = exchanges.into_iter().map(|exchange| {
            let request = &exchange.request;
            let query = request.query.as_str().unwrap_or_default();
            let header = |name: &str| request.header(name).map(str::to_owned);
            let (form, pseudonyms) =
                ComparableRequest::of(&request.method, &request.path, query, header, &request.body);
            PlaybackEntry { exchange, form, pseudonyms, played: false }
        });
        Ok(Self {
            recorded: recorded.collect(),
            callers: HashMap::new(),
            persons: HashMap::new(),
            texts: HashMap::new(),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.recorded.is_empty()
    }

    /// The recorded response to a similar request, or a message that lists the recorded requests.
    pub(crate) fn answer(&mut self, request: &Request, body: &Value) -> Result<Reply, String> {
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let header = |name: &str| request.header(name).map(str::to_owned);
        let caller = caller(header);
        let (form, pseudonyms) = ComparableRequest::of(request.method.as_str(), &request.path, query, header, body);
        let alike = self.recorded.iter().enumerate().filter_map(|(at, recorded)| {
            let of_body = recorded.form.distance(&form)?;
            let of_caller = self.distance_of_callers(recorded, caller.as_deref())?;
            // Each response is played once, in order; the last one is repeated.
            let priority = if recorded.played { usize::MAX - at } else { at };
            Some(((of_body, of_caller, recorded.played, priority), at))
        });
        let Some((_, at)) = alike.min() else { return Err(self.explain(&form)) };
        let recorded = &mut self.recorded[at];
        recorded.played = true;
        if let (Some(real), Some(known)) = (caller, recorded_caller(&recorded.exchange)) {
            self.callers.entry(real).or_insert(known);
        }
        let real: HashMap<&str, &str> = pseudonyms.pairs().map(|(original, number)| (number, original)).collect();
        for (person, number) in recorded.pseudonyms.pairs() {
            if let Some(real) = real.get(number) {
                self.persons.insert(person.to_owned(), (*real).to_owned());
            }
        }
        let exchange = recorded.exchange.clone();
        collect_differences(&exchange.request.body, body, &mut self.texts);
        Ok(self.reply(&exchange))
    }

    /// 0 for the caller of the recording, 1 for a caller that is not known yet, 2 for another caller. `None` if only one of
    /// the two requests has credentials.
    fn distance_of_callers(&self, recorded: &PlaybackEntry, caller: Option<&str>) -> Option<u8> {
        match (recorded_caller(&recorded.exchange), caller) {
            (None, None) => Some(0),
            (Some(known), Some(real)) => Some(match self.callers.get(real) {
                Some(taken) => {
                    if *taken == known {
                        0
                    } else {
                        2
                    }
                }
                None => {
                    if self.callers.values().any(|taken| *taken == known) {
                        2
                    } else {
                        1
                    }
                }
            }),
            _ => None,
        }
    }

    fn reply(&self, exchange: &RecordedExchange) -> Reply {
        let recorded = &exchange.response;
        let status = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let is_json = recorded.header("content-type").is_some_and(|kind| kind.contains("json"));
        let body = match &recorded.body {
            Value::Null => Bytes::new(),
            Value::String(text) if text.is_empty() || !is_json => Bytes::from(self.personalize(text)),
            json => Bytes::from(self.personalize_body(json).to_string()),
        };
        let body = if body.is_empty() { ReplyBody::Empty } else { ReplyBody::Raw(body) };
        let mut reply = Reply::of(status, body).with_request_id(RequestId::Absent);
        for (name, value) in &recorded.headers {
            let played = !SKIPPED_HEADERS.contains(&name.to_ascii_lowercase().as_str());
            if let (Ok(name), Ok(value), true) = (HeaderName::try_from(name), HeaderValue::try_from(value), played) {
                reply.headers.push((name, value));
            }
        }
        reply
    }

    fn personalize(&self, text: &str) -> String {
        substitute(text, self.persons.iter().map(|(person, real)| (person.as_str(), real.as_str())))
    }

    fn personalize_body(&self, body: &Value) -> Value {
        match body {
            Value::String(text) => self.texts.get(text).cloned().unwrap_or_else(|| self.personalize(text)).into(),
            Value::Array(items) => items.iter().map(|item| self.personalize_body(item)).collect(),
            Value::Object(fields) => Value::Object(
                fields.iter().map(|(name, value)| (self.personalize(name), self.personalize_body(value))).collect(),
            ),
            other => other.clone(),
        }
    }

    /// The recorded requests, the most similar one first.
    fn explain(&self, form: &ComparableRequest) -> String {
        let shown = |form: &ComparableRequest| {
            let version = form.version.as_deref().map_or_else(String::new, |v| format!(" (cal-api-version {v})"));
            let query: Vec<&str> = form.query.iter().map(|(name, _)| name.as_str()).collect();
            let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            format!("{} {}{query}{version}", form.method, form.path)
        };
        let likeness = |other: &ComparableRequest| {
            usize::from(other.path != form.path) * 2 + usize::from(other.method != form.method)
        };
        let mut known: Vec<(usize, String)> =
            self.recorded.iter().map(|recorded| (likeness(&recorded.form), shown(&recorded.form))).collect();
        known.sort();
        known.dedup();
        let likest: Vec<&str> = known.iter().take(8).map(|(_, text)| text.as_str()).collect();
        format!("{} is not recorded; recorded are {}", shown(form), likest.join(", "))
    }
}

/// Collects the texts of a request that differ from the recorded ones at the same place.
fn collect_differences(recorded: &Value, real: &Value, texts: &mut HashMap<String, String>) {
    match (recorded, real) {
        (Value::String(recorded), Value::String(real)) if recorded != real && recorded.len() >= MIN_TEXT_LEN => {
            texts.insert(recorded.clone(), real.clone());
        }
        (Value::Array(recorded), Value::Array(real)) => {
            recorded.iter().zip(real).for_each(|(recorded, real)| collect_differences(recorded, real, texts));
        }
        (Value::Object(recorded), Value::Object(real)) => {
            for (name, recorded) in recorded {
                collect_differences(recorded, real.get(name).unwrap_or(&Value::Null), texts);
            }
        }
        _ => {}
    }
}

/// The caller: the credentials of the request.
fn caller(header: impl Fn(&str) -> Option<String>) -> Option<String> {
    header(header::AUTHORIZATION.as_str()).or_else(|| header("x-cal-client-id"))
}

fn recorded_caller(exchange: &RecordedExchange) -> Option<String> {
    caller(|name| exchange.request.header(name).map(str::to_owned))
}

/// The response to a request that was not recorded.
pub(crate) fn not_recorded(explanation: &str) -> Reply {
    Reply::exception(404, explanation).with_hint(explanation)
}
