//! The circuit breaker as a bare state machine: closed, open, half-open, and what moves it from one to the other.
//!
//! It holds no clock and no lock. Time comes in as milliseconds of the caller's clock, so that the same rules can be
//! held in a process or in a script on a Redis server, and be tested through hours in a moment. Who asks it, and what
//! counts as a failure, is the pipeline's business.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where the circuit breaker stands.
///
/// In JSON, and as text, in the documented words: `CLOSED`, `OPEN`, `HALF_OPEN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CircuitState {
    /// Requests go through.
    Closed,
    /// Requests are refused without being sent.
    Open,
    /// A few requests go through, to find out whether the service is back; the others are refused.
    HalfOpen,
}

impl CircuitState {
    /// The state in the documented words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Open => "OPEN",
            Self::HalfOpen => "HALF_OPEN",
        }
    }
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When the breaker opens, for how long, and what closes it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitRules {
    /// So many failures in a row open it.
    pub failures: u32,
    /// So many successes while half-open close it.
    pub successes: u32,
    /// How long it stays open.
    pub open_for: Duration,
    /// How many requests may be under way at once while half-open.
    pub probes: u32,
}

impl CircuitRules {
    pub(crate) fn open_for_millis(&self) -> u64 {
        // Scripts count in floating point: a hundred years are as good as for ever.
        const LONGEST: u64 = 100 * 365 * 24 * 60 * 60 * 1_000;
        self.open_for.as_millis().try_into().unwrap_or(LONGEST).min(LONGEST)
    }
}

/// What a call told about the health of what a breaker watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is up.
    Success,
    /// It is not.
    Failure,
    /// Nothing: an attempt that is made again, one that the caller gave up, or one that told of something else.
    Neither,
}

/// The leave to send one request; goes back with [`Circuit::settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Counts the states the breaker has gone through: what was admitted in an earlier one says nothing about this one.
    pub generation: u64,
    /// Names the probe while half-open; 0 for the rest.
    pub probe: u64,
}

impl Pass {
    /// That of a breaker that did not exist, because it had nothing to remember. It counts for one that is closed.
    pub(crate) const UNKNOWN: Self = Self { generation: 0, probe: 0 };
}

/// The refusal to send one, and for how many milliseconds it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Milliseconds until it is worth asking again.
    pub retry_after: u64,
}

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitView {
    /// Where it stands.
    pub state: CircuitState,
    /// How often it has changed.
    pub generation: u64,
    /// How long it stays open, where it is.
    pub open_for: Duration,
    /// Whether failures have been counted since the last success.
    pub has_failures: bool,
}

impl CircuitView {
    /// One that has nothing to remember.
    pub(crate) const CLOSED: Self =
        Self { state: CircuitState::Closed, generation: 0, open_for: Duration::ZERO, has_failures: false };
}

/// How the breakers of a tenant stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitViews {
    /// The tenant's own.
    pub tenant: CircuitView,
    /// Those of its operations that have something to remember, by the operation's id.
    pub operations: Vec<(&'static str, CircuitView)>,
}

impl CircuitViews {
    /// How an operation's breaker stands, if it has something to remember.
    pub(crate) fn operation(&self, id: &str) -> Option<CircuitView> {
        self.operations.iter().find(|(known, _)| *known == id).map(|(_, view)| *view)
    }
}

/// How long to tell those to wait who find all probes under way.
pub(crate) const PROBING_MILLIS: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed { failures: u32 },
    Open { until: u64 },
    HalfOpen { successes: u32, under_way: u32 },
}

/// The breaker's state machine.
#[derive(Debug, Clone)]
pub(crate) struct Circuit {
    rules: CircuitRules,
    phase: Phase,
    generation: u64,
}

impl Circuit {
    pub(crate) fn new(rules: CircuitRules) -> Self {
        Self { rules, phase: Phase::Closed { failures: 0 }, generation: 1 }
    }

    /// One that begins to exist at `now`. Its generations are not those of one that existed before.
    pub(crate) fn beginning(rules: CircuitRules, now: u64) -> Self {
        Self { generation: now.max(1), ..Self::new(rules) }
    }

    /// How it stands at `now`.
    pub(crate) fn view(&self, now: u64) -> CircuitView {
        CircuitView {
            state: self.state(now),
            generation: self.generation,
            open_for: Duration::from_millis(self.open_for(now)),
            has_failures: matches!(self.phase, Phase::Closed { failures } if failures > 0),
        }
    }

    /// Where it stands at `now`. One whose time is up is half-open, though no probe has gone out yet.
    pub(crate) fn state(&self, now: u64) -> CircuitState {
        match self.phase {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::Open { until } if now < until => CircuitState::Open,
            Phase::Open { .. } | Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// Whether it is closed and has nothing to remember.
    pub(crate) fn is_at_rest(&self) -> bool {
        matches!(self.phase, Phase::Closed { failures: 0 })
    }

    /// How many milliseconds it stays open.
    fn open_for(&self, now: u64) -> u64 {
        match self.phase {
            Phase::Open { until } => until.saturating_sub(now),
            Phase::Closed { .. } | Phase::HalfOpen { .. } => 0,
        }
    }

    pub(crate) fn admit(&mut self, now: u64) -> Result<Pass, Refused> {
        if let Phase::Open { until } = self.phase {
            if now < until {
                return Err(Refused { retry_after: until - now });
            }
            self.enter(Phase::HalfOpen { successes: 0, under_way: 0 });
        }
        let mut probe = 0;
        if let Phase::HalfOpen { under_way, .. } = &mut self.phase {
            if *under_way >= self.rules.probes.max(1) {
                return Err(Refused { retry_after: PROBING_MILLIS });
            }
            *under_way += 1;
            probe = 1;
        }
        Ok(Pass { generation: self.generation, probe })
    }

    /// Takes a pass back, with what came of it.
    pub(crate) fn settle(&mut self, pass: Pass, verdict: Verdict, now: u64) {
        let is_closed = matches!(self.phase, Phase::Closed { .. });
        if pass.generation != self.generation && !(pass == Pass::UNKNOWN && is_closed) {
            return;
        }
        match (&mut self.phase, verdict) {
            (Phase::Closed { failures }, Verdict::Success) => *failures = 0,
            (Phase::Closed { failures }, Verdict::Failure) => {
                *failures = failures.saturating_add(1);
                if *failures >= self.rules.failures.max(1) {
                    self.open(now);
                }
            }
            (Phase::HalfOpen { .. }, Verdict::Failure) => self.open(now),
            (Phase::HalfOpen { successes, under_way }, verdict) => {
                *under_way = under_way.saturating_sub(1);
                if verdict == Verdict::Success {
                    *successes += 1;
                    if *successes >= self.rules.successes.max(1) {
                        self.enter(Phase::Closed { failures: 0 });
                    }
                }
            }
            (Phase::Closed { .. }, Verdict::Neither) | (Phase::Open { .. }, _) => {}
        }
    }

    /// Learns from a request that another breaker let through: one shared between processes, of which this one is the
    /// stand-in.
    #[cfg_attr(not(feature = "redis"), allow(dead_code))]
    pub(crate) fn observe(&mut self, verdict: Verdict, now: u64) {
        if verdict == Verdict::Success && !matches!(self.phase, Phase::Closed { .. }) {
            self.enter(Phase::Closed { failures: 0 });
        }
        let pass = Pass { generation: self.generation, probe: 0 };
        self.settle(pass, verdict, now);
    }

    pub(crate) fn reset(&mut self) {
        self.enter(Phase::Closed { failures: 0 });
    }

    fn open(&mut self, now: u64) {
        self.enter(Phase::Open { until: now.saturating_add(self.rules.open_for_millis()) });
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation = self.generation.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
