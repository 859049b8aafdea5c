//! What a caller says to make or to change an event type, in the documented form; how it becomes what the service takes
//! today stands in `wire`.

mod wire;

use serde::{Deserialize, Serialize};

use super::{Location, RecurringEvent};
use crate::{patch::Patch, redact::debug_shows};

/// An event type to be made, by its documented fields.
///
/// Price, currency and the old custom inputs are documented too, but the service takes none of them. What it takes
/// besides is in the generated request, which this becomes:
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
    /// Its name in links to the booking page, unique among the caller's event types. The service keeps it as it is, blanks
    /// and all.
    pub slug: String,
    /// How long an appointment is, in minutes; at least 1.
    pub length: u32,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it can take place: `inPerson`, `link` or `phone` with its address; an app such as `integrations:cal-video`,
    /// which has to be connected; `attendeeAddress`, `attendeePhone` or `attendeeDefined`, where the attendee says.
    ///
    /// An address is shown to those who booked only; the generated request has `public` to show it before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
    /// Whether every booking waits until the host confirms it; default `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_confirmation: Option<bool>,
    /// How it repeats; default: it takes place once.
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

    /// The description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// One more place where it can be.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.locations.push(location);
        self
    }

    /// Whether every booking waits until the host confirms it.
    #[must_use]
    pub fn requires_confirmation(mut self, required: bool) -> Self {
        self.requires_confirmation = Some(required);
        self
    }

    /// How it repeats.
    #[must_use]
    pub fn recurring(mut self, how: RecurringEvent) -> Self {
        self.recurring_event = Some(how);
        self
    }

    /// Whether it is hidden from the public profile.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = Some(hidden);
        self
    }
}

/// What to change of an event type, by its documented fields. What is left out stays as it is.
///
/// Everything else that the service can change is in the generated request, which this becomes as
/// [`CreateEventType`] does.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateEventType {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its name in links to the booking page. Links with the old one lead nowhere then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// How long an appointment is, in minutes; at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// The description; `null` takes it away, as an empty one does.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub description: Patch<String>,
    /// All places where it can be, in the place of the old ones; the service refuses an empty list. They are written as in
    /// [`CreateEventType::locations`]; an address that was public is not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locations: Option<Vec<Location>>,
    /// Whether every booking waits until the host confirms it. `true` takes the place of a policy for bookings at short
    /// notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_confirmation: Option<bool>,
    /// How it repeats; `null`: no more.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<RecurringEvent>"))]
    pub recurring_event: Patch<RecurringEvent>,
    /// Whether it is hidden from the public profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}

debug_shows!(UpdateEventType { length, locations, requires_confirmation, recurring_event, hidden });

impl UpdateEventType {
    /// Nothing changes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Its name in links to the booking page.
    #[must_use]
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.slug = Some(slug.into());
        self
    }

    /// How long an appointment is, in minutes.
    #[must_use]
    pub fn length(mut self, minutes: u32) -> Self {
        self.length = Some(minutes);
        self
    }

    /// The description; [`Patch::Clear`] takes it away.
    #[must_use]
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// All places where it can be, in the place of the old ones.
    #[must_use]
    pub fn locations(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        self.locations = Some(locations.into_iter().collect());
        self
    }

    /// Whether every booking waits until the host confirms it.
    #[must_use]
    pub fn requires_confirmation(mut self, required: bool) -> Self {
        self.requires_confirmation = Some(required);
        self
    }

    /// How it repeats; with [`Patch::Clear`] it does no more.
    #[must_use]
    pub fn recurring(mut self, how: impl Into<Patch<RecurringEvent>>) -> Self {
        self.recurring_event = how.into();
        self
    }

    /// Whether it is hidden from the public profile.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = Some(hidden);
        self
    }
}
