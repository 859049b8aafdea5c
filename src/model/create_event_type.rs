//! Requests to create and to change an event type, in the documented form. `wire` makes the bodies in the wire form of them.

mod wire;

use serde::{Deserialize, Serialize};

use super::{Location, RecurringEvent, nulls::null_as_none};
use crate::{patch::Patch, redact::debug_shows};

/// The request to create an event type, in the [documented form](crate::model#the-two-forms-of-json).
///
/// The documentation has a price, a currency and custom inputs too, which the service does not take. Further fields of the
/// service are in the generated request, which this type converts into:
///
/// ```
/// use calcom::{model::{CreateEventType, Location}, raw::types};
///
/// # fn main() -> calcom::Result<()> {
/// let consultation = CreateEventType::new("30 Min Meeting", "30min", 30)
///     .description("Quick consultation")
///     .location(Location::new("inPerson", "123 Main St"));
///
/// let mut request = types::CreateEventType::try_from(&consultation)?;
/// request.minimum_booking_notice = Some(120);
/// // client.event_types().create(request).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateEventType {
    /// The title.
    pub title: String,
    /// The name in links to the booking page, unique among the caller's event types. The service stores it unchanged, with
    /// its blanks.
    pub slug: String,
    /// The length of an appointment in minutes; at least 1.
    pub length: u32,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The locations that it offers: `inPerson`, `link` or `phone` with its address; an app such as `integrations:cal-video`,
    /// which has to be connected; `attendeeAddress`, `attendeePhone` or `attendeeDefined`, which the attendee fills in.
    ///
    /// The booking page shows an address only after booking; `public` of the generated request shows it before.
    #[serde(default, deserialize_with = "null_as_none", skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
    /// Whether every booking is pending until the host confirms it; default `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_confirmation: Option<bool>,
    /// The recurrence; default: it takes place once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring_event: Option<RecurringEvent>,
    /// Whether it is hidden from the public profile; default `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}

debug_shows!(CreateEventType { length, locations, requires_confirmation, recurring_event, hidden });

impl CreateEventType {
    /// An event type with this title, slug and length in minutes.
    pub fn new(title: impl Into<String>, slug: impl Into<String>, length: u32) -> Self {
        Self {
            title: title.into(),
            slug: slug.into(),
            length,
            description: None,
            locations: Vec::new(),
            requires_confirmation: None,
            recurring_event: None,
            hidden: None,
        }
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a location.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.locations.push(location);
        self
    }

    /// Sets whether every booking is pending until the host confirms it.
    #[must_use]
    pub fn requires_confirmation(mut self, required: bool) -> Self {
        self.requires_confirmation = Some(required);
        self
    }

    /// Sets the recurrence.
    #[must_use]
    pub fn recurring(mut self, how: RecurringEvent) -> Self {
        self.recurring_event = Some(how);
        self
    }

    /// Sets whether it is hidden from the public profile.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = Some(hidden);
        self
    }
}

/// The request to change an event type, in the [documented form](crate::model#the-two-forms-of-json). Fields that are not set
/// stay unchanged.
///
/// Further fields of the service are in the generated request, which this type converts into as [`CreateEventType`] does.
///
/// ```
/// use calcom::{Patch, model::UpdateEventType};
///
/// let changes = UpdateEventType::new().length(45).hidden(false).description(Patch::Clear);
/// // client.event_types().update(7, &changes).await?;
/// # assert_eq!(serde_json::to_string(&changes).unwrap(), r#"{"length":45,"description":null,"hidden":false}"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateEventType {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The name in links to the booking page. Links with the old name stop working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The length of an appointment in minutes; at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// The description; `null` and an empty one remove it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub description: Patch<String>,
    /// All locations, which replace the old ones; the service refuses an empty list. Their form is that of
    /// [`CreateEventType::locations`]; an address that was public is not public afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locations: Option<Vec<Location>>,
    /// Whether every booking is pending until the host confirms it. `true` replaces a policy for bookings at short notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_confirmation: Option<bool>,
    /// The recurrence; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<RecurringEvent>"))]
    pub recurring_event: Patch<RecurringEvent>,
    /// Whether it is hidden from the public profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}

debug_shows!(UpdateEventType { length, locations, requires_confirmation, recurring_event, hidden });

impl UpdateEventType {
    /// A request without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the name in links to the booking page.
    #[must_use]
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.slug = Some(slug.into());
        self
    }

    /// Sets the length of an appointment in minutes.
    #[must_use]
    pub fn length(mut self, minutes: u32) -> Self {
        self.length = Some(minutes);
        self
    }

    /// Sets the description; [`Patch::Clear`] removes it.
    #[must_use]
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Replaces all locations.
    #[must_use]
    pub fn locations(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        self.locations = Some(locations.into_iter().collect());
        self
    }

    /// Sets whether every booking is pending until the host confirms it.
    #[must_use]
    pub fn requires_confirmation(mut self, required: bool) -> Self {
        self.requires_confirmation = Some(required);
        self
    }

    /// Sets the recurrence; [`Patch::Clear`] removes it.
    #[must_use]
    pub fn recurring(mut self, how: impl Into<Patch<RecurringEvent>>) -> Self {
        self.recurring_event = how.into();
        self
    }

    /// Sets whether it is hidden from the public profile.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = Some(hidden);
        self
    }
}
