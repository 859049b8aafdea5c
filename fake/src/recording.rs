//! The file format of recordings, which a [`Recorder`](super::Recorder) writes.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A request and its response, as a recording file holds them.
#[derive(Clone, Debug)]
pub struct RecordedExchange {
    /// `AREA/CASE`.
    pub name: String,
    /// The request.
    pub request: RecordedRequest,
    /// The response.
    pub response: RecordedResponse,
    /// The time of the exchange, as precise as the recording has it.
    pub at: Timestamp,
}

/// A recorded request.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path without the query, as it was sent.
    pub path: String,
    /// The query as it was sent, without the question mark.
    #[serde(default)]
    pub query: Value,
    /// The headers, by name.
    #[serde(default)]
    pub headers: HashMap<String, String>,
    /// The body: JSON, or a text if it is not JSON.
    #[serde(default)]
    pub body: Value,
}

/// A recorded response.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers, in order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body: JSON, or a text if it is not JSON.
    #[serde(default)]
    pub body: Value,
}

#[derive(Deserialize)]
struct RecordingFile {
    #[serde(default)]
    recorded_at: Option<Timestamp>,
    request: RecordedRequest,
    response: RecordedResponse,
}

impl RecordedRequest {
    /// Path and query as they were sent.
    pub fn target(&self) -> String {
        match self.query.as_str() {
            Some(query) if !query.is_empty() => format!("{}?{query}", self.path),
            _ => self.path.clone(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl RecordedResponse {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn number(&self, header: &str) -> Option<i64> {
        self.header(header)?.parse().ok()
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The message of an error body of any form.
    pub fn message(&self) -> &str {
        let inner = self.body.pointer("/error/message").or_else(|| self.body.get("message"));
        inner.and_then(Value::as_str).unwrap_or_default()
    }
}

/// Reads every exchange below `dir`. Other files are skipped.
///
/// # Errors
/// If a folder or file cannot be read.
pub fn load(dir: &Path) -> io::Result<Vec<RecordedExchange>> {
    let mut files = Vec::new();
    collect(dir, &mut files)?;
    files.sort();
    let mut exchanges = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let Ok(file) = serde_json::from_str::<RecordingFile>(&text) else { continue };
        exchanges.push(RecordedExchange {
            name: name_of(&path),
            request: file.request,
            response: file.response,
            at: file.recorded_at.unwrap_or(Timestamp::UNIX_EPOCH),
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

/// All paths in a value. The items of a list have one path.
pub fn paths_of(value: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    gather(value, String::new(), &mut paths);
    paths
}

fn gather(value: &Value, path: String, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                gather(value, format!("{path}.{key}"), paths);
            }
        }
        Value::Array(list) => {
            for value in list {
                gather(value, format!("{path}[]"), paths);
            }
        }
        _ => {}
    }
    paths.insert(path);
}
