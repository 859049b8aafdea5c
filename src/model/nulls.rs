//! Reads null in the JSON of an input as a field that is left out.

use serde::{Deserialize, Deserializer};

/// Reads null as the default of the type.
pub(crate) fn null_as_none<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
