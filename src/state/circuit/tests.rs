use proptest::prelude::*;

use super::*;

const RULES: CircuitRules = CircuitRules { failures: 5, successes: 2, open_for: Duration::from_secs(60), probes: 3 };

fn fail(circuit: &mut Circuit, times: u32, now: u64) {
    for _ in 0..times {
        let pass = circuit.admit(now).unwrap();
        circuit.settle(pass, Verdict::Failure, now);
    }
}

#[test]
fn what_is_neither_success_nor_failure_leaves_the_count_as_it_is() {
    let mut circuit = Circuit::new(RULES);
    fail(&mut circuit, 4, 0);
    for _ in 0..100 {
        let pass = circuit.admit(0).unwrap();
        circuit.settle(pass, Verdict::Neither, 0);
    }
    assert_eq!(circuit.state(0), CircuitState::Closed);
    fail(&mut circuit, 1, 0);
    assert_eq!(circuit.state(0), CircuitState::Open);
}

#[test]
fn a_success_counts_towards_one_recovery_only() {
    let mut circuit = Circuit::new(RULES);
    fail(&mut circuit, 5, 0);
    let probe = circuit.admit(60_000).unwrap();
    circuit.settle(probe, Verdict::Success, 60_000);
    fail(&mut circuit, 1, 60_000);
    assert_eq!(circuit.state(60_000), CircuitState::Open);
    let probe = circuit.admit(120_000).unwrap();
    circuit.settle(probe, Verdict::Success, 120_000);
    assert_eq!(circuit.state(120_000), CircuitState::HalfOpen, "the success before the relapse must not count");
}

#[test]
fn an_open_circuit_does_not_close_by_being_left_alone() {
    let mut circuit = Circuit::new(RULES);
    fail(&mut circuit, 5, 0);
    let month = 30 * 24 * 3_600_000;
    assert_eq!(circuit.state(month), CircuitState::HalfOpen);
    let probe = circuit.admit(month).unwrap();
    circuit.settle(probe, Verdict::Failure, month);
    assert_eq!(circuit.state(month), CircuitState::Open);
}

#[test]
fn an_answer_from_before_the_outage_closes_nothing() {
    let mut circuit = Circuit::new(RULES);
    let early = circuit.admit(0).unwrap();
    fail(&mut circuit, 5, 0);
    circuit.settle(early, Verdict::Success, 1);
    assert_eq!(circuit.state(1), CircuitState::Open);
    let probe = circuit.admit(60_000).unwrap();
    circuit.settle(early, Verdict::Failure, 60_000);
    assert_eq!(circuit.state(60_000), CircuitState::HalfOpen);
    circuit.settle(probe, Verdict::Success, 60_000);
}

/// The breaker as one would explain it: a list of eras, each remembering everything that happened in it, and
/// every question answered by reading the whole list again.
#[derive(Debug)]
struct Model {
    rules: CircuitRules,
    eras: Vec<Era>,
}

#[derive(Debug)]
struct Era {
    kind: CircuitState,
    since: u64,
    admitted: Vec<usize>,
    told: Vec<(usize, Verdict)>,
}

impl Model {
    fn new(rules: CircuitRules) -> Self {
        let mut model = Self { rules, eras: Vec::new() };
        model.begin(CircuitState::Closed, 0);
        model
    }

    fn begin(&mut self, kind: CircuitState, since: u64) {
        self.eras.push(Era { kind, since, admitted: Vec::new(), told: Vec::new() });
    }

    fn era(&mut self) -> &mut Era {
        self.eras.last_mut().unwrap()
    }

    fn state(&mut self, now: u64) -> CircuitState {
        let open_for = self.rules.open_for_millis();
        let era = self.era();
        if era.kind == CircuitState::Open && now - era.since >= open_for { CircuitState::HalfOpen } else { era.kind }
    }

    fn admit(&mut self, id: usize, now: u64) -> bool {
        if self.state(now) == CircuitState::HalfOpen && self.era().kind == CircuitState::Open {
            self.begin(CircuitState::HalfOpen, now);
        }
        let probes = self.rules.probes as usize;
        let era = self.era();
        let under_way = era.admitted.len() - era.told.len();
        let admitted = match era.kind {
            CircuitState::Closed => true,
            CircuitState::Open => false,
            CircuitState::HalfOpen => under_way < probes,
        };
        if admitted {
            era.admitted.push(id);
        }
        admitted
    }

    fn settle(&mut self, id: usize, verdict: Verdict, now: u64) {
        let rules = self.rules;
        let era = self.era();
        if !era.admitted.contains(&id) {
            return;
        }
        era.told.push((id, verdict));
        let said: Vec<Verdict> =
            era.told.iter().map(|(_, verdict)| *verdict).filter(|verdict| *verdict != Verdict::Neither).collect();
        let in_a_row = said.iter().rev().take_while(|verdict| **verdict == Verdict::Failure).count();
        let successes = said.iter().filter(|verdict| **verdict == Verdict::Success).count();
        match era.kind {
            CircuitState::Closed if in_a_row >= rules.failures as usize => self.begin(CircuitState::Open, now),
            CircuitState::HalfOpen if in_a_row > 0 => self.begin(CircuitState::Open, now),
            CircuitState::HalfOpen if successes >= rules.successes as usize => self.begin(CircuitState::Closed, now),
            _ => {}
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Admit,
    Settle(prop::sample::Index, Verdict),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![
        3 => Just(Verdict::Failure),
        2 => Just(Verdict::Success),
        1 => Just(Verdict::Neither)
    ];
    prop_oneof![
        2 => (0..40u64).prop_map(Step::Wait),
        6 => Just(Step::Admit),
        6 => (any::<prop::sample::Index>(), verdict).prop_map(|(which, verdict)| Step::Settle(which, verdict)),
        1 => (0..4u8).prop_map(|n| if n == 0 { Step::Reset } else { Step::Admit }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_naive_model_does(
        (failures, successes, probes, open_for) in (1..5u32, 1..4u32, 1..4u32, 1..60u64),
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let rules = CircuitRules { failures, successes, probes, open_for: Duration::from_millis(open_for) };
        let (mut circuit, mut model) = (Circuit::new(rules), Model::new(rules));
        let (mut now, mut next) = (0, 0);
        let mut under_way: Vec<(usize, Pass)> = Vec::new();
        for step in steps {
            match step {
                Step::Wait(millis) => now += millis,
                Step::Admit => {
                    let admitted = circuit.admit(now);
                    prop_assert_eq!(admitted.is_ok(), model.admit(next, now));
                    match admitted {
                        Ok(pass) => under_way.push((next, pass)),
                        Err(refused) if model.state(now) == CircuitState::Open => {
                            prop_assert_eq!(now + refused.retry_after, model.era().since + open_for);
                        }
                        Err(refused) => prop_assert_eq!(refused.retry_after, PROBING_MILLIS),
                    }
                    next += 1;
                }
                Step::Settle(which, verdict) if !under_way.is_empty() => {
                    let (id, pass) = under_way.swap_remove(which.index(under_way.len()));
                    circuit.settle(pass, verdict, now);
                    model.settle(id, verdict, now);
                }
                Step::Settle(..) => {}
                Step::Reset => {
                    circuit.reset();
                    model.begin(CircuitState::Closed, now);
                }
            }
            prop_assert_eq!(circuit.state(now), model.state(now));
        }
    }
}
