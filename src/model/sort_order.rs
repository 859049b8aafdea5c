//! The order of a list.

use serde::{Deserialize, Serialize};

use crate::generated::types;

/// The order of a list by one of its fields; in JSON `asc` and `desc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums)]
pub enum SortOrder {
    /// The smallest first: of times the earliest.
    Asc,
    /// The largest first: of times the latest.
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
