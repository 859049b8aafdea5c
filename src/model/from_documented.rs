//! Reads values in the documented form, and keeps their path in the response.

use serde_json::Value;

use super::RawValueRef;

/// A value that is read from the documented form; `json` is the value at the path `extra` of a response.
pub(crate) trait FromDocumented: Sized {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error>;
}

impl<D: FromDocumented> FromDocumented for Vec<D> {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
        let items = json.as_array().ok_or_else(|| serde::de::Error::custom("expected a list"))?;
        items.iter().enumerate().map(|(at, item)| D::from_documented(item, &extra.index(at))).collect()
    }
}

impl<D: FromDocumented> FromDocumented for Option<D> {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
        (!json.is_null()).then(|| D::from_documented(json, extra)).transpose()
    }
}
