//! Where a booking takes place.

#[cfg(feature = "client")]
pub(crate) mod apps;
#[cfg(feature = "bookings")]
mod wire;

use serde::{Deserialize, Deserializer, Serialize};

use crate::redact::debug_shows;

/// Where a booking takes place, or can: `{"type": "inPerson", "address": "123 Main St"}`.
///
/// The service sends one text for a booking; [`Location::from_text`] says how its kind is told. For an event type it sends
/// a kind and a field that depends on it: its `address` is the documented `inPerson`, and the app of an `integration` is
/// part of the kind: `integrations:cal-video`. A link and a phone number are read as the address.
///
/// What was read can be sent. Requests take every kind by each of its names:
///
/// | kind | also | address |
/// |---|---|---|
/// | `inPerson` | `address` | the host's address |
/// | `link` | | a URL |
/// | `phone` | `userPhone` | a phone number in international form |
/// | `integrations:daily` | `integrations:cal-video`, `integration` with the app as the address | |
/// | `attendeeAddress` | `attendeeInPerson` | the attendee's address |
/// | `attendeePhone` | | the attendee's phone number |
/// | `attendeeDefined` | `somewhereElse` | any text |
/// | `organizersDefaultApp` | `conferencing` | only for a new booking |
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[serde(from = "Written")]
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

/// A location with its address under the name that the service's old form has for it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a location: an object with a type")]
struct Written {
    #[serde(rename = "type")]
    kind: String,
    address: Option<String>,
    link: Option<String>,
    phone: Option<String>,
    host_phone_number: Option<String>,
    location: Option<String>,
    integration: Option<String>,
}

impl From<Written> for Location {
    fn from(written: Written) -> Self {
        let Written { kind, address, link, phone, host_phone_number, location, integration } = written;
        match integration {
            Some(app) if kind == "integration" => Self { kind: format!("integrations:{app}"), address: None },
            _ => Self { kind, address: address.or(link).or(phone).or(host_phone_number).or(location) },
        }
    }
}

impl Location {
    /// A place of this kind.
    pub fn new(kind: impl Into<String>, address: impl Into<String>) -> Self {
        Self { kind: kind.into(), address: Some(address.into()) }
    }

    /// A booking's: in the documented form, or one text, as rows of the service's first version have it.
    pub(super) fn of_booking<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum TextOrPlace {
            Text(String),
            Place(Location),
        }

        Ok(match Option::deserialize(deserializer)? {
            Some(TextOrPlace::Text(text)) => Some(text).filter(|text| !text.is_empty()).map(Self::from_text),
            Some(TextOrPlace::Place(place)) => Some(place),
            None => None,
        })
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

#[cfg(feature = "event-types")]
impl From<crate::generated::types::EventTypeLocation> for Location {
    fn from(today: crate::generated::types::EventTypeLocation) -> Self {
        let kind = match (today.type_.as_str(), today.integration) {
            ("address", _) => "inPerson".to_owned(),
            ("integration", Some(app)) => format!("integrations:{app}"),
            _ => today.type_,
        };
        Self { kind, address: today.address.or(today.link).or(today.phone).or(today.location) }
    }
}
