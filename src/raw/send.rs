//! Sends a request, and decodes its response.

use super::{rejected::RefusedValue, request::Request};
use crate::{
    Error, Result,
    pipeline::{ApiResponse, observe::failure_event},
};

impl<T, O> Request<T, O> {
    /// Sends the request, and decodes the response with `read`. A response is cached only if it can be decoded; a cached
    /// one that cannot is fetched again.
    pub(crate) async fn send<V>(&self, read: impl Fn(&ApiResponse) -> Result<V>) -> Result<(V, ApiResponse)> {
        if let Some(RefusedValue { name, why, .. }) = self.invalid.first() {
            let error = self.request.invalid(name, why);
            failure_event(&error);
            return Err(error);
        }
        let response = self.call.execute(&self.request).await?;
        match read(&response) {
            Ok(value) => self.store_response(value, response).await,
            Err(_) if response.is_from_cache() => {
                let response = Box::pin(self.call.replacing().execute(&self.request)).await?;
                match read(&response) {
                    Ok(value) => self.store_response(value, response).await,
                    Err(error) => Err(discard_response(response, error)),
                }
            }
            Err(error) => Err(discard_response(response, error)),
        }
    }

    /// Caches a response that could be decoded, and writes it into the caller's log.
    async fn store_response<V>(&self, value: V, mut response: ApiResponse) -> Result<(V, ApiResponse)> {
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
