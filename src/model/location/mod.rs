//! Locations of bookings and event types.

#[cfg(feature = "client")]
pub(crate) mod apps;
#[cfg(feature = "bookings")]
mod wire;

use serde::{Deserialize, Deserializer, Serialize};

use crate::redact::debug_shows;

/// The location of a booking, or one that an event type offers: `{"type": "inPerson", "address": "123 Main St"}`.
///
/// ```
/// use calcom::model::Location;
///
/// let office = Location::new("inPerson", "123 Main St");
/// let video = Location::new("integrations:google:meet", "");
/// assert_eq!(Location::from_text("https://video.example.org/room".to_owned()).kind, "link");
/// // client.bookings().update_location("kgiKeoVgk6NpALrVxDhWeY", &office).await?;
/// # let _ = (office, video);
/// ```
///
/// In the wire form a booking has one text, whose kind [`Location::from_text`] decides. An event type has a kind and a field
/// that depends on it: the kind `address` is read as the documented `inPerson`, and the app of an `integration` becomes part
/// of the kind: `integrations:cal-video`. A link and a phone number are read as the address.
///
/// A location that was read can be sent. Requests take every kind by each of its names:
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
#[serde(from = "LocationJson")]
#[non_exhaustive]
pub struct Location {
    /// The kind: `inPerson`, `link`, `phone`, the name of an app (`integrations:daily`), or another name of the service.
    #[serde(rename = "type")]
    pub kind: String,
    /// The address, the link or the phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

debug_shows!(Location { kind });

/// A location as JSON, with its address under any of the names that the service uses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a location: an object with a type")]
struct LocationJson {
    #[serde(rename = "type")]
    kind: String,
    address: Option<String>,
    link: Option<String>,
    phone: Option<String>,
    host_phone_number: Option<String>,
    location: Option<String>,
    integration: Option<String>,
}

impl From<LocationJson> for Location {
    fn from(json: LocationJson) -> Self {
        let LocationJson { kind, address, link, phone, host_phone_number, location, integration } = json;
        match integration {
            Some(app) if kind == "integration" => Self { kind: format!("integrations:{app}"), address: None },
            _ => Self { kind, address: address.or(link).or(phone).or(host_phone_number).or(location) },
        }
    }
}

impl Location {
    /// A location of this kind.
    pub fn new(kind: impl Into<String>, address: impl Into<String>) -> Self {
        Self { kind: kind.into(), address: Some(address.into()) }
    }

    /// Reads the location of a booking: in the documented form, or one text as in the first version of the service.
    pub(super) fn deserialize_of_booking<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
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

    /// Makes a location of the text that the service sends for a booking: a URL is a `link`, a number that begins with `+` a
    /// `phone`, a text like `integrations:daily` an app. Anything else is an address, `inPerson`.
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
    fn from(wire: crate::generated::types::EventTypeLocation) -> Self {
        let kind = match (wire.type_.as_str(), wire.integration) {
            ("address", _) => "inPerson".to_owned(),
            ("integration", Some(app)) => format!("integrations:{app}"),
            _ => wire.type_,
        };
        Self { kind, address: wire.address.or(wire.link).or(wire.phone).or(wire.location) }
    }
}
