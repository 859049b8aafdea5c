//! The items of recent pages: an item that moves to another page between two requests is returned once.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::recent::{RecentTexts, TextHash};

/// The number of items that are remembered.
const MAX_RECENT_ITEMS: usize = 10_000;

/// Keys of the last [`MAX_RECENT_ITEMS`] items, and whether an item of each could be read.
pub(super) struct RecentKeys(RecentTexts<bool>);

/// What an item of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurrence {
    /// No item before it is the same.
    New,
    /// The same page has an item of its id before it.
    SamePage,
    /// An earlier page has it.
    EarlierPage,
}

impl RecentKeys {
    pub(super) fn new() -> Self {
        Self(RecentTexts::new(MAX_RECENT_ITEMS))
    }

    /// Returns for each item of a page whether it is new, and remembers the page. `None` if the response has no list at `steps`.
    ///
    /// Items of one page without ids are all new, also alike ones. An item that could not be read, whose index is in `unread`,
    /// does not make a readable one of its key a repetition.
    pub(super) fn insert_page(
        &mut self,
        body: &[u8],
        steps: &[&str],
        unread: &HashSet<usize>,
    ) -> Option<Vec<Occurrence>> {
        let keys: Vec<_> = items(body, steps)?.into_iter().map(|item| self.key(item)).collect();
        let mut ids_of_page = HashSet::new();
        let occurrence = |(at, (key, has_id)): (usize, &(TextHash, bool))| {
            let is_read = !unread.contains(&at);
            match self.0.get(key) {
                Some(was_read) if *was_read || !is_read => Occurrence::EarlierPage,
                _ if *has_id && is_read && !ids_of_page.insert(*key) => Occurrence::SamePage,
                _ => Occurrence::New,
            }
        };
        let occurrences = keys.iter().enumerate().map(occurrence).collect();
        for (at, (key, _)) in keys.into_iter().enumerate() {
            let was_read = self.0.get(&key).is_some_and(|was_read| *was_read);
            self.0.insert(key, was_read || !unread.contains(&at));
        }
        Some(occurrences)
    }

    /// The key of an item: its id, or its whole text if it has none; and whether it has one.
    fn key(&self, item: &RawValue) -> (TextHash, bool) {
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
        (self.0.hash(text), id.is_some())
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

    /// Whether each item is new.
    fn insert(keys: &mut RecentKeys, items: serde_json::Value) -> Option<Vec<bool>> {
        let occurrences = keys.insert_page(&page(items), &["data", "list"], &HashSet::new())?;
        Some(occurrences.into_iter().map(|occurrence| occurrence == Occurrence::New).collect())
    }

    #[test]
    fn an_item_is_known_by_its_id_and_without_one_by_its_text() {
        let mut keys = RecentKeys::new();
        let first =
            json!([{"id": 1, "name": "a"}, {"uid": "x", "id": 2}, {"uuid": "y"}, {"name": "b"}, {"name": "b"}, 7]);
        assert_eq!(insert(&mut keys, first), Some(vec![true; 6]), "alike items of one page are all new");
        let known = json!([{"id": 1, "name": "changed"}, {"uid": "x", "id": 3}, {"uuid": "y", "id": 9}, {"name": "b"}]);
        let mut second = known.as_array().unwrap().clone();
        second.extend([json!({"name": "c"}), json!(8), json!(7)]);
        assert_eq!(insert(&mut keys, second.into()), Some(vec![false, false, false, false, true, true, false]));
        assert_eq!(insert(&mut keys, json!({"no": "list"})), None);
        assert_eq!(keys.insert_page(b"no JSON", &["data"], &HashSet::new()), None);
    }

    #[test]
    fn an_id_is_new_once_and_again_if_its_item_could_not_be_read() {
        use Occurrence::{EarlierPage, New, SamePage};

        let mut keys = RecentKeys::new();
        let mut insert = |items: serde_json::Value, unread: &[usize]| {
            keys.insert_page(&page(items), &["data", "list"], &unread.iter().copied().collect()).unwrap()
        };
        let first = json!([{"id": 1}, {"id": 1, "name": "a"}, {"id": 2}, {"id": 2}, {"id": 3}, {"id": 4}, {"id": 4}]);
        assert_eq!(insert(first, &[2, 5, 6]), [New, SamePage, New, New, New, New, New]);
        let second = json!([{"id": 4}, {"id": 4, "name": "b"}, {"id": 4}, {"id": 2}, {"id": 3}, {"id": 1}]);
        assert_eq!(insert(second, &[0, 4]), [EarlierPage, New, SamePage, EarlierPage, EarlierPage, EarlierPage]);
        assert_eq!(insert(json!([{"id": 4}, {"id": 4}]), &[1]), [EarlierPage, EarlierPage]);
        assert_eq!(insert(json!([{"id": 4}]), &[]), [EarlierPage], "it was read before it could not be read");
    }

    #[test]
    fn memory_is_bounded() {
        let mut keys = RecentKeys::new();
        for page in 0..50 {
            let items: Vec<_> = (0..250).map(|at| json!({"id": page * 250 + at})).collect();
            assert_eq!(insert(&mut keys, items.into()), Some(vec![true; 250]));
        }
        assert_eq!(keys.0.len(), MAX_RECENT_ITEMS);
        assert_eq!(
            insert(&mut keys, json!([{"id": 12_499}, {"id": 2_500}, {"id": 2_499}])),
            Some(vec![false, false, true])
        );
    }
}
