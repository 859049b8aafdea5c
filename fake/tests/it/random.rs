//! Random sequences of valid requests, after which the invariants hold.
//!
//! The invariants leave out known gaps of the service: a confirmation checks neither other bookings nor the status of its
//! own; only the first occurrence of a series is checked against overlapping bookings; of concurrent requests, only those
//! with equal times exclude each other.

use std::collections::{BTreeMap, BTreeSet};

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{Change, FakeCalcom, Latency};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{runtime::Builder, task::JoinSet};

use super::{create, get, send};

/// A step of a sequence. Numbers select among the existing bookings.
#[derive(Debug, Clone)]
enum Step {
    Book { event: i64, length: usize, slot: usize, who: usize },
    Move { which: usize, slot: usize, by_host: bool },
    Cancel { which: usize, seat: bool },
    Confirm { which: usize },
    Decline { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..40usize;
    prop_oneof![
        6 => (1..=5i64, 0..3usize, 0..20usize, 0..4usize)
            .prop_map(|(event, length, slot, who)| Step::Book { event, length, slot, who }),
        3 => (which.clone(), 0..20usize, any::<bool>()).prop_map(|(which, slot, by_host)| Step::Move { which, slot, by_host }),
        2 => (which.clone(), any::<bool>()).prop_map(|(which, seat)| Step::Cancel { which, seat }),
        1 => which.clone().prop_map(|which| Step::Confirm { which }),
        1 => which.prop_map(|which| Step::Decline { which }),
    ]
}

/// The start of a slot: half hours of two days in the host's hours.
fn start(slot: usize) -> String {
    format!("2026-12-0{}T{:02}:{}0:00Z", 1 + slot / 10, 9 + slot % 10 / 2, slot % 2 * 3)
}

/// A booking in a response, with its seat.
#[derive(Debug, Clone)]
struct KnownBooking {
    uid: String,
    seat: Option<String>,
}

/// The request of a step. `None` if it needs a booking and there is none.
fn request(fake: &FakeCalcom, known: &[KnownBooking], step: &Step) -> Option<RawRequest> {
    let chosen = |which: usize| known.get(which % known.len().max(1));
    let of = |which: usize, action: &str, by_host: bool, body: Value| {
        let call =
            RawRequest::new("POST", &format!("/v2/bookings/{}/{action}", chosen(which)?.uid)).version("2024-08-13");
        Some(if by_host { call.key(&fake.api_key()) } else { call }.json(&body))
    };
    match *step {
        Step::Book { event: 5, length, slot, who } => {
            let body = json!({ "start": start(slot), "eventTypeId": 5, "lengthInMinutes": LENGTHS[length],
                "attendee": { "name": "Ada", "email": email(who), "timeZone": "UTC" } });
            Some(RawRequest::new("POST", "/v2/bookings").key(&fake.api_key()).version("2024-08-13").json(&body))
        }
        Step::Book { event, slot, who, .. } => Some(create(fake, event, &email(who), &start(slot))),
        Step::Move { which, slot, by_host } => {
            let mut body = json!({ "start": start(slot) });
            if let Some(seat) = &chosen(which)?.seat {
                body["seatUid"] = seat.as_str().into();
            }
            of(which, "reschedule", by_host, body)
        }
        Step::Cancel { which, seat } => {
            let mut body = json!({ "cancellationReason": "so it goes" });
            if let Some(seat) = chosen(which)?.seat.as_ref().filter(|_| seat) {
                body["seatUid"] = seat.as_str().into();
            }
            of(which, "cancel", true, body)
        }
        Step::Confirm { which } => of(which, "confirm", true, json!({})),
        Step::Decline { which } => of(which, "decline", true, json!({})),
    }
}

/// Whether the step confirms a cancelled or rescheduled booking, which the service allows.
async fn is_revival(fake: &FakeCalcom, known: &[KnownBooking], step: &Step) -> bool {
    let (Step::Confirm { which } | Step::Decline { which }) = step else { return false };
    let (_, booking) = get(fake, &format!("/v2/bookings/{}", known[which % known.len()].uid)).await;
    booking["data"]["status"] == "cancelled"
}

/// The lengths of the event type with several lengths.
const LENGTHS: [i64; 3] = [15, 30, 60];

fn email(who: usize) -> String {
    format!("guest{who}@example.org")
}

/// Adds the bookings of a response.
fn add_bookings(known: &mut Vec<KnownBooking>, answer: &Value) {
    let one = std::slice::from_ref(&answer["data"]);
    for booking in answer["data"].as_array().map_or(one, Vec::as_slice) {
        if let Some(uid) = booking["uid"].as_str() {
            let seat = booking["seatUid"].as_str().map(str::to_owned);
            known.push(KnownBooking { uid: uid.to_owned(), seat });
        }
    }
}

async fn everything(fake: &FakeCalcom) -> Vec<Value> {
    let (_, list) = get(fake, "/v2/bookings?take=250").await;
    assert_eq!(list["pagination"]["hasNextPage"], false);
    list["data"].as_array().unwrap().clone()
}

fn span(booking: &Value) -> (jiff::Timestamp, jiff::Timestamp) {
    let at = |name: &str| booking[name].as_str().unwrap().parse().unwrap();
    (at("start"), at("end"))
}

fn overlap(one: &Value, other: &Value) -> bool {
    let ((a, b), (c, d)) = (span(one), span(other));
    a < d && c < b
}

/// Checks the history: a booking that was accepted after a check overlaps no booking that was accepted before.
fn accepted_bookings_do_not_overlap(fake: &FakeCalcom, bookings: &[Value]) -> Result<(), TestCaseError> {
    let (ledger, requests) = (fake.ledger(), fake.requests());
    let by_host = |number: u64| requests.iter().any(|r| r.number == number && r.header("authorization").is_some());
    let by_uid: BTreeMap<&str, &Value> = bookings.iter().map(|b| (b["uid"].as_str().unwrap(), b)).collect();
    let mut accepted: BTreeSet<String> = BTreeSet::new();
    for entry in ledger.entries() {
        for (at, change) in entry.changes().enumerate() {
            // The accepted booking, and whether it was checked against others.
            let (uid, was_checked) = match change {
                Change::Booked { seat_uid: Some(_), uid, .. } if accepted.contains(uid) => continue,
                Change::Booked { uid, .. } => (uid, at == 0),
                Change::Rescheduled { from, to } => {
                    if by_uid[from.as_str()]["status"] == "cancelled" {
                        accepted.remove(from);
                    }
                    if accepted.contains(to) {
                        continue;
                    }
                    (to, true)
                }
                Change::Confirmed { uid } => (uid, false),
                Change::Cancelled { uid } | Change::Declined { uid } => {
                    accepted.remove(uid);
                    continue;
                }
                Change::SeatCancelled { uid, .. } => {
                    if by_uid[uid.as_str()]["status"] == "cancelled" {
                        accepted.remove(uid);
                    }
                    continue;
                }
                _ => continue,
            };
            // A rescheduled seat is not checked against its old booking, although that one still has seats.
            let left = match change {
                Change::Rescheduled { from, .. } => Some(from),
                _ => None,
            };
            let booking = by_uid[uid.as_str()];
            // A booking that needs confirmation is pending, unless the host rescheduled it.
            let stands = match change {
                Change::Confirmed { .. } => true,
                Change::Rescheduled { .. } => by_host(entry.request),
                _ => false,
            };
            if booking["eventTypeId"] == 2 && !stands {
                continue;
            }
            if was_checked {
                for other in accepted.iter().filter(|other| Some(*other) != left) {
                    let other = by_uid[other.as_str()];
                    prop_assert!(!overlap(booking, other), "{entry}:\n{booking:#}\noverlaps\n{other:#}");
                }
            }
            accepted.insert(uid.clone());
        }
    }
    Ok(())
}

fn seats_suffice(bookings: &[Value]) -> Result<(), TestCaseError> {
    for booking in bookings.iter().filter(|booking| booking["eventTypeId"] == 3) {
        let attendees = booking["attendees"].as_array().unwrap();
        prop_assert!(attendees.len() <= 3, "{booking:#}");
        let seats: BTreeSet<&str> = attendees.iter().map(|attendee| attendee["seatUid"].as_str().unwrap()).collect();
        prop_assert_eq!(seats.len(), attendees.len());
    }
    Ok(())
}

/// Each booking has at most one predecessor and one successor, which refer to each other.
fn lineage_is_a_chain(bookings: &[Value]) -> Result<(), TestCaseError> {
    let mut successor: BTreeMap<&str, &str> = BTreeMap::new();
    for booking in bookings {
        let uid = booking["uid"].as_str().unwrap();
        if let Some(from) = booking["rescheduledFromUid"].as_str() {
            prop_assert!(successor.insert(from, uid).is_none(), "{from} has two successors");
        }
    }
    for booking in bookings {
        let uid = booking["uid"].as_str().unwrap();
        if let Some(to) = booking["rescheduledToUid"].as_str() {
            prop_assert_eq!(successor.get(uid), Some(&to));
            prop_assert_eq!(&booking["status"], "cancelled");
        }
        // The chain has no loop.
        let mut at = uid;
        for _ in 0..=bookings.len() {
            match successor.get(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        prop_assert!(!successor.contains_key(at), "{uid} is its own successor");
    }
    Ok(())
}

/// A successful request has changes in the ledger, and a rejected one has none.
fn responses_match_changes(fake: &FakeCalcom) -> Result<(), TestCaseError> {
    let ledger = fake.ledger();
    for request in fake.requests().iter().filter(|request| request.method == "POST") {
        let succeeded = request.status.is_some_and(|status| status < 300);
        let changed = ledger.entry(request.number).is_some();
        // A series with a taken time keeps its first rows; an identical pending booking is returned again.
        let series = request.status == Some(409) && request.body["eventTypeId"] == 4;
        let found = succeeded && request.body["eventTypeId"] == 2;
        prop_assert!(succeeded == changed || series || found, "{request:?}");
        prop_assert!(request.status.is_some_and(|status| status < 500), "{request:?}");
    }
    Ok(())
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(work)
}

async fn unlimited() -> FakeCalcom {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_rate_limits(Vec::new());
    fake
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_after_the_other(steps in proptest::collection::vec(step(), 1..40)) {
        in_runtime(async {
            let fake = unlimited().await;
            let mut known = Vec::new();
            for step in &steps {
                let Some(call) = request(&fake, &known, step) else { continue };
                if is_revival(&fake, &known, step).await {
                    continue;
                }
                let (status, answer) = send(&fake, call).await;
                if status == 201 {
                    add_bookings(&mut known, &answer);
                }
            }
            let bookings = everything(&fake).await;
            accepted_bookings_do_not_overlap(&fake, &bookings)?;
            seats_suffice(&bookings)?;
            lineage_is_a_chain(&bookings)?;
            responses_match_changes(&fake)
        })?;
    }

    /// Concurrent bookings of one length.
    #[test]
    fn all_at_once(steps in proptest::collection::vec((0..6usize, 0..4usize, 0..600u64), 2..24)) {
        in_runtime(async {
            let fake = unlimited().await;
            fake.set_latency(Latency::recorded());
            let mut tasks = JoinSet::new();
            for (slot, who, after) in steps.clone() {
                let (call, address) = (create(&fake, 1, &email(who), &start(slot)), fake.address());
                tasks.spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(after)).await;
                    call.send(address).await.unwrap().status
                });
            }
            let told = tasks.join_all().await;
            let bookings = everything(&fake).await;
            let wanted: BTreeSet<usize> = steps.iter().map(|(slot, ..)| *slot).collect();
            prop_assert_eq!(bookings.len(), wanted.len(), "one for each time that somebody wanted");
            prop_assert_eq!(told.iter().filter(|status| **status == 201).count(), wanted.len());
            for (at, one) in bookings.iter().enumerate() {
                prop_assert!(bookings[at + 1..].iter().all(|other| !overlap(one, other)));
            }
            responses_match_changes(&fake)
        })?;
    }
}
