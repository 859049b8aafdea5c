//! The items of recent pages: an item that moves to another page between two requests is returned once.

use std::{
    collections::{HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
};

use serde::Deserialize;
use serde_json::value::RawValue;

/// The number of items that are remembered.
const MAX_RECENT_ITEMS: usize = 10_000;

/// Keys of the last [`MAX_RECENT_ITEMS`] items. A key is a hash of 128 bits, so that memory does not depend on the items.
pub(super) struct RecentKeys {
    hashers: (RandomState, RandomState),
    known: HashSet<(u64, u64)>,
    order: VecDeque<(u64, u64)>,
}

impl RecentKeys {
    pub(super) fn new() -> Self {
        Self { hashers: (RandomState::new(), RandomState::new()), known: HashSet::new(), order: VecDeque::new() }
    }

    /// Returns for each item of a page whether no earlier page has it, and remembers the page. `None` if the response has no
    /// list at `steps`. Items of one page that are alike are all new.
    pub(super) fn insert_page(&mut self, body: &[u8], steps: &[&str]) -> Option<Vec<bool>> {
        let keys: Vec<_> = items(body, steps)?.into_iter().map(|item| self.key(item)).collect();
        let are_new = keys.iter().map(|key| !self.known.contains(key)).collect();
        for key in keys {
            if self.known.insert(key) {
                self.order.push_back(key);
            }
        }
        while self.order.len() > MAX_RECENT_ITEMS {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
        Some(are_new)
    }

    /// The key of an item: its id, or its whole text if it has none.
    fn key(&self, item: &RawValue) -> (u64, u64) {
        #[derive(Deserialize)]
        struct Ids<'i> {
            #[serde(borrow)]
            uid: Option<&'i RawValue>,
            #[serde(borrow)]
            uuid: Option<&'i RawValue>,
            #[serde(borrow)]
            id: Option<&'i RawValue>,
        }

        let ids: Option<Ids<'_>> = serde_json::from_str(item.get()).ok();
        let id = ids.and_then(|Ids { uid, uuid, id }| uid.or(uuid).or(id));
        let text = id.unwrap_or(item).get();
        (self.hashers.0.hash_one(text), self.hashers.1.hash_one(text))
    }
}

/// The items of the list at `steps`.
fn items<'b>(body: &'b [u8], steps: &[&str]) -> Option<Vec<&'b RawValue>> {
    let mut inner: &RawValue = serde_json::from_slice(body).ok()?;
    for step in steps {
        let mut fields: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(inner.get()).ok()?;
        inner = fields.remove(*step)?;
    }
    serde_json::from_str(inner.get()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(items: serde_json::Value) -> Vec<u8> {
        json!({"data": {"list": items}}).to_string().into_bytes()
    }

    fn insert(keys: &mut RecentKeys, items: serde_json::Value) -> Option<Vec<bool>> {
        keys.insert_page(&page(items), &["data", "list"])
    }

    #[test]
    fn an_item_is_known_by_its_id_and_without_one_by_its_text() {
        let mut keys = RecentKeys::new();
        let first =
            json!([{"id": 1, "name": "a"}, {"uid": "x", "id": 2}, {"uuid": "y"}, {"name": "b"}, {"name": "b"}, 7]);
        assert_eq!(insert(&mut keys, first), Some(vec![true; 6]), "alike items of one page are all new");
        let second = json!([{"id": 1, "name": "changed"}, {"uid": "x", "id": 3}, {"uuid": "y", "id": 9}, {"name": "b"}, {"name": "c"}, 8, 7]);
        assert_eq!(insert(&mut keys, second), Some(vec![false, false, false, false, true, true, false]));
        assert_eq!(insert(&mut keys, json!({"no": "list"})), None);
        assert_eq!(keys.insert_page(b"no JSON", &["data"]), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut keys = RecentKeys::new();
        for page in 0..50 {
            let items: Vec<_> = (0..250).map(|at| json!({"id": page * 250 + at})).collect();
            assert_eq!(insert(&mut keys, items.into()), Some(vec![true; 250]));
        }
        assert_eq!((keys.known.len(), keys.order.len()), (MAX_RECENT_ITEMS, MAX_RECENT_ITEMS));
        assert_eq!(
            insert(&mut keys, json!([{"id": 12_499}, {"id": 2_500}, {"id": 2_499}])),
            Some(vec![false, false, true])
        );
    }
}
