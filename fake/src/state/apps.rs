//! Apps and accounts of other services: configured apps, connections of users, selected calendars and verified addresses.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

#[derive(Clone, Debug, Default)]
pub struct Apps {
    /// The OAuth apps that the server is configured with: `google`, `office365`, `zoom`.
    pub set_up: BTreeSet<String>,
    pub connected: Vec<AppConnection>,
    /// Feeds that cannot be reached.
    pub unreachable: BTreeSet<String>,
    pub calendars: Vec<UserCalendar>,
    pub destinations: Vec<DestinationCalendar>,
    pub selected: Vec<SelectedCalendar>,
    /// The codes that were sent, by address or telephone number.
    pub sent_codes: BTreeMap<String, String>,
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

/// A calendar of a connection to Google Calendar.
#[derive(Clone, Debug)]
pub struct UserCalendar {
    pub user: i64,
    pub credential: i64,
    pub external: String,
    pub name: String,
    pub primary: bool,
    pub busy: Vec<(Timestamp, Timestamp)>,
}

/// The calendar that a user's bookings are written to.
#[derive(Clone, Debug)]
pub struct DestinationCalendar {
    pub id: i64,
    pub user: i64,
    pub external: String,
    pub primary: Option<String>,
    pub credential: i64,
    pub at: Timestamp,
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

    /// The calendars whose events make a user busy.
    pub fn selected_of(&self, user: i64) -> impl Iterator<Item = &UserCalendar> {
        self.calendars.iter().filter(move |calendar| {
            let is = |selected: &SelectedCalendar| {
                selected.user == user
                    && selected.external == calendar.external
                    && selected.credential == calendar.credential
            };
            self.selected.iter().any(is)
        })
    }

    pub fn owns(&self, user: i64, credential: i64) -> bool {
        self.connected.iter().any(|connected| connected.user == user && connected.id == credential)
    }
}
