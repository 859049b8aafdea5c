//! Answering from recordings: which recorded exchange a request is like, and its answer, in which whoever was replaced
//! when it was recorded is again who the request names. Recording is the recorder's business.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use super::disguise::{Disguise, substitute};
use super::exchange::{Request, query_pairs};
use super::recording::{Exchange, load, paths_of};
use super::reply::{Body, Reply, RequestId};

/// Headers that the answer gets from whoever sends it.
const NOT_PLAYED: [&str; 4] = ["connection", "content-length", "keep-alive", "transfer-encoding"];

/// What was recorded, and how far it was played.
#[derive(Debug)]
pub(crate) struct Playback {
    recorded: Vec<Recorded>,
    /// The recorded credentials that each real one was taken for.
    callers: HashMap<String, String>,
    /// Who stands for whom: recorded, real.
    persons: HashMap<String, String>,
    /// Whole texts in which requests differed from the recorded ones: recorded, real.
    texts: HashMap<String, String>,
}

/// A text this long is no word of the API, and where it comes back it is the request's own.
const OWN: usize = 12;

#[derive(Debug)]
struct Recorded {
    exchange: Exchange,
    form: Form,
    /// In the order of the form.
    disguise: Disguise,
    played: bool,
}

/// A request as it is compared: persons numbered as they come, and nothing of who asks.
#[derive(Clone, Debug, PartialEq)]
struct Form {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    version: Option<String>,
    /// `If-None-Match`.
    known: Option<String>,
    body: Value,
}

impl Form {
    fn of(
        method: &str,
        path: &str,
        query: &str,
        header: impl Fn(&str) -> Option<String>,
        body: &Value,
    ) -> (Self, Disguise) {
        let mut disguise = Disguise::default();
        disguise.learn_query(query);
        disguise.learn_body(body);
        let pairs = query_pairs(query).into_iter();
        let mut query: Vec<(String, String)> = pairs.map(|(name, value)| (name, disguise.hide(&value))).collect();
        query.sort();
        let form = Self {
            method: method.to_owned(),
            path: disguise.hide(path),
            query,
            version: header("cal-api-version"),
            known: header("if-none-match"),
            body: disguise.hide_body(body),
        };
        (form, disguise)
    }

    /// How unlike the bodies are: 0 for equal ones, 1 where only values differ; nothing where more does.
    fn distance(&self, other: &Self) -> Option<u8> {
        let head = |form: &Self| {
            let Form { method, path, query, version, known, .. } = form.clone();
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
            let (form, disguise) = Form::of(&request.method, &request.path, query, header, &request.body);
            Recorded { exchange, form, disguise, played: false }
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

    /// The recorded answer to a request like this, or what would have been known.
    pub(crate) fn answer(&mut self, request: &Request, body: &Value) -> Result<Reply, String> {
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let header = |name: &str| request.header(name).map(str::to_owned);
        let caller = caller(header);
        let (form, disguise) = Form::of(request.method.as_str(), &request.path, query, header, body);
        let alike = self.recorded.iter().enumerate().filter_map(|(at, recorded)| {
            let of_body = recorded.form.distance(&form)?;
            let of_caller = self.distance_of_callers(recorded, caller.as_deref())?;
            // Each is played once, in its order; the last goes on.
            let turn = if recorded.played { usize::MAX - at } else { at };
            Some(((of_body, of_caller, recorded.played, turn), at))
        });
        let Some((_, at)) = alike.min() else { return Err(self.explain(&form)) };
        let recorded = &mut self.recorded[at];
        recorded.played = true;
        if let (Some(real), Some(known)) = (caller, recorded_caller(&recorded.exchange)) {
            self.callers.entry(real).or_insert(known);
        }
        let real: HashMap<&str, &str> = disguise.pairs().map(|(original, number)| (number, original)).collect();
        for (person, number) in recorded.disguise.pairs() {
            if let Some(real) = real.get(number) {
                self.persons.insert(person.to_owned(), (*real).to_owned());
            }
        }
        let exchange = recorded.exchange.clone();
        differing(&exchange.request.body, body, &mut self.texts);
        Ok(self.reply(&exchange))
    }

    /// 0 for the caller of the recording, 1 for one who could be, 2 for another; nothing where only one of them says who it
    /// is.
    fn distance_of_callers(&self, recorded: &Recorded, caller: Option<&str>) -> Option<u8> {
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

    fn reply(&self, exchange: &Exchange) -> Reply {
        let recorded = &exchange.response;
        let status = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let is_json = recorded.header("content-type").is_some_and(|kind| kind.contains("json"));
        let body = match &recorded.body {
            Value::Null => Bytes::new(),
            Value::String(text) if text.is_empty() || !is_json => Bytes::from(self.named(text)),
            json => Bytes::from(self.named_body(json).to_string()),
        };
        let body = if body.is_empty() { Body::Empty } else { Body::Raw(body) };
        let mut reply = Reply::of(status, body).with_request_id(RequestId::Absent);
        for (name, value) in &recorded.headers {
            let played = !NOT_PLAYED.contains(&name.to_ascii_lowercase().as_str());
            if let (Ok(name), Ok(value), true) = (HeaderName::try_from(name), HeaderValue::try_from(value), played) {
                reply.headers.push((name, value));
            }
        }
        reply
    }

    fn named(&self, text: &str) -> String {
        substitute(text, self.persons.iter().map(|(person, real)| (person.as_str(), real.as_str())))
    }

    fn named_body(&self, body: &Value) -> Value {
        match body {
            Value::String(text) => self.texts.get(text).cloned().unwrap_or_else(|| self.named(text)).into(),
            Value::Array(items) => items.iter().map(|item| self.named_body(item)).collect(),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (self.named(name), self.named_body(value))).collect())
            }
            other => other.clone(),
        }
    }

    /// What is recorded, the likest first.
    fn explain(&self, form: &Form) -> String {
        let shown = |form: &Form| {
            let version = form.version.as_deref().map_or_else(String::new, |v| format!(" (cal-api-version {v})"));
            let query: Vec<&str> = form.query.iter().map(|(name, _)| name.as_str()).collect();
            let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            format!("{} {}{query}{version}", form.method, form.path)
        };
        let likeness =
            |other: &Form| usize::from(other.path != form.path) * 2 + usize::from(other.method != form.method);
        let mut known: Vec<(usize, String)> =
            self.recorded.iter().map(|recorded| (likeness(&recorded.form), shown(&recorded.form))).collect();
        known.sort();
        known.dedup();
        let likest: Vec<&str> = known.iter().take(8).map(|(_, text)| text.as_str()).collect();
        format!("{} is not recorded; recorded are {}", shown(form), likest.join(", "))
    }
}

/// Takes up the texts of a request that differ from the recorded ones, by their place.
fn differing(recorded: &Value, real: &Value, texts: &mut HashMap<String, String>) {
    match (recorded, real) {
        (Value::String(recorded), Value::String(real)) if recorded != real && recorded.len() >= OWN => {
            texts.insert(recorded.clone(), real.clone());
        }
        (Value::Array(recorded), Value::Array(real)) => {
            recorded.iter().zip(real).for_each(|(recorded, real)| differing(recorded, real, texts));
        }
        (Value::Object(recorded), Value::Object(real)) => {
            for (name, recorded) in recorded {
                differing(recorded, real.get(name).unwrap_or(&Value::Null), texts);
            }
        }
        _ => {}
    }
}

/// Who asks, by the credentials that are shown.
fn caller(header: impl Fn(&str) -> Option<String>) -> Option<String> {
    header(header::AUTHORIZATION.as_str()).or_else(|| header("x-cal-client-id"))
}

fn recorded_caller(exchange: &Exchange) -> Option<String> {
    caller(|name| exchange.request.header(name).map(str::to_owned))
}

/// The refusal of what was not recorded.
pub(crate) fn not_recorded(explanation: &str) -> Reply {
    Reply::exception(404, explanation).with_hint(explanation)
}
