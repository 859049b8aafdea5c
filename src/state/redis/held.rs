//! Responses that are on the server and in this process too: the server is asked only whether they are still the same. The bytes
//! are not sent, and the values that were decoded from them are used again.

use std::sync::Arc;

use moka::sync::Cache;

use crate::state::cached_response::{BuildPrehashed, CacheKey, CachedResponse};

/// Bytes of memory that the responses take at most, with their decoded values.
const MAX_BYTES: u64 = 16 << 20;

/// A response, and the number of it on the server.
#[derive(Clone)]
pub(super) struct HeldResponse {
    pub(super) identity: u64,
    pub(super) response: Arc<CachedResponse>,
}

pub(super) struct HeldResponses(Cache<CacheKey, HeldResponse, BuildPrehashed>);

impl Default for HeldResponses {
    fn default() -> Self {
        let weight = |held: &HeldResponse| u32::try_from(held.response.weight()).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(MAX_BYTES).weigher(move |_: &CacheKey, held| weight(held));
        Self(cache.build_with_hasher(BuildPrehashed::default()))
    }
}

impl HeldResponses {
    pub(super) fn get(&self, key: &CacheKey) -> Option<HeldResponse> {
        self.0.get(key)
    }

    pub(super) fn put(&self, key: &CacheKey, identity: u64, response: &Arc<CachedResponse>) {
        if identity != 0 {
            self.0.insert(key.clone(), HeldResponse { identity, response: Arc::clone(response) });
        }
    }
}
