//! What belongs to other services: the apps that a server is set up with, users' connections to them, the calendars that
//! were chosen, verified addresses, and the clients of OAuth 2.

use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub(crate) struct Apps {
    /// The OAuth apps that the server is set up with: `google`, `office365`, `zoom`.
    pub(crate) set_up: BTreeSet<String>,
    pub(crate) connected: Vec<Connected>,
    /// Feeds that cannot be reached.
    pub(crate) unreachable: BTreeSet<String>,
    pub(crate) selected: Vec<Selected>,
    pub(crate) verified: Vec<Verified>,
    pub(crate) clients: Vec<OAuth2Client>,
    pub(crate) codes: Vec<OAuth2Code>,
    /// Refresh tokens, and whose they are.
    pub(crate) refresh_tokens: Vec<(String, i64)>,
}

/// A user's connection to a calendar or a conferencing app.
#[derive(Clone, Debug)]
pub(crate) struct Connected {
    pub(crate) id: i64,
    pub(crate) user: i64,
    /// `ics-feed_calendar`, `zoom_video`.
    pub(crate) kind: String,
    /// `ics-feed`, `zoom`.
    pub(crate) app: String,
}

/// A calendar whose events make its user busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) user: i64,
    pub(crate) integration: String,
    pub(crate) external: String,
    pub(crate) credential: i64,
}

/// An address or a number that is its user's own.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub(crate) id: i64,
    pub(crate) user: i64,
    /// `email` or `phoneNumber`.
    pub(crate) kind: &'static str,
    pub(crate) value: String,
}

#[derive(Clone, Debug)]
pub(crate) struct OAuth2Client {
    pub(crate) id: String,
    /// None where anybody can read it, as in a browser.
    pub(crate) secret: Option<String>,
    pub(crate) redirect: String,
}

#[derive(Clone, Debug)]
pub(crate) struct OAuth2Code {
    pub(crate) code: String,
    pub(crate) client: String,
    pub(crate) user: i64,
    /// What the verifier's digest has to be.
    pub(crate) challenge: Option<String>,
}

impl Apps {
    pub(crate) fn connection(&self, user: i64, app: &str) -> Option<&Connected> {
        self.connected.iter().find(|connected| connected.user == user && connected.app == app)
    }

    pub(crate) fn owns(&self, user: i64, credential: i64) -> bool {
        self.connected.iter().any(|connected| connected.user == user && connected.id == credential)
    }
}
