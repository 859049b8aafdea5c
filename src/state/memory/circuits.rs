//! The circuit breakers of a tenant in this process: that of all of its requests, and those of operations. An operation's
//! exists only while it has something to remember.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    state::circuit::{Circuit, CircuitRules, CircuitViews, Pass, Refused},
    sync::lock,
};

/// The breakers of one tenant.
#[derive(Debug)]
pub(crate) struct Circuits {
    rules: CircuitRules,
    tenant: Mutex<Circuit>,
    operations: Mutex<HashMap<&'static str, Circuit>>,
    /// How many operations have one.
    count: AtomicUsize,
}

impl Circuits {
    pub(super) fn new(rules: CircuitRules) -> Self {
        let tenant = Mutex::new(Circuit::new(rules));
        Self { rules, tenant, operations: Mutex::default(), count: AtomicUsize::new(0) }
    }

    /// Does something with the tenant's breaker.
    pub(crate) fn with_tenant<T>(&self, act: impl FnOnce(&mut Circuit) -> T) -> T {
        act(&mut lock(&self.tenant))
    }

    /// Whether any operation has a breaker.
    pub(crate) fn has_operations(&self) -> bool {
        self.count.load(Ordering::Acquire) != 0
    }

    /// Does something with an operation's breaker.
    pub(crate) fn with<T>(&self, operation: &'static str, now: u64, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut operations = lock(&self.operations);
        let circuit = operations.entry(operation).or_insert_with(|| Circuit::beginning(self.rules, now));
        let done = act(circuit);
        if circuit.is_at_rest() {
            operations.remove(operation);
        }
        self.count.store(operations.len(), Ordering::Release);
        done
    }

    /// Asks an operation's breaker for leave, if it has one.
    pub(crate) fn admit(&self, operation: &str, now: u64) -> Result<Option<Pass>, Refused> {
        lock(&self.operations).get_mut(operation).map(|circuit| circuit.admit(now)).transpose()
    }

    /// How they stand.
    pub(crate) fn views(&self, now: u64) -> CircuitViews {
        let operations = lock(&self.operations);
        let mut operations: Vec<_> =
            operations.iter().map(|(operation, circuit)| (*operation, circuit.view(now))).collect();
        operations.sort_unstable_by_key(|(operation, _)| *operation);
        CircuitViews { tenant: lock(&self.tenant).view(now), operations }
    }

    /// Closes all of them.
    pub(crate) fn reset(&self) {
        lock(&self.tenant).reset();
        let mut operations = lock(&self.operations);
        operations.clear();
        self.count.store(0, Ordering::Release);
    }

    pub(super) fn is_at_rest(&self) -> bool {
        lock(&self.tenant).is_at_rest() && !self.has_operations()
    }
}
