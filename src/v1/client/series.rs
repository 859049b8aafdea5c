//! Series of bookings: V1 made every occurrence by a request of its own, V2 makes all of them by one.
//!
//! The first request of a series books all of it; the others, told by their `recurringEventId`, are answered from what was
//! booked. A series whose outcome is not known is not booked again.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex},
};

use crate::{
    state::TenantId,
    sync::lock,
    v1::{Converted, Error, types::CreatedBooking},
};

/// How many series are remembered.
const REMEMBERED: usize = 1_000;

/// The tenant, and the name of the series.
pub(super) type Key = (TenantId, String);

/// The series that are being booked, or were lately.
#[derive(Default)]
pub(super) struct AllSeries(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_key: HashMap<Key, Arc<tokio::sync::Mutex<Series>>>,
    oldest_first: VecDeque<Key>,
}

/// The state of one series.
#[derive(Default)]
pub(super) enum Series {
    #[default]
    NotBooked,
    Booked(Vec<Converted<CreatedBooking>>),
    /// It may be booked, or not.
    Unknown(Error),
}

impl AllSeries {
    pub(super) fn of(&self, key: &Key) -> Arc<tokio::sync::Mutex<Series>> {
        let mut known = lock(&self.0);
        if let Some(series) = known.by_key.get(key) {
            return Arc::clone(series);
        }
        if known.oldest_first.len() >= REMEMBERED
            && let Some(oldest) = known.oldest_first.pop_front()
        {
            known.by_key.remove(&oldest);
        }
        known.oldest_first.push_back(key.clone());
        Arc::clone(known.by_key.entry(key.clone()).or_default())
    }
}

impl fmt::Debug for AllSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AllSeries")
    }
}
