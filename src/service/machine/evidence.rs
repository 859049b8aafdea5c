//! The evidence on one appointment: attempts with their times and outcomes, what lookups showed and when they were
//! sent, and what was cancelled. It only grows; `decide` decides from it.

use std::collections::HashSet;

use tokio::time::Instant;

use super::{CancelReason, action::SendOutcome};
use crate::{
    Error,
    model::{Booking, BookingUid},
    service::{
        appointment::PriorUse,
        lookup::{BookingRow, LookupResult, RowId},
        stability::StabilityWindow,
    },
};

/// One send of the booking.
#[derive(Debug, Clone)]
pub(crate) struct BookingSend {
    pub(crate) sent_at: Instant,
    /// When it ended, and its outcome; `None` while it is in flight, or if its future was dropped.
    pub(crate) end: Option<(Instant, SendOutcome)>,
}

impl BookingSend {
    /// Whether it may have been executed although there was no response.
    pub(crate) fn is_unresolved(&self) -> bool {
        matches!(self.end, None | Some((_, SendOutcome::Unknown(_))))
    }
}

/// The last lookup that was answered since the last attempt or cancellation.
#[derive(Debug, Clone)]
pub(crate) struct LookupSnapshot {
    pub(crate) asked_at: Instant,
    /// The rows that it showed, active or cancelled.
    pub(crate) row_ids: HashSet<RowId>,
    pub(crate) taken_by_other: bool,
    pub(crate) start_taken_by_other: bool,
}

/// Everything that is known of one appointment.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) prior: PriorUse,
    /// When this call began.
    pub(crate) started_at: Instant,
    /// The time since which the request of a crashed process may be in flight.
    pub(crate) interrupted_at: Option<Instant>,
    pub(crate) attempts: Vec<BookingSend>,
    /// Every row that was seen to have the key. A cancelled row stays cancelled: a list that lags shows its old status.
    rows: Vec<BookingRow>,
    /// The rows that this call cancelled, and seats that no longer exist.
    cancelled: HashSet<RowId>,
    pub(crate) partial_cancelled_at: Option<Instant>,
    pub(crate) last_lookup: Option<LookupSnapshot>,
    /// Whether any lookup of this call was answered.
    pub(crate) has_lookup: bool,
    pub(crate) stability: StabilityWindow,
    /// Whether this caller can list the booking; `None` until it is known.
    pub(crate) can_list: Option<bool>,
    /// Whether a lease that other processes share is held, and no earlier call has left the key unresolved, as far as
    /// the store knows. This is no proof: the store may have lost an entry, or not have answered an earlier call.
    pub(crate) has_exclusive_lease: bool,
    /// A booking that has the key, and other content.
    pub(crate) other_content: Option<Booking>,
    /// When that was first seen; `None` if it is so old that every call in progress has seen it.
    pub(crate) other_content_since: Option<Instant>,
    /// The same attendee's booking of this time, under another key.
    pub(crate) same_attendee: Option<Booking>,
    /// Whether the note of an earlier call says that it booked.
    pub(crate) was_booked_before: bool,
    /// Bookings that may be the appointment and must be read.
    pub(crate) pending_reads: Vec<BookingUid>,
    /// Bookings that could not be read. They are read again after the next lookup.
    failed_reads: Vec<BookingUid>,
    /// Bookings that were read.
    pub(crate) completed_reads: Vec<BookingUid>,
    pub(crate) last_error: Option<Error>,
}

impl Evidence {
    pub(crate) fn new(prior: PriorUse, now: Instant) -> Self {
        Self {
            prior,
            started_at: now,
            interrupted_at: (prior == PriorUse::Interrupted).then_some(now),
            attempts: Vec::new(),
            rows: Vec::new(),
            cancelled: HashSet::new(),
            partial_cancelled_at: None,
            last_lookup: None,
            has_lookup: false,
            stability: StabilityWindow::default(),
            can_list: None,
            has_exclusive_lease: false,
            other_content: None,
            other_content_since: None,
            same_attendee: None,
            was_booked_before: false,
            pending_reads: Vec::new(),
            failed_reads: Vec::new(),
            completed_reads: Vec::new(),
            last_error: None,
        }
    }

    pub(crate) fn start_attempt(&mut self, now: Instant) {
        self.attempts.push(BookingSend { sent_at: now, end: None });
        self.last_lookup = None;
    }

    pub(crate) fn finish_attempt(&mut self, now: Instant, sent: SendOutcome) {
        match &sent {
            SendOutcome::Unknown(error) => self.last_error.clone_from(error),
            SendOutcome::NotSent(error) | SendOutcome::Refused(error) => self.last_error = Some(error.clone()),
            SendOutcome::Created(rows) => rows.iter().for_each(|row| _ = self.merge_row(row)),
            // A booking without a key may be the one that was just created: it is read by its uid.
            SendOutcome::OtherKey(booking) => self.schedule_read(&booking.uid),
        }
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some((now, sent));
        }
        self.stability.reset();
        self.last_lookup = None;
    }

    /// Records the end of a lookup that was sent at `asked`.
    pub(crate) fn record_lookup(&mut self, asked: Instant, now: Instant, result: Result<LookupResult, Error>) {
        self.pending_reads.append(&mut self.failed_reads);
        let result = match result {
            Ok(result) => result,
            Err(error) => {
                self.last_error = Some(error);
                self.stability.record_failure(now);
                return;
            }
        };
        let mut new = false;
        for row in &result.rows {
            new |= self.merge_row(row);
        }
        self.record_other_content(result.other_content, now);
        self.same_attendee = self.same_attendee.take().or(result.same_attendee);
        self.stability.record_success(asked, now, new);
        self.has_lookup = true;
        let LookupResult { taken_by_other, start_taken_by_other, .. } = result;
        let row_ids = result.rows.iter().map(BookingRow::id).collect();
        self.last_lookup = Some(LookupSnapshot { asked_at: asked, row_ids, taken_by_other, start_taken_by_other });
    }

    /// Records a booking of other content that has the key.
    pub(crate) fn record_other_content(&mut self, booking: Option<Booking>, now: Instant) {
        if self.other_content.is_none() && booking.is_some() {
            self.other_content = booking;
            self.other_content_since = Some(now);
        }
    }

    /// Records that the booking or series `uid` was read: its rows with the key, as they are now. Returns whether this
    /// is new.
    pub(crate) fn record_read(&mut self, uid: &BookingUid, rows: Vec<BookingRow>) -> bool {
        self.pending_reads.retain(|it| it != uid);
        self.failed_reads.retain(|it| it != uid);
        self.completed_reads.push(uid.clone());
        let mut new = false;
        // A cancelled seat has no row.
        let seats = self.rows.iter().filter(|row| row.seat.is_some() && row.booking.uid == *uid);
        let freed: Vec<RowId> =
            seats.map(BookingRow::id).filter(|name| rows.iter().all(|row| row.id() != *name)).collect();
        for name in freed {
            new |= self.cancelled.insert(name);
        }
        for row in rows {
            let known = self.rows.iter_mut().find(|known| known.id() == row.id());
            new |= known.as_ref().is_none_or(|known| known.is_active() != row.is_active());
            match known {
                Some(known) => *known = row,
                None => self.rows.push(row),
            }
        }
        if new {
            self.stability.reset();
        }
        new
    }

    /// Records that the booking or series `uid` could not be read.
    pub(crate) fn record_read_failure(&mut self, uid: &BookingUid, error: Error) {
        self.pending_reads.retain(|it| it != uid);
        self.failed_reads.push(uid.clone());
        self.last_error = Some(error);
    }

    /// Records the cancellation of these rows, or its failure.
    pub(crate) fn record_cancellation(
        &mut self,
        now: Instant,
        rows: &[BookingRow],
        reason: CancelReason,
        error: Option<Error>,
    ) {
        self.stability.reset();
        self.last_lookup = None;
        if error.is_some() {
            // A failed cancellation is tried again, after a delay.
            self.stability.reset_delayed();
            self.last_error = error;
            return;
        }
        if reason == CancelReason::PartialSeries {
            // The effect of the unresolved attempt is known, and undone.
            self.partial_cancelled_at = Some(now);
        }
        self.cancelled.extend(rows.iter().map(BookingRow::id));
    }

    /// Adds or updates a row; returns whether this is new.
    fn merge_row(&mut self, row: &BookingRow) -> bool {
        if let Some(uid) = CancelReason::kept_uid(&row.booking) {
            self.schedule_read(&uid);
        }
        let Some(known) = self.rows.iter_mut().find(|known| known.id() == row.id()) else {
            self.rows.push(row.clone());
            return true;
        };
        let is_cancelled_now = known.is_active() && !row.is_active();
        if is_cancelled_now || known.is_active() == row.is_active() {
            *known = row.clone();
        }
        is_cancelled_now
    }

    pub(crate) fn schedule_read(&mut self, uid: &BookingUid) {
        let known = [&self.completed_reads, &self.pending_reads, &self.failed_reads];
        if !known.iter().any(|uids| uids.contains(uid)) {
            self.pending_reads.push(uid.clone());
        }
    }

    /// The active rows.
    pub(crate) fn active_rows(&self) -> Vec<BookingRow> {
        self.rows.iter().filter(|row| row.is_active() && !self.cancelled.contains(&row.id())).cloned().collect()
    }

    /// The rows that a person cancelled, or rescheduled.
    pub(crate) fn cancelled_rows(&self) -> Vec<BookingRow> {
        let gone = |row: &&BookingRow| {
            !row.is_active() && !CancelReason::is_ours(&row.booking) && !self.cancelled.contains(&row.id())
        };
        self.rows.iter().filter(gone).cloned().collect()
    }

    /// Whether a row was cancelled as a duplicate: then another row exists, visible or not.
    pub(crate) fn has_cancelled_duplicate(&self) -> bool {
        self.rows
            .iter()
            .any(|row| !row.is_active() && CancelReason::of_booking(&row.booking) == Some(CancelReason::Duplicate))
    }

    pub(crate) fn last_outcome(&self) -> Option<&SendOutcome> {
        self.attempts.last()?.end.as_ref().map(|(_, sent)| sent)
    }

    /// When the last attempt ended.
    pub(crate) fn last_finished_at(&self) -> Option<Instant> {
        self.attempts.last()?.end.as_ref().map(|(at, _)| *at)
    }

    /// When the last attempt with unknown outcome was sent.
    pub(crate) fn unresolved_since(&self) -> Option<Instant> {
        let open = self.attempts.iter().rev().find(|attempt| attempt.is_unresolved()).map(|attempt| attempt.sent_at);
        open.max(self.interrupted_at).filter(|at| self.partial_cancelled_at.is_none_or(|torn| *at > torn))
    }

    /// Whether the outcome of any attempt was ever unknown.
    pub(crate) fn had_unknown_attempt(&self) -> bool {
        self.interrupted_at.is_some() || self.attempts.iter().any(BookingSend::is_unresolved)
    }

    /// The number of attempts that were refused or not sent.
    pub(crate) fn refusal_count(&self) -> u32 {
        let refused =
            |it: &&BookingSend| matches!(it.end, Some((_, SendOutcome::Refused(_) | SendOutcome::NotSent(_))));
        u32::try_from(self.attempts.iter().filter(refused).count()).unwrap_or(u32::MAX)
    }

    /// Whether a part of a series was cancelled since the last attempt.
    pub(crate) fn is_partial_cancelled(&self) -> bool {
        self.partial_cancelled_at.is_some_and(|torn| self.attempts.last().is_none_or(|attempt| attempt.sent_at <= torn))
    }

    /// The rows that the response to the last attempt has, and its time.
    pub(crate) fn created(&self) -> Option<(Instant, &[BookingRow])> {
        match self.attempts.last()?.end.as_ref()? {
            (at, SendOutcome::Created(rows)) => Some((*at, rows)),
            _ => None,
        }
    }

    pub(crate) fn is_cancelled(&self, name: &RowId) -> bool {
        self.cancelled.contains(name) || self.rows.iter().any(|row| row.id() == *name && !row.is_active())
    }
}
