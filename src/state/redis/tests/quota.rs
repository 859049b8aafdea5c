//! The quota of the script and the one in memory with the same inputs, and the script against the service's rule.

use super::*;
use crate::state::quota::simulation;

#[derive(Debug, Clone)]
enum QuotaStep {
    Wait(u64),
    Acquire,
    Complete(Index, QuotaFeedback),
    /// Feedback of a request without a grant of this quota.
    RecordUngranted(QuotaFeedback),
    Cancel(Index),
    Reset,
}

/// A limit with or without each of its numbers.
fn limit() -> impl Strategy<Value = RateLimit> {
    let name = prop_oneof![4 => Just("Default"), 1 => Just(""), 1 => Just("default"), 1 => Just("long")];
    let quota = prop_oneof![8 => 0..12u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
    let seconds = prop_oneof![8 => 0..20u64, 1 => 0..400u64, 1 => any::<u64>()];
    let some = |probability, numbers| prop::option::weighted(probability, numbers);
    (name, some(0.8, quota.clone().boxed()), some(0.8, quota.boxed()), some(0.7, seconds.boxed())).prop_map(
        |(name, limit, remaining, reset)| RateLimit {
            limit,
            remaining,
            reset: reset.map(Duration::from_secs),
            ..RateLimit::named(name)
        },
    )
}

fn feedback() -> impl Strategy<Value = QuotaFeedback> {
    let status = prop_oneof![8 => Just(Some(200)), 3 => Just(Some(429)), 1 => Just(Some(404)), 1 => Just(None)];
    let retry_after = prop::option::weighted(0.1, prop_oneof![4 => 0..30u64, 1 => any::<u64>()]);
    let limits = prop_oneof![1 => Just(vec![]), 9 => prop::collection::vec(limit(), 1..3)];
    (status, limits, retry_after).prop_map(|(status, limits, retry_after)| {
        let limits = if status.is_some() { limits } else { Vec::new() };
        let mut feedback = QuotaFeedback { status, limits, retry_after: retry_after.map(Duration::from_secs) };
        feedback.clamp(Duration::from_secs(300));
        feedback
    })
}

#[test]
fn the_quota_in_the_script_behaves_as_the_one_in_memory() {
    let step = prop_oneof![
        3 => (0..15_000u64).prop_map(QuotaStep::Wait),
        8 => Just(QuotaStep::Acquire),
        6 => (any::<Index>(), feedback()).prop_map(|(which, feedback)| QuotaStep::Complete(which, feedback)),
        1 => feedback().prop_map(QuotaStep::RecordUngranted),
        1 => any::<Index>().prop_map(QuotaStep::Cancel),
        1 => (0..8u8).prop_map(|n| if n == 0 { QuotaStep::Reset } else { QuotaStep::Acquire }),
    ];
    // In memory Governor holds the quota by rule. The rule is so large that it never decides in this test.
    let rule = QuotaRule { per_minute: 60_000, burst: 60_000, hard: false, max_wait: Duration::from_secs(300) };
    let cases = if std::env::var_os("CALCOM_LONG").is_some() { 300 } else { 100 };
    for_histories(cases, prop::collection::vec(step, 1..100), async |store, name, steps| {
        let tenant = TenantId::new(name, &[]);
        let id = QuotaId { tenant, operation: None };
        let mut quota = QuotaState::default();
        let mut now = START;
        let mut in_flight: Vec<(QuotaGrant, QuotaGrant, u64)> = Vec::new();
        for step in steps {
            store.now.store(now, Ordering::Relaxed);
            // Requests in flight for longer than their lease are covered by the simulation below.
            let is_late = in_flight.iter().any(|(_, _, since)| now - since >= 60_000);
            match step {
                QuotaStep::Wait(millis) => now += millis,
                QuotaStep::Acquire if is_late => {}
                QuotaStep::Acquire => {
                    let exported = QuotaState::default().export(now);
                    let local = quota.try_acquire(now, rule.max_wait_millis());
                    let remote = store.acquire_quota(&id, &exported, &rule).await.unwrap().0;
                    match (local, remote) {
                        (QuotaDecision::Granted(local), QuotaDecision::Granted(remote)) => {
                            prop_assert_eq!(local.at, remote.at);
                            in_flight.push((local, remote, now));
                        }
                        (local, remote) => prop_assert_eq!(local, remote),
                    }
                }
                QuotaStep::Complete(which, feedback) if !in_flight.is_empty() => {
                    let (local, remote, _) = in_flight.swap_remove(which.index(in_flight.len()));
                    quota.complete(local, &feedback, now);
                    store.record_quota(&id, Some(remote), Some(&feedback)).await.unwrap();
                }
                QuotaStep::RecordUngranted(feedback) => {
                    quota.record(now, &feedback, now);
                    store.record_quota(&id, None, Some(&feedback)).await.unwrap();
                }
                QuotaStep::Cancel(which) if !in_flight.is_empty() => {
                    let (_, remote, _) = in_flight.swap_remove(which.index(in_flight.len()));
                    quota.cancel();
                    store.record_quota(&id, Some(remote), None).await.unwrap();
                }
                QuotaStep::Reset => {
                    quota.reset();
                    store.reset_quota(&tenant).await.unwrap();
                }
                QuotaStep::Complete(..) | QuotaStep::Cancel(_) => {}
            }
            store.now.store(now, Ordering::Relaxed);
            if in_flight.iter().all(|(_, _, since)| now - since < 60_000) {
                let remote = store.inspect_quota(&tenant).await.unwrap();
                let local = Some((None, quota.snapshot(now))).filter(|(_, snapshot)| !snapshot.is_empty());
                prop_assert_eq!(Vec::from_iter(local), remote);
            }
        }
        Ok(())
    });
}

/// Two processes have different bounds of a wait. A block that one stores lasts no longer than the bound of the other.
#[tokio::test]
async fn in_the_script_a_block_longer_than_the_bound_ends_at_the_bound() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let limit = RateLimit {
            limit: Some(120),
            remaining: Some(0),
            reset: Some(Duration::from_secs(1_000_000)),
            ..RateLimit::named("Default")
        };
        let blocked = QuotaFeedback { status: Some(429), limits: vec![], retry_after: limit.reset };
        let used_up = QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None };
        for (name, feedback) in [("blocked", blocked), ("used up", used_up)] {
            let id = QuotaId { tenant: TenantId::new(name, &[]), operation: None };
            let rule = QuotaRule { per_minute: 600, burst: 600, hard: false, max_wait: Duration::from_secs(300) };
            store.record_quota(&id, None, Some(&feedback)).await.unwrap();
            let ask = async |after| {
                store.now.store(START + after, Ordering::Relaxed);
                store.acquire_quota(&id, &QuotaState::default().export(START), &rule).await.unwrap().0
            };
            assert_eq!(ask(0).await, QuotaDecision::RetryAfter(300_010), "{name}");
            assert!(matches!(ask(300_010).await, QuotaDecision::Granted(_)), "{name}");
            store.now.store(START, Ordering::Relaxed);
        }
    })
    .await;
}

#[test]
fn in_the_script_a_reported_limit_is_never_exceeded_and_a_quota_recovers_within_one_window() {
    let plans = prop_oneof![
        simulation::truthful_plans().prop_map(|plan| (plan, true)),
        simulation::garbled_plans().prop_map(|plan| (plan, false))
    ];
    let rule = QuotaRule { per_minute: 60_000, burst: 60_000, hard: false, max_wait: simulation::MAX_WAIT };
    for_histories(60, plans, async |store, name, (plan, is_right)| {
        let id = QuotaId { tenant: TenantId::new(name, &[]), operation: None };
        let exported = QuotaState::default().export(0);
        let ask = async |now| {
            store.now.store(now, Ordering::Relaxed);
            store.acquire_quota(&id, &exported, &rule).await.unwrap().0
        };
        let complete = async |grant, feedback: QuotaFeedback, now| {
            store.now.store(now, Ordering::Relaxed);
            store.record_quota(&id, Some(grant), Some(&feedback)).await.unwrap();
        };
        let outcome = simulation::play(&plan, START, ask, complete).await;
        prop_assert!(outcome.rejected == 0 || !is_right, "{:?}", outcome);
        prop_assert!(outcome.longest_pause <= rule.max_wait_millis() + 20, "{:?}", outcome);
        Ok(())
    });
}
