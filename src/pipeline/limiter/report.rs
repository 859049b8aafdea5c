//! The public view of quotas.

use std::time::Duration;

use crate::{
    error::RateLimit,
    state::quota::{QuotaSnapshot, QuotaSnapshots},
};

/// The quota of a credential; from [`Client::quota`](crate::Client::quota).
///
/// In each limit `remaining` is the number of new requests that can be sent: requests in flight are subtracted. `reset` is
/// `None` if no window is running.
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// let quota = client.quota().await;
/// if let Some(limit) = quota.limits.first() {
///     println!("{:?} requests left, reset in {:?}", limit.remaining, limit.reset);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// The limits of all requests with the credential, the one with the fewest requests left first. Empty until a response
    /// has reported one.
    pub limits: Vec<RateLimit>,
    /// The time for which calls wait, because a limit is exhausted or the service has rejected a request; `None` if they do
    /// not wait.
    pub retry_after: Option<Duration>,
    /// The operations that have limits of their own, by name.
    pub operations: Vec<OperationQuota>,
}

/// The limits of one operation.
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// for of in client.quota().await.operations {
///     println!("{}: {} limits of its own, calls wait for {:?}", of.operation, of.limits.len(), of.retry_after);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationQuota {
    /// The operation's id, as in [`crate::raw`].
    pub operation: &'static str,
    /// Its own limits, the one with the fewest requests left first. Empty if the service rejected a request and reported no
    /// limit.
    pub limits: Vec<RateLimit>,
    /// The time for which its calls wait for its own limits; `None` if they do not wait.
    pub retry_after: Option<Duration>,
}

impl Quota {
    pub(super) fn of(quotas: QuotaSnapshots) -> Self {
        let mut quota = Self::default();
        for (operation, QuotaSnapshot { limits, exhausted_for }) in quotas {
            match operation {
                None => (quota.limits, quota.retry_after) = (limits, exhausted_for),
                Some(operation) => {
                    quota.operations.push(OperationQuota { operation, limits, retry_after: exhausted_for });
                }
            }
        }
        quota.operations.sort_unstable_by_key(|of| of.operation);
        quota
    }
}
