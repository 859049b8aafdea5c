//! What the control routes and the page show, as JSON.

use serde_json::{Map, Value, json};

use super::super::fake::FakeCalcom;
use super::super::ledger::{Ledger, LedgerEntry};
use super::super::log::{LoggedRequest, ResponseOutcome};
use super::super::state::{Booking, Credential, State, WebhookDelivery};

/// Headers whose values are credentials.
const CREDENTIALS: [&str; 3] = ["authorization", "x-cal-secret-key", "cookie"];

/// The address, the keys and the fixtures.
pub(super) fn overview(fake: &FakeCalcom, routes: &[&str]) -> Value {
    let core = fake.shared().lock();
    let state = &core.state;
    let users: Vec<Value> = state
        .users
        .iter()
        .map(|user| json!({ "id": user.id, "username": user.username, "apiKey": key_of(state, user.id) }))
        .collect();
    let event_types: Vec<Value> = state
        .event_types
        .iter()
        .map(|event| json!({ "id": event.id, "slug": event.slug, "lengthInMinutes": event.length, "owner": owner(state, event.id) }))
        .collect();
    let teams: Vec<Value> = state.teams.iter().map(|team| json!({ "id": team.id, "slug": team.slug })).collect();
    json!({
        "url": fake.url(), "service": state.contract.to_string(), "now": state.now(),
        "users": users, "teams": teams, "eventTypes": event_types, "routes": routes,
    })
}

fn key_of(state: &State, id: i64) -> Option<&str> {
    state.credentials.iter().find_map(|credential| match credential {
        Credential::ApiKey { key, user, revoked: false, .. } if *user == id => Some(key.as_str()),
        _ => None,
    })
}

/// The user or the team of an event type.
fn owner(state: &State, event_type: i64) -> Value {
    let Some(event) = state.event_type(event_type) else { return Value::Null };
    match &event.team {
        Some(of) => state.team(of.team).map_or(Value::Null, |team| json!(team.slug)),
        None => state.user(event.owner).map_or(Value::Null, |user| json!(user.username)),
    }
}

/// All bookings, in order of time.
pub(super) fn bookings(fake: &FakeCalcom) -> Value {
    let core = fake.shared().lock();
    let state = &core.state;
    let mut bookings: Vec<&Booking> = state.bookings.iter().collect();
    bookings.sort_by_key(|booking| (booking.start, booking.id));
    bookings.into_iter().map(|booking| one_booking(state, booking)).collect()
}

fn one_booking(state: &State, booking: &Booking) -> Value {
    let attendees: Vec<Value> = booking
        .attendees
        .iter()
        .map(|attendee| json!({ "name": attendee.name, "email": attendee.email, "absent": attendee.absent }))
        .collect();
    json!({
        "uid": booking.uid, "status": booking.status.lower(), "start": booking.start, "end": booking.end,
        "title": booking.title, "eventTypeId": booking.event_type,
        "eventType": state.event_type(booking.event_type).map(|event| event.slug.as_str()),
        "host": state.user(booking.host).map(|user| user.username.as_str()),
        "attendees": attendees, "metadata": booking.metadata,
        "rescheduledFromUid": booking.from_uid, "rescheduledToUid": booking.to_uid,
    })
}

/// The log of requests, of one operation or of all.
pub(super) fn log(fake: &FakeCalcom, operation: Option<&str>) -> Value {
    let requests = fake.requests();
    let wanted = requests.iter().filter(|request| operation.is_none_or(|name| request.operation == Some(name)));
    wanted.map(logged).collect()
}

fn logged(request: &LoggedRequest) -> Value {
    let shown = |name: &str, value: &http::HeaderValue| {
        let is_secret = CREDENTIALS.contains(&name);
        Value::from(if is_secret { "***".into() } else { String::from_utf8_lossy(value.as_bytes()).into_owned() })
    };
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(name.as_str(), value))).collect();
    json!({
        "number": request.number, "at": request.at, "method": request.method, "path": request.path,
        "query": request.query, "headers": headers, "body": request.body, "operation": request.operation,
        "status": request.status, "response": response(request.response), "fault": request.fault, "hint": request.hint,
    })
}

/// The response that the client received: the kind, and the status if there is one.
fn response(outcome: ResponseOutcome) -> Value {
    match outcome {
        ResponseOutcome::Pending => json!({ "kind": "pending" }),
        ResponseOutcome::Complete(status) => json!({ "kind": "complete", "status": status }),
        ResponseOutcome::Damaged(status) => json!({ "kind": "damaged", "status": status }),
        ResponseOutcome::Replaced(status) => json!({ "kind": "replaced", "status": status }),
        ResponseOutcome::Lost => json!({ "kind": "lost" }),
    }
}

/// The changes of each request, and the response that its client received.
pub(super) fn ledger(ledger: &Ledger) -> Value {
    let entry = |entry: &LedgerEntry| {
        json!({
            "request": entry.request, "operation": entry.operation,
            "changes": entry.changes().collect::<Vec<_>>(),
            "response": response(entry.response), "confirmed": entry.response.is_complete(), "fault": entry.fault,
            "text": entry.to_string(),
        })
    };
    ledger.entries().iter().map(entry).collect()
}

pub(super) fn deliveries(deliveries: &[WebhookDelivery]) -> Value {
    deliveries.iter().map(delivery).collect()
}

fn delivery(delivery: &WebhookDelivery) -> Value {
    let text = || Value::from(String::from_utf8_lossy(&delivery.body).into_owned());
    json!({
        "number": delivery.number, "webhook": delivery.webhook, "url": delivery.url, "trigger": delivery.trigger,
        "contentType": delivery.content_type, "signature": delivery.signature,
        "body": serde_json::from_slice::<Value>(&delivery.body).unwrap_or_else(|_| text()), "status": delivery.status,
    })
}

/// The faults, each with the numbers of requests that it matched and was injected into.
pub(super) fn faults(fake: &FakeCalcom) -> Value {
    let entries = fake.shared().faults.describe();
    entries
        .into_iter()
        .map(|(text, matched, injected)| json!({ "text": text, "matched": matched, "injected": injected }))
        .collect()
}
