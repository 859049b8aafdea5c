//! The answers: recorded ones, and a full page of bookings made by repeating them.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::Case;

/// The largest page that the service gives.
const PAGE: usize = 250;

/// Status and body of the answer to `case`.
pub fn answer(case: Case) -> Result<(u16, Vec<u8>)> {
    let (status, body) = match case {
        Case::GetMe => (200, recorded("me/get-2024-06-14")?),
        Case::CreateBooking => (201, recorded("bookings-2024-08-13/create-regular")?),
        Case::ListEventTypes => (200, recorded("event-types/list-2024-06-14")?),
        Case::ListBookings => (200, page()?),
    };
    Ok((status, serde_json::to_vec(&body)?))
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
    body["data"] = known.into_iter().cycle().take(PAGE).collect();
    body["pagination"]["returnedItems"] = json!(PAGE);
    body["pagination"]["itemsPerPage"] = json!(PAGE);
    Ok(body)
}
