//! Decodes a list whose usual length is known.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, SeqAccess, Visitor},
};

/// Allocates at the first item what `CAPACITY` items need.
pub(super) struct ListSeed<const CAPACITY: usize, T>(pub(super) PhantomData<T>);

impl<'de, const CAPACITY: usize, T: Deserialize<'de>> DeserializeSeed<'de> for ListSeed<CAPACITY, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, const CAPACITY: usize, T: Deserialize<'de>> Visitor<'de> for ListSeed<CAPACITY, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let Some(first) = items.next_element()? else { return Ok(Vec::new()) };
        let mut list = Vec::with_capacity(CAPACITY);
        list.push(first);
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}
