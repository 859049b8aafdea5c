//! Writes the exchanges of a recorder to files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::proxy::message::HttpMessage;
use super::super::pseudonyms::Pseudonyms;
use super::super::router;

/// Request headers that are recorded. Credentials are replaced.
const REQUEST_HEADERS: [&str; 8] = [
    "accept",
    "authorization",
    "cal-api-version",
    "content-type",
    "if-none-match",
    "x-cal-client-id",
    "x-cal-secret-key",
    "x-request-id",
];
/// Response headers that are recorded, beside those of the rate limit.
const RESPONSE_HEADERS: [&str; 6] =
    ["content-length", "content-type", "etag", "location", "retry-after", "x-request-id"];

/// An exchange, as it was captured.
#[derive(Clone, Debug)]
pub(super) struct CapturedExchange {
    pub(super) at: Timestamp,
    pub(super) request: HttpMessage,
    pub(super) answer: HttpMessage,
}

/// The exchanges so far, and the folder that they are written to.
pub(super) struct RecordingWriter {
    folder: PathBuf,
    entries: Vec<RecordingEntry>,
    pseudonyms: Pseudonyms,
}

struct RecordingEntry {
    exchange: CapturedExchange,
    /// The path below the folder, without `.json`.
    name: String,
}

impl RecordingWriter {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, entries: Vec::new(), pseudonyms: Pseudonyms::default() }
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.entries.iter().map(|entry| file(&self.folder, &entry.name)).collect()
    }

    pub(super) fn original(&self, replacement: &str) -> Option<String> {
        self.pseudonyms.original(replacement).map(str::to_owned)
    }

    /// Writes an exchange. Persons that appear for the first time are replaced in earlier files too.
    pub(super) fn write(&mut self, exchange: CapturedExchange) -> io::Result<()> {
        let before = self.pseudonyms.len();
        learn(&mut self.pseudonyms, &exchange);
        let name = name(self.entries.len() + 1, &exchange);
        for entry in &self.entries {
            let text = String::from_utf8_lossy(&entry.exchange.request.bytes()).into_owned()
                + &String::from_utf8_lossy(&entry.exchange.answer.bytes());
            if self.pseudonyms.since(before).any(|original| text.contains(original)) {
                self.put(entry)?;
            }
        }
        let entry = RecordingEntry { exchange, name };
        self.put(&entry)?;
        self.entries.push(entry);
        Ok(())
    }

    fn put(&self, entry: &RecordingEntry) -> io::Result<()> {
        let file = file(&self.folder, &entry.name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = Vec::new();
        let indent = serde_json::ser::PrettyFormatter::with_indent(b" ");
        recorded(&self.pseudonyms, entry)
            .serialize(&mut serde_json::Serializer::with_formatter(&mut text, indent))
            .map_err(io::Error::other)?;
        text.push(b'\n');
        fs::write(file, text)
    }
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// `bookings/003-create_booking-201`.
fn name(number: usize, exchange: &CapturedExchange) -> String {
    let request = &exchange.request;
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let area: String = request.path().split('/').nth(2).unwrap_or_default().chars().filter(plain).collect();
    let area = if area.is_empty() { "other" } else { &area };
    let method = Method::from_bytes(request.method().as_bytes()).unwrap_or_default();
    let operation = router::operation(&method, request.path(), request.header("cal-api-version")).unwrap_or("unknown");
    format!("{area}/{number:03}-{operation}-{}", exchange.answer.status())
}

/// Adds the persons and secrets of an exchange to the pseudonyms.
fn learn(pseudonyms: &mut Pseudonyms, exchange: &CapturedExchange) {
    let (_, query) = split(exchange.request.target());
    for (name, value) in exchange.request.headers() {
        pseudonyms.learn_header(name, value);
    }
    pseudonyms.learn_query(query);
    for body in [body(&exchange.request), body(&exchange.answer)] {
        pseudonyms.learn_body(&body);
    }
}

fn recorded(pseudonyms: &Pseudonyms, entry: &RecordingEntry) -> Value {
    let CapturedExchange { at, request, answer } = &entry.exchange;
    let (path, query) = split(request.target());
    let sent =
        request.headers().filter(|(name, _)| REQUEST_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)));
    let headers: serde_json::Map<String, Value> =
        sent.map(|(name, value)| (name.to_owned(), pseudonyms.replace_in(value).into())).collect();
    let is_given = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-ratelimit-") || RESPONSE_HEADERS.contains(&name.as_str())
    };
    let given: Vec<Value> = answer
        .headers()
        .filter(|(name, _)| is_given(name))
        .map(|(name, value)| json!([name, pseudonyms.replace_in(value)]))
        .collect();
    let status = answer.status();
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let sent_body = if request.body.is_empty() { Value::Null } else { pseudonyms.replace_in_body(&body(request)) };
    json!({
        "name": entry.name.split('/').next_back(),
        "recorded_at": at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "request": {
            "method": request.method(), "path": pseudonyms.replace_in(path), "query": pseudonyms.replace_in(query),
            "headers": headers, "body": sent_body,
        },
        "response": {
            "status": status, "reason": reason.unwrap_or_default(), "headers": given,
            "body": pseudonyms.replace_in_body(&body(answer)),
        },
    })
}

fn split(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

/// The body: JSON, or a text if it is not JSON.
fn body(message: &HttpMessage) -> Value {
    let plain = message.plain_body();
    serde_json::from_slice(&plain).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&plain).into_owned()))
}
