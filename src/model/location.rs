//! Where a booking takes place.

use serde::{Deserialize, Serialize};

use crate::redact::debug_shows;

/// Where a booking takes place, or can: `{"type": "inPerson", "address": "123 Main St"}`.
///
/// The service sends one text for a booking; [`Location::from_text`] says how its kind is told.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Location {
    /// The kind: `inPerson`, `link`, `phone`, an app's (`integrations:daily`), or what the service names it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is: an address, a link or a phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

debug_shows!(Location { kind });

impl Location {
    /// A place of this kind.
    pub fn new(kind: impl Into<String>, address: impl Into<String>) -> Self {
        Self { kind: kind.into(), address: Some(address.into()) }
    }

    /// From the one text that the service sends: a URL is a `link`, a number that begins with `+` a `phone`, a text like
    /// `integrations:daily` an app; anything else is an address, `inPerson`.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        let kind = if text.starts_with("https://") || text.starts_with("http://") {
            "link"
        } else if text.strip_prefix('+').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            "phone"
        } else if text.starts_with("integrations:") {
            return Self { kind: text, address: None };
        } else {
            "inPerson"
        };
        Self { kind: kind.to_owned(), address: Some(text) }
    }
}
