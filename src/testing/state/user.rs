//! A user of the service, as `/v2/me` and the hosts of a booking show one.

use serde_json::{Map, Value, json};

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) time_zone: String,
    pub(crate) week_start: String,
    pub(crate) time_format: i64,
    pub(crate) locale: String,
    pub(crate) avatar_url: Option<String>,
    pub(crate) bio: Option<String>,
    pub(crate) default_schedule: Option<i64>,
    /// The service's own part of the metadata: an address that waits to be verified (`/v2/me` keeps showing the old
    /// one), the chosen conferencing app.
    pub(crate) settings: Map<String, Value>,
    /// What callers put there; event types show none of it.
    pub(crate) metadata: Map<String, Value>,
}

impl User {
    /// What `/v2/me` shows.
    pub(crate) fn me(&self) -> Value {
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
    pub(crate) fn whole_metadata(&self) -> Value {
        let mut all = self.metadata.clone();
        all.extend(self.settings.clone());
        all.into()
    }
}
