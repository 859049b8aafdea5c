//! Memberships in teams and organizations.

use super::{
    MembershipId, OrganizationId, TeamId, UserId,
    one_form::{null_as_default, one_form},
    open_enum::open_enum,
};

#[cfg(any(feature = "organizations", feature = "teams"))]
pub use self::input::{CreateMembership, UpdateMembership};

open_enum! {
    /// The role of a member in a team or an organization.
    ///
    /// ```
    /// use calcom::model::MembershipRole;
    ///
    /// assert_eq!(MembershipRole::from("ADMIN"), MembershipRole::Admin);
    /// ```
    pub enum MembershipRole {
        /// A member without further rights.
        Member = "MEMBER",
        /// An administrator.
        Admin = "ADMIN",
        /// An owner.
        Owner = "OWNER",
    }
}

one_form! {
    /// The profile of a member, as memberships show it.
    ///
    /// ```
    /// use calcom::model::MembershipUser;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let user: MembershipUser = serde_json::from_str(r#"{"name": "John Doe", "email": "john@example.com"}"#)?;
    /// assert_eq!(user.name.as_deref(), Some("John Doe"));
    /// # Ok(()) }
    /// ```
    pub struct MembershipUser {
        /// The name.
        #[serde(default)]
        pub name: Option<String>,
        /// The e-mail address.
        #[serde(default)]
        pub email: Option<String>,
        /// The name in links to booking pages.
        #[serde(default)]
        pub username: Option<String>,
    }
    nested: [],
    areas: ["organizations", "teams", "organization-teams"],
    wire: crate::generated::types::MembershipUser,
    shows: {},
}

one_form! {
    /// The membership of a user in a team.
    ///
    /// ```no_run
    /// # #[cfg(feature = "teams")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for membership in &client.team(4).members().list().await? {
    ///     println!("{}: {}, accepted: {}", membership.user_id, membership.role, membership.accepted);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct TeamMembership {
        /// The id of the membership.
        pub id: MembershipId,
        /// The user.
        pub user_id: UserId,
        /// The team.
        pub team_id: TeamId,
        /// The role of the user in the team.
        pub role: MembershipRole,
        /// Whether the user has accepted it; until then the user is invited.
        #[serde(default, deserialize_with = "null_as_default")]
        pub accepted: bool,
        /// Whether administrators cannot act in the name of the user.
        #[serde(default, deserialize_with = "null_as_default")]
        pub disable_impersonation: bool,
        /// The profile of the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user: Option<MembershipUser>,
    }
    nested: [user as "user"],
    areas: ["teams", "organization-teams"],
    wire: crate::generated::types::TeamMembership,
    shows: { id, user_id, team_id, role, accepted },
}

one_form! {
    /// The membership of a user in an organization.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for membership in &client.organization(1).memberships().list().await? {
    ///     println!("{}: {}", membership.user_id, membership.role);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct OrganizationMembership {
        /// The id of the membership.
        pub id: MembershipId,
        /// The user.
        pub user_id: UserId,
        /// The organization.
        #[serde(rename = "teamId")]
        pub organization_id: OrganizationId,
        /// The role of the user in the organization.
        pub role: MembershipRole,
        /// Whether the user has accepted it; until then the user is invited.
        #[serde(default, deserialize_with = "null_as_default")]
        pub accepted: bool,
        /// Whether administrators cannot act in the name of the user.
        #[serde(default, deserialize_with = "null_as_default")]
        pub disable_impersonation: bool,
        /// The profile of the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user: Option<MembershipUser>,
    }
    nested: [user as "user"],
    areas: ["organizations"],
    wire: crate::generated::types::OrganizationMembership,
    shows: { id, user_id, organization_id, role, accepted },
}

#[cfg(any(feature = "organizations", feature = "teams"))]
mod input {
    use serde::{Deserialize, Serialize};

    use super::MembershipRole;
    use crate::{generated::types, model::UserId};

    /// The request to add a user to a team or an organization.
    ///
    /// ```
    /// use calcom::model::{CreateMembership, MembershipRole};
    ///
    /// let admin = CreateMembership::new(7).role(MembershipRole::Admin).accepted(true);
    /// // client.team(4).members().add(&admin).await?;
    /// # assert_eq!(admin.user_id, 7);
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[non_exhaustive]
    pub struct CreateMembership {
        /// The user to add.
        pub user_id: UserId,
        /// The role; default [`MembershipRole::Member`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<MembershipRole>,
        /// Whether the user is a member at once; default: the user is invited, except to teams of organizations, where every
        /// member is one at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub accepted: Option<bool>,
        /// Whether administrators cannot act in the name of the user; default `false`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub disable_impersonation: Option<bool>,
    }

    /// The request to change a membership. Fields that are not set stay unchanged.
    ///
    /// ```
    /// use calcom::model::{MembershipRole, UpdateMembership};
    ///
    /// let changes = UpdateMembership::new().role(MembershipRole::Owner);
    /// // client.team(4).members().update(12, &changes).await?;
    /// # assert_eq!(changes.role, Some(MembershipRole::Owner));
    /// ```
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[non_exhaustive]
    pub struct UpdateMembership {
        /// The role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<MembershipRole>,
        /// Whether the user is a member, and not only invited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub accepted: Option<bool>,
        /// Whether administrators cannot act in the name of the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub disable_impersonation: Option<bool>,
    }

    macro_rules! membership_setters {
        ($name:ident) => {
            impl $name {
                /// Sets the role.
                #[must_use]
                pub fn role(mut self, role: impl Into<MembershipRole>) -> Self {
                    self.role = Some(role.into());
                    self
                }

                /// Sets whether the user is a member at once, without an invitation.
                #[must_use]
                pub fn accepted(mut self, accepted: bool) -> Self {
                    self.accepted = Some(accepted);
                    self
                }

                /// Sets whether administrators cannot act in the name of the user.
                #[must_use]
                pub fn disable_impersonation(mut self, disable: bool) -> Self {
                    self.disable_impersonation = Some(disable);
                    self
                }
            }
        };
    }

    membership_setters!(CreateMembership);
    membership_setters!(UpdateMembership);

    impl CreateMembership {
        /// A membership of this user.
        #[must_use]
        pub fn new(user: impl Into<UserId>) -> Self {
            Self { user_id: user.into(), role: None, accepted: None, disable_impersonation: None }
        }

        #[cfg(any(feature = "organizations", feature = "organization-teams"))]
        fn role_or_member(&self) -> types::CreateOrganizationMembershipRole {
            self.role.as_ref().unwrap_or(&MembershipRole::Member).as_str().into()
        }
    }

    impl UpdateMembership {
        /// A request without changes.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }
    }

    #[cfg(feature = "teams")]
    impl From<&CreateMembership> for types::CreateTeamMembership {
        fn from(input: &CreateMembership) -> Self {
            let mut body = Self::new(input.user_id.0);
            body.role = input.role.as_ref().map(|role| role.as_str().into());
            (body.accepted, body.disable_impersonation) = (input.accepted, input.disable_impersonation);
            body
        }
    }

    #[cfg(feature = "organization-teams")]
    impl From<&CreateMembership> for types::CreateOrganizationTeamMembership {
        fn from(input: &CreateMembership) -> Self {
            let mut body = Self::new(input.user_id.0, input.role_or_member());
            (body.accepted, body.disable_impersonation) = (input.accepted, input.disable_impersonation);
            body
        }
    }

    #[cfg(feature = "organizations")]
    impl From<&CreateMembership> for types::CreateOrganizationMembership {
        fn from(input: &CreateMembership) -> Self {
            let mut body = Self::new(input.role_or_member());
            body.user_id = Some(input.user_id.0);
            (body.accepted, body.disable_impersonation) = (input.accepted, input.disable_impersonation);
            body
        }
    }

    impl From<&UpdateMembership> for types::UpdateTeamMembership {
        fn from(input: &UpdateMembership) -> Self {
            let mut body = Self::new();
            body.role = input.role.as_ref().map(|role| role.as_str().into());
            (body.accepted, body.disable_impersonation) = (input.accepted, input.disable_impersonation);
            body
        }
    }
}
