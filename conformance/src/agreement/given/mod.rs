//! What the recordings say about the server beyond the exchange at hand: every booking, event type, schedule, webhook,
//! reservation and link that any answer shows. From this a fake is given what it would have, had the writes before
//! been recorded.

mod apps;
mod bookings;
mod expected;
mod kinds;
mod limits;
mod proof;
mod tally;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use calcom_fake::__conformance::Exchange;
use calcom_fake::__conformance::State;

pub(super) use tally::Tally;

/// A thing as some answer showed it.
#[derive(Clone, Debug)]
struct Sight {
    at: Timestamp,
    /// The name of the exchange whose answer it was.
    of: String,
    value: Value,
}

/// Everything that any answer shows, by kind and id.
#[derive(Default)]
pub(super) struct Facts {
    bookings: HashMap<String, Vec<Sight>>,
    old_bookings: HashMap<String, Vec<Sight>>,
    event_types: HashMap<i64, Vec<Sight>>,
    schedules: HashMap<i64, Vec<Sight>>,
    webhooks: HashMap<String, Vec<Sight>>,
    reservations: HashMap<String, Vec<Sight>>,
    links: HashMap<String, Vec<Sight>>,
}

impl Facts {
    pub(super) fn of(exchanges: &[Exchange]) -> Self {
        let mut facts = Self::default();
        for exchange in exchanges.iter().filter(|exchange| exchange.response.is_success()) {
            facts.look(exchange, &exchange.response.body);
        }
        facts
    }

    fn look(&mut self, exchange: &Exchange, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|item| self.look(exchange, item)),
            Value::Object(map) => {
                self.classify(exchange, value);
                map.values().for_each(|item| self.look(exchange, item));
            }
            _ => {}
        }
    }

    fn classify(&mut self, exchange: &Exchange, value: &Value) {
        let has = |name: &str| value.get(name).is_some();
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| value.get(name).and_then(Value::as_i64);
        let sight = || Sight { at: exchange.at, of: exchange.name.clone(), value: value.clone() };
        if has("hosts") && has("attendees") && has("start") {
            self.bookings.entry(text("uid").unwrap_or_default()).or_default().push(sight());
        } else if has("startTime") && has("uid") && has("attendees") && has("responses") {
            self.old_bookings.entry(text("uid").unwrap_or_default()).or_default().push(sight());
        } else if has("lengthInMinutes") && has("ownerId") {
            self.event_types.entry(number("id").unwrap_or_default()).or_default().push(sight());
        } else if has("ownerId") && has("availability") {
            self.schedules.entry(number("id").unwrap_or_default()).or_default().push(sight());
        } else if has("subscriberUrl") && has("triggers") {
            self.webhooks.entry(text("id").unwrap_or_default()).or_default().push(sight());
        } else if has("reservationUid") {
            self.reservations.entry(text("reservationUid").unwrap_or_default()).or_default().push(sight());
        } else if has("linkId") && has("isExpired") {
            self.links.entry(text("linkId").unwrap_or_default()).or_default().push(sight());
        }
    }

    /// Whether the answer comes from a server that knows other bookings under the same numbers.
    pub(super) fn another_world(&self, state: &State, exchange: &Exchange) -> bool {
        let mut seen = Vec::new();
        if exchange.response.is_success() {
            uids_and_ids(&exchange.response.body, &mut seen);
        }
        seen.iter().any(|(id, uid)| state.bookings.iter().any(|booking| booking.id == *id && booking.uid != *uid))
    }

    /// Gives the fake what this exchange builds upon, and tells it which ids the recorded server gave.
    pub(super) fn give(&self, state: &mut State, exchange: &Exchange, tally: &mut Tally) {
        limits::give(state, exchange);
        apps::give(state, exchange, tally);
        self.give_kinds(state, exchange, tally);
        self.give_bookings(state, exchange, tally);
        self.give_proven(state, exchange, tally);
        self.expect_of(state, exchange);
    }
}

/// Numbers and uids of the bookings in an answer.
fn uids_and_ids(value: &Value, seen: &mut Vec<(i64, String)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| uids_and_ids(item, seen)),
        Value::Object(map) => {
            let uid = map.get("uid").and_then(Value::as_str);
            if let (Some(uid), Some(id)) = (uid.filter(|uid| uid.len() > 8), map.get("id").and_then(Value::as_i64)) {
                seen.push((id, uid.to_owned()));
            }
            map.values().for_each(|item| uids_and_ids(item, seen));
        }
        _ => {}
    }
}

/// The sight that tells best how a thing stood before an exchange: the last one before, or else the first after.
fn nearest<'a>(sights: &'a [Sight], exchange: &Exchange) -> Option<&'a Sight> {
    let before = sights.iter().filter(|s| s.at < exchange.at && s.of != exchange.name).max_by_key(|s| s.at);
    before.or_else(|| sights.iter().min_by_key(|s| s.at))
}
