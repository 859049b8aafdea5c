//! Sends a request, and decodes its response.

use super::{refused::RefusedValue, request::Request};
use crate::{
    Error, Result,
    pipeline::{ApiResponse, observe::failure_event},
};

impl<T, O> Request<T, O> {
    /// Sends the request, and decodes the response with `read`. A response is cached only if it can be decoded; a cached
    /// one that cannot is fetched again. The caller's log gets it.
    pub(crate) async fn send<V>(&self, read: impl Fn(&ApiResponse) -> Result<V>) -> Result<(V, Box<ApiResponse>)> {
        if let Some(RefusedValue { name, why, .. }) = self.invalid.first() {
            let error = self.request.invalid(name, why);
            failure_event(&error);
            return Err(error);
        }
        let mut response = self.call.execute(&self.request).await?;
        let mut decoded = read(&response);
        if decoded.is_err() && response.is_from_cache() {
            response = Box::pin(self.call.replacing().execute(&self.request)).await?;
            decoded = read(&response);
        }
        let value = match decoded {
            Ok(value) => value,
            Err(error) => return Err(discard_response(*response, error)),
        };
        if let Some(stored) = response.store() {
            stored.await;
        }
        if let Some(log) = &self.call.options.responses {
            log.record(&response);
        }
        Ok((value, response))
    }
}

/// Does not cache a response that could not be decoded.
#[cold]
fn discard_response(response: ApiResponse, error: Error) -> Error {
    response.discard();
    failure_event(&error);
    error
}
