//! Users of the service, as `/v2/me` and the hosts of a booking show them.

use serde_json::{Map, Value, json};

#[derive(Clone, Debug)]
pub struct User {
    pub id: i64,
    pub username: String,
    pub name: String,
    pub email: String,
    pub time_zone: String,
    pub week_start: String,
    pub time_format: i64,
    pub locale: String,
    pub avatar_url: Option<String>,
    pub bio: Option<String>,
    pub default_schedule: Option<i64>,
    /// Whether the user administers the whole server, and passes every check of a role.
    pub is_admin: bool,
    /// The service's own part of the metadata: an address that is not verified yet (`/v2/me` shows the old one), and the
    /// selected conferencing app.
    pub settings: Map<String, Value>,
    /// The metadata of callers. Event types do not show it.
    pub metadata: Map<String, Value>,
    /// What only organizations show: colors, themes, the organization that invited the user, the name of the profile.
    pub details: Map<String, Value>,
}

impl User {
    /// The data of `/v2/me`.
    pub fn me(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "avatarUrl": self.avatar_url,
            "bio": self.bio,
            "timeFormat": self.time_format,
            "defaultScheduleId": self.default_schedule,
            "weekStart": self.week_start,
            "timeZone": self.time_zone,
            "username": self.username,
            "organizationId": null,
        })
    }

    /// All of the user's metadata, as public event types show it.
    pub fn whole_metadata(&self) -> Value {
        let mut all = self.metadata.clone();
        all.extend(self.settings.clone());
        all.into()
    }
}
