//! A log of the responses of successful calls, which the caller asks for.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex},
};

use http::HeaderMap;

use super::{
    error_response::{rate_limits, request_id},
    response::ApiResponse,
};
use crate::{error::RateLimit, sync::lock};

/// The number of responses that a log keeps.
const MAX_RESPONSES: usize = 64;

/// A log of the responses of successful calls: status, headers, request id, limits and attempts.
///
/// Methods of the facade return the value alone. The calls of a client with a log
/// ([`Client::with_response_log`](crate::Client::with_response_log)) write their responses into it, the last 64 of them. A failed
/// call has the same details in its [`Error`](crate::Error). Clones are the same log.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::observe::ResponseLog;
///
/// let log = ResponseLog::default();
/// let booking = client.with_response_log(&log).bookings().get("kgiKeoVgk6NpALrVxDhWeY").await?;
/// if let Some(response) = log.last() {
///     println!("HTTP {} in {} attempts, request id {:?}", response.status(), response.attempts(), response.request_id());
///     for limit in response.rate_limits() {
///         println!("{}: {:?} left", limit.name, limit.remaining);
///     }
/// }
/// # let _ = booking;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct ResponseLog(Arc<Mutex<VecDeque<ResponseInfo>>>);

impl ResponseLog {
    /// The last response.
    #[must_use]
    pub fn last(&self) -> Option<ResponseInfo> {
        lock(&self.0).back().cloned()
    }

    /// Removes all responses from the log, and returns them in the order of arrival. A list of several pages has several.
    #[must_use]
    pub fn take(&self) -> Vec<ResponseInfo> {
        lock(&self.0).drain(..).collect()
    }

    pub(crate) fn record(&self, response: &ApiResponse) {
        let mut log = lock(&self.0);
        if log.len() == MAX_RESPONSES {
            log.pop_front();
        }
        log.push_back(ResponseInfo {
            operation: response.operation.map_or("", |operation| operation.id),
            status: response.status,
            headers: response.headers().clone(),
            attempts: response.attempts,
            from_cache: response.is_from_cache(),
        });
    }
}

impl fmt::Debug for ResponseLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.0).iter()).finish()
    }
}

/// What is known of the response of a successful call beside its value; from a [`ResponseLog`].
///
/// ```
/// use calcom::observe::ResponseLog;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> calcom::Result<()> {
/// let fake = calcom_fake::FakeCalcom::recorded_seed().await;
/// let log = ResponseLog::default();
/// fake.client().with_response_log(&log).me().get().await?;
/// let Some(response) = log.last() else { panic!("a successful call has a response") };
/// assert_eq!((response.operation(), response.status(), response.attempts()), ("get_me", 200, 1));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ResponseInfo {
    operation: &'static str,
    status: u16,
    headers: HeaderMap,
    attempts: u32,
    from_cache: bool,
}

impl ResponseInfo {
    /// The id of the operation: `get_booking`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers of the response. A cached response has only a few of them.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The service's `X-Request-Id`, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// The rate limits that the response reports. A cached response reports none.
    #[must_use]
    pub fn rate_limits(&self) -> Vec<RateLimit> {
        rate_limits(&self.headers)
    }

    /// The number of attempts; 0 if the response was cached.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether the response was cached before the call.
    #[must_use]
    pub fn is_cached(&self) -> bool {
        self.from_cache
    }
}

/// Shows no header: their values can be personal data.
impl fmt::Debug for ResponseInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseInfo")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts)
            .field("from_cache", &self.from_cache)
            .finish_non_exhaustive()
    }
}
