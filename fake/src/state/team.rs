//! Teams and organizations with their members, and absences of users.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The role of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TeamRole {
    Member,
    Admin,
    Owner,
}

impl TeamRole {
    /// `MEMBER`, `ADMIN`, `OWNER`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "MEMBER",
            Self::Admin => "ADMIN",
            Self::Owner => "OWNER",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == text)
    }
}

/// A team, or an organization.
#[derive(Clone, Debug)]
pub struct Team {
    pub id: i64,
    /// The organization of a team.
    pub parent: Option<i64>,
    pub is_organization: bool,
    pub slug: Option<String>,
    /// All properties that responses show, but ids and slug.
    pub fields: Map<String, Value>,
    /// The plan of a platform organization.
    pub plan: Option<String>,
    /// Whether the organization has a row of settings, which its API needs.
    pub has_settings: bool,
}

impl Team {
    /// A team with the service's defaults.
    pub fn plain(id: i64, name: &str, slug: &str) -> Self {
        let fields = json!({
            "hideBookATeamMember": false, "timeZone": "Europe/London", "weekStart": "Sunday", "name": name,
            "logoUrl": null, "calVideoLogo": null, "appLogo": null, "appIconLogo": null, "bio": null,
            "hideBranding": false, "isPrivate": false, "metadata": {}, "theme": null, "brandColor": null,
            "darkBrandColor": null, "bannerUrl": null, "timeFormat": null,
        });
        Self {
            id,
            parent: None,
            is_organization: false,
            slug: Some(slug.to_owned()),
            fields: fields.as_object().cloned().unwrap_or_default(),
            plan: None,
            has_settings: true,
        }
    }

    pub fn name(&self) -> &str {
        self.fields.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// The team as responses show it.
    pub fn shown(&self) -> Value {
        let mut shown = self.fields.clone();
        shown.insert("id".to_owned(), self.id.into());
        shown.insert("parentId".to_owned(), self.parent.into());
        shown.insert("slug".to_owned(), self.slug.clone().into());
        shown.insert("isOrganization".to_owned(), self.is_organization.into());
        shown.into()
    }
}

/// A user in a team or an organization.
#[derive(Clone, Debug)]
pub struct Membership {
    pub id: i64,
    pub team: i64,
    pub user: i64,
    pub role: TeamRole,
    pub accepted: bool,
    pub disable_impersonation: bool,
    pub created: Timestamp,
}

/// An absence of a user.
#[derive(Clone, Debug)]
pub struct OutOfOffice {
    pub id: i64,
    pub uuid: String,
    pub user: i64,
    pub to_user: Option<i64>,
    pub start: Timestamp,
    pub end: Timestamp,
    pub notes: Option<String>,
    pub reason: String,
}

/// How the hosts of a team's event type share its bookings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchedulingType {
    Collective,
    RoundRobin,
    Managed,
}

impl SchedulingType {
    /// `collective`, `roundRobin`, `managed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collective => "collective",
            Self::RoundRobin => "roundRobin",
            Self::Managed => "managed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let named = [(Self::Collective, "COLLECTIVE"), (Self::RoundRobin, "ROUND_ROBIN"), (Self::Managed, "MANAGED")];
        named.into_iter().find(|(kind, upper)| kind.as_str() == text || *upper == text).map(|(kind, _)| kind)
    }
}

/// A host of a team's event type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypeHost {
    pub user: i64,
    pub mandatory: bool,
    /// `lowest`, `low`, `medium`, `high` or `highest`.
    pub priority: String,
}

impl EventTypeHost {
    pub fn plain(user: i64) -> Self {
        Self { user, mandatory: false, priority: "medium".to_owned() }
    }

    /// The rank of the priority, the highest one last.
    pub fn rank(&self) -> usize {
        let ranks = ["lowest", "low", "medium", "high", "highest"];
        ranks.iter().position(|rank| *rank == self.priority).unwrap_or(2)
    }
}

/// What an event type of a team has beyond others.
#[derive(Clone, Debug)]
pub struct TeamEventTypeFields {
    pub team: i64,
    pub scheduling: SchedulingType,
    pub hosts: Vec<EventTypeHost>,
    pub assign_all: bool,
}
