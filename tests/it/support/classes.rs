//! One operation of each re-send class, to meet every fault with.

use calcom::{Client, Error, operation::Resend, raw::types::CreateBooking};
use serde_json::json;

use super::{recorded_body, socket};

pub const CLASSES: [Resend; 3] = [Resend::Safe, Resend::Idempotent, Resend::Unsafe];

/// What the operation's request looks like on the wire.
pub fn line(class: Resend) -> &'static str {
    match class {
        Resend::Safe => "GET /v2/webhooks",
        Resend::Idempotent => "DELETE /v2/webhooks/hook",
        Resend::Unsafe => "POST /v2/bookings",
    }
}

pub fn operation(class: Resend) -> &'static str {
    match class {
        Resend::Safe => "list_webhooks",
        Resend::Idempotent => "delete_webhook",
        Resend::Unsafe => "create_booking",
    }
}

pub async fn call(client: &Client, class: Resend) -> Result<(), Error> {
    match class {
        Resend::Safe => client.raw().list_webhooks().await.map(drop),
        Resend::Idempotent => client.raw().delete_webhook("hook").await.map(drop),
        Resend::Unsafe => client.raw().create_booking(&booking()).await.map(drop),
    }
}

pub fn booking() -> CreateBooking {
    let body = json!({
        "start": "2026-12-01T09:00:00Z",
        "eventTypeId": 1,
        "attendee": {"name": "Erika Muster", "email": "erika@example.org", "timeZone": "Europe/Berlin"},
        "metadata": {"c": "3", "a": "1", "b": "2"},
    });
    serde_json::from_value(body).unwrap()
}

/// The recorded success of the operation.
pub fn success(class: Resend) -> Vec<u8> {
    let (status, recording) = match class {
        Resend::Safe => (200, "webhooks/list"),
        Resend::Idempotent => (200, "webhooks/delete"),
        Resend::Unsafe => (201, "bookings-2024-08-13/create-regular"),
    };
    socket::json(status, &[], recorded_body(recording).to_string())
}
