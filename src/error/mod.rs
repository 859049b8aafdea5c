//! What can go wrong, in the caller's terms.
//!
//! [`Error`] is one enum with a variant per thing a caller does about it. What is known besides the kind (status,
//! request id, fields, when to come back) hangs on every variant and is read through the accessors of [`Error`], which
//! outlive new kinds. The pipeline makes errors of responses, and decides whether a request may be sent again.

mod code;
mod failure;
mod fields;

use std::time::Duration;

#[cfg(feature = "client")]
use crate::retry_policy::{FailureClass, Resend, SendResult};
use crate::{contract::Contract, retry_policy::Execution};

pub use code::ErrorCode;
pub(crate) use failure::FailureBuilder;
#[cfg(feature = "client")]
pub(crate) use failure::SendReport;
pub use failure::{Cause, Failure, RateLimit};
pub use fields::FieldError;

/// Inputs that this crate refuses before anything is sent.
#[cfg(feature = "client")]
pub(crate) fn refused(fields: Vec<FieldError>) -> Error {
    Error::Validation(FailureBuilder::new().code(ErrorCode::ValidationError).fields(fields).build())
}

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong between a call and its answer.
///
/// The variants say what to do; the accessors ([`status`](Self::status), [`retry_after`](Self::retry_after),
/// [`field_errors`](Self::field_errors), ...) say what is known, and work on every variant.
///
/// The text ([`Display`](std::fmt::Display), [`Debug`](std::fmt::Debug)) never holds a credential, a body, a query, an
/// e-mail address or a name: values that the request sent are cut out of what the service said before it becomes text.
/// What the service said, word for word, is [`service_message`](Self::service_message).
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The credential is missing, wrong or expired (HTTP 401, or 498 for an expired access token).
    ///
    /// Do: check the API key, or refresh the access token ([`is_token_expired`](Self::is_token_expired)) and call again.
    #[error("authentication failed{0}")]
    Authentication(Failure),
    /// The credential is good but may not do this (HTTP 403).
    ///
    /// Some routes of the service also answer 403 where no credential was sent at all.
    #[error("not allowed{0}")]
    Permission(Failure),
    /// There is no such thing, or it is somebody else's (HTTP 404).
    ///
    /// A `cal-api-version` that the route does not know is answered with 404 too; the text then says so.
    #[error("not found{0}")]
    NotFound(Failure),
    /// The service refuses the input (HTTP 400 or 422), or this crate does before anything is sent.
    ///
    /// Do: see [`field_errors`](Self::field_errors).
    #[error("invalid input{0}")]
    Validation(Failure),
    /// Somebody else was faster, or the thing is not in a state for this (HTTP 409; the 400 or 422 for a slot that is taken or
    /// full; the 401 for an event type that takes no more bookings in a period).
    #[error("conflict{0}")]
    Conflict(Failure),
    /// Too many requests (HTTP 429), or this crate's limiter refuses.
    ///
    /// Do: be silent until [`retry_after`](Self::retry_after) has gone by; requests during the block can prolong it.
    #[error("rate limited{0}")]
    RateLimit(Failure),
    /// The service failed (HTTP 500 and other 5xx, or an answer that no caller can act upon).
    #[error("the service failed{0}")]
    Server(Failure),
    /// The service is not there for now (HTTP 502, 503, 504), or the circuit breaker is open.
    #[error("the service is unavailable{0}")]
    Unavailable(Failure),
    /// No answer within the time that was given.
    ///
    /// For a booking this means *unknown*, not *failed*: see [`may_have_been_applied`](Self::may_have_been_applied).
    #[error("timed out{0}")]
    Timeout(Failure),
    /// The connection could not be made, or broke.
    #[error("connection failed{0}")]
    Transport(Failure, #[source] Cause),
    /// The service answered with success, but not in a form that this crate can read.
    ///
    /// The text names the place as a JSON path. The request *was* carried out.
    #[error("unreadable answer{0}")]
    Decode(Failure, #[source] Cause),
    /// The client was set up wrongly: a bad base URL (one that redirects among them), an unusable key, a value out of range.
    #[error("configuration{0}")]
    Configuration(Failure),
    /// The service that the client is set up for does not have this operation, or not this form of its
    /// body: nothing was sent.
    ///
    /// Do: see [`Config::service`](crate::Config::service), if the service is another than the address says.
    #[error("unsupported{0}")]
    Unsupported(Failure, Contract),
}

impl Error {
    /// What is known about the failure, whichever kind it is.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Authentication(f)
            | Self::Permission(f)
            | Self::NotFound(f)
            | Self::Validation(f)
            | Self::Conflict(f)
            | Self::RateLimit(f)
            | Self::Server(f)
            | Self::Unavailable(f)
            | Self::Timeout(f)
            | Self::Transport(f, _)
            | Self::Decode(f, _)
            | Self::Configuration(f)
            | Self::Unsupported(f, _) => f,
        }
    }

    #[cfg(feature = "client")]
    pub(crate) fn failure_mut(&mut self) -> &mut Failure {
        match self {
            Self::Authentication(f)
            | Self::Permission(f)
            | Self::NotFound(f)
            | Self::Validation(f)
            | Self::Conflict(f)
            | Self::RateLimit(f)
            | Self::Server(f)
            | Self::Unavailable(f)
            | Self::Timeout(f)
            | Self::Transport(f, _)
            | Self::Decode(f, _)
            | Self::Configuration(f)
            | Self::Unsupported(f, _) => f,
        }
    }

    /// The documented code of the failure, or the service's own if none is documented. Empty for a decode or a
    /// configuration error, and for an operation that the service lacks.
    #[must_use]
    pub fn code(&self) -> &ErrorCode {
        self.failure().code()
    }

    /// The HTTP status, where the service answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.failure().status()
    }

    /// The service's `X-Request-Id`: what to quote when asking its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.failure().request_id()
    }

    /// How long to wait before asking again, if the service, the limiter or the breaker says. After a 429 that says nothing,
    /// wait a minute: the limiter does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.failure().retry_after()
    }

    /// The rate limits that the answer told of, the tightest first; of a call that the limiter did not send those that it
    /// knows of in this process.
    #[must_use]
    pub fn rate_limits(&self) -> &[RateLimit] {
        self.failure().rate_limits()
    }

    /// The fields that were refused, flattened to paths (`attendee.email`), in the order the service named them.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        self.failure().field_errors()
    }

    /// The id of the operation that failed (`create_booking`), as in [`crate::raw`].
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.failure().operation()
    }

    /// Whether an open circuit refused the call: nothing was sent, and [`retry_after`](Self::retry_after) says when the
    /// next call is let through.
    #[must_use]
    pub fn is_circuit_open(&self) -> bool {
        self.failure().is_circuit_open()
    }

    /// How many times sending was tried; 0 where this crate refused before it tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.failure().attempts()
    }

    /// Whether the service may have carried the request out although the call failed.
    ///
    /// `true` for a booking whose connection broke: look it up before trying again. `false` means it surely was not
    /// carried out by this call, or that the operation changes nothing.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.failure().execution() != Execution::Never
    }

    /// Whether the same call can be made again as it is, later, without risk of doing something twice.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.failure().is_retryable()
    }

    /// What the call came to, for a caller that decides itself whether to send again.
    #[cfg(feature = "client")]
    pub(crate) fn send_result(&self) -> SendResult {
        self.failure().send_result()
    }

    /// Whether an access token has expired (HTTP 498): refresh it, then call again.
    #[must_use]
    pub fn is_token_expired(&self) -> bool {
        matches!(self, Self::Authentication(f) if f.status() == Some(498))
    }

    /// What the service said, word for word.
    ///
    /// It can repeat what the request sent, personal data and tokens included: show it, do not log it.
    #[must_use]
    pub fn service_message(&self) -> Option<&str> {
        self.failure().service_message()
    }

    /// An input that this crate refuses before anything is sent.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Validation(
            FailureBuilder::new()
                .code(ErrorCode::ValidationError)
                .fields(vec![FieldError::new(field, message)])
                .build(),
        )
    }

    /// An answer that lacks what it must hold. Which operation it answers is not known: it may have changed something.
    #[cfg(feature = "client")]
    pub(crate) fn empty(text: &str) -> Self {
        let failure = FailureBuilder::new().text(text).failed(FailureClass::Unreadable, Resend::Unsafe);
        Self::Decode(failure.build(), Cause::new("nothing is there"))
    }

    /// A client that cannot be set up as asked.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::Configuration(FailureBuilder::new().text(message).build())
    }
}

impl From<std::convert::Infallible> for Error {
    /// What cannot go wrong: a request that is given in the form that is sent.
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
