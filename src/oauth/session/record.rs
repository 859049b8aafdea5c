//! What a store keeps of a session: the tokens, the consent that they belong to, and what was intended when it was written.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::super::tokens::{SessionTokens, WrittenTokens};
use crate::{auth::ProvidedToken, state::StoreError};

/// The form of records that this crate writes.
const FORMAT: u32 = 1;

/// A session.
#[derive(Debug, Clone)]
pub(crate) struct SessionRecord {
    pub(super) tokens: SessionTokens,
    /// The same for all tokens of one consent.
    pub(super) consent: String,
    /// Grows with each pair. It begins with the time of the first one, so that it also grows if a session begins anew.
    pub(super) generation: u64,
    pub(super) phase: SessionPhase,
}

/// How far a session is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionPhase {
    /// The refresh token was not used.
    Ready,
    /// The refresh token was sent. Unless a new pair follows, it may be used up.
    Refreshing,
    /// The service took the refresh token no more: why.
    Ended(String),
}

/// What a record of any form has.
#[derive(Deserialize)]
struct WrittenForm {
    format: u32,
}

#[derive(Serialize, Deserialize)]
struct WrittenRecord {
    format: u32,
    tokens: WrittenTokens,
    consent: String,
    generation: u64,
    phase: SessionPhase,
}

impl SessionRecord {
    /// A new session.
    pub(crate) fn new(tokens: SessionTokens, consent: String) -> Self {
        let generation = u64::try_from(tokens.issued.as_millisecond()).unwrap_or_default();
        Self { tokens, consent, generation, phase: SessionPhase::Ready }
    }

    /// The session with a new pair. What the user consented to stays, if the service does not say it again.
    pub(super) fn renewed(&self, mut tokens: SessionTokens) -> Self {
        tokens.scopes = tokens.scopes.or_else(|| self.tokens.scopes.clone());
        let generation = self.generation.saturating_add(1);
        Self { tokens, consent: self.consent.clone(), generation, phase: SessionPhase::Ready }
    }

    pub(super) fn in_phase(&self, phase: SessionPhase) -> Self {
        Self { phase, ..self.clone() }
    }

    /// Whether it has a later pair of the same consent.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.consent == other.consent && self.generation > other.generation
    }

    /// Whether both have the same pair.
    pub(super) fn is_same_pair(&self, other: &Self) -> bool {
        self.generation == other.generation && self.consent == other.consent
    }

    pub(super) fn provided(&self) -> crate::Result<ProvidedToken> {
        self.tokens.provided(&self.consent)
    }

    pub(crate) fn write(&self) -> Result<SecretString, StoreError> {
        let written = WrittenRecord {
            format: FORMAT,
            tokens: WrittenTokens::from(&self.tokens),
            consent: self.consent.clone(),
            generation: self.generation,
            phase: self.phase.clone(),
        };
        serde_json::to_string(&written)
            .map(SecretString::from)
            .map_err(|_| StoreError("the session cannot be written".to_owned()))
    }

    /// Reads a session; `None` for a text that is damaged, which no later attempt reads either.
    ///
    /// # Errors
    ///
    /// A session of another form, which another version of this crate wrote.
    pub(crate) fn read(text: &SecretString) -> Result<Option<Self>, StoreError> {
        let text = text.expose_secret();
        let Ok(WrittenForm { format }) = serde_json::from_str(text) else { return Ok(None) };
        if format != FORMAT {
            return Err(StoreError(format!("the session cannot be read: its form is {format}, not {FORMAT}")));
        }
        let written = serde_json::from_str(text).ok();
        Ok(written.map(|WrittenRecord { tokens, consent, generation, phase, .. }| Self {
            tokens: tokens.into(),
            consent,
            generation,
            phase,
        }))
    }
}
