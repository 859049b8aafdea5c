//! The exchanges of a recorder and the files that they become.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::disguise::Disguise;
use super::super::proxy::message::Message;
use super::super::router::{self, Matched};
use super::super::version::ApiVersion;

/// Headers of a request that say something about it; credentials are replaced.
const SENT: [&str; 8] = [
    "accept",
    "authorization",
    "cal-api-version",
    "content-type",
    "if-none-match",
    "x-cal-client-id",
    "x-cal-secret-key",
    "x-request-id",
];
/// Headers of an answer, beside those of the rate limit.
const GIVEN: [&str; 6] = ["content-length", "content-type", "etag", "location", "retry-after", "x-request-id"];

/// What passed.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) at: Timestamp,
    pub(super) request: Message,
    pub(super) answer: Message,
}

/// All that passed, and where it is written.
pub(super) struct Book {
    folder: PathBuf,
    pages: Vec<Page>,
    disguise: Disguise,
}

struct Page {
    exchange: Exchange,
    /// Below the folder, without `.json`.
    name: String,
}

impl Book {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, pages: Vec::new(), disguise: Disguise::default() }
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.pages.iter().map(|page| file(&self.folder, &page.name)).collect()
    }

    pub(super) fn original(&self, replacement: &str) -> Option<String> {
        self.disguise.original(replacement).map(str::to_owned)
    }

    /// Writes an exchange. Whoever is named in it for the first time is replaced in earlier ones too.
    pub(super) fn write(&mut self, exchange: Exchange) -> io::Result<()> {
        let before = self.disguise.len();
        learn(&mut self.disguise, &exchange);
        let name = name(self.pages.len() + 1, &exchange);
        for page in &self.pages {
            let text = String::from_utf8_lossy(&page.exchange.request.bytes()).into_owned()
                + &String::from_utf8_lossy(&page.exchange.answer.bytes());
            if self.disguise.since(before).any(|original| text.contains(original)) {
                self.put(page)?;
            }
        }
        let page = Page { exchange, name };
        self.put(&page)?;
        self.pages.push(page);
        Ok(())
    }

    fn put(&self, page: &Page) -> io::Result<()> {
        let file = file(&self.folder, &page.name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = Vec::new();
        let indent = serde_json::ser::PrettyFormatter::with_indent(b" ");
        recorded(&self.disguise, page)
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
fn name(number: usize, exchange: &Exchange) -> String {
    let request = &exchange.request;
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let area: String = request.path().split('/').nth(2).unwrap_or_default().chars().filter(plain).collect();
    let area = if area.is_empty() { "other" } else { &area };
    let method = Method::from_bytes(request.method().as_bytes()).unwrap_or_default();
    let version = ApiVersion::of_header(request.header("cal-api-version"));
    let operation = match router::find(&method, request.path(), version) {
        Matched::Route(route, _) => route.operation,
        Matched::Nothing(_) | Matched::BadPath(_) => "unknown",
    };
    format!("{area}/{number:03}-{operation}-{}", exchange.answer.status())
}

/// Takes up who and what is named in an exchange.
fn learn(disguise: &mut Disguise, exchange: &Exchange) {
    let (_, query) = split(exchange.request.target());
    for (name, value) in exchange.request.headers() {
        disguise.learn_header(name, value);
    }
    disguise.learn_query(query);
    for body in [body(&exchange.request), body(&exchange.answer)] {
        disguise.learn_body(&body);
    }
}

fn recorded(disguise: &Disguise, page: &Page) -> Value {
    let Exchange { at, request, answer } = &page.exchange;
    let (path, query) = split(request.target());
    let sent = request.headers().filter(|(name, _)| SENT.iter().any(|known| name.eq_ignore_ascii_case(known)));
    let headers: serde_json::Map<String, Value> =
        sent.map(|(name, value)| (name.to_owned(), disguise.hide(value).into())).collect();
    let is_given = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-ratelimit-") || GIVEN.contains(&name.as_str())
    };
    let given: Vec<Value> = answer
        .headers()
        .filter(|(name, _)| is_given(name))
        .map(|(name, value)| json!([name, disguise.hide(value)]))
        .collect();
    let status = answer.status();
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let sent_body = if request.body.is_empty() { Value::Null } else { disguise.hide_body(&body(request)) };
    json!({
        "name": page.name.split('/').next_back(),
        "recorded_at": at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "request": {
            "method": request.method(), "path": disguise.hide(path), "query": disguise.hide(query),
            "headers": headers, "body": sent_body,
        },
        "response": {
            "status": status, "reason": reason.unwrap_or_default(), "headers": given,
            "body": disguise.hide_body(&body(answer)),
        },
    })
}

fn split(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

/// JSON where it is, text where it is not.
fn body(message: &Message) -> Value {
    let plain = message.plain_body();
    serde_json::from_slice(&plain).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&plain).into_owned()))
}
