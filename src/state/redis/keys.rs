//! Names of keys. Each holds the version of the format, so that programs of different versions do not read each other's values.
//! Each has one hash tag, so that all keys of a script are on one server of a cluster.

use crate::{
    operation::Operation,
    state::{
        TenantId,
        cached_response::CacheKey,
        store::{CircuitId, QuotaId},
    },
};

/// Version of the keys and values that this crate writes.
const FORMAT: &str = "v2";

/// Keys of a response and of the marks of its tags.
pub(super) fn response(key: &CacheKey, tags: &[String]) -> Vec<String> {
    let mut keys = vec![format!("calcom:{FORMAT}:{{{}}}:answer:{}", key.tenant, key.name)];
    keys.extend(marks(&key.tenant, tags));
    keys
}

/// Keys of the marks of tags.
pub(super) fn marks(tenant: &TenantId, tags: &[String]) -> Vec<String> {
    tags.iter().map(|tag| format!("calcom:{FORMAT}:{{{tenant}}}:tag:{tag}")).collect()
}

/// Keys of a quota and its requests in flight, then of the tenant's quota by rule and the requests of its last minute.
pub(super) fn quota(quota: &QuotaId) -> Vec<String> {
    let tenant = format!("calcom:{FORMAT}:{{{}}}:quota", quota.tenant);
    let key = quota.operation.map_or_else(|| tenant.clone(), |operation| format!("{tenant}:{operation}"));
    let in_flight = format!("{key}:sent");
    vec![key, in_flight, format!("{tenant}:rule"), format!("{tenant}:taken")]
}

/// Key of a lease.
pub(super) fn lease(name: &str) -> Vec<String> {
    vec![format!("calcom:{FORMAT}:lease:{{{name}}}")]
}

/// Keys of the circuit of a tenant and of those of its operations, with the prefix from the settings.
pub(super) fn circuit(circuit: &CircuitId) -> Vec<String> {
    let key = format!("{}:{FORMAT}:{{{}}}", circuit.key_prefix, circuit.tenant);
    vec![key.clone(), format!("{key}:operations")]
}

/// The operations of [`quotas`], in their order. The first is the quota of all other operations.
pub(super) fn operations() -> impl Iterator<Item = Option<&'static str>> {
    std::iter::once(None).chain(Operation::rows().map(|operation| Some(operation.id)))
}

/// Keys of every quota that a tenant may have, and of its requests in flight.
pub(super) fn quotas(tenant: &TenantId) -> Vec<String> {
    operations().flat_map(|operation| quota(&QuotaId { tenant: *tenant, operation }).into_iter().take(2)).collect()
}

/// Key of a delivery that was received.
#[cfg(feature = "webhook")]
pub(crate) fn delivery(digest: &dyn std::fmt::Display) -> String {
    format!("calcom:{FORMAT}:webhook:{{{digest}}}")
}
