//! Booking fields, locations and other columns of an event type, in the form of the table, which older responses show:
//! `inPerson` for an address, `PER_DAY` for a day.

use serde_json::{Map, Value, json};

use super::super::super::instant;
use super::super::super::reply::millis;
use super::super::super::state::EventType;
use super::render::{is_system, slug_of};

const SYSTEM_FIELDS: &str = include_str!("shapes/system_fields.json");

/// The fields in the form of the table. `with_phone` adds the hidden one that responses with one event type show.
pub(crate) fn booking_fields(event: &EventType, with_phone: bool) -> Value {
    if event.old_style && !with_phone {
        return Value::Null;
    }
    let system: Vec<Value> = serde_json::from_str(SYSTEM_FIELDS).unwrap_or_default();
    let own: Vec<Value> = event.fields.iter().filter(|field| !is_system(slug_of(field))).map(own_field).collect();
    let mut fields = Vec::new();
    for mut field in system {
        if event.plain_name
            && let Some(field) = field.as_object_mut()
        {
            field.remove("variant");
            field.remove("variantsConfig");
        }
        let name = field.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if name == "attendeePhoneNumber" && !with_phone {
            continue;
        }
        fields.push(field);
        if name == "location" {
            fields.extend(own.iter().cloned());
        }
    }
    Value::Array(fields)
}

fn own_field(field: &Value) -> Value {
    let mut shown = Map::new();
    for (key, value) in field.as_object().into_iter().flatten() {
        match key.as_str() {
            "slug" => shown.insert("name".to_owned(), value.clone()),
            "options" => {
                let options = value.as_array().into_iter().flatten();
                let options: Vec<Value> = options.map(|o| json!({ "label": o, "value": o })).collect();
                shown.insert(key.clone(), options.into())
            }
            "isDefault" => None,
            _ => shown.insert(key.clone(), value.clone()),
        };
    }
    for name in ["hidden", "disableOnPrefill"] {
        shown.entry(name).or_insert(json!(false));
    }
    shown.insert("editable".to_owned(), json!("user"));
    let sources = json!([{ "id": "user", "type": "user", "label": "User", "fieldRequired": true }]);
    shown.insert("sources".to_owned(), sources);
    let kind = field.get("type").and_then(Value::as_str).unwrap_or_default();
    if matches!(kind, "boolean" | "url") {
        let label = field.get("label").and_then(Value::as_str).unwrap_or_default();
        shown.insert("labelAsSafeHtml".to_owned(), format!("<p>{label}</p>\n").into());
    }
    Value::Object(shown)
}

/// A location in the form of the table.
pub(crate) fn location(location: &Value) -> Value {
    let mut shown = location.clone();
    let kind = location.get("type").and_then(Value::as_str).unwrap_or_default();
    let app = location.get("integration").and_then(Value::as_str);
    shown["type"] = location_type(kind, app).into();
    if let Some(map) = shown.as_object_mut() {
        map.remove("integration");
        if let Some(public) = map.remove("public") {
            map.insert("displayLocationPublicly".to_owned(), public);
        }
        if let Some(phone) = map.remove("phone") {
            map.insert("hostPhoneNumber".to_owned(), phone);
        }
    }
    shown
}

/// `inPerson` for `address`, and so on.
pub(crate) fn location_type(kind: &str, app: Option<&str>) -> &'static str {
    match (kind, app) {
        ("address", _) => "inPerson",
        ("link", _) => "link",
        ("phone", _) => "userPhone",
        ("attendeePhone", _) => "phone",
        ("attendeeAddress", _) => "attendeeInPerson",
        ("attendeeDefined", _) => "somewhereElse",
        ("integration", Some("google-meet")) => "integrations:google:meet",
        ("integration", Some("zoom")) => "integrations:zoom",
        _ => "integrations:daily",
    }
}

/// The common columns of the older responses.
pub(crate) fn columns(event: &EventType) -> Map<String, Value> {
    let rest = |name: &str| event.rest.get(name).cloned();
    let json = json!({
        "id": event.id,
        "title": event.title,
        "slug": event.slug,
        "description": event.description,
        "length": event.length,
        "userId": event.owner,
        "position": event.position,
        "offsetStart": event.offset_start,
        "hidden": event.hidden,
        "eventName": rest("customName"),
        "lockTimeZoneToggleOnBookingPage": rest("lockTimeZoneToggleOnBookingPage").unwrap_or(json!(false)),
        "requiresConfirmation": event.confirmation.is_some(),
        "requiresConfirmationWillBlockSlot": event.confirmation.as_ref().is_some_and(|c| c.blocks_slot),
        "recurringEvent": event.recurrence.as_ref().map(|r| {
            json!({ "freq": frequency(&r.frequency), "count": r.occurrences, "interval": r.interval })
        }),
        "disableGuests": event.disable_guests,
        "hideCalendarNotes": rest("hideCalendarNotes").unwrap_or(json!(false)),
        "minimumBookingNotice": event.notice,
        "beforeEventBuffer": event.buffer_before,
        "afterEventBuffer": event.buffer_after,
        "seatsPerTimeSlot": event.seats.map(|seats| seats.per_slot),
        "seatsShowAttendees": event.seats.is_some_and(|seats| seats.show_attendees),
        "seatsShowAvailabilityCount": event.seats.is_none_or(|seats| seats.show_count),
        "onlyShowFirstAvailableSlot": event.only_first_slot,
        "scheduleId": event.schedule,
        "slotInterval": event.slot_interval,
        "successRedirectUrl": rest("successRedirectUrl"),
        "bookingLimits": limits(rest("bookingLimitsCount")),
        "durationLimits": limits(rest("bookingLimitsDuration")),
        "eventTypeColor": rest("color").map(|color| json!({
            "lightEventTypeColor": color.get("lightThemeHex"),
            "darkEventTypeColor": color.get("darkThemeHex"),
        })),
        "locations": event.locations.iter().map(location).collect::<Vec<_>>(),
        "metadata": metadata(event),
    });
    let mut columns = json.as_object().cloned().unwrap_or_default();
    columns.extend(period(event));
    columns
}

fn frequency(name: &str) -> i64 {
    const NAMES: [&str; 7] = ["yearly", "monthly", "weekly", "daily", "hourly", "minutely", "secondly"];
    NAMES.iter().position(|known| *known == name).and_then(|at| i64::try_from(at).ok()).unwrap_or(2)
}

fn limits(limits: Option<Value>) -> Value {
    let Some(Value::Object(limits)) = limits else { return Value::Null };
    limits.into_iter().map(|(key, value)| (format!("PER_{}", key.to_uppercase()), value)).collect::<Map<_, _>>().into()
}

fn metadata(event: &EventType) -> Value {
    let mut metadata = json!({});
    if !event.length_options.is_empty() {
        metadata["multipleDuration"] = event.length_options.clone().into();
    }
    if let Some((count, unit)) = event.confirmation.as_ref().and_then(|c| c.under_notice.as_ref()) {
        metadata["requiresConfirmationThreshold"] = json!({ "time": count, "unit": unit });
    }
    if let Some(layouts) = event.rest.get("bookerLayouts") {
        let view = |value: Option<&Value>| format!("{}_view", value.and_then(Value::as_str).unwrap_or("month"));
        let enabled = layouts.get("enabledLayouts").and_then(Value::as_array).into_iter().flatten();
        metadata["bookerLayouts"] = json!({
            "enabledLayouts": enabled.map(|layout| view(Some(layout))).collect::<Vec<_>>(),
            "defaultLayout": view(layouts.get("defaultLayout")),
        });
    }
    metadata
}

/// The booking window in the form of the table.
fn period(event: &EventType) -> Map<String, Value> {
    let Some(window) = &event.window else { return Map::new() };
    let kind = window.get("type").and_then(Value::as_str).unwrap_or_default();
    let rolling = window.get("rolling") == Some(&Value::Bool(true));
    let json = match kind {
        "range" => {
            let bound = |at: usize| window.get("value").and_then(|v| v.get(at)).and_then(Value::as_str);
            let midnight = |at: usize| bound(at).and_then(instant::parse).map(millis);
            json!({ "periodType": "RANGE", "periodStartDate": midnight(0), "periodEndDate": midnight(1) })
        }
        _ => json!({
            "periodType": if rolling { "ROLLING_WINDOW" } else { "ROLLING" },
            "periodDays": window.get("value"),
            "periodCountCalendarDays": kind == "calendarDays",
        }),
    };
    json.as_object().cloned().unwrap_or_default()
}
