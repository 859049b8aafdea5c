//! A success, decoded, with what came with it.

use std::{fmt, ops::Deref, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::{
    Result,
    pipeline::{ApiResponse, UnreadItem, read_body},
};

/// A success, decoded, with what came with it. Dereferences to the decoded value.
pub struct Answer<T> {
    value: Arc<T>,
    response: ApiResponse,
    unread: Vec<UnreadItem>,
}

impl<T> Answer<T> {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// The headers of the answer; of one from the cache the few that are kept.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The items of a list that could not be read. They are missing in the decoded value, and are in [`body`](Self::body).
    /// If no item could be read, the call fails with [`Error::Decode`](crate::Error::Decode).
    pub fn unread(&self) -> &[UnreadItem] {
        &self.unread
    }

    /// The body, as it came.
    pub fn body(&self) -> &Bytes {
        &self.response.body
    }
}

impl<T: Clone> Answer<T> {
    /// The decoded value. One that the cache keeps for others too is copied.
    pub fn into_inner(self) -> T {
        // The response may hold the cached one, and with it the value.
        drop(self.response);
        Arc::try_unwrap(self.value).unwrap_or_else(|shared| (*shared).clone())
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Answer<T> {
    /// Decodes a response, unless that was done for somebody before.
    pub(super) fn decode(response: &ApiResponse) -> Result<(Arc<T>, Vec<UnreadItem>)> {
        if let Some(value) = response.cached_value::<T>() {
            return Ok((value, Vec::new()));
        }
        match response.decode::<T>() {
            Ok(value) => {
                let value = Arc::new(value);
                response.cache_value(size_of::<T>(), || Arc::clone(&value));
                Ok((value, Vec::new()))
            }
            // Decoded for each caller anew: what is cached beside the response does not name what was not read.
            Err(error) => {
                let items = response.operation.and_then(|operation| operation.items);
                match items.and_then(|items| response.read_items(items, |body| read_body::<T>(&body))) {
                    Some(found) if found.read > 0 => Ok((Arc::new(found.value), found.unread)),
                    _ => Err(error),
                }
            }
        }
    }

    pub(super) fn new((value, unread): (Arc<T>, Vec<UnreadItem>), response: ApiResponse) -> Self {
        Self { value, response, unread }
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.response.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
