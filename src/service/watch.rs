//! Lookups after a call has ended: an earlier request, or that of another caller, may become visible only then.

use tokio::time::{Instant, sleep};

use super::{
    IdempotencyKey, Service, Settings,
    cancel_surplus::{cancel_surplus, read_deciding_rows},
    deadline::Deadline,
    lookup::{BookingLookup, BookingRow, RowId},
    machine::{BookingState, CancelReason, Evidence, find_surplus},
    report::DecisionSubject,
};

/// The watch over one appointment.
pub(super) struct DuplicateWatch {
    pub(super) service: Service,
    pub(super) key: IdempotencyKey,
    pub(super) lookup: BookingLookup,
    /// The number of rows of a complete booking.
    pub(super) expected_rows: Option<usize>,
    pub(super) evidence: Evidence,
    pub(super) sends: u32,
}

impl DuplicateWatch {
    /// Looks up four times in the background, and cancels surplus rows.
    pub(super) fn start(mut self) {
        let background = self.service.inner.background.clone();
        background.spawn(async move { self.run_lookups().await });
    }

    async fn run_lookups(&mut self) {
        let Settings { settling_time: settle, watch_duration: watch, .. } = *self.service.settings();
        // A part of a series is judged by two lookups that are the settling time apart.
        let offsets = [settle / 4, settle.saturating_add(settle / 4), watch / 2, watch];
        let began = Instant::now();
        let mut before = None;
        for offset in offsets {
            let wait = offset.saturating_sub(began.elapsed());
            sleep(wait).await;
            let stable = |live: &Vec<_>| before.as_ref() == Some(live) && wait >= settle / 2;
            if self.lookup_once(stable).await {
                before = Some(self.active_row_ids());
            }
        }
    }

    fn active_row_ids(&self) -> Vec<RowId> {
        self.evidence.active_rows().iter().map(BookingRow::id).collect()
    }

    /// Looks up once, and cancels surplus rows; returns whether everything could be read.
    async fn lookup_once(&mut self, is_stable: impl Fn(&Vec<RowId>) -> bool) -> bool {
        let (service, lookup) = (&self.service, &self.lookup);
        let deadline = Deadline::after(service.call_duration());
        let lookup_timeout = service.settings().lookup_timeout;
        let asked = Instant::now();
        let client = service.lookup_client(&deadline);
        let Ok(result) = deadline.run(lookup.lookup(&client, false)).await else { return false };
        self.evidence.record_lookup(asked, Instant::now(), Ok(result));
        let Some(surplus) = find_surplus(&self.evidence, self.expected_rows, is_stable(&self.active_row_ids())) else {
            return true;
        };
        let Ok(read) = read_deciding_rows(service.client(), &deadline, lookup_timeout, lookup, &surplus).await else {
            return false;
        };
        let mut new = false;
        for (uid, rows) in read {
            new |= self.evidence.record_read(&uid, rows);
        }
        if !new {
            let state =
                if surplus.reason == CancelReason::Duplicate { BookingState::Found } else { BookingState::Partial };
            let subject = DecisionSubject { key: self.key.as_str(), state: state.as_str(), sends: self.sends };
            service.report_action(subject, "cancel");
            let error = cancel_surplus(service.client(), &deadline, lookup_timeout, &surplus).await;
            self.evidence.record_cancellation(Instant::now(), &surplus.rows, surplus.reason, error);
        }
        true
    }
}
