//! One refresh of a session, under the lock of its store. It runs in a task of its own, so that a call that ends does not
//! interrupt it.
//!
//! | step | what a crash after it costs |
//! |---|---|
//! | read the session | nothing |
//! | lock, read the session again | nothing: the lock ends with the process |
//! | write that the refresh token is about to be used | nothing: the next start uses it |
//! | request the new pair | the session, if the service has taken the old refresh token for the last time |
//! | write the new pair | nothing: the next start reads it |
//! | use it | nothing |

use std::sync::Arc;

use tokio::time::sleep;

use super::{
    record::{SessionPhase, SessionRecord},
    renew::RenewError,
    state::{SAVE_WAITS, SessionState, StoredSession},
};
use crate::{
    auth::{ProvidedToken, TokenError},
    state::StoreError,
};

/// Returns a token that is not `rejected` and not about to expire.
pub(super) async fn run(
    session: Arc<SessionState>,
    rejected: Option<ProvidedToken>,
) -> Result<ProvidedToken, TokenError> {
    if let Some(token) = present(&session, rejected.as_ref()).await {
        return Ok(token);
    }
    let _lock = session.lock().await.map_err(|error| unavailable(&error))?;
    let found = session.load().await.map_err(|error| unavailable(&error))?;
    let Some(found) = latest(&session, found).await? else {
        session.forget_known();
        let first = session.renewer.renew(None).await;
        let record = first.map(|tokens| SessionRecord::new(tokens, session.own_consent.clone()));
        return match record {
            Ok(record) => adopt_new(&session, record).await,
            Err(error) => Err(token_error(&error)),
        };
    };
    session.remember(&found);
    if let Some(token) = usable(&session, &found, rejected.as_ref())? {
        return Ok(token);
    }
    if let SessionPhase::Ended(why) = &found.phase {
        return Err(TokenError::ConsentRequired(why.clone()));
    }
    let intended = found.in_phase(SessionPhase::Refreshing);
    session.save(&intended).await.map_err(|error| unavailable(&error))?;
    match session.renewer.renew(Some(&found.tokens)).await {
        Ok(tokens) => adopt_new(&session, found.renewed(tokens)).await,
        Err(RenewError::Ended(why)) => end(&session, found, rejected.as_ref(), why).await,
        Err(error) => {
            if !matches!(error, RenewError::Unknown(_)) {
                // The refresh token is as it was before. If this cannot be written, the next refresh uses it too.
                let _ = session.save(&found).await;
            }
            Err(token_error(&error))
        }
    }
}

/// The token in the store, if it can be used: another process has refreshed, or this one has just started. It is read without
/// the lock, which a process that refreshes has for as long as the service takes.
async fn present(session: &SessionState, rejected: Option<&ProvidedToken>) -> Option<ProvidedToken> {
    if session.pending().is_some() {
        return None;
    }
    let Ok(StoredSession::Session(found)) = session.load().await else { return None };
    session.remember(&found);
    let is_latest = session.latest().is_none_or(|latest| !latest.is_newer_than(&found));
    usable(session, &found, rejected).ok().flatten().filter(|_| is_latest)
}

/// The present session. If this process has a later pair of it, which the store did not take or has lost since, that is written
/// first.
async fn latest(session: &SessionState, found: StoredSession) -> Result<Option<SessionRecord>, TokenError> {
    let ours = session.latest();
    let (found, is_lost) = match (found, ours) {
        (StoredSession::Nothing, _) | (StoredSession::Damaged, None) => return Ok(None),
        (StoredSession::Damaged, Some(ours)) => (ours, true),
        (StoredSession::Session(found), Some(ours)) if ours.is_newer_than(&found) => (ours, true),
        (StoredSession::Session(found), _) => (found, false),
    };
    if is_lost {
        session.save(&found).await.map_err(|error| unavailable(&error))?;
    }
    session.clear_pending();
    Ok(Some(found))
}

/// The token of a session, if it can be used.
fn usable(
    session: &SessionState,
    record: &SessionRecord,
    rejected: Option<&ProvidedToken>,
) -> Result<Option<ProvidedToken>, TokenError> {
    let token = record.provided().map_err(|error| TokenError::Unavailable(error.to_string()))?;
    let until = match record.phase {
        SessionPhase::Ready => record.tokens.refresh_at(),
        // An interrupted refresh: it is known earlier then whether the session has ended.
        SessionPhase::Refreshing => return Ok(None),
        // Nothing is to be refreshed.
        SessionPhase::Ended(_) => record.tokens.expires,
    };
    let is_rejected = rejected.is_some_and(|rejected| rejected.is_same(&token));
    Ok((session.clock.now() < until && !is_rejected).then_some(token))
}

/// Writes a new pair before it is used. A pair that cannot be written is kept, and written before the next one is requested.
async fn adopt_new(session: &SessionState, record: SessionRecord) -> Result<ProvidedToken, TokenError> {
    let token = record.provided().map_err(|error| TokenError::Unavailable(error.to_string()))?;
    let mut saved = session.save(&record).await;
    for wait in SAVE_WAITS {
        if saved.is_ok() {
            break;
        }
        sleep(wait).await;
        saved = session.save(&record).await;
    }
    if let Err(error) = saved {
        session.keep_pending(record);
        return Err(unavailable(&error));
    }
    session.remember(&record);
    Ok(token)
}

/// The service takes the refresh token no more. Another process may have used it, without the lock: its pair is used then.
async fn end(
    session: &SessionState,
    found: SessionRecord,
    rejected: Option<&ProvidedToken>,
    why: String,
) -> Result<ProvidedToken, TokenError> {
    match session.load().await.map_err(|error| unavailable(&error))? {
        StoredSession::Session(present) if !present.is_same_pair(&found) => {
            session.remember(&present);
            return match (usable(session, &present, rejected)?, present.phase) {
                (Some(token), _) => Ok(token),
                (None, SessionPhase::Ended(why)) => Err(TokenError::ConsentRequired(why)),
                (None, _) => Err(TokenError::Unavailable("another process changes the session".to_owned())),
            };
        }
        // It was removed meanwhile.
        StoredSession::Nothing => return Err(TokenError::ConsentRequired(why)),
        StoredSession::Session(_) | StoredSession::Damaged => {}
    }
    let ended = found.in_phase(SessionPhase::Ended(why.clone()));
    // If this cannot be written, the next start asks the service once more.
    let _ = session.save(&ended).await;
    session.remember(&ended);
    usable(session, &ended, rejected)?.ok_or(TokenError::ConsentRequired(why))
}

fn token_error(error: &RenewError) -> TokenError {
    let text = error.text().to_owned();
    match error {
        RenewError::Ended(_) => TokenError::ConsentRequired(text),
        RenewError::Refused(_) => TokenError::ClientRefused(text),
        RenewError::NotSent(_) | RenewError::Unknown(_) => TokenError::Unavailable(text),
    }
}

fn unavailable(error: &StoreError) -> TokenError {
    TokenError::Unavailable(format!("the store of sessions failed: {error}"))
}
