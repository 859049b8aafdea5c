//! Event types: listing, reading, creating, changing and deleting them, and their private links. Their webhooks are in
//! `webhooks`.

mod booking_fields;
mod input;
mod list;
#[cfg(feature = "private-links")]
mod private_links;

use serde_json::Value;

pub use booking_fields::BookingForm;
#[cfg(feature = "teams")]
pub(super) use booking_fields::FormOwner;
pub use input::EventTypeInput;
pub use list::EventTypeFilter;

use crate::{
    Client, Result,
    facade::{CheckBefore, fetch},
    model::{DeletedEventType, EventType, EventTypeId, FromDocumented, FromWire, PathKey, RawValueRef},
    raw::{Request, types},
};

/// The event types, the kinds of appointments that can be booked; from [`Client::event_types`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::EventTypeFilter, model::{CreateEventType, UpdateEventType}};
///
/// let event_types = client.event_types();
/// let consultation = event_types.create(&CreateEventType::new("Consultation", "consultation", 30)).await?;
/// event_types.update(consultation.id, &UpdateEventType::new().length(45)).await?;
/// println!("{} event types", event_types.list(&EventTypeFilter::default()).await?.len());
///
/// // Event types of other users are found by their names, without a credential.
/// let other = event_types.find("johndoe", "30min").await?;
/// println!("{:?}", other.map(|event_type| event_type.length));
/// # Ok(()) }
/// ```
///
/// # Event types of teams
///
/// They are listed, read and written by `client.team(id).event_types()` (features `teams` and `organization-teams`).
/// [`get`](Self::get) reads one by its id if the service shows it to the caller.
///
/// A *managed* event type (`schedulingType` `managed`) is a template for the hosts of a team: the team's own event type, the
/// parent, and one child for each host.
///
/// - Creating and changing one returns `data` as a list, the parent first, then a child for each host. Other event types return
///   one object; the generated type has a variant for each.
/// - A child has the owner in `ownerId` and the parent in `parentEventTypeId`, and neither team nor scheduling type. It takes
///   title, slug and length from its parent, at each change of the parent; a host who is added gets a child.
/// - Lists of a team have the parents only. Through the team's routes a child is not found (404), and is not changed (400).
/// - A parent cannot be booked (400); its children can.
///
/// A child stays its host's own event type. Which of its fields the host may change is set in the web application
/// (`metadata.managedEventConfig`); the API does not describe it.
#[derive(Debug, Clone)]
pub struct EventTypes {
    client: Client,
}

impl Client {
    /// The event types, the kinds of appointments that can be booked.
    ///
    /// Cargo feature: `event-types`.
    #[must_use]
    pub fn event_types(&self) -> EventTypes {
        EventTypes { client: self.clone() }
    }
}

impl EventTypes {
    /// Reads one event type, the caller's or a team's (`GET /v2/event-types/{eventTypeId}`;
    /// [documented](crate::model#the-documented-interface) as `getEventType`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if there is none or it is another user's: [`find`](Self::find) reads
    /// those.
    pub async fn get(&self, id: impl Into<EventTypeId>) -> Result<EventType> {
        fetch_event_type(self.client.raw().get_event_type(id.into().0)).await
    }

    /// Creates an event type of the caller (`POST /v2/event-types`).
    ///
    /// Takes a [`&CreateEventType`](crate::model::CreateEventType), or the generated request for all fields of the
    /// service: [`types::CreateEventType`] on both services, [`types::HostedCreateEventType`] on the hosted one.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) for the hosted service's form on a self-hosted server.
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for input that the service would refuse for
    /// its form. The service returns the same error if the caller has an event type with this slug, or if an app is not
    /// connected. It names its own fields: `lengthInMinutes`, `recurrence`.
    pub async fn create(&self, event_type: impl EventTypeInput<types::CreateEventType>) -> Result<EventType> {
        let body = event_type.into_body().before("create_event_type")?;
        fetch_event_type(self.client.raw().create_event_type(&body)).await
    }

    /// Changes an event type of the caller (`PATCH /v2/event-types/{eventTypeId}`). Fields that are not set stay unchanged.
    ///
    /// Takes an [`&UpdateEventType`](crate::model::UpdateEventType), or the generated request for all fields of the
    /// service: [`types::UpdateEventType`] on both services, [`types::HostedUpdateEventType`] on the hosted one.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); [`Error::NotFound`](crate::Error::NotFound) if there is none or it is another user's.
    pub async fn update(
        &self,
        id: impl Into<EventTypeId>,
        changes: impl EventTypeInput<types::UpdateEventType>,
    ) -> Result<EventType> {
        let body = changes.into_body().before("update_event_type")?;
        fetch_event_type(self.client.raw().update_event_type(id.into().0, &body)).await
    }

    /// Deletes an event type of the caller (`DELETE /v2/event-types/{eventTypeId}`), and returns what it was.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if it is another user's.
    pub async fn delete(&self, id: impl Into<EventTypeId>) -> Result<DeletedEventType> {
        fetch(self.client.raw().delete_event_type(id.into().0), |answer| answer.data).await
    }
}

async fn fetch_event_type(request: Request<types::EventTypeResponse>) -> Result<EventType> {
    fetch::<_, _, SingleEventType>(request, |answer| answer.data).await.map(|SingleEventType(event_type)| event_type)
}

/// One event type. In the service's first version a read response has it in `eventType`, and the response to a change has it
/// directly.
#[derive(Clone)]
struct SingleEventType(EventType);

impl FromDocumented for SingleEventType {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
        let (json, extra) = match json.get("eventType") {
            Some(nested) => (nested, extra.key(PathKey::EventType)),
            None => (json, extra.clone()),
        };
        EventType::from_documented(json, &extra).map(Self)
    }
}

impl FromWire for SingleEventType {
    type Wire = types::EventTypeParts;

    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
        Self(EventType::from_wire(wire, extra))
    }
}
