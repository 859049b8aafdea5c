//! What a cache keeps: one answer under one key, with the tags by which it is made stale, and beside the bytes what was made
//! of them.

use std::{
    any::Any,
    fmt,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    sync::{Arc, LazyLock, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::ETAG};

use super::Scope;
use crate::sync::lock;

/// Every answer of a scope carries this tag.
pub(crate) const EVERYTHING: &str = "calcom";

/// In a tag, the place of an id that is not known.
pub(crate) const UNKNOWN: &str = "?";

/// Under which name, and whose, an answer is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheKey {
    /// Whose answer it is.
    pub scope: Scope,
    /// The documented name for it first (`calcom:slots:2026361:2025-01-15`), then what tells two answers apart: version,
    /// operation, path and query.
    pub name: Arc<str>,
    /// Of both, made once: a key is looked for several times on its way.
    hash: u64,
}

impl CacheKey {
    pub(crate) fn new(scope: Scope, name: impl Into<Arc<str>>) -> Self {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let name = name.into();
        Self { hash: HASHER.hash_one((scope, &*name)), scope, name }
    }
}

impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Takes the hash that a key brings along.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prehashed(u64);

impl Hasher for Prehashed {
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

/// For maps of keys.
pub(crate) type ByKey = BuildHasherDefault<Prehashed>;

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scope, self.name)
    }
}

/// One answer of the service.
pub struct Kept {
    /// The HTTP status.
    pub status: u16,
    /// The few headers that are kept: none that names a credential or a quota.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The same as a map, for those who ask for it.
    map: OnceLock<HeaderMap>,
    /// The body, as it came.
    pub body: Bytes,
    /// What was made of the body.
    pub(crate) decoded: Decoded,
    /// The number of the request that fetched it, in this process; 0 where another did.
    fetched_by: u64,
}

impl Kept {
    pub(crate) fn new(status: u16, headers: Vec<(HeaderName, HeaderValue)>, body: Bytes, fetched_by: u64) -> Self {
        Self { status, headers, map: OnceLock::new(), body, decoded: Decoded::default(), fetched_by }
    }

    /// The headers as a map.
    pub(crate) fn map(&self) -> &HeaderMap {
        self.map.get_or_init(|| self.headers.iter().cloned().collect())
    }

    /// The same answer, which the service has just said to be good.
    pub(crate) fn renewed(&self, fetched_by: u64) -> Self {
        let (headers, body, decoded) = (self.headers.clone(), self.body.clone(), self.decoded.clone());
        Self { decoded, ..Self::new(self.status, headers, body, fetched_by) }
    }

    /// The number of the request that fetched it, or to which the service said that it is good.
    pub(crate) fn fetched_by(&self) -> u64 {
        self.fetched_by
    }

    /// The validator by which the service tells whether the answer is still good.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == ETAG)?.1.to_str().ok()
    }

    /// About how many bytes it takes, with what will be made of it.
    pub(crate) fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 80).sum();
        // Counted in bytes and by chunks whose count fits into one, which the compiler does for many bytes at a time.
        let in_chunk = |chunk: &[u8]| usize::from(chunk.iter().map(|byte| u8::from(*byte == b'{')).sum::<u8>());
        let objects: usize = self.body.chunks(255).map(in_chunk).sum();
        ENTRY + headers + self.body.len() * (1 + DECODED) + objects * OBJECT + self.decoded.bytes()
    }
}

/// What an entry takes besides the answer: its places in the cache's tables, its key's, its tags' counts.
const ENTRY: usize = 1024;
/// The texts of a decoded answer take about so many times the bytes of its JSON, and each object so many more.
const DECODED: usize = 3;
const OBJECT: usize = 96;
/// Room for the second of two decoded values.
const SECOND: usize = 1024;

/// What was made of an answer, by type: the documented type, or the generated one, or both. What is more is decoded again.
#[derive(Default)]
pub(crate) struct Decoded(Mutex<Values>);

#[derive(Default, Clone)]
struct Values {
    values: [Option<Arc<dyn Any + Send + Sync>>; 2],
    /// About how many bytes the first takes, texts aside.
    bytes: usize,
}

impl Decoded {
    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let values = lock(&self.0);
        let value = values.values.iter().flatten().find(|value| (***value).is::<T>())?;
        Arc::clone(value).downcast().ok()
    }

    /// Keeps a value of about so many bytes, texts aside. The second of two must not be larger than what was counted for
    /// it.
    pub(crate) fn put<T: Any + Send + Sync>(&self, bytes: usize, value: impl FnOnce() -> Arc<T>) {
        let mut values = lock(&self.0);
        let room = values.bytes.max(SECOND);
        let free = values.values.iter_mut().position(|place| place.as_ref().is_none_or(|it| (**it).is::<T>()));
        match free {
            Some(0) => {
                values.bytes = bytes;
                values.values[0] = Some(value());
            }
            Some(_) if bytes <= room => values.values[1] = Some(value()),
            _ => {}
        }
    }

    /// About how many bytes the values take, with room for a second.
    fn bytes(&self) -> usize {
        let bytes = lock(&self.0).bytes;
        bytes + bytes.max(SECOND)
    }
}

/// The values are the same ones.
impl Clone for Decoded {
    fn clone(&self) -> Self {
        Self(Mutex::new(lock(&self.0).clone()))
    }
}

/// Says how large it is, not what it holds.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What a cache says to a key.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// The answer is fresh.
    Fresh(Arc<Kept>),
    /// There was one; the service may say that it is still good.
    Stale(Arc<Kept>),
    /// There is none.
    Missing,
}

/// A number for each tag of an answer, as it was when the request for the answer began, that changes when the tag is flushed.
/// Empty where a store could not tell.
///
/// An answer is put away together with this; where a tag has been flushed in the meantime it is stale from the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(pub Vec<u64>);

/// How long an answer is fresh, and how long it is kept after that for asking whether it has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// From now on.
    pub fresh: Duration,
    /// After that.
    pub stale: Duration,
}
