//! What is known of a session in this process, and how it is read from its store and written to it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::{
    super::{
        clock::TokenClock,
        store::{SessionKey, SessionLock, TokenStore},
    },
    record::{SessionPhase, SessionRecord},
    renew::Renewer,
};
use crate::{
    auth::{ProvidedToken, TokenError, TokenSubject},
    state::StoreError,
    sync::lock,
};

/// How long after a failed refresh the present token is used without a further one, and how long the error is returned if there
/// is none.
pub(super) const PAUSE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(1));
/// How long a refresh waits for one of another process.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
/// The waits before a new pair is written again, to a store that fails.
pub(super) const SAVE_WAITS: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// What the clones of a session share.
pub(crate) struct SessionState {
    pub(super) subject: TokenSubject,
    pub(super) key: SessionKey,
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) renewer: Box<dyn Renewer>,
    pub(super) clock: TokenClock,
    /// The consent of a session that begins without one.
    pub(super) own_consent: String,
    pub(super) memory: Mutex<SessionMemory>,
}

/// What a store has of a session.
pub(crate) enum StoredSession {
    /// Nothing: there was none, or it was removed.
    Nothing,
    /// Something that cannot be read.
    Damaged,
    Session(SessionRecord),
}

pub(super) type FlightResult = Result<ProvidedToken, TokenError>;

/// What is known in this process.
#[derive(Default)]
pub(super) struct SessionMemory {
    pub(super) known: Option<(Arc<SessionRecord>, ProvidedToken)>,
    /// A pair that the store did not take.
    pub(super) pending: Option<SessionRecord>,
    /// Whether a task tries to write it.
    pub(super) is_saving: bool,
    /// The refresh in progress.
    pub(super) flight: Option<Flight>,
    pub(super) failure: Option<(Instant, TokenError)>,
    /// The token that the service has rejected.
    pub(super) rejected: Option<ProvidedToken>,
    /// The last token that replaced a rejected one, and when.
    pub(super) replacement: Option<(Instant, ProvidedToken)>,
}

/// A refresh in progress.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) result: watch::Receiver<Option<FlightResult>>,
    /// The token that it replaces.
    pub(super) rejected: Option<ProvidedToken>,
}

impl SessionMemory {
    /// The known token, unless the service has rejected it.
    fn accepted(&self) -> Option<&(Arc<SessionRecord>, ProvidedToken)> {
        let is_rejected = |token| self.rejected.as_ref().is_some_and(|rejected| rejected.is_same(token));
        self.known.as_ref().filter(|(_, token)| !is_rejected(token))
    }

    /// The failure of the last refresh, if that is not longer ago.
    pub(super) fn failed_within(&self, time: Duration) -> Option<&TokenError> {
        self.failure.as_ref().filter(|(at, _)| at.elapsed() < time).map(|(_, error)| error)
    }
}

impl SessionState {
    pub(super) async fn load(&self) -> Result<StoredSession, StoreError> {
        let Some(text) = self.store.load(&self.key).await? else { return Ok(StoredSession::Nothing) };
        let found = SessionRecord::read(&text)?;
        if found.is_none() {
            tracing::warn!(target: "calcom::oauth", session = %self.key, "the session in the store is damaged");
        }
        Ok(found.map_or(StoredSession::Damaged, StoredSession::Session))
    }

    pub(super) async fn save(&self, record: &SessionRecord) -> Result<(), StoreError> {
        self.store.save(&self.key, &record.write()?).await
    }

    /// Takes the lock of the session.
    pub(crate) async fn lock(&self) -> Result<SessionLock, StoreError> {
        self.store.lock(&self.key, LOCK_TIMEOUT).await
    }

    /// Writes a new session, after a consent. The caller has the lock.
    pub(crate) async fn begin(&self, record: SessionRecord) -> Result<(), StoreError> {
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
    pub(crate) async fn forget(&self) -> Result<(), StoreError> {
        let _lock = self.lock().await?;
        self.store.remove(&self.key).await?;
        *lock(&self.memory) = SessionMemory::default();
        Ok(())
    }

    /// Remembers what the store has: its token may still be valid if the refresh fails.
    pub(super) fn remember(&self, record: &SessionRecord) {
        let Ok(token) = record.provided() else { return };
        let mut memory = lock(&self.memory);
        if !memory.known.as_ref().is_some_and(|(known, _)| known.is_newer_than(record)) {
            memory.known = Some((Arc::new(record.clone()), token));
        }
    }

    /// Forgets what was known of a session that is not in the store any more.
    pub(super) fn forget_known(&self) {
        let mut memory = lock(&self.memory);
        (memory.known, memory.pending) = (None, None);
    }

    /// The latest pair that this process has: one that the store did not take, or may have lost since.
    pub(super) fn latest(&self) -> Option<SessionRecord> {
        let memory = lock(&self.memory);
        let known = memory.known.as_ref().map(|(record, _)| record.as_ref());
        match (memory.pending.as_ref(), known) {
            (Some(pending), Some(known)) if known.is_newer_than(pending) => Some(known.clone()),
            (pending, known) => pending.or(known).cloned(),
        }
    }

    pub(super) fn pending(&self) -> Option<SessionRecord> {
        lock(&self.memory).pending.clone()
    }

    pub(super) fn keep_pending(&self, record: SessionRecord) {
        lock(&self.memory).pending = Some(record);
    }

    pub(super) fn clear_pending(&self) {
        lock(&self.memory).pending = None;
    }

    /// The known token, if it is not about to expire, or if a refresh has just failed and it is still valid.
    pub(super) fn fresh(&self) -> Option<ProvidedToken> {
        let memory = lock(&self.memory);
        let (record, token) = memory.accepted()?;
        let now = self.clock.now();
        let is_fresh = match record.phase {
            SessionPhase::Ready => now < record.tokens.refresh_at(),
            SessionPhase::Refreshing => false,
            SessionPhase::Ended(_) => now < record.tokens.expires,
        };
        let is_enough = is_fresh || memory.failed_within(PAUSE.0).is_some() && now < record.tokens.expires;
        is_enough.then(|| token.clone())
    }

    /// The known token, if it does not expire within this time.
    pub(super) fn valid_for(&self, time: Duration) -> Option<ProvidedToken> {
        let memory = lock(&self.memory);
        let (_, token) = memory.accepted()?;
        let then = self.clock.now().checked_add(time).unwrap_or(Timestamp::MAX);
        (!token.has_expired(then)).then(|| token.clone())
    }
}
