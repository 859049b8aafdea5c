//! `/memberships`. V1 had one list of all teams; in V2 the memberships are those of a team, which its administrators see.

use super::{V1Client, convert_one, response_data};
use crate::{
    raw::types,
    v1::{
        Converted, LossReason, V1Error, V1Result, convert,
        loss::Losses,
        types::{CreateMembership, DeletionBody, Membership, MembershipsQuery, PatchMembership},
    },
};

impl V1Client {
    /// Lists memberships (V1's `GET /memberships`): the caller's, or those of the teams and users of the query. A query with
    /// users alone lists them in the caller's teams.
    ///
    /// V2 shows memberships to administrators of their team only. A team that is not named in the query is left out if V2 does
    /// not show its memberships, with a loss.
    ///
    /// # Errors
    ///
    /// 400 if the query is invalid, before anything is sent; 403 for a named team that the caller does not administrate.
    pub async fn memberships(&self, query: &MembershipsQuery) -> V1Result<Converted<Vec<Membership>>> {
        self.validate(query)?;
        let mut losses = Losses::default();
        let me = match query.user_id {
            None if query.team_id.is_none() => Some(self.me().await?.value),
            _ => None,
        };
        let users = me.as_ref().map(|me| vec![me.id]).or_else(|| query.user_id.clone());
        let teams = match &query.team_id {
            Some(teams) => teams.clone(),
            None => self.v2.raw().list_teams().await?.into_inner().data.into_iter().map(|team| team.id).collect(),
        };
        let mut found = Vec::new();
        for team in teams {
            let rows = match self.team_memberships(team, me.as_ref().map(|me| me.email.as_str())).await {
                Err(error) if error.status() == 403 && query.team_id.is_none() => {
                    let reason = "V2 shows the memberships of a team to its administrators only";
                    losses.add("memberships", LossReason::NotExpressible(reason));
                    continue;
                }
                rows => rows?,
            };
            let is_of_users = |row: &types::TeamMembership| {
                users.as_ref().is_none_or(|users| row.user_id.is_some_and(|user| users.contains(&user)))
            };
            let of_team = if query.include.as_deref() == Some("team") && rows.iter().any(is_of_users) {
                Some(self.team(team).await?.unpack(&mut losses))
            } else {
                None
            };
            for row in rows.iter().filter(|row| is_of_users(row)) {
                found.push(Membership { team: of_team.clone(), ..membership_to_v1(row, &mut losses)? });
            }
        }
        Ok(Converted::new(found, losses))
    }

    /// Reads the membership of a user in a team (V1's `GET /memberships/{userId}_{teamId}`).
    ///
    /// # Errors
    ///
    /// 403 if the caller does not administrate the team; 404 if the user is not in it.
    pub async fn membership(&self, user: i64, team: i64) -> V1Result<Converted<Membership>> {
        let row = self.find_membership(user, team).await?;
        let mut losses = Losses::default();
        let membership = membership_to_v1(&row, &mut losses)?;
        Ok(Converted::new(membership, losses))
    }

    /// Adds a user to a team (V1's `POST /memberships`).
    ///
    /// # Errors
    ///
    /// 400 before anything is sent, if the request is invalid, or in strict mode if it would lose anything; 403 if the caller
    /// does not administrate the team; 409 if the user is in it already.
    pub async fn create_membership(&self, membership: &CreateMembership) -> V1Result<Converted<Membership>> {
        self.validate(membership)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::create_membership(membership), &mut losses)?;
        let response = self.v2.raw().create_team_membership(membership.team_id, &body).await?;
        let created = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(created, losses))
    }

    /// Changes the membership of a user in a team (V1's `PATCH /memberships/{userId}_{teamId}`).
    ///
    /// # Errors
    ///
    /// As [`create_membership`](Self::create_membership); 404 if the user is not in the team.
    pub async fn patch_membership(
        &self,
        user: i64,
        team: i64,
        changes: &PatchMembership,
    ) -> V1Result<Converted<Membership>> {
        self.validate(changes)?;
        let mut losses = Losses::default();
        let body = self.accept(convert::patch_membership(changes), &mut losses)?;
        let row = self.find_membership(user, team).await?;
        let response = self.v2.raw().update_team_membership(team, row.id, &body).await?;
        let changed = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(changed, losses))
    }

    /// Removes a user from a team (V1's `DELETE /memberships/{userId}_{teamId}`).
    ///
    /// # Errors
    ///
    /// As [`membership`](Self::membership).
    pub async fn delete_membership(&self, user: i64, team: i64) -> V1Result<DeletionBody> {
        let row = self.find_membership(user, team).await?;
        self.v2.raw().delete_team_membership(team, row.id).await?;
        Ok(DeletionBody::new("Membership", &format!("{user}_{team}")))
    }

    /// The memberships of a team, of one e-mail address if it is given.
    pub(super) async fn team_memberships(
        &self,
        team: i64,
        email: Option<&str>,
    ) -> V1Result<Vec<types::TeamMembership>> {
        let request = self.v2.raw().list_team_memberships(team).set(email, |request, email| request.emails(email));
        Ok(request.stream().ending_at_short_page().try_collect().await?)
    }

    async fn find_membership(&self, user: i64, team: i64) -> V1Result<types::TeamMembership> {
        let rows = self.team_memberships(team, None).await?;
        rows.into_iter().find(|row| row.user_id == Some(user)).ok_or_else(|| V1Error::not_found("Membership not found"))
    }
}

fn membership_to_v1(row: &types::TeamMembership, losses: &mut Losses) -> V1Result<Membership> {
    let converted = convert::membership_to_v1(row).map_err(|error| crate::Error::empty(&error.to_string()))?;
    Ok(converted.unpack(losses))
}
