//! A successful response, and what is known of its request. It is decoded on demand, and only once if the cache holds it.

use std::{
    any::Any,
    fmt,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;

use crate::{operation::Operation, state::cached_response::CachedResponse};

/// A successful response.
#[derive(Debug, Default)]
pub(crate) struct ApiResponse {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempts: u32,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The response as the cache holds it, or will.
    pub(crate) kept: Option<Arc<CachedResponse>>,
    /// What puts it into the cache, once it could be read.
    pub(super) unstored: Option<Box<dyn Unstored>>,
    pub(super) from_cache: bool,
    pub(crate) decode_timer: DecodeTimer,
}

impl ApiResponse {
    pub(super) fn from_cache(operation: &'static Operation, kept: Arc<CachedResponse>) -> Self {
        Self {
            operation: Some(operation),
            status: kept.status,
            body: kept.body.clone(),
            kept: Some(kept),
            from_cache: true,
            ..Self::default()
        }
    }

    /// A response that another call has fetched, and that is not cached.
    pub(super) fn of_another(operation: &'static Operation, kept: Arc<CachedResponse>) -> Self {
        Self { from_cache: false, ..Self::from_cache(operation, kept) }
    }

    /// Whether the response was cached before the call.
    pub(crate) fn is_from_cache(&self) -> bool {
        self.from_cache
    }

    /// Caches the response, which could be read. What a shared store is still to be told is to be awaited.
    pub(crate) fn accept(&mut self) -> Option<Storing> {
        self.unstored.take()?.accepted(self.kept.as_ref()?)
    }

    /// Does not cache the response, which could not be read.
    pub(crate) fn reject(mut self) {
        if let (Some(unstored), Some(kept)) = (self.unstored.take(), self.kept) {
            unstored.rejected(kept);
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        // Fresh headers tell more than the few that are cached.
        match &self.kept {
            Some(kept) if self.headers.is_empty() => kept.header_map(),
            _ => &self.headers,
        }
    }

    /// The value that an earlier caller decoded from the same cached response.
    pub(crate) fn cached_value<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.kept.as_ref()?.decoded.get()
    }

    /// Stores the decoded value, of about so many bytes, beside the response, if the cache holds that.
    pub(crate) fn cache_value<T: Any + Send + Sync>(&self, bytes: usize, value: impl FnOnce() -> Arc<T>) {
        if let Some(kept) = &self.kept {
            kept.decoded.put(bytes, value);
        }
    }
}

/// What puts a response into the cache, once its caller could read it.
pub(super) trait Unstored: fmt::Debug + Send + Sync {
    /// The response could be read. What it gives is still to be done, and waited for.
    fn accepted(self: Box<Self>, kept: &Arc<CachedResponse>) -> Option<Storing>;

    /// It could not.
    fn rejected(self: Box<Self>, kept: Arc<CachedResponse>);
}

/// Telling a shared store of a response.
pub(crate) type Storing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Records how long decoding took, if the call is recorded.
#[derive(Debug, Default)]
pub(crate) struct DecodeTimer(Option<Arc<OnceLock<Duration>>>);

impl DecodeTimer {
    /// A timer that writes into `cell`.
    pub(super) fn recording(cell: Arc<OnceLock<Duration>>) -> Self {
        Self(Some(cell))
    }

    /// Runs `decode`, and records its time if it succeeds.
    #[inline]
    pub(super) fn measure<T, E>(&self, decode: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let Some(cell) = &self.0 else { return decode() };
        let began = Instant::now();
        let decoded = decode();
        if decoded.is_ok() {
            // A response that is decoded twice keeps its first time.
            let _ = cell.set(began.elapsed());
        }
        decoded
    }
}
