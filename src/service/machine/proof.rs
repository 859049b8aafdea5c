//! What the evidence proves: that nothing is booked, that a duplicate may exist, that what was created is visible.

use tokio::time::Instant;

use super::{Evidence, action::BookingTerms, select::select};
use crate::{
    model::BookingStatus,
    service::{Problem, appointment::PriorUse, event_type::BookingKind, lookup::BookingRow},
};

/// Whether it is proven that nothing is booked.
pub(super) enum NotBookedProof {
    Proven,
    Pending,
    /// This caller can never prove it.
    Unobtainable,
}

/// The input of a decision: evidence, parameters and time.
pub(super) struct DecisionInput<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) terms: &'a BookingTerms,
    pub(super) now: Instant,
}

impl DecisionInput<'_> {
    /// As [`proof_of_not_booked`](Self::proof_of_not_booked), if the same problem prevents other calls from booking.
    pub(super) fn absent_for_all_callers(&self, since: Instant) -> NotBookedProof {
        if self.terms.blocking_problems.contains(&Problem::NotSent) {
            NotBookedProof::Pending
        } else {
            self.proof_of_not_booked(since)
        }
    }

    /// Whether lookups have proven that nothing is booked, and that no request in flight at `since` can still book. One of them
    /// must have been sent after the settling time, and the service must have answered for half of it.
    pub(super) fn proof_of_not_booked(&self, since: Instant) -> NotBookedProof {
        let settle = self.terms.times.settle;
        let is_late =
            self.evidence.last_lookup.as_ref().is_some_and(|lookup| lookup.asked_at.duration_since(since) >= settle);
        let covered =
            is_late && self.unresolved_attempt_has_settled() && self.evidence.stability.is_stable_for(settle / 2);
        self.proof_if(covered)
    }

    /// The same for a key that was used for other content. An own attempt may still be executed. Another call for this
    /// content may have looked up before the list showed the other booking, and what it booked may become visible as
    /// late.
    pub(super) fn other_content_only(&self) -> NotBookedProof {
        let settle = self.terms.times.settle;
        let long = |since: Instant| {
            let asked = self.evidence.last_lookup.as_ref().map(|lookup| lookup.asked_at);
            asked.is_some_and(|asked| asked.duration_since(since) >= settle.saturating_mul(2))
        };
        match self.evidence.unresolved_since() {
            Some(since) if self.evidence.other_content_since.is_none_or(long) => self.proof_of_not_booked(since),
            None if self.evidence.other_content_since.is_none() => self.proof_after_lookup(),
            None if self.evidence.other_content_since.is_some_and(long) => {
                self.proof_of_not_booked(self.evidence.started_at)
            }
            _ => self.proof_if(false),
        }
    }

    /// The same for what no own attempt can have caused: one lookup was answered.
    pub(super) fn proof_after_lookup(&self) -> NotBookedProof {
        self.proof_if(self.evidence.has_lookup)
    }

    pub(super) fn proof_if(&self, covered: bool) -> NotBookedProof {
        match self.evidence.can_list {
            Some(true) if covered => NotBookedProof::Proven,
            // A lease is no proof: the store may have been unavailable, or have lost an entry.
            Some(false) => NotBookedProof::Unobtainable,
            _ => NotBookedProof::Pending,
        }
    }

    /// Why an unresolved attempt is not sent again: its lookups show this caller nothing, and a second request would book beside
    /// the first one. `None` if it may be sent.
    pub(super) fn missing_proof_before_resend(&self) -> Option<NotBookedProof> {
        let books_beside = self.evidence.unresolved_since().is_some() && self.terms.kind.books_again();
        match self.evidence.can_list {
            _ if !books_beside => None,
            Some(true) => None,
            Some(false) => Some(NotBookedProof::Unobtainable),
            None => Some(NotBookedProof::Pending),
        }
    }

    /// Whether the last unresolved attempt was sent so long ago that its effect is visible.
    pub(super) fn unresolved_attempt_has_settled(&self) -> bool {
        let settle = self.terms.times.settle;
        self.evidence.unresolved_since().is_none_or(|sent| self.now.duration_since(sent) >= settle)
    }

    /// Whether a lookup has shown what was created, and so everything older; or whether it cannot.
    pub(super) fn is_confirmed(&self) -> bool {
        let Some((created, rows)) = self.evidence.created() else { return true };
        let shows = |row: &BookingRow| {
            let lookup = self.evidence.last_lookup.as_ref().filter(|lookup| lookup.asked_at >= created);
            lookup.is_some_and(|lookup| lookup.row_ids.contains(&row.id())) || self.evidence.is_cancelled(&row.id())
        };
        self.evidence.can_list == Some(false)
            || self.now.duration_since(created) >= self.terms.times.settle
            || rows.iter().all(shows)
    }

    /// Whether another request may have been executed beside the one that was answered, for an event type that books
    /// both.
    pub(super) fn may_have_duplicate(&self) -> bool {
        let created = self.evidence.created().map(|(_, rows)| rows).unwrap_or_default();
        let pending = created.iter().any(|row| row.booking.status == BookingStatus::Pending || row.seat.is_some());
        let others = usize::from(self.evidence.prior != PriorUse::None);
        (self.terms.kind.can_duplicate() || pending)
            && self.evidence.attempts.len() + others > 1
            && (self.evidence.had_unknown_attempt() || others > 0)
    }

    /// What was created is complete, whatever the event type says by now.
    pub(super) fn expected_rows(&self) -> Option<usize> {
        let created = self.evidence.created().map(|(_, rows)| select(rows, &[], None).keep.len());
        created.or(self.terms.expected_rows)
    }

    /// Whether a booking is made in several rows, of which a refusal may leave some.
    pub(super) fn may_have_partial_rows(&self) -> bool {
        !self.terms.kind.is_one_row()
    }

    /// Whether rows of a series are active of which it is unknown whether they are all.
    pub(super) fn may_grow(&self, live: &[BookingRow]) -> bool {
        self.expected_rows().is_none()
            && !self.evidence.stability.is_stable_for(self.terms.times.settle)
            && live.iter().any(|row| row.booking.recurring_booking_uid().is_some())
    }

    /// Whether two bookings of the same time cannot both be active.
    pub(super) fn excludes_overlap(&self) -> bool {
        matches!(self.terms.kind, BookingKind::Plain | BookingKind::Series)
    }
}
