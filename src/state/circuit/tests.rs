use proptest::prelude::*;

use super::*;

const SETTINGS: CircuitSettings = CircuitSettings {
    failure_threshold: 5,
    success_threshold: 2,
    open_duration: Duration::from_secs(60),
    max_probes: 3,
};

fn fail(circuit: &mut Circuit, times: u32, now: u64) {
    for _ in 0..times {
        let admission = circuit.admit(now).unwrap();
        circuit.record(admission, HealthSignal::Failure, now);
    }
}

#[test]
fn an_ignored_signal_leaves_the_count_as_it_is() {
    let mut circuit = Circuit::new(SETTINGS);
    fail(&mut circuit, 4, 0);
    for _ in 0..100 {
        let admission = circuit.admit(0).unwrap();
        circuit.record(admission, HealthSignal::Ignored, 0);
    }
    assert_eq!(circuit.state(0), CircuitState::Closed);
    fail(&mut circuit, 1, 0);
    assert_eq!(circuit.state(0), CircuitState::Open);
}

#[test]
fn a_success_counts_towards_one_recovery_only() {
    let mut circuit = Circuit::new(SETTINGS);
    fail(&mut circuit, 5, 0);
    let probe = circuit.admit(60_000).unwrap();
    circuit.record(probe, HealthSignal::Success, 60_000);
    fail(&mut circuit, 1, 60_000);
    assert_eq!(circuit.state(60_000), CircuitState::Open);
    let probe = circuit.admit(120_000).unwrap();
    circuit.record(probe, HealthSignal::Success, 120_000);
    assert_eq!(circuit.state(120_000), CircuitState::HalfOpen, "the success before the relapse must not count");
}

#[test]
fn an_open_circuit_without_requests_does_not_close() {
    let mut circuit = Circuit::new(SETTINGS);
    fail(&mut circuit, 5, 0);
    let month = 30 * 24 * 3_600_000;
    assert_eq!(circuit.state(month), CircuitState::HalfOpen);
    let probe = circuit.admit(month).unwrap();
    circuit.record(probe, HealthSignal::Failure, month);
    assert_eq!(circuit.state(month), CircuitState::Open);
}

#[test]
fn a_response_to_a_request_before_the_outage_closes_nothing() {
    let mut circuit = Circuit::new(SETTINGS);
    let early = circuit.admit(0).unwrap();
    fail(&mut circuit, 5, 0);
    circuit.record(early, HealthSignal::Success, 1);
    assert_eq!(circuit.state(1), CircuitState::Open);
    let probe = circuit.admit(60_000).unwrap();
    circuit.record(early, HealthSignal::Failure, 60_000);
    assert_eq!(circuit.state(60_000), CircuitState::HalfOpen);
    circuit.record(probe, HealthSignal::Success, 60_000);
}

#[test]
fn outcomes_of_requests_that_the_shared_breaker_admitted_open_and_close_the_local_one() {
    let mut circuit = Circuit::new(SETTINGS);
    for _ in 0..4 {
        circuit.record_external(HealthSignal::Failure, 0);
    }
    assert_eq!(circuit.state(0), CircuitState::Closed);
    circuit.record_external(HealthSignal::Failure, 0);
    assert_eq!(circuit.state(0), CircuitState::Open);
    circuit.record_external(HealthSignal::Ignored, 1);
    assert_eq!(circuit.state(1), CircuitState::Open);
    circuit.record_external(HealthSignal::Success, 1);
    assert_eq!(circuit.state(1), CircuitState::Closed, "the shared breaker has admitted requests again");
}

/// A naive breaker: a list of eras. Each era keeps everything that happened in it, and each answer is derived from the whole
/// list.
#[derive(Debug)]
struct CircuitModel {
    settings: CircuitSettings,
    eras: Vec<Era>,
}

#[derive(Debug)]
struct Era {
    kind: CircuitState,
    since: u64,
    admitted: Vec<usize>,
    recorded: Vec<(usize, HealthSignal)>,
}

impl CircuitModel {
    fn new(settings: CircuitSettings) -> Self {
        let mut model = Self { settings, eras: Vec::new() };
        model.begin(CircuitState::Closed, 0);
        model
    }

    fn begin(&mut self, kind: CircuitState, since: u64) {
        self.eras.push(Era { kind, since, admitted: Vec::new(), recorded: Vec::new() });
    }

    fn era(&mut self) -> &mut Era {
        self.eras.last_mut().unwrap()
    }

    fn state(&mut self, now: u64) -> CircuitState {
        let open_for = self.settings.open_millis();
        let era = self.era();
        if era.kind == CircuitState::Open && now - era.since >= open_for { CircuitState::HalfOpen } else { era.kind }
    }

    fn admit(&mut self, id: usize, now: u64) -> bool {
        if self.state(now) == CircuitState::HalfOpen && self.era().kind == CircuitState::Open {
            self.begin(CircuitState::HalfOpen, now);
        }
        let probes = self.settings.max_probes as usize;
        let era = self.era();
        let in_flight = era.admitted.len() - era.recorded.len();
        let admitted = match era.kind {
            CircuitState::Closed => true,
            CircuitState::Open => false,
            CircuitState::HalfOpen => in_flight < probes,
        };
        if admitted {
            era.admitted.push(id);
        }
        admitted
    }

    fn record(&mut self, id: usize, signal: HealthSignal, now: u64) {
        let settings = self.settings;
        let era = self.era();
        if !era.admitted.contains(&id) {
            return;
        }
        era.recorded.push((id, signal));
        let said: Vec<HealthSignal> =
            era.recorded.iter().map(|(_, signal)| *signal).filter(|signal| *signal != HealthSignal::Ignored).collect();
        let in_a_row = said.iter().rev().take_while(|signal| **signal == HealthSignal::Failure).count();
        let successes = said.iter().filter(|signal| **signal == HealthSignal::Success).count();
        match era.kind {
            CircuitState::Closed if in_a_row >= settings.failure_threshold as usize => {
                self.begin(CircuitState::Open, now)
            }
            CircuitState::HalfOpen if in_a_row > 0 => self.begin(CircuitState::Open, now),
            CircuitState::HalfOpen if successes >= settings.success_threshold as usize => {
                self.begin(CircuitState::Closed, now)
            }
            _ => {}
        }
    }
}

#[derive(Debug, Clone)]
enum CircuitInput {
    Wait(u64),
    Admit,
    Record(prop::sample::Index, HealthSignal),
    Reset,
}

fn input() -> impl Strategy<Value = CircuitInput> {
    let signal = prop_oneof![
        3 => Just(HealthSignal::Failure),
        2 => Just(HealthSignal::Success),
        1 => Just(HealthSignal::Ignored)
    ];
    prop_oneof![
        2 => (0..40u64).prop_map(CircuitInput::Wait),
        6 => Just(CircuitInput::Admit),
        6 => (any::<prop::sample::Index>(), signal).prop_map(|(which, signal)| CircuitInput::Record(which, signal)),
        1 => (0..4u8).prop_map(|n| if n == 0 { CircuitInput::Reset } else { CircuitInput::Admit }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_circuit_takes_the_states_of_the_naive_model(
        (failure_threshold, success_threshold, max_probes, open_for) in (1..5u32, 1..4u32, 1..4u32, 1..60u64),
        inputs in prop::collection::vec(input(), 1..200),
    ) {
        let settings = CircuitSettings { failure_threshold, success_threshold, open_duration: Duration::from_millis(open_for), max_probes };
        let (mut circuit, mut model) = (Circuit::new(settings), CircuitModel::new(settings));
        let (mut now, mut next) = (0, 0);
        let mut in_flight: Vec<(usize, Admission)> = Vec::new();
        for input in inputs {
            match input {
                CircuitInput::Wait(millis) => now += millis,
                CircuitInput::Admit => {
                    let admitted = circuit.admit(now);
                    prop_assert_eq!(admitted.is_ok(), model.admit(next, now));
                    match admitted {
                        Ok(admission) => in_flight.push((next, admission)),
                        Err(refused) if model.state(now) == CircuitState::Open => {
                            prop_assert_eq!(now + refused.retry_after, model.era().since + open_for);
                        }
                        Err(refused) => prop_assert_eq!(refused.retry_after, PROBE_RETRY_MILLIS),
                    }
                    next += 1;
                }
                CircuitInput::Record(which, signal) if !in_flight.is_empty() => {
                    let (id, admission) = in_flight.swap_remove(which.index(in_flight.len()));
                    circuit.record(admission, signal, now);
                    model.record(id, signal, now);
                }
                CircuitInput::Record(..) => {}
                CircuitInput::Reset => {
                    circuit.reset();
                    model.begin(CircuitState::Closed, now);
                }
            }
            prop_assert_eq!(circuit.state(now), model.state(now));
        }
    }
}
