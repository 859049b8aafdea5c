//! The circuit breaker as a pure state machine: closed, open, half-open, and the transitions between them.
//!
//! It holds no clock and no lock. Time is passed in as milliseconds of the caller's clock. The same rules therefore run in a
//! process and in a script on a Redis server, and a test covers hours without waiting. The pipeline decides when to ask the
//! breaker and what counts as a failure.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// State of a circuit breaker.
///
/// JSON and text use the documented words: `CLOSED`, `OPEN`, `HALF_OPEN`.
///
/// ```
/// use calcom::CircuitState;
///
/// assert_eq!(CircuitState::HalfOpen.to_string(), "HALF_OPEN");
/// assert_eq!(serde_json::to_string(&CircuitState::Open).unwrap(), r#""OPEN""#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CircuitState {
    /// Requests are sent.
    Closed,
    /// Requests are rejected without being sent.
    Open,
    /// A few requests are sent as probes, to find out whether the service is up again. All others are rejected.
    HalfOpen,
}

impl CircuitState {
    /// Returns the documented word for the state.
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

/// Thresholds and durations of a circuit breaker.
///
/// [`CircuitId`](super::CircuitId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitSettings {
    /// Consecutive failures that open a closed breaker.
    pub failure_threshold: u32,
    /// Successes that close a half-open breaker.
    pub success_threshold: u32,
    /// How long the breaker stays open.
    pub open_duration: Duration,
    /// Largest number of probes in flight while half-open.
    pub max_probes: u32,
}

impl CircuitSettings {
    pub(crate) fn open_millis(&self) -> u64 {
        // Scripts compute in floating point, which is exact for a hundred years of milliseconds.
        const MAX_OPEN_MILLIS: u64 = 100 * 365 * 24 * 60 * 60 * 1_000;
        self.open_duration.as_millis().try_into().unwrap_or(MAX_OPEN_MILLIS).min(MAX_OPEN_MILLIS)
    }
}

/// The signal of a call to a breaker: the service is up, it is down, or nothing.
///
/// [`CircuitId`](super::CircuitId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthSignal {
    /// It is up.
    Success,
    /// It is down.
    Failure,
    /// The call shows nothing: its attempt is retried, the caller gave up, or the outcome concerns another breaker.
    Ignored,
}

/// Permission to send one request; [`StateStore::record_circuit`](super::StateStore::record_circuit) takes it back.
///
/// [`CircuitId`](super::CircuitId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// The breaker's generation at admission. The outcome counts only while the breaker has the same generation.
    pub generation: u64,
    /// The number of the probe while half-open; 0 otherwise.
    pub probe: u64,
}

impl Admission {
    /// The admission of a request whose operation had no stored breaker. Its outcome counts only if the breaker is closed when
    /// it is recorded.
    pub(crate) const UNTRACKED: Self = Self { generation: 0, probe: 0 };
}

/// Rejection of a request by a breaker.
///
/// [`CircuitId`](super::CircuitId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitRejection {
    /// Milliseconds until the next request may be admitted.
    pub retry_after: u64,
}

/// State of one breaker at one time.
///
/// [`CircuitId`](super::CircuitId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitSnapshot {
    /// The state.
    pub state: CircuitState,
    /// How many transitions the breaker has made.
    pub generation: u64,
    /// How long the breaker stays open; zero if it is not open.
    pub open_for: Duration,
    /// Whether failures have been counted since the last success.
    pub has_failures: bool,
}

impl CircuitSnapshot {
    /// Snapshot of a breaker that is not stored.
    pub(crate) const CLOSED: Self =
        Self { state: CircuitState::Closed, generation: 0, open_for: Duration::ZERO, has_failures: false };
}

/// State of all breakers of a tenant at one time.
///
/// [`CircuitId`](super::CircuitId) has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitSnapshots {
    /// The breaker of all of the tenant's requests.
    pub tenant: CircuitSnapshot,
    /// The stored breakers of its operations, by operation id.
    pub operations: Vec<(&'static str, CircuitSnapshot)>,
}

impl CircuitSnapshots {
    /// Returns the breaker of an operation, if it is stored.
    pub(crate) fn operation(&self, id: &str) -> Option<CircuitSnapshot> {
        self.operations.iter().find(|(operation, _)| *operation == id).map(|(_, snapshot)| *snapshot)
    }
}

/// Wait reported to requests that find all probes in flight.
pub(crate) const PROBE_RETRY_MILLIS: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed { failures: u32 },
    Open { until: u64 },
    HalfOpen { successes: u32, in_flight: u32 },
}

/// State machine of one circuit breaker.
#[derive(Debug, Clone)]
pub(crate) struct Circuit {
    settings: CircuitSettings,
    phase: Phase,
    generation: u64,
}

impl Circuit {
    pub(crate) fn new(settings: CircuitSettings) -> Self {
        Self { settings, phase: Phase::Closed { failures: 0 }, generation: 1 }
    }

    /// Creates a breaker at `now`. Its generations differ from those of a breaker that existed before under the same id.
    pub(crate) fn new_at(settings: CircuitSettings, now: u64) -> Self {
        Self { generation: now.max(1), ..Self::new(settings) }
    }

    pub(crate) fn snapshot(&self, now: u64) -> CircuitSnapshot {
        CircuitSnapshot {
            state: self.state(now),
            generation: self.generation,
            open_for: Duration::from_millis(self.open_for(now)),
            has_failures: matches!(self.phase, Phase::Closed { failures } if failures > 0),
        }
    }

    /// Returns the state at `now`. A breaker whose open time has passed is half-open, even if it has admitted no probe yet.
    pub(crate) fn state(&self, now: u64) -> CircuitState {
        match self.phase {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::Open { until } if now < until => CircuitState::Open,
            Phase::Open { .. } | Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// Returns the state at `now`. A breaker whose open time has passed stays half-open, also for a thread that has read the clock
    /// earlier.
    pub(crate) fn observe(&mut self, now: u64) -> CircuitState {
        if matches!(self.phase, Phase::Open { until } if until <= now) {
            self.transition(Phase::HalfOpen { successes: 0, in_flight: 0 });
        }
        self.state(now)
    }

    /// Whether the breaker is closed, and no failure has been counted since the last success. A breaker of an operation in this
    /// state is not stored.
    pub(crate) fn is_pristine(&self) -> bool {
        matches!(self.phase, Phase::Closed { failures: 0 })
    }

    /// Milliseconds for which the breaker stays open.
    fn open_for(&self, now: u64) -> u64 {
        match self.phase {
            Phase::Open { until } => until.saturating_sub(now),
            Phase::Closed { .. } | Phase::HalfOpen { .. } => 0,
        }
    }

    /// Admits one request, or returns the time after which to try again.
    pub(crate) fn admit(&mut self, now: u64) -> Result<Admission, CircuitRejection> {
        if let Phase::Open { until } = self.phase {
            if now < until {
                return Err(CircuitRejection { retry_after: until - now });
            }
            self.transition(Phase::HalfOpen { successes: 0, in_flight: 0 });
        }
        let mut probe = 0;
        if let Phase::HalfOpen { in_flight, .. } = &mut self.phase {
            if *in_flight >= self.settings.max_probes.max(1) {
                return Err(CircuitRejection { retry_after: PROBE_RETRY_MILLIS });
            }
            *in_flight += 1;
            probe = 1;
        }
        Ok(Admission { generation: self.generation, probe })
    }

    /// Takes an admission back and records the outcome of its request.
    pub(crate) fn record(&mut self, admission: Admission, signal: HealthSignal, now: u64) {
        let is_closed = matches!(self.phase, Phase::Closed { .. });
        if admission.generation != self.generation && !(admission == Admission::UNTRACKED && is_closed) {
            return;
        }
        match (&mut self.phase, signal) {
            (Phase::Closed { failures }, HealthSignal::Success) => *failures = 0,
            (Phase::Closed { failures }, HealthSignal::Failure) => {
                *failures = failures.saturating_add(1);
                if *failures >= self.settings.failure_threshold.max(1) {
                    self.open(now);
                }
            }
            (Phase::HalfOpen { .. }, HealthSignal::Failure) => self.open(now),
            (Phase::HalfOpen { successes, in_flight }, signal) => {
                *in_flight = in_flight.saturating_sub(1);
                if signal == HealthSignal::Success {
                    *successes += 1;
                    if *successes >= self.settings.success_threshold.max(1) {
                        self.transition(Phase::Closed { failures: 0 });
                    }
                }
            }
            (Phase::Closed { .. }, HealthSignal::Ignored) | (Phase::Open { .. }, _) => {}
        }
    }

    /// Records the outcome of a request that the shared breaker admitted. This breaker replaces the shared one while the
    /// store is unavailable.
    #[cfg_attr(not(feature = "redis"), allow(dead_code))]
    pub(crate) fn record_external(&mut self, signal: HealthSignal, now: u64) {
        if signal == HealthSignal::Success && !matches!(self.phase, Phase::Closed { .. }) {
            self.transition(Phase::Closed { failures: 0 });
        }
        let admission = Admission { generation: self.generation, probe: 0 };
        self.record(admission, signal, now);
    }

    pub(crate) fn reset(&mut self) {
        self.transition(Phase::Closed { failures: 0 });
    }

    fn open(&mut self, now: u64) {
        self.transition(Phase::Open { until: now.saturating_add(self.settings.open_millis()) });
    }

    fn transition(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation = self.generation.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
