//! Every business call ends in its time, whatever it takes: the deadline is an instant, not a time for each request.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use calcom::{
    Client, Error,
    service::{Appointment, Outcome, Service, SlotPreferences},
};
use calcom_fake::{FakeCalcom, Fault};
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::time::Instant;

use super::{TUESDAY, appointment, service, settings, wanted};
use crate::support::socket;

/// A server whose list of bookings always has another page, and whose bookings were all moved once more; each answer comes
/// after `wait`.
async fn endless(wait: Duration) -> socket::Service {
    let number = AtomicU64::new(0);
    let answer = move |request: &socket::Received| {
        let id = number.fetch_add(1, Ordering::Relaxed) + 1;
        let booking = json!({
            "id": id, "uid": format!("uid{id}"), "title": "t", "status": "cancelled", "hosts": [], "duration": 30,
            "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "eventTypeId": 1, "absentHost": false,
            "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "absent": false}],
            "rescheduledToUid": format!("uid{}", id + 1), "rescheduledFromUid": format!("from{id}"), "metadata": {},
            "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z", "location": null,
        });
        let body = if request.line.starts_with("GET /v2/bookings?") {
            json!({ "status": "success", "data": [booking], "pagination": {
                "returnedItems": 1, "totalItems": 1_000_000, "itemsPerPage": 1, "remainingItems": 999_999,
                "currentPage": 1, "totalPages": 1_000_000, "hasNextPage": true, "hasPreviousPage": false } })
        } else {
            json!({ "status": "success", "data": booking })
        };
        socket::json(200, &[], body.to_string())
    };
    socket::Service::serving_after(wait, answer).await
}

fn patient(server: &socket::Service, deadline: Duration) -> Service {
    let mut config = calcom::Config::default();
    config.api_url = server.url();
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(calcom::ApiKey::new("cal_test_x")).build().unwrap();
    let mut settings = calcom::service::Settings::default();
    settings.search_limit = 300;
    Service::with_settings(client, settings).with_deadline(deadline)
}

#[tokio::test(start_paused = true)]
async fn endless_lists_and_chains_end_at_the_deadline() {
    let server = endless(Duration::from_millis(100)).await;
    let service = patient(&server, Duration::from_millis(700));
    let ticket = Appointment::new(wanted(1, TUESDAY)).key("k").ticket();
    for what in ["a key", "a ticket", "a chain", "a booking"] {
        let (began, before) = (Instant::now(), server.requests().len());
        match what {
            "a key" => assert!(matches!(service.find("k").await, Err(Error::Timeout(_)))),
            "a ticket" => assert!(matches!(service.find(&ticket).await, Err(Error::Timeout(_)))),
            "a chain" => assert!(matches!(service.reschedule_history("uid1").await, Err(Error::Timeout(_)))),
            _ => assert!(service.book(appointment(1, TUESDAY, "k")).await.is_unknown()),
        }
        assert!(began.elapsed() <= Duration::from_millis(720), "{what}: {:?}", began.elapsed());
        let sent = server.requests().len();
        assert!(sent - before > 4, "{what}: it was at work all the while");
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(server.requests().len(), sent, "{what}: nothing is sent when the time is over");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_lists_and_chains_are_read_up_to_a_bound() {
    let server = endless(Duration::ZERO).await;
    let service = patient(&server, Duration::from_secs(3_600));
    let ticket = Appointment::new(wanted(1, TUESDAY)).key("k").ticket();
    let requests = |from: usize, what: &str| {
        server.requests().into_iter().skip(from).filter(|request| request.line.contains(what)).count()
    };
    assert!(service.find(&ticket).await.unwrap().is_none());
    assert_eq!(requests(0, "/v2/bookings?"), 40);
    let before = server.requests().len();
    assert!(service.find("k").await.unwrap().is_none());
    assert_eq!(requests(before, "/v2/bookings?"), 300);
    assert_eq!(requests(before, "take=250"), 300, "the largest page that the service gives");
    let before = server.requests().len();
    let history = service.reschedule_history("uid1").await.unwrap();
    assert_eq!(history.uids().count(), 201, "a hundred to either side");
    assert!(requests(before, "/v2/bookings/") <= 201);
}

#[tokio::test(start_paused = true)]
async fn the_search_for_free_times_ends_at_the_deadline() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.fault(Fault::delay(Duration::from_millis(1_500)).always());
    let service = service(&fake).with_deadline(Duration::from_secs(2));
    let never = SlotPreferences::in_zone(TimeZone::UTC)
        .on_weekdays([])
        .between_times("03:00".parse().unwrap(), "03:01".parse().unwrap());
    let began = Instant::now();
    let free = service.next_free(1, 3, &never.max_weeks(u32::MAX)).await;
    assert!(matches!(free, Err(Error::Timeout(_))), "{free:?}");
    assert!(began.elapsed() <= Duration::from_millis(2_050), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_search_for_free_times_is_bounded_by_ten_years_and_a_batch_runs_at_least_one_task() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake).with_deadline(Duration::from_secs(100_000));
    let never = SlotPreferences::in_zone(TimeZone::UTC)
        .on_weekdays([])
        .between_times("03:00".parse().unwrap(), "03:01".parse().unwrap());
    assert!(service.next_free(1, 1, &never.max_weeks(u32::MAX)).await.unwrap().is_empty());
    fake.expect_requests("list_slots", 520);
    let progress = service.book_each([appointment(1, TUESDAY, "k")]).concurrency(0).run().await;
    assert_eq!(progress.booked, 1);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_beyond_the_last_instant_is_accepted() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake).with_deadline(Duration::MAX);
    assert!(service.book(appointment(1, TUESDAY, "k").deadline(Duration::MAX)).await.is_done());
    assert!(service.find("k").await.unwrap().is_some());
    let progress = service.book_each([appointment(2, "2026-12-04T09:00:00Z", "l")]).deadline(Duration::MAX).run().await;
    assert_eq!(progress.booked, 1);
    assert!(service.next_free(1, 1, &SlotPreferences::in_zone(TimeZone::UTC)).await.is_ok());
    let mut settings = settings(&fake);
    settings.settling_time = Duration::MAX;
    settings.background_deadline = Duration::MAX;
    settings.reconcile_settling_time = Duration::MAX;
    settings.watch_duration = Duration::MAX;
    settings.lookup_timeout = Duration::MAX;
    let service = Service::with_settings(service.client().clone(), settings);
    assert!(service.book(appointment(2, "2026-12-02T09:00:00Z", "m")).await.is_done());
    fake.fault(Fault::reset(calcom_fake::ResetPoint::AfterEffect).on("create_booking"));
    assert!(service.book(wanted(2, "2026-12-03T09:00:00Z")).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_task_of_a_batch_that_is_aborted_is_reported_with_its_key_and_ticket() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut settings = settings(&fake);
    settings.now = std::sync::Arc::new(|| panic!("the clock of this process is broken"));
    let service = Service::with_settings(super::client(&fake, &fake.api_key()), settings);
    let mut batch = service.book_each([appointment(1, TUESDAY, "k"), appointment(2, TUESDAY, "l")]);
    let mut keys = Vec::new();
    while let Some((key, outcome)) = batch.next().await {
        let Outcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
        assert_eq!(unknown.ticket.unwrap().key, key);
        keys.push(key.to_string());
    }
    keys.sort();
    assert_eq!(keys, ["k", "l"]);
}
