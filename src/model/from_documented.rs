//! From the documented form, with the place in the response where it stood.

use serde_json::Value;

use super::Extra;

/// A value that is read from the documented form, in which `json` stands at the place `extra` of a response.
pub(crate) trait FromDocumented: Sized {
    fn from_documented(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error>;
}

impl<D: FromDocumented> FromDocumented for Vec<D> {
    fn from_documented(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
        let items = json.as_array().ok_or_else(|| serde::de::Error::custom("expected a list"))?;
        items.iter().enumerate().map(|(at, item)| D::from_documented(item, &extra.index(at))).collect()
    }
}

impl<D: FromDocumented> FromDocumented for Option<D> {
    fn from_documented(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
        (!json.is_null()).then(|| D::from_documented(json, extra)).transpose()
    }
}
