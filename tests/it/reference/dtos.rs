//! Data transfer objects: every documented property, its name and whether it may be null.

use calcom::model::{Booking, EventType, EventTypeGroups, Slot, Slots};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{data, differs, holds};

const EVENT_TYPES: &str = include_str!("event-types.json");

/// Every property is read and written under its name. Those with `?` are read from null; the others are never written as
/// null, whether a null is refused or read as the empty value.
fn has_properties<T: DeserializeOwned + Serialize>(whole: &Value, properties: &[(&str, bool)]) {
    for (name, nullable) in properties {
        let read: T = serde_json::from_value(whole.clone()).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written[*name], whole[*name], "{name}");
        let mut without = whole.clone();
        without[*name] = Value::Null;
        let read = serde_json::from_value::<T>(without);
        if *nullable {
            let written = serde_json::to_value(read.unwrap()).unwrap();
            assert!(written.get(*name).is_none_or(Value::is_null), "{name}");
        } else if let Ok(read) = read {
            assert!(!serde_json::to_value(read).unwrap()[*name].is_null(), "{name}");
        }
    }
}

fn event_type() -> Value {
    let mut event_type = data(EVENT_TYPES)["eventTypeGroups"][0]["eventTypes"][0].take();
    event_type["recurringEvent"] = json!({"freq": 2, "interval": 1, "count": 4});
    event_type["customInputs"] = json!([{"id": 1, "label": "Insurance"}]);
    event_type
}

#[test]
fn event_type_dto_has_its_properties() {
    holds("EventTypeDTO");
    has_properties::<EventType>(
        &event_type(),
        &[
            ("id", false),
            ("slug", false),
            ("title", false),
            ("description", true),
            ("length", false),
            ("locations", false),
            ("price", false),
            ("currency", false),
            ("requiresConfirmation", false),
            ("recurringEvent", true),
            ("customInputs", true),
        ],
    );
}

#[test]
fn event_type_dto_a_price_is_a_float() {
    holds("EventTypeDTO");
    let mut event_type = event_type();
    event_type["price"] = json!(49.5);
    let read: EventType = serde_json::from_value(event_type).unwrap();
    assert!((read.price - 49.5).abs() < f64::EPSILON);
    assert_eq!(serde_json::to_value(&read).unwrap()["price"], json!(49.5));
}

#[test]
fn event_type_dto_a_null_for_custom_inputs_is_left_out() {
    differs("EventTypeDTO", "custom-inputs-null");
    let mut event_type = event_type();
    event_type["customInputs"] = Value::Null;
    let read: EventType = serde_json::from_value(event_type).unwrap();
    assert!(read.custom_inputs.is_none() && serde_json::to_value(&read).unwrap().get("customInputs").is_none());
    assert!(!serde_json::from_str::<Value>(EVENT_TYPES).unwrap().to_string().contains("customInputs"));
    assert_eq!(serde_json::from_value::<EventTypeGroups>(data(EVENT_TYPES)).unwrap().len(), 1);
}

#[test]
fn booking_dto_has_its_properties() {
    holds("BookingDTO");
    has_properties::<Booking>(
        &data(include_str!("booking.json")),
        &[
            ("id", false),
            ("uid", false),
            ("title", false),
            ("description", true),
            ("startTime", false),
            ("endTime", false),
            ("attendees", false),
            // Documented as never null: see `user-optional`.
            ("user", true),
            ("location", true),
            ("status", false),
            ("rescheduleUid", true),
            ("cancellationReason", true),
            ("metadata", true),
        ],
    );
}

#[test]
fn booking_dto_null_is_written_as_null_again() {
    holds("BookingDTO");
    let nullable = ["description", "location", "rescheduleUid", "cancellationReason", "rejectionReason", "metadata"];
    for name in nullable {
        let mut booking = data(include_str!("booking.json"));
        booking[name] = Value::Null;
        let read: Booking = serde_json::from_value(booking.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), booking, "{name}");
        assert!(name != "metadata" || (read.metadata.is_null() && read.metadata.is_empty()));
    }
    let mut booking = data(include_str!("booking.json"));
    booking["metadata"] = json!({});
    let read: Booking = serde_json::from_value(booking.clone()).unwrap();
    assert!(!read.metadata.is_null() && read.metadata.is_empty());
    assert_eq!(serde_json::to_value(&read).unwrap(), booking);
}

#[test]
fn booking_dto_the_host_may_be_missing() {
    differs("BookingDTO", "user-optional");
    let mut booking = data(include_str!("booking.json"));
    booking["user"] = Value::Null;
    let read: Booking = serde_json::from_value(booking.clone()).unwrap();
    assert!(read.user.is_none());
    assert_eq!(serde_json::to_value(&read).unwrap(), booking);
}

#[test]
fn slot_dto_has_its_properties() {
    holds("SlotDTO");
    let slots: Slots = serde_json::from_value(data(include_str!("slots.json"))).unwrap();
    let mut slot = serde_json::to_value(slots.first().unwrap()).unwrap();
    slot["bookingUid"] = "abc-def-ghi".into();
    let properties = [("time", false), ("attendees", false), ("bookingUid", true), ("users", false)];
    has_properties::<Slot>(&slot, &properties);
}
