//! Integration tests of the fake.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod booking_limits;
mod clients;
mod control;
mod documented;
mod examples;
mod failure_messages;
mod faults;
mod fixtures;
mod in_flight;
mod ledger;
mod lifecycle;
mod limits;
mod organizations;
mod parallel;
mod platform;
mod random;
mod recorded_rules;
mod recorder;
mod state;
mod team_hosts;
mod teams;
mod versions;

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::FakeCalcom;
use serde_json::{Value, json};

/// A request of the first user that creates a booking, version 2024-08-13.
fn create(fake: &FakeCalcom, event_type: i64, email: &str, start: &str) -> RawRequest {
    let body = json!({ "start": start, "eventTypeId": event_type,
        "attendee": { "name": "Ada Test", "email": email, "timeZone": "Europe/Rome" } });
    RawRequest::new("POST", "/v2/bookings").key(&fake.api_key()).version("2024-08-13").json(&body)
}

/// Sends a GET of the first user, version 2024-08-13.
async fn get(fake: &FakeCalcom, target: &str) -> (u16, Value) {
    send(fake, RawRequest::new("GET", target).version("2024-08-13").key(&fake.api_key())).await
}

/// Sends a POST of the first user, version 2024-08-13.
async fn post(fake: &FakeCalcom, target: &str, body: &Value) -> (u16, Value) {
    send(fake, RawRequest::new("POST", target).version("2024-08-13").key(&fake.api_key()).json(body)).await
}

async fn send(fake: &FakeCalcom, call: RawRequest) -> (u16, Value) {
    let answer = call.send(fake.address()).await.unwrap();
    (answer.status, answer.json())
}
