//! Every business call ends in its time, whatever it takes: the budget is an instant, not a time for each request.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use calcom::{
    Client, Error,
    service::{Appointment, Outcome, Service, Wishes},
};
use calcom_fake::{FakeCalcom, Fault};
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::time::Instant;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::method};

use super::{TUESDAY, appointment, service, settings, wanted};

/// A server whose list of bookings always has another page.
async fn endless() -> (MockServer, Service) {
    let server = MockServer::start().await;
    let number = AtomicU64::new(0);
    let page = move |request: &Request| {
        let id = number.fetch_add(1, Ordering::Relaxed) + 1;
        let booking = json!({
            "id": id, "uid": format!("uid{id}"), "title": "t", "status": "cancelled", "hosts": [], "duration": 30,
            "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "eventTypeId": 1, "absentHost": false,
            "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "absent": false}],
            "rescheduledToUid": format!("uid{}", id + 1), "metadata": {}, "createdAt": "2029-01-01T09:00:00Z",
            "updatedAt": "2029-01-01T09:00:00Z", "location": null,
        });
        let body = if request.url.path() == "/v2/bookings" {
            json!({ "status": "success", "data": [booking], "pagination": {
                "returnedItems": 1, "totalItems": 1_000_000, "itemsPerPage": 1, "remainingItems": 999_999,
                "currentPage": 1, "totalPages": 1_000_000, "hasNextPage": true, "hasPreviousPage": false } })
        } else {
            json!({ "status": "success", "data": booking })
        };
        ResponseTemplate::new(200).set_body_json(body).set_delay(Duration::from_millis(20))
    };
    Mock::given(method("GET")).respond_with(page).mount(&server).await;
    let mut config = calcom::Config::default();
    config.api_url = server.uri();
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(calcom::ApiKey::new("cal_test_x")).build().unwrap();
    (server, Service::new(client).within(Duration::from_millis(700)))
}

#[tokio::test]
async fn a_list_without_end_and_a_chain_without_end_end_in_time() {
    let (_server, service) = endless().await;
    let ticket = Appointment::new(wanted(1, TUESDAY)).key("k").ticket();
    for what in ["a key", "a ticket", "a chain", "a booking"] {
        let began = Instant::now();
        match what {
            "a key" => assert!(service.find("k").await.is_err()),
            "a ticket" => _ = service.find(&ticket).await,
            "a chain" => {
                let lineage = service.lineage("uid1").await;
                assert!(matches!(lineage, Err(Error::Timeout(_))), "{lineage:?}");
            }
            _ => assert!(!service.book(appointment(1, TUESDAY, "k")).await.is_done()),
        }
        // Far above the budget, since this is real time on a machine that may be busy; without an end it would take minutes.
        assert!(began.elapsed() < Duration::from_secs(10), "{what}: {:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_free_times_are_looked_for_no_longer_than_the_budget() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.fault(Fault::delay(Duration::from_millis(1_500)).always());
    let service = service(&fake).within(Duration::from_secs(2));
    let never = Wishes::in_zone(TimeZone::UTC).on([]).between("03:00".parse().unwrap(), "03:01".parse().unwrap());
    let began = Instant::now();
    let free = service.next_free(1, 3, &never.within_weeks(u32::MAX)).await;
    assert!(matches!(free, Err(Error::Timeout(_))), "{free:?}");
    assert!(began.elapsed() <= Duration::from_millis(2_050), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_budget_may_be_longer_than_any_clock_goes() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake).within(Duration::MAX);
    assert!(service.book(appointment(1, TUESDAY, "k").within(Duration::MAX)).await.is_done());
    assert!(service.find("k").await.unwrap().is_some());
    let progress = service.book_each([appointment(2, "2026-12-04T09:00:00Z", "l")]).within(Duration::MAX).run().await;
    assert_eq!(progress.booked, 1);
    assert!(service.next_free(1, 1, &Wishes::in_zone(TimeZone::UTC)).await.is_ok());
    let mut settings = settings(&fake);
    settings.settle = Duration::MAX;
    settings.carry_on = Duration::MAX;
    settings.reconcile_settle = Duration::MAX;
    settings.watch = Duration::MAX;
    settings.lookup = Duration::MAX;
    let service = Service::with(service.client().clone(), settings);
    assert!(service.book(appointment(2, "2026-12-02T09:00:00Z", "m")).await.is_done());
    fake.fault(Fault::reset(calcom_fake::Moment::AfterEffect).on("create_booking"));
    assert!(service.book(wanted(2, "2026-12-03T09:00:00Z")).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_task_of_a_batch_that_is_torn_down_is_reported_under_its_key_with_its_ticket() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut settings = settings(&fake);
    settings.now = std::sync::Arc::new(|| panic!("the clock of this process is broken"));
    let service = Service::with(super::client(&fake, &fake.api_key()), settings);
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
