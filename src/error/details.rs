//! The details of a failure, which do not depend on its kind.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::{ErrorCode, FieldError};
#[cfg(feature = "client")]
use crate::retry_policy::CallFailure;
use crate::retry_policy::{Execution, FailureClass, Resend, RetryBudget, RetryDecision, decide};

/// A rate limit of the service, as its headers report it (`X-RateLimit-Limit-Default`, `-Remaining-`, `-Reset-`).
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// for limit in client.quota().await.limits {
///     println!("{}: {:?} of {:?} left, reset in {:?}", limit.name, limit.remaining, limit.limit, limit.reset);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateLimit {
    /// The suffix of the headers' names, in lower case: `default`, `burst`, or an endpoint's own. Empty if they have none
    /// (`X-RateLimit-Limit`, which a proxy sets: another limit than `default`).
    pub name: String,
    /// The number of requests that a window allows.
    pub limit: Option<u64>,
    /// The number of requests that are left in this window.
    pub remaining: Option<u64>,
    /// The time until the window, or the block, ends.
    pub reset: Option<Duration>,
}

impl RateLimit {
    #[cfg(feature = "client")]
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), limit: None, remaining: None, reset: None }
    }
}

/// The details of a failure: what every variant of [`Error`](super::Error) carries.
///
/// A pattern gives them, and [`Error`](super::Error) has the same methods; their text is part of the error's text.
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// use calcom::Error;
///
/// match client.raw().get_me().await {
///     Err(Error::Unavailable(details)) if details.is_circuit_open() => println!("later: {:?}", details.retry_after()),
///     Err(Error::Validation(details)) => println!("{:?}", details.field_errors()),
///     Err(Error::Server(details)) => println!("ask the support about {:?}", details.request_id()),
///     _ => {}
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct ErrorDetails(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: ErrorCode,
    status: Option<u16>,
    /// Shown in the error's text. Contains no personal data.
    text: String,
    /// The service's message, unchanged. Can contain personal data.
    message: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    rate_limits: Vec<RateLimit>,
    fields: Vec<FieldError>,
    operation: Option<&'static str>,
    attempts: u32,
    class: FailureClass,
    /// Of all attempts together.
    execution: Execution,
    resend: Resend,
    circuit_open: bool,
    token: TokenState,
    /// The code that the service wrote, if it is not a documented one.
    written_code: Option<String>,
    missing_scopes: &'static [&'static str],
}

/// What an error says of the access token.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) enum TokenState {
    /// Nothing.
    Silent,
    /// The service rejects it.
    Refused,
    /// There is none, and the user has to consent again.
    ConsentRequired,
}

/// The part of the details that only the pipeline knows: the attempts of the call.
#[cfg(feature = "client")]
pub(crate) struct CallReport {
    pub(crate) operation: &'static str,
    pub(crate) attempts: u32,
    /// How the last attempt failed.
    pub(crate) class: FailureClass,
    /// What is known of the execution, of all attempts together.
    pub(crate) execution: Execution,
    pub(crate) resend: Resend,
}

#[cfg(feature = "client")]
impl CallReport {
    /// The report of a call whose only attempt, if any, failed with this class.
    pub(crate) fn new(operation: &'static str, resend: Resend, class: FailureClass) -> Self {
        let execution = decide(class, resend, &RetryBudget::NEW_CALL).execution;
        Self { operation, attempts: 0, class, execution, resend }
    }

    pub(crate) fn attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }
}

impl ErrorDetails {
    /// The documented code of the failure; see [`Error::code`](super::Error::code).
    #[must_use]
    pub fn code(&self) -> &ErrorCode {
        &self.0.code
    }

    /// The HTTP status, if the service responded.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's `X-Request-Id`, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The delay before a retry; see [`Error::retry_after`](super::Error::retry_after).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The rate limits that the response reported; see [`Error::rate_limits`](super::Error::rate_limits).
    #[must_use]
    pub fn rate_limits(&self) -> &[RateLimit] {
        &self.0.rate_limits
    }

    /// The rejected fields, as paths, in the service's order.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The id of the operation that failed: `create_booking`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The number of attempts; 0 if this crate rejected the call before the first one.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    pub(crate) fn execution(&self) -> Execution {
        self.0.execution
    }

    #[cfg(feature = "client")]
    pub(crate) fn call_failure(&self) -> CallFailure {
        CallFailure::of(self.0.class, self.0.resend, self.0.execution)
    }

    pub(crate) fn token_state(&self) -> TokenState {
        self.0.token
    }

    #[cfg(feature = "oauth")]
    #[cfg(feature = "client")]
    pub(crate) fn written_code(&self) -> Option<&str> {
        self.0.written_code.as_deref()
    }

    pub(crate) fn missing_scopes(&self) -> &'static [&'static str] {
        self.0.missing_scopes
    }

    pub(crate) fn is_retryable(&self) -> bool {
        decide(self.0.class, self.0.resend, &RetryBudget::NEW_CALL).retry != RetryDecision::Stop
    }

    pub(crate) fn service_message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The text, which contains no personal data.
    #[cfg(any(feature = "v1-compat", feature = "client"))]
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether an open circuit rejected the call. Nothing was sent.
    #[must_use]
    pub fn is_circuit_open(&self) -> bool {
        self.0.circuit_open
    }

    #[cfg(feature = "client")]
    pub(super) fn fields_mut(&mut self) -> &mut [FieldError] {
        &mut self.0.fields
    }

    /// Names the operation, unless it is named.
    #[cfg(feature = "client")]
    pub(super) fn name_operation(&mut self, operation: &'static str) {
        self.0.operation.get_or_insert(operation);
    }

    /// Bounds the delay before a retry.
    #[cfg(feature = "client")]
    pub(crate) fn bound_retry_after(&mut self, longest: Duration) {
        self.0.retry_after = self.0.retry_after.map(|wait| wait.min(longest));
    }

    /// Adds the report of the attempts. What an earlier report says of the execution is never lowered.
    #[cfg(feature = "client")]
    pub(crate) fn set_call_report(&mut self, report: CallReport) {
        self.0.operation = Some(report.operation);
        self.0.attempts = report.attempts;
        self.0.class = report.class;
        self.0.execution = self.0.execution.max(report.execution);
        self.0.resend = report.resend;
    }
}

impl fmt::Display for ErrorDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = &*self.0;
        if let Some(operation) = known.operation {
            write!(f, " in {operation}")?;
        }
        if let Some(status) = known.status {
            write!(f, " (HTTP {status})")?;
        }
        if !known.text.is_empty() {
            write!(f, ": {}", known.text)?;
        }
        for (n, field) in known.fields.iter().enumerate() {
            write!(f, "{}{field}", if n == 0 && known.text.is_empty() { ": " } else { "; " })?;
        }
        if let Some(wait) = known.retry_after {
            write!(f, "; retry after {wait:?}")?;
        }
        if known.execution != Execution::Never {
            f.write_str("; it may have been executed")?;
        }
        if known.attempts > 1 {
            write!(f, "; tried {} times", known.attempts)?;
        }
        if let Some(id) = &known.request_id {
            write!(f, "; request id {id}")?;
        }
        Ok(())
    }
}

/// As [`Display`](fmt::Display), with the code; the body and the service's own words stay out.
impl fmt::Debug for ErrorDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = &*self.0;
        let mut out = f.debug_struct("ErrorDetails");
        out.field("code", &known.code.as_str()).field("text", &known.text).field("status", &known.status);
        out.field("request_id", &known.request_id).field("retry_after", &known.retry_after);
        out.field("rate_limits", &known.rate_limits).field("fields", &known.fields);
        out.field("operation", &known.operation).field("attempts", &known.attempts);
        out.field("may_have_been_applied", &(known.execution != Execution::Never));
        out.finish_non_exhaustive()
    }
}

/// Builds [`ErrorDetails`].
pub(crate) struct ErrorDetailsBuilder(Inner);

#[cfg_attr(not(feature = "client"), allow(dead_code))]
impl ErrorDetailsBuilder {
    pub(crate) fn new() -> Self {
        Self(Inner {
            code: ErrorCode::Other(String::new()),
            status: None,
            text: String::new(),
            message: None,
            request_id: None,
            retry_after: None,
            rate_limits: Vec::new(),
            fields: Vec::new(),
            operation: None,
            attempts: 0,
            class: FailureClass::Invalid,
            execution: Execution::Never,
            resend: Resend::Unsafe,
            circuit_open: false,
            token: TokenState::Silent,
            written_code: None,
            missing_scopes: &[],
        })
    }

    pub(crate) fn code(mut self, code: ErrorCode) -> Self {
        self.0.code = code;
        self
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Sets the text, which must contain no personal data.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.0.text = text.into();
        self
    }

    pub(crate) fn message(mut self, message: Option<String>) -> Self {
        self.0.message = message;
        self
    }

    pub(crate) fn request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    pub(crate) fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn rate_limits(mut self, limits: Vec<RateLimit>) -> Self {
        self.0.rate_limits = limits;
        self
    }

    pub(crate) fn fields(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields = fields;
        self
    }

    pub(crate) fn token(mut self, state: TokenState) -> Self {
        self.0.token = state;
        self
    }

    pub(crate) fn written_code(mut self, code: Option<String>) -> Self {
        self.0.written_code = code;
        self
    }

    pub(crate) fn missing_scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.0.missing_scopes = scopes;
        self
    }

    pub(crate) fn circuit_open(mut self) -> Self {
        self.0.circuit_open = true;
        self
    }

    /// Sets how the call failed, for errors that the pipeline does not make.
    pub(crate) fn failed(mut self, class: FailureClass, resend: Resend) -> Self {
        self.0.execution = decide(class, resend, &RetryBudget::NEW_CALL).execution;
        (self.0.class, self.0.resend) = (class, resend);
        self
    }

    pub(crate) fn build(self) -> ErrorDetails {
        ErrorDetails(Box::new(self.0))
    }
}
