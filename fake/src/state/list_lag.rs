//! How far lists of bookings lag behind what stands. Bookings that are read by their uid never do.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::booking::Booking;

/// How lists of bookings lag behind: as of some time ago, and without some of the new bookings. Not at all by default.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Listing {
    lag: Duration,
    varies: bool,
    hidden: Duration,
    share: f64,
}

impl Listing {
    /// Lists show what stands.
    pub fn current() -> Self {
        Self::default()
    }

    /// Lists show what stood so long ago.
    #[must_use]
    pub fn lagging(self, lag: Duration) -> Self {
        Self { lag, varies: false, ..self }
    }

    /// Lists show what stood some time ago, up to this, another time with each request.
    #[must_use]
    pub fn lagging_up_to(self, lag: Duration) -> Self {
        Self { lag, varies: true, ..self }
    }

    /// A share of the bookings (0.0 to 1.0) is left out of lists for so long after it was made.
    #[must_use]
    pub fn hiding(self, share: f64, time: Duration) -> Self {
        Self { hidden: time, share, ..self }
    }
}

/// What lists show, and what stood before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed {
    listing: Listing,
    /// What stood from which time on; kept as far back as lists lag.
    past: VecDeque<(Timestamp, Vec<Booking>)>,
    requests: u64,
}

impl Listed {
    pub(crate) fn set(&mut self, listing: Listing, bookings: &[Booking], now: Timestamp) {
        self.listing = listing;
        self.past.clear();
        self.changed(bookings, now);
    }

    /// Something has changed.
    pub(crate) fn changed(&mut self, bookings: &[Booking], now: Timestamp) {
        if self.listing.lag.is_zero() {
            return;
        }
        self.past.push_back((now, bookings.to_vec()));
        while self.past.get(1).is_some_and(|(at, _)| now.duration_since(*at).unsigned_abs() > self.listing.lag) {
            self.past.pop_front();
        }
    }

    /// What a list that is asked for now goes through.
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
