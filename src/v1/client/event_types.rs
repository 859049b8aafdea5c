//! `/event-types`. V2 has routes of its own for event types of teams.

use serde_json::Value;

use super::{V1Client, convert_list, convert_one, response_data};
use crate::v1::{
    Converted, V1Error, V1Result, convert,
    loss::Losses,
    types::{CreateEventType, DeletionBody, EventType, EventTypesQuery, Patch, PatchEventType},
};

impl V1Client {
    /// Lists the caller's event types (V1's `GET /event-types`). [`team_event_types`](Self::team_event_types) lists those of
    /// a team.
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

    /// Reads an event type (V1's `GET /event-types/{id}`): one of the caller's, or of a team of the caller.
    ///
    /// # Errors
    ///
    /// 404 if it does not exist.
    pub async fn event_type(&self, id: i64) -> V1Result<Converted<EventType>> {
        let event_type = match self.v2.raw().get_event_type(id).self_hosted_form().await {
            Ok(response) => response_data(&response),
            Err(error) => self.team_of(id, error.into()).await?.1,
        };
        let mut losses = Losses::default();
        let event_type = convert_one(&event_type, &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// The team that owns an event type, with the event type, if `refusal` says that the caller does not own it.
    async fn team_of(&self, id: i64, refusal: V1Error) -> V1Result<(i64, Value)> {
        match refusal.status() {
            403 | 404 => self.find_team_event_type(id).await.ok_or(refusal),
            _ => Err(refusal),
        }
    }

    /// Creates an event type (V1's `POST /event-types`): the caller's, or with a `teamId` the team's.
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, or in strict mode if it would lose anything. An event type
    /// of a team needs a `schedulingType`.
    pub async fn create_event_type(&self, event_type: &CreateEventType) -> V1Result<Converted<EventType>> {
        self.validate(event_type)?;
        let mut losses = Losses::default();
        let created = match &event_type.team_id {
            Patch::Set(team) => {
                let body = self.accept(convert::create_team_event_type(event_type), &mut losses)?;
                response_data(&self.v2.raw().create_team_event_type(*team, &body).await?)
            }
            Patch::Keep | Patch::Clear => {
                let body = self.accept(convert::create_event_type(event_type), &mut losses)?;
                response_data(&self.v2.raw().create_event_type(&body).await?)
            }
        };
        let event_type = convert_one(of_team(&created), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    /// Updates an event type (V1's `PATCH /event-types/{id}`): one of the caller's, or of a team of the caller.
    ///
    /// # Errors
    ///
    /// As [`create_event_type`](Self::create_event_type); 404 if it does not exist.
    pub async fn patch_event_type(&self, id: i64, changes: &PatchEventType) -> V1Result<Converted<EventType>> {
        self.validate(changes)?;
        let mut losses = Losses::default();
        let names_hosts = changes.hosts.is_some()
            || changes.assign_all_team_members.is_some()
            || matches!(changes.scheduling_type, Patch::Set(_));
        let team = if names_hosts { self.find_team_event_type(id).await } else { None };
        let changed = match team {
            Some((team, _)) => self.patch_team_event_type(team, id, changes, &mut losses).await?,
            None => {
                let mut own = Losses::default();
                match self.patch_own_event_type(id, changes, &mut own).await {
                    Ok(changed) => {
                        losses = own;
                        changed
                    }
                    Err(refusal) => {
                        let (team, _) = self.team_of(id, refusal).await?;
                        self.patch_team_event_type(team, id, changes, &mut losses).await?
                    }
                }
            }
        };
        let event_type = convert_one(of_team(&changed), &mut losses)?;
        Ok(Converted::new(event_type, losses))
    }

    async fn patch_own_event_type(&self, id: i64, changes: &PatchEventType, losses: &mut Losses) -> V1Result<Value> {
        let body = self.accept(convert::patch_event_type(changes), losses)?;
        Ok(response_data(&self.v2.raw().update_event_type(id, &body).await?))
    }

    async fn patch_team_event_type(
        &self,
        team: i64,
        id: i64,
        changes: &PatchEventType,
        losses: &mut Losses,
    ) -> V1Result<Value> {
        let body = self.accept(convert::patch_team_event_type(changes), losses)?;
        Ok(response_data(&self.v2.raw().update_team_event_type(team, id, &body).await?))
    }

    /// Deletes an event type (V1's `DELETE /event-types/{id}`): one of the caller's, or of a team of the caller.
    ///
    /// # Errors
    ///
    /// 403 if it belongs to another user.
    pub async fn delete_event_type(&self, id: i64) -> V1Result<DeletionBody> {
        if let Err(error) = self.v2.raw().delete_event_type(id).await {
            let (team, _) = self.team_of(id, error.into()).await?;
            self.v2.raw().delete_team_event_type(team, id).await?;
        }
        Ok(DeletionBody::new("Event Type", &id.to_string()))
    }
}

/// The event type of a response. Of a managed one, V2 returns a list: that of the team first, then those of the hosts.
fn of_team(response: &Value) -> &Value {
    response.as_array().and_then(|event_types| event_types.first()).unwrap_or(response)
}
