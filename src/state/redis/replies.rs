//! Replies of the scripts for breakers and quotas.

use std::time::Duration;

use redis::FromRedisValue;

use super::keys;
use crate::{
    operation::Operation,
    state::{
        circuit::{Admission, CircuitRejection, CircuitSnapshot, CircuitSnapshots, CircuitState},
        quota::{QuotaSnapshot, QuotaSnapshots, WindowSnapshot},
    },
};

/// State, generation, remaining open time, failures.
type SnapshotReply = (String, u64, u64, u64);
/// Operation, then the same for its breaker.
type OperationReply = (String, String, u64, u64, u64);

/// Admitted, generation, probe, retry after; the tenant's breaker, and those of its operations.
#[derive(Debug)]
pub(super) struct CircuitReply((u64, u64, u64, u64, SnapshotReply, Vec<OperationReply>));

impl FromRedisValue for CircuitReply {
    fn from_redis_value(value: redis::Value) -> Result<Self, redis::ParsingError> {
        redis::from_redis_value(value).map(Self)
    }
}

impl CircuitReply {
    pub(super) fn decode(self) -> (Result<Admission, CircuitRejection>, CircuitSnapshots) {
        let (admitted, generation, probe, retry_after, tenant, operations) = self.0;
        // Operations that this version does not have are ignored.
        let known = operations.into_iter().filter_map(|(id, state, generation, open_for, failures)| {
            let operation = Operation::rows().find(|operation| operation.id == id)?;
            Some((operation.id, snapshot((state, generation, open_for, failures))))
        });
        let mut operations: Vec<_> = known.collect();
        operations.sort_unstable_by_key(|(operation, _)| *operation);
        let snapshots = CircuitSnapshots { tenant: snapshot(tenant), operations };
        let decision =
            if admitted == 1 { Ok(Admission { generation, probe }) } else { Err(CircuitRejection { retry_after }) };
        (decision, snapshots)
    }
}

fn snapshot((state, generation, open_for, failures): SnapshotReply) -> CircuitSnapshot {
    let state = match state.as_str() {
        "O" => CircuitState::Open,
        "H" => CircuitState::HalfOpen,
        _ => CircuitState::Closed,
    };
    CircuitSnapshot { state, generation, open_for: Duration::from_millis(open_for), has_failures: failures > 0 }
}

/// Index of the quota in the order of the keys, remaining block, requests in flight, and its windows: name, limit, counted
/// requests, remaining time.
pub(super) type QuotaReply = (usize, u64, u64, Vec<(String, u64, u64, u64)>);

pub(super) fn quota_snapshots(quotas: Vec<QuotaReply>) -> QuotaSnapshots {
    let operations: Vec<_> = keys::operations().collect();
    let snapshots = quotas.into_iter().filter_map(|(index, blocked, in_flight, windows)| {
        let windows = windows.into_iter().map(|(name, limit, counted, remaining_millis)| WindowSnapshot {
            name,
            limit,
            counted,
            remaining_millis,
        });
        Some((*operations.get(index)?, QuotaSnapshot::new(blocked, in_flight, windows)))
    });
    snapshots.filter(|(_, snapshot)| !snapshot.is_empty()).collect()
}
