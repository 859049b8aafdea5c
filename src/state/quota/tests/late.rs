//! Threads that are late: a request's end is recorded after others that ended later.

use super::*;

#[test]
fn a_request_without_a_response_counts_after_an_earlier_one_that_is_recorded_later() {
    let mut quota = QuotaState::default();
    let [first, lost, other, told] = [0, 50, 60, 110].map(|now| acquire(&mut quota, now));
    quota.complete(first, &feedback(200, "Default", 10, 9, 60), 100);
    // Its thread was late: it ended before the request that is recorded first.
    quota.complete(other, &QuotaFeedback::default(), 200);
    quota.complete(lost, &QuotaFeedback::default(), 105);
    // Sent before the later one ended: it need not be among what the service has counted.
    quota.complete(told, &feedback(200, "Default", 10, 7, 60), 210);
    let granted = (0..10).filter(|_| matches!(quota.try_acquire(210, MAX_WAIT), QuotaDecision::Granted(_))).count();
    assert_eq!(granted, 5);
}

#[test]
fn a_first_limit_counts_requests_without_a_response_that_ended_after_its_request_was_sent() {
    let mut quota = QuotaState::default();
    let [lost, other, told] = [50, 60, 110].map(|now| acquire(&mut quota, now));
    quota.complete(other, &QuotaFeedback::default(), 200);
    quota.complete(lost, &QuotaFeedback::default(), 105);
    quota.complete(told, &feedback(200, "Default", 10, 9, 60), 210);
    let granted = (0..10).filter(|_| matches!(quota.try_acquire(210, MAX_WAIT), QuotaDecision::Granted(_))).count();
    assert_eq!(granted, 7);
}

#[test]
fn a_rejection_that_is_recorded_late_makes_no_earlier_one_of_the_last() {
    let mut quota = QuotaState::default();
    let rejection = QuotaFeedback { status: Some(429), limits: Vec::new(), retry_after: None };
    let [one, other, third] = [0, 0, 60].map(|now| acquire(&mut quota, now));
    quota.complete(one, &rejection, 100);
    quota.complete(other, &QuotaFeedback { retry_after: Some(Duration::ZERO), ..rejection.clone() }, 50);
    // It was in flight when the first one blocked the quota.
    quota.complete(third, &rejection, 120);
    assert_eq!(quota.exhausted_for(100), Some(1_000));
}

/// Plays a plan with threads that are late: some ends are recorded after others that were later.
fn play_late(plan: &simulation::Plan, delays: &[u64]) -> simulation::Outcome {
    let quota = std::cell::RefCell::new(QuotaState::default());
    let late = std::cell::RefCell::new(Vec::<(u64, QuotaGrant, QuotaFeedback, u64)>::new());
    let ask = async |now| {
        let mut late = late.borrow_mut();
        late.sort_by_key(|(due, ..)| *due);
        while late.first().is_some_and(|(due, ..)| *due <= now) {
            let (_, grant, feedback, ended) = late.remove(0);
            quota.borrow_mut().complete(grant, &feedback, ended);
        }
        quota.borrow_mut().try_acquire(now, MAX_WAIT)
    };
    let count = std::cell::Cell::new(0);
    let complete = async |grant, feedback: QuotaFeedback, now| {
        count.set(count.get() + 1);
        // The first ones are in time: until then more than the limit are sent.
        let delay = if count.get() < 40 { 0 } else { delays[count.get() % delays.len()] };
        late.borrow_mut().push((now + delay, grant, feedback, now));
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(simulation::play(plan, 0, ask, complete))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reported_limit_is_not_exceeded_by_threads_that_are_late(
        plan in simulation::truthful_plans(),
        delays in prop::collection::vec(prop_oneof![2 => Just(0), 2 => 0..50u64, 1 => 0..3_000u64], 16),
    ) {
        prop_assert_eq!(play_late(&plan, &delays).rejected, 0);
    }
}
