//! Reads and sets a field of a body that is written already.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};

/// The fields in the order of their names, which generated types have too.
type BodyFields<'b> = BTreeMap<String, &'b RawValue>;

/// The value of a field as it is written, if the body has it.
pub(super) fn value(body: &[u8], name: &str) -> Option<String> {
    let mut fields: BodyFields<'_> = serde_json::from_slice(body).ok()?;
    fields.remove(name).map(|value| value.get().to_owned())
}

/// The body with this value of a field; `None` if the body has no fields.
pub(super) fn with(body: &[u8], name: &str, value: u64) -> Option<Vec<u8>> {
    let mut fields: BodyFields<'_> = serde_json::from_slice(body).ok()?;
    let value = to_raw_value(&value).ok()?;
    fields.insert(name.to_owned(), &value);
    serde_json::to_vec(&fields).ok()
}
