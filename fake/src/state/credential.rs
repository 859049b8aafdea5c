//! Credentials: what a caller shows, and whose it is.

use std::fmt;

use jiff::Timestamp;

/// A credential that the service has given out.
#[derive(Clone)]
pub enum Credential {
    /// `cal_...`, acts as its owner.
    ApiKey { key: String, user: i64, expires: Option<Timestamp>, revoked: bool },
    /// A managed user's access token: 498 once it has run out.
    AccessToken { token: String, user: i64, expires: Option<Timestamp> },
    /// `x-cal-client-id` and `x-cal-secret-key`.
    OAuthClient { id: String, secret: String, user: i64 },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, user) = match self {
            Self::ApiKey { user, .. } => ("ApiKey", user),
            Self::AccessToken { user, .. } => ("AccessToken", user),
            Self::OAuthClient { user, .. } => ("OAuthClient", user),
        };
        write!(f, "{kind}(of user {user})")
    }
}
