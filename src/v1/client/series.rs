//! The state of series of bookings. In V1 every occurrence took a request; in V2 one request books the whole series.
//!
//! The first request of a series books the whole series. The requests for its other occurrences, which have the same
//! `recurringEventId`, are answered from that result. A series whose outcome is unknown is not booked again.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex},
};

use crate::{
    state::TenantId,
    sync::lock,
    v1::{Converted, V1Error, types::CreatedBooking},
};

/// The number of series whose state is kept.
const MAX_SERIES: usize = 1_000;

/// The tenant and the `recurringEventId`.
pub(super) type SeriesKey = (TenantId, String);

/// The state of the latest series.
#[derive(Default)]
pub(super) struct SeriesRegistry(Mutex<SeriesMap>);

#[derive(Default)]
struct SeriesMap {
    by_key: HashMap<SeriesKey, Arc<tokio::sync::Mutex<SeriesState>>>,
    oldest_first: VecDeque<SeriesKey>,
}

/// The state of one series.
#[derive(Default)]
pub(super) enum SeriesState {
    #[default]
    NotBooked,
    Booked(Vec<Converted<CreatedBooking>>),
    /// The series may be booked or not.
    Unknown(V1Error),
}

impl SeriesRegistry {
    pub(super) fn get_or_insert(&self, key: &SeriesKey) -> Arc<tokio::sync::Mutex<SeriesState>> {
        let mut map = lock(&self.0);
        if let Some(series) = map.by_key.get(key) {
            return Arc::clone(series);
        }
        if map.oldest_first.len() >= MAX_SERIES
            && let Some(oldest) = map.oldest_first.pop_front()
        {
            map.by_key.remove(&oldest);
        }
        map.oldest_first.push_back(key.clone());
        Arc::clone(map.by_key.entry(key.clone()).or_default())
    }
}

impl fmt::Debug for SeriesRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeriesRegistry")
    }
}
