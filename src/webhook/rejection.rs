//! Rejected deliveries, and the HTTP response to each.

use std::time::Duration;

use http::StatusCode;

use super::{ParseError, ReplayStoreError, SignatureError};
use crate::error::{Cause, Error, ErrorCode, ErrorDetailsBuilder};

/// Reason for which a delivery is rejected.
///
/// [`status`](Self::status) is the status of the response. The error text contains nothing of the body. Only
/// [`InvalidPayload`](Self::InvalidPayload) holds the body.
///
/// ```
/// use calcom::webhook::{Rejection, SignatureError};
///
/// let rejection = Rejection::from(SignatureError::Missing);
/// assert_eq!(rejection.status(), 401);
/// assert!(!rejection.is_authentic());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The signature is missing or wrong. Status 401.
    #[error("forged or damaged delivery: {0}")]
    Signature(#[from] SignatureError),
    /// The body is longer than [`Verifier::with_max_body_bytes`](super::Verifier::with_max_body_bytes) allows. Status 413.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body could not be received. Status 400.
    #[error("the body could not be received")]
    Body,
    /// The signature is right, but the body is no event. A usual cause is a payload template. Status 400.
    #[error("authentic delivery, but no event: {0}")]
    InvalidPayload(#[source] ParseError),
    /// The delivery is authentic, but older or newer than [`Verifier::with_max_age`](super::Verifier::with_max_age) allows,
    /// or has no time. Status 400.
    #[error("authentic delivery, but more than {max_age:?} away from now")]
    Stale {
        /// The greatest age that is accepted.
        max_age: Duration,
    },
    /// The delivery is authentic, but was received before. Status 200, so that the sender does not send it again.
    #[error("authentic delivery, but received before")]
    Duplicate,
    /// The [`ReplayStore`](super::ReplayStore) failed, so that a duplicate cannot be recognized. Status 503.
    #[error("the replay store failed")]
    Store(#[source] ReplayStoreError),
}

impl Rejection {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body | Self::InvalidPayload(_) | Self::Stale { .. } => StatusCode::BAD_REQUEST,
            Self::Duplicate => StatusCode::OK,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the signature is right. Such a delivery comes from the service.
    #[must_use]
    pub fn is_authentic(&self) -> bool {
        matches!(self, Self::InvalidPayload(_) | Self::Stale { .. } | Self::Duplicate | Self::Store(_))
    }

    /// The HTTP response: the status, and an empty body.
    #[must_use]
    pub fn to_response<B: Default>(&self) -> http::Response<B> {
        let mut response = http::Response::new(B::default());
        *response.status_mut() = self.status();
        response
    }
}

impl From<ParseError> for Rejection {
    fn from(error: ParseError) -> Self {
        Self::InvalidPayload(error)
    }
}

/// Converts to the error type of the crate.
impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        let known = ErrorDetailsBuilder::new().text(rejection.to_string()).status(rejection.status().as_u16());
        match rejection {
            Rejection::Store(error) => {
                Self::Transport(known.code(ErrorCode::ServiceUnavailable).build(), Cause::new(error))
            }
            Rejection::Signature(_) => Self::Authentication(known.code(ErrorCode::Unauthorized).build()),
            Rejection::Duplicate => Self::Conflict(known.code(ErrorCode::Conflict).build()),
            Rejection::InvalidPayload(error) => {
                Self::Decode(known.code(ErrorCode::ValidationError).build(), Cause::new(error))
            }
            Rejection::TooLarge { .. } | Rejection::Body | Rejection::Stale { .. } => {
                Self::Validation(known.code(ErrorCode::ValidationError).build())
            }
        }
    }
}
