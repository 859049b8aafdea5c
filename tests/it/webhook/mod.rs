//! Tests of webhooks, with recorded and handmade deliveries.

mod compose;
mod events;
mod fake;
mod fuzz;
mod lenient;
mod privacy;
mod receive;
#[cfg(feature = "axum")]
mod server;
mod verify;

use std::{fs, path::Path};

use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

/// A delivery as it was received.
#[derive(Deserialize)]
struct Delivery {
    #[serde(skip)]
    name: String,
    /// The secret of its webhook.
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: String,
}

impl Delivery {
    fn read(path: &Path) -> Self {
        let mut delivery: Self = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        delivery.name = path.file_stem().unwrap().to_string_lossy().into_owned();
        delivery
    }

    /// The kind of delivery in the name of the recording: `BOOKING_CREATED`, `template`, `notjson`.
    fn kind(&self) -> &str {
        self.name.rsplit('-').next().unwrap()
    }

    fn is_event(&self) -> bool {
        !matches!(self.kind(), "template" | "notjson")
    }

    fn signature(&self) -> &str {
        let mut headers = self.headers.iter();
        &headers.find(|(name, _)| name.eq_ignore_ascii_case("X-Cal-Signature-256")).unwrap().1
    }

    fn header_map(&self) -> HeaderMap {
        self.headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn bytes(&self) -> Bytes {
        Bytes::from(self.body.clone())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn read_all(folder: &str) -> Vec<Delivery> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Delivery::read(path)).collect()
}

/// All recorded deliveries.
fn recorded() -> Vec<Delivery> {
    read_all("tests/recordings/webhook-deliveries")
}

fn time(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// The recorded deliveries that are events.
fn events() -> Vec<Delivery> {
    recorded().into_iter().filter(Delivery::is_event).collect()
}

/// Handmade deliveries of the triggers that are not recorded. Each names the source of its form.
fn made() -> Vec<Delivery> {
    read_all("tests/fixtures/webhook-deliveries")
}

fn one(kind: &str) -> Delivery {
    let mut all = recorded().into_iter().chain(made());
    all.find(|delivery| delivery.kind() == kind && delivery.name != format!("reference-{kind}")).unwrap()
}
