//! Recordings as they lie in files, and the order in which they happened: the second that each carries, then the
//! counters of the rate limit and the times inside the answers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// One recorded exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// `AREA/CASE`.
    pub name: String,
    /// What was sent.
    pub request: SentRequest,
    /// What came back.
    pub response: GivenResponse,
    /// When, as near as the recording tells.
    pub(crate) at: Timestamp,
    /// Whether it counts, or only sets the stage for others.
    pub(crate) judged: bool,
}

/// A recorded request.
#[derive(Clone, Debug, Deserialize)]
pub struct SentRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Without the query, as sent.
    pub path: String,
    /// As sent, without the question mark.
    #[serde(default)]
    pub query: Value,
    /// Name to value.
    #[serde(default)]
    pub headers: HashMap<String, String>,
    /// JSON, or text where it was not.
    #[serde(default)]
    pub body: Value,
}

/// A recorded answer.
#[derive(Clone, Debug, Deserialize)]
pub struct GivenResponse {
    /// The HTTP status.
    pub status: u16,
    /// In order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// JSON, or text where it was not.
    #[serde(default)]
    pub body: Value,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    recorded_at: Option<Timestamp>,
    request: SentRequest,
    response: GivenResponse,
}

impl SentRequest {
    /// Path and query as they were sent.
    pub fn target(&self) -> String {
        match self.query.as_str() {
            Some(query) if !query.is_empty() => format!("{}?{query}", self.path),
            _ => self.path.clone(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl GivenResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, header: &str) -> Option<i64> {
        self.header(header)?.parse().ok()
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The message of an error, whatever its shape.
    pub(crate) fn message(&self) -> &str {
        let inner = self.body.pointer("/error/message").or_else(|| self.body.get("message"));
        inner.and_then(Value::as_str).unwrap_or_default()
    }
}

/// Reads every exchange below `dir`; files of other kinds are passed over.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn load(dir: &Path, judged: bool) -> io::Result<Vec<Exchange>> {
    let mut files = Vec::new();
    collect(dir, &mut files)?;
    files.sort();
    let mut exchanges = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let Ok(file) = serde_json::from_str::<File>(&text) else { continue };
        exchanges.push(Exchange {
            name: name_of(&path),
            request: file.request,
            response: file.response,
            at: file.recorded_at.unwrap_or(Timestamp::UNIX_EPOCH),
            judged,
        });
    }
    Ok(exchanges)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    let part = |path: Option<&std::ffi::OsStr>| path.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{}/{}", part(path.parent().and_then(Path::file_name)), part(path.file_stem()))
}

/// Puts exchanges into the order in which they happened.
pub(crate) fn in_order(exchanges: &mut [Exchange]) {
    place_undated(exchanges);
    exchanges.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| turn(a).cmp(&turn(b))).then_with(|| a.name.cmp(&b.name)));
    // Within one second and one caller the counter tells the order; the times in the answers place the callers among
    // each other.
    let mut chains: HashMap<String, Timestamp> = HashMap::new();
    for exchange in exchanges.iter_mut() {
        let second = exchange.at;
        let caller = exchange.request.header("authorization").unwrap_or("nobody").to_owned();
        let last = chains.get(&caller).copied().filter(|last| last.as_second() == second.as_second());
        let told = told_time(exchange).filter(|told| told.as_second() == second.as_second());
        let next = last.and_then(|last| last.checked_add(std::time::Duration::from_micros(1)).ok()).unwrap_or(second);
        exchange.at = told.map_or(next, |told| told.max(next));
        if counter(exchange).is_some() {
            chains.insert(caller, exchange.at);
        }
    }
    exchanges.sort_by(|a, b| a.at.cmp(&b.at));
}

/// A recording without a time belongs before the first of its folder.
fn place_undated(exchanges: &mut [Exchange]) {
    let area = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let dated: Vec<(String, Timestamp)> = exchanges
        .iter()
        .filter(|e| e.at != Timestamp::UNIX_EPOCH)
        .map(|e| (area(&e.name), e.at))
        .collect();
    for exchange in exchanges.iter_mut().filter(|e| e.at == Timestamp::UNIX_EPOCH) {
        let own = area(&exchange.name);
        let first = dated.iter().filter(|(area, _)| *area == own).map(|(_, at)| *at).min();
        let before = first.and_then(|at| at.checked_sub(std::time::Duration::from_secs(1)).ok());
        exchange.at = before.unwrap_or(Timestamp::UNIX_EPOCH);
    }
}

fn counter(exchange: &Exchange) -> Option<i64> {
    exchange.response.number("x-ratelimit-remaining-default")
}

/// Where in its window: a window that ends sooner comes first, and then the counter falls.
fn turn(exchange: &Exchange) -> (i64, i64) {
    let reset = exchange.response.number("x-ratelimit-reset-default").unwrap_or(0);
    (reset, -counter(exchange).unwrap_or(i64::MAX))
}

/// A time that the answer itself names: of an error, or of what a write has just made or changed.
fn told_time(exchange: &Exchange) -> Option<Timestamp> {
    let body = &exchange.response.body;
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).and_then(|text| text.parse().ok());
    if exchange.request.method == "GET" {
        return at("/timestamp");
    }
    ["/timestamp", "/data/updatedAt", "/data/createdAt"].iter().find_map(|pointer| at(pointer))
}
