//! What a test asks for by its name. If it does not exist, the test ends, and the message names what exists.

use super::{EventType, State, User};

impl State {
    #[track_caller]
    pub fn expect_user(&self, username: &str) -> &User {
        let names = || self.users.iter().map(|user| user.username.clone()).collect();
        self.user_named(username).unwrap_or_else(|| missing("user", username, names()))
    }

    /// The id of a team or an organization.
    #[track_caller]
    pub fn expect_team(&self, slug: &str) -> i64 {
        let slugs = || self.teams.iter().filter_map(|team| team.slug.clone()).collect();
        self.team_id(slug).unwrap_or_else(|| missing("team", slug, slugs()))
    }

    /// The id of an event type of a user or of a team.
    #[track_caller]
    pub fn expect_event_type(&self, owner: &str, slug: &str) -> i64 {
        let name = |event: &EventType| format!("{}/{}", self.owner_of(event), event.slug);
        let names = || self.event_types.iter().map(name).collect();
        let id = self.event_type_id(owner, slug);
        id.unwrap_or_else(|| missing("event type", &format!("{owner}/{slug}"), names()))
    }

    fn owner_of(&self, event: &EventType) -> String {
        let owner = match &event.team {
            Some(of) => self.teams.iter().find(|team| team.id == of.team).and_then(|team| team.slug.clone()),
            None => self.users.iter().find(|user| user.id == event.owner).map(|user| user.username.clone()),
        };
        owner.unwrap_or_default()
    }
}

#[cold]
#[track_caller]
#[expect(clippy::panic, reason = "an assertion of a test")]
fn missing(what: &str, name: &str, names: Vec<String>) -> ! {
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    panic!("the fake has no {what} `{name}`; it has: {names}");
}
