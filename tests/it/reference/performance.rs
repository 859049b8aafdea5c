//! Performance metrics.

use std::time::{Duration, Instant};

use calcom::{
    ApiKey, Client, Error,
    facade::EventTypeFilter,
    model::{CancelBooking, CreateBooking, SlotQuery},
};
use calcom_fake::{FakeCalcom, FakeRateLimit};

use super::{answering, differs, holds};

const ME: &str = include_str!("me.json");

/// The fastest of a few: the machine may have other things to do.
async fn fastest(act: impl AsyncFn(usize)) -> Duration {
    let mut fastest = Duration::MAX;
    for n in 0..3 {
        let began = Instant::now();
        act(n).await;
        fastest = fastest.min(began.elapsed());
    }
    fastest
}

async fn fake() -> (FakeCalcom, Client) {
    let fake = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).start().await;
    let client = Client::builder().api_url(fake.url()).credentials(ApiKey::new(fake.api_key())).build().unwrap();
    (fake, client)
}

fn booking(n: usize) -> CreateBooking {
    let start = format!("2026-11-23T1{n}:00:00Z").parse().unwrap();
    CreateBooking::new(1, start, "John Doe", "john@example.com")
}

#[tokio::test]
async fn response_times_event_types_out_of_the_cache() {
    holds("Response Times");
    let (_fake, client) = fake().await;
    client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    let took = fastest(async |_| drop(client.event_types().list(&EventTypeFilter::default()).await.unwrap())).await;
    assert!(took < Duration::from_millis(200), "{took:?}");
}

#[tokio::test]
async fn response_times_the_crate_adds_little_to_the_services() {
    differs("Response Times", "response-times");
    let (_fake, client) = fake().await;
    let client = client.bypass_cache();
    let day = SlotQuery::new(1, "2026-11-23T00:00:00Z".parse().unwrap(), "2026-11-23T23:59:59Z".parse().unwrap());
    let slots = fastest(async |_| drop(client.slots().list(&day).await.unwrap())).await;
    let create = fastest(async |n| drop(client.bookings().create(&booking(n)).await.unwrap())).await;
    let booked = client.bookings().list(&Default::default()).await.unwrap().items;
    let cancel = fastest(async |n| {
        drop(client.bookings().cancel(&booked[n].uid, &CancelBooking::with_reason("ill")).await.unwrap());
    })
    .await;
    let took = [slots, create, cancel].map(|took| took.as_millis());
    assert!(took[0] < 500 && took[1] < 1000 && took[2] < 300, "{took:?}");
}

/// How many calls one after the other are let go without waiting.
async fn let_go(client: &Client, wanted: usize) -> (usize, Option<Error>) {
    let client = client.wait_for_quota(false).bypass_cache();
    for n in 0..wanted {
        if let Err(error) = client.me().get().await {
            return (n, Some(error));
        }
    }
    (wanted, None)
}

#[tokio::test]
async fn rate_limits_never_more_than_150_in_any_60_s() {
    holds("Rate Limits");
    let (server, client) = answering(ME).await;
    let (sent, error) = let_go(&client, 200).await;
    assert_eq!((sent, server.received_requests().await.unwrap().len()), (150, 150));
    assert!(matches!(error, Some(Error::RateLimit(_))));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(55)).await;
    tokio::time::resume();
    assert_eq!(let_go(&client, 1).await.0, 0, "the minute is not over");
}

#[tokio::test]
async fn rate_limits_100_a_minute_are_sustained() {
    holds("Rate Limits");
    let (server, client) = answering(ME).await;
    let mut sent = 0;
    // Four minutes, asked for more at every second.
    for _ in 0..240 {
        sent += let_go(&client, 200).await.0;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::time::resume();
    }
    assert!((400..=460).contains(&sent), "{sent}");
    assert_eq!(server.received_requests().await.unwrap().len(), sent);
}

#[tokio::test]
async fn rate_limits_what_the_service_tells_wins() {
    differs("Rate Limits", "quota-told");
    let (fake, client) = fake().await;
    fake.set_rate_limits(vec![FakeRateLimit::new("default", 7, Duration::from_secs(60))]);
    assert_eq!(let_go(&client, 200).await.0, 7);
}

#[tokio::test(start_paused = true)]
async fn rate_limits_of_an_endpoint_apply_to_it_alone() {
    holds("Rate Limits");
    use crate::support::socket;
    let told = [
        ("x-ratelimit-limit-booking_location_update", "5"),
        ("x-ratelimit-remaining-booking_location_update", "0"),
        ("x-ratelimit-reset-booking_location_update", "60"),
    ];
    let booking = include_str!("booking.json");
    let service = socket::Service::answering([socket::json(200, &told, booking), socket::json(200, &[], ME)]).await;
    let client = service.client().wait_for_quota(false);
    let place = calcom::model::Location::new("attendeeAddress", "123 Main St");
    client.bookings().update_location("abc-def-ghi", &place).await.unwrap();
    let refused = client.bookings().update_location("abc-def-ghi", &place).await.unwrap_err();
    assert!(matches!(refused, Error::RateLimit(_)));
    assert_eq!(client.me().get().await.unwrap().id.0, 12345);
}
