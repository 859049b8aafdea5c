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

fn patient(server: &socket::Service, budget: Duration) -> Service {
    let mut config = calcom::Config::default();
    config.api_url = server.url();
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(calcom::ApiKey::new("cal_test_x")).build().unwrap();
    Service::new(client).within(budget)
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_and_a_chain_without_end_end_in_time() {
    let server = endless(Duration::from_millis(100)).await;
    let service = patient(&server, Duration::from_millis(700));
    let ticket = Appointment::new(wanted(1, TUESDAY)).key("k").ticket();
    for what in ["a key", "a ticket", "a chain", "a booking"] {
        let (began, before) = (Instant::now(), server.requests().len());
        match what {
            "a key" => assert!(matches!(service.find("k").await, Err(Error::Timeout(_)))),
            "a ticket" => assert!(matches!(service.find(&ticket).await, Err(Error::Timeout(_)))),
            "a chain" => assert!(matches!(service.lineage("uid1").await, Err(Error::Timeout(_)))),
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
