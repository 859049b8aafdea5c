//! Events of decisions: what is known, and what follows from it. They are documented in `calcom::observe`.

use super::{Outcome, Service};
use crate::pipeline::observe::events::{Decision, decision};

/// What a decision is about, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The idempotency key, or the uid of a booking that is to be changed. Only a hash of it is shown.
    pub(super) key: &'a str,
    pub(super) state: &'static str,
    /// How often the request was sent so far.
    pub(super) sends: u32,
}

impl Service {
    /// Reports a decision to do something.
    pub(super) fn report(&self, subject: Subject<'_>, action: &'static str) {
        self.report_decision(subject, action, None);
    }

    /// Reports the decision that ends a call.
    pub(super) fn report_end<T>(&self, subject: Subject<'_>, outcome: &Outcome<T>) {
        let outcome = match outcome {
            Outcome::Done(_) => "done",
            Outcome::NotDone(_) => "not_done",
            Outcome::Unknown(_) => "unknown",
        };
        self.report_decision(subject, "finish", Some(outcome));
    }

    fn report_decision(&self, subject: Subject<'_>, action: &'static str, outcome: Option<&'static str>) {
        let Subject { key, state, sends } = subject;
        // The tenant's credential goes into the hash, so that a key that can be guessed is not found in a log.
        let hash = || self.client().own_lease_name(&["event", key]).chars().take(16).collect();
        decision(hash, Decision { state, action, outcome, sends });
    }
}
