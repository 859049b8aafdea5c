//! The breakers of the script and those in memory, asked and told the same.

use super::*;
use crate::{
    operation::Operation,
    state::{
        MemoryStore,
        circuit::{CircuitState, CircuitView},
    },
};

/// What a breaker is asked and told: the tenant's, or that of one of two operations.
#[derive(Debug, Clone)]
enum CircuitStep {
    Wait(u64),
    Admit(Option<&'static str>),
    Settle(Index, Verdict),
    Reset,
}

/// How breakers stand, without the numbers of their generations.
fn standing(views: &CircuitViews) -> Vec<(Option<&'static str>, CircuitState, Duration, bool)> {
    let of = |operation, view: &CircuitView| (operation, view.state, view.open_for, view.has_failures);
    let operations = views.operations.iter().map(|(operation, view)| of(Some(*operation), view));
    std::iter::once(of(None, &views.tenant)).chain(operations).collect()
}

#[test]
fn the_breakers_in_the_script_are_those_in_memory() {
    let verdict = prop_oneof![3 => Just(Verdict::Failure), 2 => Just(Verdict::Success), 1 => Just(Verdict::Neither)];
    let of =
        prop_oneof![2 => Just(None), 2 => Just(Some(Operation::all()[0].id)), 1 => Just(Some(Operation::all()[1].id))];
    let step = prop_oneof![
        2 => (1..40u64).prop_map(CircuitStep::Wait),
        6 => of.prop_map(CircuitStep::Admit),
        6 => (any::<Index>(), verdict).prop_map(|(which, verdict)| CircuitStep::Settle(which, verdict)),
        1 => Just(CircuitStep::Reset),
    ];
    let rules = (1..5u32, 1..4u32, 1..4u32, 1..60u64);
    for_histories(150, (rules, prop::collection::vec(step, 1..100)), async |store, name, (rules, steps)| {
        let (failures, successes, probes, open_for) = rules;
        let rules = CircuitRules { failures, successes, probes, open_for: Duration::from_millis(open_for) };
        let id = |operation| CircuitId {
            key: "calcom:circuit:state".into(),
            scope: Scope::new(name, &[]),
            operation,
            rules,
        };
        let memory = MemoryStore::new(0);
        let circuits = memory.circuits(Scope::new(name, &[]), rules);
        let mut now = START;
        let mut under_way: Vec<(Option<&'static str>, Pass, Pass)> = Vec::new();
        for step in steps {
            store.now.store(now, Ordering::Relaxed);
            let views = match step {
                CircuitStep::Wait(millis) => {
                    now += millis;
                    continue;
                }
                CircuitStep::Admit(operation) => {
                    let (there, views) = store.admit(&id(operation)).await.unwrap();
                    let here = match operation {
                        None => circuits.with_tenant(|circuit| circuit.admit(now)),
                        Some(operation) => circuits.admit(operation, now).map(|pass| pass.unwrap_or(Pass::UNKNOWN)),
                    };
                    match (here, there) {
                        (Ok(here), Ok(there)) => under_way.push((operation, here, there)),
                        (here, there) => prop_assert_eq!(here.err(), there.err()),
                    }
                    views
                }
                CircuitStep::Settle(which, verdict) if !under_way.is_empty() => {
                    let (operation, here, there) = under_way.swap_remove(which.index(under_way.len()));
                    match operation {
                        None => circuits.with_tenant(|circuit| circuit.settle(here, verdict, now)),
                        Some(operation) => {
                            circuits.with(operation, now, |circuit| circuit.settle(here, verdict, now));
                        }
                    }
                    store.settle_circuit(&id(operation), there, verdict).await.unwrap()
                }
                CircuitStep::Settle(..) => continue,
                CircuitStep::Reset => {
                    circuits.reset();
                    store.reset_circuit(&id(None)).await.unwrap()
                }
            };
            prop_assert_eq!(standing(&views), standing(&circuits.views(now)));
            prop_assert_eq!(store.view_circuit(&id(None)).await.unwrap(), views);
        }
        Ok(())
    });
}
