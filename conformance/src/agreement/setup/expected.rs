//! Sets the next ids and uids of the fake to those of the recorded server, so that later exchanges can name them.

use serde_json::Value;

use super::Facts;
use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::__conformance::{IdKind, State};

impl Facts {
    pub(in super::super) fn set_next_ids(&self, state: &mut State, exchange: &RecordedExchange) {
        if !exchange.response.is_success() || exchange.request.method != "POST" {
            return;
        }
        let Some(data) = exchange.response.body.get("data") else { return };
        let path = exchange.request.path.trim_end_matches('/').to_owned();
        let last = path.rsplit('/').next().unwrap_or_default();
        let number = |name: &str| data.get(name).and_then(Value::as_i64);
        let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
        let numbered = |state: &mut State, kind: IdKind| {
            if let Some(id) = number("id") {
                state.ids.set_next_number(kind, id);
            }
        };
        let named = |state: &mut State, kind: IdKind, name: &str| {
            if let Some(uid) = text(name) {
                state.ids.set_next_uid(kind, uid);
            }
        };
        match last {
            "bookings" | "recurring" | "reschedule" => set_next_booking_ids(state, data),
            "event-types" => {
                numbered(state, IdKind::EventType);
                // A managed event type and its copies.
                for event in data.as_array().into_iter().flatten() {
                    if let Some(id) = event.get("id").and_then(Value::as_i64) {
                        state.ids.set_next_number(IdKind::EventType, id);
                    }
                }
            }
            "teams" => numbered(state, IdKind::Team),
            "memberships" => numbered(state, IdKind::Membership),
            "ooo" => numbered(state, IdKind::OutOfOffice),
            "schedules" => numbered(state, IdKind::Schedule),
            "attendees" => numbered(state, IdKind::Attendee),
            "webhooks" => named(state, IdKind::Webhook, "id"),
            "reservations" => named(state, IdKind::Reservation, "reservationUid"),
            "private-links" => named(state, IdKind::PrivateLink, "linkId"),
            "reserve" => {
                if let Some(uid) = data.as_str() {
                    state.ids.set_next_uid(IdKind::Reservation, uid.to_owned());
                }
            }
            "refresh" => {
                if let Some(key) = text("apiKey").and_then(|key| key.strip_prefix("cal_").map(str::to_owned)) {
                    state.ids.set_next_uid(IdKind::ApiKey, key);
                }
            }
            _ => {}
        }
    }
}

fn set_next_booking_ids(state: &mut State, data: &Value) {
    let one = std::slice::from_ref(data);
    let mut bookings: Vec<&Value> = data.as_array().map_or(one, Vec::as_slice).iter().collect();
    bookings.sort_by_key(|booking| booking.get("id").and_then(Value::as_i64));
    for booking in bookings {
        let text = |name: &str| booking.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(uid) = text("uid") else { continue };
        if let Some(series) = text("recurringBookingUid").filter(|uid| state.series(uid).is_empty()) {
            state.ids.set_next_uid(IdKind::Series, series);
        }
        if let Some(seat) = text("seatUid") {
            state.ids.set_next_uid(IdKind::Seat, seat);
        }
        if state.booking(&uid).is_none() {
            state.ids.set_next_uid(IdKind::Booking, uid);
            if let Some(id) = booking.get("id").and_then(Value::as_i64) {
                state.ids.set_next_number(IdKind::Booking, id);
            }
            for attendee in booking.get("attendees").and_then(Value::as_array).into_iter().flatten() {
                if let Some(id) = attendee.get("id").and_then(Value::as_i64) {
                    state.ids.set_next_number(IdKind::Attendee, id);
                }
            }
        }
    }
}
