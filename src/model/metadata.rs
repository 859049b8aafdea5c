//! Metadata of bookings.

use std::{
    ops::{Deref, DerefMut},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The metadata of a booking: a map of texts, which dereferences to a [`Map`].
///
/// The documentation has it as nullable: `null` reads as an empty map, and is written as `null` again.
///
/// ```
/// use calcom::model::Metadata;
///
/// let metadata: Metadata = serde_json::from_str("null")?;
/// assert!(metadata.is_empty() && metadata.get("branch_id").is_none());
/// assert_eq!(serde_json::to_string(&metadata)?, "null");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Metadata(Option<Map<String, Value>>);

impl Metadata {
    /// Whether it is `null`, or missing in the response.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the map; empty for `null`.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0.unwrap_or_default()
    }
}

impl Deref for Metadata {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.0.as_ref().unwrap_or(&EMPTY)
    }
}

impl DerefMut for Metadata {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.get_or_insert_default()
    }
}

impl From<Map<String, Value>> for Metadata {
    fn from(map: Map<String, Value>) -> Self {
        Self(Some(map))
    }
}

impl From<Option<Map<String, Value>>> for Metadata {
    fn from(map: Option<Map<String, Value>>) -> Self {
        Self(map)
    }
}

impl PartialEq<Map<String, Value>> for Metadata {
    fn eq(&self, other: &Map<String, Value>) -> bool {
        **self == *other
    }
}

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a String, &'a Value);
    type IntoIter = serde_json::map::Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Shows only the number of keys: the values can be personal data.
impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::redact::if_revealed!(Metadata, self, f);
        f.debug_struct("Metadata").field("len", &self.len()).finish_non_exhaustive()
    }
}
