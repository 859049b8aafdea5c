//! `/event-types`.

use super::{Client, data, one, several};
use crate::v1::{
    Converted, Result, convert,
    loss::Losses,
    types::{CreateEventType, Deleted, EventType, EventTypesQuery, PatchEventType},
};

impl Client {
    /// The caller's event types (V1's `GET /event-types`). Those of teams have routes of their own in V2.
    ///
    /// # Errors
    ///
    /// [`Error`](crate::v1::Error) with V1's status, as for every call.
    pub async fn event_types(&self, query: &EventTypesQuery) -> Result<Converted<Vec<EventType>>> {
        let answer = self.v2.raw().list_event_types().older().await?;
        let mut losses = Losses::default();
        let mut all: Vec<EventType> = several(&data(&answer), &mut losses)?;
        // V2 takes a slug with a username alone.
        all.retain(|event_type| query.slug.as_ref().is_none_or(|slug| *slug == event_type.slug));
        Ok(Converted::new(all, losses))
    }

    /// One event type (V1's `GET /event-types/{id}`).
    ///
    /// # Errors
    ///
    /// 404 for an unknown one.
    pub async fn event_type(&self, id: i64) -> Result<Converted<EventType>> {
        let answer = self.v2.raw().get_event_type(id).older().await?;
        let mut losses = Losses::default();
        let event_type = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Makes an event type (V1's `POST /event-types`).
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent, and in strict mode for what V2 cannot take.
    pub async fn create_event_type(&self, event_type: &CreateEventType) -> Result<Converted<EventType>> {
        self.check(event_type)?;
        let mut losses = Losses::default();
        let body = self.allowed(convert::create_event_type(event_type), &mut losses)?;
        let answer = self.v2.raw().create_event_type(&body).await?;
        let event_type = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Changes an event type (V1's `PATCH /event-types/{id}`).
    ///
    /// # Errors
    ///
    /// As [`create_event_type`](Self::create_event_type); 404 for an unknown one.
    pub async fn patch_event_type(&self, id: i64, changes: &PatchEventType) -> Result<Converted<EventType>> {
        self.check(changes)?;
        let mut losses = Losses::default();
        let body = self.allowed(convert::patch_event_type(changes), &mut losses)?;
        let answer = self.v2.raw().update_event_type(id, &body).await?;
        let event_type = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Deletes an event type (V1's `DELETE /event-types/{id}`).
    ///
    /// # Errors
    ///
    /// 403 for somebody else's.
    pub async fn delete_event_type(&self, id: i64) -> Result<Deleted> {
        self.v2.raw().delete_event_type(id).await?;
        Ok(Deleted::new("Event Type", &id.to_string()))
    }
}
