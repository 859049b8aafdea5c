//! The bookings that a stream has received lately, in bounded memory.

use std::{
    collections::{HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
};

use crate::model::BookingUid;

/// The number of bookings that are remembered: 5 MB.
const MAX_RECENT: usize = 100_000;

/// Hashes of 128 bits of the uids received last, so that memory does not depend on their lengths.
#[derive(Default)]
pub(super) struct RecentUids {
    hashers: (RandomState, RandomState),
    known: HashSet<(u64, u64)>,
    order: VecDeque<(u64, u64)>,
}

impl RecentUids {
    /// Remembers a uid. Returns whether it is a new one.
    pub(super) fn insert(&mut self, uid: &BookingUid) -> bool {
        let text = uid.as_str();
        let key = (self.hashers.0.hash_one(text), self.hashers.1.hash_one(text));
        if !self.known.insert(key) {
            return false;
        }
        self.order.push_back(key);
        if self.order.len() > MAX_RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_uids_are_known_and_the_oldest_are_forgotten() {
        let mut recent = RecentUids::default();
        let uid = |number: usize| BookingUid::from(format!("uid-{number}"));
        assert!((0..MAX_RECENT).all(|number| recent.insert(&uid(number))));
        assert!(!recent.insert(&uid(0)) && !recent.insert(&uid(MAX_RECENT - 1)));
        assert!(recent.insert(&uid(MAX_RECENT)), "it takes the place of the first");
        assert_eq!((recent.len(), recent.known.len()), (MAX_RECENT, MAX_RECENT));
        assert!(recent.insert(&uid(0)) && !recent.insert(&uid(2)));
    }
}
