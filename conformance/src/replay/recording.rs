//! One recorded exchange, and which of them are for us.

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
    /// Parsed JSON, or a text where it was none.
    pub(super) answer: Value,
    pub(super) request: Value,
    method: String,
    path: String,
    version: Option<String>,
    conditional: bool,
}

#[derive(Deserialize)]
struct Exchange {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: serde_json::Map<String, Value>,
    body: Value,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

/// Every JSON file in `folder` and in the folders in it, by name. Files beside the areas are not exchanges, nor are the
/// deliveries of webhooks.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (areas, cases) = entries(folder)?;
    let mut files = Vec::new();
    if areas.is_empty() {
        files = cases;
    }
    for area in areas {
        files.extend(entries(&area)?.1);
    }
    files.retain(|file| area(file) != "webhook-deliveries");
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{}: no recordings", folder.display())));
    }
    Ok(files)
}

/// Folders, and JSON files.
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
        let Exchange { request, response } = serde_json::from_slice(&fs::read(file)?).map_err(bad)?;
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

    /// The operation of the document that this is an exchange of, as this crate would have sent it: at its version, and
    /// without asking for an answer only if it has changed.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        let operation = Operation::route(&self.method, &self.path)?;
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
