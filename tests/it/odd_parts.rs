//! Unreadable parts of an item: an element of an optional list, or an optional object, is left out and reported; the item is
//! read.

use calcom::{
    Error,
    facade::{BookingFilter, EventTypeFilter},
    raw::{UnreadItem, types},
};
use serde_json::{Value, json};

use crate::support::{answering, client, recorded_body};

/// The places of unread parts, as their errors name them.
fn places(unread: &[UnreadItem]) -> Vec<String> {
    let place = |item: &UnreadItem| {
        assert!(item.is_part() && matches!(item.error, Error::Decode(..)), "{item:?}");
        item.error.to_string().split('`').nth(1).unwrap().to_owned()
    };
    unread.iter().map(place).collect()
}

fn json_of(unread: &[UnreadItem]) -> Vec<Value> {
    unread.iter().map(|item| serde_json::from_str(&item.json).unwrap()).collect()
}

/// The one booking of a response.
fn booking(read: &types::BookingOrSeries) -> &types::Booking {
    match read {
        types::BookingOrSeries::Booking(booking) => booking,
        types::BookingOrSeries::BookingSeries(series) => &series[0],
    }
}

/// The one workflow of a response.
fn workflow(read: &types::EventTypeWorkflowOrList) -> &types::EventTypeWorkflow {
    match read {
        types::EventTypeWorkflowOrList::EventTypeWorkflow(workflow) => workflow,
        types::EventTypeWorkflowOrList::Array(list) => &list[0],
    }
}

#[tokio::test]
async fn a_step_a_location_a_field_and_a_host_without_a_valid_id_cost_themselves() {
    for odd in [json!(null), json!({}), json!("?")] {
        let mut body = recorded_body("single-orgs-teams-workflows/get");
        let mut step = body["data"]["steps"][0].clone();
        step["id"] = odd.clone();
        body["data"]["steps"].as_array_mut().unwrap().insert(0, step.clone());
        // A list with the one workflow is read alike.
        for in_list in [false, true] {
            if in_list {
                body["data"] = json!([body["data"]]);
            }
            let path = "/v2/organizations/1/teams/2/workflows/6";
            let (_server, client) = answering(None, "GET", path, 200, &body).await;
            let read = client.raw().get_organization_team_workflow(1, 2, 6).await.unwrap();
            let found = workflow(&read.data);
            assert_eq!((found.id, found.steps.len(), found.steps[0].id), (6, 1, 3), "{odd}");
            let place = if in_list { "data[0].steps[0].id" } else { "data.steps[0].id" };
            assert_eq!(places(read.unread()), [place], "{odd}");
            assert_eq!(json_of(read.unread()), [step.clone()]);
        }

        let mut event_type = recorded_body("event-types/get-2024-06-14-full");
        let (locations, fields) =
            (event_type["data"]["locations"].clone(), event_type["data"]["bookingFields"].clone());
        if !odd.is_string() {
            event_type["data"]["locations"][1]["type"] = odd.clone();
            event_type["data"]["locations"][3] = odd.clone();
            event_type["data"]["bookingFields"][0]["slug"] = odd.clone();
            let (_server, client) = answering(None, "GET", "/v2/event-types/1", 200, &event_type).await;
            let read = client.raw().get_event_type(1).await.unwrap();
            let kinds: Vec<_> = read.data.locations.iter().map(|location| location.type_.as_str()).collect();
            assert_eq!(kinds, ["address", "attendeePhone", "attendeeDefined"], "{odd}");
            assert_eq!(read.data.booking_fields.len(), fields.as_array().unwrap().len() - 1);
            assert_eq!(places(read.unread())[..2], ["data.bookingFields[0].slug", "data.locations[1].type"], "{odd}");
            assert_eq!(read.unread()[1].json.parse::<Value>().unwrap()["phone"], locations[1]["phone"]);
            assert_eq!(read.unread().len(), 3);
        }

        let mut body = recorded_body("bookings-2024-08-13/get-regular");
        if !odd.is_string() {
            body["data"]["hosts"][0]["id"] = odd.clone();
            let (_server, client) = answering(None, "GET", "/v2/bookings/u", 200, &body).await;
            let read = client.raw().get_booking("u").await.unwrap();
            assert_eq!(
                (booking(&read.data).hosts.len(), places(read.unread())),
                (0, vec!["data.hosts[0].id".to_owned()])
            );
        }
    }
}

#[tokio::test]
async fn an_optional_object_without_what_it_needs_costs_itself() {
    let mut body = recorded_body("bookings-2024-08-13/get-regular");
    for (odd, place) in
        [(json!({"id": null, "slug": "s"}), "data.eventType.id"), (json!({"slug": "s"}), "data.eventType")]
    {
        body["data"]["eventType"] = odd.clone();
        let (_server, client) = answering(None, "GET", "/v2/bookings/u", 200, &body).await;
        let read = client.raw().get_booking("u").await.unwrap();
        let found = booking(&read.data);
        assert_eq!((found.event_type.is_none(), found.attendees.len()), (true, 2));
        assert_eq!((places(read.unread()), json_of(read.unread())), (vec![place.to_owned()], vec![odd]));
    }
}

#[tokio::test]
async fn what_an_item_requires_costs_the_item() {
    let body = recorded_body("bookings-2024-08-13/get-regular");
    let change = |at: &str, value: Value| {
        let mut changed = body.clone();
        *changed.pointer_mut(at).unwrap() = value;
        changed
    };
    for (odd, place) in [
        (change("/data/attendees/0/name", Value::Null), "data.attendees[0].name"),
        (change("/data/attendees/0", json!(7)), "data.attendees[0]"),
        (change("/data/attendees", json!({"0": "Erika"})), "data.attendees"),
        (change("/data/title", json!({"en": "Check-up"})), "data.title"),
        (change("/data/description", json!(7)), "data.description"),
        (change("/data", json!(null)), "data"),
    ] {
        let (_server, client) = answering(None, "GET", "/v2/bookings/u", 200, &odd).await;
        let error = client.raw().get_booking("u").await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)) && error.to_string().contains(&format!("`{place}`")), "{error}");
    }
}

#[tokio::test]
async fn in_a_list_a_part_is_left_out_of_its_item_and_the_facade_reports_it() {
    let mut body = recorded_body("bookings-2024-08-13/list-take-1");
    let good = body["data"][0].clone();
    let mut odd = good.clone();
    odd["uid"] = json!("odd");
    // The facade does not read the number of a host.
    (odd["hosts"][0]["id"], odd["hosts"][0]["timeZone"]) = (json!(null), json!(7));
    odd["metadata"] = json!({"a": "b"});
    body["data"] = json!([good, odd, {}]);
    body["pagination"]["hasNextPage"] = json!(false);
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::method("GET"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(&body))
        .mount(&server)
        .await;
    let first = client(&server);
    // The second time from the cache.
    for _ in 0..2 {
        let page = first.bookings().list(&BookingFilter::default()).await.unwrap();
        assert_eq!((page.items.len(), page.items[1].uid.as_str(), page.items[1].hosts().len()), (2, "odd", 1));
        assert_eq!(page.items[1].metadata["a"], "b");
        let (parts, items): (Vec<_>, Vec<_>) = page.unread.into_iter().partition(UnreadItem::is_part);
        assert_eq!(
            (places(&parts), items.len(), items[0].index),
            (vec!["data[1].hosts[0].timeZone".to_owned()], 1, Some(2))
        );
    }
    // Parts are no items of their own: the next page starts after three.
    body["pagination"]["hasNextPage"] = json!(true);
    server.reset().await;
    wiremock::Mock::given(wiremock::matchers::method("GET"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(&body))
        .mount(&server)
        .await;
    let fresh = client(&server);
    assert_eq!(fresh.bookings().list(&BookingFilter::default()).await.unwrap().next_skip, Some(3));
    // A server that repeats its page for ever is asked twice, although the page has unread parts.
    let mut only_parts = body.clone();
    only_parts["data"].as_array_mut().unwrap().pop();
    server.reset().await;
    wiremock::Mock::given(wiremock::matchers::method("GET"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(&only_parts))
        .mount(&server)
        .await;
    let mut stream = client(&server).bookings().stream(&BookingFilter::default());
    let mut count = 0;
    while let Some(booking) = stream.next().await {
        booking.unwrap();
        count += 1;
    }
    assert_eq!((count, server.received_requests().await.unwrap().len()), (2, 2));
}

#[tokio::test]
async fn event_types_of_the_facade_are_read_without_an_odd_location() {
    let mut one = recorded_body("event-types/get-2024-06-14-full");
    one["data"]["locations"][0]["type"] = json!(null);
    let locations = one["data"]["locations"].as_array().unwrap().len();
    let (_server, client) = answering(None, "GET", "/v2/event-types/1", 200, &one).await;
    assert_eq!(client.event_types().get(1).await.unwrap().locations.len(), locations - 1);

    let mut list = recorded_body("event-types/list-2024-06-14");
    let all = list["data"].as_array().unwrap().len();
    list["data"][1]["locations"] = json!([{"type": null}, {"type": "attendeePhone"}]);
    let (_server, client) = answering(None, "GET", "/v2/event-types", 200, &list).await;
    let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    assert_eq!((groups.len(), places(groups.unread())), (all, vec!["data[1].locations[0].type".to_owned()]));
}

#[tokio::test]
async fn the_number_of_parts_is_bounded() {
    for (odd, is_read) in [(128, true), (129, false)] {
        let mut body = recorded_body("single-orgs-teams-workflows/get");
        body["data"]["steps"].as_array_mut().unwrap().extend(vec![json!(7); odd]);
        let (_server, client) = answering(None, "GET", "/v2/organizations/1/teams/2/workflows/6", 200, &body).await;
        let read = client.raw().get_organization_team_workflow(1, 2, 6).await;
        assert_eq!(read.as_ref().is_ok_and(|read| workflow(&read.data).steps.len() == 1), is_read, "{odd}");
        if let Ok(read) = read {
            let expected: Vec<_> = (1..=odd).map(|at| format!("data.steps[{at}]")).collect();
            assert_eq!(places(read.unread()), expected, "the places are those of the response");
        }
    }
}

#[tokio::test]
async fn a_documented_value_holds_its_odd_parts_so_that_values_which_differ_in_them_are_not_equal() {
    let mut read = Vec::new();
    for odd in [json!({"type": null, "address": "12 Side St"}), json!({"type": null, "address": "13 Side St"})] {
        let mut body = recorded_body("event-types/get-2024-06-14-full");
        body["data"]["locations"][0] = odd.clone();
        let (_server, client) = answering(None, "GET", "/v2/event-types/1", 200, &body).await;
        let found = client.event_types().get(1).await.unwrap();
        assert_eq!(
            (places(&found.unread_parts()), json_of(&found.unread_parts())),
            (vec!["data.locations[0].type".to_owned()], vec![odd.clone()])
        );
        // Stored and read again, it has the part still.
        let again: calcom::model::EventType = serde_json::from_value(found.to_wire_json()).unwrap();
        assert_eq!((&again, json_of(&again.unread_parts())), (&found, vec![odd.clone()]));
        assert!(found.wire().is_some_and(|wire| wire.locations.len() == found.locations.len()));

        // In a list, the item holds it and the list reports it.
        let mut list = recorded_body("event-types/list-2024-06-14");
        list["data"][0]["locations"] = json!([odd]);
        let (_server, client) = answering(None, "GET", "/v2/event-types", 200, &list).await;
        let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
        assert_eq!(groups.unread(), groups.iter().flat_map(|item| item.unread_parts()).collect::<Vec<_>>());
        assert_eq!(json_of(groups.unread()), vec![odd]);
        read.push(found);
    }
    assert_ne!(read[0], read[1]);
    let (_server, client) =
        answering(None, "GET", "/v2/event-types/1", 200, &recorded_body("event-types/get-2024-06-14-full")).await;
    assert!(client.event_types().get(1).await.unwrap().unread_parts().is_empty());
}

#[tokio::test]
async fn all_fields_are_read_typed_beside_an_odd_one_that_is_not_documented() {
    let mut body = recorded_body("bookings-2024-08-13/get-regular");
    body["data"]["hosts"][0]["id"] = json!(null);
    let (_server, client) = answering(None, "GET", "/v2/bookings/u", 200, &body).await;
    let booking = client.bookings().get("u").await.unwrap();
    let wire = booking.wire().unwrap();
    assert_eq!((wire.hosts.len(), wire.attendees.len()), (0, 2));
    assert_eq!(booking.extra("hosts").unwrap()[0]["id"], Value::Null);
    // An object that is required is no part.
    body["data"]["duration"] = json!({"minutes": 30});
    let (_server, client) = answering(None, "GET", "/v2/bookings/u", 200, &body).await;
    assert!(client.bookings().get("u").await.is_ok_and(|booking| booking.wire().is_none()));
}
