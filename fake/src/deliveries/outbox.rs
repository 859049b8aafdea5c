//! Who is told of a change, and what.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::change::{Change, Happened};
use super::super::reply::millis;
use super::super::state::{Booking, Meeting, State, Status, Webhook, WebhookDelivery, WebhookOwner};
use super::compose::{self, Telling};
use super::{row, template};
use calcom::webhook::{UNSIGNED, sign};

impl State {
    /// Writes down what really happened, and has webhooks told of it.
    pub fn happened(&mut self, change: Change) {
        on_change(self, &change);
        let at = self.now();
        self.listed.changed(&self.bookings, at);
        self.history.push(Happened { at, request: self.current_request, change });
    }
}

/// Puts what is to be told of a change into the outbox.
fn on_change(state: &mut State, change: &Change) {
    let Some(booking) = uid_of(change).and_then(|uid| state.booking(uid)).cloned() else { return };
    let from = match change {
        Change::Rescheduled { from, .. } => state.booking(from).cloned(),
        _ => None,
    };
    let telling = match change {
        Change::Booked { .. } | Change::Rescheduled { .. } if booking.status == Status::Pending => Telling::Requested,
        Change::Booked { seat_uid, .. } => Telling::Created { seat: seat_uid.as_deref() },
        Change::Rescheduled { .. } => match &from {
            Some(from) => Telling::Rescheduled { from },
            None => return,
        },
        Change::Confirmed { .. } => Telling::Confirmed,
        Change::Declined { .. } => Telling::Rejected,
        Change::Cancelled { .. } if is_told_already(state, &booking) => return,
        Change::Cancelled { .. } => Telling::Cancelled,
        Change::SeatCancelled { seat_uid, .. } => Telling::SeatCancelled { seat: seat_uid },
        Change::Changed { .. } | Change::Made { .. } | Change::Altered { .. } | Change::Removed { .. } => return,
    };
    if let Some(payload) = compose::payload(state, &booking, telling) {
        tell(state, &booking, telling.trigger(), &payload);
    }
    if matches!(telling, Telling::Created { .. } | Telling::Confirmed | Telling::Rescheduled { .. }) {
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
        Change::Made { .. } | Change::Altered { .. } | Change::Removed { .. } => None,
        Change::Rescheduled { to, .. } => Some(to),
        Change::Booked { uid, .. }
        | Change::Cancelled { uid }
        | Change::SeatCancelled { uid, .. }
        | Change::Confirmed { uid }
        | Change::Declined { uid }
        | Change::Changed { uid } => Some(uid),
    }
}

/// Whether this request has cancelled another occurrence of the series before.
fn is_told_already(state: &State, booking: &Booking) -> bool {
    let of_series =
        |uid: &str| uid != booking.uid && state.booking(uid).is_some_and(|other| other.recurring == booking.recurring);
    booking.recurring.is_some()
        && state
            .history
            .iter()
            .rev()
            .take_while(|happened| happened.request == state.current_request)
            .any(|happened| matches!(&happened.change, Change::Cancelled { uid } if of_series(uid)))
}

/// Tells who was marked as absent, or unmarked; nobody where it was the host.
pub(crate) fn on_absence(state: &mut State, uid: &str, marked: &[(String, bool)]) {
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
    tell(state, &booking, "BOOKING_NO_SHOW_UPDATED", &payload);
}

/// Tells of a meeting whose time has come, if it takes place.
pub(crate) fn on_meeting(state: &mut State, meeting: &Meeting) {
    let booking = state.booking(&meeting.uid).filter(|booking| booking.status == Status::Accepted).cloned();
    let Some(booking) = booking else { return };
    if let Some(row) = row::of(state, &booking) {
        tell(state, &booking, meeting.trigger, &row);
    }
}

fn tell(state: &mut State, booking: &Booking, trigger: &'static str, payload: &Value) {
    let created_at = millis(state.now());
    let told = state.webhooks.iter().filter(|webhook| is_told(webhook, booking, trigger));
    let ready: Vec<WebhookDelivery> = told.map(|webhook| made(webhook, trigger, &created_at, payload)).collect();
    state.outbox.ready.extend(ready);
}

fn is_told(webhook: &Webhook, booking: &Booking, trigger: &str) -> bool {
    let of_this = match webhook.owner {
        WebhookOwner::User(user) => user == booking.host,
        WebhookOwner::EventType(event) => event == booking.event_type,
    };
    webhook.active && of_this && webhook.triggers.iter().any(|known| known == trigger)
}

fn made(webhook: &Webhook, trigger: &'static str, created_at: &str, payload: &Value) -> WebhookDelivery {
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

/// The trigger stands first, as the service writes it.
fn body(is_flat: bool, trigger: &str, created_at: &str, payload: &Value) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
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
    serde_json::to_string(&Body { trigger_event: trigger, rest }).unwrap_or_default()
}
