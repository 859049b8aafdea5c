//! Opens the connection before the first request needs it.

use http::{
    HeaderValue,
    header::{ACCEPT, USER_AGENT},
};
use tokio::time::{Instant, timeout_at};

use super::{
    context::CallContext,
    deadline::deadline_after,
    local_errors,
    transport::{self, cause_of, was_never_sent},
};
use crate::{Error, operation::Resend};

/// The route that is asked for its options. The service answers it before it looks at credentials and quotas.
const ROUTE: &str = "/v2/me";
/// Bytes of the response that are read, so that the connection can be used again.
const MAX_BODY_BYTES: usize = 64 << 10;

impl CallContext {
    /// Opens a connection, or makes sure that one is open. Any response of the service is a success.
    pub(crate) async fn connect(&self) -> Result<(), Error> {
        let pipeline = &*self.pipeline;
        let config = &pipeline.config.timeout;
        let attempt = self.options.attempt.unwrap_or(config.request).min(config.request);
        let time = self.options.deadline.unwrap_or(config.total).min(attempt);
        let mut request = reqwest::Request::new(http::Method::OPTIONS, pipeline.endpoint.address(ROUTE));
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        if !pipeline.transport.has_hook() {
            headers.insert(USER_AGENT, HeaderValue::from_static(transport::USER_AGENT));
        }
        let mut exchange = pipeline.transport.begin(Resend::Safe, Instant::now());
        let answered = timeout_at(deadline_after(time, Instant::now()), async {
            let mut response = exchange.client().execute(request).await?;
            exchange.record_head(&response);
            let mut left = MAX_BODY_BYTES;
            while let Some(chunk) = response.chunk().await? {
                match left.checked_sub(chunk.len()) {
                    Some(rest) => left = rest,
                    None => return Ok(false),
                }
            }
            Ok(true)
        })
        .await;
        match answered {
            Ok(Ok(true)) => exchange.complete(Instant::now()),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => {
                if !was_never_sent(&error) {
                    exchange.lose(Instant::now());
                }
                return Err(local_errors::not_connected(cause_of(error)));
            }
            Err(_) => {
                exchange.lose(Instant::now());
                return Err(local_errors::not_connected_in_time());
            }
        }
        Ok(())
    }
}
