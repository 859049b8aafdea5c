//! Event types: listing, reading, making, changing and deleting them, and their private links. Their webhooks are with
//! the other webhooks.

mod input;
mod list;
#[cfg(feature = "private-links")]
mod private_links;

use serde_json::Value;

pub use input::EventTypeInput;
pub use list::EventTypeFilter;

use crate::{
    Client, Result,
    facade::read,
    model::{DeletedEventType, EventType, EventTypeId, Extra, FromDocumented, FromWire, Key},
    raw::{Request, types},
};

/// What can be booked; from [`Client::event_types`].
#[derive(Debug, Clone)]
pub struct EventTypes {
    client: Client,
}

impl Client {
    /// What can be booked.
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
    /// [`Error::NotFound`](crate::Error::NotFound) where there is none or it is somebody else's: [`find`](Self::find) reads
    /// those.
    pub async fn get(&self, id: impl Into<EventTypeId>) -> Result<EventType> {
        one(self.client.raw().get_event_type(id.into().0)).await
    }

    /// Makes an event type of the caller's own (`POST /v2/event-types`).
    ///
    /// Takes a [`&CreateEventType`](crate::model::CreateEventType), or the generated request for everything else that the
    /// service can do: [`types::CreateEventType`] on both services, [`types::HostedCreateEventType`] on the hosted one.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) for the hosted service's form on a server of one's own;
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for what the service would refuse for its
    /// form; from the service where the caller has an event type with this slug or an app is not connected.
    pub async fn create(&self, event_type: impl EventTypeInput<types::CreateEventType>) -> Result<EventType> {
        let body = event_type.into_body()?;
        one(self.client.raw().create_event_type(&body)).await
    }

    /// Changes an event type of the caller's own (`PATCH /v2/event-types/{eventTypeId}`). What is left out stays.
    ///
    /// Takes an [`&UpdateEventType`](crate::model::UpdateEventType), or the generated request for everything else that the
    /// service can do: [`types::UpdateEventType`] on both services, [`types::HostedUpdateEventType`] on the hosted one.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); [`Error::NotFound`](crate::Error::NotFound) where there is none or it is somebody else's.
    pub async fn update(
        &self,
        id: impl Into<EventTypeId>,
        changes: impl EventTypeInput<types::UpdateEventType>,
    ) -> Result<EventType> {
        let body = changes.into_body()?;
        one(self.client.raw().update_event_type(id.into().0, &body)).await
    }

    /// Deletes an event type of the caller's own (`DELETE /v2/event-types/{eventTypeId}`); the answer says what it was.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) where it is somebody else's.
    pub async fn delete(&self, id: impl Into<EventTypeId>) -> Result<DeletedEventType> {
        read(self.client.raw().delete_event_type(id.into().0), |answer| answer.data).await
    }
}

async fn one(request: Request<types::EventTypeAnswer>) -> Result<EventType> {
    read::<_, _, One>(request, |answer| answer.data).await.map(|One(event_type)| event_type)
}

/// One event type; the service's old form has it under `eventType` when it is read, and bare when it is written.
#[derive(Clone)]
struct One(EventType);

impl FromDocumented for One {
    fn from_documented(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
        let (json, extra) = match json.get("eventType") {
            Some(nested) => (nested, extra.key(Key::EventType)),
            None => (json, extra.clone()),
        };
        EventType::from_documented(json, &extra).map(Self)
    }
}

impl FromWire for One {
    type Wire = types::EventType;

    fn from_wire(today: Self::Wire, extra: Extra) -> Self {
        Self(EventType::from_wire(today, extra))
    }
}
