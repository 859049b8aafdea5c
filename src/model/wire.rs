//! From the wire form, which the service speaks today, to the documented types.

use serde_json::Value;

use super::{Extra, documented::read_fields, from_documented::FromDocumented};
use crate::{operation::Items, pipeline::UnreadItem};

/// A documented type, and how it is made of the wire form.
pub(crate) trait FromWire: FromDocumented + Clone + Send + Sync + 'static {
    /// The generated type of the same thing.
    type Wire;

    /// Where the documented form has the items of a list, if they are read one by one if need be.
    #[cfg(feature = "client")]
    const DOCUMENTED_ITEMS: Option<Items> = None;

    /// From the wire form; `extra` is the place in the response where it stood.
    fn from_wire(wire: Self::Wire, extra: Extra) -> Self;

    /// Reads what the first version of the service answers with, if that has a form of its own.
    fn from_first_version(json: &Value, extra: &Extra) -> Option<Self> {
        let _ = (json, extra);
        None
    }

    /// Takes what could not be read of a list, of which `read` items could. Whether the value is to be given without them.
    #[cfg(feature = "client")]
    fn attach_unread(&mut self, unread: Vec<UnreadItem>, read: usize) -> bool {
        drop(unread);
        read > 0
    }

    /// About how many bytes the value takes, texts aside.
    fn footprint(&self) -> usize {
        size_of::<Self>()
    }

    /// From a list in the wire form.
    fn from_wire_list(wire: Vec<Self::Wire>, extra: &Extra) -> Vec<Self> {
        wire.into_iter().enumerate().map(|(at, item)| Self::from_wire(item, extra.index(at))).collect()
    }
}

impl<D: FromWire> FromWire for Vec<D> {
    type Wire = Vec<D::Wire>;

    fn from_wire(wire: Self::Wire, extra: Extra) -> Self {
        D::from_wire_list(wire, &extra)
    }

    fn from_first_version(json: &Value, extra: &Extra) -> Option<Self> {
        let item = |(at, item)| D::from_first_version(item, &extra.index(at));
        json.as_array().filter(|items| !items.is_empty())?.iter().enumerate().map(item).collect()
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.iter().map(D::footprint).sum::<usize>()
    }
}

impl<D: FromWire> FromWire for Option<D> {
    type Wire = Option<D::Wire>;

    fn from_wire(wire: Self::Wire, extra: Extra) -> Self {
        wire.map(|wire| D::from_wire(wire, extra))
    }

    fn from_first_version(json: &Value, extra: &Extra) -> Option<Self> {
        D::from_first_version(json, extra).map(Some)
    }
}

/// Reads the wire form through the generated type.
pub(crate) fn read_wire<D>(json: &Value, extra: &Extra) -> Result<D, serde_json::Error>
where
    D: FromWire<Wire: serde::de::DeserializeOwned>,
{
    read_fields(json).map(|wire| D::from_wire(wire, extra.clone()))
}

/// A text in a response that is not what it stands for: a time, a date, a weekday.
pub(crate) struct InvalidValue {
    /// Where it stands, as a JSON path.
    pub(crate) path: String,
    /// What should stand there.
    pub(crate) expected: &'static str,
}

impl InvalidValue {
    pub(crate) fn new(path: impl Into<String>, expected: &'static str) -> Self {
        Self { path: path.into(), expected }
    }

    pub(crate) fn into_json_error(self) -> serde_json::Error {
        let path = self.path.trim_start_matches('.');
        serde::de::Error::custom(format!("{path}: expected {}", self.expected))
    }
}
