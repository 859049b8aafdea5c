//! Enqueues the deliveries of a change.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::change::{Change, ChangeRecord};
use super::super::reply::millis;
use super::super::state::{Booking, BookingStatus, Meeting, State, Webhook, WebhookDelivery, WebhookOwner};
use super::compose::{self, BookingEvent};
use super::{meeting_row, template};
use calcom::webhook::{UNSIGNED, sign};

impl State {
    /// Records a change, and enqueues the deliveries about it.
    pub fn record_change(&mut self, change: Change) {
        enqueue_for_change(self, &change);
        let at = self.now();
        self.list_history.changed(&self.bookings, at);
        self.history.push(ChangeRecord { at, request: self.current_request, change });
    }
}

/// Enqueues the deliveries of a change.
fn enqueue_for_change(state: &mut State, change: &Change) {
    let Some(booking) = uid_of(change).and_then(|uid| state.booking(uid)).cloned() else { return };
    let from = match change {
        Change::Rescheduled { from, .. } => state.booking(from).cloned(),
        _ => None,
    };
    let event_kind = match change {
        Change::Booked { .. } | Change::Rescheduled { .. } if booking.status == BookingStatus::Pending => {
            BookingEvent::Requested
        }
        Change::Booked { seat_uid, .. } => BookingEvent::Created { seat: seat_uid.as_deref() },
        Change::Rescheduled { .. } => match &from {
            Some(from) => BookingEvent::Rescheduled { from },
            None => return,
        },
        Change::Confirmed { .. } => BookingEvent::Confirmed,
        Change::Declined { .. } => BookingEvent::Rejected,
        Change::Cancelled { .. } if is_announced(state, &booking) => return,
        Change::Cancelled { .. } => BookingEvent::Cancelled,
        Change::SeatCancelled { seat_uid, .. } => BookingEvent::SeatCancelled { seat: seat_uid },
        Change::BookingUpdated { .. } | Change::Created { .. } | Change::Updated { .. } | Change::Deleted { .. } => {
            return;
        }
    };
    if let Some(payload) = compose::payload(state, &booking, event_kind) {
        enqueue(state, &booking, event_kind.trigger(), &payload);
    }
    if matches!(event_kind, BookingEvent::Created { .. } | BookingEvent::Confirmed | BookingEvent::Rescheduled { .. }) {
        for (trigger, at) in [("MEETING_STARTED", booking.start), ("MEETING_ENDED", booking.end)] {
            let meeting = Meeting { uid: booking.uid.clone(), trigger, at };
            if !state.outbox.meetings.contains(&meeting) {
                state.outbox.meetings.push(meeting);
            }
        }
    }
}

fn uid_of(change: &Change) -> Option<&str> {
    match change {
        Change::Created { .. } | Change::Updated { .. } | Change::Deleted { .. } => None,
        Change::Rescheduled { to, .. } => Some(to),
        Change::Booked { uid, .. }
        | Change::Cancelled { uid }
        | Change::SeatCancelled { uid, .. }
        | Change::Confirmed { uid }
        | Change::Declined { uid }
        | Change::BookingUpdated { uid } => Some(uid),
    }
}

/// Whether this request has already cancelled another occurrence of the series.
fn is_announced(state: &State, booking: &Booking) -> bool {
    let of_series =
        |uid: &str| uid != booking.uid && state.booking(uid).is_some_and(|other| other.recurring == booking.recurring);
    booking.recurring.is_some()
        && state
            .history
            .iter()
            .rev()
            .take_while(|record| record.request == state.current_request)
            .any(|record| matches!(&record.change, Change::Cancelled { uid } if of_series(uid)))
}

/// Enqueues the deliveries about marked or unmarked attendees; `marked` is empty if the host was marked.
pub(crate) fn enqueue_no_show(state: &mut State, uid: &str, marked: &[(String, bool)]) {
    let Some(booking) = state.booking(uid).cloned() else { return };
    let message = match marked {
        [(email, true)] => format!("{email} marked as no-show"),
        [(email, false)] => format!("{email} unmarked as no-show"),
        _ => "No-show status updated for attendees".to_owned(),
    };
    let attendees: Vec<Value> =
        marked.iter().map(|(email, absent)| json!({ "email": email, "noShow": absent })).collect();
    let payload =
        json!({ "message": message, "attendees": attendees, "bookingUid": booking.uid, "bookingId": booking.id });
    enqueue(state, &booking, "BOOKING_NO_SHOW_UPDATED", &payload);
}

/// Enqueues the deliveries of a meeting whose start or end is reached, if its booking is accepted.
pub(crate) fn enqueue_meeting(state: &mut State, meeting: &Meeting) {
    let booking = state.booking(&meeting.uid).filter(|booking| booking.status == BookingStatus::Accepted).cloned();
    let Some(booking) = booking else { return };
    if let Some(row) = meeting_row::render(state, &booking) {
        enqueue(state, &booking, meeting.trigger, &row);
    }
}

fn enqueue(state: &mut State, booking: &Booking, trigger: &'static str, payload: &Value) {
    let created_at = millis(state.now());
    let subscribed = state.webhooks.iter().filter(|webhook| is_subscribed(state, webhook, booking, trigger));
    let ready: Vec<WebhookDelivery> =
        subscribed.map(|webhook| new_delivery(webhook, trigger, &created_at, payload)).collect();
    state.outbox.ready.extend(ready);
}

fn is_subscribed(state: &State, webhook: &Webhook, booking: &Booking, trigger: &str) -> bool {
    let of_this = match webhook.owner {
        WebhookOwner::User(user) => user == booking.host,
        WebhookOwner::Client(number) => {
            let managed = state.managed_users.iter().find(|managed| managed.user == booking.host);
            managed.and_then(|m| state.platform_client(&m.client)).is_some_and(|client| client.number == number)
        }
        WebhookOwner::EventType(event) => event == booking.event_type,
    };
    webhook.active && of_this && webhook.triggers.iter().any(|known| known == trigger)
}

fn new_delivery(webhook: &Webhook, trigger: &'static str, created_at: &str, payload: &Value) -> WebhookDelivery {
    let is_flat = matches!(trigger, "MEETING_STARTED" | "MEETING_ENDED");
    let (body, content_type) = match webhook.template.as_deref().filter(|template| !template.is_empty() && !is_flat) {
        Some(template) => {
            let mut data = payload.clone();
            data["triggerEvent"] = trigger.into();
            data["createdAt"] = created_at.into();
            template::fill(template, &data)
        }
        None => (body(is_flat, trigger, created_at, payload), "application/json"),
    };
    let secret = webhook.secret.as_deref().filter(|secret| !secret.is_empty());
    let signature = secret.and_then(|secret| sign(&body, secret).ok()).unwrap_or_else(|| UNSIGNED.to_owned());
    WebhookDelivery {
        number: 0,
        webhook: webhook.id.clone(),
        url: webhook.url.clone(),
        trigger,
        content_type,
        signature,
        body: Bytes::from(body),
        status: None,
    }
}

/// Writes the trigger first, as the service does.
fn body(is_flat: bool, trigger: &str, created_at: &str, payload: &Value) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct DeliveryBody<'a> {
        trigger_event: &'a str,
        #[serde(flatten)]
        rest: Map<String, Value>,
    }

    let rest = match payload {
        Value::Object(row) if is_flat => row.clone(),
        payload => {
            Map::from_iter([("createdAt".to_owned(), created_at.into()), ("payload".to_owned(), payload.clone())])
        }
    };
    serde_json::to_string(&DeliveryBody { trigger_event: trigger, rest }).unwrap_or_default()
}
