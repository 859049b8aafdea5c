//! Times that can be booked.

use jiff::Timestamp;
use serde_json::Value;

use super::says_nothing;
use crate::v1::{
    Converted, Why,
    loss::Losses,
    shape::Object,
    types::{Slot, SlotsBody, SlotsQuery, Time},
};

/// The parameters of `GET /v2/slots`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct SlotsCall {
    pub start: String,
    pub end: String,
    pub event_type_id: Option<i64>,
    pub event_type_slug: Option<String>,
    pub username: Option<String>,
    /// Several, between commas.
    pub usernames: Option<String>,
    pub team_slug: Option<String>,
    pub organization_slug: Option<String>,
    pub time_zone: Option<String>,
    pub duration: Option<i64>,
    pub booking_uid_to_reschedule: Option<String>,
}

/// What `GET /slots` becomes.
#[must_use]
pub fn query(query: &SlotsQuery) -> Converted<SlotsCall> {
    let mut losses = Losses::default();
    let mut call = SlotsCall {
        start: bound(&query.start_time),
        end: bound(&query.end_time),
        organization_slug: query.org_slug.clone(),
        time_zone: query.time_zone.clone(),
        duration: query.duration,
        booking_uid_to_reschedule: query.reschedule_uid.clone(),
        ..SlotsCall::default()
    };
    let names = query.username_list.as_deref().unwrap_or_default();
    if let Some(id) = query.event_type_id {
        call.event_type_id = Some(id);
        if query.event_type_slug.is_some() {
            losses.add("eventTypeSlug", Why::Dropped("eventTypeId names the event type"));
        }
        if !names.is_empty() {
            losses.add("usernameList", Why::Dropped("eventTypeId names the event type"));
        }
        return Converted::new(call, losses);
    }
    match names {
        [] => call.event_type_slug.clone_from(&query.event_type_slug),
        [team, others @ ..] if query.is_team_event == Some(true) => {
            call.team_slug = Some(team.clone());
            call.event_type_slug.clone_from(&query.event_type_slug);
            if !others.is_empty() {
                losses.add("usernameList", Why::NotExpressible("V2 names one team"));
            }
        }
        [name] => {
            call.username = Some(name.clone());
            call.event_type_slug.clone_from(&query.event_type_slug);
        }
        names => {
            call.usernames = Some(names.join(","));
            if query.event_type_slug.is_some() {
                losses.add("eventTypeSlug", Why::Dropped("V2 finds a time for several users without an event type"));
            }
        }
    }
    Converted::new(call, losses)
}

/// V2 takes a date as it is, and instants in UTC.
fn bound(text: &str) -> String {
    match Time::parse(text) {
        Some(time) if text.parse::<jiff::civil::DateTime>().is_err() || text.contains(':') => time.to_string(),
        _ => text.to_owned(),
    }
}

/// V2's slots as V1 told them. In UTC where no zone was asked for.
#[must_use]
pub fn to_v1(days: &Object, zone: Option<&str>) -> Converted<SlotsBody> {
    let mut losses = Losses::default();
    let mut body = SlotsBody::default();
    for (date, slots) in days {
        if !slots.is_array() {
            losses.add("slots", Why::NotExpressible("a date has no list"));
            continue;
        }
        let slots = slots.as_array().into_iter().flatten();
        body.slots.insert(date.clone(), slots.filter_map(|slot| one(slot, zone, &mut losses)).collect());
    }
    Converted::new(body, losses)
}

fn one(slot: &Value, zone: Option<&str>, losses: &mut Losses) -> Option<Slot> {
    let Some(slot) = slot.as_object() else {
        losses.add("slots[]", Why::NotExpressible("it is no slot"));
        return None;
    };
    let start = slot.get("start").and_then(Value::as_str);
    let Some(start) = start else {
        losses.add("slots[].start", Why::NotExpressible("it has no start"));
        return None;
    };
    // In the zone that was asked for it comes with its offset, as V1 told it.
    let in_utc = |instant: Timestamp| Time::from(instant).to_string();
    let time = match zone {
        Some(_) => start.to_owned(),
        None => start.parse().map_or_else(|_| start.to_owned(), in_utc),
    };
    for (name, value) in slot {
        let known = ["start", "seatsBooked", "attendeesCount", "bookingUid"].contains(&name.as_str());
        if !known && !says_nothing(value) {
            losses.add(format!("slots[].{name}"), Why::Dropped("V1 does not tell it"));
        }
    }
    let count = |name: &str| slot.get(name).and_then(Value::as_i64);
    Some(Slot {
        time,
        attendees: count("seatsBooked").or_else(|| count("attendeesCount")),
        booking_uid: slot.get("bookingUid").and_then(Value::as_str).map(str::to_owned),
    })
}
