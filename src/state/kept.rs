//! What a cache keeps: one answer under one key, with the tags by which it is made stale.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use super::Scope;

/// Every answer of a scope carries this tag.
pub(crate) const EVERYTHING: &str = "calcom";

/// In a tag, the place of an id that is not known.
pub(crate) const UNKNOWN: &str = "?";

/// Under which name, and whose, an answer is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// Whose answer it is.
    pub scope: Scope,
    /// The reference's name for it first (`calcom:slots:2026361:2025-01-15`), then what tells two answers apart: version,
    /// operation, path and query.
    pub name: Arc<str>,
}

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
    pub headers: Vec<(String, String)>,
    /// The body, as it came.
    pub body: Bytes,
    /// The number of the request that fetched it, in this process; 0 where another did.
    fetched_by: u64,
}

impl Kept {
    pub(crate) fn new(status: u16, headers: Vec<(String, String)>, body: Bytes, fetched_by: u64) -> Self {
        Self { status, headers, body, fetched_by }
    }

    /// The same answer, which the service has just said to be good.
    pub(crate) fn renewed(&self, fetched_by: u64) -> Self {
        Self { status: self.status, headers: self.headers.clone(), body: self.body.clone(), fetched_by }
    }

    /// The number of the request that fetched it, or to which the service said that it is good.
    pub(crate) fn fetched_by(&self) -> u64 {
        self.fetched_by
    }

    /// The validator by which the service tells whether the answer is still good.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == "etag").map(|(_, value)| value.as_str())
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 64).sum();
        256 + headers + self.body.len()
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

/// How often each tag of an answer has been flushed, as it was when the request for the answer began.
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
