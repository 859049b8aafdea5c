//! Odd answers: items, parts, unknown ids, second deletes.

use calcom::{
    Error,
    config::ServiceKind,
    facade::{BookingFilter, EventTypeFilter},
    model::{SlotQuery, ToWireJson},
};
use serde_json::{Value, json};

use super::{booking, in_turn, webhook};
use crate::support::{
    recorded_body,
    socket::{Service, json as response},
};

#[tokio::test]
async fn one_odd_item_costs_itself_in_every_list() {
    for odd in
        ["null", "7", "\"x\"", "[]", "{}", "[[]]", "{\"id\":{}}", "1e999", "{\"uid\":1e400}", "\"\\ud83d\"", "true"]
    {
        let bodies = [
            format!("{{\"data\":[{},{odd},{}]}}", webhook("a"), webhook("b")),
            format!("{{\"data\":[{},{odd},{}],\"pagination\":{{\"hasNextPage\":false}}}}", booking("a"), booking("b")),
        ];
        let (_service, client) = in_turn(bodies).await;
        let hooks = client.webhooks().list().await.unwrap_or_else(|error| panic!("{odd}: {error}"));
        assert_eq!((hooks.len(), hooks.unread().len(), hooks.unread()[0].index), (2, 1, Some(1)), "{odd}");
        assert_eq!(hooks.unread()[0].json, odd);
        let page =
            client.bookings().list(&BookingFilter::default()).await.unwrap_or_else(|error| panic!("{odd}: {error}"));
        assert_eq!((page.items.len(), page.unread.len()), (2, 1), "{odd}");
        let again: calcom::facade::Page<calcom::model::Booking> = serde_json::from_value(page.to_wire_json()).unwrap();
        assert!(again == page, "{odd}");
    }
}

#[tokio::test]
async fn more_odd_parts_than_are_left_out_cost_their_item_and_not_the_list() {
    let mut odd = booking("odd");
    odd["hosts"] = json!(vec![json!({"timeZone": 7}); 140]);
    let mut some = booking("some");
    some["hosts"] = json!([{"timeZone": 7}, some["hosts"][0], {"timeZone": []}]);
    let body = json!({"data": [booking("a"), odd, some, booking("b")], "pagination": {"hasNextPage": false}});
    let (_service, client) = in_turn([body.to_string()]).await;
    let page = client.bookings().list(&BookingFilter::default()).await.unwrap();
    let uids: Vec<_> = page.items.iter().map(|booking| booking.uid.as_str()).collect();
    assert_eq!(uids, ["a", "some", "b"]);
    let (parts, items): (Vec<_>, Vec<_>) = page.unread.iter().partition(|item| item.is_part());
    assert_eq!((parts.len(), items.len(), items[0].index), (2, 1, Some(1)));
    let again: calcom::facade::Page<calcom::model::Booking> = serde_json::from_value(page.to_wire_json()).unwrap();
    assert!(again == page);
}

#[tokio::test]
async fn slots_by_date_lose_their_odd_parts_only() {
    let slot = |time: &str| json!({"start": time});
    let data = json!({
        "2031-03-01": [slot("2031-03-01T09:00:00Z"), {"start": "09:00"}, null],
        "2031-02-30": [slot("2031-03-02T09:00:00Z")],
        "2031-03-03": null,
        "2031-03-04": {},
        "2031-03-05": [],
        "2031-03-06": [7],
        "": [slot("2031-03-06T09:00:00Z")],
        "__proto__": [slot("2031-03-06T09:00:00Z")],
        "2031-03-07": [[slot("2031-03-07T09:00:00Z")], slot("2031-03-07T10:00:00Z")],
    });
    let (_service, client) = in_turn([json!({"status": "success", "data": data}).to_string()]).await;
    let query = SlotQuery::new(1, "2031-03-01T00:00:00Z".parse().unwrap(), "2031-03-09T00:00:00Z".parse().unwrap());
    let slots = client.slots().list(&query).await.unwrap();
    let times: Vec<_> = slots.iter().map(|slot| slot.time.to_string()).collect();
    assert_eq!(times, ["2031-03-01T09:00:00Z", "2031-03-07T10:00:00Z"]);
    // 2 of the first day, the impossible date, null, {}, [7], the two names, the nested list.
    assert_eq!(slots.unread().len(), 9, "{:?}", slots.unread());
    let again: calcom::model::Slots = serde_json::from_value(slots.to_wire_json()).unwrap();
    assert!(again == slots);
}

#[tokio::test]
async fn data_of_the_wrong_kind_is_an_error_that_names_it_and_no_empty_answer() {
    for data in ["null", "{}", "[]", "7", "\"x\"", "[null]", "[7]", "[[]]", "true"] {
        let (_service, client) = in_turn([format!("{{\"status\":\"success\",\"data\":{data}}}")]).await;
        let client = client.bypass_cache();
        let error = client.bookings().get("u").await.unwrap_err();
        assert!(matches!(error, Error::Decode(..) | Error::NotFound(_)), "{data}: {error:?}");
        let error = client.schedules().get(7).await.unwrap_err();
        assert!(matches!(error, Error::Decode(..) | Error::NotFound(_)), "{data}: {error:?}");
        let error = client.me().get().await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)), "{data}: {error:?}");
        let list = client.schedules().list().await;
        assert_eq!(list.as_ref().is_ok_and(|list| list.is_empty()), data == "[]", "{data}: {list:?}");
        let list = client.event_types().list(&EventTypeFilter::default()).await;
        assert_eq!(list.as_ref().is_ok_and(|list| list.is_empty()), data == "[]", "{data}: {list:?}");
    }
    for body in
        ["", "null", "[]", "{}", "7", "{\"status\":\"success\"}", "{\"status\":\"error\",\"data\":[]}", "<html>"]
    {
        let (_service, client) = in_turn([body.to_owned()]).await;
        let found = client.schedules().list().await;
        assert!(found.is_err(), "{body:?}: {found:?}");
    }
}

#[tokio::test]
async fn an_unknown_id_is_none_where_the_service_says_null_and_an_error_elsewhere() {
    let null = json!({"status": "success", "data": null}).to_string();
    let (_service, client) = in_turn([null]).await;
    assert!(client.verified_resources().email(9).await.unwrap().is_none());
    assert!(client.slots().reservation("r").await.unwrap().is_none());
    assert!(client.organization(1).attributes().get("x").await.unwrap().is_none());
    let raw = client.raw().get_organization_attribute(1, "x").await.unwrap();
    assert!(raw.into_inner().data.is_none());
}

#[tokio::test]
async fn refusals_of_unknown_ids_are_read_in_every_form() {
    for (status, body, kind) in [
        (
            403,
            json!({"status": "error", "error": {"code": "ForbiddenException", "message": "user 9 is not part of it"}}),
            "Permission",
        ),
        (404, json!({"statusCode": 404, "message": "Not found", "error": "Not Found"}), "NotFound"),
        (404, json!({"message": ["a", "b"]}), "NotFound"),
        (404, json!({"error": null}), "NotFound"),
        (404, json!(null), "NotFound"),
        (403, json!("no"), "Permission"),
        (400, json!({"error": {"details": {"errors": [null, 7, {"property": 3}]}}}), "Validation"),
        (500, json!([]), "Server"),
    ] {
        let text = body.to_string();
        let service = Service::serving_with(move |_| response(status, &[], text.clone())).await;
        let client = service.builder().no_retries().build().unwrap();
        let error = client.organization(1).memberships().get(9).await.unwrap_err();
        assert_eq!((crate::support::kind(&error), error.status()), (kind, Some(status)), "{body}: {error}");
    }
}

/// The first attempt is executed and its response is lost, the second finds nothing left.
#[tokio::test(start_paused = true)]
async fn a_delete_that_is_sent_again_is_a_success_only_where_nothing_else_has_that_answer() {
    use calcom::operation::{Method, Operation, Resend};
    for operation in Operation::all().iter().filter(|it| it.method == Method::Delete) {
        let part = |part: &str| if part.starts_with('{') { "77".to_owned() } else { part.to_owned() };
        let path = operation.path.split('/').map(part).collect::<Vec<_>>().join("/");
        for status in [400, 403, 404, 410] {
            let first = std::sync::atomic::AtomicBool::new(true);
            let service = Service::serving_with(move |_| {
                let status = if first.swap(false, std::sync::atomic::Ordering::SeqCst) { 502 } else { status };
                response(status, &[], r#"{"status":"error","error":{"message":"x"}}"#)
            })
            .await;
            let mut config = service.client().config().clone();
            if !operation.is_in(calcom::Contract::SelfHosted) {
                config.service = ServiceKind::Hosted;
            }
            let client = service.builder().config(config).build().unwrap();
            let sent_again = client.raw().operation::<Value>(operation, path.clone()).await;
            // The first answer of its own is what it is.
            let alone = client.raw().operation::<Value>(operation, path.clone()).await;
            assert!(alone.is_err(), "{}: {status}", operation.id);
            if operation.resend == Resend::Unsafe {
                assert!(sent_again.is_err(), "{}: {status}", operation.id);
            }
            if sent_again.is_ok() {
                assert!([404, 410].contains(&status), "{}: {status}", operation.id);
            }
        }
    }
}

#[tokio::test]
async fn a_null_for_every_field_costs_what_is_required_only() {
    for case in ["bookings-2024-08-13/get-regular", "event-types/get-2024-06-14-full"] {
        let body = recorded_body(case);
        let fields: Vec<String> = body["data"].as_object().unwrap().keys().cloned().collect();
        let mut failed = Vec::new();
        for field in &fields {
            let mut odd = body.clone();
            odd["data"][field] = Value::Null;
            let (_service, client) = in_turn([odd.to_string()]).await;
            let read = match case.starts_with("bookings") {
                true => client.bookings().get("u").await.map(|it| {
                    (
                        it.to_wire_json(),
                        serde_json::from_value::<calcom::model::Booking>(it.to_wire_json()).unwrap() == it,
                    )
                }),
                false => client.event_types().get(1).await.map(|it| {
                    (
                        it.to_wire_json(),
                        serde_json::from_value::<calcom::model::EventType>(it.to_wire_json()).unwrap() == it,
                    )
                }),
            };
            match read {
                Ok((json, is_equal)) => assert!(json == odd["data"] && is_equal, "{field}"),
                Err(_) => failed.push(field.clone()),
            }
        }
        let needed = ["id", "uid", "title", "start", "end", "status", "attendees", "hosts", "lengthInMinutes", "slug"];
        let odd: Vec<_> = failed.iter().filter(|field| !needed.contains(&field.as_str())).collect();
        assert!(odd.is_empty(), "{case}: {odd:?}");
    }
}
