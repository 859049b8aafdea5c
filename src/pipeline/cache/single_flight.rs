//! One at a time fetches what many want; the others wait in the order of coming.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex},
};

use tokio::{
    sync::oneshot,
    time::{Instant, error::Elapsed, timeout_at},
};

use crate::{
    state::kept::{ByKey, CacheKey},
    sync::lock,
};

/// Who waits for what, while somebody fetches it.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<CacheKey, Waiting, ByKey>>>);

/// In the order of coming.
type Waiting = VecDeque<oneshot::Sender<Turn>>;

/// The turn to fetch something. Dropped it goes to the next who waits, wherever it is then: even on its way to somebody
/// who waits no more.
#[derive(Debug)]
pub(super) struct Turn(Option<Held>);

#[derive(Debug)]
struct Held {
    flights: Flights,
    key: CacheKey,
}

impl Flights {
    /// The turn, where nobody else has it.
    pub(super) fn at_once(&self, key: &CacheKey) -> Option<Turn> {
        match lock(&self.0).entry(key.clone()) {
            Entry::Vacant(free) => {
                free.insert(Waiting::new());
                Some(Turn(Some(Held { flights: self.clone(), key: key.clone() })))
            }
            Entry::Occupied(_) => None,
        }
    }

    /// The turn, as soon as it comes.
    pub(super) async fn join(&self, key: &CacheKey, deadline: Instant) -> Result<Turn, Elapsed> {
        loop {
            if let Some(turn) = self.at_once(key) {
                return Ok(turn);
            }
            let turn = match lock(&self.0).get_mut(key) {
                Some(waiting) => {
                    let (sender, turn) = oneshot::channel();
                    waiting.push_back(sender);
                    turn
                }
                None => continue, // It has come free between the two looks.
            };
            if let Ok(turn) = timeout_at(deadline, turn).await? {
                return Ok(turn);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}

impl Held {
    /// The next who waits. Where nobody does, the turn is free.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut flights = lock(&self.flights.0);
        let next = flights.get_mut(&self.key)?.pop_front();
        if next.is_none() {
            flights.remove(&self.key);
        }
        next
    }

    #[cold]
    fn hand_over(self, mut next: oneshot::Sender<Turn>) {
        let mut held = self;
        // It comes back from those who wait no more.
        while let Some(back) = next.send(Turn(Some(held))).err().and_then(|mut turn| turn.0.take()) {
            held = back;
            match held.next() {
                Some(another) => next = another,
                None => return,
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(held) = self.0.take()
            && let Some(next) = held.next()
        {
            held.hand_over(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;
    use crate::state::Scope;

    fn key() -> CacheKey {
        CacheKey::new(Scope::new("https://api.cal.com", &["key"]), "calcom:user")
    }

    #[tokio::test(start_paused = true)]
    async fn the_turn_goes_round_in_the_order_of_coming_past_those_who_wait_no_more() {
        let (flights, key) = (Flights::default(), key());
        let first = flights.at_once(&key).unwrap();
        assert!(flights.at_once(&key).is_none());
        let soon = Instant::now() + Duration::from_secs(1);
        let later = Instant::now() + Duration::from_secs(60);
        let mut waiting: Vec<_> =
            [soon, later, later].into_iter().map(|until| Box::pin(flights.join(&key, until))).collect();
        for waits in &mut waiting {
            assert!(tokio::time::timeout(Duration::ZERO, waits).await.is_err());
        }
        advance(Duration::from_secs(2)).await;
        let (third, second) = (waiting.remove(2), waiting.remove(1));
        assert!(waiting.remove(0).await.is_err(), "its time was up");
        drop(first);
        let second = second.await.unwrap();
        drop(second);
        assert!(flights.at_once(&key).is_none(), "it is on its way to the third");
        drop(third.await.unwrap());
        assert!(flights.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_on_its_way_to_somebody_who_is_gone_is_not_lost() {
        let (flights, key) = (Flights::default(), key());
        let later = Instant::now() + Duration::from_secs(60);
        let first = flights.at_once(&key).unwrap();
        let mut waits = Box::pin(flights.join(&key, later));
        assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
        drop(first);
        drop(waits);
        assert!(flights.is_empty());
        assert!(flights.at_once(&key).is_some());
    }
}
