//! `/teams`.

use serde_json::Value;

use super::{V1Client, convert_list, convert_one, response_data};
use crate::v1::{
    Converted, LossReason, V1Result, convert,
    loss::Losses,
    types::{CreateTeam, CreatedTeam, DeletionBody, EventType, PatchTeam, Team},
};

impl V1Client {
    /// Lists the teams of the caller (V1's `GET /teams`).
    ///
    /// # Errors
    ///
    /// [`V1Error`](crate::v1::V1Error) with V1's status, as for every call.
    pub async fn teams(&self) -> V1Result<Converted<Vec<Team>>> {
        let response = self.v2.raw().list_teams().await?;
        let mut losses = Losses::default();
        let teams = convert_list(&response_data(&response), &mut losses)?;
        Ok(Converted::new(teams, losses))
    }

    /// Reads a team (V1's `GET /teams/{id}`).
    ///
    /// # Errors
    ///
    /// 403 if the caller is not a member, or if it does not exist.
    pub async fn team(&self, id: i64) -> V1Result<Converted<Team>> {
        let response = self.v2.raw().get_team(id).await?;
        let mut losses = Losses::default();
        let team = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(team, losses))
    }

    /// Creates a team (V1's `POST /teams`). If teams are paid for, the response has a link to the payment instead.
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, or in strict mode if it would lose anything; 409 if a team
    /// has the slug.
    pub async fn create_team(&self, team: &CreateTeam) -> V1Result<Converted<CreatedTeam>> {
        self.validate(team)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::create_team(team), &mut losses)?;
        let response = response_data(&self.v2.raw().create_team(&body).await?);
        let text = |name: &str| response.get(name).and_then(Value::as_str).map(str::to_owned);
        let created = match response.get("pendingTeam") {
            Some(pending) => CreatedTeam {
                team: None,
                pending_team: Some(convert_one(pending, &mut losses)?),
                payment_link: text("paymentLink"),
                message: text("message").unwrap_or_default(),
            },
            None => CreatedTeam {
                team: Some(convert_one(&response, &mut losses)?),
                pending_team: None,
                payment_link: None,
                message: "Team created successfully".to_owned(),
            },
        };
        losses.add("owner", LossReason::Dropped("V2 does not return the membership of the owner"));
        Ok(Converted::new(created, losses))
    }

    /// Updates a team (V1's `PATCH /teams/{id}`).
    ///
    /// # Errors
    ///
    /// As [`create_team`](Self::create_team); 403 if the caller is not its owner, or if it does not exist.
    pub async fn patch_team(&self, id: i64, changes: &PatchTeam) -> V1Result<Converted<Team>> {
        self.validate(changes)?;
        let mut losses = Losses::default();
        let mut body = self.accept(convert::patch_team(changes), &mut losses)?;
        // V2 requires the name in each change.
        if body.name.is_none() {
            body.name = self.v2.raw().get_team(id).await?.into_inner().data.name;
        }
        let response = self.v2.raw().update_team(id, &body).await?;
        let team = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(team, losses))
    }

    /// Deletes a team (V1's `DELETE /teams/{id}`).
    ///
    /// # Errors
    ///
    /// 403 if the caller is not its owner, or if it does not exist.
    pub async fn delete_team(&self, id: i64) -> V1Result<DeletionBody> {
        self.v2.raw().delete_team(id).await?;
        Ok(DeletionBody::new("Team", &id.to_string()))
    }

    /// Lists the event types of a team (V1's `GET /teams/{id}/event-types`).
    ///
    /// # Errors
    ///
    /// [`V1Error`](crate::v1::V1Error) with V1's status, as for every call.
    pub async fn team_event_types(&self, id: i64) -> V1Result<Converted<Vec<EventType>>> {
        let mut losses = Losses::default();
        let event_types = convert_list(&self.fetch_team_event_types(id).await?, &mut losses)?;
        Ok(Converted::new(event_types, losses))
    }

    async fn fetch_team_event_types(&self, id: i64) -> V1Result<Value> {
        Ok(response_data(&self.v2.raw().list_team_event_types(id).version("2024-06-14").await?))
    }

    /// The team of an event type, with the event type, among the teams of the caller. `None` if none of them has it, or if
    /// they cannot be read.
    pub(super) async fn find_team_event_type(&self, id: i64) -> Option<(i64, Value)> {
        let teams = self.v2.raw().list_teams().await.ok()?.into_inner().data;
        for team in teams {
            let Ok(Value::Array(event_types)) = self.fetch_team_event_types(team.id).await else { continue };
            if let Some(found) = event_types.into_iter().find(|event_type| event_type["id"] == id) {
                return Some((team.id, found));
            }
        }
        None
    }
}
