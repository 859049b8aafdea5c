//! The ledger: what really happened, request by request, beside what the client of each got to know. For a test to hold
//! against what its program believes.

use std::fmt;

use super::change::{Change, Happened};
use super::fake::FakeCalcom;
use super::log::{Answered, LoggedRequest};

/// Everything that really happened in a fake so far, by the request that did it, in the order of arrival.
///
/// Requests that changed nothing do not stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<LedgerEntry>,
}

/// What one request did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// The request's number in the log.
    pub request: u64,
    /// Its operation, such as `create_booking`.
    pub operation: &'static str,
    /// What it did, in order, with the moment from which others could see it.
    pub happened: Vec<Happened>,
    /// What its client got to know.
    pub answered: Answered,
    /// The fault that struck it.
    pub fault: Option<String>,
}

impl Ledger {
    /// All entries.
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// What a request did, by its number in the log; nothing when it changed nothing.
    pub fn of(&self, request: u64) -> Option<&LedgerEntry> {
        self.entries.iter().find(|entry| entry.request == request)
    }

    /// What was done without its client getting the service's answer, whole: done, and possibly believed not to be.
    pub fn unheard(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.entries.iter().filter(|entry| !entry.answered.is_whole())
    }

    /// Every change, in the order of the requests.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.entries.iter().flat_map(LedgerEntry::changes)
    }
}

impl LedgerEntry {
    /// What it did, in order.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.happened.iter().map(|happened| &happened.change)
    }
}

/// One entry a line, as in `#3 create_booking: booked 5ZxNZPWGMWnpLFTBPh1wXm; no answer (reset after the effect)`.
impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for LedgerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {}: ", self.request, self.operation)?;
        for (at, change) in self.changes().enumerate() {
            write!(f, "{}{change}", if at == 0 { "" } else { ", " })?;
        }
        write!(f, "; {}", self.answered)?;
        match &self.fault {
            Some(fault) => write!(f, " ({fault})"),
            None => Ok(()),
        }
    }
}

impl FakeCalcom {
    /// What really happened so far, and what the clients got to know of it.
    ///
    /// What a [`FaultProxy`](super::FaultProxy) in front of this fake did to an answer stands in it too. What happens
    /// after the connection is gone stands in it when it has happened; [`Self::idle`] waits for that.
    pub fn ledger(&self) -> Ledger {
        let core = self.shared().lock();
        let entries = core.log.requests.iter().filter_map(|request| entry(request, &core.state.history));
        Ledger { entries: entries.collect() }
    }
}

fn entry(request: &LoggedRequest, history: &[Happened]) -> Option<LedgerEntry> {
    let by_it = |happened: &&Happened| happened.request == Some(request.number);
    let happened: Vec<Happened> = history.iter().filter(by_it).cloned().collect();
    if happened.is_empty() {
        return None;
    }
    Some(LedgerEntry {
        request: request.number,
        operation: request.operation.unwrap_or_default(),
        happened,
        answered: request.answered,
        fault: request.fault.clone(),
    })
}
