//! Old and unreadable items in lists: old bookings are read with empty fields, and an unreadable item is left out and reported.

use calcom::{
    Error,
    facade::{BookingFilter, EventTypeFilter, List, Page},
    model::{Booking, EventTypeGroups, Schedule, ToWireJson},
    raw::UnreadItem,
    service::{Outcome, Service},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{client, recorded_body};

/// A booking as the service sent it in 2024: no addresses, no creation times, no metadata.
fn old(uid: &str) -> Value {
    json!({
        "id": 7, "uid": uid, "title": "Check-up", "description": "", "status": "cancelled", "duration": 15,
        "start": "2024-10-02T09:00:00.000Z", "end": "2024-10-02T09:15:00.000Z", "eventTypeId": 3,
        "eventType": {"id": 3, "slug": "check-up"}, "cancellationReason": "ill",
        "hosts": [{"id": 4, "name": "Dr Muster", "timeZone": "Europe/Berlin"}],
        "attendees": [{"name": "Erika", "timeZone": "Asia/Calcutta", "language": "en"}],
        "guests": [], "location": "integrations:google:meet", "bookingFieldsResponses": {"email": "erika@example.org"},
    })
}

fn list(items: &[Value], next: bool) -> Value {
    let mut body = recorded_body("bookings-2024-08-13/list-take-1");
    body["data"] = items.into();
    body["pagination"]["hasNextPage"] = next.into();
    body
}

async fn answering(bodies: Vec<Value>) -> MockServer {
    let server = MockServer::start().await;
    let page = move |request: &Request| {
        let skip =
            request.url.query_pairs().find(|(name, _)| name == "skip").map_or(0, |(_, skip)| skip.parse().unwrap());
        let mut left: usize = skip;
        let body = bodies.iter().find(|body| {
            let size = body["data"].as_array().unwrap().len();
            let is_here = left < size;
            left = left.saturating_sub(size);
            is_here
        });
        ResponseTemplate::new(200).set_body_json(body.cloned().unwrap_or_else(|| list(&[], false)))
    };
    Mock::given(method("GET")).and(path("/v2/bookings")).respond_with(page).mount(&server).await;
    server
}

fn places(unread: &[UnreadItem]) -> Vec<usize> {
    unread.iter().map(|item| item.index.unwrap()).collect()
}

fn uids(bookings: &[Booking]) -> Vec<&str> {
    bookings.iter().map(|booking| booking.uid.as_str()).collect()
}

#[tokio::test]
async fn a_booking_of_2024_is_read_with_what_it_lacks_left_empty() {
    let server = answering(vec![list(
        &[old("old"), recorded_body("bookings-2024-08-13/create-regular")["data"].clone()],
        false,
    )])
    .await;
    let client = client(&server);
    let Page { items, unread, .. } = client.bookings().list(&BookingFilter::default()).await.unwrap();
    assert_eq!((items.len(), unread.len()), (2, 0));
    let host = items[0].user.as_ref().unwrap();
    assert_eq!((host.email.as_str(), host.name.as_deref()), ("", Some("Dr Muster")));
    let attendee = &items[0].attendees[0];
    assert_eq!((attendee.email.as_str(), attendee.name.as_str()), ("", "Erika"));
    assert_eq!((items[0].created_at(), items[0].metadata.len()), (None, 0));
    let raw = client.raw().list_bookings().await.unwrap();
    assert_eq!((raw.data[0].created_at, raw.data[0].attendees[0].email.as_deref()), (None, None));
}

/// Each of these replaces or removes one field.
fn odd() -> Vec<Value> {
    let change = |field: &str, value: Value| {
        let mut booking = old("odd");
        booking[field] = value;
        booking
    };
    let without = |field: &str| {
        let mut booking = old("odd");
        booking.as_object_mut().unwrap().remove(field);
        booking
    };
    let mut odd = vec![json!(null), json!(7), json!("text"), json!([]), json!({}), without("uid"), without("start")];
    odd.extend([
        change("start", json!("tomorrow at nine")),
        change("id", json!("seven")),
        change("attendees", json!({"0": "Erika"})),
        change("hosts", json!("nobody")),
        change("metadata", json!("crm=7")),
    ]);
    odd
}

#[tokio::test]
async fn an_unreadable_item_is_left_out_and_reported() {
    for item in odd() {
        let server = answering(vec![list(&[old("a"), item.clone(), old("b")], false)]).await;
        let client = client(&server);
        // The second time from the cache.
        for _ in 0..2 {
            let page = client.bookings().list(&BookingFilter::default()).await.unwrap();
            assert_eq!((uids(&page.items), places(&page.unread)), (vec!["a", "b"], vec![1]), "{item}");
            assert_eq!(serde_json::from_str::<Value>(&page.unread[0].json).unwrap(), item);
            let error = &page.unread[0].error;
            assert!(matches!(error, Error::Decode(..)) && error.to_string().contains("`data[1]"), "{error}");
            let shown = format!("{page:?}");
            assert!(!shown.contains("tomorrow at nine") && !shown.contains("crm=7"), "{shown}");
            let stored = page.to_wire_json();
            assert!(serde_json::from_value::<Page<Booking>>(stored.clone()).unwrap() == page, "{stored}");
            assert_eq!(stored["items"][1]["cancellationReason"], "ill");
            let documented: Page<Booking> = serde_json::from_value(json!(page)).unwrap();
            assert_eq!((documented.unread, documented.items[1].extra("duration")), (page.unread.clone(), None));
            // `extra` reads the fields of its own booking.
            assert_eq!(page.items[1].extra("cancellationReason"), Some(&json!("ill")));
            let raw = client.raw().list_bookings().await.unwrap();
            assert_eq!((raw.data.len(), places(raw.unread())), (2, vec![1]), "{item}");
            assert_eq!(serde_json::from_slice::<Value>(raw.body()).unwrap()["data"][1], item);
        }
    }
}

#[tokio::test]
async fn a_documented_type_is_read_whatever_its_undocumented_fields_hold() {
    let mut booking = old("odd");
    (booking["duration"], booking["eventTypeId"]) = (json!({"minutes": 15}), json!("three"));
    let server = answering(vec![list(&[old("a"), booking.clone()], false)]).await;
    let client = client(&server);
    let page = client.bookings().list(&BookingFilter::default()).await.unwrap();
    assert_eq!((uids(&page.items), page.unread.len()), (vec!["a", "odd"], 0));
    let odd = &page.items[1];
    assert_eq!((odd.duration(), odd.extra("duration")), (None, Some(&booking["duration"])));
    assert_eq!((odd.wire().is_some(), odd.to_wire_json()), (false, booking));
    let raw = client.raw().list_bookings().await.unwrap();
    assert_eq!((raw.data.len(), places(raw.unread())), (1, vec![1]), "the generated type has every field");
}

#[tokio::test]
async fn a_stream_continues_after_unreadable_items() {
    let pages =
        vec![list(&[old("a"), json!({})], true), list(&[json!(1), json!(2)], true), list(&[old("b"), old("c")], false)];
    let server = answering(pages).await;
    let mut stream = client(&server).bookings().stream(&BookingFilter::default());
    let mut found = Vec::new();
    while let Some(booking) = stream.next().await {
        found.push(booking.unwrap());
    }
    assert_eq!((uids(&found), places(stream.unread())), (vec!["a", "b", "c"], vec![1, 0, 1]));
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_response_without_a_list_or_with_an_error_beside_it_fails_whole() {
    let mut wrong = list(&[old("a")], false);
    wrong["pagination"] = json!("none");
    let server = answering(vec![wrong]).await;
    let error = client(&server).bookings().list(&BookingFilter::default()).await.unwrap_err();
    assert!(error.to_string().contains("pagination"), "{error}");

    let server = MockServer::start().await;
    let mut booking = old("a");
    booking["attendees"] = json!([{"name": 7}]);
    let body = json!({"status": "success", "data": booking});
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(&body)).mount(&server).await;
    let error = client(&server).bookings().get("a").await.unwrap_err();
    assert!(error.to_string().contains("attendees"), "an attendee is no item that a booking can do without: {error}");
}

#[tokio::test]
async fn every_list_reports_its_odd_items_and_fails_if_all_are_odd() {
    let mut body = recorded_body("schedules/list-2024-06-11");
    let good = body["data"][0].clone();
    for (items, read) in
        [(json!([good, {}]), Some((1, vec![1]))), (json!([{}, 7]), None), (json!([]), Some((0, vec![])))]
    {
        body["data"] = items;
        let server = one_list(&body).await;
        let found = client(&server).schedules().list().await;
        if let Ok(list) = &found {
            assert!(serde_json::from_value::<List<Schedule>>(list.to_wire_json()).unwrap() == *list);
            assert_eq!(json!(list), json!(list.to_vec()));
        }
        assert_eq!(found.ok().map(|list| (list.len(), places(list.unread()))), read);
    }

    let mut body = recorded_body("event-types/list-2024-06-14");
    let all = body["data"].as_array().unwrap().len();
    body["data"][1]["lengthInMinutes"] = json!("long");
    let client = client(&one_list(&body).await);
    for _ in 0..2 {
        let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
        assert_eq!((groups.len(), places(groups.unread())), (all - 1, vec![1]));
        assert!(groups.unread()[0].error.to_string().contains("data[1].lengthInMinutes"));
        let json = groups.to_wire_json();
        let restored: EventTypeGroups = serde_json::from_value(json.clone()).unwrap();
        assert!(restored == groups);
        assert_eq!(restored.unread()[0].error.to_string().matches("data[1].lengthInMinutes").count(), 1);
        let mut fewer = json;
        fewer.as_object_mut().unwrap().remove("unread").unwrap();
        assert!(serde_json::from_value::<EventTypeGroups>(fewer).unwrap() != groups);
    }

    let mut body = recorded_body("private-links/ok-list");
    body["data"][2] = json!(null);
    let links = super::support::client(&one_list(&body).await).event_types().private_links(1).await.unwrap();
    assert_eq!((links.len(), places(links.unread())), (2, vec![2]));
}

async fn one_list(body: &Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    server
}

#[tokio::test]
async fn a_key_that_an_unreadable_item_may_bear_is_not_reported_as_absent() {
    let mut ours = old("ours");
    ours["start"] = json!("soon");
    ours["metadata"] = json!({"idempotencyKey": "order-1"});
    let server = answering(vec![list(&[old("a"), ours], false)]).await;
    let service = Service::new(client(&server));
    assert!(matches!(service.find("order-1").await, Err(Error::Decode(..))));
    assert!(service.find("order-2").await.unwrap().is_none());
    assert!(matches!(service.reconcile("order-1").await, Outcome::Unknown(_)));
}

#[tokio::test]
async fn a_json_value_that_cannot_be_represented_affects_its_field_only() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for odd in [r#""cut \ud83d""#, "1e999", &deep] {
        let mut first = old("a");
        first["new"] = json!("@");
        let body = list(&[first, old("b")], false).to_string().replace("\"@\"", odd);
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        Mock::given(method("GET")).respond_with(answer).mount(&server).await;
        let page = client(&server).bookings().list(&BookingFilter::default()).await.unwrap();
        assert_eq!((uids(&page.items), page.unread.len()), (vec!["a", "b"], 0), "{odd:.20}");
        for booking in &page.items {
            assert_eq!((booking.extra("duration"), booking.event_type_id()), (Some(&json!(15)), Some(3.into())));
        }
        assert!(page.items[0].extra("new").is_some() && page.items[0] != page.items[1]);
    }
}

#[tokio::test]
async fn a_list_with_too_many_bytes_beside_it_fails_whole() {
    // Each item would be decoded together with a megabyte.
    for (items, is_read) in [(2, true), (300, false)] {
        let mut body = list(&vec![json!({}); items], false);
        body["data"][0] = old("a");
        body["beside"] = "x".repeat(1 << 20).into();
        let page = client(&answering(vec![body]).await).bookings().list(&BookingFilter::default()).await;
        assert_eq!(page.is_ok(), is_read, "{items}");
    }
}

#[tokio::test]
async fn a_list_of_event_types_is_read_whatever_fields_are_beside_it() {
    let sent = recorded_body("event-types/list-2024-06-14")["data"].take();
    let whole = |text: String| async move {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(text, "application/json");
        Mock::given(method("GET")).respond_with(answer).mount(&server).await;
        client(&server).event_types().list(&EventTypeFilter::default()).await
    };
    let plain = whole(format!(r#"{{"status":"success","data":{sent}}}"#)).await.unwrap();
    assert_eq!(plain.len(), sent.as_array().unwrap().len());
    let odd = format!(r#"{{"more":{{"data":[1]}},"data":{sent},"pagination":null,"status":"success"}} "#);
    assert!(whole(odd).await.unwrap() == plain);
    // Any other response fails with the usual error.
    for text in [
        format!(r#"{{"data":{sent},"data":[]}}"#),
        format!(r#"{{"data":{sent}}}x"#),
        r#"{"status":"success"}"#.to_owned(),
        r#"{"data":{}}"#.to_owned(),
    ] {
        assert!(matches!(whole(text).await.unwrap_err(), Error::Decode(..)));
    }
}

#[tokio::test]
async fn an_optional_list_or_map_that_is_null_is_an_empty_one() {
    let mut body = recorded_body("single-managed-orgs/get");
    body["data"]["metadata"] = Value::Null;
    let server = one_list(&body).await;
    let read = client(&server).raw().get_managed_organization(5, 6).await.unwrap();
    assert_eq!((read.unread().len(), read.data.metadata.len()), (0, 0));

    let mut body = recorded_body("single-orgs-teams-workflows/get");
    body["data"]["steps"] = Value::Null;
    let server = one_list(&body).await;
    let read = client(&server).raw().get_organization_team_workflow(1, 2, 6).await.unwrap();
    assert!(read.unread().is_empty());
}

#[tokio::test]
async fn an_unread_item_says_where_and_why_and_nothing_of_its_json() {
    let server = answering(vec![list(&[old("one"), json!({"uid": "planted", "start": 5})], false)]).await;
    let page = client(&server).bookings().list(&BookingFilter::default()).await.unwrap();
    let text = page.unread[0].to_string();
    assert!(text.starts_with("item 1 at `data[1]"), "{text}");
    assert!(text.contains(": ") && !text.contains("planted"), "{text}");
    let mut part = page.unread[0].clone();
    part.index = None;
    assert!(part.is_part() && part.to_string().starts_with("a part at `data[1]"), "{part}");
}
