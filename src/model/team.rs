//! Teams: groups of users that are booked together or in turn.

#[cfg(any(feature = "organizations", feature = "teams"))]
mod input;

use serde::Deserialize;

use super::{
    MembershipRole, OrganizationId, TeamId,
    one_form::{null_as_default, one_form},
};

#[cfg(any(feature = "organizations", feature = "teams"))]
pub use self::input::{CreateTeam, UpdateTeam};

one_form! {
    /// A team: users that are booked together or in turn. An entry of the list of the caller's teams can be an organization.
    ///
    /// ```no_run
    /// # #[cfg(feature = "teams")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for team in &client.teams().list().await? {
    ///     println!("{}: {}, {:?}", team.id, team.name, team.extra("brandColor"));
    /// }
    /// # Ok(()) }
    /// ```
    pub struct Team {
        /// The id of the team.
        pub id: TeamId,
        /// The name.
        pub name: String,
        /// The part of its address; `None` if it has no page.
        #[serde(default)]
        pub slug: Option<String>,
        /// The organization that it belongs to; `None` for a team of its own.
        #[serde(default)]
        pub parent_id: Option<OrganizationId>,
        /// Whether it is an organization.
        #[serde(default, deserialize_with = "null_as_default")]
        pub is_organization: bool,
        /// Whether members are not shown to others.
        #[serde(default, deserialize_with = "null_as_default")]
        pub is_private: bool,
        /// The text of its page.
        #[serde(default)]
        pub bio: Option<String>,
        /// The URL of its logo.
        #[serde(default)]
        pub logo_url: Option<String>,
        /// Its time zone, an IANA name.
        #[serde(default)]
        pub time_zone: Option<String>,
        /// The first day of the week, an English name.
        #[serde(default)]
        pub week_start: Option<String>,
        /// The caller's role in it, if the response says it: in the list of the caller's teams in an organization.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<MembershipRole>,
    }
    nested: [],
    areas: ["organizations", "teams", "organization-teams"],
    wire: crate::generated::types::Team,
    shows: { id, parent_id, is_organization, is_private, time_zone, week_start, role },
}

one_form! {
    /// An invitation to a team: a link with which users join it.
    ///
    /// Each call for an invitation makes a new link. It needs no credential.
    ///
    /// ```no_run
    /// # #[cfg(feature = "teams")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let invitation = client.team(4).invite().await?;
    /// println!("send a link of {} characters", invitation.invite_link.len());
    /// # Ok(()) }
    /// ```
    pub struct TeamInvitation {
        /// The secret part of the link.
        pub token: String,
        /// The link.
        pub invite_link: String,
    }
    nested: [],
    areas: ["teams", "organization-teams"],
    wire: crate::generated::types::InviteData,
    shows: {},
}

/// The result of creating a team.
///
/// The hosted service can ask for a payment first. It creates the team when that is made: nothing can be done with the team until
/// then.
///
/// ```no_run
/// # #[cfg(feature = "teams")]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{CreateTeam, CreatedTeam};
///
/// match client.teams().create(&CreateTeam::new("Sales")).await? {
///     CreatedTeam::Ready(team) => println!("team {}", team.id),
///     CreatedTeam::AwaitsPayment { payment_link, .. } => println!("to be paid at {payment_link}"),
///     _ => {}
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum CreatedTeam {
    /// The team is created.
    Ready(Team),
    /// The team is created when it is paid for.
    AwaitsPayment {
        /// What the team will be.
        pending_team: Team,
        /// The page where it is paid for.
        payment_link: String,
    },
}

impl CreatedTeam {
    /// The team, created or pending.
    #[must_use]
    pub fn team(&self) -> &Team {
        match self {
            Self::Ready(team) | Self::AwaitsPayment { pending_team: team, .. } => team,
        }
    }
}

impl std::fmt::Debug for CreatedTeam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ready(team) => f.debug_tuple("Ready").field(team).finish(),
            Self::AwaitsPayment { pending_team, .. } => {
                f.debug_struct("AwaitsPayment").field("pending_team", pending_team).finish_non_exhaustive()
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PendingTeam {
    pending_team: Team,
    payment_link: String,
}

impl<'de> Deserialize<'de> for CreatedTeam {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        let read = if json.get("pendingTeam").is_some() {
            PendingTeam::deserialize(json)
                .map(|PendingTeam { pending_team, payment_link }| Self::AwaitsPayment { pending_team, payment_link })
        } else {
            Team::deserialize(json).map(Self::Ready)
        };
        read.map_err(serde::de::Error::custom)
    }
}
