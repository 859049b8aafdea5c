//! The parts of event types that V1 keeps flat and V2 groups, and the other way round.

use serde_json::{Map, Value, json};

use super::table::{Out, Use, says_nothing};
use crate::v1::{Why, shape::Object, types::Time};

fn off() -> Value {
    json!({"disabled": true})
}

/// A group that is there and not switched off.
fn on<'a>(from: &'a Object, name: &str) -> Option<&'a Object> {
    let group = from.get(name)?.as_object()?;
    (group.get("disabled") != Some(&Value::Bool(true))).then_some(group)
}

fn is_off(from: &Object, name: &str) -> bool {
    from.get(name).is_some_and(|group| group["disabled"] == true)
}

fn field(from: &Object, name: &str) -> Value {
    from.get(name).cloned().unwrap_or_default()
}

/// In `metadata`: the lengths to choose from.
const LENGTHS: &str = "multipleDuration";
/// In `metadata`: how short before its start a booking must be confirmed.
const THRESHOLD: &str = "requiresConfirmationThreshold";

pub(super) fn length_to_v2(event_type: &Object, out: &mut Out) {
    if let Some(length) = event_type.get("length") {
        out.put("lengthInMinutes", length.clone());
    }
    let Some(Value::Object(metadata)) = event_type.get("metadata") else { return };
    let mut rest = Map::new();
    for (name, value) in metadata {
        match name.as_str() {
            LENGTHS if are_lengths(value) => out.put("lengthInMinutesOptions", value.clone()),
            THRESHOLD if is_threshold(value) => {}
            _ if out.is_request() => {
                let why = Why::Dropped("V2 tells metadata of event types, but takes none");
                out.lose(&format!("metadata.{name}"), why);
            }
            _ => _ = rest.insert(name.clone(), value.clone()),
        }
    }
    if !out.is_request() {
        out.put("metadata", rest);
    }
}

pub(super) fn length_to_v1(event_type: &Object, out: &mut Out) {
    out.put("length", field(event_type, "lengthInMinutes"));
    let mut metadata = event_type.get("metadata").and_then(Value::as_object).cloned();
    if let Some(lengths) = event_type.get("lengthInMinutesOptions").filter(|lengths| !says_nothing(lengths)) {
        metadata.get_or_insert_default().insert(LENGTHS.to_owned(), lengths.clone());
    }
    let notice = on(event_type, "confirmationPolicy").and_then(|policy| policy.get("noticeThreshold"));
    if let Some(notice) = notice {
        let threshold = json!({"time": notice["count"], "unit": notice["unit"]});
        metadata.get_or_insert_default().insert(THRESHOLD.to_owned(), threshold);
    }
    out.put("metadata", metadata.map_or(Value::Null, Value::Object));
}

fn are_lengths(value: &Value) -> bool {
    value.as_array().is_some_and(|lengths| !lengths.is_empty() && lengths.iter().all(Value::is_i64))
}

fn is_threshold(value: &Value) -> bool {
    value["time"].is_i64() && value["unit"].is_string() && value.as_object().is_some_and(|object| object.len() == 2)
}

pub(super) fn confirmation_to_v2(event_type: &Object, out: &mut Out) {
    let threshold =
        event_type.get("metadata").and_then(|metadata| metadata.get(THRESHOLD)).filter(|it| is_threshold(it));
    let Some(Value::Bool(wanted)) = event_type.get("requiresConfirmation") else {
        if threshold.is_some() {
            out.lose(
                "metadata.requiresConfirmationThreshold",
                Why::NotExpressible("V2 wants requiresConfirmation with it"),
            );
        }
        return;
    };
    let policy = match (wanted, threshold) {
        (true, Some(threshold)) => json!({
            "type": "time",
            "noticeThreshold": {"unit": threshold["unit"], "count": threshold["time"]},
        }),
        (true, None) => json!({"type": "always"}),
        (false, threshold) => {
            if threshold.is_some() {
                out.lose("metadata.requiresConfirmationThreshold", Why::Dropped("V2 has it with a confirmation alone"));
            }
            off()
        }
    };
    let mut policy = policy;
    if *wanted && out.is_request() {
        // As V1 made them; what one has that is changed is not known.
        policy["blockUnconfirmedBookingsInBooker"] = false.into();
        if out.purpose == Use::Change {
            out.lose("confirmationPolicy.blockUnconfirmedBookingsInBooker", Why::MadeUp("V2 wants to know it"));
        }
    }
    out.put("confirmationPolicy", policy);
}

pub(super) fn confirmation_to_v1(event_type: &Object, out: &mut Out) {
    let policy = on(event_type, "confirmationPolicy");
    let wanted = match policy {
        Some(policy) => {
            if policy.get("blockUnconfirmedBookingsInBooker") == Some(&Value::Bool(true)) {
                out.lose("confirmationPolicy.blockUnconfirmedBookingsInBooker", Why::Dropped("V1 does not know it"));
            }
            Value::Bool(true)
        }
        None if is_off(event_type, "confirmationPolicy") => Value::Bool(false),
        None => Value::Null,
    };
    out.put("requiresConfirmation", wanted);
}

const PERIOD: [&str; 4] = ["periodDays", "periodCountCalendarDays", "periodStartDate", "periodEndDate"];

pub(super) fn period_to_v2(event_type: &Object, out: &mut Out) {
    let told = |name: &str| event_type.get(name).filter(|value| !value.is_null());
    let kind = told("periodType").and_then(Value::as_str);
    let (window, used): (Option<Value>, &[&str]) = match kind {
        None => (None, &[]),
        Some("UNLIMITED") => (Some(off()), &[]),
        Some("RANGE") => {
            let day = |name: &str, out: &mut Out| {
                let time = told(name).and_then(Time::of_json)?;
                if !time.is_midnight() {
                    out.lose(name, Why::NotExpressible("V2's dates have no time"));
                }
                Some(time.date().to_string())
            };
            let days = (day("periodStartDate", out), day("periodEndDate", out));
            match days {
                (Some(first), Some(last)) => {
                    (Some(json!({"type": "range", "value": [first, last]})), &["periodStartDate", "periodEndDate"])
                }
                _ => (None, &[]),
            }
        }
        Some(rolling @ ("ROLLING" | "ROLLING_WINDOW")) => match told("periodDays") {
            Some(days) => {
                let calendar = told("periodCountCalendarDays");
                if calendar.is_none() {
                    out.lose("periodCountCalendarDays", Why::MadeUp("V2 has calendar or business days: business days"));
                }
                let kind = if calendar == Some(&Value::Bool(true)) { "calendarDays" } else { "businessDays" };
                let window = json!({"type": kind, "value": days, "rolling": rolling == "ROLLING_WINDOW"});
                (Some(window), &["periodDays", "periodCountCalendarDays"])
            }
            None => (None, &[]),
        },
        Some(_) => (None, &[]),
    };
    if kind.is_some() && window.is_none() {
        out.lose("periodType", Why::NotExpressible("V2 has no such window, or wants to know more of it"));
    }
    for name in PERIOD.into_iter().filter(|name| !used.contains(name) && told(name).is_some()) {
        out.lose(name, Why::Dropped("V2 has it in a window of its kind alone"));
    }
    if let Some(window) = window {
        out.put("bookingWindow", window);
    }
}

pub(super) fn period_to_v1(event_type: &Object, out: &mut Out) {
    for name in PERIOD.into_iter().chain(["periodType"]) {
        out.put(name, Value::Null);
    }
    if is_off(event_type, "bookingWindow") {
        return out.put("periodType", "UNLIMITED");
    }
    let Some(window) = on(event_type, "bookingWindow") else { return };
    let value = field(window, "value");
    match window.get("type").and_then(Value::as_str) {
        Some("range") => {
            let day = |at: usize| value.get(at).and_then(Time::of_json);
            out.put("periodType", "RANGE");
            out.put("periodStartDate", json!(day(0)));
            out.put("periodEndDate", json!(day(1)));
        }
        Some(kind @ ("calendarDays" | "businessDays")) => {
            let rolling = window.get("rolling") == Some(&Value::Bool(true));
            out.put("periodType", if rolling { "ROLLING_WINDOW" } else { "ROLLING" });
            out.put("periodDays", value);
            out.put("periodCountCalendarDays", kind == "calendarDays");
        }
        _ => out.lose("bookingWindow", Why::NotExpressible("V1 has no such window")),
    }
}

const FREQUENCIES: [&str; 3] = ["yearly", "monthly", "weekly"];

pub(super) fn recurrence_to_v2(event_type: &Object, out: &mut Out) {
    let Some(recurring) = event_type.get("recurringEvent") else { return };
    let Value::Object(recurring) = recurring else {
        if out.is_request() {
            out.put("recurrence", off());
        }
        return;
    };
    let number = |name: &str| recurring.get(name).and_then(Value::as_u64);
    let frequency = number("freq").and_then(|freq| FREQUENCIES.get(usize::try_from(freq).ok()?).copied());
    let (Some(frequency), Some(count)) = (frequency, number("count")) else {
        return out.lose("recurringEvent", Why::NotExpressible("V2 repeats yearly, monthly or weekly, so many times"));
    };
    let interval = number("interval").unwrap_or_else(|| {
        out.lose("recurringEvent.interval", Why::MadeUp("V2 wants to know it: every one"));
        1
    });
    out.lose_others("recurringEvent.", recurring, &["freq", "count", "interval"], "V2 has nothing like it");
    out.put("recurrence", json!({"frequency": frequency, "interval": interval, "occurrences": count}));
}

pub(super) fn recurrence_to_v1(event_type: &Object, out: &mut Out) {
    let recurring = on(event_type, "recurrence").and_then(|recurrence| {
        let named = recurrence.get("frequency")?.as_str()?;
        let freq = FREQUENCIES.iter().position(|frequency| *frequency == named)?;
        Some(json!({"freq": freq, "interval": recurrence.get("interval")?, "count": recurrence.get("occurrences")?}))
    });
    if recurring.is_none() && on(event_type, "recurrence").is_some() {
        out.lose("recurrence", Why::NotExpressible("V1 has no such repetition"));
    }
    out.put("recurringEvent", recurring.unwrap_or_default());
}

const SEATS: [&str; 2] = ["seatsShowAttendees", "seatsShowAvailabilityCount"];

pub(super) fn seats_to_v2(event_type: &Object, out: &mut Out) {
    let told = |name: &str| event_type.get(name).filter(|value| !value.is_null());
    let Some(seats) = told("seatsPerTimeSlot") else {
        for name in SEATS.into_iter().filter(|name| told(name).is_some()) {
            out.lose(name, Why::Dropped("V2 has it with seats alone"));
        }
        if event_type.contains_key("seatsPerTimeSlot") {
            out.put("seats", off());
        }
        return;
    };
    let [attendees, count] = SEATS.map(|name| {
        told(name).cloned().unwrap_or_else(|| {
            out.lose(name, Why::MadeUp("V2 wants to know it"));
            false.into()
        })
    });
    out.put("seats", json!({"seatsPerTimeSlot": seats, "showAttendeeInfo": attendees, "showAvailabilityCount": count}));
}

pub(super) fn seats_to_v1(event_type: &Object, out: &mut Out) {
    let seats = on(event_type, "seats");
    let of = |name: &str| seats.map(|seats| field(seats, name)).unwrap_or_default();
    // The flat fields are of an older form of the same answer.
    let flat = |name: &str, grouped: Value| if grouped.is_null() { field(event_type, name) } else { grouped };
    out.put("seatsPerTimeSlot", flat("seatsPerTimeSlot", of("seatsPerTimeSlot")));
    out.put("seatsShowAttendees", of("showAttendeeInfo"));
    out.put("seatsShowAvailabilityCount", flat("seatsShowAvailabilityCount", of("showAvailabilityCount")));
}

const LIMITS: [(&str, &str); 2] =
    [("bookingLimits", "bookingLimitsCount"), ("durationLimits", "bookingLimitsDuration")];
const SPANS: [(&str, &str); 4] =
    [("PER_DAY", "day"), ("PER_WEEK", "week"), ("PER_MONTH", "month"), ("PER_YEAR", "year")];

pub(super) fn limits_to_v2(event_type: &Object, out: &mut Out) {
    for (v1, v2) in LIMITS {
        match event_type.get(v1) {
            Some(Value::Object(limits)) if !(limits.is_empty() && out.is_request()) => {
                let known = SPANS.map(|(span, _)| span);
                out.lose_others(&format!("{v1}."), limits, &known, "V2 has no such span");
                let spans = SPANS.iter().filter_map(|(v1, v2)| Some(((*v2).to_owned(), limits.get(*v1)?.clone())));
                out.put(v2, spans.collect::<Object>());
            }
            Some(_) if out.is_request() => out.put(v2, off()),
            _ => {}
        }
    }
}

pub(super) fn limits_to_v1(event_type: &Object, out: &mut Out) {
    for (v1, v2) in LIMITS {
        let limits = on(event_type, v2).map(|limits| {
            let spans = SPANS.iter().filter_map(|(v1, v2)| Some(((*v1).to_owned(), limits.get(*v2)?.clone())));
            Value::Object(spans.collect())
        });
        out.put(v1, limits.unwrap_or_default());
    }
}

const SCHEDULING: [(&str, &str); 3] =
    [("ROUND_ROBIN", "roundRobin"), ("COLLECTIVE", "collective"), ("MANAGED", "managed")];

pub(super) fn scheduling_to_v2(found: &Value, out: &mut Out) -> Option<Value> {
    let kind = SCHEDULING.iter().find(|(v1, _)| found == v1);
    if kind.is_none() {
        out.lose("schedulingType", Why::NotExpressible("V2 has no such kind of scheduling"));
    }
    kind.map(|(_, v2)| (*v2).into())
}

pub(super) fn scheduling_to_v1(found: &Value, out: &mut Out) -> Option<Value> {
    let kind = SCHEDULING.iter().find(|(_, v2)| found == v2);
    if kind.is_none() {
        out.lose("schedulingType", Why::NotExpressible("V1 has no such kind of scheduling"));
    }
    kind.map(|(v1, _)| (*v1).into())
}

/// What the two versions name alike in a field of the booking form.
const ALIKE: [&str; 6] = ["type", "label", "placeholder", "required", "hidden", "disableOnPrefill"];
/// The fields of every form that V2 lets be changed by their slug alone.
const DEFAULTS: [&str; 5] = ["title", "notes", "guests", "rescheduleReason", "location"];

pub(super) fn fields_to_v2(found: &Value, out: &mut Out) -> Option<Value> {
    let items = found.as_array()?.iter().filter_map(Value::as_object);
    Some(items.map(|item| Value::Object(form_field_to_v2(item, out))).collect())
}

fn form_field_to_v2(item: &Object, out: &mut Out) -> Object {
    let mut json = Map::new();
    for name in ALIKE {
        if let Some(value) = item.get(name).filter(|value| !value.is_null()) {
            json.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(slug) = item.get("name") {
        json.insert("slug".to_owned(), slug.clone());
    }
    let slug = item.get("name").and_then(Value::as_str).unwrap_or_default();
    let editable = item.get("editable").and_then(Value::as_str);
    let is_default = editable.is_some_and(|editable| editable.starts_with("system"));
    match editable {
        Some("system" | "user") | None => {}
        Some(_) => {
            out.lose("bookingFields[].editable", Why::NotExpressible("V2 tells the form's own fields and others"))
        }
    }
    if out.is_request() {
        // V2 knows the form's own fields by their slug, or by their kind.
        if is_default && DEFAULTS.contains(&slug) {
            json.remove("type");
        }
    } else if editable.is_some() {
        json.insert("isDefault".to_owned(), is_default.into());
    }
    if let Some(Value::Array(options)) = item.get("options") {
        let values: Vec<Value> = options.iter().map(|option| option.get("value").unwrap_or(option).clone()).collect();
        if options.iter().any(|option| option.get("label") != option.get("value")) {
            out.lose("bookingFields[].options[].label", Why::Dropped("V2's options are their own labels"));
        }
        json.insert("options".to_owned(), values.into());
    }
    let known = [ALIKE.as_slice(), &["name", "editable", "options"]].concat();
    out.lose_others("bookingFields[].", item, &known, "V2 has nothing like it");
    json
}

pub(super) fn fields_to_v1(found: &Value, out: &mut Out) -> Option<Value> {
    let items = found.as_array()?.iter().filter_map(Value::as_object);
    Some(items.map(|item| Value::Object(form_field_to_v1(item, out))).collect())
}

fn form_field_to_v1(item: &Object, out: &mut Out) -> Object {
    let mut json = Map::new();
    for name in ALIKE {
        if let Some(value) = item.get(name).filter(|value| !value.is_null()) {
            json.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(slug) = item.get("slug") {
        json.insert("name".to_owned(), slug.clone());
    }
    if let Some(Value::Bool(is_default)) = item.get("isDefault") {
        json.insert("editable".to_owned(), if *is_default { "system" } else { "user" }.into());
    }
    if let Some(Value::Array(options)) = item.get("options") {
        let options: Vec<Value> = options.iter().map(|value| json!({"label": value, "value": value})).collect();
        json.insert("options".to_owned(), options.into());
    }
    let known = [ALIKE.as_slice(), &["slug", "isDefault", "options"]].concat();
    out.lose_others("bookingFields[].", item, &known, "V1 has nothing like it");
    json
}
