//! Failures as V1 says them: a status, and a body with `message` (for a bad key `error`).
//!
//! The table is that of V1's own error handling. What the service says in V2 is put into V1's words where V1 had words of
//! its own (keys, limits); everything else keeps the service's text, without what the request carried.

use std::fmt;

use serde_json::{Value, json};

use super::{Loss, shape::Issues};

/// The result of every V1 call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure in V1's form.
///
/// Its text holds no key and nothing of what the request carried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Error {
    status: u16,
    name: Name,
    message: String,
    losses: Vec<Loss>,
    done: Vec<&'static str>,
    source: Option<Box<crate::Error>>,
}

/// Under which name V1 puts the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Message,
    /// As `message`, beside `url`, `method` and `data`, which V1's own handlers added.
    Responder,
    Error,
}

impl Error {
    fn new(status: u16, name: Name, message: impl Into<String>) -> Self {
        Self { status, name, message: message.into(), losses: Vec::new(), done: Vec::new(), source: None }
    }

    /// Input that V1 refuses for its form (400), in the text of V1's validation.
    pub(crate) fn invalid(issues: &Issues) -> Self {
        Self::new(400, Name::Responder, issues.to_string())
    }

    /// What V2 cannot do (400).
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(400, Name::Responder, message)
    }

    /// What strict mode refuses (400): the message names every field.
    pub(crate) fn lossy(losses: Vec<Loss>) -> Self {
        let texts: Vec<String> = losses.iter().map(ToString::to_string).collect();
        let error = Self::new(400, Name::Responder, format!("cannot be sent without loss: {}", texts.join("; ")));
        Self { losses, ..error }
    }

    /// No such thing (404).
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, Name::Responder, message)
    }

    /// What V2 lets nobody see (403).
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, Name::Responder, message)
    }

    /// No key in the request (401).
    pub(crate) fn no_key() -> Self {
        Self::new(401, Name::Message, "No apiKey provided")
    }

    /// A key that cannot be one (401).
    pub(crate) fn bad_key() -> Self {
        Self::new(401, Name::Error, "Your API key is not valid.")
    }

    /// Another method than the path knows (405).
    pub(crate) fn method(allowed: &str) -> Self {
        Self::new(405, Name::Message, format!("Only {allowed} Method allowed"))
    }

    /// Says which steps of a split request were carried out before this one failed.
    pub(crate) fn after(mut self, done: &[&'static str]) -> Self {
        if !done.is_empty() {
            self.message = format!("{} (already done: {})", self.message, done.join(", "));
            self.done = done.to_vec();
        }
        self
    }

    /// The HTTP status that V1 answers with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// What V1 says.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What would have been lost, where strict mode refused.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Of a change that V2 splits into several: the steps that were carried out before the one that failed.
    #[must_use]
    pub fn done(&self) -> &[&'static str] {
        &self.done
    }

    /// The failure in V2's terms, where it was the service's or the client's.
    #[must_use]
    pub fn v2(&self) -> Option<&crate::Error> {
        self.source.as_deref()
    }

    /// Whether the service may have carried the request out although the call failed: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.v2().is_some_and(crate::Error::may_have_been_applied)
    }

    /// The body that V1 answers with, for a request of this method to this URL (its path alone: V1 repeated the URL, and
    /// so the key).
    #[must_use]
    pub fn body(&self, method: &str, path: &str) -> Value {
        match self.name {
            Name::Error => json!({"error": self.message}),
            Name::Message => json!({"message": self.message}),
            Name::Responder => json!({"message": self.message, "url": path, "method": method, "data": null}),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}: {}", self.status, self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|error| error as _)
    }
}

/// What V1 says where nobody is free for a new booking, with 400.
const NOBODY_FREE: &str = "no_available_users_found_error";

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        use crate::Error as V2;

        let said = error.failure().text();
        let expired = said.contains("expired") || error.is_token_expired();
        let fields = error.field_errors();
        let words = match fields {
            [] if said.is_empty() => error.to_string(),
            [] => said.to_owned(),
            fields => fields
                .iter()
                .map(|field| format!("custom in '{}': {}", field.field, field.message))
                .collect::<Vec<_>>()
                .join("; "),
        };
        let v1 = match &error {
            V2::Authentication(_) if error.operation() == Some("confirm_booking") => {
                Self::new(401, Name::Responder, words)
            }
            V2::Authentication(_) if expired => Self::new(401, Name::Error, "This API key is expired."),
            V2::Authentication(_) => Self::bad_key(),
            V2::Permission(_) => Self::new(403, Name::Responder, words),
            V2::NotFound(_) => Self::new(404, Name::Responder, words),
            V2::Conflict(_) if said.contains(NOBODY_FREE) => Self::new(400, Name::Responder, NOBODY_FREE),
            V2::Conflict(_) => Self::new(409, Name::Responder, words),
            V2::RateLimit(_) => Self::new(429, Name::Message, "Rate limit exceeded"),
            V2::Validation(_) => Self::new(400, Name::Responder, words),
            V2::Timeout(_) => Self::new(504, Name::Responder, words),
            V2::Unavailable(_) => Self::new(503, Name::Responder, words),
            V2::Transport(..) | V2::Decode(..) => Self::new(502, Name::Responder, error.to_string()),
            V2::Server(_) | V2::Configuration(_) | V2::Unsupported(..) => Self::new(500, Name::Responder, words),
        };
        Self { source: Some(Box::new(error)), ..v1 }
    }
}
