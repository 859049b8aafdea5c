//! The documented API, from top to bottom: a test for each statement, in a file for each section.
//!
//! Every test begins with its heading and its verdict: the statement [`holds`], or the crate [`differs`] on purpose. What
//! differs stands in the table of MIGRATION.md, and what stands there is shown by a test.

mod bookings;
mod breaker;
mod cache_keys;
mod debugging;
mod dtos;
mod error_handling;
mod event_types;
mod mapping;
mod mocks;
mod performance;
mod schedules_and_slots;
mod setup;
mod table;
mod user;
mod webhook_payload;

use calcom::Client;
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::support::client;

/// The statement under this heading is true of the crate.
fn holds(heading: &str) {
    assert!(table::HEADINGS.contains(&heading), "no such heading: {heading}");
}

/// The crate differs from the statement under this heading; `row` of the table says how and why.
fn differs(heading: &str, row: &str) {
    holds(heading);
    assert!(table::rows().iter().any(|known| known == row), "no row `{row}` in MIGRATION.md");
}

/// A service that gives every request this answer, and a client of it.
async fn answering(answer: &str) -> (MockServer, Client) {
    answering_with(200, serde_json::from_str(answer).unwrap()).await
}

async fn answering_with(status: u16, body: Value) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(status).set_body_json(body)).mount(&server).await;
    let client = client(&server);
    (server, client)
}

/// The last request that `server` got.
async fn last(server: &MockServer) -> Request {
    server.received_requests().await.unwrap().pop().unwrap()
}

/// The last request as `GET /v2/me?..`, its query decoded and sorted.
async fn sent(server: &MockServer) -> String {
    let request = last(server).await;
    let mut query: Vec<String> =
        request.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    query.sort();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{} {}{mark}{}", request.method, request.url.path(), query.join("&"))
}

/// The body of the last request.
async fn body(server: &MockServer) -> Value {
    serde_json::from_slice(&last(server).await.body).unwrap()
}

/// The `data` of a documented answer.
fn data(answer: &str) -> Value {
    serde_json::from_str::<Value>(answer).unwrap()["data"].take()
}

/// A documented configuration, as a file holds it.
fn config(json: Value) -> calcom::Config {
    serde_json::from_value(json).unwrap()
}
