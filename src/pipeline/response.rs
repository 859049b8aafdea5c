//! A successful response, and what is known of its request. It is decoded on demand, and only once if the cache holds it.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;

use crate::{operation::Operation, state::kept::Kept};

/// A successful response.
#[derive(Debug, Default)]
pub(crate) struct ApiResponse {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempts: u32,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The response as the cache holds it, if it does.
    pub(crate) kept: Option<Arc<Kept>>,
    pub(crate) decode_timer: DecodeTimer,
}

impl ApiResponse {
    pub(super) fn from_cache(operation: &'static Operation, kept: Arc<Kept>) -> Self {
        Self {
            operation: Some(operation),
            status: kept.status,
            body: kept.body.clone(),
            kept: Some(kept),
            ..Self::default()
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        // Fresh headers tell more than the few that are cached.
        match &self.kept {
            Some(kept) if self.headers.is_empty() => kept.map(),
            _ => &self.headers,
        }
    }

    /// The value that an earlier caller decoded from the same cached response.
    pub(crate) fn cached_value<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.kept.as_ref()?.decoded.get()
    }

    /// Stores the decoded value beside the response, if the cache holds that.
    pub(crate) fn cache_value<T: Any + Send + Sync>(&self, value: impl FnOnce() -> Arc<T>) {
        if let Some(kept) = &self.kept {
            kept.decoded.put(value());
        }
    }
}

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
