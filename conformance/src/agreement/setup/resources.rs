//! Adds the event types, schedules, webhooks, reservations and links that an exchange names and the fake lacks.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Facts,
    observation::{Observation, nearest_observation},
    tally::{Tally, count},
};
use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::__conformance::{
    Availability, DAY_NAMES, DateOverride, EventType, IdKind, PrivateLink, Reservation, Schedule, State, Webhook,
    WebhookOwner, apply_create, minutes, query_pairs,
};

fn instant(value: &Value, name: &str) -> Option<Timestamp> {
    value.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

impl Facts {
    pub(super) fn add_resources(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        let path: Vec<&str> = exchange.request.path.split('/').filter(|part| !part.is_empty()).collect();
        let creating = exchange.request.method == "POST";
        let after = |word: &str| path.iter().position(|part| *part == word).and_then(|at| path.get(at + 1)).copied();
        for id in self.wanted_event_types(exchange, after("event-types")) {
            if state.event_type(id).is_none() {
                self.add_event_type(state, exchange, id, tally);
            }
        }
        if let Some(id) = after("schedules").and_then(|part| part.parse::<i64>().ok())
            && state.schedule(id).is_none()
            && let Some(observation) =
                self.schedules.get(&id).and_then(|observations| nearest_observation(observations, exchange))
            && exchange.response.status != 404
            && exchange.response.status != 400
        {
            add_schedule(state, id, &observation.value);
            count(tally, "a schedule");
        }
        forget_name(state, exchange);
        forget_webhooks(state, exchange, after("event-types"));
        if !creating {
            self.add_webhooks(state, exchange, after("webhooks"), tally);
            self.add_links(state, exchange, after("private-links"), tally);
        }
        if let Some(uid) = after("reservations")
            && !state.reservations.iter().any(|r| r.uid == uid)
            && let Some(observation) =
                self.reservations.get(uid).and_then(|observations| nearest_observation(observations, exchange))
            && exchange.request.method != "DELETE"
        {
            add_reservation(state, uid, &observation.value);
            count(tally, "a reservation");
        }
    }

    /// The event types of path, query, body and response.
    fn wanted_event_types(&self, exchange: &RecordedExchange, of_path: Option<&str>) -> Vec<i64> {
        let found = exchange.response.message().starts_with("Invalid hosts");
        let refused = matches!(exchange.response.status, 404 | 500) && !found;
        let mut wanted: Vec<i64> = Vec::new();
        if refused {
            return wanted;
        }
        wanted.extend(of_path.and_then(|part| part.parse::<i64>().ok()));
        let body = &exchange.request.body;
        let first = body.get(0).unwrap_or(body);
        wanted.extend(first.get("eventTypeId").and_then(Value::as_i64));
        let query = exchange.request.query.as_str().unwrap_or_default();
        for (name, value) in query_pairs(query) {
            if name == "eventTypeId" {
                wanted.extend(value.parse::<i64>());
            }
        }
        if exchange.request.method == "GET" && exchange.request.path.ends_with("/event-types") {
            let data = exchange.response.body.get("data").and_then(Value::as_array).into_iter().flatten();
            wanted.extend(data.filter_map(|event| event.get("id").and_then(Value::as_i64)));
        }
        wanted
    }

    fn add_event_type(&self, state: &mut State, exchange: &RecordedExchange, id: i64, tally: &mut Tally) {
        let distance = |at: Timestamp| (at.as_millisecond() - exchange.at.as_millisecond()).abs();
        let shown = self.event_types.get(&id).and_then(|observations| nearest_observation(observations, exchange));
        let booked = self.booking_of(id, exchange);
        // Another server can have another event type with this id. The observation that is nearer in time is used.
        let event = match (shown, booked) {
            (Some(shown), Some(booked)) if distance(booked.at) + 600_000 < distance(shown.at) => {
                event_type_from_booking(id, &booked.value, self.series_length(&booked.value))
            }
            (Some(shown), _) => event_type_of(id, &shown.value),
            (None, Some(booked)) => event_type_from_booking(id, &booked.value, self.series_length(&booked.value)),
            (None, None) => return,
        };
        state.event_types.push(event);
        count(tally, "an event type");
        state.ids.reserve(IdKind::EventType, id);
    }

    /// The booking of an event type that is nearest in time.
    fn booking_of(&self, event_type: i64, exchange: &RecordedExchange) -> Option<&Observation> {
        let is_of = |s: &&Observation| s.value.get("eventTypeId").and_then(Value::as_i64) == Some(event_type);
        let distance = |s: &&Observation| (s.at.as_millisecond() - exchange.at.as_millisecond()).abs();
        self.bookings.values().flatten().filter(is_of).min_by_key(distance)
    }

    fn series_length(&self, booking: &Value) -> i64 {
        let Some(series) = booking.get("recurringBookingUid") else { return 0 };
        let in_series = |observations: &&Vec<Observation>| {
            observations.iter().any(|s| {
                s.value.get("recurringBookingUid") == Some(series) && s.value.get("rescheduledFromUid").is_none()
            })
        };
        i64::try_from(self.bookings.values().filter(in_series).count()).unwrap_or(0)
    }

    fn add_webhooks(&self, state: &mut State, exchange: &RecordedExchange, id: Option<&str>, tally: &mut Tally) {
        let mut wanted: Vec<String> = id.map(str::to_owned).into_iter().collect();
        let listed = exchange.response.body.get("data").and_then(Value::as_array).into_iter().flatten();
        wanted.extend(listed.filter(|w| w.get("subscriberUrl").is_some()).filter_map(|w| text(w, "id")));
        for id in wanted {
            let known = state.webhooks.iter().any(|webhook| webhook.id == id);
            let gone = exchange.response.status == 404;
            if let Some(observation) =
                self.webhooks.get(&id).and_then(|observations| nearest_observation(observations, exchange))
                && !known
                && !gone
            {
                let webhook = webhook_of(state, &id, &observation.value);
                state.webhooks.push(webhook);
                count(tally, "a webhook");
            }
        }
        // "1 webhooks deleted" contains the number of webhooks.
        let deleted = exchange.response.body.get("data").and_then(Value::as_str);
        let deleted =
            deleted.and_then(|text| text.strip_suffix(" webhooks deleted")).and_then(|n| n.parse::<usize>().ok());
        if deleted.is_some() {
            count(tally, "webhooks to delete");
        }
    }

    fn add_links(&self, state: &mut State, exchange: &RecordedExchange, id: Option<&str>, tally: &mut Tally) {
        let mut wanted: Vec<String> = id.map(str::to_owned).into_iter().collect();
        let listed = exchange.response.body.get("data").and_then(Value::as_array).into_iter().flatten();
        wanted.extend(listed.filter_map(|link| text(link, "linkId")));
        for id in wanted {
            let Some(observation) =
                self.links.get(&id).and_then(|observations| nearest_observation(observations, exchange))
            else {
                continue;
            };
            let link = &observation.value;
            let event = link.get("eventTypeId").and_then(Value::as_i64).unwrap_or_default();
            let gone = exchange.response.status == 404;
            if let Some(event) = state.event_type_mut(event)
                && !event.links.iter().any(|known| known.id == id)
                && !gone
            {
                event.links.push(PrivateLink {
                    id,
                    expires: instant(link, "expiresAt"),
                    max_usage: link.get("maxUsageCount").and_then(Value::as_i64),
                    usage: link.get("usageCount").and_then(Value::as_i64).unwrap_or(0),
                });
                count(tally, "a private link");
            }
        }
    }
}

/// An event type from a response that shows it.
fn event_type_of(id: i64, value: &Value) -> EventType {
    let of_team = value.get("teamId").is_some_and(Value::is_i64);
    let owner = value.get("ownerId").and_then(Value::as_i64).unwrap_or(if of_team { 0 } else { 1 });
    let mut event = EventType::plain(id, owner, "", "", 0);
    let mut body = value.as_object().cloned().unwrap_or_default();
    for name in [
        "id",
        "ownerId",
        "metadata",
        "users",
        "bookingUrl",
        "hosts",
        "team",
        "teamId",
        "schedulingType",
        "parentEventTypeId",
        "assignAllTeamMembers",
        "rrHostSubsetEnabled",
    ] {
        body.remove(name);
    }
    event.team = super::teams::team_event(value);
    event.parent = value.get("parentEventTypeId").and_then(Value::as_i64);
    if let Some(fields) = body.get_mut("bookingFields").and_then(Value::as_array_mut) {
        // Event types of platforms have no label of the name.
        let is_unlabeled = |field: &Value| field.get("type") == Some(&json!("name")) && field.get("label").is_none();
        let unlabeled = fields.iter().any(is_unlabeled);
        fields.retain(|field| field.get("isDefault") == Some(&json!(false)));
        if unlabeled {
            fields.push(json!({ "type": "name", "slug": "name", "label": null }));
        }
    }
    body.retain(|_, value| !value.is_null());
    apply_create(&mut event, &body);
    event
}

/// An event type of which only bookings are known.
fn event_type_from_booking(id: i64, booking: &Value, series: i64) -> EventType {
    let host = booking.pointer("/hosts/0/id").and_then(Value::as_i64).unwrap_or(1);
    let slug = booking.pointer("/eventType/slug").and_then(Value::as_str).unwrap_or("unknown");
    let title = text(booking, "title").unwrap_or_default();
    let title = title.split(" between ").next().unwrap_or_default();
    let length = booking.get("duration").and_then(Value::as_i64).unwrap_or(30);
    let mut event = EventType::plain(id, host, slug, title, length);
    let mut body = json!({ "minimumBookingNotice": 0 });
    if let Some(link) = text(booking, "location") {
        body["locations"] = json!([{ "type": "link", "link": link, "public": true }]);
    }
    if booking.get("status").and_then(Value::as_str) == Some("pending") {
        body["confirmationPolicy"] = json!({ "type": "always", "blockUnconfirmedBookingsInBooker": false });
    }
    let attendees = booking.get("attendees").and_then(Value::as_array).cloned().unwrap_or_default();
    if booking.get("metadata").is_none() {
        let shows = !attendees.is_empty();
        body["seats"] = json!({ "seatsPerTimeSlot": 3, "showAttendeeInfo": shows, "showAvailabilityCount": true });
    }
    if series > 0 {
        body["recurrence"] = json!({ "frequency": "weekly", "interval": 1, "occurrences": series });
    }
    let by_phone = |a: &Value| a.get("email").and_then(Value::as_str).is_some_and(|e| e.ends_with("@sms.cal.com"));
    if attendees.iter().any(by_phone) {
        body["bookingFields"] = json!([
            { "type": "email", "slug": "email", "required": false, "hidden": true },
            { "type": "phone", "slug": "attendeePhoneNumber", "required": true },
        ]);
    }
    apply_create(&mut event, body.as_object().unwrap_or(&serde_json::Map::new()));
    event
}

fn add_schedule(state: &mut State, id: i64, value: &Value) {
    let time = |row: &Value, name: &str| text(row, name).as_deref().and_then(minutes).unwrap_or_default();
    let list = |name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut availability = Vec::new();
    for row in list("availability") {
        let days = row.get("days").and_then(Value::as_array).cloned().unwrap_or_default();
        let number = |day: &Value| DAY_NAMES.iter().position(|name| day.as_str() == Some(name));
        availability.push(Availability {
            row: state.ids.number(IdKind::AvailabilityRow),
            days: days.iter().filter_map(number).filter_map(|day| u8::try_from(day).ok()).collect(),
            start: time(&row, "startTime"),
            end: time(&row, "endTime"),
            user: None,
        });
    }
    let mut overrides = Vec::new();
    for row in list("overrides") {
        let Some(date) = text(&row, "date").and_then(|date| date.parse().ok()) else { continue };
        let number = state.ids.number(IdKind::AvailabilityRow);
        overrides.push(DateOverride { row: number, date, start: time(&row, "startTime"), end: time(&row, "endTime") });
    }
    state.ids.reserve(IdKind::Schedule, id);
    state.schedules.push(Schedule {
        id,
        owner: value.get("ownerId").and_then(Value::as_i64).unwrap_or(1),
        name: text(value, "name").unwrap_or_default(),
        time_zone: text(value, "timeZone").unwrap_or_default(),
        availability,
        overrides,
    });
}

fn webhook_of(state: &State, id: &str, value: &Value) -> Webhook {
    let client = text(value, "oAuthClientId").and_then(|id| state.platform_client(&id));
    let owner = value.get("eventTypeId").and_then(Value::as_i64).map_or_else(
        || WebhookOwner::User(value.get("userId").and_then(Value::as_i64).unwrap_or(1)),
        WebhookOwner::EventType,
    );
    let owner = client.map_or(owner, |client| WebhookOwner::Client(client.number));
    let triggers = value.get("triggers").and_then(Value::as_array).into_iter().flatten();
    Webhook {
        id: id.to_owned(),
        owner,
        url: text(value, "subscriberUrl").unwrap_or_default(),
        triggers: triggers.filter_map(|t| t.as_str().map(str::to_owned)).collect(),
        active: value.get("active").and_then(Value::as_bool).unwrap_or(true),
        template: text(value, "payloadTemplate"),
        secret: text(value, "secret"),
        version: "2021-10-20".to_owned(),
        created: instant(value, "createdAt").unwrap_or_default(),
        time: None,
        time_unit: None,
    }
}

/// Clears the name of an event type's bookings, which a request that was not recorded has cleared.
fn forget_name(state: &mut State, exchange: &RecordedExchange) {
    let data = exchange.response.body.get("data").unwrap_or(&Value::Null);
    let is_of_event = data.get("lengthInMinutes").is_some() && data.get("customName").is_none();
    let written = exchange.request.method == "POST" || exchange.request.body.get("customName").is_some();
    if !is_of_event || written {
        return;
    }
    let id = data.get("id").and_then(Value::as_i64);
    for event in state.event_types.iter_mut().filter(|event| Some(event.id) == id) {
        event.rest.remove("customName");
    }
}

/// Removes the webhooks of an event type that a response shows not to be there.
fn forget_webhooks(state: &mut State, exchange: &RecordedExchange, of: Option<&str>) {
    let Some(of) = of.and_then(|id| id.parse().ok()) else { return };
    let (request, data) = (&exchange.request, exchange.response.body.get("data").unwrap_or(&Value::Null));
    if !exchange.response.is_success() || !request.path.ends_with("/webhooks") {
        return;
    }
    let whole = request.method == "GET" && request.query.as_str().is_none_or(str::is_empty);
    let shown: Vec<String> = data.as_array().into_iter().flatten().filter_map(|webhook| text(webhook, "id")).collect();
    let made = text(data, "subscriberUrl").filter(|_| request.method == "POST");
    state.webhooks.retain(|webhook| {
        let gone = whole && !shown.contains(&webhook.id) || made.as_ref() == Some(&webhook.url);
        webhook.owner != WebhookOwner::EventType(of) || !gone
    });
}

fn add_reservation(state: &mut State, uid: &str, value: &Value) {
    state.reservations.push(Reservation {
        uid: uid.to_owned(),
        event_type: value.get("eventTypeId").and_then(Value::as_i64).unwrap_or_default(),
        start: instant(value, "slotStart").unwrap_or_default(),
        end: instant(value, "slotEnd").unwrap_or_default(),
        until: instant(value, "reservationUntil").unwrap_or_default(),
    });
}
