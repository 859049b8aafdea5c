//! What a method says is to be sent; awaiting sends it.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use url::form_urlencoded;

use super::Answer;
use crate::{
    Error, Result,
    operation::Operation,
    pipeline::{ApiRequest, ApiResponse, CallContext},
};

/// A request that is sent when it is awaited, and answered with a `T`.
///
/// It holds everything that it needs: it can be kept, sent from another task, or given to a timeout.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let request = client.raw().get_me();
/// let me = tokio::spawn(async { request.await }).await??;
/// # Ok(()) }
/// ```
#[must_use = "a request is sent when it is awaited"]
pub struct Request<T> {
    call: CallContext,
    request: ApiRequest,
    /// Whether everything that it carries could be written.
    is_whole: bool,
    answer: PhantomData<fn() -> T>,
}

impl<T> Request<T> {
    pub(super) fn new(call: &CallContext, operation: &'static Operation, path: String) -> Self {
        let request = ApiRequest::new(operation, path);
        Self { call: call.clone(), request, is_whole: true, answer: PhantomData }
    }

    /// Adds what of `pair` there is: nothing, a pair, or one for each of several values.
    pub(super) fn pair(self, pair: &impl Serialize) -> Self {
        self.with(|request| {
            let mut form = form_urlencoded::Serializer::for_suffix(std::mem::take(&mut request.query), 0);
            pair.serialize(serde_urlencoded::Serializer::new(&mut form)).map_err(drop)?;
            request.query = form.finish();
            Ok(())
        })
    }

    /// Sends this query in the place of the method's own: as it stands in a URL, percent-encoded, without the `?`.
    pub fn query(self, query: &str) -> Self {
        self.with(|request| {
            request.query = query.replace('#', "%23");
            Ok(())
        })
    }

    /// Sends this as JSON in the place of the method's own body: for what the generated type does not know.
    pub fn body(self, body: &impl Serialize) -> Self {
        self.with(|request| {
            request.body = Some(Bytes::from(serde_json::to_vec(body).map_err(drop)?));
            Ok(())
        })
    }

    fn with(mut self, add: impl FnOnce(&mut ApiRequest) -> Result<(), ()>) -> Self {
        self.is_whole &= add(&mut self.request).is_ok();
        self
    }

    /// The operation's row in the table.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.request.operation
    }

    /// Sends it, and reads the response with `read`. Only a response that can be read is cached; a cached one that cannot
    /// is fetched anew.
    pub(crate) async fn send<V>(&self, read: impl Fn(&ApiResponse) -> Result<V>) -> Result<(V, ApiResponse)> {
        if !self.is_whole {
            // It does not say what could not be written: that may be somebody's.
            let text = "the request could not be built: it has a value that cannot be written";
            return Err(Error::configuration(text));
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

impl<T: DeserializeOwned + Send + Sync + 'static> IntoFuture for Request<T> {
    type Output = Result<Answer<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (value, response) = self.send(Answer::decode).await?;
            Ok(Answer::new(value, response))
        })
    }
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

/// Names the operation; what the request carries may be somebody's.
impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation().id).finish_non_exhaustive()
    }
}
