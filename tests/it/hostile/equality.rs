//! Values that hardly differ are not equal, and each survives its round trip.

use calcom::model::{Booking, EventType, Schedule, ToWireJson, User, Webhook};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{booking, in_turn};
use crate::support::recorded_body;

/// The booking of a response with these texts of JSON as its metadata and as an unknown field.
async fn read(odd: &str) -> Booking {
    let mut whole = booking("u").to_string();
    whole.pop();
    let body = format!("{{\"status\":\"success\",\"data\":{whole},\"brandNew\":{odd}}}}}");
    let (_service, client) = in_turn([body]).await;
    client.bookings().get("u").await.unwrap_or_else(|error| panic!("{odd}: {error}"))
}

#[tokio::test]
async fn unknown_values_that_differ_are_never_equal() {
    // What no JSON value can hold is its text, and is not told apart from a text that spells it.
    let odd = [
        "null",
        "1",
        "1.0",
        "\"1\"",
        "1e999",
        "-1e999",
        "2e999",
        "123456789012345678901234567890",
        "123456789012345678901234567891",
        "9007199254740993",
        "9007199254740992",
        "9007199254740993.0",
        "0.1",
        "0.1000000000000000055",
        "1e-400",
        "\"\\ud83d\"",
        "\"\\ud83e\"",
        "[]",
        "{}",
        "[null]",
        "{\"a\":null}",
        "\"\"",
        "true",
        "\"true\"",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551617",
    ];
    let mut equal = Vec::new();
    let mut lost = Vec::new();
    let mut values = Vec::new();
    for text in odd {
        let value = read(text).await;
        let json = value.to_wire_json();
        let again: Result<Booking, _> = serde_json::from_str(&json.to_string());
        if again.as_ref().ok() != Some(&value) {
            lost.push(text);
        }
        values.push((text, value));
    }
    for (at, (text, value)) in values.iter().enumerate() {
        for (other_text, other) in &values[..at] {
            if value == other {
                equal.push((*other_text, *text));
            }
        }
    }
    assert!(equal.is_empty() && lost.is_empty(), "equal: {equal:#?} lost: {lost:?}");
}

fn survives<T: DeserializeOwned + PartialEq + ToWireJson + serde::Serialize>(json: &Value) {
    let value: T = serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(&value.to_wire_json(), json);
    let text = serde_json::to_string(&value.to_wire_json()).unwrap();
    assert!(serde_json::from_str::<T>(&text).unwrap() == value, "{json}");
    // The documented form is read too.
    let documented: T = serde_json::from_str(&serde_json::to_string(&value).unwrap())
        .unwrap_or_else(|error| panic!("documented: {error}: {json}"));
    let twice = serde_json::to_value(&documented).unwrap();
    assert_eq!(twice, serde_json::to_value(&value).unwrap(), "{json}");
}

/// Replaces each value within `json` by each odd one.
fn each_odd(json: &Value, check: &mut impl FnMut(&str, Value)) {
    fn places(json: &Value, at: &str, found: &mut Vec<String>) {
        match json {
            Value::Object(fields) => {
                for (name, field) in fields {
                    let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    found.push(at.clone());
                    places(field, &at, found);
                }
            }
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    found.push(format!("{at}/{place}"));
                    places(item, &format!("{at}/{place}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    places(json, "", &mut found);
    for place in found {
        for odd in
            [json!(null), json!(7), json!("x"), json!([]), json!({}), json!(true), json!(1.5), json!([null]), json!("")]
        {
            let mut changed = json.clone();
            *changed.pointer_mut(&place).unwrap() = odd;
            check(&place, changed);
        }
    }
}

/// Whatever is read is written whole and read again as an equal value, and equal only to itself.
fn holds<T: DeserializeOwned + PartialEq + ToWireJson + serde::Serialize>(json: &Value) {
    survives::<T>(json);
    let whole: T = serde_json::from_value(json.clone()).unwrap();
    let mut read = 0;
    each_odd(json, &mut |place, changed| {
        let Ok(value) = serde_json::from_value::<T>(changed.clone()) else { return };
        read += 1;
        assert_eq!(value.to_wire_json(), changed, "{place}");
        assert!(serde_json::from_value::<T>(value.to_wire_json()).unwrap() == value, "{place}");
        assert_eq!(value == whole, changed == *json, "{place}: {changed}");
        let documented = serde_json::to_value(&value).unwrap();
        let again = serde_json::from_value::<T>(documented.clone())
            .unwrap_or_else(|error| panic!("{place}: {error} {changed}"));
        assert_eq!(serde_json::to_value(&again).unwrap(), documented, "{place}");
    });
    assert!(read > 10, "{read}");
}

#[test]
fn an_odd_value_anywhere_survives_and_makes_a_difference() {
    holds::<Booking>(&recorded_body("bookings-2024-08-13/get-regular")["data"]);
    holds::<EventType>(&recorded_body("event-types/get-2024-06-14-full")["data"]);
    holds::<Schedule>(&recorded_body("schedules/list-2024-06-11")["data"][0]);
    holds::<Webhook>(&super::webhook("w"));
    holds::<User>(&recorded_body("me/get-2024-06-14")["data"]);
}

#[test]
fn a_removed_entry_leaves_the_form_in_which_the_others_were_sent() {
    let mut sent = booking("u");
    sent["metadata"] = json!({"crm": "7", "branch": "north"});
    let mut read: Booking = serde_json::from_value(sent.clone()).unwrap();
    read.metadata.remove("crm");
    sent["metadata"] = json!({"branch": "north"});
    assert_eq!(read.to_wire_json(), sent);
    assert!(serde_json::from_value::<Booking>(sent).unwrap() == read);
}
