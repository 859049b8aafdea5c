//! Properties of error responses: for any response, and for any text that a request carried.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::{collection::vec, prelude::*};
use serde::Deserialize;
use serde_json::Value;

use super::{Scrubber, field_names, from_response, is_error_envelope};
use crate::{
    Error,
    contract::Contract,
    operation::Operation,
    pipeline::{decode_error, response::ApiResponse},
};

/// Keys that the reader looks for.
const KEYS: [&str; 16] = [
    "status",
    "statusCode",
    "error",
    "error_description",
    "code",
    "message",
    "details",
    "errors",
    "property",
    "constraints",
    "children",
    "target",
    "field",
    "data",
    "path",
    "issues",
];

/// Pieces of the texts that the reader parses.
const PIECES: [&str; 20] = [
    " property is wrong,",
    "responses - ",
    "error_required_field",
    "Missing required booking field response: ",
    "Cannot GET /",
    "<title>",
    "</TITLE>",
    "İ",
    "{",
    "}",
    ", ",
    ",",
    " - ",
    " ",
    "?",
    "+49 30",
    "uid=",
    "@",
    ".",
    "é",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(PIECES.as_slice()).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn text() -> impl Strategy<Value = String> {
    vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from("error")),
        text().prop_map(Value::from),
    ];
    let key = prop_oneof![4 => prop::sample::select(KEYS.as_slice()).prop_map(str::to_owned), 1 => text()];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key.clone(), inner), 0..7).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A body: JSON, pieces of text, or anything.
fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => json().prop_map(|json| json.to_string().into_bytes()),
        2 => text().prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..400),
        // JSON that ends too early.
        1 => (json(), any::<prop::sample::Index>()).prop_map(|(json, end)| {
            let text = json.to_string().into_bytes();
            text[..end.index(text.len())].to_vec()
        }),
    ]
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let name = prop::sample::select(
        [
            "retry-after",
            "x-request-id",
            "x-ratelimit-limit-default",
            "x-ratelimit-reset-default",
            "x-ratelimit-",
            "x-ratelimit-reset",
        ]
        .as_slice(),
    );
    let value = prop_oneof![
        any::<u64>().prop_map(|number| number.to_string().into_bytes()),
        (0u64..200).prop_map(|number| number.to_string().into_bytes()),
        text().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..40),
    ];
    vec((name, value), 0..6).prop_map(|pairs| {
        let pairs = pairs
            .into_iter()
            .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?)));
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        headers
    })
}

fn operation() -> impl Strategy<Value = &'static Operation> {
    prop::sample::select(Vec::from_iter(Operation::all()))
}

/// A type that no generated body can be decoded as.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct UndecodableBody {
    data: BTreeMap<String, Vec<u8>>,
    never: (),
}

/// Calls every accessor of an error.
fn call_accessors(error: &Error) -> String {
    let said = error.service_message().map(str::len);
    let asked =
        (error.code(), error.request_id(), error.retry_after(), error.rate_limits(), error.field_errors(), said);
    format!("{error} {error:?} {error:#?} {asked:?} {}", error.is_retryable())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_error_response_becomes_an_error_with_its_status(
        operation in operation(), status in 100u16..1000, headers in headers(), body in body()
    ) {
        let error = from_response(operation, Contract::SelfHosted, status, &headers, &body, &Scrubber::default());
        prop_assert_eq!(error.status(), Some(status));
        let shown = format!("(HTTP {status})");
        prop_assert!(call_accessors(&error).contains(&shown));
    }

    #[test]
    fn any_body_that_cannot_be_decoded_gives_an_error_with_a_path(status in 200u16..300, headers in headers(), body in body()) {
        let response = ApiResponse { status, headers, body: Bytes::from(body), ..ApiResponse::default() };
        let error = decode_error::<UndecodableBody>(&response);
        prop_assert!(matches!(error, Error::Decode(..)));
        let text = call_accessors(&error);
        prop_assert!(text.contains("at `") || text.contains("the response "), "{text}");
    }

    #[test]
    fn only_a_body_whose_status_is_error_is_an_error(json in json(), pretty in any::<bool>()) {
        let text = if pretty { format!("{json:#}") } else { json.to_string() };
        prop_assert_eq!(is_error_envelope(text.as_bytes()), json["status"] == "error", "{}", text);
    }

    #[test]
    fn nothing_that_a_request_carried_is_left_in_a_text(
        values in vec("[\\w@.+ äß王\"-]{1,12}", 1..6), around in vec(text(), 7)
    ) {
        let mut scrubber = Scrubber::default();
        values.iter().for_each(|value| scrubber.add_secret(value));
        let mut text = String::new();
        for (value, around) in values.iter().zip(&around) {
            text += &format!("{around} {} ", value.trim());
        }
        let clean = scrubber.scrub(&text);
        // A removed value leaves a mark. Only values that cannot be a part of the mark are searched for.
        let left = clean.replace("[redacted]", "\u{0}");
        for value in values.iter().map(|value| value.trim()).filter(|value| value.len() >= 5 || !value.is_ascii()) {
            prop_assert!(!left.contains(value), "{value:?} is left in {clean:?} of {text:?}");
        }
    }

    #[test]
    fn no_address_number_or_key_is_left_in_a_text(
        mail in "[a-z0-9._-]{1,8}@[a-z0-9-]{1,8}\\.[a-z]{2,4}",
        phone in "\\+[1-9][0-9]{6,12}",
        key in "cal_(live|test)_[a-z0-9]{8,16}",
        around in vec("[ ,;:()<>\"'{}\\[\\]=/|]{1,3}(at|to|the)?[ ,;:()<>\"'{}\\[\\]=/|]{1,3}", 4),
    ) {
        let text = format!("{}{mail}{}{phone}{}{key}{}", around[0], around[1], around[2], around[3]);
        let clean = Scrubber::default().scrub(&text);
        for planted in [&mail, &phone, &key] {
            prop_assert!(!clean.contains(planted.as_str()), "{planted} is left in {clean:?}");
        }
    }

    #[test]
    fn texts_without_anything_personal_stay_as_they_are(text in "[a-z ,.;:()'\"-]{0,80}") {
        prop_assert_eq!(Scrubber::default().scrub(&text), text);
    }

    #[test]
    fn no_value_of_a_query_is_left_in_the_path_of_a_field(
        values in vec("[\\w@.+ äß王\"-]{5,12}", 1..4), around in vec(text(), 5)
    ) {
        let mut scrubber = Scrubber::default();
        values.iter().for_each(|value| scrubber.add_secret(value));
        let path: String = values.iter().zip(&around).map(|(value, around)| format!("{around}.{}.", value.trim())).collect();
        let left = scrubber.scrub_path(&path).replace("[redacted]", "\u{0}");
        for value in values.iter().map(|value| value.trim()).filter(|value| value.len() >= 5) {
            prop_assert!(!left.contains(value), "{value:?} is left in {left:?} of {path:?}");
        }
        prop_assert!(!field_names(&path).contains('@'));
    }
}
