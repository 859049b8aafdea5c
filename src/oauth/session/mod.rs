//! The session of one subject. It returns the current token, and refreshes it before it expires. Concurrent calls share one
//! refresh.

mod flight;
mod record;
mod renew;
mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::{
    fmt,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

pub(super) use record::SessionRecord;
pub(super) use renew::{RenewError, RenewFuture, Renewer};
pub(super) use state::SessionState;
use state::{Flight, FlightResult, PAUSE};

use super::{
    clock::TokenClock,
    store::{SessionKey, TokenStore},
};
use crate::{
    auth::{ProvidedToken, TokenError, TokenFuture, TokenProvider, TokenSubject},
    operation::Scopes,
    sync::lock,
};

/// A call does not wait for a refresh while the present token is valid for longer than this.
const ENOUGH: Duration = Duration::from_secs(10);
/// How long it waits while the present token is valid for a shorter time.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a token that replaced a rejected one is not replaced itself, if it is rejected too.
const REPLACED_PAUSE: Duration = Duration::from_secs(10);
/// How often, and how many times, such a pair is tried again when no call waits for it.
const LATE_SAVE_WAIT: Duration = Duration::from_secs(5);
const MAX_LATE_SAVES: u32 = 240;
/// How many refreshes a call waits for: one that began earlier may return the token that was rejected since.
const MAX_FLIGHTS: u32 = 3;

/// A session of one subject, which gives its current token; from [`OAuthApp::session`](super::OAuthApp::session).
///
/// It is a [`TokenProvider`]: [`OAuthApp::client`](super::OAuthApp::client) makes a client of it. Clones are the same session.
///
/// - A token is refreshed a minute before it expires (a short-lived one at three quarters of its life), or if the service rejects
///   it. All calls that need it wait for one refresh, in this process and in others that share the store.
/// - While the present token is valid, it is used: for its last ten seconds a call waits for the refresh first, for at most 5 s.
/// - A token that is rejected is replaced at most every 10 s.
/// - A refresh whose response was lost is repeated with the old refresh token, which some servers still take. If the service does
///   not take it, the user has to consent again: [`Error::is_consent_required`](crate::Error::is_consent_required).
///
/// ```no_run
/// # async fn example(app: calcom::oauth::OAuthApp) -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::auth::TokenProvider;
///
/// let session = app.session("user 17");
/// // For a request that another program sends:
/// let token = session.token().await?.to_access_token();
/// let header = format!("Bearer {}", calcom::secrecy::ExposeSecret::expose_secret(token.secret()));
/// # let _ = header;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OAuthSession(Arc<SessionState>);

impl OAuthSession {
    pub(super) fn new(
        subject: TokenSubject,
        key: SessionKey,
        store: Arc<dyn TokenStore>,
        renewer: Box<dyn Renewer>,
        own_consent: String,
        clock: TokenClock,
    ) -> Self {
        let memory = Mutex::default();
        Self(Arc::new(SessionState { subject, key, store, renewer, clock, own_consent, memory }))
    }

    pub(super) fn state(&self) -> &Arc<SessionState> {
        &self.0
    }

    pub(super) fn of_state(state: Arc<SessionState>) -> Self {
        Self(state)
    }

    /// Returns what the user consented to, as far as this process has read it; `None` if the service did not say it, or if the
    /// session was not used yet.
    #[must_use]
    pub fn scopes(&self) -> Option<Scopes> {
        lock(&self.0.memory).known.as_ref().and_then(|(record, _)| record.tokens.scopes.clone())
    }

    /// Refreshes the token now, if the present one has not changed meanwhile.
    ///
    /// # Errors
    ///
    /// [`TokenError`], as a call would fail.
    pub async fn refresh(&self) -> Result<(), TokenError> {
        let present = self.token().await?;
        self.0.fly(Some(&present)).await.map(drop)
    }
}

impl SessionState {
    /// Waits for the refresh in progress, or begins one.
    async fn fly(self: &Arc<Self>, rejected: Option<&ProvidedToken>) -> FlightResult {
        let mut result = Err(TokenError::Unavailable("the token was rejected again and again".to_owned()));
        for _ in 0..MAX_FLIGHTS {
            let mut flight = self.join(rejected);
            result = match flight.result.wait_for(Option::is_some).await {
                Ok(ended) => ended.clone().unwrap_or_else(|| Err(interrupted())),
                Err(_) => Err(interrupted()),
            };
            match (&result, rejected) {
                // A refresh that was to replace this very token has returned the same token: the service issues no other.
                (Ok(token), Some(rejected)) if token.is_same(rejected) => {
                    if flight.rejected.is_some_and(|known| known.is_same(rejected)) {
                        return result;
                    }
                }
                _ => return result,
            }
        }
        result
    }

    fn join(self: &Arc<Self>, rejected: Option<&ProvidedToken>) -> Flight {
        let mut memory = lock(&self.memory);
        if let Some(flight) = &memory.flight {
            // A sender that was dropped belongs to a runtime that has ended.
            if flight.result.has_changed().is_ok() && flight.result.borrow().is_none() {
                return flight.clone();
            }
        }
        let (sender, result) = watch::channel(None);
        let flight = Flight { result, rejected: rejected.cloned() };
        memory.flight = Some(flight.clone());
        drop(memory);
        let (session, rejected) = (Arc::clone(self), rejected.cloned());
        tokio::spawn(async move {
            let result = flight::run(Arc::clone(&session), rejected).await;
            if let Err(error) = &result {
                tracing::warn!(target: "calcom::oauth", session = %session.key, %error, "a session has no new token");
            }
            {
                let mut memory = lock(&session.memory);
                memory.failure = result.as_ref().err().map(|error| (Instant::now(), error.clone()));
                memory.flight = None;
            }
            sender.send_replace(Some(result));
            session.save_pending_later().await;
        });
        flight
    }

    /// Writes a pair that the store did not take as soon as it takes it, also if no call needs it meanwhile.
    async fn save_pending_later(self: &Arc<Self>) {
        {
            let mut memory = lock(&self.memory);
            if memory.pending.is_none() || memory.is_saving {
                return;
            }
            memory.is_saving = true;
        }
        for _ in 0..MAX_LATE_SAVES {
            sleep(LATE_SAVE_WAIT).await;
            if self.pending().is_none() {
                break;
            }
            let _ = self.fly(None).await;
        }
        lock(&self.memory).is_saving = false;
    }

    async fn current_or_refreshed(self: &Arc<Self>) -> FlightResult {
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        if let Some(valid) = self.valid_for(ENOUGH) {
            self.join(None);
            return Ok(valid);
        }
        if self.valid_for(Duration::ZERO).is_none()
            && let Some(error) = lock(&self.memory).failed_within(PAUSE.1)
        {
            return Err(error.clone());
        }
        // A process that has just started reads a token that is still valid while it waits.
        let mut refresh = pin!(self.fly(None));
        let refreshed = match timeout(PATIENCE, &mut refresh).await {
            Ok(refreshed) => refreshed,
            Err(_) => match self.valid_for(Duration::ZERO) {
                Some(valid) => return Ok(valid),
                None => refresh.await,
            },
        };
        refreshed.or_else(|error| self.valid_for(Duration::ZERO).ok_or(error))
    }

    async fn replaced(self: &Arc<Self>, rejected: &ProvidedToken) -> Result<Option<ProvidedToken>, TokenError> {
        if let Some(other) = self.fresh().filter(|token| !token.is_same(rejected)) {
            return Ok(Some(other));
        }
        {
            let mut memory = lock(&self.memory);
            if memory.flight.is_none() {
                let is_new =
                    |(at, token): &(Instant, ProvidedToken)| token.is_same(rejected) && at.elapsed() < REPLACED_PAUSE;
                if memory.replacement.as_ref().is_some_and(is_new) {
                    return Ok(None);
                }
                if let Some(error) = memory.failed_within(PAUSE.1) {
                    return Err(error.clone());
                }
            }
            memory.rejected = Some(rejected.clone());
        }
        let fresh = self.fly(Some(rejected)).await?;
        lock(&self.memory).replacement = Some((Instant::now(), fresh.clone()));
        Ok(Some(fresh))
    }
}

fn interrupted() -> TokenError {
    TokenError::Unavailable("the refresh was interrupted".to_owned())
}

impl TokenProvider for OAuthSession {
    fn subject(&self) -> TokenSubject {
        self.0.subject.clone()
    }

    fn current(&self) -> Option<ProvidedToken> {
        self.0.fresh()
    }

    fn token(&self) -> TokenFuture<'_, ProvidedToken> {
        Box::pin(self.0.current_or_refreshed())
    }

    fn replace<'a>(&'a self, rejected: &'a ProvidedToken) -> TokenFuture<'a, Option<ProvidedToken>> {
        Box::pin(self.0.replaced(rejected))
    }
}

impl fmt::Debug for OAuthSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthSession").finish_non_exhaustive()
    }
}
