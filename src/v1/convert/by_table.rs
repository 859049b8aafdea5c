//! Converts typed values by a table.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::table::{ConversionDirection, FieldMapping, Purpose, convert};
use crate::v1::{Converted, schema::JsonObject};

/// The other version cannot express the value at all, because a required field is missing.
///
/// ```
/// use calcom::v1::{convert, types::CreateBooking};
///
/// let error = convert::create_booking(&CreateBooking::default(), None).unwrap_err();
/// assert_eq!(error.to_string(), "it has no form in the other version: start is missing");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it has no form in the other version: {0}")]
pub struct ConversionError(pub(super) String);

/// Serializes a value as a JSON object.
pub(super) fn to_object(value: &impl Serialize) -> JsonObject {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => JsonObject::new(),
    }
}

/// Converts a typed value by a table.
pub(super) fn convert_by_table<T: DeserializeOwned + Serialize>(
    table: &[FieldMapping],
    direction: ConversionDirection,
    purpose: Purpose,
    from: &impl Serialize,
) -> Result<Converted<T>, ConversionError> {
    convert(table, direction, purpose, &to_object(from)).map_err(|error| ConversionError(error.to_string()))
}
