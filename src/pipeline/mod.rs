//! The one road of every request, whether the facade or [`crate::raw`] sends it.
//!
//! In this order: deadline, cache, breaker, limiter, attempt, classification, retry. It knows an operation only by its
//! row in the table; what an answer means is the business of the callers above.

mod attempt;
mod options;
mod prepare;
mod retry;

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;

pub(crate) use options::CallOptions;

use crate::{Error, client::Core, operation::Operation};

/// What one call knows: the client that it belongs to, and what differs for this call.
///
/// The inner value of [`raw::Client`](crate::raw::Client); it has nothing for callers.
#[derive(Clone)]
pub struct Call {
    pub(crate) core: Arc<Core>,
    pub(crate) options: CallOptions,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A request that was answered with success, and its answer.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempts: u32,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// Carries a generated request through all stations. The answer holds either an [`Exchange`] or an [`Error`] in its
    /// extensions, because the generated code can only carry a response.
    pub(crate) async fn run(&self, request: reqwest::Request, operation_id: &str) -> reqwest::Response {
        let result = match Operation::find(operation_id) {
            Some(operation) => self.send(request, operation).await,
            None => Err(Error::configuration("the operation is not in the table")),
        };
        let mut response = http::Response::new(reqwest::Body::from(Bytes::new()));
        match result {
            Ok(exchange) => {
                let success = exchange.operation.map_or(exchange.status, |operation| operation.success);
                *response.status_mut() = http::StatusCode::from_u16(success).unwrap_or_default();
                response.extensions_mut().insert(Arc::new(exchange));
            }
            Err(error) => {
                *response.status_mut() = http::StatusCode::NOT_IMPLEMENTED;
                response.extensions_mut().insert(error);
            }
        }
        response.into()
    }

    async fn send(&self, mut request: reqwest::Request, operation: &'static Operation) -> Result<Exchange, Error> {
        prepare::prepare(&mut request, operation, &self.core, &self.options)?;
        retry::until_answered(self, &request, operation).await
    }
}
