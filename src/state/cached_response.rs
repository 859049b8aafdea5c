//! Cached responses: key, tags that invalidate them, bytes, and the values decoded from them.

use std::{
    any::Any,
    fmt,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    sync::{Arc, LazyLock, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::ETAG};

use super::TenantId;
use crate::sync::lock;

/// Tag of every response of a tenant.
pub(crate) const ROOT_TAG: &str = "calcom";

/// Stands in a tag for an id that is not known.
pub(crate) const UNKNOWN_PARTITION: &str = "?";

/// Key of a cached response.
///
/// The cache of [`StateStore`](super::StateStore) is an example.
#[derive(Clone, PartialEq, Eq)]
pub struct CacheKey {
    /// The tenant that the response belongs to.
    pub tenant: TenantId,
    /// The documented key first (`calcom:slots:2026361:2025-01-15`), then what distinguishes two responses: version, operation,
    /// path and query.
    pub name: Arc<str>,
    /// Hash of both, computed once because several maps look the key up.
    hash: u64,
}

impl CacheKey {
    pub(crate) fn new(tenant: TenantId, name: impl Into<Arc<str>>) -> Self {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let name = name.into();
        Self { hash: HASHER.hash_one((tenant, &*name)), tenant, name }
    }
}

impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Hasher that returns the hash that a key holds already.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrehashedHasher(u64);

impl Hasher for PrehashedHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Hasher of maps whose keys are [`CacheKey`]s.
pub(crate) type BuildPrehashed = BuildHasherDefault<PrehashedHasher>;

/// Shows the documented key alone: path and query can contain personal data.
impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let documented = self.name.split('|').next().unwrap_or_default();
        f.debug_struct("CacheKey").field("tenant", &self.tenant).field("name", &documented).finish_non_exhaustive()
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tenant, self.name)
    }
}

/// A response of the service as the cache holds it.
///
/// ```
/// use bytes::Bytes;
/// use calcom::state::CachedResponse;
/// use http::{HeaderValue, header::ETAG};
///
/// // A store on another server writes the parts of a response, and makes a response of them again.
/// let headers = vec![(ETAG, HeaderValue::from_static("\"1\""))];
/// let response = CachedResponse::from_parts(200, headers, Bytes::from_static(b"{\"status\":\"success\"}"));
/// assert_eq!((response.status, response.headers.len(), response.body.len()), (200, 1, 20));
/// ```
pub struct CachedResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are cached: a few, and none that names a credential or a quota.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The same headers as a map, built on demand.
    header_map: OnceLock<HeaderMap>,
    /// The body, as it was received.
    pub body: Bytes,
    /// The values decoded from the body.
    pub(crate) decoded: DecodedValues,
    /// The sequence number of the request that fetched it in this process; 0 if another process did.
    sequence: u64,
}

impl CachedResponse {
    pub(crate) fn new(status: u16, headers: Vec<(HeaderName, HeaderValue)>, body: Bytes, sequence: u64) -> Self {
        Self { status, headers, header_map: OnceLock::new(), body, decoded: DecodedValues::default(), sequence }
    }

    /// A response that a store has read from elsewhere.
    ///
    /// `headers` are those of [`headers`](field@Self::headers).
    #[must_use]
    pub fn from_parts(status: u16, headers: Vec<(HeaderName, HeaderValue)>, body: Bytes) -> Self {
        Self::new(status, headers, body, 0)
    }

    /// The headers as a map.
    pub(crate) fn header_map(&self) -> &HeaderMap {
        self.header_map.get_or_init(|| self.headers.iter().cloned().collect())
    }

    /// Copies a response that the service has just confirmed with 304. The copy shares the decoded values.
    pub(crate) fn revalidated(&self, sequence: u64) -> Self {
        let (headers, body, decoded) = (self.headers.clone(), self.body.clone(), self.decoded.clone());
        Self { decoded, ..Self::new(self.status, headers, body, sequence) }
    }

    /// The sequence number of the request that fetched or revalidated the response.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The validator with which the service checks whether the response has changed.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == ETAG)?.1.to_str().ok()
    }

    /// Estimates the bytes of memory that the response takes, with the values that will be decoded from it.
    pub(crate) fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 80).sum();
        // A chunk is so short that its count fits into a byte. So the compiler counts many bytes at a time.
        let in_chunk = |chunk: &[u8]| usize::from(chunk.iter().map(|byte| u8::from(*byte == b'{')).sum::<u8>());
        let objects: usize = self.body.chunks(255).map(in_chunk).sum();
        ENTRY_BYTES
            + headers
            + self.body.len() * (1 + DECODED_TEXT_FACTOR)
            + objects * OBJECT_BYTES
            + self.decoded.bytes()
    }
}

/// Bytes of an entry beside the response: slots in the cache's tables, key, tag versions.
const ENTRY_BYTES: usize = 1024;
/// Bytes of the texts of a decoded response, per byte of its JSON.
const DECODED_TEXT_FACTOR: usize = 3;
/// Bytes that each object of a decoded response takes besides.
const OBJECT_BYTES: usize = 96;
/// Bytes of a small value, without its texts. As many are reserved for each of two values that are decoded later.
pub(crate) const SMALL_VALUE_BYTES: usize = 1024;

/// Values decoded from a response, by type: the documented type, the generated type, or both. Values of further types are not
/// held and are decoded again.
#[derive(Default)]
pub(crate) struct DecodedValues(Mutex<DecodedPair>);

#[derive(Default, Clone)]
struct DecodedPair {
    values: [Option<Arc<dyn Any + Send + Sync>>; 2],
    /// Estimated bytes of the first value, without texts.
    bytes: usize,
}

impl DecodedValues {
    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let slots = lock(&self.0);
        let value = slots.values.iter().flatten().find(|value| (***value).is::<T>())?;
        Arc::clone(value).downcast().ok()
    }

    /// Holds a value of about `bytes` bytes, without texts. The second value is held only if it is not larger than what was
    /// reserved for it.
    pub(crate) fn put<T: Any + Send + Sync>(&self, bytes: usize, value: impl FnOnce() -> Arc<T>) {
        let mut slots = lock(&self.0);
        let reserved = slots.bytes.max(SMALL_VALUE_BYTES);
        let free = slots.values.iter_mut().position(|slot| slot.as_ref().is_none_or(|it| (**it).is::<T>()));
        match free {
            Some(0) => {
                slots.bytes = bytes;
                slots.values[0] = Some(value());
            }
            Some(_) if bytes <= reserved => slots.values[1] = Some(value()),
            _ => {}
        }
    }

    /// Estimated bytes of two values, of which those that are missing can come later.
    fn bytes(&self) -> usize {
        2 * lock(&self.0).bytes.max(SMALL_VALUE_BYTES)
    }
}

/// The clone shares the values.
impl Clone for DecodedValues {
    fn clone(&self) -> Self {
        Self(Mutex::new(lock(&self.0).clone()))
    }
}

/// Shows the size of the body, not its content.
impl fmt::Debug for CachedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Result of a lookup in a cache.
///
/// The cache of [`StateStore`](super::StateStore) is an example.
#[derive(Debug, Clone)]
pub enum CacheLookup {
    /// The response is fresh.
    Fresh(Arc<CachedResponse>),
    /// The response is stale. The service may confirm it.
    Stale(Arc<CachedResponse>),
    /// There is no response.
    Missing,
}

/// A version for each tag of a response, read when its request began. An invalidation changes the versions of its tags.
/// Empty if the store cannot tell.
///
/// A response is stored together with its versions. If one of the tags was invalidated meanwhile, the response is stale from
/// the start.
///
/// The cache of [`StateStore`](super::StateStore) is an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagVersions(pub Vec<u64>);

/// The time for which a response is fresh, and the time after it for which it stays available for revalidation.
///
/// The cache of [`StateStore`](super::StateStore) is an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// How long it is fresh, from now on.
    pub fresh_for: Duration,
    /// How long it stays available as stale after that.
    pub stale_for: Duration,
}
