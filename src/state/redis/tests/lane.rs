//! The lane of the script and the one in memory, asked and told the same; and the script against the service's rule.

use super::*;
use crate::state::quota::simulation;

#[derive(Debug, Clone)]
enum QuotaStep {
    Wait(u64),
    Ask,
    Settle(Index, Answer),
    /// An answer to a request without this lane's leave.
    Learn(Answer),
    GiveBack(Index),
    Reset,
}

/// A limit with any of its numbers, or without.
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

fn answer() -> impl Strategy<Value = Answer> {
    let status = prop_oneof![8 => Just(Some(200)), 3 => Just(Some(429)), 1 => Just(Some(404)), 1 => Just(None)];
    let retry_after = prop::option::weighted(0.1, prop_oneof![4 => 0..30u64, 1 => any::<u64>()]);
    let limits = prop_oneof![1 => Just(vec![]), 9 => prop::collection::vec(limit(), 1..3)];
    (status, limits, retry_after).prop_map(|(status, limits, retry_after)| {
        let limits = if status.is_some() { limits } else { Vec::new() };
        let mut answer = Answer { status, limits, retry_after: retry_after.map(Duration::from_secs) };
        answer.bound(Duration::from_secs(300));
        answer
    })
}

#[test]
fn the_lane_in_the_script_is_the_one_in_memory() {
    let step = prop_oneof![
        3 => (0..15_000u64).prop_map(QuotaStep::Wait),
        8 => Just(QuotaStep::Ask),
        6 => (any::<Index>(), answer()).prop_map(|(which, answer)| QuotaStep::Settle(which, answer)),
        1 => answer().prop_map(QuotaStep::Learn),
        1 => any::<Index>().prop_map(QuotaStep::GiveBack),
        1 => (0..8u8).prop_map(|n| if n == 0 { QuotaStep::Reset } else { QuotaStep::Ask }),
    ];
    // Governor has the quota by rule in memory; here it must never be what decides.
    let rule = QuotaRule { per_minute: 60_000, burst: 60_000, firm: false, max_wait: Duration::from_secs(300) };
    for_histories(300, prop::collection::vec(step, 1..100), async |store, name, steps| {
        let scope = Scope::new(name, &[]);
        let id = LaneId { scope, operation: None };
        let mut lane = Lane::default();
        let mut now = START;
        let mut under_way: Vec<(Grant, Grant, u64)> = Vec::new();
        for step in steps {
            store.now.store(now, Ordering::Relaxed);
            // Requests under way longer than their lease are another matter: see below.
            let is_late = under_way.iter().any(|(_, _, since)| now - since >= 60_000);
            match step {
                QuotaStep::Wait(millis) => now += millis,
                QuotaStep::Ask if is_late => {}
                QuotaStep::Ask => {
                    let known = Lane::default().export(now);
                    let here = lane.ask(now, rule.max_wait_millis());
                    let there = store.ask_quota(&id, &known, &rule).await.unwrap().0;
                    match (here, there) {
                        (Turn::Go(here), Turn::Go(there)) => {
                            prop_assert_eq!(here.at, there.at);
                            under_way.push((here, there, now));
                        }
                        (here, there) => prop_assert_eq!(here, there),
                    }
                }
                QuotaStep::Settle(which, answer) if !under_way.is_empty() => {
                    let (here, there, _) = under_way.swap_remove(which.index(under_way.len()));
                    lane.settle(here, &answer, now);
                    store.settle_quota(&id, Some(there), Some(&answer)).await.unwrap();
                }
                QuotaStep::Learn(answer) => {
                    lane.learn(now, &answer, now);
                    store.settle_quota(&id, None, Some(&answer)).await.unwrap();
                }
                QuotaStep::GiveBack(which) if !under_way.is_empty() => {
                    let (_, there, _) = under_way.swap_remove(which.index(under_way.len()));
                    lane.give_back();
                    store.settle_quota(&id, Some(there), None).await.unwrap();
                }
                QuotaStep::Reset => {
                    lane.reset();
                    store.reset_quota(&scope).await.unwrap();
                }
                QuotaStep::Settle(..) | QuotaStep::GiveBack(_) => {}
            }
            store.now.store(now, Ordering::Relaxed);
            if under_way.iter().all(|(_, _, since)| now - since < 60_000) {
                let there = store.view_quota(&scope).await.unwrap();
                let here = Some((None, lane.view(now))).filter(|(_, view)| !view.is_empty());
                prop_assert_eq!(Vec::from_iter(here), there);
            }
        }
        Ok(())
    });
}

/// One process believes longer waits than another: what it left there closes no lane for longer than the other believes.
#[tokio::test]
async fn in_the_script_too_a_lane_closed_for_longer_than_is_believed_opens_after_what_is() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let limit = RateLimit {
            limit: Some(120),
            remaining: Some(0),
            reset: Some(Duration::from_secs(1_000_000)),
            ..RateLimit::named("Default")
        };
        let blocked = Answer { status: Some(429), limits: vec![], retry_after: limit.reset };
        let used_up = Answer { status: Some(200), limits: vec![limit], retry_after: None };
        for (name, answer) in [("blocked", blocked), ("used up", used_up)] {
            let id = LaneId { scope: Scope::new(name, &[]), operation: None };
            let rule = QuotaRule { per_minute: 600, burst: 600, firm: false, max_wait: Duration::from_secs(300) };
            store.settle_quota(&id, None, Some(&answer)).await.unwrap();
            let ask = async |after| {
                store.now.store(START + after, Ordering::Relaxed);
                store.ask_quota(&id, &Lane::default().export(START), &rule).await.unwrap().0
            };
            assert_eq!(ask(0).await, Turn::In(300_010), "{name}");
            assert!(matches!(ask(300_010).await, Turn::Go(_)), "{name}");
            store.now.store(START, Ordering::Relaxed);
        }
    })
    .await;
}

#[test]
fn in_the_script_too_a_limit_that_is_told_is_never_overrun_and_a_lane_recovers_within_one_window() {
    let plans = prop_oneof![
        simulation::told_rightly().prop_map(|plan| (plan, true)),
        simulation::garbled().prop_map(|plan| (plan, false))
    ];
    let rule = QuotaRule { per_minute: 60_000, burst: 60_000, firm: false, max_wait: simulation::LONGEST };
    for_histories(60, plans, async |store, name, (plan, is_right)| {
        let id = LaneId { scope: Scope::new(name, &[]), operation: None };
        let known = Lane::default().export(0);
        let ask = async |now| {
            store.now.store(now, Ordering::Relaxed);
            store.ask_quota(&id, &known, &rule).await.unwrap().0
        };
        let settle = async |grant, answer: Answer, now| {
            store.now.store(now, Ordering::Relaxed);
            store.settle_quota(&id, Some(grant), Some(&answer)).await.unwrap();
        };
        let outcome = simulation::play(&plan, START, ask, settle).await;
        prop_assert!(outcome.refused == 0 || !is_right, "{:?}", outcome);
        prop_assert!(outcome.longest_silence <= rule.max_wait_millis() + 20, "{:?}", outcome);
        Ok(())
    });
}
