//! Reads recorded exchanges, and selects those that the replay supports.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use calcom::operation::Operation;
use serde::Deserialize;
use serde_json::Value;

pub(super) struct Recording {
    /// `area/case`.
    pub(super) name: String,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The body: JSON, or a text if it is not JSON.
    pub(super) answer: Value,
    pub(super) request: Value,
    method: String,
    path: String,
    version: Option<String>,
    conditional: bool,
}

#[derive(Deserialize)]
struct ExchangeFile {
    request: RequestFile,
    response: ResponseFile,
}

#[derive(Deserialize)]
struct RequestFile {
    method: String,
    path: String,
    headers: serde_json::Map<String, Value>,
    body: Value,
}

#[derive(Deserialize)]
struct ResponseFile {
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

/// The JSON files in `folder` and its subfolders, by name. Files beside the areas and webhook deliveries are no exchanges.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (areas, cases) = entries(folder)?;
    let mut files = Vec::new();
    if areas.is_empty() {
        files = cases;
    }
    for area in areas {
        files.extend(entries(&area)?.1);
    }
    files.retain(|file| !area(file).starts_with("webhook-deliveries"));
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{}: no recordings", folder.display())));
    }
    Ok(files)
}

/// The folders and the JSON files of a folder.
fn entries(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>())
        .map_err(named)?;
    paths.sort();
    let (folders, mut files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    Ok((folders, files))
}

fn area(file: &Path) -> &str {
    file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default()
}

impl Recording {
    pub(super) fn read(file: &Path) -> io::Result<Self> {
        let bad = |error: serde_json::Error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", file.display()))
        };
        let ExchangeFile { request, response } = serde_json::from_slice(&fs::read(file)?).map_err(bad)?;
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str().unwrap_or_default().to_owned())
        };
        let case = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        Ok(Self {
            name: format!("{}/{case}", area(file)),
            status: response.status,
            headers: response.headers,
            answer: response.body,
            version: header("cal-api-version"),
            conditional: header("if-none-match").is_some(),
            method: request.method,
            path: request.path,
            request: request.body,
        })
    }

    /// The operation of the exchange, if this crate would send it so: with its version, and without a condition.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        let operation = Operation::route(self.method.as_str(), &self.path)?;
        let ours = operation.version.is_none() || self.version.as_deref() == operation.version;
        (ours && !self.conditional).then_some(operation)
    }

    /// The body as bytes, as it was received.
    pub(super) fn body(&self) -> Vec<u8> {
        match &self.answer {
            Value::Null => Vec::new(),
            Value::String(text) => text.clone().into_bytes(),
            json => json.to_string().into_bytes(),
        }
    }
}
