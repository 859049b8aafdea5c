//! Many requests against the service's rule, event by event, with leave from a lane in memory or in a script.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// The longest wait that is believed.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);

/// How many requests go how, and to what service.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    limit: u64,
    window: u64,
    tasks: usize,
    trips: Vec<Trip>,
}

/// How one of them goes: milliseconds to the service and back, and what becomes of the answer.
#[derive(Debug, Clone)]
struct Trip {
    there: u64,
    back: u64,
    is_lost: bool,
    noise: Noise,
}

/// What others put into an answer.
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

/// Plans in which the service's own words always come through.
pub(crate) fn told_rightly() -> impl Strategy<Value = Plan> {
    // A proxy's limits, of which one that is used up closes the lane too: rarely.
    let beside = prop_oneof![
        20 => Just(Noise::Beside(Vec::new())),
        1 => garbage(&["", "minute", "hour"]).prop_map(Noise::Beside),
    ];
    plans(beside.boxed())
}

/// Plans in which anything may come.
pub(crate) fn garbled() -> impl Strategy<Value = Plan> {
    let retry_after = prop::option::weighted(0.2, any::<u64>());
    let noise = prop_oneof![
        2 => garbage(&["", "minute"]).prop_map(Noise::Beside),
        3 => (garbage(&["", "Default", "default"]), retry_after)
            .prop_map(|(limits, retry_after)| Noise::InPlace(limits, retry_after)),
    ];
    plans(noise.boxed())
}

fn plans(noise: BoxedStrategy<Noise>) -> impl Strategy<Value = Plan> {
    let trip = (1..400u64, 1..400u64, 0..50u8, noise).prop_map(|(there, back, fate, noise)| Trip {
        there,
        back,
        is_lost: fate == 0,
        noise,
    });
    (1..=20u64, 5_000..60_000u64, 1..40usize, prop::collection::vec(trip, 40..140))
        .prop_map(|(limit, window, tasks, trips)| Plan { limit, window, tasks, trips })
}

/// So many requests in a fixed window that begins with the first, then a block, during which requests count towards a
/// window of their own.
struct Service {
    limit: u64,
    window: u64,
    hits: u64,
    ends: u64,
    blocked_until: u64,
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
        let refused = now < self.blocked_until;
        let left = if refused { self.blocked_until } else { self.ends } - now;
        let limit = RateLimit {
            limit: Some(self.limit),
            remaining: Some(if refused { 0 } else { self.limit - self.hits }),
            reset: Some(Duration::from_secs(left.div_ceil(1_000))),
            ..RateLimit::named("Default")
        };
        Answer { status: Some(if refused { 429 } else { 200 }), limits: vec![limit], retry_after: None }
    }
}

/// What came of a plan.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Requests that the service refused though they were sent after it had told its limit.
    pub(crate) refused: u64,
    /// The longest time in which nothing was under way and no leave was given, in milliseconds.
    pub(crate) longest_silence: u64,
}

/// A lane that is closed for ever must end a test, and not only its patience.
fn assert_goes_on(now: u64, since: u64) {
    assert!(now - since < 10 * millis(LONGEST), "nothing is under way, and nothing goes");
}

enum Event {
    Arrival(Trip),
    Return(Answer),
}

/// Plays a plan from `start` on.
pub(crate) async fn play(
    plan: &Plan,
    start: u64,
    mut ask: impl AsyncFnMut(u64) -> Turn,
    mut settle: impl AsyncFnMut(Grant, Answer, u64),
) -> Outcome {
    let Plan { limit, window, tasks, .. } = *plan;
    let mut service = Service { limit, window, hits: 0, ends: 0, blocked_until: 0 };
    let mut outcome = Outcome::default();
    let mut trips = plan.trips.iter().cloned();
    let mut next = trips.next();
    let mut events: Vec<(u64, Grant, Event)> = Vec::new();
    let (mut now, mut told_at, mut silent_since) = (start, None, None);
    while next.is_some() || !events.is_empty() {
        let mut wake = u64::MAX;
        while events.len() < tasks
            && let Some(trip) = next.take()
        {
            match ask(now).await {
                Turn::Go(grant) => {
                    if let Some(since) = silent_since.take() {
                        outcome.longest_silence = outcome.longest_silence.max(now - since);
                    }
                    events.push((now + trip.there, grant, Event::Arrival(trip)));
                    next = trips.next();
                }
                Turn::In(wait) | Turn::AfterAnswer(wait) => {
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
                let mut answer = service.hit(now);
                // A block of which nobody was told is none that was told rightly.
                let is_lost = trip.is_lost && answer.status != Some(429);
                if answer.status == Some(429) && told_at.is_some_and(|told| grant.at > told) {
                    outcome.refused += 1;
                }
                match trip.noise {
                    Noise::Beside(limits) => answer.limits.extend(limits),
                    Noise::InPlace(limits, retry_after) => {
                        (answer.limits, answer.retry_after) = (limits, retry_after.map(Duration::from_secs));
                    }
                }
                let answer = if is_lost { Answer::default() } else { answer };
                events.push((now + trip.back, grant, Event::Return(answer)));
            }
            Event::Return(mut answer) => {
                answer.bound(LONGEST);
                if answer.status.is_some() {
                    told_at.get_or_insert(now);
                }
                settle(grant, answer, now).await;
            }
        }
    }
    // And in the end, with nothing under way.
    let since = now;
    while let Turn::In(wait) | Turn::AfterAnswer(wait) = ask(now).await {
        assert!(wait > 0, "asked again at once, and again");
        now += wait;
        assert_goes_on(now, since);
    }
    outcome.longest_silence = outcome.longest_silence.max(now - since);
    outcome
}
