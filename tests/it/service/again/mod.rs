//! The same key again: after an outcome that is not known, after a crash, from two places at once, and for something else.

mod at_once;
mod content;
mod denial;
mod ending;
mod leased;
mod proofs;
mod refusal;
mod stranger;

use std::time::Duration;

use calcom::{
    facade::BookingFilter,
    model::{Booking, BookingStatus},
    service::{IDEMPOTENCY_KEY_FIELD, Service},
};
use calcom_fake::{FakeBuilder, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Latency};

use super::{client, settings};

pub const SLUGS: [&str; 5] = ["plain", "pending", "seated", "weekly", "weekly-pending"];
pub const START: &str = "2026-12-14T09:00:00Z";

/// A host who never sleeps, with an event type of each kind.
pub async fn fake() -> FakeCalcom {
    let hours = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    let of_john = |slug: &str| FakeEventType::new("johndoe", slug, 30);
    FakeBuilder::default()
        .at("2026-12-01T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("johndoe").time_zone("UTC").schedule(hours))
        .user(FakeUser::new("janeroe"))
        .event_type(of_john("plain"))
        .event_type(of_john("pending").requires_confirmation())
        .event_type(of_john("seated").seats(3))
        .event_type(of_john("weekly").weekly(4))
        .event_type(of_john("weekly-pending").weekly(4).requires_confirmation())
        .rate_limits(Vec::new())
        .latency(Latency::recorded())
        .start()
        .await
}

/// A service that shares nothing with any other: a process of its own.
pub fn process(fake: &FakeCalcom) -> Service {
    Service::with_settings(client(fake, &fake.api_key()), settings(fake))
}

/// What stands under a key two minutes from now: the uids of bookings, or of seats.
pub async fn standing(fake: &FakeCalcom, key: &str) -> Vec<String> {
    tokio::time::sleep(Duration::from_secs(120)).await;
    fake.clear_faults();
    fake.set_list_lag(calcom_fake::ListLag::current());
    let all = client(fake, &fake.api_key()).bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    let live = |booking: &&Booking| !matches!(booking.status, BookingStatus::Cancelled | BookingStatus::Rejected);
    let mut standing = Vec::new();
    for booking in all.iter().filter(live) {
        let bears = |metadata: &serde_json::Map<String, serde_json::Value>| {
            metadata.get(IDEMPOTENCY_KEY_FIELD).and_then(serde_json::Value::as_str) == Some(key)
        };
        if bears(&booking.metadata) {
            standing.push(booking.uid.to_string());
        }
        let seats = booking.attendees.iter().filter(|it| it.metadata().is_some_and(bears));
        standing.extend(seats.filter_map(|it| it.seat_uid()).map(|seat| seat.to_string()));
    }
    standing
}

/// What a caller was told is booked: the uids of bookings, or of a seat.
pub fn named(booked: &calcom::service::BookedAppointment) -> Vec<String> {
    match &booked.seat {
        Some(seat) => vec![seat.to_string()],
        None if booked.series.is_empty() => vec![booked.booking.uid.to_string()],
        None => booked.series.iter().map(|it| it.uid.to_string()).collect(),
    }
}
