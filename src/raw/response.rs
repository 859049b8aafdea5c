//! A decoded response.

use std::{fmt, ops::Deref, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::{
    Result,
    error::RateLimit,
    pipeline::{ApiResponse, PartsIn, UnreadItem, rate_limits, read_body, request_id},
};

/// A decoded response with its status, headers and body. Dereferences to the decoded value.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let me = client.raw().get_me().await?;
/// println!("{}: {:?}", me.status(), me.data.time_zone);
/// let me = me.into_inner();
/// # Ok(()) }
/// ```
pub struct Response<T> {
    value: Arc<T>,
    response: Box<ApiResponse>,
    unread: Vec<UnreadItem>,
}

impl<T> Response<T> {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// The headers of the response. A cached response has only a few of them.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The service's `X-Request-Id`, which its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.headers())
    }

    /// The rate limits that the response reports. A cached response reports none.
    pub fn rate_limits(&self) -> Vec<RateLimit> {
        rate_limits(self.headers())
    }

    /// The number of attempts; 0 if the response was cached.
    pub fn attempts(&self) -> u32 {
        self.response.attempts
    }

    /// Whether the response was cached before the call.
    pub fn is_cached(&self) -> bool {
        self.response.is_from_cache()
    }

    /// The items of a list, and the parts of an item or of a single resource, that could not be decoded. The decoded value lacks
    /// them, and [`body`](Self::body) contains them.
    /// If no item could be decoded, the call fails with [`Error::Decode`](crate::Error::Decode).
    pub fn unread(&self) -> &[UnreadItem] {
        &self.unread
    }

    /// The body, unchanged.
    pub fn body(&self) -> &Bytes {
        &self.response.body
    }
}

impl<T: Clone> Response<T> {
    /// The decoded value. It is cloned if the cache holds it too.
    pub fn into_inner(self) -> T {
        // The response can hold the cached one, and with it the value.
        drop(self.response);
        Arc::try_unwrap(self.value).unwrap_or_else(|shared| (*shared).clone())
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Response<T> {
    /// Decodes a response, unless an earlier call has decoded the cached one. At least one item of a list must be readable.
    pub(super) fn decode(response: &ApiResponse) -> Result<(Arc<T>, Vec<UnreadItem>)> {
        Self::decode_with_least(response, 1)
    }

    /// As [`decode`](Self::decode), without an item that must be readable.
    pub(super) fn decode_page(response: &ApiResponse) -> Result<(Arc<T>, Vec<UnreadItem>)> {
        Self::decode_with_least(response, 0)
    }

    /// Decodes a response of which at least so many items must be readable.
    fn decode_with_least(response: &ApiResponse, least: usize) -> Result<(Arc<T>, Vec<UnreadItem>)> {
        if let Some(value) = response.cached_value::<T>() {
            return Ok((value, Vec::new()));
        }
        match response.decode::<T>() {
            Ok(value) => {
                let value = Arc::new(value);
                response.cache_value(size_of::<T>(), || Arc::clone(&value));
                Ok((value, Vec::new()))
            }
            // Decoded again for each caller: the cached value does not name what could not be decoded.
            Err(error) => {
                let read = |body: Bytes| read_body::<T>(&body);
                let found = match response.operation.and_then(|operation| operation.items) {
                    Some(items) => response.read_items(items, PartsIn::Report, read),
                    None => response.read_parts(PartsIn::Report, read),
                };
                match found {
                    Some(found) if found.read >= least => Ok((Arc::new(found.value), found.unread)),
                    _ => Err(error),
                }
            }
        }
    }

    pub(super) fn new((value, unread): (Arc<T>, Vec<UnreadItem>), response: Box<ApiResponse>) -> Self {
        Self { value, response, unread }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.response.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
