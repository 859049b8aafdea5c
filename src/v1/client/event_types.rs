//! `/event-types`.

use super::{V1Client, convert_list, convert_one, response_data};
use crate::v1::{
    Converted, V1Result, convert,
    loss::Losses,
    types::{CreateEventType, DeletionBody, EventType, EventTypesQuery, PatchEventType},
};

impl V1Client {
    /// Lists the caller's event types (V1's `GET /event-types`). Event types of teams have separate routes in V2 and are
    /// not listed.
    ///
    /// # Errors
    ///
    /// [`V1Error`](crate::v1::V1Error) with V1's status, as for every call.
    pub async fn event_types(&self, query: &EventTypesQuery) -> V1Result<Converted<Vec<EventType>>> {
        let response = self.v2.raw().list_event_types().self_hosted_form().await?;
        let mut losses = Losses::default();
        let mut all: Vec<EventType> = convert_list(&response_data(&response), &mut losses)?;
        // V2 takes a slug only together with a username.
        all.retain(|event_type| query.slug.as_ref().is_none_or(|slug| *slug == event_type.slug));
        Ok(Converted::new(all, losses))
    }

    /// Reads an event type (V1's `GET /event-types/{id}`).
    ///
    /// # Errors
    ///
    /// 404 if it does not exist.
    pub async fn event_type(&self, id: i64) -> V1Result<Converted<EventType>> {
        let response = self.v2.raw().get_event_type(id).self_hosted_form().await?;
        let mut losses = Losses::default();
        let event_type = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Creates an event type (V1's `POST /event-types`).
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, or in strict mode if it would lose anything.
    pub async fn create_event_type(&self, event_type: &CreateEventType) -> V1Result<Converted<EventType>> {
        self.validate(event_type)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::create_event_type(event_type), &mut losses)?;
        let response = self.v2.raw().create_event_type(&body).await?;
        let event_type = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Updates an event type (V1's `PATCH /event-types/{id}`).
    ///
    /// # Errors
    ///
    /// As [`create_event_type`](Self::create_event_type); 404 if it does not exist.
    pub async fn patch_event_type(&self, id: i64, changes: &PatchEventType) -> V1Result<Converted<EventType>> {
        self.validate(changes)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::patch_event_type(changes), &mut losses)?;
        let response = self.v2.raw().update_event_type(id, &body).await?;
        let event_type = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Deletes an event type (V1's `DELETE /event-types/{id}`).
    ///
    /// # Errors
    ///
    /// 403 if it belongs to another user.
    pub async fn delete_event_type(&self, id: i64) -> V1Result<DeletionBody> {
        self.v2.raw().delete_event_type(id).await?;
        Ok(DeletionBody::new("Event Type", &id.to_string()))
    }
}
