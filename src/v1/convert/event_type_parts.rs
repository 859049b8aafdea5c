//! Groups of fields of event types. One version has them as flat fields, the other as an object.

use serde_json::{Map, Value, json};

use super::table::{ConversionOutput, Purpose, is_blank};
use crate::v1::{LossReason, schema::JsonObject, types::Time};

fn disabled_group() -> Value {
    json!({"disabled": true})
}

/// The group, if it is present and not disabled.
fn enabled_group<'a>(from: &'a JsonObject, name: &str) -> Option<&'a JsonObject> {
    let group = from.get(name)?.as_object()?;
    (group.get("disabled") != Some(&Value::Bool(true))).then_some(group)
}

fn is_disabled(from: &JsonObject, name: &str) -> bool {
    from.get(name).is_some_and(|group| group["disabled"] == true)
}

fn field_or_null(from: &JsonObject, name: &str) -> Value {
    from.get(name).cloned().unwrap_or_default()
}

/// The key in `metadata` of the lengths that an attendee can select.
const LENGTHS_KEY: &str = "multipleDuration";
/// The key in `metadata` of the notice below which a booking needs a confirmation.
const THRESHOLD_KEY: &str = "requiresConfirmationThreshold";

pub(super) fn length_to_v2(event_type: &JsonObject, out: &mut ConversionOutput) {
    if let Some(length) = event_type.get("length") {
        out.put("lengthInMinutes", length.clone());
    }
    let Some(Value::Object(metadata)) = event_type.get("metadata") else { return };
    let mut rest = Map::new();
    for (name, value) in metadata {
        match name.as_str() {
            LENGTHS_KEY if are_lengths(value) => out.put("lengthInMinutesOptions", value.clone()),
            THRESHOLD_KEY if is_threshold(value) => {}
            _ if out.is_request() => {
                let reason = LossReason::Dropped("V2 returns metadata of event types, but takes none");
                out.report_loss(&format!("metadata.{name}"), reason);
            }
            _ => _ = rest.insert(name.clone(), value.clone()),
        }
    }
    if !out.is_request() {
        out.put("metadata", rest);
    }
}

pub(super) fn length_to_v1(event_type: &JsonObject, out: &mut ConversionOutput) {
    out.put("length", field_or_null(event_type, "lengthInMinutes"));
    let mut metadata = event_type.get("metadata").and_then(Value::as_object).cloned();
    if let Some(lengths) = event_type.get("lengthInMinutesOptions").filter(|lengths| !is_blank(lengths)) {
        metadata.get_or_insert_default().insert(LENGTHS_KEY.to_owned(), lengths.clone());
    }
    let notice = enabled_group(event_type, "confirmationPolicy").and_then(|policy| policy.get("noticeThreshold"));
    if let Some(notice) = notice {
        let threshold = json!({"time": notice["count"], "unit": notice["unit"]});
        metadata.get_or_insert_default().insert(THRESHOLD_KEY.to_owned(), threshold);
    }
    out.put("metadata", metadata.map_or(Value::Null, Value::Object));
}

fn are_lengths(value: &Value) -> bool {
    value.as_array().is_some_and(|lengths| !lengths.is_empty() && lengths.iter().all(Value::is_i64))
}

fn is_threshold(value: &Value) -> bool {
    value["time"].is_i64() && value["unit"].is_string() && value.as_object().is_some_and(|object| object.len() == 2)
}

pub(super) fn confirmation_to_v2(event_type: &JsonObject, out: &mut ConversionOutput) {
    let threshold =
        event_type.get("metadata").and_then(|metadata| metadata.get(THRESHOLD_KEY)).filter(|it| is_threshold(it));
    let Some(Value::Bool(required)) = event_type.get("requiresConfirmation") else {
        if threshold.is_some() {
            out.report_loss(
                "metadata.requiresConfirmationThreshold",
                LossReason::NotExpressible("V2 wants requiresConfirmation with it"),
            );
        }
        return;
    };
    let policy = match (required, threshold) {
        (true, Some(threshold)) => json!({
            "type": "time",
            "noticeThreshold": {"unit": threshold["unit"], "count": threshold["time"]},
        }),
        (true, None) => json!({"type": "always"}),
        (false, threshold) => {
            if threshold.is_some() {
                out.report_loss(
                    "metadata.requiresConfirmationThreshold",
                    LossReason::Dropped("V2 has it with a confirmation alone"),
                );
            }
            disabled_group()
        }
    };
    let mut policy = policy;
    if *required && out.is_request() {
        // V1's default. In an update the stored value is not known.
        policy["blockUnconfirmedBookingsInBooker"] = false.into();
        if out.purpose == Purpose::Update {
            out.report_loss(
                "confirmationPolicy.blockUnconfirmedBookingsInBooker",
                LossReason::MadeUp("V2 wants to know it"),
            );
        }
    }
    out.put("confirmationPolicy", policy);
}

pub(super) fn confirmation_to_v1(event_type: &JsonObject, out: &mut ConversionOutput) {
    let policy = enabled_group(event_type, "confirmationPolicy");
    let required = match policy {
        Some(policy) => {
            if policy.get("blockUnconfirmedBookingsInBooker") == Some(&Value::Bool(true)) {
                out.report_loss(
                    "confirmationPolicy.blockUnconfirmedBookingsInBooker",
                    LossReason::Dropped("V1 does not know it"),
                );
            }
            Value::Bool(true)
        }
        None if is_disabled(event_type, "confirmationPolicy") => Value::Bool(false),
        None => Value::Null,
    };
    out.put("requiresConfirmation", required);
}

const PERIOD_FIELDS: [&str; 4] = ["periodDays", "periodCountCalendarDays", "periodStartDate", "periodEndDate"];

pub(super) fn period_to_v2(event_type: &JsonObject, out: &mut ConversionOutput) {
    let non_null = |name: &str| event_type.get(name).filter(|value| !value.is_null());
    let kind = non_null("periodType").and_then(Value::as_str);
    let (window, used): (Option<Value>, &[&str]) = match kind {
        None => (None, &[]),
        Some("UNLIMITED") => (Some(disabled_group()), &[]),
        Some("RANGE") => {
            let day = |name: &str, out: &mut ConversionOutput| {
                let time = non_null(name).and_then(Time::from_json)?;
                if !time.is_midnight() {
                    out.report_loss(name, LossReason::NotExpressible("V2's dates have no time"));
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
        Some(rolling @ ("ROLLING" | "ROLLING_WINDOW")) => match non_null("periodDays") {
            Some(days) => {
                let calendar = non_null("periodCountCalendarDays");
                if calendar.is_none() {
                    out.report_loss(
                        "periodCountCalendarDays",
                        LossReason::MadeUp("V2 has calendar or business days: business days"),
                    );
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
        out.report_loss("periodType", LossReason::NotExpressible("V2 has no such window, or wants to know more of it"));
    }
    for name in PERIOD_FIELDS.into_iter().filter(|name| !used.contains(name) && non_null(name).is_some()) {
        out.report_loss(name, LossReason::Dropped("V2 has it in a window of its kind alone"));
    }
    if let Some(window) = window {
        out.put("bookingWindow", window);
    }
}

pub(super) fn period_to_v1(event_type: &JsonObject, out: &mut ConversionOutput) {
    for name in PERIOD_FIELDS.into_iter().chain(["periodType"]) {
        out.put(name, Value::Null);
    }
    if is_disabled(event_type, "bookingWindow") {
        return out.put("periodType", "UNLIMITED");
    }
    let Some(window) = enabled_group(event_type, "bookingWindow") else { return };
    let value = field_or_null(window, "value");
    match window.get("type").and_then(Value::as_str) {
        Some("range") => {
            let day = |at: usize| value.get(at).and_then(Time::from_json);
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
        _ => out.report_loss("bookingWindow", LossReason::NotExpressible("V1 has no such window")),
    }
}

const FREQUENCIES: [&str; 3] = ["yearly", "monthly", "weekly"];

pub(super) fn recurrence_to_v2(event_type: &JsonObject, out: &mut ConversionOutput) {
    let Some(recurring) = event_type.get("recurringEvent") else { return };
    let Value::Object(recurring) = recurring else {
        if out.is_request() {
            out.put("recurrence", disabled_group());
        }
        return;
    };
    let number = |name: &str| recurring.get(name).and_then(Value::as_u64);
    let frequency = number("freq").and_then(|freq| FREQUENCIES.get(usize::try_from(freq).ok()?).copied());
    let (Some(frequency), Some(count)) = (frequency, number("count")) else {
        return out.report_loss(
            "recurringEvent",
            LossReason::NotExpressible("V2 repeats yearly, monthly or weekly, so many times"),
        );
    };
    let interval = number("interval").unwrap_or_else(|| {
        out.report_loss("recurringEvent.interval", LossReason::MadeUp("V2 wants to know it: every one"));
        1
    });
    out.report_unmapped("recurringEvent.", recurring, &["freq", "count", "interval"], "V2 has nothing like it");
    out.put("recurrence", json!({"frequency": frequency, "interval": interval, "occurrences": count}));
}

pub(super) fn recurrence_to_v1(event_type: &JsonObject, out: &mut ConversionOutput) {
    let recurring = enabled_group(event_type, "recurrence").and_then(|recurrence| {
        let named = recurrence.get("frequency")?.as_str()?;
        let freq = FREQUENCIES.iter().position(|frequency| *frequency == named)?;
        Some(json!({"freq": freq, "interval": recurrence.get("interval")?, "count": recurrence.get("occurrences")?}))
    });
    if recurring.is_none() && enabled_group(event_type, "recurrence").is_some() {
        out.report_loss("recurrence", LossReason::NotExpressible("V1 has no such repetition"));
    }
    out.put("recurringEvent", recurring.unwrap_or_default());
}

const SEAT_FLAGS: [&str; 2] = ["seatsShowAttendees", "seatsShowAvailabilityCount"];

pub(super) fn seats_to_v2(event_type: &JsonObject, out: &mut ConversionOutput) {
    let non_null = |name: &str| event_type.get(name).filter(|value| !value.is_null());
    let Some(seats) = non_null("seatsPerTimeSlot") else {
        for name in SEAT_FLAGS.into_iter().filter(|name| non_null(name).is_some()) {
            out.report_loss(name, LossReason::Dropped("V2 has it with seats alone"));
        }
        if event_type.contains_key("seatsPerTimeSlot") {
            out.put("seats", disabled_group());
        }
        return;
    };
    let [attendees, count] = SEAT_FLAGS.map(|name| {
        non_null(name).cloned().unwrap_or_else(|| {
            out.report_loss(name, LossReason::MadeUp("V2 wants to know it"));
            false.into()
        })
    });
    out.put("seats", json!({"seatsPerTimeSlot": seats, "showAttendeeInfo": attendees, "showAvailabilityCount": count}));
}

pub(super) fn seats_to_v1(event_type: &JsonObject, out: &mut ConversionOutput) {
    let seats = enabled_group(event_type, "seats");
    let of = |name: &str| seats.map(|seats| field_or_null(seats, name)).unwrap_or_default();
    // An older form of the response has flat fields.
    let flat = |name: &str, grouped: Value| if grouped.is_null() { field_or_null(event_type, name) } else { grouped };
    out.put("seatsPerTimeSlot", flat("seatsPerTimeSlot", of("seatsPerTimeSlot")));
    out.put("seatsShowAttendees", of("showAttendeeInfo"));
    out.put("seatsShowAvailabilityCount", flat("seatsShowAvailabilityCount", of("showAvailabilityCount")));
}

const LIMIT_FIELDS: [(&str, &str); 2] =
    [("bookingLimits", "bookingLimitsCount"), ("durationLimits", "bookingLimitsDuration")];
const LIMIT_SPANS: [(&str, &str); 4] =
    [("PER_DAY", "day"), ("PER_WEEK", "week"), ("PER_MONTH", "month"), ("PER_YEAR", "year")];

pub(super) fn limits_to_v2(event_type: &JsonObject, out: &mut ConversionOutput) {
    for (v1, v2) in LIMIT_FIELDS {
        match event_type.get(v1) {
            Some(Value::Object(limits)) if !(limits.is_empty() && out.is_request()) => {
                let known = LIMIT_SPANS.map(|(span, _)| span);
                out.report_unmapped(&format!("{v1}."), limits, &known, "V2 has no such span");
                let spans =
                    LIMIT_SPANS.iter().filter_map(|(v1, v2)| Some(((*v2).to_owned(), limits.get(*v1)?.clone())));
                out.put(v2, spans.collect::<JsonObject>());
            }
            Some(_) if out.is_request() => out.put(v2, disabled_group()),
            _ => {}
        }
    }
}

pub(super) fn limits_to_v1(event_type: &JsonObject, out: &mut ConversionOutput) {
    for (v1, v2) in LIMIT_FIELDS {
        let limits = enabled_group(event_type, v2).map(|limits| {
            let spans = LIMIT_SPANS.iter().filter_map(|(v1, v2)| Some(((*v1).to_owned(), limits.get(*v2)?.clone())));
            Value::Object(spans.collect())
        });
        out.put(v1, limits.unwrap_or_default());
    }
}

const SCHEDULING_TYPES: [(&str, &str); 3] =
    [("ROUND_ROBIN", "roundRobin"), ("COLLECTIVE", "collective"), ("MANAGED", "managed")];

pub(super) fn scheduling_to_v2(value: &Value, out: &mut ConversionOutput) -> Option<Value> {
    let kind = SCHEDULING_TYPES.iter().find(|(v1, _)| value == v1);
    if kind.is_none() {
        out.report_loss("schedulingType", LossReason::NotExpressible("V2 has no such kind of scheduling"));
    }
    kind.map(|(_, v2)| (*v2).into())
}

pub(super) fn scheduling_to_v1(value: &Value, out: &mut ConversionOutput) -> Option<Value> {
    let kind = SCHEDULING_TYPES.iter().find(|(_, v2)| value == v2);
    if kind.is_none() {
        out.report_loss("schedulingType", LossReason::NotExpressible("V1 has no such kind of scheduling"));
    }
    kind.map(|(v1, _)| (*v1).into())
}
