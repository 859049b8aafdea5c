//! Events of decisions: the state, and the action that follows. `calcom::observe` documents them.

use super::{Outcome, Service};
use crate::pipeline::observe::events::{Decision, decision};

/// The subject of a decision, and its state.
#[derive(Debug, Clone, Copy)]
pub(super) struct DecisionSubject<'a> {
    /// The idempotency key, or the uid of the booking of a change. Events contain only a hash of it.
    pub(super) key: &'a str,
    pub(super) state: &'static str,
    /// The number of attempts so far.
    pub(super) sends: u32,
}

impl Service {
    /// Reports a decision to act.
    pub(super) fn report_action(&self, subject: DecisionSubject<'_>, action: &'static str) {
        self.report_decision(subject, action, None);
    }

    /// Reports the decision that ends a call.
    pub(super) fn report_outcome<T>(&self, subject: DecisionSubject<'_>, outcome: &Outcome<T>) {
        let outcome = match outcome {
            Outcome::Done(_) => "done",
            Outcome::NotDone(_) => "not_done",
            Outcome::Unknown(_) => "unknown",
        };
        self.report_decision(subject, "finish", Some(outcome));
    }

    fn report_decision(&self, subject: DecisionSubject<'_>, action: &'static str, outcome: Option<&'static str>) {
        let DecisionSubject { key, state, sends } = subject;
        // The hash includes the tenant's credential, so that a key that can be guessed is not found in a log.
        let hash = || self.client().own_lease_name(&["event", key]).chars().take(16).collect();
        decision(hash, Decision { state, action, outcome, sends });
    }
}
