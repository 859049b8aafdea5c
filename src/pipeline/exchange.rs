//! A request that was answered with success, and its answer: decoded when it is asked for, and only once where the cache
//! keeps it.

use std::{any::Any, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::{Result, error::read, observe::Seen, operation::Operation, state::kept::Kept};

/// A request that was answered with success, and its answer.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempts: u32,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The answer as the cache keeps it, where it does.
    pub(crate) kept: Option<Arc<Kept>>,
    /// Who is told how long decoding takes.
    pub(crate) seen: Seen,
}

impl Exchange {
    pub(super) fn from_kept(operation: &'static Operation, kept: Arc<Kept>) -> Self {
        Self {
            operation: Some(operation),
            status: kept.status,
            body: kept.body.clone(),
            kept: Some(kept),
            ..Self::default()
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        // Those that just came tell more than those that are kept.
        match &self.kept {
            Some(kept) if self.headers.is_empty() => kept.map(),
            _ => &self.headers,
        }
    }

    /// What was made of the answer before, by whoever asked the cache for the same.
    pub(crate) fn known<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.kept.as_ref()?.decoded.get()
    }

    /// Keeps what was made of the answer beside it, where the cache keeps that.
    pub(crate) fn remember<T: Any + Send + Sync>(&self, value: impl FnOnce() -> Arc<T>) {
        if let Some(kept) = &self.kept {
            kept.decoded.put(value());
        }
    }

    /// The answer as a `T`.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode), naming the place.
    #[inline]
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        let decoded = self.seen.decoding(|| match &*self.body {
            // A 204 says nothing: right where everything in the answer may be missing, or nothing is in it.
            [] => decode(b"{}").or_else(|_| decode(b"null")),
            body => decode(body),
        });
        decoded.map_err(|_| read::undecodable::<T>(self))
    }
}

/// As text where it is text: looking at the whole body once for what is not UTF-8 is cheaper, by a seventh of a list's
/// whole cost, than looking at every string in it.
#[inline]
fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    }
}
