//! A field with three states, for requests that change something.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of a change: left out, `null`, or a value.
///
/// Fields that the service clears on `null` have this type. For all others the service ignores or refuses `null`, and they are an
/// `Option`. [`set_or_keep`](Self::set_or_keep) converts an `Option`. Setters of such a field take its value, or
/// one of these states, in requests of [`model`](crate::model) and of [`raw`](crate::raw).
///
/// ```
/// use calcom::{Patch, model, raw::types};
///
/// let changes = types::UpdateWebhook::default().secret(Patch::Clear).payload_template("{}");
/// assert_eq!(serde_json::to_string(&changes).unwrap(), r#"{"payloadTemplate":"{}","secret":null}"#);
/// let changes = model::UpdateWebhook::default().secret(Patch::Clear).payload_template("{}");
/// assert_eq!(serde_json::to_string(&changes).unwrap(), r#"{"secret":null,"payloadTemplate":"{}"}"#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::exhaustive_enums)]
pub enum Patch<T> {
    /// The field is left out of the request, and the service keeps its value. The default.
    #[default]
    Keep,
    /// The field is sent as `null`, and the service clears its value.
    Clear,
    /// The field is sent with this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field is left out.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> Patch<T> {
    /// Converts the value, if one is set.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// Sets the value if there is one, and keeps the service's otherwise.
    pub fn set_or_keep(value: Option<impl Into<T>>) -> Self {
        value.map_or(Self::Keep, |value| Self::Set(value.into()))
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

/// Shows the state and not the value, which can be personal data.
impl<T> fmt::Debug for Patch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Clear => "Clear",
            Self::Set(_) => "Set(..)",
        })
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Keep | Self::Clear => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}
