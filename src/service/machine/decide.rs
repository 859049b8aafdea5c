//! The decision: a function of evidence, parameters and time, without clock, network or memory. The same evidence
//! always leads to the same action, and more of it never turns "booked" into "not booked".

use std::time::Duration;

use tokio::time::Instant;

use super::{
    BookingState, CancelReason, Evidence,
    action::{Action, BookingTerms, Resolution, SendOutcome, Transition},
    proof::{DecisionInput, NotBookedProof},
    select::{Selection, select},
};
use crate::{
    Error,
    model::Booking,
    service::{
        Problem,
        appointment::PriorUse,
        event_type::BookingKind,
        lookup::{BookingRow, has_any_key},
    },
};

/// Most attempts for a seat that is refused because of a concurrent request (22 of 22 got theirs the second time).
pub(super) const MAX_SEAT_ATTEMPTS: u32 = 4;
/// Delay before the next of these attempts, multiplied by their number.
const SEAT_RETRY_DELAY: Duration = Duration::from_millis(200);

/// Decides the next action.
pub(crate) fn decide(evidence: &Evidence, terms: &BookingTerms, now: Instant) -> Transition {
    let case = DecisionInput { evidence, terms, now };
    let (state, action) = case.decide();
    Transition { state, action }
}

/// The resolution at the deadline; `None` if the outcome is unknown.
pub(crate) fn resolve_at_deadline(evidence: &Evidence, terms: &BookingTerms, now: Instant) -> Option<Resolution> {
    DecisionInput { evidence, terms, now }.resolve_at_deadline()
}

/// Whether a duplicate, or a part of a series, may still appear and must then be cancelled.
pub(crate) fn needs_watch(evidence: &Evidence, terms: &BookingTerms, now: Instant) -> bool {
    let case = DecisionInput { evidence, terms, now };
    let refused =
        matches!(evidence.last_outcome(), Some(SendOutcome::Refused(error)) if Problem::may_follow_own_attempt(error));
    // Other calls may also have duplicated what a lookup has found.
    let found = evidence.prior != PriorUse::None && terms.kind.can_duplicate() && !evidence.active_rows().is_empty();
    let can_duplicate =
        (case.may_have_duplicate() || found) && (evidence.had_unknown_attempt() || !evidence.has_exclusive_lease);
    let parts = terms.kind.is_series()
        && (evidence.had_unknown_attempt() || refused || evidence.partial_cancelled_at.is_some());
    let active = evidence.active_rows();
    let Selection { surplus, is_complete, .. } = select(&active, &evidence.cancelled_rows(), case.expected_rows());
    can_duplicate || parts || !surplus.is_empty() || (!active.is_empty() && !is_complete)
}

impl DecisionInput<'_> {
    /// The state, and the action that follows from it. If a check blocks the action, or a response resolves it, the
    /// returned state says so.
    fn decide(&self) -> (BookingState, Action) {
        if let Some(is_settled) = self.resolve_without_lookup() {
            return is_settled;
        }
        let (active, cancelled) = (self.evidence.active_rows(), self.evidence.cancelled_rows());
        let selection = select(&active, &cancelled, self.expected_rows());
        let state = self.state(&active, &cancelled, &selection);
        if let Some(uid) = self.evidence.pending_reads.first() {
            return (state, Action::Read(uid.clone()));
        }
        match state {
            BookingState::Found => self.resolve_found(&active, selection),
            BookingState::Partial => self.resolve_partial(active, &selection),
            BookingState::Cancelled => match cancelled.into_iter().next() {
                Some(row) => finish(state, Resolution::Cancelled(row)),
                None => self.plan_lookup(state),
            },
            BookingState::OtherContent => self.resolve_other_content(),
            // Created, and not visible yet; or cancelled since as a duplicate, so that the kept one must be found.
            BookingState::Created => self.plan_lookup(state),
            BookingState::New
            | BookingState::CallerKey
            | BookingState::Interrupted
            | BookingState::OtherKey
            | BookingState::Refused
            | BookingState::RefusedAgain
            | BookingState::NotSent
            | BookingState::Unresolved
            | BookingState::Blocked => self.resolve_absent(state),
        }
    }

    /// The resolution that needs no lookup: before the first request, and after a response that no lookup can change.
    fn resolve_without_lookup(&self) -> Option<(BookingState, Action)> {
        let new = self.evidence.prior == PriorUse::None;
        let closed = || new && self.evidence.active_rows().is_empty() && self.evidence.unresolved_since().is_none();
        match self.evidence.last_outcome() {
            None if new && self.evidence.attempts.is_empty() && self.terms.may_send => {
                Some(self.plan_send(BookingState::New))
            }
            Some(SendOutcome::NotSent(error)) if closed() => {
                Some(finish(BookingState::NotSent, Resolution::NotSent(error.clone())))
            }
            Some(SendOutcome::Refused(error)) if closed() && !Problem::may_follow_own_attempt(error) => {
                Some(finish(BookingState::Refused, Resolution::Refused(error.clone())))
            }
            Some(SendOutcome::OtherKey(booking)) if closed() && has_any_key(booking) => {
                Some(finish(BookingState::OtherKey, Resolution::OtherKey(booking.clone())))
            }
            Some(SendOutcome::Created(rows)) if !self.may_have_duplicate() => {
                Some(finish(BookingState::Created, Resolution::Booked { rows: rows.clone(), found: false }))
            }
            _ => None,
        }
    }

    /// The state: by the rows with the key, else by the last outcome.
    fn state(&self, active: &[BookingRow], cancelled: &[BookingRow], selection: &Selection) -> BookingState {
        let doubled = !selection.surplus.is_empty();
        if !active.is_empty() {
            return match selection.is_complete {
                true if doubled => BookingState::Found,
                // The number of occurrences is unknown, and more may follow.
                true if self.may_grow(active) => BookingState::Partial,
                true if !self.is_confirmed() => BookingState::Created,
                true => BookingState::Found,
                false => BookingState::Partial,
            };
        }
        if !cancelled.is_empty() {
            BookingState::Cancelled
        } else if self.evidence.other_content.is_some() {
            BookingState::OtherContent
        } else if self.evidence.has_cancelled_duplicate() || self.evidence.was_booked_before {
            // It is booked, or was, and is not visible.
            BookingState::Found
        } else {
            self.state_of_last_outcome()
        }
    }

    /// Sends at once, unless a check prevents it.
    fn plan_send(&self, state: BookingState) -> (BookingState, Action) {
        if self.terms.blocking_problems.is_empty() {
            (state, Action::Send { at: self.now })
        } else {
            finish(BookingState::Blocked, Resolution::Blocked(self.terms.blocking_problems.clone()))
        }
    }

    /// All rows are active; or they are known to exist, and are not visible.
    fn resolve_found(&self, active: &[BookingRow], selection: Selection) -> (BookingState, Action) {
        let Selection { keep, surplus, .. } = selection;
        if active.is_empty() {
            return self.plan_lookup(BookingState::Found);
        }
        if surplus.is_empty() {
            return finish(BookingState::Found, self.booked_resolution(keep));
        }
        // Rows of a series may belong to a call that is still creating them.
        let stable = self.evidence.stability.is_stable_for(self.terms.times.settle);
        if active.iter().any(|row| row.booking.recurring_booking_uid().is_some()) && !stable {
            return self.plan_lookup(BookingState::Found);
        }
        (BookingState::Found, Action::Cancel { rows: surplus, keep, reason: CancelReason::Duplicate })
    }

    /// A part of a series is active. It is still being created, by this call or by another, or it will never be
    /// complete.
    fn resolve_partial(&self, active: Vec<BookingRow>, selection: &Selection) -> (BookingState, Action) {
        let is_settled = self.evidence.prior == PriorUse::None
            && self.evidence.unresolved_since().is_none()
            && (matches!(self.evidence.last_outcome(), Some(SendOutcome::Refused(_)))
                || self.evidence.is_partial_cancelled());
        let stable = self.evidence.stability.is_stable_for(self.terms.times.settle);
        if !selection.is_complete && (is_settled || stable) {
            return (
                BookingState::Partial,
                Action::Cancel { rows: active, keep: Vec::new(), reason: CancelReason::PartialSeries },
            );
        }
        self.plan_lookup(BookingState::Partial)
    }

    /// The key was used for other content.
    fn resolve_other_content(&self) -> (BookingState, Action) {
        let Some(booking) = &self.evidence.other_content else { return self.plan_lookup(BookingState::OtherContent) };
        let resolution = Resolution::OtherContent(Box::new(booking.clone()));
        if self.evidence.prior == PriorUse::None && self.evidence.unresolved_since().is_none() {
            return finish(BookingState::OtherContent, resolution);
        }
        self.deny(BookingState::OtherContent, resolution, self.other_content_only())
    }

    /// These rows are the appointment. The response to a request has more detail than a lookup.
    fn booked_resolution(&self, rows: Vec<BookingRow>) -> Resolution {
        let Some((_, created)) = self.evidence.created() else { return Resolution::Booked { rows, found: true } };
        let answered = |row: BookingRow| created.iter().find(|it| it.id() == row.id()).cloned().unwrap_or(row);
        Resolution::Booked { rows: rows.into_iter().map(answered).collect(), found: false }
    }

    /// No row with the key is known to be active or cancelled.
    fn resolve_absent(&self, state: BookingState) -> (BookingState, Action) {
        let Some(lookup) = &self.evidence.last_lookup else { return self.plan_lookup(state) };
        match (state, self.evidence.last_outcome()) {
            (BookingState::OtherKey, Some(SendOutcome::OtherKey(booking))) => self.resolve_other_key(booking),
            (BookingState::Refused | BookingState::RefusedAgain, Some(SendOutcome::Refused(error))) => {
                self.resolve_refused(error, lookup.start_taken_by_other)
            }
            // Another call may still book, so that "not booked" is not certain: it is sent again.
            (BookingState::NotSent, _) if self.terms.may_send => {
                if self.evidence.stability.is_stable_for(self.terms.times.plain_resend)
                    && self.terms.blocking_problems.is_empty()
                {
                    return (state, Action::Send { at: self.now });
                }
                self.plan_lookup(state)
            }
            (BookingState::CallerKey, _) if self.terms.may_send => {
                if self.terms.blocking_problems.is_empty() {
                    return (state, Action::Send { at: self.now });
                }
                // A problem of the time may not have existed for another call. A problem of the content did.
                let by_content = self.terms.blocking_problems.iter().any(Problem::is_about_content);
                let proof = if by_content {
                    self.proof_after_lookup()
                } else {
                    self.absent_for_all_callers(self.evidence.started_at)
                };
                self.deny(BookingState::Blocked, Resolution::Blocked(self.terms.blocking_problems.clone()), proof)
            }
            // The booking that conflicts with the series conflicts with another attempt, too.
            _ if self.evidence.is_partial_cancelled() && lookup.taken_by_other => {
                self.deny(state, Resolution::PartialSeries, self.proof_after_lookup())
            }
            _ => self.resolve_unknown(state),
        }
    }

    /// The response has a booking with another key, or with none.
    fn resolve_other_key(&self, booking: &Booking) -> (BookingState, Action) {
        let is_visible_key = booking.extra("metadata").is_some() || has_any_key(booking);
        let resolution = Resolution::OtherKey(Box::new(booking.clone()));
        if is_visible_key
            && self.evidence.prior == PriorUse::None
            && self.evidence.completed_reads.contains(&booking.uid)
        {
            return finish(BookingState::OtherKey, resolution);
        }
        if is_visible_key {
            return self.deny(BookingState::OtherKey, resolution, self.proof_after_lookup());
        }
        let row = BookingRow { booking: booking.clone(), seat: None };
        finish(BookingState::Created, Resolution::Booked { rows: vec![row], found: false })
    }

    fn resolve_refused(&self, error: &Error, taken_by_other: bool) -> (BookingState, Action) {
        let raced =
            Problem::from_error(error).iter().any(|it| matches!(it, Problem::SlotTaken | Problem::NotAvailable));
        let resolution = Resolution::Refused(error.clone());
        let open = self.evidence.unresolved_since();
        let state = if open.is_some() { BookingState::RefusedAgain } else { BookingState::Refused };
        let may_have_partial_rows =
            self.may_have_partial_rows() && Problem::is_lost_race(error) && !self.evidence.is_partial_cancelled();
        if may_have_partial_rows && self.evidence.can_list != Some(true) {
            // The occurrences before the conflict are booked, and this caller cannot list them.
            let proof =
                if self.evidence.can_list.is_none() { NotBookedProof::Pending } else { NotBookedProof::Unobtainable };
            return self.deny(state, resolution, proof);
        }
        if open.is_none() && !may_have_partial_rows {
            let tries = self.evidence.refusal_count();
            if self.terms.may_send && self.terms.kind == BookingKind::Seated && raced && tries < MAX_SEAT_ATTEMPTS {
                return (state, Action::Send { at: self.now + SEAT_RETRY_DELAY * tries });
            }
            if self.evidence.prior == PriorUse::None {
                return finish(state, resolution);
            }
            // Any other reason may not have existed for an earlier call, or come from a gateway.
            if Problem::from_error(error).iter().all(Problem::is_about_content) {
                return self.deny(state, resolution, self.proof_after_lookup());
            }
        }
        // If another attendee has the time of a booking that is accepted at once, or of the first occurrence of such a
        // series, the appointment does not exist and cannot be created any more.
        if taken_by_other && self.excludes_overlap() && self.evidence.can_list == Some(true) {
            return finish(state, resolution);
        }
        let since = match (self.evidence.prior, self.evidence.last_finished_at()) {
            (PriorUse::None, _) if !may_have_partial_rows => open.unwrap_or(self.evidence.started_at),
            (_, None) => open.unwrap_or(self.evidence.started_at),
            (_, Some(ended)) => ended,
        };
        self.deny(state, resolution, self.proof_of_not_booked(since))
    }

    fn resolve_unknown(&self, state: BookingState) -> (BookingState, Action) {
        let Evidence { stability, .. } = &self.evidence;
        let open = self.evidence.unresolved_since();
        if !self.terms.may_send {
            // Lookups must cover the whole settling time, unless the effect of the attempt is known.
            let undone = open.is_none() && self.evidence.partial_cancelled_at.is_some();
            let is_settled = stability.is_stable_for(self.terms.times.settle) || undone;
            let proof = if is_settled { self.proof_after_lookup() } else { NotBookedProof::Pending };
            return self.deny(state, Resolution::NothingBooked, proof);
        }
        // A request that was sent so long ago by a crashed process is visible by now, or was never executed.
        let long_dead = self.evidence.attempts.is_empty()
            && self
                .evidence
                .interrupted_at
                .is_some_and(|since| self.now.duration_since(since) / 3 >= self.terms.times.settle);
        let is_settled = open.is_none()
            || long_dead
            || match self.terms.kind {
                BookingKind::Plain => stability.is_stable_for(self.terms.times.plain_resend),
                _ => self.unresolved_attempt_has_settled() && stability.is_stable_for(self.terms.times.settle / 2),
            };
        if !is_settled {
            return self.plan_lookup(state);
        }
        if let Some(proof) = self.missing_proof_before_resend() {
            return self.deny(state, Resolution::Unknown, proof);
        }
        if self.terms.blocking_problems.is_empty() {
            return (state, Action::Send { at: self.now });
        }
        let since = open.unwrap_or(self.evidence.started_at);
        self.deny(
            BookingState::Blocked,
            Resolution::Blocked(self.terms.blocking_problems.clone()),
            self.absent_for_all_callers(since),
        )
    }

    /// Returns the resolution if it is proven; else looks up again, unless this caller may not list.
    fn deny(&self, state: BookingState, resolution: Resolution, proof: NotBookedProof) -> (BookingState, Action) {
        match proof {
            NotBookedProof::Proven => finish(state, resolution),
            NotBookedProof::Pending => self.plan_lookup(state),
            NotBookedProof::Unobtainable => finish(state, Resolution::Unknown),
        }
    }

    fn plan_lookup(&self, state: BookingState) -> (BookingState, Action) {
        let refused = matches!(self.evidence.last_outcome(), Some(SendOutcome::Refused(_)));
        let others = self.evidence.unresolved_since().is_some()
            || self.evidence.prior != PriorUse::None
            || self.may_have_partial_rows();
        let wide = self.evidence.is_partial_cancelled() || (refused && others && self.excludes_overlap());
        (state, Action::Lookup { at: self.evidence.stability.next_lookup_at(self.now), wide })
    }

    /// The state if no row is visible.
    fn state_of_last_outcome(&self) -> BookingState {
        match self.evidence.last_outcome() {
            Some(SendOutcome::Created(_)) => BookingState::Created,
            Some(SendOutcome::OtherKey(_)) => BookingState::OtherKey,
            Some(SendOutcome::Refused(_)) if self.evidence.unresolved_since().is_some() => BookingState::RefusedAgain,
            Some(SendOutcome::Refused(_)) => BookingState::Refused,
            Some(SendOutcome::NotSent(_)) if self.evidence.unresolved_since().is_none() => BookingState::NotSent,
            None if self.evidence.attempts.is_empty() => match self.evidence.prior {
                PriorUse::None => BookingState::New,
                PriorUse::Possible => BookingState::CallerKey,
                PriorUse::Interrupted => BookingState::Interrupted,
            },
            _ => BookingState::Unresolved,
        }
    }

    fn resolve_at_deadline(&self) -> Option<Resolution> {
        let (active, cancelled) = (self.evidence.active_rows(), self.evidence.cancelled_rows());
        let Selection { keep, is_complete, .. } = select(&active, &cancelled, self.expected_rows());
        let created = self.evidence.created().map(|(_, rows)| rows.to_vec());
        if is_complete && !self.may_grow(&active) {
            return Some(self.booked_resolution(keep));
        }
        if let Some(rows) = created {
            return Some(Resolution::Booked { rows, found: false });
        }
        if self.evidence.prior != PriorUse::None || self.evidence.unresolved_since().is_some() {
            return None;
        }
        let may_leave_a_part =
            |error| self.terms.kind.is_series() || (self.may_have_partial_rows() && Problem::is_lost_race(error));
        match self.evidence.last_outcome() {
            Some(SendOutcome::Refused(error)) if !may_leave_a_part(error) => Some(Resolution::Refused(error.clone())),
            Some(SendOutcome::NotSent(error)) => Some(Resolution::NotSent(error.clone())),
            Some(SendOutcome::OtherKey(booking)) if has_any_key(booking) => Some(Resolution::OtherKey(booking.clone())),
            Some(SendOutcome::Unknown(_)) if self.evidence.is_partial_cancelled() && active.is_empty() => {
                Some(Resolution::PartialSeries)
            }
            _ => None,
        }
    }
}

fn finish(state: BookingState, resolution: Resolution) -> (BookingState, Action) {
    (state, Action::Finish(resolution))
}
