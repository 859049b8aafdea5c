//! The responses of the server: recorded ones, and a full page of repeated bookings.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The largest page size of the service.
const MAX_PAGE_SIZE: usize = 250;

/// The start of a request, and the status and body of its response.
pub type RecordedResponse = (&'static [u8], u16, Vec<u8>);

/// All responses of the server.
pub fn all() -> Result<Vec<RecordedResponse>> {
    let answers = [
        (&b"GET /v2/me"[..], 200, recorded("me/get-2024-06-14")?),
        (b"POST /v2/bookings", 201, recorded("bookings-2024-08-13/create-regular")?),
        (b"GET /v2/event-types", 200, recorded("event-types/list-2024-06-14")?),
        (b"GET /v2/bookings", 200, page()?),
        (b"GET /v2/slots", 200, recorded("slots/get-2024-09-04-by-event-type-id")?),
        (b"POST /v2/bookings/a/cancel", 200, recorded("bookings-2024-08-13/cancel")?),
    ];
    answers.into_iter().map(|(asked, status, body)| Ok((asked, status, serde_json::to_vec(&body)?))).collect()
}

fn recorded(name: &str) -> Result<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings").join(name).with_extension("json");
    let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
    let mut recording: Value = serde_json::from_str(&text)?;
    Ok(recording["response"]["body"].take())
}

fn page() -> Result<Value> {
    let mut body = recorded("bookings-2024-08-13/list-all")?;
    let known = body["data"].as_array().context("the recorded list holds no bookings")?.clone();
    body["data"] = known.into_iter().cycle().take(MAX_PAGE_SIZE).collect();
    body["pagination"]["returnedItems"] = json!(MAX_PAGE_SIZE);
    body["pagination"]["itemsPerPage"] = json!(MAX_PAGE_SIZE);
    Ok(body)
}
