//! What belongs to other services: the apps that a server is set up with, users' connections to them, the calendars that
//! were chosen, verified addresses, and the clients of OAuth 2.

use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub struct Apps {
    /// The OAuth apps that the server is set up with: `google`, `office365`, `zoom`.
    pub set_up: BTreeSet<String>,
    pub connected: Vec<Connected>,
    /// Feeds that cannot be reached.
    pub unreachable: BTreeSet<String>,
    pub selected: Vec<Selected>,
    pub verified: Vec<Verified>,
    pub clients: Vec<OAuth2Client>,
    pub codes: Vec<OAuth2Code>,
    /// Refresh tokens, and whose they are.
    pub refresh_tokens: Vec<(String, i64)>,
}

/// A user's connection to a calendar or a conferencing app.
#[derive(Clone, Debug)]
pub struct Connected {
    pub id: i64,
    pub user: i64,
    /// `ics-feed_calendar`, `zoom_video`.
    pub kind: String,
    /// `ics-feed`, `zoom`.
    pub app: String,
}

/// A calendar whose events make its user busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    pub user: i64,
    pub integration: String,
    pub external: String,
    pub credential: i64,
}

/// An address or a number that is its user's own.
#[derive(Clone, Debug)]
pub struct Verified {
    pub id: i64,
    pub user: i64,
    /// `email` or `phoneNumber`.
    pub kind: &'static str,
    pub value: String,
}

#[derive(Clone, Debug)]
pub struct OAuth2Client {
    pub id: String,
    /// None where anybody can read it, as in a browser.
    pub secret: Option<String>,
    pub redirect: String,
}

#[derive(Clone, Debug)]
pub struct OAuth2Code {
    pub code: String,
    pub client: String,
    pub user: i64,
    /// What the verifier's digest has to be.
    pub challenge: Option<String>,
}

impl Apps {
    pub fn connection(&self, user: i64, app: &str) -> Option<&Connected> {
        self.connected.iter().find(|connected| connected.user == user && connected.app == app)
    }

    pub fn owns(&self, user: i64, credential: i64) -> bool {
        self.connected.iter().any(|connected| connected.user == user && connected.id == credential)
    }
}
