//! What is known of one appointment: attempts with their times and ends, what looks showed and when they were asked, and what
//! was withdrawn. It only grows; what follows from it is `conclude`'s business.

use std::collections::HashSet;

use tokio::time::Instant;

use super::{CancelReason, action::SendOutcome};
use crate::{
    Error,
    model::{Booking, BookingUid},
    service::{
        appointment::PriorAttempt,
        lookup::{BookingRow, LookupResult, RowId},
        stability::StabilityWindow,
    },
};

/// One time that it was sent.
#[derive(Debug, Clone)]
pub(crate) struct SendAttempt {
    pub(crate) sent_at: Instant,
    /// When it was settled, and how; nothing while it is on its way, or if its caller went away meanwhile.
    pub(crate) end: Option<(Instant, SendOutcome)>,
}

impl SendAttempt {
    /// Whether it may have been carried out although nothing was answered.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.end, None | Some((_, SendOutcome::Unknown(_))))
    }
}

/// The last look that was answered since the last attempt or withdrawal.
#[derive(Debug, Clone)]
pub(crate) struct LookupSnapshot {
    pub(crate) asked_at: Instant,
    /// What it showed, called off or not.
    pub(crate) row_ids: HashSet<RowId>,
    pub(crate) taken_by_other: bool,
    pub(crate) start_taken_by_other: bool,
}

/// Everything that is known of one appointment.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) prior: PriorAttempt,
    /// When this call began.
    pub(crate) started_at: Instant,
    /// Since when what a process sent that died may be on its way.
    pub(crate) interrupted_at: Option<Instant>,
    pub(crate) attempts: Vec<SendAttempt>,
    /// Everything that was ever seen to bear the key. What was cancelled stays cancelled: a list that lags shows it as it
    /// was.
    rows: Vec<BookingRow>,
    /// What this call cancelled, and what turned out to be gone without a trace.
    cancelled: HashSet<RowId>,
    pub(crate) partial_cancelled_at: Option<Instant>,
    pub(crate) last_lookup: Option<LookupSnapshot>,
    /// Whether any look of this call was answered.
    pub(crate) has_lookup: bool,
    pub(crate) stability: StabilityWindow,
    /// Whether this caller would see the booking in a list; nothing until that is known.
    pub(crate) can_list: Option<bool>,
    /// Whether a lease that other processes share is held, and no call before has left the key open, as far as the store
    /// knows. It may have forgotten one, or not have answered it: that is no proof.
    pub(crate) has_exclusive_lease: bool,
    /// A booking that bears the key, and is of other content.
    pub(crate) other_content: Option<Booking>,
    /// When that was first seen; nothing if it is so old that every call which is still at work has seen it.
    pub(crate) other_content_since: Option<Instant>,
    /// The same person's booking of this time, under another key.
    pub(crate) same_person: Option<Booking>,
    /// Whether an earlier call has left word that it booked.
    pub(crate) was_booked_before: bool,
    /// Bookings to be read, because something says that they are the appointment.
    pub(crate) pending_reads: Vec<BookingUid>,
    /// Those that could not be read: they are read again after the next look.
    failed_reads: Vec<BookingUid>,
    /// Those that could be read.
    pub(crate) completed_reads: Vec<BookingUid>,
    pub(crate) last_error: Option<Error>,
}

impl Evidence {
    pub(crate) fn new(prior: PriorAttempt, now: Instant) -> Self {
        Self {
            prior,
            started_at: now,
            interrupted_at: (prior == PriorAttempt::Interrupted).then_some(now),
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
            same_person: None,
            was_booked_before: false,
            pending_reads: Vec::new(),
            failed_reads: Vec::new(),
            completed_reads: Vec::new(),
            last_error: None,
        }
    }

    pub(crate) fn start_attempt(&mut self, now: Instant) {
        self.attempts.push(SendAttempt { sent_at: now, end: None });
        self.last_lookup = None;
    }

    pub(crate) fn finish_attempt(&mut self, now: Instant, sent: SendOutcome) {
        match &sent {
            SendOutcome::Unknown(error) => self.last_error.clone_from(error),
            SendOutcome::NotSent(error) | SendOutcome::Refused(error) => self.last_error = Some(error.clone()),
            SendOutcome::Created(rows) => rows.iter().for_each(|row| _ = self.merge_row(row)),
            // A booking without any key may be the one that was just made: its uid tells.
            SendOutcome::OtherKey(booking) => self.schedule_read(&booking.uid),
        }
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some((now, sent));
        }
        self.stability.reset();
        self.last_lookup = None;
    }

    /// A look that was asked at `asked` has ended.
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
        self.same_person = self.same_person.take().or(result.same_person);
        self.stability.record_success(asked, now, new);
        self.has_lookup = true;
        let LookupResult { taken_by_other, start_taken_by_other, .. } = result;
        let row_ids = result.rows.iter().map(BookingRow::id).collect();
        self.last_lookup = Some(LookupSnapshot { asked_at: asked, row_ids, taken_by_other, start_taken_by_other });
    }

    /// The key stands on a booking of other content.
    pub(crate) fn record_other_content(&mut self, booking: Option<Booking>, now: Instant) {
        if self.other_content.is_none() && booking.is_some() {
            self.other_content = booking;
            self.other_content_since = Some(now);
        }
    }

    /// The booking or series `uid` was read: what of it bears the key, as it stands now.
    pub(crate) fn record_read(&mut self, uid: &BookingUid, rows: Vec<BookingRow>) -> bool {
        self.pending_reads.retain(|it| it != uid);
        self.failed_reads.retain(|it| it != uid);
        self.completed_reads.push(uid.clone());
        let mut new = false;
        // A seat that is given back leaves no trace.
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

    /// The booking or series `uid` could not be read: what points to it is not forgotten.
    pub(crate) fn record_read_failure(&mut self, uid: &BookingUid, error: Error) {
        self.pending_reads.retain(|it| it != uid);
        self.failed_reads.push(uid.clone());
        self.last_error = Some(error);
    }

    /// These rows were cancelled, as far as the service could be reached.
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
            // What could not be cancelled is tried again, not at once.
            self.stability.reset_delayed();
            self.last_error = error;
            return;
        }
        if reason == CancelReason::PartialSeries {
            // What the lost attempt has done is known by now, and undone.
            self.partial_cancelled_at = Some(now);
        }
        self.cancelled.extend(rows.iter().map(BookingRow::id));
    }

    /// Takes a row in; whether it tells something new.
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

    /// What stands.
    pub(crate) fn active_rows(&self) -> Vec<BookingRow> {
        self.rows.iter().filter(|row| row.is_active() && !self.cancelled.contains(&row.id())).cloned().collect()
    }

    /// What a person called off, or moved.
    pub(crate) fn cancelled_rows(&self) -> Vec<BookingRow> {
        let gone = |row: &&BookingRow| {
            !row.is_active() && !CancelReason::is_ours(&row.booking) && !self.cancelled.contains(&row.id())
        };
        self.rows.iter().filter(gone).cloned().collect()
    }

    /// Whether something was cancelled as a double: then another row stands, seen or not.
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

    /// When the last attempt was sent whose outcome is not known.
    pub(crate) fn unresolved_since(&self) -> Option<Instant> {
        let open = self.attempts.iter().rev().find(|attempt| attempt.is_open()).map(|attempt| attempt.sent_at);
        open.max(self.interrupted_at).filter(|at| self.partial_cancelled_at.is_none_or(|torn| *at > torn))
    }

    /// Whether any attempt was ever lost, settled by now or not.
    pub(crate) fn had_unknown_attempt(&self) -> bool {
        self.interrupted_at.is_some() || self.attempts.iter().any(SendAttempt::is_open)
    }

    /// How often in a row it was refused or not sent.
    pub(crate) fn refusal_count(&self) -> u32 {
        let refused =
            |it: &&SendAttempt| matches!(it.end, Some((_, SendOutcome::Refused(_) | SendOutcome::NotSent(_))));
        u32::try_from(self.attempts.iter().filter(refused).count()).unwrap_or(u32::MAX)
    }

    /// Whether a part of a series was withdrawn since the last attempt.
    pub(crate) fn is_partial_cancelled(&self) -> bool {
        self.partial_cancelled_at.is_some_and(|torn| self.attempts.last().is_none_or(|attempt| attempt.sent_at <= torn))
    }

    /// What an attempt was answered to have made, and when.
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
