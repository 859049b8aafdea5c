//! Paging: V1 returned all bookings or one page, V2 returns pages.

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::support::{arrived, ask, v1};
use crate::support::recorded_body;

/// A service with `count` bookings of three attendees in turn.
async fn bookings(count: i64) -> MockServer {
    let server = MockServer::start().await;
    let template = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
    let page = move |request: &Request| {
        let query =
            |name: &str| request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let number = |name: &str| query(name).and_then(|text| text.parse::<usize>().ok());
        let of = query("attendeeEmail").map(|email| i64::from(email.as_bytes()[0] - b'a'));
        let ids: Vec<i64> = (1..=count).filter(|id| of.is_none_or(|of| id % 3 == of)).collect();
        let (skip, take) = (number("skip").unwrap_or(0), number("take").unwrap());
        assert!((1..=250).contains(&take));
        let data: Vec<Value> = ids.iter().skip(skip).take(take).map(|id| booking(&template, *id)).collect();
        let (found, returned) = (ids.len(), data.len());
        let pagination =
            json!({"totalItems": found, "returnedItems": returned, "hasNextPage": skip + returned < found});
        ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data, "pagination": pagination}))
    };
    Mock::given(matchers::any()).respond_with(page).mount(&server).await;
    server
}

fn booking(template: &Value, id: i64) -> Value {
    let mut booking = template.clone();
    let made = jiff::Timestamp::from_second(1_700_000_000 + id).unwrap();
    (booking["id"], booking["uid"], booking["createdAt"]) =
        (id.into(), format!("uid{id}").into(), format!("{made:.3}").into());
    booking["hosts"][0]["id"] = (id % 2).into();
    booking
}

/// The numbers of the listed bookings, and the number of requests.
async fn listed(server: &MockServer, query: &str) -> (Vec<i64>, usize) {
    let before = arrived(server).await.len();
    let answer = ask(&v1(server), "GET", "/v1/bookings", query, &Value::Null).await;
    let bookings = answer.body["bookings"].as_array().unwrap_or_else(|| panic!("{}", answer.body)).clone();
    let ids = bookings.iter().map(|booking| booking["id"].as_i64().unwrap()).collect();
    (ids, arrived(server).await.len() - before)
}

#[tokio::test]
async fn without_a_page_all_bookings_are_listed() {
    let server = bookings(600).await;
    assert_eq!(listed(&server, "").await, ((1..=600).collect(), 3));
    // As in V1, `page` or `take` alone has no effect.
    assert_eq!(listed(&server, "page=2").await.0.len(), 600);
    assert_eq!(listed(&server, "take=5").await.0.len(), 600);
}

#[tokio::test]
async fn a_page_of_any_size_is_exact() {
    let server = bookings(600).await;
    assert_eq!(listed(&server, "page=3&take=10").await, ((21..=30).collect(), 1));
    assert_eq!(listed(&server, "page=2&take=280").await, ((281..=560).collect(), 2));
    assert_eq!(listed(&server, "page=9&take=100").await, (Vec::new(), 1));
}

#[tokio::test]
async fn lists_of_several_filters_are_merged_without_duplicates_and_paged() {
    let server = bookings(30).await;
    let both: Vec<i64> = (1..=30).filter(|id| id % 3 < 2).collect();
    assert_eq!(
        listed(&server, "attendeeEmail=a@x.org&attendeeEmail=b@x.org&attendeeEmail=a@x.org").await,
        (both.clone(), 3)
    );
    let query = "attendeeEmail[]=a@x.org&attendeeEmail[]=b@x.org&page=2&take=5";
    assert_eq!(listed(&server, query).await.0, both[5..10]);
    let descending: Vec<i64> = both.iter().rev().copied().collect();
    let query = "attendeeEmail=a@x.org&attendeeEmail=b@x.org&sortBy=createdAt&order=desc";
    assert_eq!(listed(&server, query).await.0, descending);
    let odd: Vec<i64> = (1..=30).filter(|id| id % 2 == 1).collect();
    assert_eq!(listed(&server, "userId=1&userId=7").await.0, odd);
}

#[tokio::test]
async fn a_service_that_repeats_a_page_for_ever_ends_the_list() {
    let server = MockServer::start().await;
    let template = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
    let data: Vec<Value> = (1..=3).chain(2..=4).map(|id| booking(&template, id)).collect();
    let pagination = json!({"totalItems": 1_000_000, "returnedItems": 6, "hasNextPage": true});
    let body = json!({"status": "success", "data": data, "pagination": pagination});
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    assert_eq!(listed(&server, "").await, (vec![1, 2, 3, 4], 2));
}
