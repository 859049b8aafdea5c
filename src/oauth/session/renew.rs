//! How a new pair of tokens is had: the interface between a session and the requests to the service.

use std::{fmt, future::Future, pin::Pin};

use super::super::tokens::SessionTokens;
use crate::{Error, retry_policy::CallFailure};

pub(crate) type RenewFuture<'a> = Pin<Box<dyn Future<Output = Result<SessionTokens, RenewError>> + Send + 'a>>;

/// Sends the request for a new pair.
pub(crate) trait Renewer: fmt::Debug + Send + Sync {
    /// Requests the pair that follows `tokens`; the first one if there is none.
    fn renew<'a>(&'a self, tokens: Option<&'a SessionTokens>) -> RenewFuture<'a>;
}

/// Why there is no new pair. The texts contain no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RenewError {
    /// The service takes the refresh token no more.
    Ended(String),
    /// The service refuses the client, or the request. The refresh token was not used.
    Refused(String),
    /// The request did not reach the service, or was not executed. The refresh token was not used.
    NotSent(String),
    /// The refresh token may be used up.
    Unknown(String),
}

impl RenewError {
    /// The error of a request that is not refused by the codes of OAuth.
    pub(crate) fn of_call(error: &Error) -> Self {
        let text = error.to_string();
        match error.call_failure() {
            CallFailure::NotSent => Self::NotSent(text),
            CallFailure::Refused => Self::Refused(text),
            CallFailure::Unknown => Self::Unknown(text),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Ended(text) | Self::Refused(text) | Self::NotSent(text) | Self::Unknown(text) => text,
        }
    }
}
