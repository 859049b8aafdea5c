//! Series of bookings: V1 made every occurrence by a request of its own, V2 makes all of them by one.
//!
//! The first request of a series books all of it; the others, told by their `recurringEventId`, are answered from what was
//! booked. A series whose outcome is not known is not booked again.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex},
};

use super::Client;
use crate::{
    state::Scope,
    sync::lock,
    v1::{
        Converted, Error, Result,
        types::{CreateBooking, CreatedBooking},
    },
};

/// How many series are remembered.
const REMEMBERED: usize = 1_000;

/// Whose series, and its name.
type Key = (Scope, String);

/// The series that are being booked, or were lately.
#[derive(Default)]
pub(super) struct AllSeries(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_key: HashMap<Key, Arc<tokio::sync::Mutex<Series>>>,
    oldest_first: VecDeque<Key>,
}

/// How far a series is.
#[derive(Default)]
enum Series {
    #[default]
    NotBooked,
    Booked(Vec<Converted<CreatedBooking>>),
    /// It may be booked, or not.
    Unknown(Error),
}

impl AllSeries {
    fn of(&self, key: &Key) -> Arc<tokio::sync::Mutex<Series>> {
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

impl Client {
    /// One occurrence of a series, which is booked whole with the first of them.
    pub(super) async fn occurrence(&self, name: &str, booking: &CreateBooking) -> Result<Converted<CreatedBooking>> {
        let series = self.series.of(&(self.v2.scope(), name.to_owned()));
        let mut series = series.lock().await;
        if let Series::NotBooked = *series {
            match self.book(booking).await {
                Ok(booked) => *series = Series::Booked(booked),
                Err(error) => {
                    if error.may_have_been_applied() {
                        *series = Series::Unknown(error.clone());
                    }
                    return Err(error);
                }
            }
        }
        match &*series {
            Series::Booked(booked) => {
                booked.iter().find(|made| Some(made.value.booking.start_time) == booking.start).cloned().ok_or_else(
                    || Error::unsupported("the event type repeats in another way: no occurrence starts then"),
                )
            }
            Series::Unknown(error) => Err(error.clone()),
            Series::NotBooked => Err(Error::unsupported("the series is not booked")),
        }
    }
}
