//! A request: what is sent, and the options of its call. Awaiting it sends it.

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
use serde_json::Value;
use url::form_urlencoded;

use super::{Answer, FormOf};
use crate::{
    Error, Result,
    contract::Contract,
    operation::{Operation, Resend},
    pipeline::{ApiRequest, ApiResponse, CacheMode, CallContext, refused_headers},
};

/// Names, as they stand in documentation.
macro_rules! prose {
    ($first:literal $(, $name:literal)*) => { concat!("`", $first, "`" $(, ", `", $name, "`")*, ".") };
}

const NO_PARAMETER: &str = "cannot be written as a parameter";

/// A request that is sent when it is awaited; its answer is a `T`.
///
/// A method of [`raw::Client`](super::Client) takes what the operation requires. What is optional is a setter of the request
/// (`O` names the operation whose setters it has). A request is a value: it can be kept, cloned, and sent from another task.
/// Options of the call replace those of the client, for this request only.
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
    call: CallContext,
    request: ApiRequest,
    /// What was set and cannot be sent, unless it was set again.
    invalid: Vec<Unsendable>,
    kind: PhantomData<fn() -> (T, O)>,
}

/// A value that cannot be sent.
#[derive(Clone)]
struct Unsendable {
    part: RequestPart,
    name: String,
    why: &'static str,
}

/// What a value of a request is.
#[derive(Clone, Copy, PartialEq)]
enum RequestPart {
    Header,
    Parameter,
    Body,
}

/// Marks a request of a route that the document does not know; see [`Client::request`](crate::Client::request).
#[derive(Debug)]
#[allow(clippy::exhaustive_enums)]
pub enum Untyped {}

impl<T, O> Request<T, O> {
    pub(super) fn new(call: &CallContext, operation: &'static Operation, path: String) -> Self {
        let request = ApiRequest::new(operation, path);
        Self { call: call.clone(), request, invalid: Vec::new(), kind: PhantomData }
    }

    /// Adds a header to every attempt, in the place of an earlier one of that name.
    ///
    /// The value is never logged. A request with headers of its own neither reads the cache nor writes it. Sending fails
    /// with [`Error::Validation`], which names the header, for what no header can hold, and for a header that the client or
    /// the connection sets itself:
    #[doc = refused_headers!(prose)]
    ///
    /// The version has a method of its own, [`version`](Self::version).
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

    /// Limits each attempt, if this is less than `timeout.request`. Waiting for the limiter does not count.
    pub fn timeout(mut self, attempt: Duration) -> Self {
        self.call.options.attempt = Some(attempt);
        self
    }

    /// Limits the whole call, attempts and waiting together, in the place of `timeout.total`.
    pub fn deadline(mut self, total: Duration) -> Self {
        self.call.options.deadline = Some(total);
        self
    }

    /// Sends another `cal-api-version` than the operation's own. To a version that it does not know, a route answers 404, or
    /// with the form of another version.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.call.options.version = Some(version.into());
        self
    }

    /// Neither reads the cache nor writes it.
    pub fn bypass_cache(mut self) -> Self {
        self.call.options.cache = CacheMode::Bypass;
        self
    }

    /// Asks the service, and caches its answer for other calls.
    pub fn refresh_cache(mut self) -> Self {
        self.call.options.cache = CacheMode::Refresh;
        self
    }

    /// Whether the call waits if the quota is used up, in the place of `rate_limit.wait`. If it does not wait, it fails
    /// with [`Error::RateLimit`].
    pub fn wait_for_quota(mut self, wait: bool) -> Self {
        self.call.options.wait = Some(wait);
        self
    }

    /// Replaces the body by this value as JSON: for fields that the generated type does not have. The form stays that of
    /// the first body. Sending fails with [`Error::Validation`] for `body` if the value is no JSON.
    pub fn body(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.replaced(RequestPart::Body, "body");
        match serde_json::to_vec(body) {
            Ok(json) => self.request.body = Some(Bytes::from(json)),
            Err(_) => self.refuse(RequestPart::Body, "body", "cannot be written as JSON"),
        }
        self
    }

    /// Replaces a parameter of the query by this value, by these if it is a list, or by nothing if it is `None`: for
    /// parameters that the document does not know. Sending fails with [`Error::Validation`], which names the parameter, for a
    /// value that is no text, number or flag; `NaN` and infinity are no numbers.
    pub fn query(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        let values = match serde_json::to_value(value) {
            Ok(Value::Null) if is_nothing(name, value) => Vec::new(),
            Ok(Value::Array(values)) => values,
            Ok(value) => vec![value],
            Err(_) => vec![Value::Null],
        };
        self.replaced(RequestPart::Parameter, name);
        let mut form = form_urlencoded::Serializer::new(String::new());
        for value in values {
            match value {
                Value::String(text) => _ = form.append_pair(name, &text),
                Value::Number(_) | Value::Bool(_) => _ = form.append_pair(name, &value.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    self.refuse(RequestPart::Parameter, name, NO_PARAMETER)
                }
            }
        }
        self.request.insert_parameter(name, &form.finish(), true);
        self
    }

    /// Calls `set` with the value if there is one.
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

    /// The same request without the setters of its operation: requests of several operations with one answer become one
    /// type.
    pub fn erase(self) -> Request<T> {
        let Self { call, request, invalid, .. } = self;
        Request { call, request, invalid, kind: PhantomData }
    }

    /// The operation's row in the table.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.request.operation
    }

    /// Sets the body, whose type says the form of the request.
    pub(super) fn body_of_form<B, F: FormOf<B>>(mut self, body: &F) -> Self {
        self.request.form = Some(F::FORM);
        self.body(body)
    }

    /// Sets a parameter of the query, in the place of its earlier values.
    pub(super) fn parameter(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        self.set_parameter(name, value, true);
        self
    }

    /// Adds one value to a parameter that is a list.
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

    fn set_parameter(&mut self, name: &str, value: &(impl Serialize + ?Sized), replaces: bool) {
        if replaces {
            self.replaced(RequestPart::Parameter, name);
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        let written = progenitor_client::QueryParam::new(name, &value)
            .serialize(serde_urlencoded::Serializer::new(&mut form))
            .is_ok();
        if written {
            self.request.insert_parameter(name, &form.finish(), replaces);
        } else {
            self.refuse(RequestPart::Parameter, name, NO_PARAMETER);
        }
    }

    /// The value itself is not named: it can be personal data.
    fn refuse(&mut self, part: RequestPart, name: &str, why: &'static str) {
        self.invalid.push(Unsendable { part, name: name.to_owned(), why });
    }

    /// Forgets that what stood there before could not be sent.
    fn replaced(&mut self, part: RequestPart, name: &str) {
        self.invalid.retain(|it| it.part != part || it.name != name);
    }

    /// The same request in the form that servers of one's own take, which the hosted service knows too.
    pub(crate) fn older(mut self) -> Self {
        let operation = self.request.operation;
        if self.form() == Contract::Hosted {
            self.call.options.version = operation.version.map(str::to_owned).or(self.call.options.version);
        }
        self
    }

    /// The service whose form the request takes.
    pub(crate) fn form(&self) -> Contract {
        self.call.form(&self.request)
    }

    /// Sends it, and reads the response with `read`. Only a response that can be read is cached; a cached one that cannot
    /// is fetched anew.
    pub(crate) async fn send<V>(&self, read: impl Fn(&ApiResponse) -> Result<V>) -> Result<(V, ApiResponse)> {
        if let Some(Unsendable { name, why, .. }) = self.invalid.first() {
            return Err(self.request.invalid(name, why));
        }
        let response = self.call.execute(&self.request).await?;
        match read(&response) {
            Ok(value) => accepted(value, response).await,
            Err(_) if response.is_from_cache() => {
                let response = Box::pin(self.call.replacing().execute(&self.request)).await?;
                match read(&response) {
                    Ok(value) => accepted(value, response).await,
                    Err(error) => Err(rejected(response, error)),
                }
            }
            Err(error) => Err(rejected(response, error)),
        }
    }
}

/// For routes that the document does not know; from [`Client::request`](crate::Client::request).
impl<T> Request<T, Untyped> {
    pub(crate) fn untyped(call: &CallContext, operation: &'static Operation, path: String) -> Self {
        let mut request = Self::new(call, operation, path);
        request.call.options.resend = Some(Resend::Unsafe);
        request.call.options.cache = CacheMode::Bypass;
        request
    }

    /// Says what a repetition does; default [`Resend::Unsafe`]. A request that is not unsafe is sent again after a lost
    /// connection, a timeout or a 5xx.
    pub fn resend(mut self, resend: Resend) -> Self {
        self.call.options.resend = Some(resend);
        self
    }

    /// Reads the answer from the cache if it is there, and caches it for so long; not cached by default. Writes do not
    /// invalidate it. Only a `GET` without body and without headers of its own is cached.
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
    type Output = Result<Answer<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (value, response) = self.send(Answer::decode).await?;
            Ok(Answer::new(value, response))
        })
    }
}

/// Whether a value that JSON writes as `null` is none: a number that is not finite is written so, too.
fn is_nothing(name: &str, value: &(impl Serialize + ?Sized)) -> bool {
    serde_urlencoded::to_string([(name, value)]).map_or(true, |written| written.is_empty())
}

/// Caches a response that could be read.
async fn accepted<V>(value: V, mut response: ApiResponse) -> Result<(V, ApiResponse)> {
    if let Some(storing) = response.accept() {
        storing.await;
    }
    Ok((value, response))
}

/// Caches nothing.
#[cold]
fn rejected(response: ApiResponse, error: Error) -> Error {
    response.reject();
    error
}

/// Names the operation; what the request carries can be personal data.
impl<T, O> fmt::Debug for Request<T, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation().id).finish_non_exhaustive()
    }
}
