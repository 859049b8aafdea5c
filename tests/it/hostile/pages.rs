//! Pages of a service that lies.

use calcom::{config::ServiceKind, facade::BookingFilter};
use serde_json::{Value, json};

use super::{booking, lines, parameter, serving, webhook};

fn uids(bookings: &[calcom::raw::types::Booking]) -> Vec<&str> {
    bookings.iter().map(|booking| booking.uid.as_str()).collect()
}

#[tokio::test]
async fn a_cursor_of_another_kind_is_no_end_of_the_list() {
    for cursor in [json!(7), json!({"id": 7}), json!(["x"]), json!(true)] {
        for more in [json!(true), json!(null)] {
            let next = cursor.clone();
            let (_service, client) = serving(ServiceKind::Hosted, move |_| {
                json!({"data": [booking("a")], "pagination": {"nextCursor": next, "hasMore": more}}).to_string()
            })
            .await;
            let raw = client.raw().list_bookings().stream().try_collect().await;
            assert!(raw.is_err(), "{cursor}: {} bookings and no error", raw.unwrap().len());
            let list = client.bookings().stream(&BookingFilter::default()).try_collect().await;
            assert!(list.is_err(), "{cursor}: facade");
        }
    }
}

#[tokio::test]
async fn cursors_of_histories_of_another_kind_are_no_end_of_the_list() {
    let entry = |id: &str| json!({"id": id, "action": "updated", "timestamp": "2030-01-01T09:00:00Z"});
    for cursor in [json!(7), json!({"id": 7})] {
        for body in [
            json!({"data": {"eventTypeId": 1, "auditLogs": [entry("a")]}, "pagination": {"nextCursor": cursor}}),
            json!({"data": {"eventTypeId": 1, "auditLogs": [entry("a")], "nextCursor": cursor}}),
            json!({"data": {"eventTypeId": 1, "auditLogs": [entry("a")]}, "meta": {"nextCursor": cursor}}),
        ] {
            let text = body.to_string();
            let (_service, client) = serving(ServiceKind::Hosted, move |_| text.clone()).await;
            let found = client.raw().list_event_type_history(1).stream().try_collect().await;
            assert!(found.is_err(), "{body}: {} entries and no error", found.unwrap().len());
        }
    }
}

#[tokio::test]
async fn an_item_that_is_twice_on_a_page_is_returned_once() {
    let (_service, client) = serving(ServiceKind::SelfHosted, |request| {
        let data = match parameter(request, "skip").as_deref() {
            None => json!([webhook("a"), webhook("b"), webhook("a")]),
            Some("3") => json!([webhook("c"), webhook("c"), webhook("b")]),
            _ => json!([]),
        };
        json!({"data": data}).to_string()
    })
    .await;
    let all = client.raw().list_webhooks().stream().try_collect().await.unwrap();
    let ids: Vec<_> = all.iter().map(|webhook| webhook.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[tokio::test]
async fn pages_that_end_with_a_repetition_within_the_page_do_not_end_the_list() {
    let (_service, client) = serving(ServiceKind::SelfHosted, |request| {
        let skip: usize = parameter(request, "skip").map_or(0, |skip| skip.parse().unwrap());
        let id = format!("w{skip}");
        let data = if skip < 40 { json!([webhook(&id), webhook(&id)]) } else { json!([]) };
        json!({"data": data}).to_string()
    })
    .await;
    assert_eq!(client.raw().list_webhooks().stream().try_collect().await.unwrap().len(), 20);
}

#[tokio::test]
async fn an_item_that_could_not_be_read_does_not_hide_a_readable_one_of_its_id() {
    let (_service, client) = serving(ServiceKind::SelfHosted, |request| {
        let data = match parameter(request, "skip").as_deref() {
            None => json!([{"id": "a"}, webhook("a"), {"id": "b"}]),
            Some("3") => json!([webhook("b"), webhook("c")]),
            _ => json!([]),
        };
        json!({"data": data}).to_string()
    })
    .await;
    let mut stream = client.raw().list_webhooks().stream();
    let all = stream.try_collect().await.unwrap();
    let ids: Vec<_> = all.iter().map(|webhook| webhook.id.as_str()).collect();
    assert_eq!((ids, stream.unread().len()), (vec!["a", "b", "c"], 2));
}

#[tokio::test]
async fn wrong_page_counters_lose_no_booking() {
    // Too few, negative, of another kind.
    for total in [json!(1), json!(-4), json!(null), json!(1_000_000)] {
        let (service, client) = serving(ServiceKind::SelfHosted, move |request| {
            let skip: usize = parameter(request, "skip").map_or(0, |skip| skip.parse().unwrap());
            let data: Vec<Value> = (skip..(skip + 2).min(5)).map(|at| booking(&format!("u{at}"))).collect();
            let pagination = json!({"hasNextPage": true, "totalItems": total, "remainingItems": 0, "currentPage": -1,
                "totalPages": 0, "returnedItems": 99, "itemsPerPage": 0, "hasPreviousPage": false});
            json!({"data": data, "pagination": pagination}).to_string()
        })
        .await;
        let client = client.bypass_cache();
        match client.raw().list_bookings().stream().try_collect().await {
            Ok(all) => assert_eq!(uids(&all), ["u0", "u1", "u2", "u3", "u4"]),
            Err(error) => panic!("{error}"),
        }
        let all = client.bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
        assert_eq!((all.len(), lines(&service).len()), (5, 8));
    }
}

#[tokio::test]
async fn a_page_that_shrinks_and_an_empty_page_with_a_cursor_cost_nothing() {
    let (service, client) = serving(ServiceKind::Hosted, |request| {
        let (data, next) = match parameter(request, "cursor").as_deref() {
            None => (vec!["a", "b", "c"], Some("p2")),
            Some("p2") => (vec![], Some("p3")),
            Some("p3") => (vec!["c"], Some("p4")),
            Some("p4") => (vec!["d", "a"], Some("p2")),
            _ => unreachable!(),
        };
        let data: Vec<_> = data.into_iter().map(booking).collect();
        json!({"data": data, "pagination": {"nextCursor": next, "hasMore": true}}).to_string()
    })
    .await;
    let client = client.bypass_cache();
    let all = client.raw().list_bookings().limit(3).stream().try_collect().await.unwrap();
    assert_eq!(uids(&all), ["a", "b", "c", "d"]);
    let asked = lines(&service).len();
    assert!(asked <= 4 + 21, "{asked}");
    let all = client.bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    assert_eq!(all.len(), 4);
}

#[tokio::test]
async fn a_list_that_is_null_is_no_end_of_pages() {
    for data in [json!(null), json!({}), json!("none"), json!(7)] {
        let body = json!({"data": data, "pagination": {"hasNextPage": true}}).to_string();
        let (_service, client) = serving(ServiceKind::SelfHosted, move |_| body.clone()).await;
        assert!(client.raw().list_webhooks().stream().try_collect().await.is_err(), "{data}");
        assert!(client.raw().list_bookings().stream().try_collect().await.is_err(), "{data}");
        assert!(client.bookings().stream(&BookingFilter::default()).try_collect().await.is_err(), "{data}");
        assert!(client.webhooks().list().await.is_err(), "{data}");
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_and_one_that_is_polled_after_its_end_send_nothing_more() {
    let (service, client) = serving(ServiceKind::SelfHosted, |request| {
        let data = if parameter(request, "skip").is_none() { json!([webhook("a")]) } else { json!([]) };
        json!({"data": data}).to_string()
    })
    .await;
    drop(client.raw().list_webhooks().stream());
    assert!(lines(&service).is_empty());
    let mut stream = client.raw().list_webhooks().stream();
    stream.try_collect().await.unwrap();
    let sent = lines(&service).len();
    for _ in 0..3 {
        assert!(stream.next().await.is_none());
    }
    assert_eq!(lines(&service).len(), sent);
}

#[tokio::test]
async fn a_total_that_a_later_page_lacks_stays_known() {
    let (_service, client) = serving(ServiceKind::SelfHosted, |request| match parameter(request, "skip") {
        None => json!({"data": [webhook("a")], "pagination": {"hasNextPage": true, "totalItems": 9}}).to_string(),
        Some(_) => json!({"data": []}).to_string(),
    })
    .await;
    let mut stream = client.raw().list_webhooks().stream();
    assert_eq!(stream.total(), None);
    assert_eq!((stream.try_collect().await.unwrap().len(), stream.total()), (1, Some(9)));
}
