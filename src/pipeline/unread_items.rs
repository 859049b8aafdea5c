//! Unread items in JSON, beside the items that were read.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::UnreadItem;
use crate::Error;

/// The field that holds them.
pub(super) const FIELD: &str = "unread";

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

impl Serialize for UnreadItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (place, cause) = self.error.decode_failure();
        let (index, key, json) = (self.index, self.key.clone(), self.json.clone());
        UnreadItemJson { index, key, json, place, cause }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UnreadItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let UnreadItemJson { index, key, json, place, cause } = UnreadItemJson::deserialize(deserializer)?;
        Ok(Self { index, key, json, error: Error::of_decode_failure(place, cause) })
    }
}

/// Adds the field to `json`, if there are any.
pub(crate) fn write_unread(json: &mut Map<String, Value>, unread: &[UnreadItem]) {
    if let Ok(items) = serde_json::to_value(unread)
        && !unread.is_empty()
    {
        json.insert(FIELD.to_owned(), items);
    }
}

/// Takes the field from `json` if it is one that [`write_unread`] adds. A field of the service of that name stays.
pub(crate) fn take_unread(json: &mut Map<String, Value>) -> Vec<UnreadItem> {
    let items = read_unread(json.get(FIELD));
    if !items.is_empty() {
        json.remove(FIELD);
    }
    items
}

/// Reads the value of the field; no items if the value is not one that [`write_unread`] writes.
pub(crate) fn read_unread(field: Option<&Value>) -> Vec<UnreadItem> {
    field.and_then(|items| Vec::deserialize(items).ok()).unwrap_or_default()
}
