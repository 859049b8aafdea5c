//! A successful response and its request's operation. It is decoded on demand, and only once if it is cached.

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

use crate::{contract::Contract, operation::Operation, retry_policy::Resend, state::cached_response::CachedResponse};

/// A successful response.
#[derive(Debug, Default)]
pub(crate) struct ApiResponse {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempts: u32,
    /// The service whose form was expected, as the client is set.
    pub(super) contract: Option<Contract>,
    /// What a repetition of the call does; that of the operation if it is not set.
    pub(super) resend: Option<Resend>,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The response as the cache holds it, or will hold it.
    pub(crate) cached: Option<Arc<CachedResponse>>,
    /// Caches the response after it was decoded.
    pub(super) pending_store: Option<Box<dyn PendingStore>>,
    pub(super) from_cache: bool,
    pub(crate) decode_timer: DecodeTimer,
}

impl ApiResponse {
    pub(super) fn from_cache(operation: &'static Operation, cached: Arc<CachedResponse>) -> Self {
        Self {
            operation: Some(operation),
            status: cached.status,
            body: cached.body.clone(),
            cached: Some(cached),
            from_cache: true,
            ..Self::default()
        }
    }

    /// A response that another call has fetched and that is not cached.
    pub(super) fn from_single_flight(operation: &'static Operation, cached: Arc<CachedResponse>) -> Self {
        Self { from_cache: false, ..Self::from_cache(operation, cached) }
    }

    /// Whether the response was cached before the call.
    pub(crate) fn is_from_cache(&self) -> bool {
        self.from_cache
    }

    /// Caches the response, which could be decoded. The returned future stores it in a shared store.
    pub(crate) fn store(&mut self) -> Option<CacheWriteFuture> {
        self.pending_store.take()?.store(self.cached.as_ref()?)
    }

    /// Does not cache the response, which could not be decoded.
    pub(crate) fn discard(mut self) {
        if let (Some(pending_store), Some(cached)) = (self.pending_store.take(), self.cached) {
            pending_store.discard(cached);
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        // The headers of a response of the service are complete; only a few are cached.
        match &self.cached {
            Some(cached) if self.headers.is_empty() => cached.header_map(),
            _ => &self.headers,
        }
    }

    /// The value that an earlier caller decoded from the same cached response.
    pub(crate) fn cached_value<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.cached.as_ref()?.decoded.get()
    }

    /// Caches the decoded value, of about `bytes` bytes, with the response, if the response is cached.
    pub(crate) fn cache_value<T: Any + Send + Sync>(&self, bytes: usize, value: impl FnOnce() -> Arc<T>) {
        if let Some(cached) = &self.cached {
            cached.decoded.put(bytes, value);
        }
    }
}

/// A response that is stored in the cache after its caller has decoded it.
pub(super) trait PendingStore: fmt::Debug + Send + Sync {
    /// Stores the response. The returned future stores it in a shared store.
    fn store(self: Box<Self>, cached: &Arc<CachedResponse>) -> Option<CacheWriteFuture>;

    /// Does not store the response, which could not be decoded.
    fn discard(self: Box<Self>, cached: Arc<CachedResponse>);
}

/// The storing of a response in a shared store.
pub(crate) type CacheWriteFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

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
            // The first time is recorded if a response is decoded twice.
            let _ = cell.set(began.elapsed());
        }
        decoded
    }
}
