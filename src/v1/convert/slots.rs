//! Slots: the times that can be booked.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::is_blank;
use crate::v1::{
    Converted, LossReason,
    loss::Losses,
    schema::JsonObject,
    types::{Slot, SlotsBody, SlotsQuery, Time},
};

/// The parameters of `GET /v2/slots`.
///
/// ```
/// use calcom::v1::{convert, types::SlotsQuery};
///
/// let mut query = SlotsQuery::new(1, "2030-01-15", "2030-01-16");
/// query.username_list = Some(vec!["johndoe".to_owned()]);
/// let request = convert::slots_query(&query);
/// assert_eq!((request.event_type_id, &*request.start), (Some(1), "2030-01-15"));
/// assert_eq!(request.losses[0].field, "usernameList");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct SlotsRequest {
    pub start: String,
    pub end: String,
    pub event_type_id: Option<i64>,
    pub event_type_slug: Option<String>,
    pub username: Option<String>,
    /// Several names, separated by commas.
    pub usernames: Option<String>,
    pub team_slug: Option<String>,
    pub organization_slug: Option<String>,
    pub time_zone: Option<String>,
    pub duration: Option<i64>,
    pub booking_uid_to_reschedule: Option<String>,
}

crate::redact::debug_shows!(SlotsRequest { start, end, event_type_id, time_zone, duration });

/// Converts the query of `GET /slots`.
///
/// [`convert`](crate::v1::convert) has an example.
#[must_use]
pub fn query(query: &SlotsQuery) -> Converted<SlotsRequest> {
    let mut losses = Losses::default();
    let mut request = SlotsRequest {
        start: range_bound(&query.start_time),
        end: range_bound(&query.end_time),
        organization_slug: query.org_slug.clone(),
        time_zone: query.time_zone.clone().filter(|zone| !zone.is_empty()),
        duration: query.duration,
        booking_uid_to_reschedule: query.reschedule_uid.clone(),
        ..SlotsRequest::default()
    };
    let names = query.username_list.as_deref().unwrap_or_default();
    if let Some(id) = query.event_type_id {
        request.event_type_id = Some(id);
        if query.event_type_slug.is_some() {
            losses.add("eventTypeSlug", LossReason::Dropped("eventTypeId names the event type"));
        }
        if !names.is_empty() {
            losses.add("usernameList", LossReason::Dropped("eventTypeId names the event type"));
        }
        return Converted::new(request, losses);
    }
    match names {
        [] => request.event_type_slug.clone_from(&query.event_type_slug),
        [team, others @ ..] if query.is_team_event == Some(true) => {
            request.team_slug = Some(team.clone());
            request.event_type_slug.clone_from(&query.event_type_slug);
            if !others.is_empty() {
                losses.add("usernameList", LossReason::NotExpressible("V2 names one team"));
            }
        }
        [name] => {
            request.username = Some(name.clone());
            request.event_type_slug.clone_from(&query.event_type_slug);
        }
        names => {
            request.usernames = Some(names.join(","));
            if query.event_type_slug.is_some() {
                losses.add(
                    "eventTypeSlug",
                    LossReason::Dropped("V2 finds a time for several users without an event type"),
                );
            }
        }
    }
    Converted::new(request, losses)
}

/// A bound of the range: dates stay dates, times become instants in UTC.
fn range_bound(text: &str) -> String {
    match Time::parse(text) {
        Some(time) if text.parse::<jiff::civil::DateTime>().is_err() || text.contains(':') => time.to_string(),
        _ => text.to_owned(),
    }
}

/// Converts the slots of V2 to V1's form. Times are in UTC with milliseconds if the query has no zone, else in the zone
/// without milliseconds.
///
/// [`convert`](crate::v1::convert) has an example.
#[must_use]
pub fn to_v1(days: &JsonObject, zone: Option<&str>) -> Converted<SlotsBody> {
    let mut losses = Losses::default();
    let mut body = SlotsBody::default();
    let zone = zone.filter(|zone| !zone.is_empty()).map(TimeZone::get);
    for (date, slots) in days {
        if !slots.is_array() {
            losses.add("slots", LossReason::NotExpressible("a date has no list"));
            continue;
        }
        let slots = slots.as_array().into_iter().flatten();
        body.slots
            .insert(date.clone(), slots.filter_map(|slot| slot_to_v1(slot, zone.as_ref(), &mut losses)).collect());
    }
    Converted::new(body, losses)
}

fn slot_to_v1(slot: &Value, zone: Option<&Result<TimeZone, jiff::Error>>, losses: &mut Losses) -> Option<Slot> {
    let Some(slot) = slot.as_object() else {
        losses.add("slots[]", LossReason::NotExpressible("it is no slot"));
        return None;
    };
    let start = slot.get("start").and_then(Value::as_str);
    let Some(start) = start else {
        losses.add("slots[].start", LossReason::NotExpressible("it has no start"));
        return None;
    };
    let time = match (start.parse::<Timestamp>(), zone) {
        (Ok(instant), None) => Time::from(instant).to_string(),
        (Ok(instant), Some(Ok(zone))) => local_time(instant, zone),
        // Without a zone database the offset of the response is as good.
        (Ok(_), Some(Err(_))) => without_milliseconds(start),
        (Err(_), _) => start.to_owned(),
    };
    for (name, value) in slot {
        let known = ["start", "seatsBooked", "attendeesCount", "bookingUid"].contains(&name.as_str());
        if !known && !is_blank(value) {
            losses.add(format!("slots[].{name}"), LossReason::Dropped("V1 does not return it"));
        }
    }
    let count = |name: &str| slot.get(name).and_then(Value::as_i64);
    Some(Slot {
        time,
        attendees: count("seatsBooked").or_else(|| count("attendeesCount")),
        booking_uid: slot.get("bookingUid").and_then(Value::as_str).map(str::to_owned),
    })
}

/// The time with the offset of the zone, to the second. An offset of zero is `Z`.
fn local_time(instant: Timestamp, zone: &TimeZone) -> String {
    let form = if zone.to_offset(instant).is_zero() { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
    instant.to_zoned_datetime(zone.clone()).strftime(form).to_string()
}

/// Removes the fraction of a second.
fn without_milliseconds(time: &str) -> String {
    let Some((seconds, rest)) = time.split_once('.') else { return time.to_owned() };
    format!("{seconds}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}
