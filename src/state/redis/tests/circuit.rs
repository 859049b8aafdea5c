//! The breakers of the script and those in memory, with the same inputs.

use super::*;
use crate::{
    operation::Operation,
    state::{
        MemoryStore,
        circuit::{CircuitSnapshot, CircuitState},
    },
};

/// Input of a breaker: the tenant's, or the one of one of two operations.
#[derive(Debug, Clone)]
enum CircuitStep {
    Wait(u64),
    Admit(Option<&'static str>),
    Record(Index, HealthSignal),
    Reset,
}

/// States of breakers, without their generations.
fn states(snapshots: &CircuitSnapshots) -> Vec<(Option<&'static str>, CircuitState, Duration, bool)> {
    let of =
        |operation, snapshot: &CircuitSnapshot| (operation, snapshot.state, snapshot.open_for, snapshot.has_failures);
    let operations = snapshots.operations.iter().map(|(operation, snapshot)| of(Some(*operation), snapshot));
    std::iter::once(of(None, &snapshots.tenant)).chain(operations).collect()
}

#[test]
fn the_breakers_in_the_script_behave_as_those_in_memory() {
    let signal = prop_oneof![3 => Just(HealthSignal::Failure), 2 => Just(HealthSignal::Success), 1 => Just(HealthSignal::Ignored)];
    let of =
        prop_oneof![2 => Just(None), 2 => Just(Some(Operation::all()[0].id)), 1 => Just(Some(Operation::all()[1].id))];
    let step = prop_oneof![
        2 => (1..40u64).prop_map(CircuitStep::Wait),
        6 => of.prop_map(CircuitStep::Admit),
        6 => (any::<Index>(), signal).prop_map(|(which, signal)| CircuitStep::Record(which, signal)),
        1 => Just(CircuitStep::Reset),
    ];
    let settings = (1..5u32, 1..4u32, 1..4u32, 1..60u64);
    for_histories(150, (settings, prop::collection::vec(step, 1..100)), async |store, name, (settings, steps)| {
        let (failure_threshold, success_threshold, max_probes, open_for) = settings;
        let open_duration = Duration::from_millis(open_for);
        let settings = CircuitSettings { failure_threshold, success_threshold, open_duration, max_probes };
        let id = |operation| CircuitId {
            key_prefix: "calcom:circuit:state".into(),
            tenant: TenantId::new(name, &[]),
            operation,
            settings,
        };
        let memory = MemoryStore::new(0);
        let circuits = memory.circuits(TenantId::new(name, &[]), settings);
        let mut now = START;
        let mut in_flight: Vec<(Option<&'static str>, Admission, Admission)> = Vec::new();
        for step in steps {
            store.now.store(now, Ordering::Relaxed);
            let snapshots = match step {
                CircuitStep::Wait(millis) => {
                    now += millis;
                    continue;
                }
                CircuitStep::Admit(operation) => {
                    let (remote, snapshots) = store.admit(&id(operation)).await.unwrap();
                    let local = match operation {
                        None => circuits.with_tenant(|circuit| circuit.admit(now)),
                        Some(operation) => {
                            circuits.admit(operation, now).map(|admission| admission.unwrap_or(Admission::UNTRACKED))
                        }
                    };
                    match (local, remote) {
                        (Ok(local), Ok(remote)) => in_flight.push((operation, local, remote)),
                        (local, remote) => prop_assert_eq!(local.err(), remote.err()),
                    }
                    snapshots
                }
                CircuitStep::Record(which, signal) if !in_flight.is_empty() => {
                    let (operation, local, remote) = in_flight.swap_remove(which.index(in_flight.len()));
                    match operation {
                        None => circuits.with_tenant(|circuit| circuit.record(local, signal, now)),
                        Some(operation) => {
                            circuits.with(operation, now, |circuit| circuit.record(local, signal, now));
                        }
                    }
                    store.record_circuit(&id(operation), remote, signal).await.unwrap()
                }
                CircuitStep::Record(..) => continue,
                CircuitStep::Reset => {
                    circuits.reset();
                    store.reset_circuit(&id(None)).await.unwrap()
                }
            };
            prop_assert_eq!(states(&snapshots), states(&circuits.snapshots(now)));
            prop_assert_eq!(store.inspect_circuit(&id(None)).await.unwrap(), snapshots);
        }
        Ok(())
    });
}
