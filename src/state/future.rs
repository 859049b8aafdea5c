//! Futures and errors of shared stores.

use std::{
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::Poll,
};

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

/// Runs a step of the store. A step that panics has failed.
pub(super) async fn catch_panic<T>(step: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let mut step = pin!(step);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(StoreError("the step panicked".to_owned()))))
    })
    .await
}
