//! Credentials and their users.

use std::fmt;

use jiff::Timestamp;

/// A credential that the service has issued.
#[derive(Clone)]
pub enum Credential {
    /// An API key, `cal_...`.
    ApiKey { key: String, user: i64, expires: Option<Timestamp>, revoked: bool },
    /// The access token of a managed user. Once it has expired it is rejected with 498.
    AccessToken { token: String, user: i64, expires: Option<Timestamp> },
    /// The access token of an OAuth client for a user. Once it has expired it is rejected with 401.
    OAuthToken { token: String, user: i64, expires: Option<Timestamp>, client: String, scopes: Option<Vec<String>> },
    /// `x-cal-client-id` and `x-cal-secret-key`.
    Platform { id: String, secret: String, user: i64 },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, user) = match self {
            Self::ApiKey { user, .. } => ("ApiKey", user),
            Self::AccessToken { user, .. } => ("AccessToken", user),
            Self::OAuthToken { user, .. } => ("OAuthToken", user),
            Self::Platform { user, .. } => ("Platform", user),
        };
        write!(f, "{kind}(of user {user})")
    }
}
