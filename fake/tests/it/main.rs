//! The fake service, from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod booking_limits;
mod faults;
mod in_flight;
mod ledger;
mod life;
mod limits;
mod parallel;
mod random;
mod recorder;
mod said;
mod state;
mod versions;

use calcom_conformance::wire::Call;
use calcom_fake::FakeCalcom;
use serde_json::{Value, json};

/// A request of the first user for a booking, in today's form.
fn create(fake: &FakeCalcom, event_type: i64, email: &str, start: &str) -> Call {
    let body = json!({ "start": start, "eventTypeId": event_type,
        "attendee": { "name": "Ada Test", "email": email, "timeZone": "Europe/Rome" } });
    Call::new("POST", "/v2/bookings").key(&fake.api_key()).version("2024-08-13").json(&body)
}

/// The first user gets something about bookings.
async fn get(fake: &FakeCalcom, target: &str) -> (u16, Value) {
    send(fake, Call::new("GET", target).version("2024-08-13").key(&fake.api_key())).await
}

/// The first user does something about bookings.
async fn post(fake: &FakeCalcom, target: &str, body: &Value) -> (u16, Value) {
    send(fake, Call::new("POST", target).version("2024-08-13").key(&fake.api_key()).json(body)).await
}

async fn send(fake: &FakeCalcom, call: Call) -> (u16, Value) {
    let answer = call.send(fake.address()).await.unwrap();
    (answer.status, answer.json())
}
