//! Inputs that the other tests leave out: odd addresses, odd answers, pages that lie, values that hardly differ.

mod answers;
mod contracts;
mod deliveries;
mod equality;
mod pages;
mod requests;

use std::sync::{Arc, Mutex};

use calcom::{Client, config::ServiceKind};
use serde_json::{Value, json};

use crate::support::socket::{Received, Service, json as response};

/// A service whose bodies are the result of `body`, and a client of it.
async fn serving(kind: ServiceKind, body: impl Fn(&Received) -> String + Send + Sync + 'static) -> (Service, Client) {
    let service = Service::serving_with(move |request| response(200, &[], body(request))).await;
    let mut config = service.client().config().clone();
    config.service = kind;
    let client = service.builder().config(config).build().unwrap();
    (service, client)
}

/// A self-hosted server that gives these bodies in turn, the last one again and again.
async fn in_turn<const N: usize>(bodies: [String; N]) -> (Service, Client) {
    let left = Arc::new(Mutex::new(bodies.into_iter().rev().collect::<Vec<_>>()));
    serving(ServiceKind::SelfHosted, move |_| {
        let mut left = left.lock().unwrap();
        if left.len() > 1 { left.pop().unwrap() } else { left[0].clone() }
    })
    .await
}

/// The value of a query parameter of a received request.
fn parameter(request: &Received, name: &str) -> Option<String> {
    let query = request.line.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

fn lines(service: &Service) -> Vec<String> {
    service.requests().into_iter().map(|request| request.line).collect()
}

/// A booking in the wire form.
fn booking(uid: &str) -> Value {
    json!({
        "id": 5, "uid": uid, "title": "Check-up", "status": "accepted", "duration": 20, "eventTypeId": 3,
        "hosts": [{"id": 2, "name": "Dr Muster", "email": "host@example.org", "username": "muster", "timeZone": "Europe/Berlin"}],
        "start": "2031-03-01T09:00:00Z", "end": "2031-03-01T09:20:00Z", "absentHost": false, "location": null,
        "attendees": [{"name": "Erika", "email": "erika@example.org", "timeZone": "Europe/Berlin", "absent": false}],
        "createdAt": "2030-01-01T09:00:00Z", "updatedAt": "2030-01-01T09:00:00Z", "metadata": {},
    })
}

fn webhook(id: &str) -> Value {
    json!({"id": id, "payloadTemplate": null, "triggers": [], "active": true, "userId": 1,
           "subscriberUrl": "https://example.org/", "secret": null})
}
