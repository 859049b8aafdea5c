//! Generated structs read and write what structs with the derives of serde do.

use std::fmt::Debug;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::raw::types::{AddBookingAttendee, OAuth2Client, RoutingTraceGroup};

fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attendee {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    time_zone: String,
}

#[derive(Serialize, Deserialize)]
struct Group {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Trace>,
}

#[derive(Serialize, Deserialize)]
struct Trace {
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct OAuthClient {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_trusted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "redirectUri", skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    type_: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// Any JSON value, and now and then what is none.
fn value(random: &mut fastrand::Rng, names: &[&str], depth: usize) -> String {
    let many = |random: &mut fastrand::Rng| random.usize(0..4);
    match random.u8(0..if depth == 0 { 40 } else { 48 }) {
        0..3 => "null".to_owned(),
        16..40 => "\"a\"".to_owned(),
        3..6 => ["\"\"", "\"a\"", "\"en\"", "\"\\ud83d\\ude00\"", "\"\\u0000\\\"\""][random.usize(0..5)].to_owned(),
        6 => ["true", "false"][random.usize(0..2)].to_owned(),
        7..10 => [
            "0",
            "-0",
            "7",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "1.5",
            "1e2",
            "18446744073709551616",
            "01",
            "-",
            "\"\\ud800\"",
            "nul",
        ][random.usize(0..14)]
        .to_owned(),
        10..13 | 40..43 => {
            let items: Vec<_> = (0..many(random)).map(|_| value(random, names, depth.saturating_sub(1))).collect();
            format!("[{}]", items.join(","))
        }
        _ => object(random, names, depth.saturating_sub(1)),
    }
}

/// Members in any order, some twice, some with escaped names.
fn object(random: &mut fastrand::Rng, names: &[&str], depth: usize) -> String {
    let count = random.usize(0..names.len() + 3);
    let members: Vec<_> = (0..count)
        .map(|n| {
            // Mostly each once.
            let at = if random.u8(0..8) == 0 { random.usize(0..names.len()) } else { n % names.len() };
            let name = match random.u8(0..10) {
                0 => "new".to_owned(),
                1 => names[at].chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect(),
                2 => names[at].to_uppercase(),
                _ => names[at].to_owned(),
            };
            format!("\"{name}\": {}", value(random, names, depth))
        })
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// The text again, or why it cannot be read, without the name of the struct.
fn again<T: DeserializeOwned + Serialize>(text: &str) -> Result<String, String> {
    let error = |error: serde_json::Error| error.to_string().split(", expected").next().unwrap_or_default().to_owned();
    let read: T = serde_json::from_str(text).map_err(error)?;
    serde_json::to_string(&read).map_err(error)
}

fn compare<G: DeserializeOwned + Serialize, D: DeserializeOwned + Serialize>(names: &[&str], cases: usize) {
    let mut random = fastrand::Rng::with_seed(7);
    let mut read = 0;
    for _ in 0..cases {
        let text = object(&mut random, names, 3);
        let (ours, derived) = (again::<G>(&text), again::<D>(&text));
        read += usize::from(ours.is_ok());
        // The derives read a struct from a list, too.
        if ours.as_ref().is_err_and(|error| error.starts_with("invalid type: sequence")) {
            assert!(derived.is_err(), "{text}");
        } else {
            assert_eq!(ours, derived, "{text}");
        }
        // As a value, too: its members are in another order and each is there once.
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let of = |read: Result<String, serde_json::Error>| read.map_err(|_| ());
            let ours = serde_json::from_value::<G>(value.clone()).and_then(|read| serde_json::to_string(&read));
            let derived = serde_json::from_value::<D>(value).and_then(|read| serde_json::to_string(&read));
            assert_eq!(of(ours), of(derived), "{text}");
        }
    }
    assert!(read > 100, "{read}");
}

fn assert_same<T: PartialEq + Debug>(one: T, other: T) {
    assert_eq!(one, other);
}

#[test]
fn any_object_is_read_and_written_as_the_derives_do_it_and_fails_as_they_fail() {
    compare::<AddBookingAttendee, Attendee>(&["email", "language", "name", "phoneNumber", "timeZone"], 60_000);
    compare::<RoutingTraceGroup, Group>(&["domain", "steps", "round", "data", "message", "step", "timestamp"], 40_000);
    compare::<OAuth2Client, OAuthClient>(&["client_id", "is_trusted", "redirectUri", "redirect_uris", "type"], 40_000);
}

#[test]
fn a_nesting_is_read_as_deep_as_the_derives_read_it_and_no_deeper() {
    for depth in [100, 120, 124, 125, 126, 127, 128, 129, 200, 10_000] {
        let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        for nested in [deep("[", "]"), deep("{\"a\":", "}")] {
            for name in ["new", "data", "steps"] {
                let text = format!("{{\"{name}\": {nested}}}");
                assert_same(again::<RoutingTraceGroup>(&text), again::<Group>(&text));
                assert_same(again::<OAuth2Client>(&text), again::<OAuthClient>(&text));
            }
        }
    }
}
