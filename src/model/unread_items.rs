//! Unread items in JSON, beside the items that were read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, pipeline::UnreadItem};

/// The field that holds them.
const FIELD: &str = "unread";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnreadItemJson {
    index: Option<usize>,
    key: Option<String>,
    /// The text of the item: numbers keep their digits.
    json: String,
    place: String,
    cause: String,
}

/// Adds the field to `json`, if there are any.
pub(crate) fn write_unread(json: &mut Map<String, Value>, unread: &[UnreadItem]) {
    let item = |item: &UnreadItem| {
        let (place, cause) = item.error.decode_failure();
        UnreadItemJson { index: item.index, key: item.key.clone(), json: item.json.clone(), place, cause }
    };
    let items: Vec<_> = unread.iter().map(item).collect();
    if let Ok(items) = serde_json::to_value(items)
        && !unread.is_empty()
    {
        json.insert(FIELD.to_owned(), items);
    }
}

/// Takes the field from `json` if it is one that [`write_unread`] adds. A field of the service of that name stays.
pub(crate) fn take_unread(json: &mut Map<String, Value>) -> Vec<UnreadItem> {
    let Some(items) = json.get(FIELD).and_then(|items| Vec::<UnreadItemJson>::deserialize(items).ok()) else {
        return Vec::new();
    };
    if items.is_empty() {
        return Vec::new();
    }
    json.remove(FIELD);
    let item = |UnreadItemJson { index, key, json, place, cause }| {
        let error = Error::of_decode_failure(place, cause);
        UnreadItem { index, key, json, error }
    };
    items.into_iter().map(item).collect()
}
