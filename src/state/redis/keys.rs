//! The names of keys. Each begins with the version of the format, so that programs of different versions do not read each
//! other's values, and has one hash tag, so that all keys of a script are on one server of a cluster.

use crate::{
    operation::Operation,
    state::{
        Scope,
        kept::CacheKey,
        store::{CircuitId, LaneId},
    },
};

/// The version of the keys and values that this crate writes.
const FORMAT: &str = "v2";

/// An answer, then the marks of its tags.
pub(super) fn answer(key: &CacheKey, tags: &[String]) -> Vec<String> {
    let mut keys = vec![format!("calcom:{FORMAT}:{{{}}}:answer:{}", key.scope, key.name)];
    keys.extend(marks(&key.scope, tags));
    keys
}

/// The marks of tags.
pub(super) fn marks(scope: &Scope, tags: &[String]) -> Vec<String> {
    tags.iter().map(|tag| format!("calcom:{FORMAT}:{{{scope}}}:tag:{tag}")).collect()
}

/// A lane and its requests under way; then the quota by rule of the tenant, and the requests of its last minute.
pub(super) fn lane(lane: &LaneId) -> Vec<String> {
    let tenant = format!("calcom:{FORMAT}:{{{}}}:quota", lane.scope);
    let key = lane.operation.map_or_else(|| tenant.clone(), |operation| format!("{tenant}:{operation}"));
    let under_way = format!("{key}:sent");
    vec![key, under_way, format!("{tenant}:rule"), format!("{tenant}:taken")]
}

/// A lease.
pub(super) fn lease(name: &str) -> Vec<String> {
    vec![format!("calcom:{FORMAT}:lease:{{{name}}}")]
}

/// The circuit of a tenant and those of its operations. Their keys begin as the settings say.
pub(super) fn circuit(circuit: &CircuitId) -> Vec<String> {
    let key = format!("{}:{FORMAT}:{{{}}}", circuit.key, circuit.scope);
    vec![key.clone(), format!("{key}:operations")]
}

/// The operations of [`lanes`], in their order; first the lane of all others.
pub(super) fn operations() -> impl Iterator<Item = Option<&'static str>> {
    std::iter::once(None).chain(Operation::rows().map(|operation| Some(operation.id)))
}

/// Every lane that a caller may have, and its requests under way.
pub(super) fn lanes(scope: &Scope) -> Vec<String> {
    operations().flat_map(|operation| lane(&LaneId { scope: *scope, operation }).into_iter().take(2)).collect()
}

/// A delivery that was received.
#[cfg(feature = "webhook")]
pub(crate) fn delivery(digest: &dyn std::fmt::Display) -> String {
    format!("calcom:{FORMAT}:webhook:{{{digest}}}")
}
