use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

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
    match lane.ask(now) {
        Turn::Go(grant) => grant,
        turn => panic!("no leave at {now}: {turn:?}"),
    }
}

#[test]
fn until_a_limit_is_told_ten_are_under_way_at_most() {
    let mut lane = Lane::default();
    let first = go(&mut lane, 0);
    (1..SLOW_START).for_each(|_| _ = go(&mut lane, 0));
    assert!(matches!(lane.ask(0), Turn::AfterAnswer(_)));
    lane.settle(first, &answer(200, "Default", 120, 119, 60), 50);
    assert_eq!((0..200).filter(|_| matches!(lane.ask(50), Turn::Go(_))).count(), 110);
}

#[test]
fn nothing_left_closes_the_gate_until_the_reset() {
    let mut lane = Lane::default();
    let grant = go(&mut lane, 0);
    lane.settle(grant, &answer(200, "Default", 120, 0, 7), 100);
    assert_eq!(lane.ask(100), Turn::In(7_010));
    assert!(matches!(lane.ask(7_110), Turn::Go(_)));
}

#[test]
fn a_429_closes_the_gate_until_the_latest_reset_and_no_later_answer_opens_it() {
    let mut lane = Lane::default();
    let (early, late) = (go(&mut lane, 0), go(&mut lane, 0));
    let mut refusal = answer(429, "Burst", 2, 0, 10);
    refusal.limits.extend(answer(429, "Long", 5, 0, 60).limits);
    lane.settle(late, &refusal, 100);
    lane.settle(early, &answer(200, "Long", 5, 1, 60), 200);
    assert_eq!(lane.ask(200), Turn::In(59_910));
}

#[test]
fn a_429_that_tells_nothing_closes_the_gate_for_longer_each_time() {
    let mut lane = Lane::default();
    let mut waits = Vec::new();
    let mut now = 0;
    for _ in 0..8 {
        let grant = go(&mut lane, now);
        lane.settle(grant, &Answer { status: Some(429), ..Answer::default() }, now);
        let Turn::In(wait) = lane.ask(now) else { panic!("open") };
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
    assert!((0..100).all(|_| matches!(lane.ask(1), Turn::Go(_))));
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
                match lane.ask(now) {
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
