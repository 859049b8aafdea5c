//! A session of one subject: it gives the current token, and refreshes it in time, once for all that wait.

mod flight;
mod record;
mod renew;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

pub(super) use record::SessionRecord;
pub(super) use renew::{RenewError, RenewFuture, Renewer};

use super::{
    clock::TokenClock,
    store::{SessionKey, SessionLock, TokenStore},
};
use crate::{
    auth::{ProvidedToken, TokenError, TokenFuture, TokenProvider, TokenSubject},
    operation::Scopes,
    state::StoreError,
    sync::lock,
};

/// How long a call waits for a refresh while the present token is valid.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long after a failed refresh the present token is used without a further one, and how long the error is returned if there
/// is none.
const PAUSE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(1));
/// How long a token that replaced a rejected one is not replaced itself, if it is rejected too.
const REPLACED_PAUSE: Duration = Duration::from_secs(10);
/// How long a refresh waits for one of another process.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// The waits before a new pair is written again, to a store that fails.
const SAVE_WAITS: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];
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
/// - While the present token is valid, a call waits for at most 5 s for a refresh, and then uses the present one.
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
/// # let _ = token;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OAuthSession(Arc<SessionState>);

/// What the clones of a session share.
pub(super) struct SessionState {
    subject: TokenSubject,
    key: SessionKey,
    store: Arc<dyn TokenStore>,
    renewer: Box<dyn Renewer>,
    clock: TokenClock,
    /// The consent of a session that begins without one.
    own_consent: String,
    memory: Mutex<SessionMemory>,
}

type FlightResult = Result<ProvidedToken, TokenError>;

/// What is known in this process.
#[derive(Default)]
struct SessionMemory {
    known: Option<(Arc<SessionRecord>, ProvidedToken)>,
    /// A pair that the store did not take.
    pending: Option<SessionRecord>,
    /// Whether a task tries to write it.
    is_saving: bool,
    /// The refresh in progress.
    flight: Option<watch::Receiver<Option<FlightResult>>>,
    failure: Option<(Instant, TokenError)>,
    /// The token that the service has rejected.
    rejected: Option<ProvidedToken>,
    /// The last token that replaced a rejected one, and when.
    replacement: Option<(Instant, ProvidedToken)>,
}

impl SessionMemory {
    /// The known token, unless the service has rejected it.
    fn accepted(&self) -> Option<&(Arc<SessionRecord>, ProvidedToken)> {
        let is_rejected = |token| self.rejected.as_ref().is_some_and(|rejected| rejected.is_same(token));
        self.known.as_ref().filter(|(_, token)| !is_rejected(token))
    }

    /// The failure of the last refresh, if that is not longer ago.
    fn failed_within(&self, time: Duration) -> Option<&TokenError> {
        self.failure.as_ref().filter(|(at, _)| at.elapsed() < time).map(|(_, error)| error)
    }
}

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
    async fn load(&self) -> Result<Option<SessionRecord>, StoreError> {
        let found = self.store.load(&self.key).await?;
        found.map(|text| SessionRecord::read(&text)).transpose()
    }

    async fn save(&self, record: &SessionRecord) -> Result<(), StoreError> {
        self.store.save(&self.key, &record.write()?).await
    }

    /// Takes the lock of the session.
    pub(super) async fn lock(&self) -> Result<SessionLock, StoreError> {
        self.store.lock(&self.key, LOCK_TIMEOUT).await
    }

    /// Writes a new session, after a consent. The caller has the lock.
    pub(super) async fn begin(&self, record: SessionRecord) -> Result<(), StoreError> {
        let mut saved = self.save(&record).await;
        for wait in SAVE_WAITS {
            if saved.is_ok() {
                break;
            }
            sleep(wait).await;
            saved = self.save(&record).await;
        }
        saved?;
        *lock(&self.memory) = SessionMemory::default();
        self.remember(&record);
        Ok(())
    }

    /// Removes the session.
    pub(super) async fn forget(&self) -> Result<(), StoreError> {
        let _lock = self.lock().await?;
        self.store.remove(&self.key).await?;
        *lock(&self.memory) = SessionMemory::default();
        Ok(())
    }

    /// Remembers what the store has: its token may still be valid if the refresh fails.
    fn remember(&self, record: &SessionRecord) {
        if let Ok(token) = record.provided() {
            lock(&self.memory).known = Some((Arc::new(record.clone()), token));
        }
    }

    fn pending(&self) -> Option<SessionRecord> {
        lock(&self.memory).pending.clone()
    }

    fn keep_pending(&self, record: SessionRecord) {
        lock(&self.memory).pending = Some(record);
    }

    fn clear_pending(&self) {
        lock(&self.memory).pending = None;
    }

    /// The known token, if it is not about to expire, or if a refresh has just failed and it is still valid.
    fn fresh(&self) -> Option<ProvidedToken> {
        let memory = lock(&self.memory);
        let (record, token) = memory.accepted()?;
        let now = self.clock.now();
        let is_fresh = match record.phase {
            record::SessionPhase::Ready => now < record.tokens.refresh_at(),
            record::SessionPhase::Refreshing => false,
            record::SessionPhase::Ended(_) => now < record.tokens.expires,
        };
        let is_enough = is_fresh || memory.failed_within(PAUSE.0).is_some() && now < record.tokens.expires;
        is_enough.then(|| token.clone())
    }

    /// The known token, if it has not expired.
    fn valid(&self) -> Option<ProvidedToken> {
        let memory = lock(&self.memory);
        let (_, token) = memory.accepted()?;
        (!token.has_expired(self.clock.now())).then(|| token.clone())
    }

    /// Waits for the refresh in progress, or begins one.
    async fn fly(self: &Arc<Self>, rejected: Option<&ProvidedToken>) -> FlightResult {
        let mut result = Err(TokenError::Unavailable("the token was rejected again and again".to_owned()));
        for _ in 0..MAX_FLIGHTS {
            let mut flight = self.join(rejected);
            result = match flight.wait_for(Option::is_some).await {
                Ok(ended) => ended.clone().unwrap_or_else(|| Err(interrupted())),
                Err(_) => Err(interrupted()),
            };
            match (&result, rejected) {
                (Ok(token), Some(rejected)) if token.is_same(rejected) => {}
                _ => return result,
            }
        }
        result
    }

    fn join(self: &Arc<Self>, rejected: Option<&ProvidedToken>) -> watch::Receiver<Option<FlightResult>> {
        let mut memory = lock(&self.memory);
        if let Some(flight) = &memory.flight {
            // A sender that is gone belongs to a runtime that has ended.
            if flight.has_changed().is_ok() && flight.borrow().is_none() {
                return flight.clone();
            }
        }
        let (sender, receiver) = watch::channel(None);
        memory.flight = Some(receiver.clone());
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
        receiver
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
        if let Some(valid) = self.valid() {
            return match timeout(PATIENCE, self.fly(None)).await {
                Ok(Ok(token)) => Ok(token),
                Ok(Err(_)) | Err(_) => Ok(valid),
            };
        }
        if let Some(error) = lock(&self.memory).failed_within(PAUSE.1) {
            return Err(error.clone());
        }
        self.fly(None).await
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
