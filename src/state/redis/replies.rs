//! What the scripts of breakers and quotas answer.

use std::time::Duration;

use redis::FromRedisValue;

use super::keys;
use crate::{
    operation::Operation,
    state::{
        circuit::{CircuitState, CircuitView, CircuitViews, Pass, Refused},
        quota::{LaneView, LaneViews, WindowView},
    },
};

/// State, generation, open for, failures.
type ViewReply = (String, u64, u64, u64);
/// The operation, and the same of its breaker.
type OperationReply = (String, String, u64, u64, u64);

/// Admitted, generation, probe, retry after; how the tenant's breaker stands, and those of its operations.
#[derive(Debug)]
pub(super) struct CircuitReply((u64, u64, u64, u64, ViewReply, Vec<OperationReply>));

impl FromRedisValue for CircuitReply {
    fn from_redis_value(value: redis::Value) -> Result<Self, redis::ParsingError> {
        redis::from_redis_value(value).map(Self)
    }
}

impl CircuitReply {
    pub(super) fn read(self) -> (Result<Pass, Refused>, CircuitViews) {
        let (admitted, generation, probe, retry_after, tenant, operations) = self.0;
        // Operations that this version does not know do not concern it.
        let known = operations.into_iter().filter_map(|(id, state, generation, open_for, failures)| {
            let operation = Operation::rows().find(|operation| operation.id == id)?;
            Some((operation.id, view((state, generation, open_for, failures))))
        });
        let mut operations: Vec<_> = known.collect();
        operations.sort_unstable_by_key(|(operation, _)| *operation);
        let views = CircuitViews { tenant: view(tenant), operations };
        (if admitted == 1 { Ok(Pass { generation, probe }) } else { Err(Refused { retry_after }) }, views)
    }
}

fn view((state, generation, open_for, failures): ViewReply) -> CircuitView {
    let state = match state.as_str() {
        "O" => CircuitState::Open,
        "H" => CircuitState::HalfOpen,
        _ => CircuitState::Closed,
    };
    CircuitView { state, generation, open_for: Duration::from_millis(open_for), has_failures: failures > 0 }
}

/// Which of the lanes in the order of their keys, blocked for, under way, and its windows: name, limit, counted, left.
pub(super) type LaneReply = (usize, u64, u64, Vec<(String, u64, u64, u64)>);

pub(super) fn lane_views(lanes: Vec<LaneReply>) -> LaneViews {
    let operations: Vec<_> = keys::operations().collect();
    let views = lanes.into_iter().filter_map(|(at, blocked, under_way, windows)| {
        let windows = windows.into_iter().map(|(name, limit, counted, left)| WindowView { name, limit, counted, left });
        Some((*operations.get(at)?, LaneView::new(blocked, under_way, windows)))
    });
    views.filter(|(_, view)| !view.is_empty()).collect()
}
