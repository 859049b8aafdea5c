mod late;

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// Upper bound of every wait, in milliseconds.
const MAX_WAIT: u64 = 300_000;

fn feedback(status: u16, name: &str, most: u64, left: u64, reset: u64) -> QuotaFeedback {
    let limit = RateLimit {
        limit: Some(most),
        remaining: Some(left),
        reset: Some(Duration::from_secs(reset)),
        ..RateLimit::named(name)
    };
    QuotaFeedback { status: Some(status), limits: vec![limit], retry_after: None }
}

fn acquire(quota: &mut QuotaState, now: u64) -> QuotaGrant {
    match quota.try_acquire(now, MAX_WAIT) {
        QuotaDecision::Granted(grant) => grant,
        decision => panic!("no grant at {now}: {decision:?}"),
    }
}

#[test]
fn until_a_limit_is_reported_at_most_ten_requests_are_in_flight() {
    let mut quota = QuotaState::default();
    let first = acquire(&mut quota, 0);
    (1..SLOW_START).for_each(|_| _ = acquire(&mut quota, 0));
    assert!(matches!(quota.try_acquire(0, MAX_WAIT), QuotaDecision::RetryAfterResponse(_)));
    quota.complete(first, &feedback(200, "Default", 120, 119, 60), 50);
    assert_eq!((0..200).filter(|_| matches!(quota.try_acquire(50, MAX_WAIT), QuotaDecision::Granted(_))).count(), 110);
}

#[test]
fn an_exhausted_limit_blocks_until_its_reset() {
    let mut quota = QuotaState::default();
    let grant = acquire(&mut quota, 0);
    quota.complete(grant, &feedback(200, "Default", 120, 0, 7), 100);
    assert_eq!(quota.try_acquire(100, MAX_WAIT), QuotaDecision::RetryAfter(7_010));
    assert!(matches!(quota.try_acquire(7_110, MAX_WAIT), QuotaDecision::Granted(_)));
}

#[test]
fn a_429_blocks_until_the_latest_reset_whatever_later_responses_report() {
    let mut quota = QuotaState::default();
    let (early, late) = (acquire(&mut quota, 0), acquire(&mut quota, 0));
    let mut rejection = feedback(429, "Burst", 2, 0, 10);
    rejection.limits.extend(feedback(429, "Long", 5, 0, 60).limits);
    quota.complete(late, &rejection, 100);
    quota.complete(early, &feedback(200, "Long", 5, 1, 60), 200);
    assert_eq!(quota.try_acquire(200, MAX_WAIT), QuotaDecision::RetryAfter(59_910));
}

#[test]
fn a_429_without_a_reset_blocks_for_longer_each_time() {
    let mut quota = QuotaState::default();
    let mut waits = Vec::new();
    let mut now = 0;
    for _ in 0..8 {
        let grant = acquire(&mut quota, now);
        quota.complete(grant, &QuotaFeedback { status: Some(429), ..QuotaFeedback::default() }, now);
        let QuotaDecision::RetryAfter(wait) = quota.try_acquire(now, MAX_WAIT) else { panic!("open") };
        waits.push(wait / 1_000);
        now += wait;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn only_a_response_to_a_request_after_a_rejection_ends_the_doubling_of_waits_without_a_reset() {
    let with_status = |status| QuotaFeedback { status: Some(status), ..QuotaFeedback::default() };
    let mut quota = QuotaState::default();
    let (early, rejected) = (acquire(&mut quota, 0), acquire(&mut quota, 0));
    quota.complete(rejected, &with_status(429), 10);
    quota.complete(early, &with_status(200), 20);
    let rejected = acquire(&mut quota, 1_010);
    quota.complete(rejected, &with_status(429), 1_010);
    assert_eq!(quota.try_acquire(1_010, MAX_WAIT), QuotaDecision::RetryAfter(2_000));
    let accepted = acquire(&mut quota, 3_010);
    quota.complete(accepted, &with_status(200), 3_010);
    let rejected = acquire(&mut quota, 3_010);
    quota.complete(rejected, &with_status(429), 3_010);
    assert_eq!(quota.try_acquire(3_010, MAX_WAIT), QuotaDecision::RetryAfter(1_000));
}

#[test]
fn a_service_that_reports_no_limit_ends_the_slow_start() {
    let mut quota = QuotaState::default();
    let grant = acquire(&mut quota, 0);
    quota.complete(grant, &QuotaFeedback { status: Some(200), ..QuotaFeedback::default() }, 1);
    assert!((0..100).all(|_| matches!(quota.try_acquire(1, MAX_WAIT), QuotaDecision::Granted(_))));
}

/// The service's rule: a limit of requests in a fixed window that starts with the first, then a block. Requests during the
/// block count towards a window of their own.
struct Service {
    limit: u64,
    window: u64,
    hits: u64,
    ends: u64,
    blocked_until: u64,
    rejected: u64,
}

impl Service {
    fn hit(&mut self, now: u64) -> QuotaFeedback {
        if now >= self.ends {
            (self.hits, self.ends) = (0, now + self.window);
        }
        self.hits += 1;
        if now >= self.blocked_until && self.hits > self.limit {
            self.blocked_until = now + self.window;
        }
        if now < self.blocked_until {
            self.rejected += 1;
            return feedback(429, "Default", self.limit, 0, (self.blocked_until - now).div_ceil(1_000));
        }
        feedback(200, "Default", self.limit, self.limit - self.hits, (self.ends - now).div_ceil(1_000))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Requests take different times to the service and back, overtake each other, and are lost.
    #[test]
    fn in_whatever_order_responses_arrive_the_service_rejects_nothing_and_its_quota_is_used(
        limit in 20..200u64,
        delays in prop::collection::vec((1..400u64, 1..400u64, 0..50u8), 64),
        tasks in 1..80usize,
    ) {
        let window = 60_000;
        let mut service = Service { limit, window, hits: 0, ends: 0, blocked_until: 0, rejected: 0 };
        let mut quota = QuotaState::default();
        let (mut now, mut sent, mut lost) = (0u64, 0usize, 0u64);
        // Times of arrivals at the service, then of responses at the quota.
        let mut events: VecDeque<(u64, Option<QuotaFeedback>, QuotaGrant, u64, bool)> = VecDeque::new();
        let insert = |events: &mut VecDeque<_>, event: (u64, Option<QuotaFeedback>, QuotaGrant, u64, bool)| {
            let at = events.iter().position(|other: &(u64, _, _, _, _)| other.0 > event.0).unwrap_or(events.len());
            events.insert(at, event);
        };
        let total = limit as usize * 6;
        while sent < total || !events.is_empty() {
            let mut wake = u64::MAX;
            while sent < total && events.len() < tasks {
                match quota.try_acquire(now, MAX_WAIT) {
                    QuotaDecision::Granted(grant) => {
                        let (outbound, inbound, fate) = delays[sent % delays.len()];
                        insert(&mut events, (now + outbound, None, grant, inbound, fate == 0));
                        sent += 1;
                    }
                    QuotaDecision::RetryAfter(wait) => {
                        wake = now + wait;
                        break;
                    }
                    QuotaDecision::RetryAfterResponse(wait) => {
                        wake = now + wait;
                        break;
                    }
                }
            }
            let next = events.front().map_or(u64::MAX, |event| event.0);
            now = wake.min(next);
            prop_assert!(now < u64::MAX, "waits without an end");
            if next <= wake && let Some((_, feedback, grant, back, is_lost)) = events.pop_front() {
                match feedback {
                    None => {
                        let feedback = service.hit(now);
                        let feedback = if is_lost { QuotaFeedback::default() } else { feedback };
                        lost += u64::from(is_lost);
                        insert(&mut events, (now + back, Some(feedback), grant, 0, false));
                    }
                    Some(feedback) => quota.complete(grant, &feedback, now),
                }
            }
        }
        prop_assert_eq!(service.rejected, 0);
        let windows = now as f64 / window as f64;
        let round_trip = 800.0 * (total as f64 / tasks as f64) / window as f64;
        let used = sent as f64 / limit as f64;
        prop_assert!(
            windows <= (used + lost as f64 / limit as f64) * 1.05 + round_trip + 0.1,
            "{windows} windows for {used} quotas, {lost} lost"
        );
    }
}

/// Plays a plan with a quota in memory.
fn play(plan: &simulation::Plan) -> simulation::Outcome {
    let quota = std::cell::RefCell::new(QuotaState::default());
    let ask = async |now| quota.borrow_mut().try_acquire(now, MAX_WAIT);
    let complete = async |grant, feedback: QuotaFeedback, now| quota.borrow_mut().complete(grant, &feedback, now);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(simulation::play(plan, 0, ask, complete))
}

/// The ends of the range, and anything between them.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(u64::MAX), 1 => Just(u64::MAX - 1), 1 => Just(0), 1 => 0..100_000u64, 2 => any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reported_limit_is_never_exceeded_and_a_quota_recovers_within_one_window(plan in simulation::truthful_plans()) {
        let outcome = play(&plan);
        prop_assert_eq!(outcome.rejected, 0);
        prop_assert!(outcome.longest_pause <= MAX_WAIT + 2 * MARGIN_MILLIS, "{:?}", outcome);
    }

    #[test]
    fn a_quota_recovers_within_one_window_whatever_is_reported(plan in simulation::garbled_plans()) {
        let outcome = play(&plan);
        prop_assert!(outcome.longest_pause <= MAX_WAIT + 2 * MARGIN_MILLIS, "{:?}", outcome);
    }

    /// Numbers without the bounds of [`QuotaFeedback::clamp`].
    #[test]
    fn no_number_is_too_large_for_a_quota(
        steps in prop::collection::vec((number(), number(), number(), number(), 0..6u8), 1..30),
        longest in number(),
    ) {
        let mut quota = QuotaState::default();
        let mut now = 0u64;
        for (most, left, reset, wait, what) in steps {
            now = now.saturating_add(wait);
            let grant = match quota.try_acquire(now, longest) {
                QuotaDecision::Granted(grant) => grant,
                QuotaDecision::RetryAfter(_) | QuotaDecision::RetryAfterResponse(_) => QuotaGrant { at: most, id: 0 },
            };
            let status = if what == 0 { 429 } else { 200 };
            let mut reported = feedback(status, if what == 2 { "a" } else { "b" }, most, left, reset);
            reported.retry_after = (what == 3).then_some(Duration::MAX);
            let reported = if what > 3 { QuotaFeedback::default() } else { reported };
            quota.record(grant.at, &reported, now);
            quota.set_total_in_flight(left);
            quota.exhausted_for(now);
            quota.export(now);
        }
    }
}

#[test]
fn an_exhausted_quota_without_a_reset_is_probed_by_one_request_after_a_minute() {
    let mut quota = QuotaState::default();
    let without_reset = |left| {
        let limit = RateLimit { limit: Some(5), remaining: Some(left), ..RateLimit::named("minute") };
        QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None }
    };
    let grant = acquire(&mut quota, 0);
    quota.complete(grant, &without_reset(0), 100);
    assert_eq!(quota.try_acquire(1_000, MAX_WAIT), QuotaDecision::RetryAfter(59_110));
    let probe = acquire(&mut quota, 60_110);
    assert!(
        matches!(quota.try_acquire(60_110, MAX_WAIT), QuotaDecision::RetryAfterResponse(_)),
        "one request probes, the others wait"
    );
    quota.complete(probe, &without_reset(3), 60_200);
    (0..3).for_each(|_| _ = acquire(&mut quota, 60_200));
    assert!(matches!(quota.try_acquire(60_200, MAX_WAIT), QuotaDecision::RetryAfterResponse(_)));
}

#[test]
fn a_limit_that_is_no_longer_reported_is_removed_after_its_window() {
    let mut quota = QuotaState::default();
    let grant = acquire(&mut quota, 0);
    let limit = RateLimit { limit: Some(5), remaining: Some(0), ..RateLimit::named("") };
    quota.complete(grant, &QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None }, 100);
    let probe = acquire(&mut quota, 60_110);
    quota.complete(probe, &QuotaFeedback { status: Some(200), ..QuotaFeedback::default() }, 60_200);
    assert!((0..100).all(|_| matches!(quota.try_acquire(60_200, MAX_WAIT), QuotaDecision::Granted(_))));
}

#[test]
fn more_rejections_than_the_limit_do_not_block_a_quota_without_an_end() {
    let mut quota = QuotaState::default();
    let first = acquire(&mut quota, 0);
    quota.complete(first, &feedback(200, "Default", 5, 4, 60), 10);
    // Callers that do not share this quota send requests while it is blocked.
    for _ in 0..20 {
        quota.record(20, &feedback(429, "Default", 5, 0, 60), 20);
    }
    assert_eq!(quota.try_acquire(30, MAX_WAIT), QuotaDecision::RetryAfter(60_000));
    let probe = acquire(&mut quota, 60_030);
    assert!(
        matches!(quota.try_acquire(60_030, MAX_WAIT), QuotaDecision::RetryAfterResponse(_)),
        "the service may have counted them"
    );
    quota.complete(probe, &feedback(200, "Default", 5, 4, 60), 60_040);
    assert_eq!((0..20).filter(|_| matches!(quota.try_acquire(60_050, MAX_WAIT), QuotaDecision::Granted(_))).count(), 4);
}

#[test]
fn rejections_of_one_moment_without_a_reset_are_one_rejection() {
    let mut quota = QuotaState::default();
    let grants: Vec<_> = (0..SLOW_START).map(|_| acquire(&mut quota, 0)).collect();
    for grant in grants {
        quota.complete(grant, &QuotaFeedback { status: Some(429), ..QuotaFeedback::default() }, 10);
    }
    assert_eq!(quota.try_acquire(10, MAX_WAIT), QuotaDecision::RetryAfter(1_000));
    // One request finds out whether the block is over.
    let probe = acquire(&mut quota, 1_010);
    assert!(matches!(quota.try_acquire(1_010, MAX_WAIT), QuotaDecision::RetryAfterResponse(_)));
    quota.complete(probe, &QuotaFeedback { status: Some(404), ..QuotaFeedback::default() }, 1_020);
    (0..SLOW_START).for_each(|_| _ = acquire(&mut quota, 1_020));
}

#[test]
fn waits_are_bounded_and_the_longest_that_was_shortened_is_returned_if_it_blocks() {
    let max_wait = Duration::from_secs(300);
    let limit = |name, remaining, reset| RateLimit {
        limit: Some(u64::MAX),
        remaining: Some(remaining),
        reset: Some(Duration::from_secs(reset)),
        ..RateLimit::named(name)
    };
    let day = limit("day", 4_000, 80_000);
    let mut room = QuotaFeedback { status: Some(200), limits: vec![day.clone()], retry_after: None };
    assert_eq!(room.clamp(max_wait), None, "it blocks nothing");
    assert_eq!((room.limits[0].reset, room.limits[0].limit), (Some(max_wait), Some(MAX_LIMIT)));
    let mut none = QuotaFeedback {
        status: Some(429),
        limits: vec![day, limit("hour", 0, 3_000)],
        retry_after: Some(Duration::from_secs(2_000)),
    };
    assert_eq!(none.clamp(max_wait), Some(Duration::from_secs(3_000)));
    assert_eq!((none.limits[1].reset, none.retry_after), (Some(max_wait), Some(max_wait)));
}

#[test]
fn a_block_longer_than_the_bound_ends_at_the_bound() {
    let mut quota = QuotaState::default();
    quota.record(0, &feedback(429, "Default", 120, 0, 1_000_000), 0);
    assert_eq!(quota.try_acquire(0, MAX_WAIT), QuotaDecision::RetryAfter(MAX_WAIT + MARGIN_MILLIS));
    acquire(&mut quota, MAX_WAIT + MARGIN_MILLIS);
}

#[test]
fn a_grant_of_the_shared_quota_ends_the_block_of_this_one() {
    let mut quota = QuotaState::default();
    quota.record(0, &feedback(429, "Default", 120, 0, 60), 0);
    assert!(quota.exhausted_for(10).is_some());
    let grant = quota.start_external(10);
    assert_eq!(quota.exhausted_for(10), None);
    quota.complete(grant, &feedback(200, "Default", 120, 119, 60), 20);
    acquire(&mut quota, 20);
}

#[test]
fn an_unanswered_request_may_have_started_the_window_as_late_as_it_ended() {
    let mut quota = QuotaState::default();
    let first = acquire(&mut quota, 0);
    quota.complete(first, &feedback(200, "Default", 1, 0, 9), 2);
    let lost = acquire(&mut quota, 9_012);
    quota.complete(lost, &QuotaFeedback::default(), 9_412);
    assert_eq!(quota.try_acquire(9_412, MAX_WAIT), QuotaDecision::RetryAfter(9_010));
}

#[test]
fn a_new_limit_counts_requests_without_a_response_since_the_last_report() {
    let mut quota = QuotaState::default();
    let (lost, early, other) = (acquire(&mut quota, 0), acquire(&mut quota, 50), acquire(&mut quota, 60));
    quota.complete(lost, &QuotaFeedback::default(), 100);
    quota.complete(early, &feedback(200, "Default", 10, 9, 60), 110);
    quota.complete(other, &feedback(200, "Burst", 3, 2, 60), 120);
    acquire(&mut quota, 120);
    assert!(matches!(quota.try_acquire(120, MAX_WAIT), QuotaDecision::RetryAfterResponse(_)));
}

#[test]
fn requests_of_other_processes_take_at_most_half_of_a_limit() {
    let mut quota = QuotaState::default();
    let first = acquire(&mut quota, 0);
    quota.complete(first, &feedback(200, "Default", 10, 9, 60), 1);
    quota.set_total_in_flight(1_000);
    assert_eq!((0..20).filter(|_| matches!(quota.try_acquire(1, MAX_WAIT), QuotaDecision::Granted(_))).count(), 4);
}
