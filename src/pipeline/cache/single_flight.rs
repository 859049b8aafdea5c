//! One at a time fetches what many want; the others wait for how the fetch ends.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use crate::{
    Error,
    state::{
        cached_response::{BuildPrehashed, CacheKey, CachedResponse, TagVersions},
        memory::PutToken,
    },
    sync::lock,
};

/// Who waits for what, while somebody fetches it.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<CacheKey, Flight, BuildPrehashed>>>);

/// A fetch under way.
#[derive(Debug)]
struct Flight {
    id: u64,
    waiting: Vec<oneshot::Sender<FetchOutcome>>,
}

/// How a fetch ended, for those who waited for it.
#[derive(Debug, Clone)]
pub(super) enum FetchOutcome {
    /// The answer is in the cache.
    Stored,
    /// It ended as it would have for every caller, and nothing was stored.
    Ended(Arc<Ended>),
}

/// The end of a fetch that stored nothing.
#[derive(Debug)]
pub(super) struct Ended {
    /// The number of the fetch.
    pub(super) number: u64,
    /// What had been flushed when it began.
    pub(super) known: Known,
    /// An answer that its caller could not read, or the error.
    pub(super) result: Result<Arc<CachedResponse>, Error>,
}

/// What had been flushed when the request began, as the store in this process knew it, or the shared one. Neither knows
/// what the other's numbers mean.
#[derive(Debug)]
pub(super) enum Known {
    Here(PutToken),
    There(TagVersions),
}

impl Known {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Here(one), Self::Here(other)) => one.versions() == other.versions(),
            (Self::There(one), Self::There(other)) => one == other,
            _ => false,
        }
    }
}

impl Ended {
    /// Whether the fetch tells what a caller wants to know who had seen this, and wants nothing older than `since`: a
    /// fetch that began before a write says nothing to who comes after it.
    pub(super) fn is_for(&self, seen: &Known, since: Option<u64>) -> bool {
        self.known.is_same(seen) && since.is_none_or(|since| self.number > since)
    }
}

/// The turn to fetch something. Dropped, those who wait try for it again.
#[derive(Debug)]
pub(super) struct Turn {
    flights: Flights,
    key: CacheKey,
    id: u64,
}

/// What a caller who wants to fetch gets.
pub(super) enum Joined {
    Turn(Turn),
    /// How the fetch of another ended; nothing if it ended for that one only.
    Outcome(Option<FetchOutcome>),
    /// The fetch that was waited for did not end in time.
    Hangs(FlightId),
}

/// Names one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FlightId(u64);

impl Flights {
    /// The turn, where nobody else has it.
    pub(super) fn at_once(&self, key: &CacheKey) -> Option<Turn> {
        match lock(&self.0).entry(key.clone()) {
            Entry::Vacant(free) => {
                let flight = Flight::new();
                let id = flight.id;
                free.insert(flight);
                Some(Turn { flights: self.clone(), key: key.clone(), id })
            }
            Entry::Occupied(_) => None,
        }
    }

    /// The turn, or how the fetch of whoever has it ends, waited for until `until`.
    pub(super) async fn join(&self, key: &CacheKey, until: Instant) -> Joined {
        loop {
            if let Some(turn) = self.at_once(key) {
                return Joined::Turn(turn);
            }
            let (id, outcome) = match lock(&self.0).get_mut(key) {
                Some(flight) => {
                    let (sender, outcome) = oneshot::channel();
                    // Those who wait no more make room.
                    if flight.waiting.len() == flight.waiting.capacity() {
                        flight.waiting.retain(|waiting| !waiting.is_closed());
                    }
                    flight.waiting.push(sender);
                    (flight.id, outcome)
                }
                None => continue, // It has come free between the two looks.
            };
            return match timeout_at(until, outcome).await {
                Ok(outcome) => Joined::Outcome(outcome.ok()),
                Err(_) => Joined::Hangs(FlightId(id)),
            };
        }
    }

    /// The turn in the place of the one who hangs, unless another has taken it over. Those who wait go on waiting for
    /// whichever of the two stores an answer first.
    pub(super) fn take_over(&self, key: &CacheKey, hangs: FlightId) -> Option<Turn> {
        let mut flights = lock(&self.0);
        let flight = flights.entry(key.clone()).or_insert_with(|| Flight { id: hangs.0, waiting: Vec::new() });
        if flight.id != hangs.0 {
            return None;
        }
        flight.id = Flight::new().id;
        Some(Turn { flights: self.clone(), key: key.clone(), id: flight.id })
    }

    /// A turn beside the one who has it, for a caller who has waited long enough.
    pub(super) fn apart(&self, key: &CacheKey) -> Turn {
        Turn { flights: self.clone(), key: key.clone(), id: Flight::new().id }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}

impl Flight {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), waiting: Vec::new() }
    }
}

impl Turn {
    /// The answer is in the cache.
    pub(super) fn stored(self) {
        let waiting = match lock(&self.flights.0).get_mut(&self.key) {
            Some(flight) => std::mem::take(&mut flight.waiting),
            None => return,
        };
        waiting.into_iter().for_each(|waiting| _ = waiting.send(FetchOutcome::Stored));
    }

    /// Nothing was stored, and every caller would have got the same. Made only if somebody waits.
    pub(super) fn ended(self, ended: impl FnOnce() -> Ended) {
        let Some(waiting) = self.leave().filter(|waiting| !waiting.is_empty()) else { return };
        let outcome = FetchOutcome::Ended(Arc::new(ended()));
        waiting.into_iter().for_each(|waiting| _ = waiting.send(outcome.clone()));
    }

    /// Gives the turn back. Those who wait for it, if it has not been taken over.
    fn leave(&self) -> Option<Vec<oneshot::Sender<FetchOutcome>>> {
        match lock(&self.flights.0).entry(self.key.clone()) {
            Entry::Occupied(flight) if flight.get().id == self.id => Some(flight.remove().waiting),
            _ => None,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.leave());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::state::TenantId;

    fn key() -> CacheKey {
        CacheKey::new(TenantId::new("https://api.cal.com", &["key"]), "calcom:user")
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_learn_how_the_fetch_ended_and_one_of_them_goes_on_if_it_was_dropped() {
        let (flights, key) = (Flights::default(), key());
        let first = flights.at_once(&key).unwrap();
        assert!(flights.at_once(&key).is_none());
        let waiting = tokio::spawn({
            let (flights, key) = (flights.clone(), key.clone());
            async move { matches!(flights.join(&key, later()).await, Joined::Outcome(Some(FetchOutcome::Stored))) }
        });
        tokio::task::yield_now().await;
        first.stored();
        assert!(waiting.await.unwrap() && flights.is_empty());

        let first = flights.at_once(&key).unwrap();
        let mut waits = Box::pin(flights.join(&key, later()));
        assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
        drop(first);
        assert!(matches!(waits.await, Joined::Outcome(None)));
        assert!(flights.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_hangs_is_taken_over_once_and_the_late_one_takes_nothing_back() {
        let (flights, key) = (Flights::default(), key());
        let hangs = flights.at_once(&key).unwrap();
        let Joined::Hangs(id) = flights.join(&key, later()).await else { panic!("nobody ended it") };
        let second = flights.take_over(&key, id).unwrap();
        assert!(flights.take_over(&key, id).is_none(), "it was taken over");
        drop(hangs);
        assert!(flights.at_once(&key).is_none(), "the second has the turn");
        drop(second);
        assert!(flights.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_for_the_second_hear_of_the_first_if_that_is_faster_after_all() {
        let (flights, key) = (Flights::default(), key());
        let first = flights.at_once(&key).unwrap();
        let Joined::Hangs(id) = flights.join(&key, later()).await else { panic!("nobody ended it") };
        let second = flights.take_over(&key, id).unwrap();
        let mut waits = Box::pin(flights.join(&key, later()));
        assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
        first.stored();
        assert!(matches!(waits.await, Joined::Outcome(Some(FetchOutcome::Stored))));
        assert!(flights.at_once(&key).is_none());
        drop(second);
        assert!(flights.is_empty());
    }
}
