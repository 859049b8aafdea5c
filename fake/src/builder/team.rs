//! Teams and organizations that exist before the first request.

use jiff::Timestamp;

use super::super::state::{IdKind, Membership, State, Team, TeamRole};

/// A team or an organization of the fake.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom_fake::{FakeCalcom, FakeEventType, FakeTeam, FakeUser};
///
/// let fake = FakeCalcom::builder()
///     .user(FakeUser::new("ada"))
///     .user(FakeUser::new("bob"))
///     .team(FakeTeam::new("acme").organization().owner("ada").member("bob"))
///     .team(FakeTeam::new("sales").of_organization("acme").admin("ada").member("bob"))
///     .event_type(FakeEventType::of_team("sales", "intro", 30).round_robin(&["ada", "bob"]))
///     .start()
///     .await;
/// assert_eq!(fake.team_id("sales"), 2);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeTeam {
    slug: String,
    name: Option<String>,
    organization: Option<String>,
    is_organization: bool,
    plan: Option<String>,
    has_settings: bool,
    members: Vec<(String, TeamRole)>,
}

impl FakeTeam {
    /// Creates a team without members. Its name is the slug.
    pub fn new(slug: &str) -> Self {
        Self {
            slug: slug.to_owned(),
            name: None,
            organization: None,
            is_organization: false,
            plan: None,
            has_settings: true,
            members: Vec::new(),
        }
    }

    /// Sets the name.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Makes it an organization.
    pub fn organization(mut self) -> Self {
        self.is_organization = true;
        self
    }

    /// Makes it a team of the organization with this slug, which has to be added before.
    pub fn of_organization(mut self, slug: &str) -> Self {
        self.organization = Some(slug.to_owned());
        self
    }

    /// Makes it a platform organization with a plan, such as `ESSENTIALS`. A plan below that is refused.
    pub fn plan(mut self, plan: &str) -> Self {
        self.plan = Some(plan.to_owned());
        self
    }

    /// Makes it an organization without access to its API, which is refused.
    pub fn without_api(mut self) -> Self {
        self.has_settings = false;
        self
    }

    /// Adds a member who is a host and no more.
    pub fn member(self, username: &str) -> Self {
        self.with(username, TeamRole::Member)
    }

    /// Adds an administrator.
    pub fn admin(self, username: &str) -> Self {
        self.with(username, TeamRole::Admin)
    }

    /// Adds an owner.
    pub fn owner(self, username: &str) -> Self {
        self.with(username, TeamRole::Owner)
    }

    fn with(mut self, username: &str, role: TeamRole) -> Self {
        self.members.push((username.to_owned(), role));
        self
    }

    pub(super) fn insert_into(self, state: &mut State) {
        let id = state.ids.number(IdKind::Team);
        let mut team = Team::plain(id, self.name.as_deref().unwrap_or(&self.slug), &self.slug);
        team.is_organization = self.is_organization;
        team.plan = self.plan;
        team.has_settings = self.has_settings;
        team.parent = self.organization.map(|slug| state.expect_team(&slug));
        state.teams.push(team);
        for (username, role) in self.members {
            let user = state.expect_user(&username).id;
            let created: Timestamp = state.now();
            state.memberships.push(Membership {
                id: state.ids.number(IdKind::Membership),
                team: id,
                user,
                role,
                accepted: true,
                disable_impersonation: false,
                created,
            });
        }
    }
}
