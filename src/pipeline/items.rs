//! Reads a list of which some items cannot be read: these are left out, and named.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{
    decode::{decode, place, unreadable},
    response::ApiResponse,
};
use crate::Error;

/// More than this many bytes are not read for one list: each item is read with what stands beside the list.
const MOST_BYTES: usize = 256 << 20;

/// An item of a list that could not be read. The items beside it are in the list.
#[derive(Clone)]
#[non_exhaustive]
pub struct UnreadItem {
    /// Its place in the list of the response, from 0.
    pub index: usize,
    /// Its JSON, as the service sent it. It can hold personal data.
    pub json: String,
    /// What could not be read, and where: [`Error::Decode`].
    pub error: Error,
}

impl PartialEq for UnreadItem {
    fn eq(&self, other: &Self) -> bool {
        (self.index, &self.json) == (other.index, &other.json)
    }
}

/// Shows where it stood and what is wrong; not the item.
impl fmt::Debug for UnreadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadItem").field("index", &self.index).field("error", &self.error).finish_non_exhaustive()
    }
}

/// A list without the items that could not be read.
pub(crate) struct ReadItems<T> {
    pub(crate) value: T,
    /// The response without these items.
    pub(crate) body: Bytes,
    /// How many items could be read.
    pub(crate) read: usize,
    pub(crate) unread: Vec<UnreadItem>,
}

impl ApiResponse {
    /// The list without the items that cannot be read; `None` if the response is no list, or if it is not an item that
    /// cannot be read.
    #[cold]
    pub(crate) fn decode_items<T: DeserializeOwned>(&self) -> Option<ReadItems<T>> {
        let operation = self.operation.filter(|operation| operation.is_list)?;
        let mut beside: BTreeMap<String, &RawValue> = serde_json::from_slice(&self.body).ok()?;
        let items: Vec<&RawValue> = serde_json::from_str(beside.remove("data")?.get()).ok()?;
        let size = beside.values().map(|value| value.get().len()).sum::<usize>();
        if size.saturating_mul(items.len()) > MOST_BYTES {
            return None;
        }
        let (mut kept, mut unread) = (Vec::new(), Vec::new());
        for (index, item) in items.into_iter().enumerate() {
            let body = with_items(&beside, &[item])?;
            if decode::<T>(&body).is_ok() {
                kept.push(item);
                continue;
            }
            let (path, cause) = place::<T>(&body);
            let path = path.replacen("data[0]", &format!("data[{index}]"), 1);
            tracing::warn!(target: "calcom", operation = operation.id, path, cause, "an item of a list was not read");
            unread.push(UnreadItem {
                index,
                json: item.get().to_owned(),
                error: unreadable(self, format!("at `{path}`"), cause),
            });
        }
        if unread.is_empty() {
            return None;
        }
        let body = Bytes::from(with_items(&beside, &kept)?);
        Some(ReadItems { value: decode(&body).ok()?, body, read: kept.len(), unread })
    }
}

/// The response with these items as its list.
fn with_items(beside: &BTreeMap<String, &RawValue>, items: &[&RawValue]) -> Option<Vec<u8>> {
    let mut whole: BTreeMap<&str, &RawValue> = beside.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let list = serde_json::value::to_raw_value(items).ok()?;
    whole.insert("data", &list);
    serde_json::to_vec(&whole).ok()
}
