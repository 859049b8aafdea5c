//! Documented types are read from both forms of JSON; `to_wire_json` and equality cover every field that the service sent.

use calcom::model::{
    Booking, Cancellation, EventType, EventTypeGroups, Schedule, Slots, ToWireJson, User, Webhook, wire_json,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::support::recorded_body;

/// The value of `data` in a recorded response.
fn recorded(case: &str) -> Value {
    recorded_body(case)["data"].take()
}

fn first(case: &str) -> Value {
    recorded(case)[0].take()
}

fn read<T: DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// The JSON pointers of all scalars in `json`.
fn scalars(json: &Value, at: &str, found: &mut Vec<String>) {
    match json {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| scalars(field, &format!("{at}/{name}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| scalars(item, &format!("{at}/{place}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another scalar of the same kind.
fn other(scalar: &Value) -> Value {
    match scalar {
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            Ok(time) => json!((time + jiff::SignedDuration::from_mins(1)).to_string()),
            Err(_) => json!(format!("{text}x")),
        },
        _ => json!("x"),
    }
}

/// Asserts that the value survives a round trip through its wire JSON, and that a value with any other scalar is not equal.
fn keeps_all<T: DeserializeOwned + PartialEq + ToWireJson>(json: &Value) {
    let value: T = read(json);
    assert_eq!(value.to_wire_json(), *json);
    assert!(read::<T>(&value.to_wire_json()) == value);
    let mut places = Vec::new();
    scalars(json, "", &mut places);
    let mut readable = 0;
    for place in &places {
        let mut changed = json.clone();
        let scalar = changed.pointer_mut(place).unwrap();
        *scalar = other(scalar);
        if let Ok(changed) = serde_json::from_value::<T>(changed) {
            assert!(changed != value, "a change at {place} is not seen");
            readable += 1;
        }
    }
    assert!(readable * 3 > places.len(), "{readable} of {} changes could be read", places.len());
}

#[test]
fn json_of_the_service_is_read_whole_and_equality_compares_every_field() {
    keeps_all::<Booking>(&recorded("bookings-2024-08-13/create-regular"));
    keeps_all::<Cancellation>(&recorded("bookings-2024-08-13/create-regular"));
    keeps_all::<EventType>(&first("event-types/list-2024-06-14"));
    keeps_all::<User>(&recorded("me/get-2024-06-11"));
    keeps_all::<Schedule>(&json!({
        "id": 7, "ownerId": 3, "name": "Hours", "timeZone": "Europe/Berlin", "isDefault": true,
        "availability": [{"days": ["Monday"], "startTime": "09:00", "endTime": "17:00"}],
        "overrides": [{"date": "2027-01-04", "startTime": "10:00", "endTime": "12:00"}],
    }));
    keeps_all::<Webhook>(&json!({
        "id": "w", "subscriberUrl": "https://example.com/hook", "active": true, "triggers": ["BOOKING_CREATED"],
        "payloadTemplate": null, "secret": "secret-of-example", "userId": 5, "createdAt": "2026-01-02T03:04:05Z",
    }));
}

#[test]
fn lists_of_the_wire_form_are_read_into_their_documented_types() {
    let sent = recorded("event-types/list-2024-06-14");
    let groups: EventTypeGroups = read(&sent);
    assert_eq!(groups.len(), sent.as_array().unwrap().len());
    assert!(read::<EventTypeGroups>(&groups.to_wire_json()) == groups);
    let kept: Vec<Value> = groups.iter().map(EventType::to_wire_json).collect();
    assert!(sent.as_array().unwrap().iter().all(|event_type| kept.contains(event_type)));

    let slots: Slots = read(&json!({"2027-01-04": [
        {"start": "2027-01-04T09:00:00.000+01:00", "end": "2027-01-04T09:30:00.000+01:00", "seatsTotal": 4},
    ]}));
    let slot = slots.first().unwrap();
    assert_eq!(
        (slot.end(), slot.seats().map(|seats| seats.total)),
        (Some("2027-01-04T08:30:00Z".parse().unwrap()), Some(4))
    );
    assert!(read::<Slots>(&slots.to_wire_json()) == slots);
}

#[test]
fn a_changed_value_is_written_with_the_change_and_all_other_fields_of_the_service() {
    let sent = recorded("bookings-2024-08-13/create-regular");
    let original: Booking = read(&sent);
    let mut booking = original.clone();
    booking.title = "Another".into();
    booking.start_time += jiff::SignedDuration::from_hours(1);
    booking.attendees[0].name = "Jane Roe".into();
    booking.user.as_mut().unwrap().name = None;
    assert!(booking != original);

    let json = booking.to_wire_json();
    assert_eq!((&json["title"], &json["attendees"][0]["name"]), (&json!("Another"), &json!("Jane Roe")));
    assert_eq!((&json["duration"], &json["hosts"]), (&sent["duration"], &sent["hosts"]));
    assert_eq!(json["attendees"][0]["language"], sent["attendees"][0]["language"]);
    assert_eq!(json.get("start"), None, "the time that it does not have any more");
    let again: Booking = read(&json);
    assert!(again == booking);
    assert_eq!((again.start_time, again.user.as_ref().unwrap().name.as_deref()), (booking.start_time, None));
    assert_eq!(again.extra("duration"), Some(&sent["duration"]));

    booking.clone_from(&original);
    assert!(booking == original);
    let mut event_type: EventType = read(&first("event-types/list-2024-06-14"));
    event_type.length += 15;
    event_type.recurring_event = None;
    assert!(read::<EventType>(&event_type.to_wire_json()) == event_type);
    let mut groups: EventTypeGroups = read(&recorded("event-types/list-2024-06-14"));
    groups.event_type_groups[0].event_types[0].title = "Another".into();
    groups.event_type_groups[0].profile.name = Some("Another".into());
    assert!(read::<EventTypeGroups>(&groups.to_wire_json()) == groups);
    let mut cancelled: Cancellation = read(&sent);
    cancelled.message = "Another".into();
    cancelled.bookings[0].title = "Another".into();
    assert!(read::<Cancellation>(&cancelled.to_wire_json()) == cancelled);
}

#[test]
fn a_change_leaves_other_fields_in_the_form_in_which_they_were_sent() {
    let mut sent = first("event-types/list-2024-06-14");
    sent["locations"] = json!([
        {"type": "address", "address": "Main Street 1", "public": true, "since": 2020},
        {"type": "link", "link": "https://example.com/room", "public": false},
    ]);
    sent["recurrence"] = json!({"interval": 1, "occurrences": 3, "frequency": "daily"});
    let original: EventType = read(&sent);
    let mut event_type = original.clone();
    event_type.title = "Another".into();
    let mut expected = sent.clone();
    expected["title"] = json!("Another");
    assert_eq!(event_type.to_wire_json(), expected);
    assert!(read::<EventType>(&expected).wire().is_some());

    event_type.length += 15;
    event_type.recurring_event = Some(calcom::model::RecurringEvent::new(calcom::model::Frequency::Weekly, 2, 5));
    expected["lengthInMinutes"] = json!(event_type.length);
    expected["recurringEvent"] = json!({"freq": 2, "interval": 2, "count": 5});
    expected.as_object_mut().unwrap().remove("recurrence");
    let json = event_type.to_wire_json();
    assert_eq!(json, expected);
    assert!(read::<EventType>(&json) == event_type);

    let mut moved = original.clone();
    moved.locations[0].address = Some("Main Street 2".into());
    let json = moved.to_wire_json();
    assert_eq!(
        json["locations"][0],
        json!({"type": "address", "address": "Main Street 2", "public": true, "since": 2020})
    );
    assert_eq!(json["locations"][1], sent["locations"][1]);
    assert!(read::<EventType>(&json) == moved);

    let mut elsewhere = original.clone();
    elsewhere.locations[1].address = Some("https://example.com/other".into());
    let json = elsewhere.to_wire_json();
    assert_eq!(json["locations"][1], json!({"type": "link", "link": "https://example.com/other", "public": false}));
    assert!(read::<EventType>(&json) == elsewhere);

    let mut alike = sent.clone();
    let place = |public: bool| json!({"type": "address", "address": "Main Street 1", "public": public});
    alike["locations"] = json!([place(true), place(false), sent["locations"][1]]);
    let mut changed: EventType = read(&alike);
    changed.locations[2].address = Some("https://example.com/other".into());
    assert_eq!(changed.to_wire_json()["locations"][1], place(false));

    let mut without = original.clone();
    without.locations.remove(0);
    assert_eq!(without.to_wire_json()["locations"], json!([sent["locations"][1]]));
    let mut replaced = original.clone();
    replaced.locations[0] = calcom::model::Location::new("phone", "+15550100");
    let json = replaced.to_wire_json();
    assert_eq!(json["locations"][0].get("public"), None, "that was another place's");
    assert!(read::<EventType>(&json) == replaced);
    assert!(original.to_wire_json() == sent);
}

#[test]
fn values_that_differ_in_any_field_are_not_equal_and_survive_a_round_trip() {
    let documented = |rest: Value| {
        let mut groups = json!({"eventTypeGroups": []});
        groups.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        groups
    };
    let (plain, beside) = (documented(json!({})), documented(json!({"profiles": [{"slug": "jane"}]})));
    assert!(read::<EventTypeGroups>(&plain) != read::<EventTypeGroups>(&beside));
    assert_eq!(read::<EventTypeGroups>(&beside).to_wire_json(), beside);
    assert!(!format!("{:?}", read::<EventTypeGroups>(&beside)).contains("jane"));
    let (plain, beside) = (json!({"slots": {}}), json!({"slots": {}, "busy": ["jane"]}));
    assert!(read::<Slots>(&plain) != read::<Slots>(&beside));
    assert_eq!(read::<Slots>(&beside).to_wire_json(), beside);
    assert!(!format!("{:?}", read::<Slots>(&beside)).contains("jane"));

    let original: EventType = read(&first("event-types/list-2024-06-14"));
    for price in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.5, 1e300] {
        let mut event_type = original.clone();
        event_type.price = price;
        let again: EventType = read(&event_type.to_wire_json());
        assert_eq!(again.price.to_bits(), price.to_bits(), "{price}");
        assert!(again == event_type && (event_type != original || price == 0.0), "{price}");
    }
}

#[test]
fn open_enums_are_equal_if_they_are_written_alike() {
    use calcom::model::{BookingStatus, Frequency, Trigger};
    use std::collections::HashSet;

    assert_eq!(BookingStatus::Other("ACCEPTED".into()), BookingStatus::Accepted);
    assert_eq!(BookingStatus::Other("accepted".into()), BookingStatus::Accepted, "it is read so");
    assert_eq!(Trigger::Other("BOOKING_PAID".into()), Trigger::BookingPaid);
    assert_eq!(Frequency::Other("2".into()), Frequency::Weekly);
    assert_eq!(Frequency::Other("weekly".into()), Frequency::Weekly);
    assert_ne!(Frequency::Other("4".into()), Frequency::Weekly);
    assert_eq!(HashSet::from([BookingStatus::Accepted, BookingStatus::Other("ACCEPTED".into())]).len(), 1);
    assert_eq!(HashSet::from([Frequency::Daily, Frequency::Other("3".into()), Frequency::Other("5".into())]).len(), 2);
    let language = calcom::raw::types::EventTypeLanguage::from("de");
    assert_eq!(language, calcom::raw::types::EventTypeLanguage::Other("de".into()));
}

#[test]
fn the_documented_form_is_written_as_before_and_what_it_leaves_out_is_a_difference() {
    let booking: Booking = read(&recorded("bookings-2024-08-13/create-regular"));
    let documented = serde_json::to_value(&booking).unwrap();
    let names: Vec<_> = documented.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names.len(), 14, "{names:?}");
    let again: Booking = read(&documented);
    assert_eq!(serde_json::to_value(&again).unwrap(), documented);
    assert!(again != booking, "it has lost what is not documented");
    assert!(again.wire().is_none() && booking.wire().is_some());
}

#[test]
fn methods_read_the_most_used_fields_of_a_booking() {
    let sent = recorded("bookings-2024-08-13/create-regular");
    let booking: Booking = read(&sent);
    assert_eq!(booking.hosts().len(), sent["hosts"].as_array().unwrap().len());
    assert_eq!(Some(&booking.hosts()[0]), booking.user.as_ref());
    assert_eq!((booking.duration(), booking.is_host_absent()), (sent["duration"].as_i64(), Some(false)));
    assert_eq!(booking.answers().map(|answers| json!(answers)).as_ref(), Some(&sent["bookingFieldsResponses"]));
    assert_eq!(
        booking.updated_at().map(|time| time.to_string()),
        sent["updatedAt"].as_str().map(|text| text.parse::<jiff::Timestamp>().unwrap().to_string())
    );
    let mut sent = sent;
    sent["guests"] = json!(["a@example.com", "b@example.com"]);
    assert_eq!(read::<Booking>(&sent).guests(), ["a@example.com", "b@example.com"]);
}

#[test]
fn a_struct_keeps_everything_through_serde_with() {
    #[derive(Serialize, Deserialize, PartialEq)]
    struct Row {
        #[serde(with = "wire_json")]
        bookings: Vec<Booking>,
        #[serde(with = "wire_json")]
        user: Option<User>,
    }
    let row = Row {
        bookings: vec![read(&recorded("bookings-2024-08-13/create-regular"))],
        user: read(&recorded("me/get-2024-06-11")),
    };
    let text = serde_json::to_string(&row).unwrap();
    let again: Row = serde_json::from_str(&text).unwrap();
    assert!(again == row);
    assert!(again.bookings[0].extra("duration").is_some());
}

#[test]
fn json_of_neither_form_says_what_is_missing_in_its_own() {
    let error = |json: Value| serde_json::from_value::<Booking>(json).unwrap_err().to_string();
    insta::assert_snapshot!(error(json!({"id": 1, "uid": "u", "start": "2027-01-04T09:00:00Z"})), @"missing field `attendees`");
    insta::assert_snapshot!(error(json!({"id": 1, "uid": "u", "title": "t", "description": null})), @"missing field `startTime`");
    insta::assert_snapshot!(error(json!("a text")), @"expected an object, Booking");
    let answer = recorded_body("bookings-2024-08-13/create-regular");
    insta::assert_snapshot!(error(answer), @"expected Booking, which is the `data` of this response");
    let mut sent = recorded("bookings-2024-08-13/create-regular");
    sent["attendees"][0]["timeZone"] = json!(7);
    insta::assert_snapshot!(error(sent), @"at `attendees[0].timeZone`: found integer, expected a string");
    let mut documented =
        serde_json::to_value(read::<Booking>(&recorded("bookings-2024-08-13/create-regular"))).unwrap();
    documented["attendees"] = json!("jane@example.com");
    insta::assert_snapshot!(error(documented), @"at `attendees`: found string, expected a sequence");
}

#[test]
fn a_row_of_the_first_version_is_read_with_its_place_and_without_what_it_lacks() {
    let row = json!({
        "id": 1, "uid": "u", "title": "Visit", "description": "", "startTime": "2026-12-01T09:00:00.000Z",
        "endTime": "2026-12-01T09:30:00.000Z", "status": "ACCEPTED", "location": "https://meet.example.com/room",
        "attendees": [{"id": 2, "email": "e@example.org", "name": "Erika Muster", "timeZone": "Europe/Berlin"}],
        "user": {"email": null, "name": "Dr Muster", "timeZone": "Europe/Berlin", "username": "muster"},
        "rescheduled": null, "iCalUID": "u@Cal.com", "eventTypeId": 7,
    });
    let booking: Booking = read(&row);
    let location = booking.location.as_ref().unwrap();
    assert_eq!((location.kind.as_str(), location.address.as_deref()), ("link", Some("https://meet.example.com/room")));
    let host = booking.user.as_ref().unwrap();
    assert_eq!((host.email.as_str(), host.name.as_deref()), ("", Some("Dr Muster")));
    assert_eq!(booking.to_wire_json(), row);
    let mut changed = booking.clone();
    changed.title = "Another".into();
    let again: Booking = read(&changed.to_wire_json());
    assert!(again == changed && again.location == booking.location && again.extra("iCalUID") == Some(&row["iCalUID"]));
    let mut nowhere = row.clone();
    nowhere["location"] = json!("");
    assert_eq!(read::<Booking>(&nowhere).location, None);
    nowhere.as_object_mut().unwrap().remove("location");
    assert_eq!(read::<Booking>(&nowhere).location, None);
}

#[test]
fn a_changed_confirmation_does_not_stay_beside_the_policy_that_it_replaces() {
    let mut json = crate::support::recorded_body("event-types/create-2024-06-14-plain30")["data"].clone();
    json["confirmationPolicy"] = serde_json::json!({"disabled": true});
    let mut read: calcom::model::EventType = serde_json::from_value(json).unwrap();
    read.requires_confirmation = true;
    let written = calcom::model::ToWireJson::to_wire_json(&read);
    assert_ne!(written["confirmationPolicy"], serde_json::json!({"disabled": true}));
    assert_eq!(written["lengthInMinutes"], 30, "the wire form stays");
    assert!(serde_json::from_value::<calcom::model::EventType>(written).unwrap() == read);
}

#[test]
fn a_status_is_equal_in_any_case_as_it_is_read() {
    use calcom::model::BookingStatus;

    let by_hand = BookingStatus::Other("cancelled".to_owned());
    assert_eq!(by_hand, BookingStatus::Cancelled);
    assert_eq!(std::collections::HashSet::from([by_hand, BookingStatus::Cancelled]).len(), 1);
    assert_ne!(BookingStatus::Other("no-show".to_owned()), BookingStatus::Cancelled);
}

#[test]
fn an_item_keeps_its_undocumented_fields_if_others_of_its_list_come_and_go() {
    let mut sent = first("bookings-2024-08-13/list-all");
    let attendee = |name: &str, phone: &str| json!({"name": name, "email": format!("{name}@example.org"), "timeZone": "Europe/Rome", "phoneNumber": phone});
    sent["attendees"] =
        json!([attendee("ann", "+15550101"), attendee("ben", "+15550102"), attendee("cem", "+15550103")]);
    let original: Booking = read(&sent);
    let phones = |booking: &Booking| -> Vec<Value> {
        let json = booking.to_wire_json();
        assert!(read::<Booking>(&json) == *booking);
        json["attendees"].as_array().unwrap().iter().map(|item| item["phoneNumber"].clone()).collect()
    };

    let mut fewer = original.clone();
    fewer.attendees.remove(0);
    fewer.attendees[1].name = "Cem the second".into();
    assert_eq!(phones(&fewer), ["+15550102", "+15550103"]);

    let new: calcom::model::Attendee =
        read(&json!({"name": "dan", "email": "dan@example.org", "timeZone": "Europe/Rome"}));
    let mut more = original.clone();
    more.attendees[2].email = "cem@example.net".into();
    more.attendees.insert(0, new.clone());
    assert_eq!(phones(&more), [Value::Null, json!("+15550101"), json!("+15550102"), json!("+15550103")]);

    let mut another = original.clone();
    another.attendees[1] = new;
    assert_eq!(
        phones(&another),
        [json!("+15550101"), Value::Null, json!("+15550103")],
        "another person in the same zone"
    );

    let mut sorted = original.clone();
    sorted.attendees.reverse();
    sorted.attendees[0].time_zone = "Europe/Berlin".into();
    assert_eq!(phones(&sorted), ["+15550103", "+15550102", "+15550101"]);
    let mut emptied = original;
    emptied.attendees.clear();
    assert_eq!(phones(&emptied), [Value::Null; 0]);
}
