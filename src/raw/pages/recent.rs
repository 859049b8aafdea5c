//! The texts that were seen last, in bounded memory.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
};

/// A hash of 128 bits of a text, so that memory does not depend on texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TextHash(u64, u64);

/// Values of the last texts. The oldest one is forgotten for a new one.
pub(crate) struct RecentTexts<V> {
    max: usize,
    hashers: (RandomState, RandomState),
    values: HashMap<TextHash, V>,
    order: VecDeque<TextHash>,
}

impl<V> RecentTexts<V> {
    /// Remembers at most `max` texts.
    pub(crate) fn new(max: usize) -> Self {
        let hashers = (RandomState::new(), RandomState::new());
        Self { max, hashers, values: HashMap::new(), order: VecDeque::new() }
    }

    pub(crate) fn hash(&self, text: &str) -> TextHash {
        TextHash(self.hashers.0.hash_one(text), self.hashers.1.hash_one(text))
    }

    pub(crate) fn get(&self, text: &TextHash) -> Option<&V> {
        self.values.get(text)
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Sets the value of a text, and returns the one before. A known text does not become younger.
    pub(crate) fn insert(&mut self, text: TextHash, value: V) -> Option<V> {
        let before = self.values.insert(text, value);
        if before.is_none() {
            self.order.push_back(text);
            if self.order.len() > self.max
                && let Some(oldest) = self.order.pop_front()
            {
                self.values.remove(&oldest);
            }
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_text_is_forgotten_for_a_new_one() {
        let mut recent = RecentTexts::new(3);
        let mut insert = |text: &str, value| {
            let hash = recent.hash(text);
            (recent.insert(hash, value), recent.values.len(), recent.order.len())
        };
        assert_eq!([insert("a", 1), insert("b", 2), insert("c", 3)], [(None, 1, 1), (None, 2, 2), (None, 3, 3)]);
        assert_eq!(insert("a", 4), (Some(1), 3, 3));
        assert_eq!(insert("d", 5), (None, 3, 3));
        assert_eq!([insert("b", 6), insert("a", 7)], [(Some(2), 3, 3), (None, 3, 3)], "a was the oldest, then b");
        assert_eq!(insert("b", 8), (None, 3, 3));
    }
}
