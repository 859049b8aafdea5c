//! Attributes of organizations that were made before, with their options and assignments, as requests name and responses show
//! them.

use std::collections::HashMap;

use calcom_fake::__conformance::{Attribute, AttributeAssignment, AttributeOption, IdKind, RecordedExchange, State};
use serde_json::Value;

use super::observation::{Observation, nearest_observation};
use super::tally::{Tally, count};

/// All attributes and options, by id.
#[derive(Default)]
pub(super) struct AttributeFacts {
    attributes: HashMap<String, Vec<Observation>>,
    options: HashMap<String, Vec<Observation>>,
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Removes what this exchange makes, which an earlier one named already.
fn forget(state: &mut State, exchange: &RecordedExchange) {
    let Some(data) = exchange.response.body.get("data") else { return };
    let id = text(data, "id");
    if exchange.request.path.ends_with("/attributes") {
        state.attributes.attributes.retain(|known| known.id != id);
        state.attributes.remove_options(|option| option.attribute == id);
    } else if exchange.request.path.ends_with("/options") {
        state.attributes.remove_options(|option| option.id == id);
    } else if let Some(user) = user_of_path(&exchange.request.path) {
        let option = text(data, "attributeOptionId");
        state.attributes.assignments.retain(|known| known.user != user || known.option != option);
        if exchange.request.body.get("value").is_some() {
            state.attributes.remove_options(|known| known.id == option);
        }
    }
}

/// The user of `.../attributes/options/{userId}`.
fn user_of_path(path: &str) -> Option<i64> {
    path.split_once("/attributes/options/")?.1.split('/').next()?.parse().ok()
}

impl AttributeFacts {
    pub(super) fn classify(&mut self, exchange: &RecordedExchange, value: &Value) {
        let has = |name: &str| value.get(name).is_some();
        let list = match (has("usersCanEditRelation"), has("attributeId") && has("slug")) {
            (true, _) => &mut self.attributes,
            (_, true) => &mut self.options,
            _ => return,
        };
        let observation = Observation { at: exchange.at, of: exchange.name.clone(), value: value.clone() };
        list.entry(text(value, "id")).or_default().push(observation);
    }

    /// Adds what the exchange names or shows.
    pub(super) fn apply(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        let (request, response) = (&exchange.request, &exchange.response);
        if !request.path.starts_with("/v2/organizations/") || response.status == 404 {
            return;
        }
        let sent = format!("{} {} {}", request.path, request.query, request.body);
        let creates = request.method == "POST";
        let shown = if creates { String::new() } else { response.body.to_string() };
        let is_named = |id: &&String| sent.contains(id.as_str()) || shown.contains(id.as_str());
        for id in self.options.keys().filter(is_named) {
            self.add_option(state, exchange, id, tally);
        }
        for id in self.attributes.keys().filter(is_named) {
            self.add_attribute(state, exchange, id, tally);
        }
        self.add_assignments(state, exchange);
        if creates && response.is_success() {
            forget(state, exchange);
        }
        self.set_next_ids(state, exchange);
    }

    fn add_attribute(&self, state: &mut State, exchange: &RecordedExchange, id: &str, tally: &mut Tally) {
        if state.attributes.attributes.iter().any(|known| known.id == id) {
            return;
        }
        let Some(known) = self.attributes.get(id).and_then(|list| nearest_observation(list, exchange)) else { return };
        let value = &known.value;
        let at = |name: &str| text(value, name).parse().unwrap_or_default();
        state.attributes.attributes.push(Attribute {
            id: id.to_owned(),
            organization: value.get("teamId").and_then(Value::as_i64).unwrap_or_default(),
            kind: text(value, "type"),
            name: text(value, "name"),
            slug: text(value, "slug"),
            enabled: value.get("enabled") != Some(&Value::Bool(false)),
            created: at("createdAt"),
            updated: at("updatedAt"),
        });
        count(tally, "an attribute");
    }

    fn add_option(&self, state: &mut State, exchange: &RecordedExchange, id: &str, tally: &mut Tally) {
        if state.attributes.option(id).is_some() {
            return;
        }
        let Some(known) = self.options.get(id).and_then(|list| nearest_observation(list, exchange)) else { return };
        let value = &known.value;
        let attribute = text(value, "attributeId");
        state.attributes.options.push(AttributeOption {
            id: id.to_owned(),
            attribute: attribute.clone(),
            value: text(value, "value"),
            slug: text(value, "slug"),
        });
        self.add_attribute(state, exchange, &attribute, tally);
        count(tally, "an attribute's option");
    }

    /// Gives users the options that the response shows, or that it takes from them.
    fn add_assignments(&self, state: &mut State, exchange: &RecordedExchange) {
        let (request, response) = (&exchange.request, &exchange.response);
        let items = response.body.get("data").and_then(Value::as_array).into_iter().flatten();
        let mut found: Vec<(i64, String, Option<&Value>)> = Vec::new();
        let user = user_of_path(&request.path);
        match (request.method.as_str(), user) {
            ("GET", Some(user)) => found.extend(items.map(|item| (user, text(item, "id"), None))),
            ("GET", None) if request.path.ends_with("/options/assigned") => {
                for item in items {
                    let users = item.get("assignedUserIds").and_then(Value::as_array).into_iter().flatten();
                    found.extend(users.filter_map(Value::as_i64).map(|user| (user, text(item, "id"), None)));
                }
            }
            ("GET", None) if request.path.ends_with("/users") => {
                let query = request.query.as_str().unwrap_or_default();
                let all = self.options.keys().filter(|id| query.contains(id.as_str()) && !query.contains("NONE"));
                let all: Vec<&String> = all.collect();
                for user in items.filter_map(|item| item.get("id").and_then(Value::as_i64)) {
                    found.extend(all.iter().map(|id| (user, (*id).clone(), None)));
                }
            }
            ("DELETE", Some(user)) if response.is_success() => {
                let data = response.body.get("data").unwrap_or(&Value::Null);
                found.push((user, text(data, "attributeOptionId"), Some(data)));
            }
            ("POST", Some(user)) if response.status == 409 => {
                found.push((user, text(&request.body, "attributeOptionId"), None));
            }
            _ => {}
        }
        for (user, option, row) in found {
            if state.attributes.has(user, &option) {
                continue;
            }
            let member = state.memberships.iter().find(|m| m.user == user).map_or(0, |m| m.id);
            let id = row.map_or_else(|| state.ids.uuid(IdKind::AttributeAssignment), |row| text(row, "id"));
            let (created, updated) = (exchange.at, exchange.at);
            let assigned = AttributeAssignment { id, member, user, option, weight: None, created, updated };
            state.attributes.assignments.push(assigned);
        }
    }

    fn set_next_ids(&self, state: &mut State, exchange: &RecordedExchange) {
        let (request, response) = (&exchange.request, &exchange.response);
        let Some(data) = response.body.get("data").filter(|_| request.method == "POST" && response.is_success()) else {
            return;
        };
        let id = text(data, "id");
        if request.path.ends_with("/users") {
            state.ids.set_next_number(IdKind::User, data.get("id").and_then(Value::as_i64).unwrap_or_default());
        } else if request.path.ends_with("/attributes") {
            for option in request.body.get("options").and_then(Value::as_array).into_iter().flatten() {
                let is = |seen: &Observation| {
                    text(&seen.value, "attributeId") == id && text(&seen.value, "slug") == text(option, "slug")
                };
                let known = self.options.iter().find(|(_, list)| list.iter().any(is));
                state.ids.set_next_uid(IdKind::AttributeOption, known.map_or("unknown", |(id, _)| id).to_owned());
            }
            state.ids.set_next_uid(IdKind::Attribute, id);
        } else if request.path.ends_with("/options") {
            state.ids.set_next_uid(IdKind::AttributeOption, id);
        } else if user_of_path(&request.path).is_some() {
            state.ids.set_next_uid(IdKind::AttributeAssignment, id);
            if request.body.get("value").is_some() {
                state.ids.set_next_uid(IdKind::AttributeOption, text(data, "attributeOptionId"));
            }
        }
    }
}
