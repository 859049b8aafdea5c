//! Values in paths: whatever a caller passes as an id, no other operation is reached than the one that was called.

use std::iter;

use calcom::{
    Client, Error,
    operation::Operation,
    raw::types::{CancelBooking, UpdatePrivateLink, UpdateWebhook},
};
use serde_json::json;

use crate::support::{
    kind,
    socket::{Service, Step, answer},
};

/// What people and attackers pass as an id.
const VALUES: [&str; 36] = [
    "../me",
    "..",
    ".",
    "",
    "../../me",
    "a/b",
    "/",
    "//",
    "a/",
    "/a",
    "?x=1",
    "a?x=1",
    "#a",
    "%2e%2e",
    "%2E.",
    "%2f",
    "%",
    "%00",
    "a\\b",
    "..\\me",
    "a\\..\\b",
    " ",
    " a ",
    "\t..\n",
    "\r\nx: y",
    "\0",
    "default",
    "by-seat",
    "BY-SEAT",
    "attendees",
    "conferencing-sessions",
    "a;b=c",
    "a@b:c",
    "日本/é😀",
    "http://example.org/v2/me",
    "{bookingUid}",
];

/// Every kind of place that a text has in a path, each as the operation that has it there.
const OPERATIONS: [(&str, &str); 9] = [
    ("get_booking", "bookingUid"),
    ("get_booking_by_seat", "seatUid"),
    ("list_booking_attendees", "bookingUid"),
    ("list_booking_sessions", "bookingUid"),
    ("get_booking_attendee", "bookingUid"),
    ("cancel_booking", "bookingUid"),
    ("delete_slot_reservation", "uid"),
    ("update_private_link", "linkId"),
    ("update_event_type_webhook", "webhookId"),
];

async fn call(client: &Client, operation: &str, value: &str) -> Result<(), Error> {
    let raw = client.raw();
    match operation {
        "get_booking" => raw.get_booking(value).await.map(drop),
        "get_booking_by_seat" => raw.get_booking_by_seat(value).await.map(drop),
        "list_booking_attendees" => raw.list_booking_attendees(value).await.map(drop),
        "list_booking_sessions" => raw.list_booking_sessions(value).await.map(drop),
        "get_booking_attendee" => raw.get_booking_attendee(value, 7).await.map(drop),
        "cancel_booking" => {
            let body: CancelBooking = serde_json::from_value(json!({"cancellationReason": "ill"})).unwrap();
            raw.cancel_booking(value, &body).await.map(drop)
        }
        "delete_slot_reservation" => raw.delete_slot_reservation(value).await.map(drop),
        "update_private_link" => {
            let body: UpdatePrivateLink = serde_json::from_value(json!({"maxUsageCount": 2})).unwrap();
            raw.update_private_link(7, value, &body).await.map(drop)
        }
        "update_event_type_webhook" => {
            let body: UpdateWebhook = serde_json::from_value(json!({"active": false})).unwrap();
            raw.update_event_type_webhook(7, value, &body).await.map(drop)
        }
        other => panic!("{other} is not called here"),
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

#[tokio::test(start_paused = true)]
async fn every_value_reaches_its_own_route_as_it_is_or_nothing_is_sent() {
    let mut refused = Vec::new();
    for prefix in ["", "/calcom/v2", "/a/b/"] {
        for (id, parameter) in OPERATIONS {
            let operation = Operation::find(id).unwrap();
            let no = answer(404, &[], r#"{"message":"none"}"#);
            let service = Service::start(iter::repeat(vec![Step::Request, Step::Write(no), Step::Close])).await;
            let builder = Client::builder().api_url(service.url() + prefix);
            let client = builder.credentials(calcom::Credentials::Anonymous).build().unwrap();
            for value in VALUES {
                let before = service.connections();
                let error = call(&client, id, value).await.unwrap_err();
                let requests = service.requests().split_off(before);
                let context = format!("{id} of {value:?}: {error}; {requests:?}");
                if service.connections() == before {
                    assert_eq!((kind(&error), error.attempts()), ("Validation", 0), "{context}");
                    assert_eq!(error.field_errors()[0].field, parameter, "{context}");
                    assert_eq!(error.operation(), Some(id), "{context}");
                    refused.push(format!("{id} {value:?}"));
                    continue;
                }
                assert_eq!((kind(&error), requests.len()), ("NotFound", 1), "{context}");
                let (method, path) = requests[0].line.split_once(' ').unwrap();
                let path = path.strip_prefix(prefix.trim_end_matches("/v2").trim_end_matches('/')).unwrap();
                assert_eq!(Operation::route(method, path).map(|it| it.id), Some(id), "{context}");
                // As the service sees it: split first, then decoded.
                let expected: Vec<String> = operation
                    .path
                    .split('/')
                    .map(|part| match part.strip_prefix('{') {
                        Some(name) if name.trim_end_matches('}') == parameter => value.to_owned(),
                        Some(_) => "7".to_owned(),
                        None => part.to_owned(),
                    })
                    .collect();
                assert_eq!(path.split('/').map(decoded).collect::<Vec<_>>(), expected, "{context}");
                // Nothing that a gateway could take apart once more.
                assert!(!path.contains(['?', '#', '\\', ';']), "{context}");
            }
        }
    }
    // These, and no others: where nothing stands in the value's place, and where its place leads elsewhere.
    let mut expected = Vec::new();
    for _ in 0..3 {
        for (id, _) in OPERATIONS {
            expected.extend(VALUES.iter().filter(|value| refuses(id, value)).map(|value| format!("{id} {value:?}")));
        }
    }
    assert_eq!(refused, expected);
}

fn refuses(id: &str, value: &str) -> bool {
    match value {
        "" | "." | ".." => true,
        // `/v2/bookings/by-seat/attendees` is both a seat called `attendees` and the attendees of `by-seat`.
        "by-seat" | "BY-SEAT" => matches!(id, "list_booking_attendees" | "list_booking_sessions"),
        "attendees" | "conferencing-sessions" => id == "get_booking_by_seat",
        _ => false,
    }
}

#[tokio::test(start_paused = true)]
async fn values_in_queries_stay_in_their_place() {
    for value in VALUES {
        let service = Service::start([vec![Step::Request, Step::Write(answer(404, &[], "{}"))]]).await;
        let client = service.client();
        let raw = client.raw();
        raw.list_event_types().username("me&take=1").event_slug(value).await.unwrap_err();
        let line = service.requests()[0].line.clone();
        let (path, query) = line.split_once('?').unwrap();
        assert_eq!(path, "GET /v2/event-types");
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let expected = [("eventSlug", value), ("username", "me&take=1")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())), "{line}");
    }
}

#[tokio::test]
async fn a_path_of_another_route_is_refused_with_the_path_of_the_operation() {
    let service = crate::support::socket::Service::answering([]).await;
    let operation = calcom::operation::Operation::find("get_me").unwrap();
    let request = service.client().raw().operation::<serde_json::Value>(operation, "/v2/schedules");
    let error = request.await.unwrap_err();
    let [field] = error.field_errors() else { panic!("{error}") };
    assert_eq!((field.field.as_str(), field.message.as_str()), ("path", "must be `/v2/me`"));
    assert!(service.requests().is_empty());
}
