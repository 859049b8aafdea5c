//! Items, and parts of items, that could not be read; their JSON, beside the items that were read.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::Error;

/// The field that holds them.
pub(super) const FIELD: &str = "unread";

/// An item of a list, or a part of an item or of a single resource, that could not be decoded. The list contains the other
/// items; the item contains its other parts.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// for item in client.event_types().list(&Default::default()).await?.unread() {
///     eprintln!("item {:?}: {}", item.index, item.error);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct UnreadItem {
    /// Its index in the list of its response (of its page, if the list has several), from 0. `None` if the value of `key` is
    /// not a list, or the key is not valid; `json` is then that value. `None` for a part too ([`is_part`](Self::is_part)).
    pub index: Option<usize>,
    /// The key of its list, as the service sent it, if the response has a list for each key (slots: the date).
    pub key: Option<String>,
    /// Its JSON, as the service sent it. It can contain personal data.
    pub json: String,
    /// The place and the cause: [`Error::Decode`].
    pub error: Error,
}

impl UnreadItem {
    /// Whether it is an optional part of an item, or of a single resource, which was read without it. Such a part is an element
    /// of an optional list, such as a location of an event type, or an optional object. The error names its place.
    ///
    /// At most 128 parts of a value are left out; a value with more fails as a whole. A documented type holds its own parts:
    /// [`Booking::unread_parts`](crate::model::Booking::unread_parts).
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.index.is_none() && self.key.is_none()
    }
}

/// Says which item it is, where it cannot be read, and why. Shows nothing of its JSON.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// for item in client.webhooks().list().await?.unread() {
///     eprintln!("{item}"); // item 3 at `data[3].id`: found integer, expected a string (line 1, column 80)
/// }
/// # Ok(()) }
/// ```
impl fmt::Display for UnreadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "item {index}")?,
            None if self.is_part() => f.write_str("a part")?,
            None => f.write_str("a list")?,
        }
        match self.error.decode_failure() {
            (place, cause) if cause.is_empty() => write!(f, ": {place}"),
            (place, cause) => write!(f, " {place}: {cause}"),
        }
    }
}

/// Compares the items and their places, not the errors.
impl PartialEq for UnreadItem {
    fn eq(&self, other: &Self) -> bool {
        (self.index, &self.key, &self.json) == (other.index, &other.key, &other.json)
    }
}

/// Shows the index and the error, not the item.
impl fmt::Debug for UnreadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadItem").field("index", &self.index).field("error", &self.error).finish_non_exhaustive()
    }
}

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
