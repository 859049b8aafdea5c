//! Chains of reschedules: followed to their end, round a loop once, and so far and no further.

use std::time::Duration;

use calcom::{
    ApiKey, Client, Config,
    model::{CancelBooking, CreateBooking, RescheduleBooking},
    service::{Appointment, Outcome, Problem, Service},
};
use serde_json::json;

use crate::support::socket;

/// A server of bookings `u0`, `u1` ... of which each but the last was moved to the next. The last stands, unless it `leads_to`
/// another.
async fn chain(links: u64, leads_to: Option<u64>) -> socket::Service {
    let answer = move |request: &socket::Received| {
        let listed = request.line.starts_with("GET /v2/bookings?");
        let line = if listed { "/u0" } else { &*request.line };
        let uid = line.split(['/', ' ', '?']).find(|part| part.starts_with('u') && part.len() > 1);
        let Some(id) = uid.and_then(|uid| uid[1..].parse::<u64>().ok()) else {
            return socket::json(404, &[], "{}");
        };
        let next = if id < links { Some(id + 1) } else { leads_to };
        let status = if next.is_some() { "cancelled" } else { "accepted" };
        let day = |id: u64| format!("2030-01-{:02}T", id % 28 + 1);
        let mut booking = json!({
            "id": id, "uid": format!("u{id}"), "title": "t", "status": status, "hosts": [], "duration": 30,
            "start": day(id) + "09:00:00Z", "end": day(id) + "09:30:00Z", "eventTypeId": 1, "absentHost": false,
            "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "absent": false}],
            "metadata": {"idempotencyKey": "k"}, "location": null,
            "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z",
        });
        if let Some(next) = next {
            booking["rescheduledToUid"] = json!(format!("u{next}"));
        }
        if let Some(before) = id.checked_sub(1).or(leads_to.map(|_| links)) {
            booking["rescheduledFromUid"] = json!(format!("u{before}"));
        }
        let body = if listed {
            json!({ "status": "success", "data": [booking], "pagination": {
                "returnedItems": 1, "totalItems": 1, "itemsPerPage": 100, "remainingItems": 0, "currentPage": 1,
                "totalPages": 1, "hasNextPage": false, "hasPreviousPage": false } })
        } else {
            json!({ "status": "success", "data": booking })
        };
        socket::json(200, &[], body.to_string())
    };
    socket::Service::serving_after(Duration::ZERO, answer).await
}

fn service(server: &socket::Service) -> Service {
    let mut config = Config::default();
    config.api_url = server.url();
    config.rate_limit.per_minute = Some(1_000_000);
    config.cache.enabled = false;
    let client = Client::builder().config(config).credentials(ApiKey::new("cal_test_x")).build().unwrap();
    Service::new(client).with_deadline(Duration::from_secs(60))
}

fn elsewhere() -> RescheduleBooking {
    RescheduleBooking::to("2031-01-01T09:00:00Z".parse().unwrap())
}

/// What is sent that is no look.
fn writes(server: &socket::Service) -> Vec<String> {
    let lines = server.requests().into_iter().map(|request| request.line);
    lines.filter(|line| !line.starts_with("GET ")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_a_hundred_reschedules_is_followed_to_the_current_booking() {
    let server = chain(100, None).await;
    let history = service(&server).reschedule_history("u0").await.unwrap();
    assert_eq!((history.current.uid.as_str(), history.previous.len()), ("u100", 100));
    assert!(history.is_complete);
    assert_eq!(server.requests().len(), 101, "each is read once");
    let confirmed = service(&server).confirm("u0").await.done().unwrap();
    assert!(confirmed.already_done && confirmed.booking.uid.as_str() == "u100");
    assert!(writes(&server).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_booking_that_was_rescheduled_more_often_is_refused_and_nothing_is_sent() {
    for what in ["cancel", "confirm", "decline", "reschedule"] {
        let server = chain(101, None).await;
        let service = service(&server);
        let problem = match what {
            "cancel" => service.cancel("u0", &CancelBooking::with_reason("x")).await.problem().cloned(),
            "confirm" => service.confirm("u0").await.problem().cloned(),
            "decline" => service.decline("u0", None).await.problem().cloned(),
            _ => service.reschedule("u0", &elsewhere()).await.problem().cloned(),
        };
        assert!(
            matches!(problem, Some(Problem::InvalidField { ref field, .. }) if field == "uid"),
            "{what}: {problem:?}"
        );
        assert_eq!(server.requests().len(), 101, "{what}");
        assert!(writes(&server).is_empty(), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_that_is_longer_says_that_it_is_not_complete() {
    let server = chain(101, None).await;
    let service = service(&server);
    let forward = service.reschedule_history("u0").await.unwrap();
    assert_eq!((forward.current.uid.as_str(), forward.is_complete), ("u100", false));
    let backward = service.reschedule_history("u101").await.unwrap();
    assert_eq!((backward.current.uid.as_str(), backward.previous.len(), backward.is_complete), ("u101", 100, false));
    assert!(service.reschedule_history("u50").await.unwrap().is_complete);
}

#[tokio::test(start_paused = true)]
async fn a_history_has_the_bookings_in_the_order_of_the_reschedules_from_any_of_them() {
    for uid in ["u0", "u2", "u4"] {
        let server = chain(4, None).await;
        let history = service(&server).reschedule_history(uid).await.unwrap();
        let uids: Vec<_> = history.uids().map(|uid| uid.as_str().to_owned()).collect();
        assert_eq!(uids, ["u0", "u1", "u2", "u3", "u4"], "{uid}");
        assert!(history.is_complete, "{uid}");
        assert_eq!(server.requests().len(), 5, "{uid}: each is read once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_begins_after_a_booking_that_was_deleted() {
    let answer = |request: &socket::Received| match request.line.as_str() {
        "GET /v2/bookings/new" => {
            let data = json!({
                "id": 2, "uid": "new", "title": "t", "status": "accepted", "hosts": [], "duration": 30, "eventTypeId": 1,
                "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "absentHost": false, "location": null,
                "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "absent": false}],
                "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z", "metadata": {},
                "rescheduledFromUid": "deleted",
            });
            socket::json(200, &[], json!({ "status": "success", "data": data }).to_string())
        }
        _ => socket::json(404, &[], "{}"),
    };
    let server = socket::Service::serving_after(Duration::ZERO, answer).await;
    let history = service(&server).reschedule_history("new").await.unwrap();
    assert_eq!((history.current.uid.as_str(), history.previous.len(), history.is_complete), ("new", 0, true));
    let lines: Vec<_> = server.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines, ["GET /v2/bookings/new", "GET /v2/bookings/deleted"]);
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_reschedules_is_read_once_and_has_no_active_booking() {
    for links in [0, 1, 2] {
        let server = chain(links, Some(0)).await;
        let service = service(&server);
        let cancelled = service.cancel("u0", &CancelBooking::with_reason("x")).await.done().unwrap();
        assert!(cancelled.already_done && cancelled.bookings.len() == 1, "{links}");
        assert!(server.requests().len() <= 4, "{links}: {}", server.requests().len());
        assert_eq!(service.confirm("u0").await.problem(), Some(&Problem::Cancelled), "{links}");
        let Outcome::NotDone(why) = service.reschedule("u0", &elsewhere()).await else { panic!("{links}") };
        assert_eq!(*why.problem(), Problem::Cancelled, "{links}");
        let before = server.requests().len();
        let history = service.reschedule_history("u0").await.unwrap();
        let mut uids: Vec<_> = history.uids().map(|uid| uid.to_string()).collect();
        let listed = uids.len();
        uids.sort();
        uids.dedup();
        assert_eq!((listed, uids.len()), (listed, usize::try_from(links).unwrap() + 1), "{links}: {uids:?}");
        assert!(server.requests().len() - before <= 7, "{links}");
        assert!(writes(&server).is_empty(), "{links}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_finds_the_current_booking_of_a_chain_and_is_unknown_if_the_chain_is_too_long() {
    let start = "2030-01-01T09:00:00Z".parse().unwrap();
    let wanted = CreateBooking::new(1, start, "A", "a@example.org");
    let ticket = Appointment::new(wanted).key("k").ticket();
    for links in [100, 101] {
        let server = chain(links, None).await;
        let service = service(&server);
        let found = service.find(&ticket).await.unwrap();
        assert_eq!(found.map(|booked| booked.moved), (links == 100).then_some(true), "{links}");
        match service.reconcile(&ticket).await {
            Outcome::Done(booked) => assert!(links == 100 && booked.moved),
            Outcome::Unknown(_) => assert_eq!(links, 101),
            Outcome::NotDone(why) => panic!("{links}: {why}"),
        }
        assert!(writes(&server).is_empty(), "{links}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_occurrence_that_two_bookings_replace_is_followed_to_the_active_one() {
    let row = |id: u64, uid: &str, status: &str, before: Option<&str>| {
        json!({
            "id": id, "uid": uid, "title": "t", "status": status, "hosts": [], "duration": 30, "eventTypeId": 1,
            "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "absentHost": false, "location": null,
            "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "absent": false}],
            "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z", "metadata": {},
            "recurringBookingUid": "series", "rescheduledFromUid": before,
        })
    };
    for duplicate_id in [2, 4] {
        let answer = move |request: &socket::Received| {
            let old = row(1, "old", "cancelled", None);
            let data = match request.line.as_str() {
                "GET /v2/bookings/old" => old,
                "GET /v2/bookings/series" => json!([
                    old,
                    row(3, "active", "accepted", Some("old")),
                    row(duplicate_id, "duplicate", "cancelled", Some("old")),
                ]),
                _ => return socket::json(404, &[], "{}"),
            };
            socket::json(200, &[], json!({"status": "success", "data": data}).to_string())
        };
        let server = socket::Service::serving_after(Duration::ZERO, answer).await;
        let history = service(&server).reschedule_history("old").await.unwrap();
        assert_eq!((history.current.uid.as_str(), history.previous.len()), ("active", 1), "{duplicate_id}");
    }
}
