//! Null in the JSON of an input is read as a field that is left out.

use calcom::{
    facade::{BookingFilter, EventTypeFilter},
    model::{
        CancelBooking, CreateBooking, CreateEventType, CreateSchedule, CreateWebhook, RescheduleBooking, ReserveSlot,
        SlotQuery,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The names of all fields of the input, as its refusal of an unknown one lists them.
fn fields<T: DeserializeOwned>(least: &Value) -> Vec<String> {
    let mut unknown = least.clone();
    unknown["noSuchField"] = json!(1);
    let refusal = serde_json::from_value::<T>(unknown).err().unwrap().to_string();
    let (_, list) = refusal.split_once("expected ").unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Asserts that each field that is not in `least` can be null.
fn assert_nulls<T: DeserializeOwned + Serialize>(least: Value) {
    let read = |input: &Value| serde_json::from_value::<T>(input.clone()).map(|input| json!(input));
    let expected = read(&least).unwrap();
    let optional: Vec<String> = fields::<T>(&least).into_iter().filter(|name| least.get(name).is_none()).collect();
    assert!(!optional.is_empty(), "{least}");
    let mut all = least;
    for name in optional {
        all[&name] = Value::Null;
        assert_eq!(read(&all).map_err(|error| error.to_string()), Ok(expected.clone()), "{name}");
    }
}

#[test]
fn null_is_read_as_a_field_that_is_left_out() {
    let person = json!({"name": "Ida", "email": "ida@example.com"});
    assert_nulls::<CreateBooking>(json!({"start": "2031-05-06T08:00:00Z", "eventTypeId": 12, "responses": person}));
    assert_nulls::<RescheduleBooking>(json!({"start": "2031-05-06T08:00:00Z"}));
    assert_nulls::<CancelBooking>(json!({}));
    assert_nulls::<ReserveSlot>(json!({"eventTypeId": 12, "slotStart": "2031-05-06T08:00:00Z"}));
    assert_nulls::<CreateWebhook>(
        json!({"subscriberUrl": "https://example.com/h", "triggers": ["BOOKING_REASSIGNED"]}),
    );
    assert_nulls::<CreateEventType>(json!({"title": "Check-up", "slug": "check-up", "length": 45}));
    assert_nulls::<CreateSchedule>(json!({"name": "Late", "timeZone": "Europe/Vienna"}));
}

#[test]
fn null_in_a_filter_a_query_and_the_inputs_of_teams_is_a_field_that_is_left_out() {
    let range = json!({"startTime": "2031-05-06T08:00:00Z", "endTime": "2031-05-07T08:00:00Z"});
    assert_nulls::<SlotQuery>(range);
    for filter in [json!({}), json!({"usernames": null, "eventSlug": null})] {
        let read: EventTypeFilter = serde_json::from_value(filter).unwrap();
        assert_eq!(read, EventTypeFilter::default());
    }
    let read: BookingFilter =
        serde_json::from_value(json!({"status": null, "updatedAfter": null, "take": null})).unwrap();
    assert_eq!(read, BookingFilter::default());
    #[cfg(feature = "teams")]
    {
        let event_type = json!({"title": "Call", "slug": "call", "length": 30});
        let least = json!({"eventType": event_type, "schedulingType": "COLLECTIVE"});
        let mut with_nulls = least.clone();
        (with_nulls["hosts"], with_nulls["assignAllTeamMembers"]) = (Value::Null, Value::Null);
        let read = |input: Value| json!(serde_json::from_value::<calcom::model::CreateTeamEventType>(input).unwrap());
        assert_eq!(read(with_nulls), read(least));
    }
}

#[test]
fn null_is_read_as_an_answer_that_is_left_out() {
    let booking = |responses: Value| {
        let input = json!({"start": "2031-05-06T08:00:00Z", "eventTypeId": 12, "responses": responses});
        json!(serde_json::from_value::<CreateBooking>(input).unwrap())
    };
    let by_phone = json!({"name": "Ida", "phone": "+436641234567"});
    let mut with_nulls = by_phone.clone();
    for name in ["email", "notes", "guests"] {
        with_nulls[name] = Value::Null;
    }
    assert_eq!(booking(with_nulls), booking(by_phone));
    let by_mail = json!({"name": "Ida", "email": "ida@example.com"});
    let mut with_nulls = by_mail.clone();
    with_nulls["phone"] = Value::Null;
    assert_eq!(booking(with_nulls), booking(by_mail));
}
