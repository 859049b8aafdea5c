//! What evidence proves: that nothing stands, that a double may, that what was answered is seen.

use tokio::time::Instant;

use super::{Evidence, pick::pick, step::Terms};
use crate::{
    model::BookingStatus,
    service::{Problem, appointment::Former, event_type::Kind, lookup::Row},
};

/// Whether it is proven that nothing stands.
pub(super) enum Proof {
    Given,
    NotYet,
    /// This caller can never have it.
    Impossible,
}

/// What is known of an appointment, what it is judged by, and when.
pub(super) struct Case<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) terms: &'a Terms,
    pub(super) now: Instant,
}

impl Case<'_> {
    /// As [`absent`](Self::absent), and that another call is kept from booking it by the same.
    pub(super) fn never_to_come(&self, since: Instant) -> Proof {
        if self.terms.blocked.contains(&Problem::NotSent) { Proof::NotYet } else { self.absent(since) }
    }

    /// Whether looks have proven that nothing stands, or is to come of what was under way at `since`: one of them was asked
    /// after the settling time, and the service answered for half of it.
    pub(super) fn absent(&self, since: Instant) -> Proof {
        let settle = self.terms.timing.settle;
        let asked_late = self.evidence.look.as_ref().is_some_and(|look| look.asked.duration_since(since) >= settle);
        let covered = asked_late && self.has_aged() && self.evidence.quiet.has_lasted(settle / 2);
        self.seen(covered)
    }

    /// The same for a key that stands on other content. An own attempt may still be carried out. Another call for this content
    /// may have looked before the list showed the other one to it, and what it booked may be shown as much later again.
    pub(super) fn used_up(&self) -> Proof {
        let settle = self.terms.timing.settle;
        let long = |since: Instant| {
            let asked = self.evidence.look.as_ref().map(|look| look.asked);
            asked.is_some_and(|asked| asked.duration_since(since) >= settle.saturating_mul(2))
        };
        match self.evidence.open_since() {
            Some(since) if self.evidence.used_since.is_none_or(long) => self.absent(since),
            None if self.evidence.used_since.is_none() => self.answered(),
            None if self.evidence.used_since.is_some_and(long) => self.absent(self.evidence.began),
            _ => self.seen(false),
        }
    }

    /// The same for what cannot be this appointment's own doing: that a look was answered.
    pub(super) fn answered(&self) -> Proof {
        self.seen(self.evidence.was_answered)
    }

    pub(super) fn seen(&self, covered: bool) -> Proof {
        match self.evidence.sees {
            Some(true) if covered => Proof::Given,
            // A lease is no proof: the store may have been away, or have forgotten.
            Some(false) => Proof::Impossible,
            _ => Proof::NotYet,
        }
    }

    /// Whether the last attempt whose outcome is unknown was sent so long ago that it would show.
    pub(super) fn has_aged(&self) -> bool {
        let settle = self.terms.timing.settle;
        self.evidence.open_since().is_none_or(|sent| self.now.duration_since(sent) >= settle)
    }

    /// Whether a look has shown what was answered, and so all that is older; or whether there is no hope of that.
    pub(super) fn is_confirmed(&self) -> bool {
        let Some((made, rows)) = self.evidence.made() else { return true };
        let shows = |row: &Row| {
            let look = self.evidence.look.as_ref().filter(|look| look.asked >= made);
            look.is_some_and(|look| look.showed.contains(&row.name()))
                || self.evidence.is_called_off_or_gone(&row.name())
        };
        self.evidence.sees == Some(false)
            || self.now.duration_since(made) >= self.terms.timing.settle
            || rows.iter().all(shows)
    }

    /// Whether another request for it may have been carried out beside the one that was answered, by an event type that
    /// books both.
    pub(super) fn may_have_doubled(&self) -> bool {
        let made = self.evidence.made().map(|(_, rows)| rows).unwrap_or_default();
        let pending = made.iter().any(|row| row.booking.status == BookingStatus::Pending || row.seat.is_some());
        let others = usize::from(self.evidence.former != Former::Never);
        (self.terms.kind.doubles() || pending)
            && self.evidence.attempts.len() + others > 1
            && (self.evidence.lost_once() || others > 0)
    }

    /// What was answered with success is whole, whatever the event type says by now.
    pub(super) fn wanted(&self) -> Option<usize> {
        let made = self.evidence.made().map(|(_, rows)| pick(rows, &[], None).keep.len());
        made.or(self.terms.wanted)
    }

    /// Whether a booking is made in several rows, of which a refusal may leave some.
    pub(super) fn may_have_parts(&self) -> bool {
        !matches!(self.terms.kind, Kind::Plain | Kind::Pending | Kind::Seated)
    }

    /// Whether rows of a series stand of which it is not known whether they are all.
    pub(super) fn may_grow(&self, live: &[Row]) -> bool {
        self.wanted().is_none()
            && !self.evidence.quiet.has_lasted(self.terms.timing.settle)
            && live.iter().any(|row| row.booking.recurring_booking_uid().is_some())
    }

    /// Whether two bookings of the same time cannot stand.
    pub(super) fn excludes_rivals(&self) -> bool {
        matches!(self.terms.kind, Kind::Plain | Kind::Series)
    }
}
