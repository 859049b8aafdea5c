//! Futures and errors of shared stores.

use std::{fmt, future::Future, pin::Pin};

/// Future of one step of a store.
///
/// [`StoreError`] has an example.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Failure of a step of a store, as text. A call continues without the store and does not fail because of it.
///
/// ```
/// use calcom::state::{StoreError, StoreFuture};
///
/// fn unreachable_database<'a>() -> StoreFuture<'a, bool> {
///     Box::pin(async { Err(StoreError("the database does not answer".to_owned())) })
/// }
/// # let _ = unreachable_database();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError(pub String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}
