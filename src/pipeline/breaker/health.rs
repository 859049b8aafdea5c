//! What a call tells of the health of the service, and which breakers have given it leave.

use crate::state::circuit::{Admission, HealthSignal};

/// What a call, after all of its attempts, told about the health of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// It answered with less than 500: it is up, whatever it thinks of the request.
    Up,
    /// It answered with 5xx: the operation does not work. Others may.
    Failing,
    /// It did not answer.
    Unreachable,
    /// Nothing.
    Unknown,
}

impl Health {
    /// What it means for the tenant's breaker, and for the operation's.
    pub(super) fn verdicts(self) -> (HealthSignal, HealthSignal) {
        match self {
            Self::Up => (HealthSignal::Success, HealthSignal::Success),
            Self::Failing => (HealthSignal::Ignored, HealthSignal::Failure),
            Self::Unreachable => (HealthSignal::Failure, HealthSignal::Ignored),
            Self::Unknown => (HealthSignal::Ignored, HealthSignal::Ignored),
        }
    }
}

/// Which breakers have given leave: those in this process, or the shared ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Here,
    There,
}

/// The passes of both breakers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passes {
    pub(super) tenant: Admission,
    /// `None` where the operation's breaker has nothing to remember.
    pub(super) operation: Option<Admission>,
}
