//! Lists, with the items that could not be read.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::{
    model::{FromDocumented, FromWire, RawValueRef, ToWireJson},
    operation::ItemsPath,
    pipeline::{UnreadItem, take_unread, write_unread},
};

/// The field of the items, if the unread ones are written beside them.
const ITEMS: &str = "items";

/// A list of a response: its items, and a report of those that could not be read.
///
/// It dereferences to the vector of its items. A response of which no item could be read is an error, except a page of
/// bookings: there all items are in the report.
///
/// serde writes an array of the items. [`to_wire_json`](ToWireJson::to_wire_json) writes the report too: an object of `items` and
/// `unread`, if there is one. serde reads both.
///
/// ```no_run
/// # async fn run(client: calcom::Client) -> calcom::Result<()> {
/// let webhooks = client.webhooks().list().await?;
/// for webhook in &webhooks {
///     println!("{}", webhook.subscriber_url);
/// }
/// for item in webhooks.unread() {
///     eprintln!("item {:?}: {}", item.index, item.error);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct List<T> {
    items: Vec<T>,
    unread: Vec<UnreadItem>,
}

impl<T> List<T> {
    #[cfg_attr(not(feature = "bookings"), allow(dead_code))]
    pub(super) fn new(items: Vec<T>, unread: Vec<UnreadItem>) -> Self {
        Self { items, unread }
    }

    /// The items that could not be read. Their indexes are those in their response; a list that is read page by page has
    /// several responses.
    #[must_use]
    pub fn unread(&self) -> &[UnreadItem] {
        &self.unread
    }

    /// Returns the items alone.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }

    /// Adds the items of another page for which `wanted` returns `true`, and its report.
    #[cfg_attr(not(feature = "webhook-subscriptions"), allow(dead_code))]
    pub(super) fn append_page(&mut self, page: Self, wanted: impl FnMut(&T) -> bool) {
        self.items.extend(page.items.into_iter().filter(wanted));
        self.unread.extend(page.unread);
    }

    /// The number of received items, including those that could not be read.
    #[cfg_attr(not(feature = "webhook-subscriptions"), allow(dead_code))]
    pub(super) fn received_count(&self) -> u32 {
        let unread = self.unread.iter().filter(|item| !item.is_part()).count();
        u32::try_from(self.items.len() + unread).unwrap_or(u32::MAX)
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, unread: Vec::new() }
    }
}

impl<T> From<List<T>> for Vec<T> {
    fn from(list: List<T>) -> Self {
        list.items
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.items
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.items
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut json = Value::deserialize(deserializer)?;
        let unread = json.as_object_mut().map(take_unread).unwrap_or_default();
        let items = match json {
            Value::Object(mut fields) if !unread.is_empty() => fields.remove(ITEMS).unwrap_or_default(),
            json => json,
        };
        let items = Vec::deserialize(items).map_err(de::Error::custom)?;
        Ok(Self { items, unread })
    }
}

/// An array of the items, or, if there are unread ones, an object of `items` and `unread`.
impl<T: ToWireJson> ToWireJson for List<T> {
    fn to_wire_json(&self) -> Value {
        let items = self.items.to_wire_json();
        if self.unread.is_empty() {
            return items;
        }
        let mut json = Map::from_iter([(ITEMS.to_owned(), items)]);
        write_unread(&mut json, &self.unread);
        Value::Object(json)
    }
}

impl<D: FromDocumented> FromDocumented for List<D> {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
        Vec::from_documented(json, extra).map(Self::from)
    }
}

impl<D: FromWire> FromWire for List<D> {
    type Wire = Vec<D::Wire>;

    const DOCUMENTED_ITEMS: Option<ItemsPath> = Some(ItemsPath::At(&["data"]));

    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
        Vec::from_wire(wire, extra).into()
    }

    fn from_first_version(json: &Value, extra: &RawValueRef) -> Option<Self> {
        Vec::from_first_version(json, extra).map(Self::from)
    }

    fn attach_unread(&mut self, unread: Vec<UnreadItem>, read: usize) -> bool {
        self.unread = unread;
        read > 0
    }

    fn approximate_bytes(&self) -> usize {
        size_of::<Self>() + self.items.approximate_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn unread(index: Option<usize>) -> UnreadItem {
        UnreadItem { index, key: None, json: "7".to_owned(), error: Error::empty("at `data`: a number") }
    }

    #[test]
    fn parts_are_in_the_report_and_are_no_items() {
        let mut list = List { items: vec![1, 2], unread: vec![unread(Some(2)), unread(None), unread(Some(3))] };
        assert_eq!(list.received_count(), 4);
        list.append_page(List { items: vec![3, 4, 5], unread: vec![unread(Some(0)), unread(None)] }, |item| *item != 4);
        let report: Vec<_> = list.unread().iter().map(|item| item.index).collect();
        assert_eq!((&list[..], report), (&[1, 2, 3, 5][..], vec![Some(2), None, Some(3), Some(0), None]));
        assert_eq!(list.received_count(), 7);
    }
}
