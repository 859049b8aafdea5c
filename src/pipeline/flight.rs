//! One at a time fetches what many want; the others wait in the order of coming.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex},
};

use tokio::{
    sync::oneshot,
    time::{Instant, error::Elapsed, timeout_at},
};

use crate::state::{
    kept::{ByKey, CacheKey},
    memory::lock,
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
