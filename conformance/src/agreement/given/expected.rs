//! The ids and uids that the recorded server gave, so that the fake gives the same and later exchanges can name them.

use serde_json::Value;

use super::Facts;
use calcom_fake::__conformance::Exchange;
use calcom_fake::__conformance::{Kind, State};

impl Facts {
    pub(in super::super) fn expect_of(&self, state: &mut State, exchange: &Exchange) {
        if !exchange.response.is_success() || exchange.request.method != "POST" {
            return;
        }
        let Some(data) = exchange.response.body.get("data") else { return };
        let path = exchange.request.path.trim_end_matches('/').to_owned();
        let last = path.rsplit('/').next().unwrap_or_default();
        let number = |name: &str| data.get(name).and_then(Value::as_i64);
        let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
        let numbered = |state: &mut State, kind: Kind| {
            if let Some(id) = number("id") {
                state.ids.expect_number(kind, id);
            }
        };
        let named = |state: &mut State, kind: Kind, name: &str| {
            if let Some(uid) = text(name) {
                state.ids.expect_uid(kind, uid);
            }
        };
        match last {
            "bookings" | "recurring" | "reschedule" => expect_bookings(state, data),
            "event-types" => numbered(state, Kind::EventType),
            "schedules" => numbered(state, Kind::Schedule),
            "attendees" => numbered(state, Kind::Attendee),
            "webhooks" => named(state, Kind::Webhook, "id"),
            "reservations" => named(state, Kind::Reservation, "reservationUid"),
            "private-links" => named(state, Kind::PrivateLink, "linkId"),
            "reserve" => {
                if let Some(uid) = data.as_str() {
                    state.ids.expect_uid(Kind::Reservation, uid.to_owned());
                }
            }
            "refresh" => {
                if let Some(key) = text("apiKey").and_then(|key| key.strip_prefix("cal_").map(str::to_owned)) {
                    state.ids.expect_uid(Kind::ApiKey, key);
                }
            }
            _ => {}
        }
    }
}

fn expect_bookings(state: &mut State, data: &Value) {
    let one = std::slice::from_ref(data);
    let mut bookings: Vec<&Value> = data.as_array().map_or(one, Vec::as_slice).iter().collect();
    bookings.sort_by_key(|booking| booking.get("id").and_then(Value::as_i64));
    for booking in bookings {
        let text = |name: &str| booking.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(uid) = text("uid") else { continue };
        if let Some(series) = text("recurringBookingUid").filter(|uid| state.series(uid).is_empty()) {
            state.ids.expect_uid(Kind::Series, series);
        }
        if let Some(seat) = text("seatUid") {
            state.ids.expect_uid(Kind::Seat, seat);
        }
        if state.booking(&uid).is_none() {
            state.ids.expect_uid(Kind::Booking, uid);
            if let Some(id) = booking.get("id").and_then(Value::as_i64) {
                state.ids.expect_number(Kind::Booking, id);
            }
            for attendee in booking.get("attendees").and_then(Value::as_array).into_iter().flatten() {
                if let Some(id) = attendee.get("id").and_then(Value::as_i64) {
                    state.ids.expect_number(Kind::Attendee, id);
                }
            }
        }
    }
}
