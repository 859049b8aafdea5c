//! Checks a [`StateStore`] of a program against the rules.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::sleep;

use super::{
    TenantId,
    cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions},
    check_lease_store,
    circuit::{Admission, CircuitRejection, CircuitSettings, CircuitState, HealthSignal},
    future::StoreError,
    quota::{QuotaDecision, QuotaFeedback, QuotaRule, QuotaState},
    store::{CircuitId, QuotaId, StateStore},
};
use crate::{error::RateLimit, operation::Operation};

/// Longer than the check takes.
const LONG: Duration = Duration::from_secs(60);
/// Ends during the check.
const SHORT: Duration = Duration::from_millis(300);
const TAG: &str = "calcom:check";

/// Checks a store against the rules of [`StateStore`], one after the other, and of its leases as [`check_lease_store`] does.
/// Meant for the tests of a program's own store. Takes about two seconds.
///
/// `name` must be new to the store, and so must be the name with `-other` appended.
///
/// ```
/// use calcom::state::{MemoryStore, check_state_store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), calcom::state::StoreError> {
/// check_state_store(&MemoryStore::new(1 << 20), "a name that nothing else uses").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`StoreError`] with the first rule that the store breaks, or with the store's own error.
pub async fn check_state_store(store: &dyn StateStore, name: &str) -> Result<(), StoreError> {
    store.ping().await?;
    let tenants = [TenantId::new(name, &["one"]), TenantId::new(name, &["other"])];
    circuits(store, tenants).await?;
    probes(store, TenantId::new(name, &["probes"])).await?;
    quotas(store, tenants).await?;
    in_flight(store, TenantId::new(name, &["in flight"])).await?;
    cache(store, tenants).await?;
    expiry(store, tenants).await?;
    check_lease_store(store, name).await
}

async fn circuits(store: &dyn StateStore, tenants: [TenantId; 2]) -> Result<(), StoreError> {
    let settings = CircuitSettings { failure_threshold: 2, success_threshold: 1, open_duration: LONG, max_probes: 1 };
    let [one, other] =
        tenants.map(|tenant| CircuitId { key_prefix: Arc::from("check"), tenant, operation: None, settings });
    let of_operation = CircuitId { operation: Operation::all().first().map(|operation| operation.id), ..one.clone() };
    for _ in 0..settings.failure_threshold {
        let admission = admit(store, &one).await?.map_err(|_| broken("a closed breaker admits requests"))?;
        store.record_circuit(&one, admission, HealthSignal::Failure).await?;
    }
    let rejection = admit(store, &one).await?.err();
    check(
        rejection.is_some_and(|open| Duration::from_millis(open.retry_after) <= LONG),
        "a breaker opens after its failures, and says for how long",
    )?;
    check(admit(store, &other).await?.is_ok(), "the breakers of two tenants do not affect each other")?;
    check(admit(store, &of_operation).await?.is_ok(), "the breaker of an operation is not that of its tenant")?;
    let known = store.inspect_circuit(&one).await?;
    check(known.tenant.state == CircuitState::Open, "an open breaker is reported as open")?;
    check(!known.tenant.open_for.is_zero(), "an open breaker reports how long it stays open")?;
    let closed = store.reset_circuit(&one).await?;
    check(closed.tenant.state == CircuitState::Closed, "a reset closes the breaker")?;
    check(closed.tenant.generation != known.tenant.generation, "each transition changes the generation")?;
    check(admit(store, &one).await?.is_ok(), "a breaker that was reset admits requests")
}

/// The half-open state: probes after the open time, and what they show.
async fn probes(store: &dyn StateStore, tenant: TenantId) -> Result<(), StoreError> {
    let settings = CircuitSettings { failure_threshold: 1, success_threshold: 1, open_duration: SHORT, max_probes: 1 };
    let circuit = CircuitId { key_prefix: Arc::from("check"), tenant, operation: None, settings };
    let admission = admit(store, &circuit).await?.map_err(|_| broken("a closed breaker admits requests"))?;
    store.record_circuit(&circuit, admission, HealthSignal::Failure).await?;
    sleep(SHORT * 2).await;
    let probe = admit(store, &circuit).await?.map_err(|_| broken("a breaker admits a probe after its open time"))?;
    check(admit(store, &circuit).await?.is_err(), "a half-open breaker has no more probes in flight than allowed")?;
    store.record_circuit(&circuit, admission, HealthSignal::Success).await?;
    let known = store.inspect_circuit(&circuit).await?;
    check(known.tenant.state == CircuitState::HalfOpen, "an outcome from before a transition has no effect after it")?;
    let closed = store.record_circuit(&circuit, probe, HealthSignal::Success).await?;
    check(closed.tenant.state == CircuitState::Closed, "the successes of probes close the breaker")
}

async fn admit(store: &dyn StateStore, circuit: &CircuitId) -> Result<Result<Admission, CircuitRejection>, StoreError> {
    store.admit(circuit).await.map(|(answer, _)| answer)
}

async fn quotas(store: &dyn StateStore, tenants: [TenantId; 2]) -> Result<(), StoreError> {
    let rule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: LONG };
    let [one, other] = tenants.map(|tenant| QuotaId { tenant, operation: None });
    let exported = QuotaState::default().export(0);
    let QuotaDecision::Granted(grant) = store.acquire_quota(&one, &exported, &rule).await?.0 else {
        return Err(broken("a quota without a limit grants requests"));
    };
    let limit = RateLimit { limit: Some(1), remaining: Some(0), reset: Some(LONG), ..RateLimit::named("default") };
    let feedback = QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None };
    store.record_quota(&one, Some(grant), Some(&feedback)).await?;
    let decision = store.acquire_quota(&one, &exported, &rule).await?.0;
    check(
        matches!(decision, QuotaDecision::RetryAfter(wait) if Duration::from_millis(wait) <= LONG * 2),
        "an exhausted quota grants nothing, and says for how long",
    )?;
    let decision = store.acquire_quota(&other, &exported, &rule).await?.0;
    check(matches!(decision, QuotaDecision::Granted(_)), "the quotas of two tenants do not affect each other")?;
    let known = store.inspect_quota(&one.tenant).await?;
    let exhausted = |state: &super::QuotaSnapshot| state.limits.iter().any(|limit| limit.remaining == Some(0));
    check(
        known.iter().any(|(operation, state)| operation.is_none() && exhausted(state)),
        "a reported limit is shown, with what remains of it",
    )?;
    store.reset_quota(&one.tenant).await?;
    let decision = store.acquire_quota(&one, &exported, &rule).await?.0;
    check(matches!(decision, QuotaDecision::Granted(_)), "a reset discards what was reported")
}

/// Requests that are sent and not answered yet.
async fn in_flight(store: &dyn StateStore, tenant: TenantId) -> Result<(), StoreError> {
    let rule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: LONG };
    let quota = QuotaId { tenant, operation: None };
    let exported = QuotaState::default().export(0);
    let limit = RateLimit { limit: Some(10), remaining: Some(1), reset: Some(LONG), ..RateLimit::named("default") };
    let feedback = QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None };
    store.record_quota(&quota, None, Some(&feedback)).await?;
    let (QuotaDecision::Granted(grant), count) = store.acquire_quota(&quota, &exported, &rule).await? else {
        return Err(broken("a quota grants what remains of it"));
    };
    check(count == 1, "a grant counts as a request in flight until it is taken back")?;
    let decision = store.acquire_quota(&quota, &exported, &rule).await?.0;
    check(!matches!(decision, QuotaDecision::Granted(_)), "requests in flight count against what remains")?;
    store.record_quota(&quota, Some(grant), None).await?;
    let decision = store.acquire_quota(&quota, &exported, &rule).await?.0;
    check(matches!(decision, QuotaDecision::Granted(_)), "a grant whose request was not sent is granted again")
}

async fn cache(store: &dyn StateStore, tenants: [TenantId; 2]) -> Result<(), StoreError> {
    let [one, other] = tenants.map(|tenant| CacheKey::new(tenant, "calcom:check:response"));
    let tags = [TAG.to_owned()];
    let response = Arc::new(CachedResponse::from_parts(200, Vec::new(), Bytes::from_static(b"{}")));
    let freshness = Freshness { fresh_for: LONG, stale_for: LONG };
    let (found, versions) = store.lookup(&one, &tags).await?;
    check(matches!(found, CacheLookup::Missing), "a response that was not stored is missing")?;
    store.put(&one, &response, &tags, &versions, freshness).await?;
    let found = store.lookup(&one, &tags).await?.0;
    check(
        matches!(&found, CacheLookup::Fresh(found) if found.body == response.body && found.status == 200),
        "a stored response is fresh, and unchanged",
    )?;
    let found = store.lookup(&other, &tags).await?.0;
    check(matches!(found, CacheLookup::Missing), "a tenant is never given the response of another")?;
    store.invalidate(&one.tenant, &tags).await?;
    let (found, after) = store.lookup(&one, &tags).await?;
    check(!matches!(found, CacheLookup::Fresh(_)), "an invalidation makes the responses of its tags stale")?;
    check(versions != after || after == TagVersions::default(), "an invalidation changes the versions of its tags")?;
    store.put(&one, &response, &tags, &versions, freshness).await?;
    let found = store.lookup(&one, &tags).await?.0;
    check(
        !matches!(found, CacheLookup::Fresh(_)),
        "a response that was requested before an invalidation is not fresh after it",
    )
}

/// Responses whose time has run out.
async fn expiry(store: &dyn StateStore, [tenant, _]: [TenantId; 2]) -> Result<(), StoreError> {
    let key = CacheKey::new(tenant, "calcom:check:expiry");
    let tags = [TAG.to_owned()];
    let response = Arc::new(CachedResponse::from_parts(200, Vec::new(), Bytes::from_static(b"{}")));
    let versions = store.lookup(&key, &tags).await?.1;
    store.put(&key, &response, &tags, &versions, Freshness { fresh_for: SHORT, stale_for: LONG }).await?;
    sleep(SHORT * 2).await;
    let found = store.lookup(&key, &tags).await?.0;
    check(!matches!(found, CacheLookup::Fresh(_)), "a response is not fresh after its time")
}

fn check(holds: bool, rule: &str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(broken(rule)) }
}

fn broken(rule: &str) -> StoreError {
    StoreError(format!("the store breaks a rule: {rule}"))
}

#[cfg(test)]
mod tests;
