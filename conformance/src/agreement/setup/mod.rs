//! State of the recorded server from all recordings: each booking, event type, schedule, webhook, reservation and link that
//! a response shows. It replaces the writes that were not recorded.

mod apps;
mod attributes;
mod blocking;
mod bookings;
mod expected;
mod inferred;
mod limits;
mod observation;
pub(super) mod platform;
mod resources;
mod tally;
mod teams;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::__conformance::State;

use observation::Observation;
pub(super) use tally::Tally;

/// All observations, by kind and id.
#[derive(Default)]
pub(in super::super) struct Facts {
    bookings: HashMap<String, Vec<Observation>>,
    old_bookings: HashMap<String, Vec<Observation>>,
    event_types: HashMap<i64, Vec<Observation>>,
    schedules: HashMap<i64, Vec<Observation>>,
    webhooks: HashMap<String, Vec<Observation>>,
    reservations: HashMap<String, Vec<Observation>>,
    links: HashMap<String, Vec<Observation>>,
    teams: teams::TeamFacts,
    attributes: attributes::AttributeFacts,
    platform: platform::PlatformFacts,
}

impl Facts {
    pub(super) fn of(exchanges: &[RecordedExchange]) -> Self {
        let mut facts = Self::default();
        for exchange in exchanges.iter().filter(|exchange| exchange.response.is_success()) {
            facts.collect(exchange, &exchange.response.body);
        }
        facts
    }

    fn collect(&mut self, exchange: &RecordedExchange, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|item| self.collect(exchange, item)),
            Value::Object(map) => {
                self.classify(exchange, value);
                map.values().for_each(|item| self.collect(exchange, item));
            }
            _ => {}
        }
    }

    fn classify(&mut self, exchange: &RecordedExchange, value: &Value) {
        let has = |name: &str| value.get(name).is_some();
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| value.get(name).and_then(Value::as_i64);
        let observation = || Observation { at: exchange.at, of: exchange.name.clone(), value: value.clone() };
        self.teams.classify(exchange, value);
        self.attributes.classify(exchange, value);
        self.platform.classify(exchange, value);
        if has("hosts") && has("attendees") && has("start") {
            self.bookings.entry(text("uid").unwrap_or_default()).or_default().push(observation());
        } else if has("startTime") && has("uid") && has("attendees") && has("responses") {
            self.old_bookings.entry(text("uid").unwrap_or_default()).or_default().push(observation());
        } else if has("lengthInMinutes") && has("ownerId") {
            self.event_types.entry(number("id").unwrap_or_default()).or_default().push(observation());
        } else if has("ownerId") && has("availability") {
            self.schedules.entry(number("id").unwrap_or_default()).or_default().push(observation());
        } else if has("subscriberUrl") && has("triggers") {
            self.webhooks.entry(text("id").unwrap_or_default()).or_default().push(observation());
        } else if has("reservationUid") {
            self.reservations.entry(text("reservationUid").unwrap_or_default()).or_default().push(observation());
        } else if has("linkId") && has("isExpired") {
            self.links.entry(text("linkId").unwrap_or_default()).or_default().push(observation());
        }
    }

    /// Whether the response is from another server, which has other bookings with the same ids.
    pub(super) fn is_other_server(&self, state: &State, exchange: &RecordedExchange) -> bool {
        let mut seen = Vec::new();
        if exchange.response.is_success() {
            uids_and_ids(&exchange.response.body, &mut seen);
        }
        seen.iter().any(|(id, uid)| state.bookings.iter().any(|booking| booking.id == *id && booking.uid != *uid))
    }

    /// Adds the state that this exchange needs, and sets the next ids to those of the recorded server.
    pub(super) fn apply(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        self.platform.apply(state, exchange, tally);
        limits::apply(state, exchange);
        set_mode(state, exchange);
        apps::apply(state, exchange, tally);
        self.teams.apply(state, exchange, tally);
        self.add_resources(state, exchange, tally);
        self.add_bookings(state, exchange, tally);
        self.apply_inferred(state, exchange, tally);
        self.attributes.apply(state, exchange, tally);
        self.set_next_ids(state, exchange);
    }
}

/// The community's server was in production in the second recording.
fn set_mode(state: &mut State, exchange: &RecordedExchange) {
    const SECOND: Timestamp = Timestamp::constant(1_795_824_000, 0);
    state.production = state.community && exchange.at >= SECOND;
}

/// Ids and uids of the bookings in a response.
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
