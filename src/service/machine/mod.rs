//! The state machine that books exactly once, without network and without clock.
//!
//! It records the outcome of every request, and returns the next action. The time is an argument. Tests can run it
//! through any history (`tests`), and it continues where it stopped if the future around it is dropped at a deadline.
//!
//! `evidence` collects, `proof` says what it proves, `decide` decides, `select` sorts rows. ARCHITECTURE.md has the
//! rules.

mod action;
mod decide;
mod evidence;
mod proof;
mod select;
mod state;
#[cfg(test)]
mod tests;

use tokio::time::Instant;

pub(crate) use super::cancel_reason::CancelReason;
pub(crate) use action::{Action, BookingTerms, Resolution, SendOutcome, SettlingTimes, Transition};
pub(crate) use decide::decide;
pub(crate) use evidence::Evidence;
pub(crate) use select::{Surplus, find_surplus, select};
pub(crate) use state::BookingState;

use super::{
    Problem,
    appointment::PriorUse,
    event_type::BookingKind,
    lookup::{BookingRow, LookupResult},
};
use crate::{
    Error,
    model::{Booking, BookingUid},
};
use evidence::BookingSend;

/// The state of one appointment: its evidence and its parameters.
#[derive(Debug)]
pub(crate) struct BookingMachine {
    evidence: Evidence,
    terms: BookingTerms,
}

impl BookingMachine {
    pub(crate) fn new(
        kind: BookingKind,
        expected_rows: Option<usize>,
        times: SettlingTimes,
        prior: PriorUse,
        now: Instant,
    ) -> Self {
        let terms = BookingTerms { kind, expected_rows, times, may_send: true, blocking_problems: Vec::new() };
        Self { evidence: Evidence::new(prior, now), terms }
    }

    /// Sets the time since which the process that sent it before is known to have crashed.
    pub(crate) fn with_interruption_at(mut self, since: Option<Instant>) -> Self {
        if self.evidence.interrupted_at.is_some() {
            self.evidence.interrupted_at = since.or(self.evidence.interrupted_at);
        }
        self
    }

    /// Allows lookups only, to resolve what another call has sent.
    pub(crate) fn lookup_only(mut self) -> Self {
        self.terms.may_send = false;
        self
    }

    /// Sets the problems that prevent it from being sent.
    pub(crate) fn with_blocking_problems(mut self, problems: Vec<Problem>) -> Self {
        self.terms.blocking_problems = problems;
        self
    }

    /// Sets problems that appeared later.
    pub(crate) fn set_blocking_problems(&mut self, problems: Vec<Problem>) {
        self.terms.blocking_problems = problems;
    }

    /// Sets whether this caller can list the booking.
    pub(crate) fn set_can_list(&mut self, can_list: bool) {
        self.evidence.can_list = Some(can_list);
    }

    /// Whether the next decision depends on whether this caller can list the booking.
    pub(crate) fn needs_can_list(&self) -> bool {
        let first = self.evidence.attempts.is_empty()
            && self.evidence.last_lookup.is_none()
            && self.terms.blocking_problems.is_empty();
        let answered = self.evidence.created().is_some() && self.evidence.stability.has_no_lookup();
        self.evidence.can_list.is_none() && !(first && self.evidence.prior == PriorUse::Possible) && !answered
    }

    /// Sets whether a lease is held that excludes other calls.
    pub(crate) fn set_exclusive_lease(&mut self, is_held: bool) {
        self.evidence.has_exclusive_lease = is_held;
    }

    /// Adds a booking that the note of an earlier call names.
    pub(crate) fn add_hint(&mut self, uid: &BookingUid) {
        self.evidence.was_booked_before = true;
        self.evidence.schedule_read(uid);
    }

    pub(crate) fn send_count(&self) -> u32 {
        u32::try_from(self.evidence.attempts.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn last_error(&self) -> Option<&Error> {
        self.evidence.last_error.as_ref()
    }

    pub(crate) fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Replaces the evidence by that of a watch.
    #[cfg(test)]
    pub(crate) fn replace_evidence(&mut self, evidence: Evidence) {
        self.evidence = evidence;
    }

    /// The rows that are known to be active.
    pub(crate) fn visible_rows(&self) -> Vec<BookingRow> {
        self.evidence.active_rows()
    }

    /// The booking of a created seat: a read of it shows at once who has a seat.
    pub(crate) fn seated_booking(&self) -> Option<&BookingUid> {
        let (_, rows) = self.evidence.created()?;
        rows.first().filter(|row| row.seat.is_some()).map(|row| &row.booking.uid)
    }

    /// Whether there was neither an attempt nor a lookup.
    pub(crate) fn is_first_lookup(&self) -> bool {
        self.evidence.attempts.is_empty() && !self.evidence.has_lookup
    }

    /// The number of rows of a complete booking.
    pub(crate) fn expected_rows(&self) -> Option<usize> {
        self.evidence.created().map(|(_, rows)| select(rows, &[], None).keep.len()).or(self.terms.expected_rows)
    }

    /// Whether a duplicate, or a part of a series, may still appear and must then be cancelled.
    pub(crate) fn needs_watch(&self, now: Instant) -> bool {
        decide::needs_watch(&self.evidence, &self.terms, now)
    }

    /// Records that the booking is about to be sent.
    pub(crate) fn start_attempt(&mut self, now: Instant) {
        self.evidence.start_attempt(now);
    }

    /// Records the outcome of the attempt.
    pub(crate) fn finish_attempt(&mut self, now: Instant, sent: SendOutcome) {
        self.evidence.finish_attempt(now, sent);
    }

    /// Records the end of a lookup that was sent at `asked`.
    pub(crate) fn record_lookup(&mut self, asked: Instant, now: Instant, result: Result<LookupResult, Error>) {
        self.evidence.record_lookup(asked, now, result);
    }

    /// As [`record_lookup`](Self::record_lookup); a refusal means that this caller cannot list.
    pub(crate) fn record_lookup_result(&mut self, asked: Instant, now: Instant, result: Result<LookupResult, Error>) {
        let forbidden = matches!(result, Err(Error::Authentication(_) | Error::Permission(_)));
        if forbidden {
            self.set_can_list(false);
        }
        self.record_lookup(asked, now, if forbidden { Ok(LookupResult::default()) } else { result });
    }

    /// Records the rows of a booking that was read; returns whether this is new.
    pub(crate) fn record_read(&mut self, uid: &BookingUid, rows: Vec<BookingRow>) -> bool {
        self.evidence.record_read(uid, rows)
    }

    /// Records that a booking could not be read.
    pub(crate) fn record_read_failure(&mut self, uid: &BookingUid, error: Error) {
        self.evidence.record_read_failure(uid, error);
    }

    /// Records a booking that has the key, and other content.
    pub(crate) fn record_other_content(&mut self, booking: Option<Booking>, now: Instant) {
        self.evidence.record_other_content(booking, now);
    }

    /// The booking of other content that has the key, if its age is not known yet.
    pub(crate) fn other_content(&self) -> Option<&Booking> {
        self.evidence.other_content.as_ref().filter(|_| self.evidence.other_content_since.is_some())
    }

    /// Records that this booking is so old that every call in progress has seen it.
    pub(crate) fn accept_old_other_content(&mut self) {
        self.evidence.other_content_since = None;
    }

    /// Records the cancellation of these rows, or its failure.
    pub(crate) fn record_cancellation(
        &mut self,
        now: Instant,
        rows: &[BookingRow],
        reason: CancelReason,
        error: Option<Error>,
    ) {
        self.evidence.record_cancellation(now, rows, reason, error);
    }

    /// Decides the next action.
    pub(crate) fn next_transition(&mut self, now: Instant) -> Transition {
        if self.evidence.attempts.last().is_some_and(|attempt| attempt.end.is_none()) {
            // The future was dropped while the request was in flight.
            self.finish_attempt(now, SendOutcome::Unknown(None));
        }
        decide(&self.evidence, &self.terms, now)
    }

    /// The state, without a decision.
    pub(crate) fn state(&self, now: Instant) -> BookingState {
        match self.evidence.attempts.last() {
            Some(attempt) if attempt.end.is_none() => BookingState::Unresolved,
            _ => decide(&self.evidence, &self.terms, now).state,
        }
    }

    /// The resolution at the deadline; `None` if the outcome is unknown.
    pub(crate) fn resolve_at_deadline(&self, now: Instant) -> Option<Resolution> {
        decide::resolve_at_deadline(&self.evidence, &self.terms, now)
    }

    /// Why this call itself has booked nothing, if none of its attempts is unresolved and the service, or a check, has
    /// given a reason. A series that met another booking may have left rows.
    pub(crate) fn refusals(&self) -> Vec<Problem> {
        if self.evidence.attempts.iter().any(BookingSend::is_unresolved) {
            return Vec::new();
        }
        let may_have_partial_rows = !self.terms.kind.is_one_row();
        match self.evidence.last_outcome() {
            Some(SendOutcome::Refused(error)) if may_have_partial_rows && Problem::is_lost_race(error) => Vec::new(),
            Some(SendOutcome::Refused(error) | SendOutcome::NotSent(error)) => Problem::from_error(error),
            Some(_) => Vec::new(),
            None => self.terms.blocking_problems.clone(),
        }
    }

    /// Whether it was never sent, by any call.
    pub(crate) fn is_never_sent(&self) -> bool {
        self.evidence.attempts.is_empty() && self.evidence.prior == PriorUse::None
    }
}
