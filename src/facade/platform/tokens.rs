//! The tokens of a managed user, for a program that keeps them itself.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::{AccessToken, Error, Result, raw::types};

/// New tokens of a managed user; from [`ManagedUsers::force_refresh`](super::ManagedUsers::force_refresh). `Debug` shows neither.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let tokens = client.platform("client-id").users().force_refresh(101).await?;
/// println!("valid until {:?}", tokens.access_token_expires_at);
/// let user = client.with_credentials(tokens.access_token)?;
/// # let _ = user;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ManagedUserTokens {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, which can be used once.
    pub refresh_token: SecretString,
    /// When the access token expires: an hour after it was issued.
    pub access_token_expires_at: Option<Timestamp>,
    /// When the refresh token expires.
    pub refresh_token_expires_at: Option<Timestamp>,
}

impl ManagedUserTokens {
    pub(super) fn of_wire(pair: types::TokenPair) -> Result<Self> {
        let (Some(access), Some(refresh)) = (pair.access_token, pair.refresh_token) else {
            return Err(Error::empty("the response has no token"));
        };
        let time = |millis: Option<i64>| millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        Ok(Self {
            access_token: AccessToken::new(access),
            refresh_token: refresh.into(),
            access_token_expires_at: time(pair.access_token_expires_at),
            refresh_token_expires_at: time(pair.refresh_token_expires_at),
        })
    }
}

impl fmt::Debug for ManagedUserTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedUserTokens")
            .field("access_token_expires_at", &self.access_token_expires_at)
            .field("refresh_token_expires_at", &self.refresh_token_expires_at)
            .finish_non_exhaustive()
    }
}
