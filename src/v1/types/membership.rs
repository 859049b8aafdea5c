//! `/memberships`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Team, Time};
use crate::{
    redact::debug_shows,
    v1::schema::{IssuePath, Issues, JsonObject, no_further_checks, request},
};

/// The membership of a user in a team, in V1's form.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Membership {
    /// The id of the membership. Paths name it by user and team: `/memberships/{userId}_{teamId}`.
    pub id: i64,
    /// The team.
    pub team_id: i64,
    /// The user.
    pub user_id: i64,
    /// Whether the user has accepted it.
    #[serde(default)]
    pub accepted: bool,
    /// The role: `MEMBER`, `ADMIN` or `OWNER`.
    pub role: String,
    /// Whether administrators cannot act in the name of the user.
    #[serde(default)]
    pub disable_impersonation: bool,
    /// The id of a role of the organization's own. V2 does not return it.
    pub custom_role_id: Option<String>,
    /// The time of creation. V2 does not return it.
    pub created_at: Option<Time>,
    /// The time of the last change. V2 does not return it.
    pub updated_at: Option<Time>,
    /// The team, if the query has `include=team`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Team>,
}

debug_shows!(Membership { id, team_id, user_id, accepted, role });

request! {
    /// The query of `GET /memberships`. Without a field it lists the caller's memberships.
    ///
    /// ```
    /// use calcom::v1::types::MembershipsQuery;
    ///
    /// let of_team = MembershipsQuery { team_id: Some(vec![4]), ..Default::default() };
    /// # let _ = of_team;
    /// ```
    #[derive(Default)]
    MembershipsQuery, unknown fields: Ignore;
    required {}
    optional {
        /// Filter: memberships of these users. V1 took it of system administrators only.
        user_id "userId": Vec<i64>,
        /// Filter: memberships in these teams. V1 took it of system administrators only.
        team_id "teamId": Vec<i64>,
        /// `team`: each membership has its team.
        include "include": String,
    }
    nullable {}
    check no_further_checks;
}

request! {
    /// The body of `POST /memberships`.
    ///
    /// ```
    /// use calcom::v1::types::CreateMembership;
    ///
    /// let membership = CreateMembership { role: Some("ADMIN".to_owned()), ..CreateMembership::new(4, 7) };
    /// # let _ = membership;
    /// ```
    #[derive(Default)]
    CreateMembership, unknown fields: Ignore;
    required {
        /// The team.
        team_id "teamId": i64,
        /// The user.
        user_id "userId": i64,
    }
    optional {
        /// Whether it counts as accepted. V1 took it of system administrators only.
        accepted "accepted": bool,
        /// The role: `MEMBER`, `ADMIN` or `OWNER`. Default: `MEMBER`.
        role "role": String,
        /// Whether administrators cannot act in the name of the user.
        disable_impersonation "disableImpersonation": bool,
    }
    nullable {
        /// The id of a role of the organization's own. V2 has another route for it.
        custom_role_id "customRoleId": String,
    }
    check check_role;
}

request! {
    /// The body of `PATCH /memberships/{userId}_{teamId}`. Missing fields stay unchanged.
    ///
    /// ```
    /// use calcom::v1::types::PatchMembership;
    ///
    /// let changes = PatchMembership { role: Some("OWNER".to_owned()), ..Default::default() };
    /// # let _ = changes;
    /// ```
    #[derive(Default)]
    PatchMembership, unknown fields: Reject;
    required {}
    optional {
        /// Whether it counts as accepted.
        accepted "accepted": bool,
        /// The role: `MEMBER`, `ADMIN` or `OWNER`.
        role "role": String,
        /// Whether administrators cannot act in the name of the user.
        disable_impersonation "disableImpersonation": bool,
    }
    nullable {
        /// The id of a role of the organization's own. V2 has another route for it.
        custom_role_id "customRoleId": String,
    }
    check check_role;
}

fn check_role(object: &JsonObject, issues: &mut Issues) {
    if let Some(Value::String(role)) = object.get("role")
        && !["MEMBER", "ADMIN", "OWNER"].contains(&role.as_str())
    {
        let message = format!("Invalid enum value. Expected 'MEMBER' | 'ADMIN' | 'OWNER', received '{role}'");
        issues.add("invalid_enum_value", &IssuePath::default().child("role"), message);
    }
}

impl CreateMembership {
    /// Creates a request that adds a user to a team.
    pub fn new(team_id: i64, user_id: i64) -> Self {
        Self { team_id, user_id, ..Self::default() }
    }
}
