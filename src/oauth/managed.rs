//! Sessions of the users whom a platform manages. The platform's own credential can always have new tokens, so that such a
//! session ends only with its user.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::{
    clock::TokenClock,
    registry::SessionRegistry,
    session::{OAuthSession, RenewError, RenewFuture, Renewer, SessionRecord},
    store::{SessionLock, TokenStore},
    token_answer::{EnvelopedTokens, TokenFields, read_number, read_token},
    tokens::SessionTokens,
};
use crate::{
    Client, Credentials, Error, Result, auth::TokenSubject, model::UserId, raw::types::RefreshToken, state::StoreError,
};

/// The life of an access token of a managed user.
const USUAL_SECONDS: i64 = 3600;
/// A shorter or longer life than this is that of a clock that differs.
const CREDIBLE_SECONDS: std::ops::RangeInclusive<i64> = 300..=366 * 24 * 3600;

/// The sessions of the managed users of a platform's OAuth client.
#[derive(Debug)]
pub(crate) struct ManagedSessions {
    /// With the credential of the platform.
    client: Client,
    client_id: String,
    sessions: SessionRegistry,
    clock: TokenClock,
}

impl ManagedSessions {
    pub(crate) fn new(client: &Client, client_id: &str, store: Arc<dyn TokenStore>) -> Self {
        let clock = TokenClock::start();
        let sessions = SessionRegistry::new(store, clock);
        Self { client: client.clone(), client_id: client_id.to_owned(), sessions, clock }
    }

    /// The session of a user. Nothing is read or sent.
    pub(crate) fn session(&self, user: UserId) -> OAuthSession {
        let name = consent(user);
        let subject = TokenSubject::new(&*self.client_id, &*name);
        let renewer = || -> Box<dyn Renewer> {
            let (client, client_id) = (self.client.clone(), self.client_id.clone());
            Box::new(ManagedTokens { client, client_id, user, clock: self.clock })
        };
        self.sessions.session(self.client.base(), &subject, &name, renewer)
    }

    /// A client that acts for a user.
    pub(crate) fn client(&self, user: UserId) -> Result<Client> {
        self.client.with_credentials(Credentials::provider(self.session(user)))
    }

    /// Takes the lock of a user's session: nothing else changes its tokens meanwhile.
    pub(crate) async fn lock(&self, user: UserId) -> std::result::Result<SessionLock, StoreError> {
        self.session(user).state().lock().await
    }

    /// Writes tokens that the platform has had issued for a user. The caller has the lock.
    pub(crate) async fn begin(&self, user: UserId, issued: IssuedTokens) -> std::result::Result<(), StoreError> {
        let IssuedTokens { access, refresh, expires } = issued;
        // Without tokens the first request has new ones.
        let Ok(pair) = pair(access, refresh, expires, self.clock.now()) else { return Ok(()) };
        self.session(user).state().begin(SessionRecord::new(pair, consent(user))).await
    }

    /// Removes the session of a user.
    pub(crate) async fn forget(&self, user: UserId) -> std::result::Result<(), StoreError> {
        self.session(user).state().forget().await
    }
}

/// Tokens that the platform has had issued for a user.
pub(crate) struct IssuedTokens {
    pub(crate) access: Option<String>,
    pub(crate) refresh: Option<String>,
    /// In milliseconds since 1970.
    pub(crate) expires: Option<i64>,
}

/// The consent of all sessions of a user, which is the platform's. It is also the name of the subject.
fn consent(user: UserId) -> String {
    format!("managed user {user}")
}

/// The requests for the tokens of one user.
struct ManagedTokens {
    client: Client,
    client_id: String,
    user: UserId,
    clock: TokenClock,
}

impl ManagedTokens {
    async fn refresh(&self, tokens: &SessionTokens) -> Result<SessionTokens, Error> {
        let issued = self.clock.now();
        let body = RefreshToken::new(tokens.refresh.expose_secret());
        let request = self.client.raw().refresh_managed_user_tokens(&self.client_id, &body);
        read(&request.retyped::<EnvelopedTokens, ()>().await?.into_inner().data, issued)
    }

    /// Has new tokens by the platform's credential alone. The access tokens that were issued before are revoked.
    async fn force(&self) -> Result<SessionTokens, RenewError> {
        let issued = self.clock.now();
        let request = self.client.raw().force_refresh_managed_user(&self.client_id, self.user.0);
        let answer = match request.retyped::<EnvelopedTokens, ()>().await {
            Ok(answer) => answer.into_inner(),
            Err(error @ Error::NotFound(_)) => return Err(RenewError::Ended(error.to_string())),
            Err(error) => return Err(RenewError::of_call(&error)),
        };
        read(&answer.data, issued).map_err(|error| RenewError::of_call(&error))
    }
}

impl Renewer for ManagedTokens {
    fn renew<'a>(&'a self, tokens: Option<&'a SessionTokens>) -> RenewFuture<'a> {
        Box::pin(async move {
            let Some(tokens) = tokens else { return self.force().await };
            match self.refresh(tokens).await {
                // The refresh token was used, or replaced.
                Err(Error::Validation(_)) => self.force().await,
                refreshed => refreshed.map_err(|error| RenewError::of_call(&error)),
            }
        })
    }
}

impl fmt::Debug for ManagedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedTokens").field("user", &self.user).finish_non_exhaustive()
    }
}

fn read(data: &TokenFields, issued: Timestamp) -> Result<SessionTokens> {
    let (access, refresh) = (read_token(data, "accessToken"), read_token(data, "refreshToken"));
    pair(access, refresh, read_number(data, "accessTokenExpiresAt"), issued)
}

/// `expires` in milliseconds since 1970, by the service's clock.
fn pair(
    access: Option<String>,
    refresh: Option<String>,
    expires: Option<i64>,
    issued: Timestamp,
) -> Result<SessionTokens> {
    let life = expires.map(|at| at.saturating_sub(issued.as_millisecond()) / 1000);
    let life = life.filter(|life| CREDIBLE_SECONDS.contains(life)).unwrap_or(USUAL_SECONDS);
    SessionTokens::new(access, refresh, issued, Some(life))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_that_no_token_has_is_that_of_a_clock_that_differs() {
        let issued = Timestamp::UNIX_EPOCH.checked_add(jiff::SignedDuration::from_hours(1_000_000)).unwrap_or_default();
        let life = |seconds: Option<i64>| {
            let expires = seconds.map(|seconds| issued.as_millisecond() + seconds * 1000);
            let pair =
                pair(Some("a".to_owned()), Some("r".to_owned()), expires, issued).expect("both tokens are given");
            pair.expires.duration_since(issued).as_secs()
        };
        assert_eq!([life(Some(300)), life(Some(3599)), life(Some(86_400))], [300, 3599, 86_400]);
        for odd in [None, Some(299), Some(0), Some(-3600), Some(367 * 86_400)] {
            assert_eq!(life(odd), USUAL_SECONDS, "{odd:?}");
        }
    }
}
