//! Simulates many requests against the service's rule, event by event. A quota in memory or in a script grants them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// Upper bound of every wait.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(300);

/// Requests of a simulation, and the service that they are sent to.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    limit: u64,
    window: u64,
    tasks: usize,
    trips: Vec<Trip>,
}

/// One request: milliseconds to the service and back, and what happens to the response.
#[derive(Debug, Clone)]
struct Trip {
    outbound: u64,
    inbound: u64,
    is_lost: bool,
    noise: Noise,
}

/// Limits that a proxy adds to a response.
#[derive(Debug, Clone)]
enum Noise {
    Beside(Vec<RateLimit>),
    InPlace(Vec<RateLimit>, Option<u64>),
}

/// Any numbers, or none.
fn garbage(names: &'static [&'static str]) -> impl Strategy<Value = Vec<RateLimit>> {
    let number = || {
        let some = prop_oneof![4 => 0..30u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
        prop::option::weighted(0.7, some)
    };
    let limit =
        (prop::sample::select(names), number(), number(), number()).prop_map(|(name, limit, remaining, reset)| {
            RateLimit { limit, remaining, reset: reset.map(Duration::from_secs), ..RateLimit::named(name) }
        });
    prop::collection::vec(limit, 0..3)
}

/// Plans in which the service's own limits always arrive.
pub(crate) fn truthful_plans() -> impl Strategy<Value = Plan> {
    // An exhausted limit of a proxy blocks the quota too. Rare.
    let beside = prop_oneof![
        20 => Just(Noise::Beside(Vec::new())),
        1 => garbage(&["", "minute", "hour"]).prop_map(Noise::Beside),
    ];
    plans(beside.boxed())
}

/// Plans in which a response may report anything.
pub(crate) fn garbled_plans() -> impl Strategy<Value = Plan> {
    let retry_after = prop::option::weighted(0.2, any::<u64>());
    let noise = prop_oneof![
        2 => garbage(&["", "minute"]).prop_map(Noise::Beside),
        3 => (garbage(&["", "Default", "default"]), retry_after)
            .prop_map(|(limits, retry_after)| Noise::InPlace(limits, retry_after)),
    ];
    plans(noise.boxed())
}

fn plans(noise: BoxedStrategy<Noise>) -> impl Strategy<Value = Plan> {
    let trip = (1..400u64, 1..400u64, 0..50u8, noise).prop_map(|(outbound, inbound, fate, noise)| Trip {
        outbound,
        inbound,
        is_lost: fate == 0,
        noise,
    });
    (1..=20u64, 5_000..60_000u64, 1..40usize, prop::collection::vec(trip, 40..140))
        .prop_map(|(limit, window, tasks, trips)| Plan { limit, window, tasks, trips })
}

/// The service's rule: a limit of requests in a fixed window that starts with the first, then a block. Requests during the
/// block count towards a window of their own.
struct SimulatedService {
    limit: u64,
    window: u64,
    hits: u64,
    ends: u64,
    blocked_until: u64,
}

impl SimulatedService {
    fn hit(&mut self, now: u64) -> QuotaFeedback {
        if now >= self.ends {
            (self.hits, self.ends) = (0, now + self.window);
        }
        self.hits += 1;
        if now >= self.blocked_until && self.hits > self.limit {
            self.blocked_until = now + self.window;
        }
        let refused = now < self.blocked_until;
        let left = if refused { self.blocked_until } else { self.ends } - now;
        let limit = RateLimit {
            limit: Some(self.limit),
            remaining: Some(if refused { 0 } else { self.limit - self.hits }),
            reset: Some(Duration::from_secs(left.div_ceil(1_000))),
            ..RateLimit::named("Default")
        };
        QuotaFeedback { status: Some(if refused { 429 } else { 200 }), limits: vec![limit], retry_after: None }
    }
}

/// Result of a plan.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Requests that the service rejected although they were sent after it had reported its limit.
    pub(crate) rejected: u64,
    /// Longest time without a request in flight and without a grant, in milliseconds.
    pub(crate) longest_pause: u64,
}

/// Fails the test if a quota stays blocked: otherwise the simulation would not end.
fn assert_goes_on(now: u64, since: u64) {
    assert!(now - since < 10 * millis(MAX_WAIT), "no request is in flight, and none is granted");
}

enum Event {
    Arrival(Trip),
    Return(QuotaFeedback),
}

/// Plays a plan from `start` on.
pub(crate) async fn play(
    plan: &Plan,
    start: u64,
    mut ask: impl AsyncFnMut(u64) -> QuotaDecision,
    mut complete: impl AsyncFnMut(QuotaGrant, QuotaFeedback, u64),
) -> Outcome {
    let Plan { limit, window, tasks, .. } = *plan;
    let mut service = SimulatedService { limit, window, hits: 0, ends: 0, blocked_until: 0 };
    let mut outcome = Outcome::default();
    let mut trips = plan.trips.iter().cloned();
    let mut next = trips.next();
    let mut events: Vec<(u64, QuotaGrant, Event)> = Vec::new();
    let (mut now, mut reported_at, mut silent_since) = (start, None, None);
    while next.is_some() || !events.is_empty() {
        let mut wake = u64::MAX;
        while events.len() < tasks
            && let Some(trip) = next.take()
        {
            match ask(now).await {
                QuotaDecision::Granted(grant) => {
                    if let Some(since) = silent_since.take() {
                        outcome.longest_pause = outcome.longest_pause.max(now - since);
                    }
                    events.push((now + trip.outbound, grant, Event::Arrival(trip)));
                    next = trips.next();
                }
                QuotaDecision::RetryAfter(wait) | QuotaDecision::RetryAfterResponse(wait) => {
                    assert!(wait > 0, "asked again at once, and again");
                    if events.is_empty() {
                        assert_goes_on(now, *silent_since.get_or_insert(now));
                    }
                    wake = now + wait;
                    next = Some(trip);
                    break;
                }
            }
        }
        let first = (0..events.len()).min_by_key(|at| events[*at].0);
        let Some(at) = first.filter(|at| events[*at].0 <= wake) else {
            now = wake;
            continue;
        };
        let (then, grant, event) = events.swap_remove(at);
        now = now.max(then);
        match event {
            Event::Arrival(trip) => {
                let mut feedback = service.hit(now);
                // A block that was not reported yet does not count against the quota.
                let is_lost = trip.is_lost && feedback.status != Some(429);
                if feedback.status == Some(429) && reported_at.is_some_and(|reported| grant.at > reported) {
                    outcome.rejected += 1;
                }
                match trip.noise {
                    Noise::Beside(limits) => feedback.limits.extend(limits),
                    Noise::InPlace(limits, retry_after) => {
                        (feedback.limits, feedback.retry_after) = (limits, retry_after.map(Duration::from_secs));
                    }
                }
                let feedback = if is_lost { QuotaFeedback::default() } else { feedback };
                events.push((now + trip.inbound, grant, Event::Return(feedback)));
            }
            Event::Return(mut feedback) => {
                feedback.clamp(MAX_WAIT);
                if feedback.status.is_some() {
                    reported_at.get_or_insert(now);
                }
                complete(grant, feedback, now).await;
            }
        }
    }
    // At the end, without requests in flight.
    let since = now;
    while let QuotaDecision::RetryAfter(wait) | QuotaDecision::RetryAfterResponse(wait) = ask(now).await {
        assert!(wait > 0, "asked again at once, and again");
        now += wait;
        assert_goes_on(now, since);
    }
    outcome.longest_pause = outcome.longest_pause.max(now - since);
    outcome
}
