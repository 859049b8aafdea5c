//! Asking for slots, and reading both forms of the answer: the one that the service speaks today, and the documented one.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::{Found, Seats, SlotsOf};
use crate::{Client, Error, Result, raw::types};

/// The slots of whole UTC days.
pub(super) async fn slots(client: &Client, of: &SlotsOf, first: Date, last: Date) -> Result<Vec<Found>> {
    let (first, last) = (first.to_string(), last.to_string());
    let answer = client
        .raw()
        .list_slots(
            of.moving.as_ref().map(|uid| uid.as_str()),
            of.length.map(i64::from),
            &last,
            Some(of.event_type.0),
            None,
            Some(types::SlotFormat::Range),
            None,
            &first,
            None,
            None,
            None,
            None,
        )
        .await;
    match answer {
        Ok(answer) => answer.into_inner().data.into_values().flatten().map(today).collect(),
        Err(error) => documented(error),
    }
}

fn today(slot: types::Slot) -> Result<Found> {
    let count = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let seats = count(slot.seats_remaining).zip(count(slot.seats_total)).map(|(left, of)| Seats { left, of });
    Ok(Found { start: instant(&slot.start)?, end: slot.end.as_deref().map(instant).transpose()?, seats })
}

fn instant(text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| Error::empty("a slot's time is not a time"))
}

/// `{"data": {"slots": {"2025-01-15": [{"time": ..}]}}}`.
#[derive(Deserialize)]
struct Documented {
    data: Slots,
}

#[derive(Deserialize)]
struct Slots {
    slots: BTreeMap<String, Vec<Slot>>,
}

#[derive(Deserialize)]
struct Slot {
    time: Timestamp,
}

fn documented(error: Error) -> Result<Vec<Found>> {
    let body = error.failure().body();
    let Some(Documented { data }) = body.and_then(|body| serde_json::from_slice(body).ok()) else { return Err(error) };
    let slots = data.slots.into_values().flatten();
    Ok(slots.map(|slot| Found { start: slot.time, end: None, seats: None }).collect())
}
