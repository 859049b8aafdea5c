//! A conversion to V2 and back returns the same value, or the losses name every difference.

use calcom::v1::{
    Converted, Loss,
    convert::{
        booking_to_v1, booking_to_v2, event_type_to_v1, event_type_to_v2, schedule_to_v1, schedule_to_v2,
        webhook_to_v1, webhook_to_v2,
    },
    types::{Booking, EventType, Schedule, Webhook},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// The paths at which two values differ, with `[]` for list items.
fn differences(one: &Value, other: &Value, path: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let value = |object: &Map<String, Value>| object.get(key).cloned().unwrap_or_default();
                differences(&value(a), &value(b), &path, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let path = format!("{path}[]");
            a.iter().zip(b).for_each(|(a, b)| differences(a, b, &path, found));
        }
        (a, b) if a == b => {}
        _ => found.push(path.to_owned()),
    }
}

/// Whether a loss explains a difference at a path. Its field is the same, contains it, or is contained in it.
fn explains(loss: &Loss, path: &str) -> bool {
    let within = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(&loss.field, path) || within(path, &loss.field)
}

fn check_round_trip<T, U>(
    converted: Result<Converted<U>, impl std::fmt::Display>,
    back: impl FnOnce(&U) -> Result<Converted<T>, calcom::v1::convert::ConversionError>,
    from: &T,
) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned,
{
    let converted = converted.map_err(|error| TestCaseError::fail(error.to_string()))?;
    let back = back(&converted.value).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let losses: Vec<&Loss> = converted.losses.iter().chain(&back.losses).collect();
    let mut found = Vec::new();
    differences(&json!(from), &json!(back.value), "", &mut found);
    for path in found {
        let named = losses.iter().any(|loss| explains(loss, &path));
        prop_assert!(
            named,
            "{path} differs, and no loss names it: {losses:#?}\n{}\n{}",
            json!(from),
            json!(back.value)
        );
    }
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-zA-Z0-9 äß@.+:/-]{1,12}"]
}

fn time() -> impl Strategy<Value = String> {
    (1_500_000_000_000_i64..2_000_000_000_000, any::<bool>()).prop_map(|(millis, midnight)| {
        let millis = if midnight { millis / 86_400_000 * 86_400_000 } else { millis };
        format!("{:.3}", jiff::Timestamp::from_millisecond(millis).unwrap())
    })
}

/// Missing, null, or a value.
fn maybe<S: Strategy<Value: Into<Value>>>(strategy: S) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(Value::Null)),
        3 => strategy.prop_map(|value| Some(value.into())),
    ]
}

fn object(fields: Vec<(&'static str, BoxedStrategy<Option<Value>>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let of = move |values: Vec<Option<Value>>| {
        let pairs = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(pairs.collect())
    };
    values.prop_map(of).boxed()
}

fn always(strategy: impl Strategy<Value: Into<Value>> + 'static) -> BoxedStrategy<Option<Value>> {
    strategy.prop_map(|value| Some(value.into())).boxed()
}

fn number() -> impl Strategy<Value = i64> {
    1_i64..10_000
}

fn free_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::from),
        number().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        vec(text(), 0..3).prop_map(Value::from),
    ]
}

fn map() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        3 => "[a-z]{1,6}",
        1 => select(&["videoCallUrl", "multipleDuration", "requiresConfirmationThreshold"][..]).prop_map(str::to_owned),
    ];
    let value = prop_oneof![
        4 => free_json(),
        1 => Just(json!("https://meet.example.com/room")),
        1 => Just(json!([15, 30])),
        1 => Just(json!({"time": 2, "unit": "hours"})),
        1 => Just(json!({"time": 2, "unit": "hours", "more": 1})),
    ];
    vec((key, value), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

fn booking() -> impl Strategy<Value = Value> {
    let person = || {
        object(vec![
            ("id", maybe(number()).boxed()),
            ("email", always(text())),
            ("name", always(text())),
            ("timeZone", always(text())),
            ("locale", maybe(text()).boxed()),
        ])
    };
    let user = object(vec![
        ("email", maybe(text()).boxed()),
        ("name", maybe(text()).boxed()),
        ("timeZone", maybe(text()).boxed()),
        ("locale", maybe(text()).boxed()),
    ]);
    let event_type = object(vec![
        ("title", maybe(text()).boxed()),
        ("slug", maybe(text()).boxed()),
        ("team", maybe(free_json()).boxed()),
    ]);
    let status = select(&["ACCEPTED", "PENDING", "CANCELLED", "REJECTED", "AWAITING_HOST", "on_hold"][..])
        .prop_map(str::to_owned);
    object(vec![
        ("id", always(number())),
        ("uid", always(text())),
        ("userId", maybe(number()).boxed()),
        ("user", maybe(user).boxed()),
        ("title", always(text())),
        ("description", maybe(text()).boxed()),
        ("startTime", always(time())),
        ("endTime", always(time())),
        ("eventTypeId", maybe(number()).boxed()),
        ("eventType", maybe(event_type).boxed()),
        ("attendees", always(vec(person(), 0..3))),
        ("status", always(status)),
        ("metadata", maybe(map()).boxed()),
        ("responses", maybe(map()).boxed()),
        ("payment", always(vec(free_json(), 0..2))),
        ("fromReschedule", maybe(text()).boxed()),
        ("cancelledBy", maybe(text()).boxed()),
        ("rescheduledBy", maybe(text()).boxed()),
        ("timeZone", maybe(text()).boxed()),
        ("createdAt", always(time())),
    ])
}

fn location() -> impl Strategy<Value = Value> {
    let kinds = [
        "inPerson",
        "link",
        "userPhone",
        "phone",
        "attendeeInPerson",
        "somewhereElse",
        "conferencing",
        "integrations:daily",
        "integrations:google:meet",
        "integrations:sirius_video_video",
        "integrations:cal-video",
        "integrations:nobody_knows",
        "unknown",
        "address",
    ];
    object(vec![
        ("type", always(prop::sample::select(kinds.to_vec()).prop_map(str::to_owned))),
        ("address", option::of(text().prop_map(Value::from)).boxed()),
        ("link", option::of(text().prop_map(Value::from)).boxed()),
        ("hostPhoneNumber", option::of(text().prop_map(Value::from)).boxed()),
        ("displayLocationPublicly", option::of(any::<bool>().prop_map(Value::from)).boxed()),
        ("credentialId", option::of(number().prop_map(Value::from)).boxed()),
    ])
}

fn form_field() -> impl Strategy<Value = Value> {
    let option = object(vec![("label", always(text())), ("value", always(text()))]);
    let editable = select(&["system", "user", "system-but-optional", "user-readonly"][..]).prop_map(str::to_owned);
    object(vec![
        ("name", always("[a-z]{1,6}")),
        ("type", always(select(&["text", "select", "email", "boolean"][..]).prop_map(str::to_owned))),
        ("label", maybe(text()).boxed()),
        ("required", maybe(any::<bool>()).boxed()),
        ("placeholder", maybe(text()).boxed()),
        ("hidden", maybe(any::<bool>()).boxed()),
        ("editable", option::of(editable.prop_map(Value::from)).boxed()),
        ("options", option::of(vec(option, 0..3).prop_map(Value::from)).boxed()),
        ("sources", option::of(vec(free_json(), 0..2).prop_map(Value::from)).boxed()),
    ])
}

fn event_type() -> impl Strategy<Value = Value> {
    let flag = || maybe(any::<bool>()).boxed();
    let count = || maybe(number()).boxed();
    let limits = || {
        let spans = select(&["PER_DAY", "PER_WEEK", "PER_MONTH", "PER_YEAR", "PER_DECADE"][..]);
        let limits = vec((spans.prop_map(str::to_owned), number().prop_map(Value::from)), 0..4);
        maybe(limits.prop_map(|pairs| Value::Object(pairs.into_iter().collect()))).boxed()
    };
    let recurring = object(vec![
        ("freq", always(0_i64..6)),
        ("interval", option::of(number().prop_map(Value::from)).boxed()),
        ("count", option::of(number().prop_map(Value::from)).boxed()),
        ("until", option::of(text().prop_map(Value::from)).boxed()),
    ]);
    let host = object(vec![
        ("userId", always(number())),
        ("isFixed", maybe(any::<bool>()).boxed()),
        ("scheduleId", maybe(number()).boxed()),
    ]);
    let period = select(&["UNLIMITED", "ROLLING", "ROLLING_WINDOW", "RANGE", "NEVER"][..]).prop_map(str::to_owned);
    let scheduling = select(&["ROUND_ROBIN", "COLLECTIVE", "MANAGED", "OTHER"][..]).prop_map(str::to_owned);
    object(vec![
        ("id", always(number())),
        ("title", always(text())),
        ("slug", always(text())),
        ("length", always(number())),
        ("description", maybe(text()).boxed()),
        ("hidden", flag()),
        ("position", count()),
        ("userId", count()),
        ("teamId", count()),
        ("schedulingType", maybe(scheduling).boxed()),
        ("hosts", maybe(vec(host, 0..3)).boxed()),
        ("children", maybe(vec(free_json(), 0..2)).boxed()),
        ("parentId", count()),
        ("assignAllTeamMembers", flag()),
        ("scheduleId", count()),
        ("eventName", maybe(text()).boxed()),
        ("timeZone", maybe(text()).boxed()),
        ("periodType", maybe(period).boxed()),
        ("periodDays", count()),
        ("periodCountCalendarDays", flag()),
        ("periodStartDate", maybe(time()).boxed()),
        ("periodEndDate", maybe(time()).boxed()),
        ("requiresConfirmation", flag()),
        ("recurringEvent", maybe(recurring).boxed()),
        ("disableGuests", flag()),
        ("minimumBookingNotice", count()),
        ("beforeEventBuffer", count()),
        ("seatsPerTimeSlot", count()),
        ("seatsShowAttendees", flag()),
        ("seatsShowAvailabilityCount", flag()),
        ("slotInterval", count()),
        ("successRedirectUrl", maybe(text()).boxed()),
        ("price", count()),
        ("currency", maybe(text()).boxed()),
        ("bookingLimits", limits()),
        ("durationLimits", limits()),
        ("locations", maybe(vec(location(), 0..4)).boxed()),
        ("bookingFields", maybe(vec(form_field(), 0..4)).boxed()),
        ("customInputs", maybe(vec(free_json(), 0..2)).boxed()),
        ("metadata", maybe(map()).boxed()),
        ("link", maybe(text()).boxed()),
        ("hashedLink", maybe(free_json()).boxed()),
    ])
}

fn row() -> impl Strategy<Value = Value> {
    let time = || (0_u8..24, 0_u8..60, prop_oneof![3 => Just(0_u8), 1 => 0_u8..60]);
    let clock = |(hour, minute, second): (u8, u8, u8)| format!("{hour:02}:{minute:02}:{second:02}");
    object(vec![
        ("id", maybe(number()).boxed()),
        ("eventTypeId", maybe(number()).boxed()),
        ("days", always(vec(0_u8..9, 0..4))),
        ("startTime", always(time().prop_map(clock))),
        ("endTime", always(time().prop_map(clock))),
        ("date", maybe(self::time()).boxed()),
    ])
}

fn schedule() -> impl Strategy<Value = Value> {
    object(vec![
        ("id", always(number())),
        ("userId", maybe(number()).boxed()),
        ("name", always(text())),
        ("timeZone", maybe(text()).boxed()),
        ("availability", always(vec(row(), 0..5))),
    ])
}

fn webhook() -> impl Strategy<Value = Value> {
    object(vec![
        ("id", always(text())),
        ("userId", maybe(number()).boxed()),
        ("eventTypeId", maybe(number()).boxed()),
        ("payloadTemplate", maybe(text()).boxed()),
        ("eventTriggers", always(vec(text(), 0..3))),
        ("appId", maybe(text()).boxed()),
        ("subscriberUrl", always(text())),
    ])
}

/// Deserializes generated JSON.
fn typed<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_booking_round_trips_or_names_its_losses(json in booking()) {
        let booking: Booking = typed(json);
        check_round_trip(booking_to_v2(&booking), booking_to_v1, &booking)?;
    }

    #[test]
    fn an_event_type_round_trips_or_names_its_losses(json in event_type()) {
        let event_type: EventType = typed(json);
        check_round_trip(event_type_to_v2(&event_type), event_type_to_v1, &event_type)?;
    }

    #[test]
    fn a_schedule_round_trips_or_names_its_losses(json in schedule()) {
        let schedule: Schedule = typed(json);
        check_round_trip(schedule_to_v2(&schedule), schedule_to_v1, &schedule)?;
    }

    #[test]
    fn a_webhook_round_trips_or_names_its_losses(json in webhook()) {
        let webhook: Webhook = typed(json);
        check_round_trip(webhook_to_v2(&webhook), webhook_to_v1, &webhook)?;
    }

    #[test]
    fn a_written_booking_is_read_again(json in booking()) {
        let booking: Booking = typed(json);
        let written = json!(booking);
        prop_assert_eq!(json!(typed::<Booking>(written.clone())), written);
    }
}

/// Fields that both versions have come back without losses.
#[test]
fn fields_of_both_versions_are_not_lost() {
    let schedule: Schedule = typed(json!({
        "id": 1, "userId": 2, "name": "Hours", "timeZone": "Europe/Berlin",
        "availability": [
            {"days": [1, 2, 3, 4, 5], "startTime": "09:00:00", "endTime": "17:00:00", "date": null},
            {"days": [], "startTime": "10:00:00", "endTime": "12:00:00", "date": "2030-12-24T00:00:00.000Z"},
        ],
    }));
    let v2 = schedule_to_v2(&schedule).unwrap();
    assert_eq!(names(&v2.losses), ["isDefault"]);
    let back = schedule_to_v1(&v2).unwrap();
    assert_eq!(back.value, schedule);
    assert_eq!(names(&back.losses), ["availability[].id"]);

    let event_type: EventType = typed(json!({
        "id": 1, "title": "T", "slug": "t", "length": 30, "hidden": false, "userId": 2,
        "metadata": {"multipleDuration": [15, 30], "requiresConfirmationThreshold": {"time": 2, "unit": "hours"}},
        "requiresConfirmation": true, "periodType": "ROLLING", "periodDays": 30, "periodCountCalendarDays": true,
        "recurringEvent": {"freq": 2, "interval": 1, "count": 4}, "bookingLimits": {"PER_DAY": 3},
        "seatsPerTimeSlot": 3, "seatsShowAttendees": true, "seatsShowAvailabilityCount": false,
        "locations": [{"type": "integrations:google:meet"}, {"type": "inPerson", "address": "1 Main St",
            "displayLocationPublicly": true}],
        "bookingFields": [{"name": "size", "type": "select", "options": [{"label": "S", "value": "S"}],
            "editable": "user"}],
    }));
    let v2 = event_type_to_v2(&event_type).unwrap();
    assert_eq!(names(&v2.losses), [""; 0]);
    assert_eq!(event_type_to_v1(&v2).unwrap().value, event_type);
}

fn names(losses: &[Loss]) -> Vec<&str> {
    losses.iter().map(|loss| loss.field.as_str()).collect()
}
