//! The ledger: the changes of each request, and the response that its client received. Tests compare it with the results
//! that the program reports.

use std::fmt;

use super::change::{Change, ChangeRecord};
use super::fake::FakeCalcom;
use super::log::{LoggedRequest, ResponseOutcome};

/// The changes of a fake so far, by request, in the order of arrival.
///
/// Requests that changed nothing are not in it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom::model::CreateBooking;
/// use calcom_fake::{Change, FakeCalcom, Fault, ResetPoint, ResponseOutcome};
///
/// let fake = FakeCalcom::recorded_seed().await;
/// fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
/// let start = "2026-12-01T09:00:00Z".parse().unwrap();
/// let wanted = CreateBooking::new(1, start, "Ada", "ada@example.org");
/// assert!(fake.client().bookings().create(&wanted).await.is_err());
/// // The booking was made, and the client did not receive the response.
/// let ledger = fake.ledger();
/// let entry = ledger.unconfirmed().next().unwrap();
/// assert_eq!((entry.operation, entry.response), ("create_booking", ResponseOutcome::Lost));
/// assert!(matches!(entry.records[0].change, Change::Booked { .. }));
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<LedgerEntry>,
}

/// The changes of one request.
///
/// [`Ledger`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// The number of the request in the log.
    pub request: u64,
    /// The operation, such as `create_booking`.
    pub operation: &'static str,
    /// The changes in order, with the times from which they were visible.
    pub records: Vec<ChangeRecord>,
    /// The response that the client received.
    pub response: ResponseOutcome,
    /// The fault that was injected.
    pub fault: Option<String>,
}

impl Ledger {
    /// All entries.
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// The entry of a request, by its number in the log. `None` if the request changed nothing.
    pub fn entry(&self, request: u64) -> Option<&LedgerEntry> {
        self.entries.iter().find(|entry| entry.request == request)
    }

    /// The entries whose client did not receive the complete response of the service, so that it may have no report of the
    /// change.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.entries.iter().filter(|entry| !entry.response.is_complete())
    }

    /// All changes, in the order of the requests.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.entries.iter().flat_map(LedgerEntry::changes)
    }
}

impl LedgerEntry {
    /// The changes, in order.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.records.iter().map(|record| &record.change)
    }
}

/// Writes one entry a line, such as `#3 create_booking: booked 5ZxNZPWGMWnpLFTBPh1wXm; no answer (reset after the effect)`.
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
        write!(f, "; {}", self.response)?;
        match &self.fault {
            Some(fault) => write!(f, " ({fault})"),
            None => Ok(()),
        }
    }
}

impl FakeCalcom {
    /// The changes so far by request, with the responses that the clients received.
    ///
    /// It accounts for the faults of a [`FaultProxy`](super::FaultProxy) in front of this fake. A request whose connection is
    /// closed continues; [`Self::idle`] waits for its changes.
    pub fn ledger(&self) -> Ledger {
        let core = self.shared().lock();
        let entries = core.log.requests.iter().filter_map(|request| entry(request, &core.state.history));
        Ledger { entries: entries.collect() }
    }
}

fn entry(request: &LoggedRequest, history: &[ChangeRecord]) -> Option<LedgerEntry> {
    let by_it = |records: &&ChangeRecord| records.request == Some(request.number);
    let records: Vec<ChangeRecord> = history.iter().filter(by_it).cloned().collect();
    if records.is_empty() {
        return None;
    }
    Some(LedgerEntry {
        request: request.number,
        operation: request.operation.unwrap_or_default(),
        records,
        response: request.response,
        fault: request.fault.clone(),
    })
}
