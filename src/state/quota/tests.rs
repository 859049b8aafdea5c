use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// The longest wait that is believed.
const LONGEST: u64 = 300_000;

fn answer(status: u16, name: &str, most: u64, left: u64, reset: u64) -> Answer {
    let limit = RateLimit {
        limit: Some(most),
        remaining: Some(left),
        reset: Some(Duration::from_secs(reset)),
        ..RateLimit::named(name)
    };
    Answer { status: Some(status), limits: vec![limit], retry_after: None }
}

fn go(lane: &mut Lane, now: u64) -> Grant {
    match lane.ask(now, LONGEST) {
        Turn::Go(grant) => grant,
        turn => panic!("no leave at {now}: {turn:?}"),
    }
}

#[test]
fn until_a_limit_is_told_ten_are_under_way_at_most() {
    let mut lane = Lane::default();
    let first = go(&mut lane, 0);
    (1..SLOW_START).for_each(|_| _ = go(&mut lane, 0));
    assert!(matches!(lane.ask(0, LONGEST), Turn::AfterAnswer(_)));
    lane.settle(first, &answer(200, "Default", 120, 119, 60), 50);
    assert_eq!((0..200).filter(|_| matches!(lane.ask(50, LONGEST), Turn::Go(_))).count(), 110);
}

#[test]
fn nothing_left_closes_the_gate_until_the_reset() {
    let mut lane = Lane::default();
    let grant = go(&mut lane, 0);
    lane.settle(grant, &answer(200, "Default", 120, 0, 7), 100);
    assert_eq!(lane.ask(100, LONGEST), Turn::In(7_010));
    assert!(matches!(lane.ask(7_110, LONGEST), Turn::Go(_)));
}

#[test]
fn a_429_closes_the_gate_until_the_latest_reset_and_no_later_answer_opens_it() {
    let mut lane = Lane::default();
    let (early, late) = (go(&mut lane, 0), go(&mut lane, 0));
    let mut refusal = answer(429, "Burst", 2, 0, 10);
    refusal.limits.extend(answer(429, "Long", 5, 0, 60).limits);
    lane.settle(late, &refusal, 100);
    lane.settle(early, &answer(200, "Long", 5, 1, 60), 200);
    assert_eq!(lane.ask(200, LONGEST), Turn::In(59_910));
}

#[test]
fn a_429_that_tells_nothing_closes_the_gate_for_longer_each_time() {
    let mut lane = Lane::default();
    let mut waits = Vec::new();
    let mut now = 0;
    for _ in 0..8 {
        let grant = go(&mut lane, now);
        lane.settle(grant, &Answer { status: Some(429), ..Answer::default() }, now);
        let Turn::In(wait) = lane.ask(now, LONGEST) else { panic!("open") };
        waits.push(wait / 1_000);
        now += wait;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn a_service_that_tells_no_limit_is_not_slowed_down_for_ever() {
    let mut lane = Lane::default();
    let grant = go(&mut lane, 0);
    lane.settle(grant, &Answer { status: Some(200), ..Answer::default() }, 1);
    assert!((0..100).all(|_| matches!(lane.ask(1, LONGEST), Turn::Go(_))));
}

/// The service's rule: so many requests in a fixed window that begins with the first, then a block, during which
/// requests count towards a window of their own.
struct Service {
    limit: u64,
    window: u64,
    hits: u64,
    ends: u64,
    blocked_until: u64,
    refused: u64,
}

impl Service {
    fn hit(&mut self, now: u64) -> Answer {
        if now >= self.ends {
            (self.hits, self.ends) = (0, now + self.window);
        }
        self.hits += 1;
        if now >= self.blocked_until && self.hits > self.limit {
            self.blocked_until = now + self.window;
        }
        if now < self.blocked_until {
            self.refused += 1;
            return answer(429, "Default", self.limit, 0, (self.blocked_until - now).div_ceil(1_000));
        }
        answer(200, "Default", self.limit, self.limit - self.hits, (self.ends - now).div_ceil(1_000))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Requests take their time to the service and back, overtake each other, and are lost.
    #[test]
    fn however_answers_come_in_the_service_never_refuses_and_its_quota_is_used(
        limit in 20..200u64,
        delays in prop::collection::vec((1..400u64, 1..400u64, 0..50u8), 64),
        tasks in 1..80usize,
    ) {
        let window = 60_000;
        let mut service = Service { limit, window, hits: 0, ends: 0, blocked_until: 0, refused: 0 };
        let mut lane = Lane::default();
        let (mut now, mut sent, mut lost) = (0u64, 0usize, 0u64);
        // (when, what): arrivals at the service, then answers at the lane.
        let mut events: VecDeque<(u64, Option<Answer>, Grant, u64, bool)> = VecDeque::new();
        let insert = |events: &mut VecDeque<_>, event: (u64, Option<Answer>, Grant, u64, bool)| {
            let at = events.iter().position(|other: &(u64, _, _, _, _)| other.0 > event.0).unwrap_or(events.len());
            events.insert(at, event);
        };
        let total = limit as usize * 6;
        while sent < total || !events.is_empty() {
            let mut wake = u64::MAX;
            while sent < total && events.len() < tasks {
                match lane.ask(now, LONGEST) {
                    Turn::Go(grant) => {
                        let (there, back, fate) = delays[sent % delays.len()];
                        insert(&mut events, (now + there, None, grant, back, fate == 0));
                        sent += 1;
                    }
                    Turn::In(wait) => {
                        wake = now + wait;
                        break;
                    }
                    Turn::AfterAnswer(wait) => {
                        wake = now + wait;
                        break;
                    }
                }
            }
            let next = events.front().map_or(u64::MAX, |event| event.0);
            now = wake.min(next);
            prop_assert!(now < u64::MAX, "waits for ever");
            if next <= wake && let Some((_, answer, grant, back, is_lost)) = events.pop_front() {
                match answer {
                    None => {
                        let answer = service.hit(now);
                        let answer = if is_lost { Answer::default() } else { answer };
                        lost += u64::from(is_lost);
                        insert(&mut events, (now + back, Some(answer), grant, 0, false));
                    }
                    Some(answer) => lane.settle(grant, &answer, now),
                }
            }
        }
        prop_assert_eq!(service.refused, 0);
        let windows = now as f64 / window as f64;
        let round_trip = 800.0 * (total as f64 / tasks as f64) / window as f64;
        let used = sent as f64 / limit as f64;
        prop_assert!(
            windows <= (used + lost as f64 / limit as f64) * 1.05 + round_trip + 0.1,
            "{windows} windows for {used} quotas, {lost} lost"
        );
    }
}

/// A plan played with a lane in memory.
fn played(plan: &simulation::Plan) -> simulation::Outcome {
    let lane = std::cell::RefCell::new(Lane::default());
    let ask = async |now| lane.borrow_mut().ask(now, LONGEST);
    let settle = async |grant, answer: Answer, now| lane.borrow_mut().settle(grant, &answer, now);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(simulation::play(plan, 0, ask, settle))
}

/// The ends of the range, and anything between them.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(u64::MAX), 1 => Just(u64::MAX - 1), 1 => Just(0), 1 => 0..100_000u64, 2 => any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_limit_that_is_told_is_never_overrun_and_a_lane_recovers_within_one_window(plan in simulation::told_rightly()) {
        let outcome = played(&plan);
        prop_assert_eq!(outcome.refused, 0);
        prop_assert!(outcome.longest_silence <= LONGEST + 2 * MARGIN_MILLIS, "{:?}", outcome);
    }

    #[test]
    fn whatever_is_told_a_lane_recovers_within_one_window(plan in simulation::garbled()) {
        let outcome = played(&plan);
        prop_assert!(outcome.longest_silence <= LONGEST + 2 * MARGIN_MILLIS, "{:?}", outcome);
    }

    /// Numbers that no [`Answer::bound`] has seen.
    #[test]
    fn no_number_is_too_large_for_a_lane(
        steps in prop::collection::vec((number(), number(), number(), number(), 0..6u8), 1..30),
        longest in number(),
    ) {
        let mut lane = Lane::default();
        let mut now = 0u64;
        for (most, left, reset, wait, what) in steps {
            now = now.saturating_add(wait);
            let grant = match lane.ask(now, longest) {
                Turn::Go(grant) => grant,
                Turn::In(_) | Turn::AfterAnswer(_) => Grant { at: most, id: 0 },
            };
            let status = if what == 0 { 429 } else { 200 };
            let mut told = answer(status, if what == 2 { "a" } else { "b" }, most, left, reset);
            told.retry_after = (what == 3).then_some(Duration::MAX);
            let told = if what > 3 { Answer::default() } else { told };
            lane.learn(grant.at, &told, now);
            lane.hear(left);
            lane.closed_for(now);
            lane.export(now);
        }
    }
}

#[test]
fn a_quota_used_up_without_a_reset_is_tried_by_one_request_after_a_minute() {
    let mut lane = Lane::default();
    let silent = |left| {
        let limit = RateLimit { limit: Some(5), remaining: Some(left), ..RateLimit::named("minute") };
        Answer { status: Some(200), limits: vec![limit], retry_after: None }
    };
    let grant = go(&mut lane, 0);
    lane.settle(grant, &silent(0), 100);
    assert_eq!(lane.ask(1_000, LONGEST), Turn::In(59_110));
    let probe = go(&mut lane, 60_110);
    assert!(matches!(lane.ask(60_110, LONGEST), Turn::AfterAnswer(_)), "one finds out, the others wait");
    lane.settle(probe, &silent(3), 60_200);
    (0..3).for_each(|_| _ = go(&mut lane, 60_200));
    assert!(matches!(lane.ask(60_200, LONGEST), Turn::AfterAnswer(_)));
}

#[test]
fn a_limit_that_is_no_longer_told_is_forgotten_after_its_window() {
    let mut lane = Lane::default();
    let grant = go(&mut lane, 0);
    let limit = RateLimit { limit: Some(5), remaining: Some(0), ..RateLimit::named("") };
    lane.settle(grant, &Answer { status: Some(200), limits: vec![limit], retry_after: None }, 100);
    let probe = go(&mut lane, 60_110);
    lane.settle(probe, &Answer { status: Some(200), ..Answer::default() }, 60_200);
    assert!((0..100).all(|_| matches!(lane.ask(60_200, LONGEST), Turn::Go(_))));
}

#[test]
fn more_refusals_than_the_limit_do_not_close_a_lane_for_ever() {
    let mut lane = Lane::default();
    let first = go(&mut lane, 0);
    lane.settle(first, &answer(200, "Default", 5, 4, 60), 10);
    // Others know nothing of this lane, and knock.
    for _ in 0..20 {
        lane.learn(20, &answer(429, "Default", 5, 0, 60), 20);
    }
    assert_eq!(lane.ask(30, LONGEST), Turn::In(60_000));
    let probe = go(&mut lane, 60_030);
    assert!(matches!(lane.ask(60_030, LONGEST), Turn::AfterAnswer(_)), "the service may have counted them");
    lane.settle(probe, &answer(200, "Default", 5, 4, 60), 60_040);
    assert_eq!((0..20).filter(|_| matches!(lane.ask(60_050, LONGEST), Turn::Go(_))).count(), 4);
}

#[test]
fn refusals_of_one_moment_that_tell_nothing_are_one_refusal() {
    let mut lane = Lane::default();
    let grants: Vec<_> = (0..SLOW_START).map(|_| go(&mut lane, 0)).collect();
    for grant in grants {
        lane.settle(grant, &Answer { status: Some(429), ..Answer::default() }, 10);
    }
    assert_eq!(lane.ask(10, LONGEST), Turn::In(1_000));
    // One finds out whether it is over.
    let probe = go(&mut lane, 1_010);
    assert!(matches!(lane.ask(1_010, LONGEST), Turn::AfterAnswer(_)));
    lane.settle(probe, &Answer { status: Some(404), ..Answer::default() }, 1_020);
    (0..SLOW_START).for_each(|_| _ = go(&mut lane, 1_020));
}

#[test]
fn a_wait_is_bounded_and_the_longest_one_cut_is_told_where_it_closes() {
    let longest = Duration::from_secs(300);
    let limit = |name, remaining, reset| RateLimit {
        limit: Some(u64::MAX),
        remaining: Some(remaining),
        reset: Some(Duration::from_secs(reset)),
        ..RateLimit::named(name)
    };
    let day = limit("day", 4_000, 80_000);
    let mut room = Answer { status: Some(200), limits: vec![day.clone()], retry_after: None };
    assert_eq!(room.bound(longest), None, "it closes nothing");
    assert_eq!((room.limits[0].reset, room.limits[0].limit), (Some(longest), Some(LARGEST_QUOTA)));
    let mut none = Answer {
        status: Some(429),
        limits: vec![day, limit("hour", 0, 3_000)],
        retry_after: Some(Duration::from_secs(2_000)),
    };
    assert_eq!(none.bound(longest), Some(Duration::from_secs(3_000)));
    assert_eq!((none.limits[1].reset, none.retry_after), (Some(longest), Some(longest)));
}

#[test]
fn a_lane_closed_for_longer_than_is_believed_opens_after_what_is() {
    let mut lane = Lane::default();
    lane.learn(0, &answer(429, "Default", 120, 0, 1_000_000), 0);
    assert_eq!(lane.ask(0, LONGEST), Turn::In(LONGEST + MARGIN_MILLIS));
    go(&mut lane, LONGEST + MARGIN_MILLIS);
}

#[test]
fn leave_from_a_lane_that_knows_better_opens_this_one() {
    let mut lane = Lane::default();
    lane.learn(0, &answer(429, "Default", 120, 0, 60), 0);
    assert!(lane.closed_for(10).is_some());
    let grant = lane.begin_with_leave(10);
    assert_eq!(lane.closed_for(10), None);
    lane.settle(grant, &answer(200, "Default", 120, 119, 60), 20);
    go(&mut lane, 20);
}

#[test]
fn a_lost_request_may_have_opened_the_window_as_late_as_it_was_given_up() {
    let mut lane = Lane::default();
    let first = go(&mut lane, 0);
    lane.settle(first, &answer(200, "Default", 1, 0, 9), 2);
    let lost = go(&mut lane, 9_012);
    lane.settle(lost, &Answer::default(), 9_412);
    assert_eq!(lane.ask(9_412, LONGEST), Turn::In(9_010));
}
