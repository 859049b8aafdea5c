//! A request: the parts that are sent, and the options of its call.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use url::form_urlencoded;

use super::{
    FormOf, Response, body_fields,
    query_value::query_pairs,
    refused::{RefusedValue, RequestPart},
};
use crate::{
    Result,
    contract::Contract,
    operation::{Operation, Resend},
    pipeline::{ApiRequest, CacheMode, CallContext, refused_headers},
};

/// Writes header names as text of the documentation.
macro_rules! prose {
    ($first:literal $(, $name:literal)*) => { concat!("`", $first, "`" $(, ", `", $name, "`")*, ".") };
}

const NO_PARAMETER: &str = "cannot be written as a parameter";

/// A request, which is sent when it is awaited. The result is a [`Response<T>`](super::Response).
///
/// A method of [`RawClient`](super::RawClient) takes what the operation requires. Every optional parameter is a setter of
/// the request (`O` names the operation whose setters it has). A request is a value: it can be stored, cloned, and sent
/// from another task. Options of the call replace those of the client, for this request only.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use calcom::raw::types::BookingListStatus::Upcoming;
///
/// let request = client.raw().list_bookings().status(Upcoming).event_type_id(7);
/// let first = request.clone().timeout(Duration::from_secs(2)).await?;
/// let again = tokio::spawn(async { request.bypass_cache().await }).await??;
/// # Ok(()) }
/// ```
#[must_use = "a request is sent when it is awaited"]
pub struct Request<T, O = ()> {
    pub(super) call: CallContext,
    pub(super) request: ApiRequest,
    /// The values that cannot be sent, unless they are replaced.
    pub(super) invalid: Vec<RefusedValue>,
    kind: PhantomData<fn() -> (T, O)>,
}

/// Marks a request of an untyped route. [`Client::request`](crate::Client::request) has an example.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums)]
pub enum Untyped {}

impl<T, O> Request<T, O> {
    pub(super) fn new(call: &CallContext, operation: &'static Operation, path: String) -> Self {
        let request = ApiRequest::new(operation, path);
        Self { call: call.clone(), request, invalid: Vec::new(), kind: PhantomData }
    }

    /// Sets a header of every attempt.
    ///
    /// The value is never logged. A request with headers of its own neither reads nor writes the cache. Sending fails with
    /// [`Error::Validation`](crate::Error::Validation) if no header can hold the name or the value. The error names the header,
    /// or `header` if the name is not valid. It also fails for a header that the client or the connection sets itself:
    #[doc = refused_headers!(prose)]
    ///
    /// Set the version with [`version`](Self::version).
    pub fn header(mut self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        match (name.try_into(), value.try_into()) {
            (Ok(name), _) if ApiRequest::is_refused_header(&name) => {
                self.refuse(RequestPart::Header, name.as_str(), "is set by the client itself")
            }
            (Ok(name), Ok(value)) => {
                self.replaced(RequestPart::Header, name.as_str());
                let known = name.clone();
                if self.request.insert_header(name, value).is_err() {
                    self.refuse(RequestPart::Header, known.as_str(), "is one header too many");
                }
            }
            (Ok(name), Err(_)) => self.refuse(RequestPart::Header, name.as_str(), "cannot stand in a header"),
            (Err(_), _) => self.refuse(RequestPart::Header, "header", "is no name of a header"),
        }
        self
    }

    /// Sets the timeout of each attempt, if this is less than `timeout.request`. Waiting for the limiter does not count.
    pub fn timeout(mut self, attempt: Duration) -> Self {
        self.call.options.attempt = Some(attempt);
        self
    }

    /// Sets the timeout of the whole call, attempts and waits together, in place of `timeout.total`.
    pub fn deadline(mut self, total: Duration) -> Self {
        self.call.options.deadline = Some(total);
        self
    }

    /// Sends this `cal-api-version` in place of the operation's own. A route without this version returns 404, or a response in
    /// the form of another version.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.call.options.version = Some(version.into());
        self
    }

    /// Neither reads the cache nor writes it.
    pub fn bypass_cache(mut self) -> Self {
        self.call.options.cache = CacheMode::Bypass;
        self
    }

    /// Requests the response from the service, and caches it for other calls.
    pub fn refresh_cache(mut self) -> Self {
        self.call.options.cache = CacheMode::Refresh;
        self
    }

    /// Sets whether the call waits while the quota is exhausted, in place of `rate_limit.wait`. If it does not wait, it
    /// fails with [`Error::RateLimit`](crate::Error::RateLimit).
    pub fn wait_for_quota(mut self, wait: bool) -> Self {
        self.call.options.wait = Some(wait);
        self
    }

    /// Replaces the body by this value as JSON, for fields that the generated type lacks. The form stays that of the first
    /// body. Sending fails with [`Error::Validation`](crate::Error::Validation) for `body` if the value cannot be JSON.
    pub fn body(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.replaced(RequestPart::Body, "body");
        match serde_json::to_vec(body) {
            Ok(json) => self.request.body = Some(Bytes::from(json)),
            Err(_) => self.refuse(RequestPart::Body, "body", "cannot be written as JSON"),
        }
        self
    }

    /// Replaces a parameter of the query by this value, by several if it is a list, or by none if it is `None`, for parameters
    /// that the document does not have. Sending fails with [`Error::Validation`](crate::Error::Validation), which names the
    /// parameter, if a value is not a text, a number or a flag; `NaN` and infinity are not numbers.
    pub fn query(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.set_parameter(name, value, true);
        self
    }

    /// Calls `set` with the value, if it is `Some`.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client, team: Option<i64>) -> calcom::Result<()> {
    /// let request = client.raw().list_bookings().set(team, |request, team| request.team_id(team));
    /// # Ok(()) }
    /// ```
    pub fn set<V>(self, value: Option<V>, set: impl FnOnce(Self, V) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }

    /// The same request without the setters of its operation. Requests of several operations with one response type become
    /// one type.
    pub fn erase(self) -> Request<T> {
        self.retyped()
    }

    /// The same request, with its response read as another type.
    pub(crate) fn retyped<R, P>(self) -> Request<R, P> {
        let Self { call, request, invalid, .. } = self;
        Request { call, request, invalid, kind: PhantomData }
    }

    /// The same request, of which the body says what a repetition does.
    pub(crate) fn resent_as(mut self, resend: Resend) -> Self {
        self.call.options.resend = Some(resend);
        self
    }

    /// The operation's row in the table.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.request.operation
    }

    /// Sets the body, whose type names the form of the request.
    pub(super) fn body_of_form<B, F: FormOf<B>>(mut self, body: &F) -> Self {
        self.request.form = Some(F::FORM);
        self.body(body)
    }

    /// Sets a parameter of the query.
    pub(super) fn parameter(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        self.set_parameter(name, value, true);
        self
    }

    /// Adds a value to a parameter that is a list.
    pub(super) fn another(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        self.set_parameter(name, value, false);
        self
    }

    /// Sets a parameter that is at least 1.
    pub(super) fn positive(self, name: &'static str, value: u64) -> Self {
        let mut request = self.parameter(name, &value);
        if value == 0 {
            request.refuse(RequestPart::Parameter, name, "must be at least 1");
        }
        request
    }

    /// The value of a parameter of the query, if it is set.
    pub(super) fn parameter_value(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.request.query.as_bytes())
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The value of a field of the body, if the body has it.
    pub(super) fn body_value(&self, name: &str) -> Option<String> {
        body_fields::value(self.request.body.as_deref()?, name)
    }

    /// Sets a field of the body.
    pub(super) fn body_field(mut self, name: &str, value: u64) -> Self {
        match self.request.body.as_deref().and_then(|body| body_fields::with(body, name, value)) {
            Some(json) => self.request.body = Some(Bytes::from(json)),
            None => self.refuse(RequestPart::Body, "body", "has no fields, and so no page"),
        }
        self
    }

    fn set_parameter(&mut self, name: &str, value: &(impl Serialize + ?Sized), replaces: bool) {
        if replaces {
            self.replaced(RequestPart::Parameter, name);
        }
        match query_pairs(name, value) {
            Some(pairs) => self.request.insert_parameter(name, &pairs, replaces),
            None => self.refuse(RequestPart::Parameter, name, NO_PARAMETER),
        }
    }

    /// The value is not named, because it can be personal data.
    fn refuse(&mut self, part: RequestPart, name: &str, why: &'static str) {
        self.invalid.push(RefusedValue { part, name: name.to_owned(), why });
    }

    /// Drops the refused values of a part that is set again.
    fn replaced(&mut self, part: RequestPart, name: &str) {
        RefusedValue::forget(&mut self.invalid, part, name);
    }

    /// The same request in the form of self-hosted servers, which the hosted service has too.
    pub(crate) fn self_hosted_form(mut self) -> Self {
        let operation = self.request.operation;
        if self.form() == Contract::Hosted {
            self.call.options.version = operation.version.map(str::to_owned).or(self.call.options.version);
        }
        self
    }

    /// The form of the request: that of a service.
    pub(crate) fn form(&self) -> Contract {
        self.call.form(&self.request)
    }
}

/// Untyped requests; from [`Client::request`](crate::Client::request).
impl<T> Request<T, Untyped> {
    pub(crate) fn untyped(call: &CallContext, operation: &'static Operation, path: String) -> Self {
        let mut request = Self::new(call, operation, path);
        request.call.options.resend = Some(Resend::Unsafe);
        request.call.options.cache = CacheMode::Bypass;
        request
    }

    /// Sets what a repetition does; default [`Resend::Unsafe`]. A request that is not unsafe is retried after a lost
    /// connection, a timeout or a 5xx.
    pub fn resend(mut self, resend: Resend) -> Self {
        self.call.options.resend = Some(resend);
        self
    }

    /// Reads the response from the cache, and caches it for `ttl`; by default it is not cached. Writes do not invalidate
    /// it. Only a `GET` without body and without headers of its own is cached.
    pub fn cached_for(mut self, ttl: Duration) -> Self {
        self.call.options.cache = CacheMode::ReadWrite;
        self.call.options.cached_for = Some(ttl);
        self
    }
}

impl<T, O> Clone for Request<T, O> {
    fn clone(&self) -> Self {
        let Self { call, request, invalid, kind } = self;
        Self { call: call.clone(), request: request.clone(), invalid: invalid.clone(), kind: *kind }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static, O: 'static> IntoFuture for Request<T, O> {
    type Output = Result<Response<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (value, response) = self.send(Response::decode).await?;
            Ok(Response::new(value, response))
        })
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static, O: 'static> Request<T, O> {
    /// Sends the request of a page, in which no item needs to be readable.
    pub(super) async fn send_page(self) -> Result<Response<T>> {
        let (value, response) = self.send(Response::decode_page).await?;
        Ok(Response::new(value, response))
    }
}

/// Shows the operation only: the parts of the request can be personal data.
impl<T, O> fmt::Debug for Request<T, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation().id).finish_non_exhaustive()
    }
}
