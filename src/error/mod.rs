//! The errors of this crate.
//!
//! [`Error`] has one variant for each kind of failure that a caller handles differently. Every variant carries the same details
//! (HTTP status, request id, field errors, delay before a retry), which the methods of [`Error`] read.
//!
//! ```no_run
//! # async fn example(client: calcom::Client) -> calcom::Result<()> {
//! use calcom::Error;
//!
//! match client.raw().get_me().await {
//!     Ok(me) => println!("{:?}", me.data.time_zone),
//!     Err(Error::Authentication(_)) => println!("the API key is not valid"),
//!     Err(error) if error.is_retryable() => println!("retry after {:?}", error.retry_after()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(()) }
//! ```

mod cause;
mod code;
mod details;
mod fields;

use std::time::Duration;

#[cfg(feature = "client")]
use crate::retry_policy::{CallFailure, FailureClass, Resend};
use crate::{contract::Contract, retry_policy::Execution};

pub use cause::Cause;
pub use code::ErrorCode;
#[cfg(feature = "client")]
pub(crate) use details::CallReport;
pub(crate) use details::ErrorDetailsBuilder;
pub(crate) use details::TokenState;
pub use details::{ErrorDetails, RateLimit};
pub use fields::FieldError;

/// The error of inputs that this crate rejects before it sends anything.
#[cfg(feature = "client")]
pub(crate) fn refused(fields: Vec<FieldError>) -> Error {
    Error::Validation(ErrorDetailsBuilder::new().code(ErrorCode::ValidationError).fields(fields).build())
}

/// The result of the functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a call.
///
/// The variant is the kind of failure, and its documentation says what the caller can do. The methods
/// ([`status`](Self::status), [`retry_after`](Self::retry_after), [`field_errors`](Self::field_errors), ...) return details,
/// and work on every variant.
///
/// The text ([`Display`](std::fmt::Display), [`Debug`](std::fmt::Debug)) contains no credential, no body, no query, no
/// e-mail address and no name: values of the request are removed from the service's message before it becomes text. The
/// unchanged message is [`service_message`](Self::service_message).
///
/// ```no_run
/// # use calcom::{Error, raw::types::CreateBooking};
/// # async fn example(client: calcom::Client, booking: &CreateBooking) -> Result<(), Error> {
/// let Err(error) = client.raw().create_booking(booking).await else { return Ok(()) };
/// for field in error.field_errors() {
///     println!("{}: {}", field.field, field.message);
/// }
/// match error {
///     Error::Conflict(_) => println!("the slot is taken"),
///     error if error.may_have_been_applied() => println!("look the booking up before a retry: {error}"),
///     error if error.is_retryable() => println!("not booked, retry after {:?}", error.retry_after()),
///     error => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The credential is missing, wrong or expired (HTTP 401, or 498 for an expired access token). A 401 about something else is
    /// [`Permission`](Self::Permission) or [`Conflict`](Self::Conflict).
    ///
    /// Do: check the API key, or refresh the access token ([`is_token_expired`](Self::is_token_expired)) and call again. A
    /// provider of tokens does that; if it cannot any more, let the user consent again
    /// ([`is_consent_required`](Self::is_consent_required)).
    #[error("authentication failed{0}")]
    Authentication(ErrorDetails),
    /// The credential is valid, but is not allowed to do this (HTTP 402, 403). The variant includes some 401: for a thing of
    /// another user or team, for a calendar account that the user does not have, and for a key without an organization where
    /// one is needed. From an operation that also works without a credential, the 401 for another user's thing is an
    /// [`Authentication`](Self::Authentication): the response does not distinguish the two.
    ///
    /// Some routes of the service also return 403 if no credential is sent.
    #[error("not allowed{0}")]
    Permission(ErrorDetails),
    /// The resource does not exist, or belongs to another user (HTTP 404, 410).
    ///
    /// The service also returns 404 for a `cal-api-version` that the route does not have; the text then says so.
    #[error("not found{0}")]
    NotFound(ErrorDetails),
    /// The service rejects the input (HTTP 400, 422 and most other 4xx), or this crate does before it sends anything.
    ///
    /// Do: correct the fields of [`field_errors`](Self::field_errors).
    #[error("invalid input{0}")]
    Validation(ErrorDetails),
    /// The slot is taken, or the state of the resource does not allow the operation (HTTP 409, 412, 423). The variant includes
    /// the 400 or 422 for a slot that is taken or full, and the 401 for an event type that takes no more bookings in a period.
    ///
    /// Do: offer other slots, or read the resource again.
    #[error("conflict{0}")]
    Conflict(ErrorDetails),
    /// The quota is exhausted: the service returned HTTP 429, or this crate's limiter did not send the request.
    ///
    /// Do: send nothing for [`retry_after`](Self::retry_after); requests during the block can prolong it.
    #[error("rate limited{0}")]
    RateLimit(ErrorDetails),
    /// The service failed (HTTP 500 and other 5xx, or a response with another unexpected status).
    #[error("the service failed{0}")]
    Server(ErrorDetails),
    /// The service is temporarily unavailable (HTTP 502, 503, 504, 520 to 524), or the circuit breaker is open.
    ///
    /// Do: retry after [`retry_after`](Self::retry_after), if [`is_retryable`](Self::is_retryable).
    #[error("the service is unavailable{0}")]
    Unavailable(ErrorDetails),
    /// No response arrived before the timeout (HTTP 408 included).
    ///
    /// The request may have been executed: see [`may_have_been_applied`](Self::may_have_been_applied).
    #[error("timed out{0}")]
    Timeout(ErrorDetails),
    /// The connection was not established, or broke.
    ///
    /// Whether the request may have been executed says [`may_have_been_applied`](Self::may_have_been_applied).
    #[error("connection failed{0}")]
    Transport(ErrorDetails, #[source] Cause),
    /// The service returned success, and the response could not be decoded.
    ///
    /// The text names the place as a JSON path. The request *was* executed.
    #[error("unreadable response{0}")]
    Decode(ErrorDetails, #[source] Cause),
    /// The client's configuration is not valid: a base URL that cannot be used or that redirects, a credential that no header
    /// can hold, a value out of range.
    #[error("configuration{0}")]
    Configuration(ErrorDetails),
    /// The service that the client is configured for lacks this operation, or this form of its body. Nothing was sent.
    ///
    /// Do: set [`Config::service`](crate::Config::service), if the service is another than the address suggests.
    #[error("unsupported{0}")]
    Unsupported(ErrorDetails, Contract),
}

impl Error {
    /// The details of the failure, which do not depend on its kind.
    #[must_use]
    pub fn details(&self) -> &ErrorDetails {
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
    pub(crate) fn details_mut(&mut self) -> &mut ErrorDetails {
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

    /// The documented code of the failure, or the service's own if it is not a documented one. Empty for
    /// [`Decode`](Self::Decode), [`Configuration`](Self::Configuration) and [`Unsupported`](Self::Unsupported).
    #[must_use]
    pub fn code(&self) -> &ErrorCode {
        self.details().code()
    }

    /// The HTTP status, if the service responded.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.details().status()
    }

    /// The service's `X-Request-Id`, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.details().request_id()
    }

    /// The delay before a retry, if the service, the limiter or the circuit breaker reports one. A 429 can come without; the
    /// limiter then waits one minute.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.details().retry_after()
    }

    /// The rate limits that the response reported, the one with the fewest requests left first. If the limiter did not send the
    /// request, the limits that were reported in this process.
    #[must_use]
    pub fn rate_limits(&self) -> &[RateLimit] {
        self.details().rate_limits()
    }

    /// The rejected fields, as paths, in the service's order. Methods of the facade name them as the caller wrote them
    /// (`responses.email`), and requests of [`raw`](crate::raw) as the service does (`attendee.email`).
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        self.details().field_errors()
    }

    /// The id of the operation that failed (`create_booking`), as in [`crate::raw`].
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.details().operation()
    }

    /// Whether an open circuit rejected the call. Nothing was sent, and [`retry_after`](Self::retry_after) says when the
    /// circuit admits the next call.
    #[must_use]
    pub fn is_circuit_open(&self) -> bool {
        self.details().is_circuit_open()
    }

    /// The number of attempts; 0 if this crate rejected the call before the first one.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.details().attempts()
    }

    /// Whether the service may have executed the request although the call failed.
    ///
    /// `true` for a booking whose connection broke: look it up before a retry. `false` if this call certainly did not execute
    /// it, or if the operation changes nothing.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.details().execution() != Execution::Never
    }

    /// Whether the same call can be made again unchanged, without risk of executing the operation twice.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.details().is_retryable()
    }

    /// The result of the call, for a caller that decides on further calls itself.
    #[cfg(feature = "client")]
    pub(crate) fn call_failure(&self) -> CallFailure {
        self.details().call_failure()
    }

    /// Whether the access token has expired (HTTP 498). Refresh it, then repeat the call.
    #[must_use]
    pub fn is_token_expired(&self) -> bool {
        matches!(self, Self::Authentication(f) if f.status() == Some(498))
    }

    /// Whether the user has to consent again: there is no session of the subject, or it has ended. Nothing was sent, or the
    /// service rejected the token and no other can be had.
    #[must_use]
    pub fn is_consent_required(&self) -> bool {
        self.details().token_state() == TokenState::ConsentRequired
    }

    /// The scopes of which the token needs one, if the service refused it because it has none of them (HTTP 403); else none.
    #[must_use]
    pub fn missing_scopes(&self) -> &'static [&'static str] {
        self.details().missing_scopes()
    }

    /// Whether the service rejects the access token itself, so that another one may do.
    #[cfg(feature = "client")]
    pub(crate) fn rejects_token(&self) -> bool {
        self.details().token_state() == TokenState::Refused
    }

    /// The service's message, unchanged.
    ///
    /// It can repeat values of the request, personal data and tokens included: do not log it.
    #[must_use]
    pub fn service_message(&self) -> Option<&str> {
        self.details().service_message()
    }

    /// The error with the fields named as the caller wrote them: `names` has pairs of the service's name and the caller's. A
    /// name includes the fields within it.
    #[cfg(feature = "client")]
    pub(crate) fn with_field_names(mut self, names: &[(&str, &str)]) -> Self {
        for field in self.details_mut().fields_mut() {
            let renamed = names.iter().find_map(|(theirs, ours)| {
                let rest = field.field.strip_prefix(theirs)?;
                (rest.is_empty() || rest.starts_with(['.', '['])).then(|| format!("{ours}{rest}"))
            });
            field.field = renamed.unwrap_or(std::mem::take(&mut field.field));
        }
        self
    }

    /// The error of an input that this crate rejects before it sends anything.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Validation(
            ErrorDetailsBuilder::new()
                .code(ErrorCode::ValidationError)
                .fields(vec![FieldError::new(field, message)])
                .build(),
        )
    }

    /// The error of a check before a request of this operation.
    #[cfg(feature = "client")]
    pub(crate) fn of_operation(mut self, operation: &'static str) -> Self {
        self.details_mut().name_operation(operation);
        self
    }

    /// The error of a response that lacks required content. Its operation is not known, so that the request counts as executed.
    #[cfg(feature = "client")]
    pub(crate) fn empty(text: &str) -> Self {
        let failure = ErrorDetailsBuilder::new().text(text).failed(FailureClass::Unreadable, Resend::Unsafe);
        Self::Decode(failure.build(), Cause::new("the content is missing"))
    }

    /// The place and the cause of a [`Decode`](Self::Decode) error.
    #[cfg(feature = "client")]
    pub(crate) fn decode_failure(&self) -> (String, String) {
        let cause = match self {
            Self::Decode(_, cause) => cause.to_string(),
            _ => String::new(),
        };
        (self.details().text().to_owned(), cause)
    }

    /// The error of an item that could not be decoded when its response was received.
    #[cfg(feature = "client")]
    pub(crate) fn of_decode_failure(place: String, cause: String) -> Self {
        Self::Decode(ErrorDetailsBuilder::new().text(place).build(), Cause::new(cause))
    }

    /// The error of a setting that cannot be used.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::Configuration(ErrorDetailsBuilder::new().text(message).build())
    }
}

impl From<std::convert::Infallible> for Error {
    /// Never called: the conversion of a request that is given in its wire form cannot fail.
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
