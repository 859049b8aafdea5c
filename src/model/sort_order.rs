//! Sort orders.

use serde::{Deserialize, Serialize};

/// The direction in which a list is sorted by one of its fields; in JSON `asc` and `desc`.
///
/// ```
/// use calcom::model::SortOrder;
///
/// // let newest_first = EventTypeFilter::default().sort_created_at(SortOrder::Desc);
/// # assert_eq!(serde_json::to_string(&SortOrder::Desc).unwrap(), r#""desc""#);
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

#[cfg(any(feature = "event-types", feature = "organizations", feature = "out-of-office", feature = "teams"))]
impl From<SortOrder> for crate::generated::types::SortOrder {
    fn from(order: SortOrder) -> Self {
        match order {
            SortOrder::Asc => Self::Asc,
            SortOrder::Desc => Self::Desc,
        }
    }
}
