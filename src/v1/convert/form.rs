//! What every conversion gives: a value of the other version, or why there is none.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::table::{Row, Use, Way, convert};
use crate::v1::{Converted, shape::Object};

/// Something that has no form in the other version at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it has no form in the other version: {0}")]
pub struct NoForm(pub(super) String);

/// Any typed thing as an object.
pub(super) fn object(thing: &impl Serialize) -> Object {
    match serde_json::to_value(thing) {
        Ok(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// By a table, from one typed thing to another.
pub(super) fn by_table<T: DeserializeOwned + Serialize>(
    table: &[Row],
    way: Way,
    purpose: Use,
    from: &impl Serialize,
) -> Result<Converted<T>, NoForm> {
    convert(table, way, purpose, &object(from)).map_err(|error| NoForm(error.to_string()))
}
