//! Overlapping requests: the measured windows in which they create duplicates, and in which a booking is visible before its
//! response (recordings `once-*`).

use std::{collections::BTreeSet, time::Duration};

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{Change, FakeCalcom, Fault, Latency, ResetPoint, ResponseOutcome};
use serde_json::{Value, json};

use super::{create, get, post};

/// Event types of the recorded server.
const PLAIN: i64 = 1;
const PENDING: i64 = 2;
const SEATED: i64 = 3;
const WEEKLY: i64 = 4;

const NINE: &str = "2026-12-01T09:00:00Z";

/// A fake with the measured latency. The weekly event type that needs confirmation has id 10.
async fn idle_server() -> FakeCalcom {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded());
    fake
}

async fn at(call: RawRequest, fake: &FakeCalcom, millis: u64) -> (u16, Value) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    let answer = call.send(fake.address()).await.unwrap();
    (answer.status, answer.json())
}

/// Sends a request twice, the second `lag` milliseconds after the first.
async fn twice(fake: &FakeCalcom, call: &RawRequest, lag: u64) -> [(u16, Value); 2] {
    tokio::join!(at(call.clone(), fake, 0), at(call.clone(), fake, lag)).into()
}

fn statuses(answers: &[(u16, Value); 2]) -> [u16; 2] {
    [answers[0].0, answers[1].0]
}

/// The active bookings that the host sees.
async fn live(fake: &FakeCalcom) -> Vec<Value> {
    let (_, list) = get(fake, "/v2/bookings?take=250").await;
    let list = list["data"].as_array().unwrap().clone();
    list.into_iter().filter(|booking| booking["status"] == "accepted" || booking["status"] == "pending").collect()
}

#[tokio::test(start_paused = true)]
async fn overlapping_requests_never_duplicate_a_plain_booking() {
    for lag in [0, 10, 30, 50, 100, 250, 400] {
        let fake = idle_server().await;
        let answers = twice(&fake, &create(&fake, PLAIN, "ada@example.org", NINE), lag).await;
        let told = statuses(&answers);
        assert!(told[0] == 201 && (told[1] == 409 || told[1] == 400), "{lag} ms apart: {told:?}");
        assert_eq!(live(&fake).await.len(), 1, "{lag} ms apart");
        let message = answers[1].1.to_string();
        let words =
            if told[1] == 409 { "booking_conflict_error" } else { "User either already has booking at this time" };
        assert!(message.contains(words), "{message}");
        // With a longer lag, the first booking is already visible at the check.
        assert_eq!(told[1], if lag < 40 { 409 } else { 400 }, "{lag} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn an_overlapping_request_duplicates_a_pending_booking_and_a_later_one_finds_it() {
    for lag in [0, 10, 30, 50] {
        let fake = idle_server().await;
        let answers = twice(&fake, &create(&fake, PENDING, "ada@example.org", NINE), lag).await;
        assert_eq!(statuses(&answers), [201, 201], "{lag} ms apart");
        assert_ne!(answers[0].1["data"]["uid"], answers[1].1["data"]["uid"], "{lag} ms apart");
        assert_eq!(live(&fake).await.len(), 2, "{lag} ms apart");
    }
    for lag in [100, 250, 1_000] {
        let fake = idle_server().await;
        let answers = twice(&fake, &create(&fake, PENDING, "ada@example.org", NINE), lag).await;
        assert_eq!(statuses(&answers), [201, 201], "{lag} ms apart");
        assert_eq!(answers[0].1["data"]["uid"], answers[1].1["data"]["uid"], "{lag} ms apart");
        assert_eq!(live(&fake).await.len(), 1, "{lag} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn an_overlapping_request_duplicates_a_seat_beside_others() {
    for (lag, seats) in [(0, 3), (20, 3), (80, 2), (120, 2)] {
        let fake = idle_server().await;
        assert_eq!(at(create(&fake, SEATED, "other@example.org", NINE), &fake, 0).await.0, 201);
        let answers = twice(&fake, &create(&fake, SEATED, "ada@example.org", NINE), lag).await;
        let second = if seats == 3 { 201 } else { 409 };
        assert_eq!(statuses(&answers), [201, second], "{lag} ms apart");
        if seats == 2 {
            assert_eq!(answers[1].1["message"], "already_signed_up_for_this_booking_error", "{lag} ms apart");
        }
        let bookings = live(&fake).await;
        assert_eq!(bookings.len(), 1);
        assert_eq!(bookings[0]["attendees"].as_array().unwrap().len(), seats, "{lag} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn overlapping_requests_do_not_duplicate_the_first_seat_of_a_slot() {
    for lag in [0, 10, 30, 60, 300] {
        let fake = idle_server().await;
        let answers = twice(&fake, &create(&fake, SEATED, "ada@example.org", NINE), lag).await;
        let told = statuses(&answers);
        assert!(told[0] == 201 && (told[1] == 409 || told[1] == 400), "{lag} ms apart: {told:?}");
        let bookings = live(&fake).await;
        assert_eq!((bookings.len(), bookings[0]["attendees"].as_array().unwrap().len()), (1, 1), "{lag} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn a_series_is_made_once() {
    for lag in [0, 30, 80, 300, 1_500] {
        let fake = idle_server().await;
        let answers = twice(&fake, &create(&fake, WEEKLY, "ada@example.org", NINE), lag).await;
        let told = statuses(&answers);
        assert!(told[0] == 201 && (told[1] == 409 || told[1] == 400), "{lag} ms apart: {told:?}");
        let series: BTreeSet<String> =
            live(&fake).await.iter().map(|row| row["recurringBookingUid"].as_str().unwrap().to_owned()).collect();
        assert_eq!((series.len(), live(&fake).await.len()), (1, 4), "{lag} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn a_series_that_waits_for_the_host_gets_further_rows_even_when_it_overlaps_late() {
    for (lag, further) in [(0, true), (50, true), (300, true), (5_000, false)] {
        let fake = idle_server().await;
        let both = json!({ "lengthInMinutes": 30, "title": "Both", "slug": "both", "minimumBookingNotice": 0,
            "recurrence": { "frequency": "weekly", "interval": 1, "occurrences": 4 },
            "confirmationPolicy": { "type": "always", "blockUnconfirmedBookingsInBooker": false } });
        let made = RawRequest::new("POST", "/v2/event-types").key(&fake.api_key()).version("2024-06-14").json(&both);
        let id = made.send(fake.address()).await.unwrap().json()["data"]["id"].as_i64().unwrap();
        let answers = twice(&fake, &create(&fake, id, "ada@example.org", NINE), lag).await;
        assert_eq!(statuses(&answers), [201, 201], "{lag} ms apart");
        let rows = live(&fake).await.len();
        assert!(if further { (5..=8).contains(&rows) } else { rows == 4 }, "{lag} ms apart: {rows} rows");
        if !further {
            let uids = |answer: &Value| -> Vec<Value> {
                answer["data"].as_array().unwrap().iter().map(|row| row["uid"].clone()).collect()
            };
            assert_eq!(uids(&answers[0].1), uids(&answers[1].1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_series_that_meets_a_taken_time_leaves_the_rows_before_it() {
    let fake = idle_server().await;
    assert_eq!(at(create(&fake, PLAIN, "other@example.org", "2026-12-15T09:00:00Z"), &fake, 0).await.0, 201);
    let (status, body) = at(create(&fake, WEEKLY, "ada@example.org", NINE), &fake, 0).await;
    assert_eq!((status, body["message"].as_str()), (409, Some("booking_conflict_error")));
    assert_eq!(live(&fake).await.len(), 1 + 2);
    assert_eq!(
        at(create(&fake, WEEKLY, "ada@example.org", NINE), &fake, 0).await.0,
        400,
        "its own torso is in the way"
    );
    // The client received an error although two rows were created. The ledger has them.
    let ledger = fake.ledger();
    let entry = ledger.entry(2).unwrap();
    assert_eq!((entry.changes().count(), entry.response), (2, ResponseOutcome::Complete(409)));
}

#[tokio::test(start_paused = true)]
async fn only_the_first_occurrence_of_a_series_is_checked() {
    let fake = idle_server().await;
    assert_eq!(at(create(&fake, 7, "other@example.org", NINE), &fake, 0).await.0, 400, "a field is missing");
    // An hour from 08:30 overlaps and is not equal.
    let other = create(&fake, SEATED, "other@example.org", "2026-12-15T08:30:00Z");
    assert_eq!(at(other, &fake, 0).await.0, 201);
    assert_eq!(at(create(&fake, WEEKLY, "ada@example.org", NINE), &fake, 0).await.0, 201);
    assert_eq!(live(&fake).await.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_booking_is_seen_before_its_answer_comes_and_not_at_once() {
    let fake = idle_server().await;
    let client = create(&fake, PLAIN, "ada@example.org", NINE);
    let sent = tokio::time::Instant::now();
    let answered = async {
        assert_eq!(at(client, &fake, 0).await.0, 201);
        sent.elapsed()
    };
    let seen = async {
        while live(&fake).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        sent.elapsed()
    };
    let (answered, seen) = tokio::join!(answered, seen);
    assert!(seen > Duration::from_millis(200) && seen < answered, "seen after {seen:?}, answered after {answered:?}");
    assert!(answered - seen >= Duration::from_millis(20) && answered - seen <= Duration::from_millis(69));
}

#[tokio::test(start_paused = true)]
async fn a_series_is_seen_row_by_row() {
    let fake = idle_server().await;
    let making = at(create(&fake, WEEKLY, "ada@example.org", NINE), &fake, 0);
    let looking = async {
        let mut seen = BTreeSet::new();
        while seen.last() != Some(&4) {
            seen.insert(live(&fake).await.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        seen
    };
    let ((status, _), seen) = tokio::join!(making, looking);
    assert_eq!((status, seen), (201, BTreeSet::from([0, 1, 2, 3, 4])));
}

#[tokio::test(start_paused = true)]
async fn a_create_is_completed_after_its_connection_is_closed() {
    for event in [PLAIN, PENDING, SEATED, WEEKLY] {
        let fake = idle_server().await;
        fake.fault(Fault::reset(ResetPoint::InFlight).on("create_booking"));
        assert!(create(&fake, event, "ada@example.org", NINE).send(fake.address()).await.is_err());
        assert_eq!(live(&fake).await.len(), 0, "a look right after it finds nothing");
        fake.idle().await;
        let rows = if event == WEEKLY { 4 } else { 1 };
        assert_eq!(live(&fake).await.len(), rows);
        let ledger = fake.ledger();
        assert_eq!((ledger.unconfirmed().count(), ledger.changes().count()), (1, rows), "{ledger}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_cancelled_or_declined_meanwhile_is_booked_anew() {
    let fake = idle_server().await;
    let again = |event| create(&fake, event, "ada@example.org", NINE);
    let (_, plain) = at(again(PLAIN), &fake, 0).await;
    let uid = plain["data"]["uid"].as_str().unwrap();
    let reason = json!({ "cancellationReason": "ill" });
    assert_eq!(post(&fake, &format!("/v2/bookings/{uid}/cancel"), &reason).await.0, 200);
    let (status, second) = at(again(PLAIN), &fake, 0).await;
    assert_eq!(status, 201);
    assert_ne!(second["data"]["uid"], plain["data"]["uid"]);

    let ten = create(&fake, PENDING, "ada@example.org", "2026-12-01T10:00:00Z");
    let (_, pending) = at(ten.clone(), &fake, 0).await;
    let uid = pending["data"]["uid"].as_str().unwrap();
    assert_eq!(post(&fake, &format!("/v2/bookings/{uid}/decline"), &json!({})).await.0, 200);
    let (status, second) = at(ten.clone(), &fake, 0).await;
    assert_eq!(status, 201);
    assert_ne!(second["data"]["uid"], pending["data"]["uid"]);
    let uid = second["data"]["uid"].as_str().unwrap();
    assert_eq!(post(&fake, &format!("/v2/bookings/{uid}/confirm"), &json!({})).await.0, 200);
    assert_eq!(at(ten, &fake, 0).await.0, 400, "confirmed meanwhile");
}

/// Reschedules a booking twice concurrently, as its host or as its booker.
async fn moved_twice(event: i64, by_host: bool, lag: u64) -> ([(u16, Value); 2], usize) {
    let fake = idle_server().await;
    let (_, booked) = at(create(&fake, event, "ada@example.org", NINE), &fake, 0).await;
    let uid = booked["data"]["uid"].as_str().unwrap();
    let mut call = RawRequest::new("POST", &format!("/v2/bookings/{uid}/reschedule"))
        .version("2024-08-13")
        .json(&json!({ "start": "2026-12-01T12:00:00Z" }));
    if by_host {
        call = call.key(&fake.api_key());
    }
    (twice(&fake, &call, lag).await, live(&fake).await.len())
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_reschedules_of_the_host_reschedule_once() {
    for lag in [0, 30, 100, 500] {
        let (answers, live) = moved_twice(PLAIN, true, lag).await;
        let told = statuses(&answers);
        assert!(told[0] == 201 && (told[1] == 409 || told[1] == 400), "{lag} ms apart: {told:?}");
        assert_eq!(live, 1, "{lag} ms apart");
    }
    let (answers, _) = moved_twice(PLAIN, true, 500).await;
    let message = answers[1].1["error"]["message"].as_str().unwrap();
    assert!(message.contains("has been cancelled and rescheduled already to booking with uid="), "{message}");
}

#[tokio::test(start_paused = true)]
async fn concurrent_reschedules_of_a_pending_booking_by_a_guest_duplicate_it() {
    for (lag, live) in [(0, 2), (30, 2), (400, 1)] {
        let (answers, found) = moved_twice(PENDING, false, lag).await;
        assert_eq!(found, live, "{lag} ms apart: {:?}", statuses(&answers));
    }
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_reschedules_of_a_seat_reschedule_it_once() {
    for lag in [0, 30, 500] {
        let fake = idle_server().await;
        at(create(&fake, SEATED, "other@example.org", NINE), &fake, 0).await;
        let (_, booked) = at(create(&fake, SEATED, "ada@example.org", NINE), &fake, 0).await;
        let (uid, seat) = (booked["data"]["uid"].as_str().unwrap(), booked["data"]["seatUid"].clone());
        let call = RawRequest::new("POST", &format!("/v2/bookings/{uid}/reschedule"))
            .version("2024-08-13")
            .key(&fake.api_key())
            .json(&json!({ "start": "2026-12-01T12:00:00Z", "seatUid": seat }));
        let answers = twice(&fake, &call, lag).await;
        assert_eq!(statuses(&answers), [201, 404], "{lag} ms apart");
        let seats: usize = live(&fake).await.iter().map(|b| b["attendees"].as_array().unwrap().len()).sum();
        assert_eq!(seats, 2, "{lag} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_cancellations_both_succeed_and_cancel_once() {
    for (lag, second) in [(0, 200), (50, 200), (400, 400)] {
        let fake = idle_server().await;
        let (_, booked) = at(create(&fake, PLAIN, "ada@example.org", NINE), &fake, 0).await;
        let uid = booked["data"]["uid"].as_str().unwrap();
        let call = RawRequest::new("POST", &format!("/v2/bookings/{uid}/cancel"))
            .version("2024-08-13")
            .key(&fake.api_key())
            .json(&json!({ "cancellationReason": "ill" }));
        assert_eq!(statuses(&twice(&fake, &call, lag).await), [200, second], "{lag} ms apart");
        fake.expect_cancelled(1);
        let cancelled = fake.ledger().changes().filter(|change| matches!(change, Change::Cancelled { .. })).count();
        assert_eq!(cancelled, 1);
    }
}

#[tokio::test]
async fn the_time_of_a_write_is_measured_by_the_fakes_clock() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded().scaled(1_000));
    let call = create(&fake, PLAIN, "ada@example.org", NINE);
    let address = fake.address();
    let booking = tokio::spawn(async move { call.send(address).await.unwrap().status });
    // The latency is four and a half minutes by the fake's clock.
    while !booking.is_finished() {
        fake.clock().advance(Duration::from_secs(10));
        tokio::task::yield_now().await;
    }
    assert_eq!(booking.await.unwrap(), 201);
}
