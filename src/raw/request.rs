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
    pipeline::{Call, Exchange, Outgoing},
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
    call: Call,
    outgoing: Result<Outgoing>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Request<T> {
    pub(super) fn new(call: &Call, operation_id: &str, path: String) -> Self {
        let operation = Operation::find(operation_id);
        let outgoing = operation.map(|operation| Outgoing { operation, path, query: String::new(), body: None });
        let outgoing = outgoing.ok_or_else(|| Error::configuration("the operation is not in the table"));
        Self { call: call.clone(), outgoing, answer: PhantomData }
    }

    /// Adds what of `pair` there is: nothing, a pair, or one for each of several values.
    pub(super) fn pair(self, pair: &impl Serialize) -> Self {
        self.with(|outgoing| {
            let mut form = form_urlencoded::Serializer::for_suffix(std::mem::take(&mut outgoing.query), 0);
            pair.serialize(serde_urlencoded::Serializer::new(&mut form)).map_err(drop)?;
            outgoing.query = form.finish();
            Ok(())
        })
    }

    /// Sends this query in the place of the method's own: as it stands in a URL, percent-encoded, without the `?`.
    pub fn query(self, query: &str) -> Self {
        self.with(|outgoing| {
            outgoing.query = query.replace('#', "%23");
            Ok(())
        })
    }

    /// Sends this as JSON in the place of the method's own body: for what the generated type does not know.
    pub fn body(self, body: &impl Serialize) -> Self {
        self.with(|outgoing| {
            outgoing.body = Some(Bytes::from(serde_json::to_vec(body).map_err(drop)?));
            Ok(())
        })
    }

    /// The error says that it was so, and not what of: that may be somebody's.
    fn with(mut self, add: impl FnOnce(&mut Outgoing) -> Result<(), ()>) -> Self {
        if let Ok(outgoing) = &mut self.outgoing
            && add(outgoing).is_err()
        {
            let text = "the request could not be built: it has a value that cannot be written";
            self.outgoing = Err(Error::configuration(text));
        }
        self
    }

    /// The operation's row in the table, unless the request could not be built.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.outgoing.as_ref().ok().map(|outgoing| outgoing.operation)
    }

    /// Sends it; the answer is not decoded.
    pub(crate) async fn exchange(self) -> Result<Exchange> {
        self.call.run(self.outgoing?).await
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> IntoFuture for Request<T> {
    type Output = Result<Answer<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Answer::of(self.exchange().await?) })
    }
}

/// Names the operation; what the request carries may be somebody's.
impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation().map(|operation| operation.id);
        f.debug_struct("Request").field("operation", &operation).finish_non_exhaustive()
    }
}
