//! Why a delivery is not let in, and what the sender is told.

use std::time::Duration;

use http::StatusCode;

use super::{ParseError, ReplayStoreError, SignatureError};
use crate::error::{Cause, Error, ErrorCode, ErrorDetailsBuilder};

/// Why a delivery was not let in.
///
/// [`status`](Self::status) is what to answer. The text names nothing of the body; only [`Unreadable`](Self::Unreadable)
/// carries it, as it was verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The signature does not hold. 401.
    #[error("forged or damaged delivery: {0}")]
    Signature(#[from] SignatureError),
    /// The body is longer than [`Verifier::body_limit`](super::Verifier::body_limit) allows. 413.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body could not be received. 400.
    #[error("the body could not be received")]
    Body,
    /// The delivery is genuine, but no event: the webhook has a payload template, say. 400.
    #[error("genuine delivery, but no event: {0}")]
    Unreadable(#[source] ParseError),
    /// The delivery is genuine, but older or newer than [`Verifier::max_age`](super::Verifier::max_age) allows, or does
    /// not tell its age. 400.
    #[error("genuine delivery, but more than {max_age:?} away from now")]
    Stale {
        /// The greatest age that is let in.
        max_age: Duration,
    },
    /// The delivery is genuine, but was received before. 200: there is nothing to do, and no reason to send it again.
    #[error("genuine delivery, but received before")]
    Replayed,
    /// Nobody can tell whether the delivery was received before: the [`ReplayStore`](super::ReplayStore) failed. 503.
    #[error("the replay store failed")]
    Store(#[source] ReplayStoreError),
}

impl Refusal {
    /// What to answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body | Self::Unreadable(_) | Self::Stale { .. } => StatusCode::BAD_REQUEST,
            Self::Replayed => StatusCode::OK,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the signature held: the delivery comes from the service, whatever else is wrong with it.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Stale { .. } | Self::Replayed | Self::Store(_))
    }

    /// The answer, without a body: whoever forges deliveries is told no more than the status.
    #[must_use]
    pub fn to_response<B: Default>(&self) -> http::Response<B> {
        let mut response = http::Response::new(B::default());
        *response.status_mut() = self.status();
        response
    }
}

impl From<ParseError> for Refusal {
    fn from(error: ParseError) -> Self {
        Self::Unreadable(error)
    }
}

/// For applications that have one error type for everything of this crate.
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let known = ErrorDetailsBuilder::new().text(refusal.to_string()).status(refusal.status().as_u16());
        match refusal {
            Refusal::Store(error) => {
                Self::Transport(known.code(ErrorCode::ServiceUnavailable).build(), Cause::new(error))
            }
            Refusal::Signature(_) => Self::Authentication(known.code(ErrorCode::Unauthorized).build()),
            Refusal::Replayed => Self::Conflict(known.code(ErrorCode::Conflict).build()),
            Refusal::Unreadable(error) => {
                Self::Decode(known.code(ErrorCode::ValidationError).build(), Cause::new(error))
            }
            Refusal::TooLarge { .. } | Refusal::Body | Refusal::Stale { .. } => {
                Self::Validation(known.code(ErrorCode::ValidationError).build())
            }
        }
    }
}
