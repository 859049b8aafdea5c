//! The leave to send one request, and what is told when it goes back.

use tokio::time::Instant;

use super::Breaker;
use crate::state::circuit::{Pass, Verdict};

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
    pub(super) fn verdicts(self) -> (Verdict, Verdict) {
        match self {
            Self::Up => (Verdict::Success, Verdict::Success),
            Self::Failing => (Verdict::Neither, Verdict::Failure),
            Self::Unreachable => (Verdict::Failure, Verdict::Neither),
            Self::Unknown => (Verdict::Neither, Verdict::Neither),
        }
    }
}

/// Which breakers have given leave: those in this process, or the shared ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Here,
    There,
}

/// The passes of both breakers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passes {
    pub(super) tenant: Pass,
    /// `None` where the operation's breaker has nothing to remember.
    pub(super) operation: Option<Pass>,
}

/// The leave to send one request. Dropped, it goes back without having told anything.
#[derive(Debug)]
#[must_use]
pub(crate) struct Leave<'a> {
    breaker: Option<&'a Breaker>,
    operation: &'static str,
    place: Place,
    passes: Passes,
}

impl<'a> Leave<'a> {
    pub(super) fn of(breaker: &'a Breaker, operation: &'static str, place: Place, passes: Passes) -> Self {
        Self { breaker: Some(breaker), operation, place, passes }
    }

    /// Where there is no breaker.
    pub(super) fn without_breaker(operation: &'static str) -> Self {
        Self { breaker: None, operation, place: Place::Here, passes: Passes { tenant: Pass::UNKNOWN, operation: None } }
    }

    /// Gives the leave back at `now`, with what the call told.
    pub(crate) fn settle(mut self, health: Health, now: Instant) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.operation, self.place, self.passes, health, now);
        }
    }

    /// Gives the leave back, for the call goes on with another attempt. If there is none after all, this one was the last.
    #[cold]
    pub(crate) fn give_back(self, health: Health) -> Told<'a> {
        Told { breaker: self.breaker, operation: self.operation, place: self.place, passes: self.passes, health }
    }

    /// It does not go back: another holds its passes.
    pub(super) fn keep(mut self) {
        self.breaker = None;
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.operation, self.place, self.passes, Health::Unknown, Instant::now());
        }
    }
}

/// What an attempt told that may have been the last of its call.
#[derive(Debug)]
#[must_use]
pub(crate) struct Told<'a> {
    breaker: Option<&'a Breaker>,
    operation: &'static str,
    place: Place,
    passes: Passes,
    health: Health,
}

impl Told<'_> {
    /// It was the last.
    pub(crate) fn settle(self, now: Instant) {
        if let Some(breaker) = self.breaker {
            breaker.settle(self.operation, self.place, self.passes, self.health, now);
        }
    }
}
