//! Apps and accounts of other services: configured apps, connections of users, selected calendars and verified addresses.

use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub struct Apps {
    /// The OAuth apps that the server is configured with: `google`, `office365`, `zoom`.
    pub set_up: BTreeSet<String>,
    pub connected: Vec<AppConnection>,
    /// Feeds that cannot be reached.
    pub unreachable: BTreeSet<String>,
    pub selected: Vec<SelectedCalendar>,
    pub verified: Vec<VerifiedContact>,
}

/// A user's connection to a calendar or a conferencing app.
#[derive(Clone, Debug)]
pub struct AppConnection {
    pub id: i64,
    pub user: i64,
    /// `ics-feed_calendar`, `zoom_video`.
    pub kind: String,
    /// `ics-feed`, `zoom`.
    pub app: String,
}

/// A calendar whose events make its user busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedCalendar {
    pub user: i64,
    pub integration: String,
    pub external: String,
    pub credential: i64,
}

/// A verified address or telephone number of a user.
#[derive(Clone, Debug)]
pub struct VerifiedContact {
    pub id: i64,
    pub user: i64,
    /// The kind of the contact: `email` or `phoneNumber`.
    pub kind: &'static str,
    pub value: String,
}

impl Apps {
    pub fn connection(&self, user: i64, app: &str) -> Option<&AppConnection> {
        self.connected.iter().find(|connected| connected.user == user && connected.app == app)
    }

    pub fn owns(&self, user: i64, credential: i64) -> bool {
        self.connected.iter().any(|connected| connected.user == user && connected.id == credential)
    }
}
