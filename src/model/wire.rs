//! Makes documented types of the wire form, which the service sends in its current versions.

use serde_json::Value;

use super::{RawValueRef, documented::read_fields, from_documented::FromDocumented};
use crate::{operation::ItemsPath, pipeline::UnreadItem};

/// A documented type that is made of the wire form.
pub(crate) trait FromWire: FromDocumented + Clone + Send + Sync + 'static {
    /// The generated type that corresponds to it.
    type Wire;

    /// Where the documented form has the items of a list; `None` if a list is never read item by item.
    #[cfg(feature = "client")]
    const DOCUMENTED_ITEMS: Option<ItemsPath> = None;

    /// Converts the wire form; `extra` is its path in the response.
    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self;

    /// Reads the form of the service's first version, if that version has one of its own.
    fn from_first_version(json: &Value, extra: &RawValueRef) -> Option<Self> {
        let _ = (json, extra);
        None
    }

    /// Stores the unread items of a list of which `read` items could be read. Returns whether the value is usable without
    /// them.
    #[cfg(feature = "client")]
    fn attach_unread(&mut self, unread: Vec<UnreadItem>, read: usize) -> bool {
        drop(unread);
        read > 0
    }

    /// The approximate size of the value in bytes, without its texts.
    fn approximate_bytes(&self) -> usize {
        size_of::<Self>()
    }

    /// Converts a list in the wire form.
    fn from_wire_list(wire: Vec<Self::Wire>, extra: &RawValueRef) -> Vec<Self> {
        wire.into_iter().enumerate().map(|(at, item)| Self::from_wire(item, extra.index(at))).collect()
    }
}

impl<D: FromWire> FromWire for Vec<D> {
    type Wire = Vec<D::Wire>;

    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
        D::from_wire_list(wire, &extra)
    }

    fn from_first_version(json: &Value, extra: &RawValueRef) -> Option<Self> {
        let item = |(at, item)| D::from_first_version(item, &extra.index(at));
        json.as_array().filter(|items| !items.is_empty())?.iter().enumerate().map(item).collect()
    }

    fn approximate_bytes(&self) -> usize {
        size_of::<Self>() + self.iter().map(D::approximate_bytes).sum::<usize>()
    }
}

impl<D: FromWire> FromWire for Option<D> {
    type Wire = Option<D::Wire>;

    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
        wire.map(|wire| D::from_wire(wire, extra))
    }

    fn from_first_version(json: &Value, extra: &RawValueRef) -> Option<Self> {
        D::from_first_version(json, extra).map(Some)
    }
}

/// Reads the wire form through the generated type.
pub(crate) fn read_wire<D>(json: &Value, extra: &RawValueRef) -> Result<D, serde_json::Error>
where
    D: FromWire<Wire: serde::de::DeserializeOwned>,
{
    read_fields(json).map(|wire| D::from_wire(wire, extra.clone()))
}

/// A text in a response that does not parse as the time, date or weekday that it should be.
pub(crate) struct InvalidValue {
    /// The JSON path of the text.
    pub(crate) path: String,
    /// What the text should be.
    pub(crate) expected: &'static str,
}

impl InvalidValue {
    pub(crate) fn new(path: impl Into<String>, expected: &'static str) -> Self {
        Self { path: path.into(), expected }
    }

    /// The same error of a value that is at `path` in a response.
    #[cfg_attr(not(feature = "slots"), allow(dead_code))]
    pub(crate) fn within(self, path: &str) -> Self {
        Self { path: format!("{path}.{}", self.path), ..self }
    }

    pub(crate) fn into_json_error(self) -> serde_json::Error {
        let path = self.path.trim_start_matches('.');
        serde::de::Error::custom(format!("{path}: expected {}", self.expected))
    }
}
