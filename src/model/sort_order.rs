//! Sort orders.

use serde::{Deserialize, Serialize};

use crate::generated::types;

/// The direction in which a list is sorted by one of its fields; in JSON `asc` and `desc`.
///
/// ```
/// use calcom::{facade::EventTypeFilter, model::SortOrder};
///
/// let newest_first = EventTypeFilter::default().sort_created_at(SortOrder::Desc);
/// # assert_eq!(newest_first.sort_created_at, Some(SortOrder::Desc));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums)]
pub enum SortOrder {
    /// Ascending: the earliest time first.
    Asc,
    /// Descending: the latest time first.
    Desc,
}

impl From<SortOrder> for types::SortOrder {
    fn from(order: SortOrder) -> Self {
        match order {
            SortOrder::Asc => Self::Asc,
            SortOrder::Desc => Self::Desc,
        }
    }
}
