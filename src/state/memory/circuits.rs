//! The circuit breakers of a tenant in this process: one for all of its requests, and one for each operation. The breaker of
//! an operation exists only while it has state to keep.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    state::circuit::{Admission, Circuit, CircuitRejection, CircuitSettings, CircuitSnapshots},
    sync::lock,
};

/// The breakers of one tenant.
#[derive(Debug)]
pub(crate) struct Circuits {
    settings: CircuitSettings,
    tenant: Mutex<Circuit>,
    operations: Mutex<HashMap<&'static str, Circuit>>,
    /// Number of operations with a breaker.
    operation_count: AtomicUsize,
}

impl Circuits {
    pub(super) fn new(settings: CircuitSettings) -> Self {
        let tenant = Mutex::new(Circuit::new(settings));
        Self { settings, tenant, operations: Mutex::default(), operation_count: AtomicUsize::new(0) }
    }

    /// Runs `act` on the tenant's breaker.
    pub(crate) fn with_tenant<T>(&self, act: impl FnOnce(&mut Circuit) -> T) -> T {
        act(&mut lock(&self.tenant))
    }

    /// Whether any operation has a breaker.
    pub(crate) fn has_operations(&self) -> bool {
        self.operation_count.load(Ordering::Acquire) != 0
    }

    /// Runs `act` on an operation's breaker, which is created before and removed after it if need be.
    pub(crate) fn with<T>(&self, operation: &'static str, now: u64, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut operations = lock(&self.operations);
        let circuit = operations.entry(operation).or_insert_with(|| Circuit::new_at(self.settings, now));
        let result = act(circuit);
        if circuit.is_pristine() {
            operations.remove(operation);
        }
        self.operation_count.store(operations.len(), Ordering::Release);
        result
    }

    /// Asks the breaker of an operation to admit a request. Returns `None` if the operation has none.
    pub(crate) fn admit(&self, operation: &str, now: u64) -> Result<Option<Admission>, CircuitRejection> {
        lock(&self.operations).get_mut(operation).map(|circuit| circuit.admit(now)).transpose()
    }

    /// Snapshots of all breakers.
    pub(crate) fn snapshots(&self, now: u64) -> CircuitSnapshots {
        let view = |circuit: &mut Circuit| {
            circuit.observe(now);
            circuit.snapshot(now)
        };
        let mut operations = lock(&self.operations);
        let mut operations: Vec<_> =
            operations.iter_mut().map(|(operation, circuit)| (*operation, view(circuit))).collect();
        operations.sort_unstable_by_key(|(operation, _)| *operation);
        CircuitSnapshots { tenant: view(&mut lock(&self.tenant)), operations }
    }

    /// Closes all breakers.
    pub(crate) fn reset(&self) {
        lock(&self.tenant).reset();
        let mut operations = lock(&self.operations);
        operations.clear();
        self.operation_count.store(0, Ordering::Release);
    }

    pub(super) fn is_pristine(&self) -> bool {
        lock(&self.tenant).is_pristine() && !self.has_operations()
    }
}
