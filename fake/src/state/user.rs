//! A user of the service, as `/v2/me` and the hosts of a booking show one.

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
    /// The service's own part of the metadata: an address that waits to be verified (`/v2/me` keeps showing the old
    /// one), the chosen conferencing app.
    pub settings: Map<String, Value>,
    /// What callers put there; event types show none of it.
    pub metadata: Map<String, Value>,
}

impl User {
    /// What `/v2/me` shows.
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
