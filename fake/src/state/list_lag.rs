//! The lag of booking lists. Bookings that are read by their uid are always current.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::booking::Booking;

/// The lag of booking lists: lists show an earlier state, or lack some new bookings. Default: no lag.
///
/// ```
/// # async fn example(fake: calcom_fake::FakeCalcom) {
/// use std::time::Duration;
///
/// use calcom_fake::ListLag;
///
/// fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(2)));
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ListLag {
    lag: Duration,
    varies: bool,
    hidden: Duration,
    share: f64,
}

impl ListLag {
    /// Lists show the current state.
    pub fn current() -> Self {
        Self::default()
    }

    /// Lists show the state of `lag` ago.
    #[must_use]
    pub fn lagging(self, lag: Duration) -> Self {
        Self { lag, varies: false, ..self }
    }

    /// Lists show the state of a random time ago, at most `lag`. Each request has a time of its own.
    #[must_use]
    pub fn lagging_up_to(self, lag: Duration) -> Self {
        Self { lag, varies: true, ..self }
    }

    /// Lists lack a random `share` (0.0 to 1.0) of the bookings until `time` after they were made.
    #[must_use]
    pub fn hiding(self, share: f64, time: Duration) -> Self {
        Self { hidden: time, share, ..self }
    }
}

/// The lag of lists, and the earlier states that they show.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListHistory {
    listing: ListLag,
    /// Earlier states with their times, as far back as lists lag.
    past: VecDeque<(Timestamp, Vec<Booking>)>,
    requests: u64,
}

impl ListHistory {
    pub(crate) fn set(&mut self, listing: ListLag, bookings: &[Booking], now: Timestamp) {
        self.listing = listing;
        self.past.clear();
        self.changed(bookings, now);
    }

    /// Records a changed state.
    pub(crate) fn changed(&mut self, bookings: &[Booking], now: Timestamp) {
        if self.listing.lag.is_zero() {
            return;
        }
        self.past.push_back((now, bookings.to_vec()));
        while self.past.get(1).is_some_and(|(at, _)| now.duration_since(*at).unsigned_abs() > self.listing.lag) {
            self.past.pop_front();
        }
    }

    /// The bookings that a list shows now.
    pub(crate) fn shown(&mut self, bookings: &[Booking], now: Timestamp) -> Vec<Booking> {
        self.requests += 1;
        let mut random = fastrand::Rng::with_seed(self.requests);
        let lag = self.listing.lag.mul_f64(if self.listing.varies { random.f64() } else { 1.0 });
        let then = |(at, _): &&(Timestamp, Vec<Booking>)| now.duration_since(*at).unsigned_abs() >= lag;
        let past = self.past.iter().rev().find(then).or(self.past.front());
        let mut shown = past.map_or_else(|| bookings.to_vec(), |(_, bookings)| bookings.clone());
        shown.retain(|booking| {
            let is_new = now.duration_since(booking.created).unsigned_abs() < self.listing.hidden;
            let chosen = fastrand::Rng::with_seed(booking.id.unsigned_abs()).f64() < self.listing.share;
            !(is_new && chosen)
        });
        shown
    }
}
