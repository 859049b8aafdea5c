//! What the caller is told of quotas.

use std::time::Duration;

use crate::{
    error::RateLimit,
    state::quota::{QuotaSnapshot, QuotaSnapshots},
};

/// What is known of a credential's quota: from [`Client::quota`](crate::Client::quota).
///
/// In each limit `remaining` is what is left for new requests: those under way count. `reset` is `None` if no window is
/// running.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// The limits of all requests with the credential, the one with the least left first. Empty until an answer has told one.
    pub limits: Vec<RateLimit>,
    /// How long calls wait, because a limit is used up or the service has refused a request; `None` if they do not.
    pub retry_after: Option<Duration>,
    /// The operations that the service limits by themselves, by name.
    pub operations: Vec<OperationQuota>,
}

/// What is known of the limits of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationQuota {
    /// The operation's id, as in [`crate::raw`].
    pub operation: &'static str,
    /// Its own limits, the one with the least left first. Empty if it was refused and no limit was told.
    pub limits: Vec<RateLimit>,
    /// How long its calls wait for its own limits; `None` if they do not.
    pub retry_after: Option<Duration>,
}

impl Quota {
    pub(super) fn of(lanes: QuotaSnapshots) -> Self {
        let mut quota = Self::default();
        for (operation, QuotaSnapshot { limits, exhausted_for }) in lanes {
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
