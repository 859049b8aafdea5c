//! A pair of tokens, as the service issues it.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{AccessToken, Error, Result, auth::ProvidedToken, operation::Scopes};

/// The longest lifetime of an access token that is used; a longer one is shortened to it.
const MAX_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);
/// The lifetime of an access token whose response does not say it: that of the hosted service.
const USUAL_LIFE: Duration = Duration::from_secs(1800);
/// How long before its end a token is refreshed, and the divisor of the lifetime of tokens that are valid for less than four
/// minutes.
const MARGIN: (Duration, u32) = (Duration::from_secs(60), 4);

/// An access token and the refresh token with which the next pair is had.
#[derive(Clone)]
pub(super) struct SessionTokens {
    pub(super) access: SecretString,
    pub(super) refresh: SecretString,
    /// When the request was sent that issued them.
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
    /// What the user consented to; `None` if the service does not say it.
    pub(super) scopes: Option<Scopes>,
}

impl SessionTokens {
    /// A pair from a response to a request that was sent at `issued`. `life` in seconds; one that is not positive is as good as
    /// none.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if a token is missing.
    pub(super) fn new(
        access: Option<String>,
        refresh: Option<String>,
        issued: Timestamp,
        life: Option<i64>,
    ) -> Result<Self> {
        let given = |token: Option<String>| token.filter(|token| !token.trim().is_empty()).map(SecretString::from);
        let (Some(access), Some(refresh)) = (given(access), given(refresh)) else {
            return Err(Error::empty("the response has no token"));
        };
        let life = life.and_then(|life| u64::try_from(life).ok()).filter(|life| *life > 0).map(Duration::from_secs);
        let life = life.map_or(USUAL_LIFE, |life| life.min(MAX_LIFE));
        let expires = issued.checked_add(life).unwrap_or(Timestamp::MAX);
        Ok(Self { access, refresh, issued, expires, scopes: None })
    }

    /// The time from which the pair is refreshed: a minute before the access token expires, or at three quarters of a short life.
    pub(super) fn refresh_at(&self) -> Timestamp {
        let life = Duration::try_from(self.expires.duration_since(self.issued)).unwrap_or_default();
        let margin = MARGIN.0.min(life / MARGIN.1);
        self.expires.checked_sub(margin).unwrap_or(self.expires)
    }

    /// The access token for the pipeline.
    pub(super) fn provided(&self, consent: &str) -> Result<ProvidedToken> {
        let token = AccessToken::from(self.access.clone());
        Ok(ProvidedToken::new(&token)?.expires(self.expires).consent(consent))
    }
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTokens").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A pair as it is written to a store.
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenTokens {
    access: String,
    refresh: String,
    issued: Timestamp,
    expires: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scopes: Option<String>,
}

impl From<&SessionTokens> for WrittenTokens {
    fn from(pair: &SessionTokens) -> Self {
        Self {
            access: pair.access.expose_secret().to_owned(),
            refresh: pair.refresh.expose_secret().to_owned(),
            issued: pair.issued,
            expires: pair.expires,
            scopes: pair.scopes.as_ref().map(ToString::to_string),
        }
    }
}

impl From<WrittenTokens> for SessionTokens {
    fn from(written: WrittenTokens) -> Self {
        Self {
            access: written.access.into(),
            refresh: written.refresh.into(),
            issued: written.issued,
            expires: written.expires,
            scopes: written.scopes.and_then(|text| text.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(life: Option<i64>) -> SessionTokens {
        let some = |text: &str| Some(text.to_owned());
        SessionTokens::new(some("a"), some("r"), Timestamp::UNIX_EPOCH, life).expect("both tokens are given")
    }

    #[test]
    fn a_pair_is_refreshed_a_minute_ahead_and_a_short_one_at_three_quarters() {
        let seconds = |life| pair(Some(life)).refresh_at().as_second();
        assert_eq!([seconds(1800), seconds(3600), seconds(40), seconds(4)], [1740, 3540, 30, 3]);
    }

    #[test]
    fn the_lifetime_of_an_access_token_is_between_zero_and_366_days_and_1800_seconds_by_default() {
        assert_eq!(pair(None).expires.as_second(), 1800);
        assert_eq!(pair(Some(i64::MAX)).expires.as_second(), 366 * 24 * 3600);
        assert_eq!([0, -1, i64::MIN].map(|life| pair(Some(life)).expires.as_second()), [1800; 3]);
    }

    #[test]
    fn a_response_without_a_token_is_unreadable() {
        let error =
            SessionTokens::new(Some("a".to_owned()), None, Timestamp::UNIX_EPOCH, None).expect_err("one is missing");
        assert!(matches!(error, Error::Decode(..)) && error.may_have_been_applied());
    }
}
