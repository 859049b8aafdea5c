//! Interceptors: the caller's code before and after each attempt, for trace contexts, signatures and audits.
//!
//! ```
//! use calcom::intercept::{AttemptResult, Interceptor, OutgoingAttempt};
//!
//! /// Sends a trace context, and writes an audit line.
//! struct Tracing;
//!
//! impl Interceptor for Tracing {
//!     fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
//!         attempt.header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
//!     }
//!
//!     fn after_attempt(&self, result: &AttemptResult<'_>) {
//!         let AttemptResult { operation, attempt, status, request_id, .. } = result;
//!         println!("{} attempt {attempt}: {status:?}, request id {request_id:?}", operation.id);
//!     }
//! }
//!
//! # fn main() -> calcom::Result<()> {
//! let client = calcom::Client::builder().credentials("cal_live_xxxxxxxxxxxxxx").interceptor(Tracing).build()?;
//! # let _ = client;
//! # Ok(()) }
//! ```

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::request::{ApiRequest, refused_headers};
use crate::{Error, operation::Operation};

/// Writes header names as text of the documentation.
macro_rules! prose {
    ($first:literal $(, $name:literal)*) => { concat!("`", $first, "`" $(, ", `", $name, "`")*, ".") };
}

/// Code of the caller before and after each attempt of each call. The [module](self) has an example.
///
/// Its methods run in the task of the call, and must not block. A response from the cache has no attempt. A retry is a further
/// attempt, with headers of its own. [`ClientBuilder::interceptor`](crate::ClientBuilder::interceptor) adds it.
pub trait Interceptor: Send + Sync + 'static {
    /// Called before an attempt is sent, after circuit breaker and limiter have admitted it.
    fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
        let _ = attempt;
    }

    /// Called after an attempt, whether it had a response or not. It is not called if the caller drops the call, or if an
    /// interceptor before this one has refused the attempt.
    fn after_attempt(&self, result: &AttemptResult<'_>) {
        let _ = result;
    }
}

/// An attempt that is about to be sent; see [`Interceptor::before_attempt`].
///
/// ```
/// use calcom::intercept::{Interceptor, OutgoingAttempt};
///
/// /// Signs the body for a gateway, and refuses to delete anything.
/// struct Gateway;
///
/// impl Interceptor for Gateway {
///     fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
///         if attempt.method() == "DELETE" {
///             attempt.refuse("this program deletes nothing");
///         }
///         let checksum: u64 = attempt.body().unwrap_or_default().iter().map(|byte| u64::from(*byte)).sum();
///         attempt.header("x-checksum", checksum.to_string());
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> calcom::Result<()> {
/// let fake = calcom_fake::FakeCalcom::recorded_seed().await;
/// let client = fake.client_builder().interceptor(Gateway).build()?;
/// client.me().get().await?;
/// assert_eq!(fake.requests_of("get_me")[0].header("x-checksum"), Some("0"));
/// assert!(client.schedules().delete(1).await.is_err());
/// fake.expect_requests("delete_schedule", 0);
/// # Ok(()) }
/// ```
pub struct OutgoingAttempt<'a> {
    operation: &'static Operation,
    number: u32,
    http: &'a mut reqwest::Request,
    added: Vec<HeaderValue>,
    refusal: Option<Error>,
}

impl OutgoingAttempt<'_> {
    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The number of the attempt in its call, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.number
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &http::Method {
        self.http.method()
    }

    /// The URL, with path and query. It can contain personal data.
    #[must_use]
    pub fn url(&self) -> &str {
        self.http.url().as_str()
    }

    /// The headers so far. Those with the credential are marked as sensitive, so that `Debug` hides their values.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.http.headers()
    }

    /// The body, as JSON; `None` for a request without one. It can contain personal data.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.http.body().and_then(reqwest::Body::as_bytes)
    }

    /// Sets a header of this attempt. The cache does not distinguish requests by such headers.
    ///
    /// The value is never logged. The call fails with [`Error::Validation`], which names the header, if no header can hold the
    /// name or the value, or if the client or the connection sets the header itself:
    #[doc = refused_headers!(prose)]
    pub fn header(&mut self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> &mut Self {
        match (name.try_into(), value.try_into()) {
            (Ok(name), _) if ApiRequest::is_refused_header(&name) => {
                self.refuse_field(name.as_str(), "is set by the client itself");
            }
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.added.push(value.clone());
                let known = name.clone();
                if self.http.headers_mut().try_insert(name, value).is_err() {
                    self.refuse_field(known.as_str(), "is one header too many");
                }
            }
            (Ok(name), Err(_)) => self.refuse_field(name.as_str(), "cannot stand in a header"),
            (Err(_), _) => self.refuse_field("header", "is no name of a header"),
        }
        self
    }

    /// Ends the call with [`Error::Configuration`], before this attempt is sent. `reason` becomes part of the error's text, and
    /// must not contain personal data.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.refusal.get_or_insert(Error::configuration(reason));
    }

    fn refuse_field(&mut self, name: &str, why: &str) {
        self.refusal.get_or_insert(Error::invalid(name, why));
    }
}

impl fmt::Debug for OutgoingAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingAttempt")
            .field("operation", &self.operation.id)
            .field("attempt", &self.number)
            .finish_non_exhaustive()
    }
}

/// The result of an attempt; see [`Interceptor::after_attempt`].
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use calcom::intercept::{AttemptResult, Interceptor};
///
/// /// Collects a line for each attempt.
/// #[derive(Clone, Default)]
/// struct Audit(Arc<Mutex<Vec<String>>>);
///
/// impl Interceptor for Audit {
///     fn after_attempt(&self, result: &AttemptResult<'_>) {
///         let AttemptResult { operation, attempt, status, .. } = result;
///         self.0.lock().unwrap().push(format!("{} {attempt}: {status:?}", operation.id));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> calcom::Result<()> {
/// let fake = calcom_fake::FakeCalcom::recorded_seed().await;
/// fake.fault(calcom_fake::Fault::status(503).on("get_me"));
/// let audit = Audit::default();
/// fake.client_builder().interceptor(audit.clone()).build()?.me().get().await?;
/// assert_eq!(*audit.0.lock().unwrap(), ["get_me 1: Some(503)", "get_me 2: Some(200)"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct AttemptResult<'a> {
    /// The operation.
    pub operation: &'static Operation,
    /// The number of the attempt in its call, from 1.
    pub attempt: u32,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// The headers of the response.
    pub headers: Option<&'a HeaderMap>,
    /// The service's `X-Request-Id`.
    pub request_id: Option<&'a str>,
    /// How the attempt failed without a complete response, as one word: `timeout`, `connection`, `too_large`, `refused` (by an
    /// interceptor).
    pub failure: Option<&'static str>,
    /// The time from the start of the attempt to the last byte of its response.
    pub duration: Duration,
}

impl fmt::Debug for AttemptResult<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptResult")
            .field("operation", &self.operation.id)
            .field("attempt", &self.attempt)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("failure", &self.failure)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

/// The refusal of an attempt by an interceptor.
pub(super) struct AttemptRefusal {
    pub(super) error: Error,
    /// The number of interceptors that were called before the attempt, the one that refuses included.
    pub(super) called: usize,
}

/// The interceptors of a client, in the order in which they were added.
#[derive(Clone, Default)]
pub(crate) struct Interceptors(Vec<Arc<dyn Interceptor>>);

impl Interceptors {
    pub(crate) fn add(&mut self, interceptor: impl Interceptor) {
        self.0.push(Arc::new(interceptor));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls each of them before an attempt. Returns the values that they have set.
    ///
    /// # Errors
    ///
    /// The first refusal, which ends the attempt.
    pub(super) fn before_attempt(
        &self,
        operation: &'static Operation,
        number: u32,
        http: &mut reqwest::Request,
    ) -> Result<Vec<HeaderValue>, AttemptRefusal> {
        let mut attempt = OutgoingAttempt { operation, number, http, added: Vec::new(), refusal: None };
        for (before, interceptor) in self.0.iter().enumerate() {
            interceptor.before_attempt(&mut attempt);
            if let Some(error) = attempt.refusal {
                return Err(AttemptRefusal { error, called: before + 1 });
            }
        }
        Ok(attempt.added)
    }

    /// Calls each of them after an attempt, or those that were `called` before it.
    pub(super) fn after_attempt(&self, result: &AttemptResult<'_>, called: Option<usize>) {
        for interceptor in self.0.iter().take(called.unwrap_or(usize::MAX)) {
            interceptor.after_attempt(result);
        }
    }
}

impl fmt::Debug for Interceptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interceptors({})", self.0.len())
    }
}
