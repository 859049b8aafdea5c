//! The sessions of a process: one state for each, however often it is asked for.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, Weak},
};

use super::{
    clock::TokenClock,
    session::{OAuthSession, Renewer, SessionState},
    store::{SessionKey, TokenStore},
};
use crate::{auth::TokenSubject, sync::lock};

/// How many sessions are held before those that are not used are removed.
const SWEEP_THRESHOLD: usize = 64;

/// The sessions on one store.
pub(crate) struct SessionRegistry {
    store: Arc<dyn TokenStore>,
    clock: TokenClock,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    by_key: HashMap<SessionKey, Weak<SessionState>>,
    sweep_at: usize,
}

impl SessionRegistry {
    pub(crate) fn new(store: Arc<dyn TokenStore>, clock: TokenClock) -> Self {
        Self { store, clock, sessions: Mutex::default() }
    }

    /// The session of a subject at the service at `base`. `renewer` is for one that is not held yet.
    pub(crate) fn session(
        &self,
        base: &str,
        subject: &TokenSubject,
        own_consent: &str,
        renewer: impl FnOnce() -> Box<dyn Renewer>,
    ) -> OAuthSession {
        let key = SessionKey::new(base, subject);
        let mut sessions = lock(&self.sessions);
        if let Some(held) = sessions.by_key.get(&key).and_then(Weak::upgrade) {
            return OAuthSession::of_state(held);
        }
        if sessions.by_key.len() >= sessions.sweep_at.max(SWEEP_THRESHOLD) {
            sessions.by_key.retain(|_, session| session.strong_count() > 0);
            sessions.sweep_at = sessions.by_key.len() * 2;
        }
        let store = Arc::clone(&self.store);
        let session = OAuthSession::new(subject.clone(), key, store, renewer(), own_consent.to_owned(), self.clock);
        sessions.by_key.insert(key, Arc::downgrade(session.state()));
        session
    }
}

impl fmt::Debug for SessionRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRegistry").field("store", &self.store).finish_non_exhaustive()
    }
}
