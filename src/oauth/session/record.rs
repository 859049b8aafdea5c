//! What a store keeps of a session: the tokens, the consent that they belong to, and what was intended when it was written.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::super::tokens::{SessionTokens, WrittenTokens};
use crate::{auth::ProvidedToken, redact::without_value, state::StoreError};

/// The form of records that this crate writes.
const FORMAT: u32 = 1;

/// A session.
#[derive(Debug, Clone)]
pub(crate) struct SessionRecord {
    pub(super) tokens: SessionTokens,
    /// The same for all tokens of one consent.
    pub(super) consent: String,
    /// Grows with each pair.
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
        Self { tokens, consent, generation: 1, phase: SessionPhase::Ready }
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

    pub(crate) fn read(text: &SecretString) -> Result<Self, StoreError> {
        let failed = |why: String| StoreError(format!("the session cannot be read: {why}"));
        let written: WrittenRecord = serde_json::from_str(text.expose_secret())
            .map_err(|error| failed(without_value(&error).unwrap_or_else(|| "a value of the wrong form".to_owned())))?;
        if written.format != FORMAT {
            return Err(failed(format!("its form is {}, not {FORMAT}", written.format)));
        }
        let WrittenRecord { tokens, consent, generation, phase, .. } = written;
        Ok(Self { tokens: tokens.into(), consent, generation, phase })
    }
}
