//! Streams of raw requests: every item of every page once, and an end where the service has none.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use calcom::{Client, Error, config::ServiceKind, raw::types::Webhook};
use serde_json::{Value, json};

use crate::support::socket::{Received, Service, json as response};

/// The value of a query parameter of a received request.
fn parameter(request: &Received, name: &str) -> Option<String> {
    let query = request.line.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

fn webhook(id: usize) -> Value {
    json!({"id": format!("w{id}"), "payloadTemplate": null, "triggers": [], "active": true, "userId": 1,
           "subscriberUrl": "https://example.org/", "secret": null})
}

fn ids(webhooks: &[Webhook]) -> Vec<&str> {
    webhooks.iter().map(|webhook| webhook.id.as_str()).collect()
}

/// A service whose pages are the result of `page`, which is given the number of skipped items and the size.
async fn by_offset(page: impl Fn(usize, usize) -> Value + Send + Sync + 'static) -> (Service, Client) {
    let service = Service::serving_with(move |request| {
        let number = |name| parameter(request, name).map(|value| value.parse().unwrap());
        response(200, &[], page(number("skip").unwrap_or(0), number("take").unwrap_or(250)).to_string())
    })
    .await;
    let client = service.client();
    (service, client)
}

/// A hosted service whose pages are the result of `page`, which is given the cursor.
async fn by_cursor(page: impl Fn(Option<&str>) -> Value + Send + Sync + 'static) -> (Service, Client) {
    let service = Service::serving_with(move |request| {
        response(200, &[], page(parameter(request, "cursor").as_deref()).to_string())
    })
    .await;
    let mut config = service.client().config().clone();
    config.service = ServiceKind::Hosted;
    let client = service.builder().config(config).build().unwrap();
    (service, client)
}

fn booking(uid: &str) -> Value {
    json!({
        "id": 1, "uid": uid, "title": "t", "status": "accepted", "hosts": [], "duration": 30, "eventTypeId": 1,
        "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "absentHost": false, "location": null,
        "attendees": [], "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z", "metadata": {},
    })
}

#[tokio::test]
async fn a_list_without_counters_is_read_to_its_first_empty_page() {
    // A server may send fewer items than a page is asked to have.
    for most in [1, 3, 100, 250] {
        let (service, client) = by_offset(move |skip, take| {
            json!({"status": "success", "data": (skip..(skip + take.min(most)).min(7)).map(webhook).collect::<Vec<_>>()})
        })
        .await;
        let mut stream = client.raw().list_webhooks().stream();
        let all = stream.try_collect().await.unwrap();
        assert_eq!(ids(&all), ["w0", "w1", "w2", "w3", "w4", "w5", "w6"], "{most}");
        assert_eq!((stream.total(), stream.unread().len()), (None, 0));
        assert!(stream.next().await.is_none());
        let sent = service.requests();
        assert_eq!(sent[0].line, "GET /v2/webhooks?take=250");
        assert_eq!(sent.last().unwrap().line, "GET /v2/webhooks?skip=7&take=250");
        assert_eq!(sent.len(), 7_usize.div_ceil(most) + 1);
    }
}

#[tokio::test]
async fn position_and_size_of_the_request_are_kept() {
    let (service, client) = by_offset(|skip, take| {
        json!({"status": "success", "data": (skip..(skip + take).min(7)).map(webhook).collect::<Vec<_>>()})
    })
    .await;
    let rest = client.raw().list_webhooks().skip(2).take(2).stream().try_collect().await.unwrap();
    assert_eq!(ids(&rest), ["w2", "w3", "w4", "w5", "w6"]);
    let lines: Vec<_> = service.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines[..2], ["GET /v2/webhooks?skip=2&take=2", "GET /v2/webhooks?skip=4&take=2"]);
}

#[tokio::test]
async fn pages_are_requested_when_their_items_are_wanted() {
    let (service, client) =
        by_offset(|skip, _| json!({"data": (skip..skip + 2).map(webhook).collect::<Vec<_>>()})).await;
    let mut stream = client.raw().list_webhooks().stream();
    assert_eq!(service.requests().len(), 0);
    for (taken, asked) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
        stream.next().await.unwrap().unwrap();
        assert_eq!(service.requests().len(), asked, "{taken}");
    }
}

#[tokio::test]
async fn an_item_that_moves_to_the_next_page_is_returned_once() {
    // Before each page a new item is added in front.
    let page = AtomicUsize::new(0);
    let (_service, client) = by_offset(move |skip, _| {
        let added = page.fetch_add(1, Ordering::Relaxed);
        let all: Vec<_> = (0..added).rev().map(|at| webhook(100 + at)).chain((0..6).map(webhook)).collect();
        json!({"data": all.into_iter().skip(skip).take(3).collect::<Vec<_>>()})
    })
    .await;
    let all = client.raw().list_webhooks().stream().try_collect().await.unwrap();
    assert_eq!(ids(&all), ["w0", "w1", "w2", "w3", "w4", "w5"]);
}

#[tokio::test]
async fn a_server_that_ignores_the_position_is_asked_twice() {
    for pagination in [Value::Null, json!({"hasNextPage": true, "totalItems": 1_000_000})] {
        let body = json!({"data": [webhook(1), webhook(2)], "pagination": pagination});
        let (service, client) = by_offset(move |_, _| body.clone()).await;
        assert_eq!(ids(&client.raw().list_webhooks().stream().try_collect().await.unwrap()), ["w1", "w2"]);
        assert_eq!(service.requests().len(), 2);
    }
}

#[tokio::test]
async fn counters_end_a_list_and_are_ignored_if_a_page_is_empty() {
    let (service, client) = by_offset(|skip, _| {
        let data: Vec<_> = if skip == 0 { vec![booking("a"), booking("b")] } else { Vec::new() };
        json!({"data": data, "pagination": {"hasNextPage": true, "totalItems": 9}})
    })
    .await;
    let mut stream = client.raw().list_bookings().stream();
    assert_eq!((stream.try_collect().await.unwrap().len(), stream.total()), (2, Some(9)));
    assert_eq!(service.requests().len(), 2);

    let (service, client) =
        by_offset(|_, _| json!({"data": [booking("a")], "pagination": {"hasNextPage": false, "totalItems": 1}})).await;
    assert_eq!(client.raw().list_bookings().stream().try_collect().await.unwrap().len(), 1);
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test]
async fn an_unreadable_item_costs_itself_also_if_it_is_alone_on_its_page() {
    let (_service, client) = by_offset(|skip, _| {
        let data = match skip {
            0 => json!([webhook(0), {"id": 7}]),
            2 => json!([{"id": 8}]),
            3 => json!([webhook(3), webhook(0), {"id": 8}]),
            _ => json!([]),
        };
        json!({"status": "success", "data": data})
    })
    .await;
    let mut stream = client.raw().list_webhooks().stream();
    let all = stream.try_collect().await.unwrap();
    assert_eq!((ids(&all), stream.unread().len()), (vec!["w0", "w3"], 2));
    assert_eq!((stream.unread()[0].index, stream.unread()[1].index), (Some(1), Some(0)));
}

#[tokio::test]
async fn the_hosted_service_is_paged_by_cursor() {
    let (service, client) = by_cursor(|cursor| match cursor {
        None => json!({"data": [booking("a"), booking("b")], "pagination": {"nextCursor": "p2", "hasMore": true}}),
        // Nothing passes the filter on this page.
        Some("p2") => json!({"data": [], "pagination": {"nextCursor": "p/3", "hasMore": true}}),
        Some("p%2F3") => {
            json!({"data": [booking("b"), booking("c")], "pagination": {"nextCursor": null, "hasMore": false}})
        }
        other => panic!("{other:?}"),
    })
    .await;
    let all = client.raw().list_bookings().stream().try_collect().await.unwrap();
    let uids: Vec<_> = all.iter().map(|booking| booking.uid.as_str()).collect();
    assert_eq!(uids, ["a", "b", "c"]);
    let lines: Vec<_> = service.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines[..2], ["GET /v2/bookings?limit=100", "GET /v2/bookings?cursor=p2&limit=100"]);
}

#[tokio::test]
async fn cursors_that_lead_nowhere_new_end_the_list() {
    let more = |next: &str| json!({"nextCursor": next, "hasMore": true});
    // To its own page, in a circle, and to ever new cursors with the same items.
    let counter = Arc::new(AtomicUsize::new(0));
    type Page = Box<dyn Fn(Option<&str>) -> Value + Send + Sync>;
    let pages: [(usize, Page); 3] = [
        (2, Box::new(move |_| json!({"data": [booking("a")], "pagination": more("x")}))),
        (
            21,
            Box::new(
                move |at| json!({"data": [booking("a")], "pagination": more(if at == Some("x") { "y" } else { "x" })}),
            ),
        ),
        (
            21,
            Box::new(move |_| {
                let next = counter.fetch_add(1, Ordering::Relaxed).to_string();
                json!({"data": [booking("a")], "pagination": more(&next)})
            }),
        ),
    ];
    for (most, page) in pages {
        let (service, client) = by_cursor(page).await;
        assert_eq!(client.raw().list_bookings().stream().try_collect().await.unwrap().len(), 1);
        assert_eq!(service.requests().len(), most);
    }
}

#[tokio::test]
async fn a_missing_cursor_is_an_error_after_the_items_of_its_page() {
    let (_service, client) =
        by_cursor(|_| json!({"data": [booking("a")], "pagination": {"nextCursor": null, "hasMore": true}})).await;
    let mut stream = client.raw().list_bookings().stream();
    assert_eq!(stream.next().await.unwrap().unwrap().uid.as_str(), "a");
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Decode(..)) && error.to_string().contains("nextCursor"), "{error}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let service = Service::serving_with(|request| match parameter(request, "skip") {
        None => response(200, &[], json!({"data": [webhook(1)]}).to_string()),
        Some(_) => response(403, &[], r#"{"message":"no"}"#),
    })
    .await;
    let client = service.client();
    let mut stream = client.raw().list_webhooks().stream();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(matches!(stream.next().await.unwrap(), Err(Error::Permission(_))));
    assert!(stream.next().await.is_none());
    assert!(format!("{stream:?}").contains("list_webhooks"));
}

#[tokio::test]
async fn a_facade_stream_of_a_server_that_ignores_the_position_ends() {
    let body = json!({"data": [booking("a")], "pagination": {"hasNextPage": true, "totalItems": 9}});
    let (service, client) = by_offset(move |_, _| body.clone()).await;
    let all = client.bookings().stream(&calcom::facade::BookingFilter::default()).try_collect().await.unwrap();
    assert_eq!((all.len(), service.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_list_that_is_longer_than_what_is_remembered_ends_at_a_server_that_ignores_the_position() {
    let body = json!({"data": (0..10_001).map(webhook).collect::<Vec<_>>()});
    let (service, client) = by_offset(move |_, _| body.clone()).await;
    // The first item is forgotten when the last one of the page is remembered, so that each page seems to have one new item.
    assert_eq!(client.raw().list_webhooks().stream().try_collect().await.unwrap().len(), 10_007);
    assert_eq!(service.requests().len(), 7);
}

#[tokio::test]
async fn an_odd_entry_of_a_history_costs_itself() {
    let entry = |id: &str| json!({"id": id, "action": "updated", "timestamp": "2030-01-01T09:00:00Z"});
    let (_service, client) = by_cursor(move |_| {
        json!({"status": "success", "data": {"eventTypeId": 1, "auditLogs": [entry("a"), 7, entry("b")]},
               "pagination": {"nextCursor": null, "hasMore": false}})
    })
    .await;
    let mut stream = client.raw().list_event_type_history(1).stream();
    assert_eq!((stream.try_collect().await.unwrap().len(), stream.unread().len()), (2, 1));
    assert_eq!(stream.unread()[0].index, Some(1));
}

#[tokio::test]
async fn the_total_is_that_of_the_last_page_and_unread_items_are_bounded() {
    let (_service, client) = by_offset(|skip, _| {
        let data: Vec<_> = (skip..skip + 600).map(|at| json!({"id": at})).collect();
        json!({"data": if skip < 1_800 { data } else { vec![] },
               "pagination": {"hasNextPage": true, "totalItems": 10 + skip}})
    })
    .await;
    let mut stream = client.raw().list_webhooks().stream();
    assert!(stream.try_collect().await.unwrap().is_empty());
    assert_eq!((stream.total(), stream.unread().len()), (Some(1_810), 1_000));
}

#[tokio::test]
async fn a_list_whose_position_is_in_the_body_is_read_to_its_end() {
    use calcom::raw::types::{BookingInsightsScope, RoutingInsightsPaginated};

    // The total counts what the filter drops.
    let service = Service::serving_with(|request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let number = |name: &str| body[name].as_u64().unwrap();
        let items: Vec<_> = (number("offset")..(number("offset") + number("limit")).min(7))
            .map(|at| json!({"id": at.saturating_sub(1), "uuid": null}))
            .collect();
        response(200, &[], json!({"status": "success", "data": {"total": 99, "data": items}}).to_string())
    })
    .await;
    let mut config = service.client().config().clone();
    config.service = ServiceKind::Hosted;
    let client = service.builder().config(config).build().unwrap();
    let body = RoutingInsightsPaginated::new(BookingInsightsScope::User, "2030-01-01", "2030-02-01", 1, 3);
    let request = client.raw().list_insights_form_responses(&body);
    assert_eq!(request.operation().resend, calcom::operation::Resend::Safe);
    let mut stream = request.stream();
    let all = stream.try_collect().await.unwrap();
    assert_eq!(all.iter().map(|item| item.id).collect::<Vec<_>>(), (0..6).map(Some).collect::<Vec<_>>());
    assert_eq!((stream.total(), stream.unread().len()), (Some(99), 0));
    let sent: Vec<Value> = service.requests().iter().map(|it| serde_json::from_slice(&it.body).unwrap()).collect();
    let expected = |offset: u64| json!({"endDate": "2030-02-01", "limit": 3, "offset": offset, "scope": "user", "startDate": "2030-01-01"});
    assert_eq!(sent, [expected(1), expected(4), expected(7)]);
    assert!(service.requests().iter().all(|it| it.line == "POST /v2/insights/routings/form-responses"));
}

#[tokio::test]
async fn a_repetition_of_a_page_whose_position_is_in_the_body_ends_the_list() {
    use calcom::raw::types::{BookingInsightsScope, RoutingInsightsPaginated};

    let service = Service::serving_with(|_| {
        response(200, &[], json!({"data": {"total": 9, "data": [{"id": 1}, {"id": 2}]}}).to_string())
    })
    .await;
    let mut config = service.client().config().clone();
    config.service = ServiceKind::Hosted;
    let client = service.builder().config(config).build().unwrap();
    let body = RoutingInsightsPaginated::new(BookingInsightsScope::User, "2030-01-01", "2030-02-01", 0, 2);
    let all = client.raw().list_insights_form_responses(&body).stream().try_collect().await.unwrap();
    assert_eq!((all.len(), service.requests().len()), (2, 2));
    // Without fields the body has no place for the position of the second page.
    let mut stream = client.raw().list_insights_form_responses(&body).body(&json!([1])).stream();
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.unwrap().is_ok());
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Validation(_)) && error.field_errors()[0].field == "body", "{error}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_page_of_new_items_whose_last_one_is_known_does_not_end_a_list() {
    let pages = [vec![0, 1, 2], vec![3, 4, 0], vec![5, 6, 7], vec![]];
    let service = Service::serving_with(move |request| {
        let skip: usize = parameter(request, "skip").map_or(0, |skip| skip.parse().unwrap());
        let page: Vec<_> = pages[(skip / 3).min(3)].iter().map(|id| webhook(*id)).collect();
        response(200, &[], json!({"status": "success", "data": page}).to_string())
    })
    .await;
    let all = service.client().raw().list_webhooks().stream().try_collect().await.unwrap();
    let ids: Vec<_> = all.iter().map(|webhook| webhook.id.clone()).collect();
    assert_eq!(ids, ["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"]);
}
