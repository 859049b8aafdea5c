//! The health of the service as a call observes it, and the breakers that admitted the call.

use crate::state::circuit::{Admission, HealthSignal};

/// The health of the service, as the last attempt of a call observed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// The response has a status below 500: the service is up.
    Up,
    /// The response has a status of 5xx: the operation fails, others may work.
    Failing,
    /// No response.
    Unreachable,
    /// The call observed nothing.
    Unknown,
}

impl Health {
    /// The signals for the tenant's circuit and for the operation's.
    pub(super) fn signals(self) -> (HealthSignal, HealthSignal) {
        match self {
            Self::Up => (HealthSignal::Success, HealthSignal::Success),
            Self::Failing => (HealthSignal::Ignored, HealthSignal::Failure),
            Self::Unreachable => (HealthSignal::Failure, HealthSignal::Ignored),
            Self::Unknown => (HealthSignal::Ignored, HealthSignal::Ignored),
        }
    }
}

/// The breakers that admitted a request: those in this process, or those of the shared store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AdmissionSource {
    Local,
    Remote,
}

/// The admissions of one request: by the breaker of the tenant and by that of the operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestAdmissions {
    pub(super) tenant: Admission,
    /// `None` if the operation had no stored breaker when the request was admitted.
    pub(super) operation: Option<Admission>,
}
