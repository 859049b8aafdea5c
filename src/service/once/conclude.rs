//! What follows from what is known: one function without clock, network or memory, so that the same evidence always leads to
//! the same step, and more of it never turns "booked" into "not booked".

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Evidence, Why,
    pick::{Picked, pick},
    proof::{Case, Proof},
    step::{Next, Sent, State, Step, Terms, Verdict},
};
use crate::{
    Error,
    model::Booking,
    service::{
        Problem,
        appointment::Former,
        event_type::Kind,
        lookup::{Row, bears_any_key},
    },
};

/// How often a seat is sent for that was refused because two came at once (22 of 22 got theirs the second time).
pub(super) const SEAT_TRIES: u32 = 4;
/// The wait before.
const SEAT_WAIT: Duration = Duration::from_millis(200);

/// What to do next, given everything that is known.
pub(crate) fn conclude(evidence: &Evidence, terms: &Terms, now: Instant) -> Next {
    let case = Case { evidence, terms, now };
    let (state, step) = case.decide();
    Next { state, step }
}

/// What can be said when the time is up; nothing if that is unknown.
pub(crate) fn at_deadline(evidence: &Evidence, terms: &Terms, now: Instant) -> Option<Verdict> {
    Case { evidence, terms, now }.at_deadline()
}

/// Whether something may still come of an attempt that has to be tidied up: a double, or a part of a series.
pub(crate) fn leaves_doubts(evidence: &Evidence, terms: &Terms, now: Instant) -> bool {
    let case = Case { evidence, terms, now };
    let refused = matches!(evidence.last(), Some(Sent::Refused(error)) if Problem::may_be_our_own_doing(error));
    // Others may have doubled what a look has found, too.
    let found = evidence.former != Former::Never && terms.kind.doubles() && !evidence.live().is_empty();
    let doubles = (case.may_have_doubled() || found) && (evidence.lost_once() || !evidence.alone);
    let parts = terms.kind.is_series() && (evidence.lost_once() || refused || evidence.torn_at.is_some());
    let live = evidence.live();
    let Picked { surplus, whole, .. } = pick(&live, &evidence.gone(), case.wanted());
    doubles || parts || !surplus.is_empty() || (!live.is_empty() && !whole)
}

impl Case<'_> {
    /// The state, and the step that follows from it. A step can find that a check blocks it, or that an answer settles it: then
    /// it names that state.
    fn decide(&self) -> (State, Step) {
        if let Some(settled) = self.settled_by_answer() {
            return settled;
        }
        let (live, gone) = (self.evidence.live(), self.evidence.gone());
        let picked = pick(&live, &gone, self.wanted());
        let state = self.state(&live, &gone, &picked);
        if let Some(uid) = self.evidence.to_read.first() {
            return (state, Step::Read(uid.clone()));
        }
        match state {
            State::Found => self.found(&live, picked),
            State::Part => self.part(live, &picked),
            State::CalledOff => match gone.into_iter().next() {
                Some(row) => finish(state, Verdict::CalledOff(row)),
                None => self.look(state),
            },
            State::Used => self.used(),
            // Answered, and not seen yet; or cancelled since as a double, so that the other one is still to be seen.
            State::Answered => self.look(state),
            State::New
            | State::AskedBefore
            | State::Orphaned
            | State::Another
            | State::Refused
            | State::RefusedAgain
            | State::NotSent
            | State::Lost
            | State::Blocked => self.unseen(state),
        }
    }

    /// What is known without a look: before the first request, and by an answer that no look can change.
    fn settled_by_answer(&self) -> Option<(State, Step)> {
        let new = self.evidence.former == Former::Never;
        let closed = || new && self.evidence.live().is_empty() && self.evidence.open_since().is_none();
        match self.evidence.last() {
            None if new && self.evidence.attempts.is_empty() && self.terms.sends => Some(self.send_now(State::New)),
            Some(Sent::NotSent(error)) if closed() => Some(finish(State::NotSent, Verdict::NotSent(error.clone()))),
            Some(Sent::Refused(error)) if closed() && !Problem::may_be_our_own_doing(error) => {
                Some(finish(State::Refused, Verdict::Refused(error.clone())))
            }
            Some(Sent::Foreign(booking)) if closed() && bears_any_key(booking) => {
                Some(finish(State::Another, Verdict::Foreign(booking.clone())))
            }
            Some(Sent::Made(rows)) if !self.may_have_doubled() => {
                Some(finish(State::Answered, Verdict::Booked { rows: rows.clone(), found: false }))
            }
            _ => None,
        }
    }

    /// What is known: by the rows that bear the key, else by the last answer.
    fn state(&self, live: &[Row], gone: &[Row], picked: &Picked) -> State {
        let doubled = !picked.surplus.is_empty();
        if !live.is_empty() {
            return match picked.whole {
                true if doubled => State::Found,
                // How many occurrences it has is not known, and more may be on their way.
                true if self.may_grow(live) => State::Part,
                true if !self.is_confirmed() => State::Answered,
                true => State::Found,
                false => State::Part,
            };
        }
        if !gone.is_empty() {
            State::CalledOff
        } else if self.evidence.used_for.is_some() {
            State::Used
        } else if self.evidence.has_a_twin() || self.evidence.spent {
            // It stands, or stood, wherever it is.
            State::Found
        } else {
            self.state_by_answer()
        }
    }

    /// Sends at once, unless a check keeps it from that.
    fn send_now(&self, state: State) -> (State, Step) {
        if self.terms.blocked.is_empty() {
            (state, Step::Send { at: self.now })
        } else {
            finish(State::Blocked, Verdict::Blocked(self.terms.blocked.clone()))
        }
    }

    /// What bears the key stands, whole; or is known to, and is not seen.
    fn found(&self, live: &[Row], picked: Picked) -> (State, Step) {
        let Picked { keep, surplus, .. } = picked;
        if live.is_empty() {
            return self.look(State::Found);
        }
        if surplus.is_empty() {
            return finish(State::Found, self.booked(keep));
        }
        // Rows of a series may be another caller's, who is still making them.
        let stable = self.evidence.quiet.has_lasted(self.terms.timing.settle);
        if live.iter().any(|row| row.booking.recurring_booking_uid().is_some()) && !stable {
            return self.look(State::Found);
        }
        (State::Found, Step::Withdraw { rows: surplus, keep, why: Why::Twice })
    }

    /// Part of a series. Either it is still being made, by this caller's request or by another's, or it never will be whole.
    fn part(&self, live: Vec<Row>, picked: &Picked) -> (State, Step) {
        let settled = self.evidence.former == Former::Never
            && self.evidence.open_since().is_none()
            && (matches!(self.evidence.last(), Some(Sent::Refused(_))) || self.evidence.is_torn());
        let stable = self.evidence.quiet.has_lasted(self.terms.timing.settle);
        if !picked.whole && (settled || stable) {
            return (State::Part, Step::Withdraw { rows: live, keep: Vec::new(), why: Why::Torn });
        }
        self.look(State::Part)
    }

    /// The key stands on other content.
    fn used(&self) -> (State, Step) {
        let Some(booking) = &self.evidence.used_for else { return self.look(State::Used) };
        let verdict = Verdict::Used(Box::new(booking.clone()));
        if self.evidence.former == Former::Never && self.evidence.open_since().is_none() {
            return finish(State::Used, verdict);
        }
        self.denied(State::Used, verdict, self.used_up())
    }

    /// These rows are the appointment. The answer to a request says more of its rows than a look does.
    fn booked(&self, rows: Vec<Row>) -> Verdict {
        let Some((_, made)) = self.evidence.made() else { return Verdict::Booked { rows, found: true } };
        let answered = |row: Row| made.iter().find(|it| it.name() == row.name()).cloned().unwrap_or(row);
        Verdict::Booked { rows: rows.into_iter().map(answered).collect(), found: false }
    }

    /// Nothing that bears the key is known to stand, nor was anything called off.
    fn unseen(&self, state: State) -> (State, Step) {
        let Some(look) = &self.evidence.look else { return self.look(state) };
        match (state, self.evidence.last()) {
            (State::Another, Some(Sent::Foreign(booking))) => self.another(booking),
            (State::Refused | State::RefusedAgain, Some(Sent::Refused(error))) => {
                self.refused(error, look.rival_at_start)
            }
            // Another call may book it yet, so that this one does not say "not booked" either: it tries again.
            (State::NotSent, _) if self.terms.sends => {
                if self.evidence.quiet.has_lasted(self.terms.timing.plain) && self.terms.blocked.is_empty() {
                    return (state, Step::Send { at: self.now });
                }
                self.look(state)
            }
            (State::AskedBefore, _) if self.terms.sends => {
                if self.terms.blocked.is_empty() {
                    return (state, Step::Send { at: self.now });
                }
                // What keeps it from being sent now may not have been so for another call; its content always was.
                let by_content = self.terms.blocked.iter().any(Problem::is_about_content);
                let proof = if by_content { self.answered() } else { self.never_to_come(self.evidence.began) };
                self.denied(State::Blocked, Verdict::Blocked(self.terms.blocked.clone()), proof)
            }
            // What is in the way of the series is in the way of another try, too.
            _ if self.evidence.is_torn() && look.rival => self.denied(state, Verdict::Torn, self.answered()),
            _ => self.lost(state),
        }
    }

    /// The answer was a booking that bears another key, or none.
    fn another(&self, booking: &Booking) -> (State, Step) {
        let said = booking.extra("metadata").is_some() || bears_any_key(booking);
        let verdict = Verdict::Foreign(Box::new(booking.clone()));
        if said && self.evidence.former == Former::Never && self.evidence.was_read.contains(&booking.uid) {
            return finish(State::Another, verdict);
        }
        if said {
            return self.denied(State::Another, verdict, self.answered());
        }
        let row = Row { booking: booking.clone(), seat: None };
        finish(State::Answered, Verdict::Booked { rows: vec![row], found: false })
    }

    fn refused(&self, error: &Error, rival: bool) -> (State, Step) {
        let raced = Problem::of(error).iter().any(|it| matches!(it, Problem::SlotTaken | Problem::NotAvailable));
        let verdict = Verdict::Refused(error.clone());
        let open = self.evidence.open_since();
        let may_have_parts = self.may_have_parts() && Problem::is_lost_race(error) && !self.evidence.is_torn();
        if may_have_parts && self.evidence.sees != Some(true) {
            // The occurrences before the one that met another booking stand, and this caller does not see them.
            let proof = if self.evidence.sees.is_none() { Proof::NotYet } else { Proof::Impossible };
            return self.denied(State::Refused, verdict, proof);
        }
        if open.is_none() && !may_have_parts {
            let tries = self.evidence.refusals();
            if self.terms.sends && self.terms.kind == Kind::Seated && raced && tries < SEAT_TRIES {
                return (State::Refused, Step::Send { at: self.now + SEAT_WAIT * tries });
            }
            if self.evidence.former == Former::Never {
                return finish(State::Refused, verdict);
            }
            // Any other reason may not have held for an earlier call, or be a gateway's.
            if Problem::of(error).iter().all(Problem::is_about_content) {
                return self.denied(State::Refused, verdict, self.answered());
            }
        }
        let state = if open.is_some() { State::RefusedAgain } else { State::Refused };
        // Where somebody else has the time of a booking that stands at once, or of the first occurrence of such a series, it
        // cannot stand, nor come any more.
        if rival && self.excludes_rivals() && self.evidence.sees == Some(true) {
            return finish(state, verdict);
        }
        let since = match (self.evidence.former, self.evidence.last_ended()) {
            (Former::Never, _) if !may_have_parts => open.unwrap_or(self.evidence.began),
            (_, None) => open.unwrap_or(self.evidence.began),
            (_, Some(ended)) => ended,
        };
        self.denied(state, verdict, self.absent(since))
    }

    fn lost(&self, state: State) -> (State, Step) {
        let Evidence { quiet, .. } = &self.evidence;
        let open = self.evidence.open_since();
        if !self.terms.sends {
            // The last word: all of the time has to be covered by looks, unless what was done is known.
            let undone = open.is_none() && self.evidence.torn_at.is_some();
            let settled = quiet.has_lasted(self.terms.timing.settle) || undone;
            let proof = if settled { self.answered() } else { Proof::NotYet };
            return self.denied(state, Verdict::NothingBooked, proof);
        }
        // What a dead process sent so long ago is there, or will never be.
        let long_dead = self.evidence.attempts.is_empty()
            && self
                .evidence
                .orphaned
                .is_some_and(|since| self.now.duration_since(since) / 3 >= self.terms.timing.settle);
        let settled = open.is_none()
            || long_dead
            || match self.terms.kind {
                Kind::Plain => quiet.has_lasted(self.terms.timing.plain),
                _ => self.has_aged() && quiet.has_lasted(self.terms.timing.settle / 2),
            };
        if !settled {
            return self.look(state);
        }
        if self.terms.blocked.is_empty() {
            return (state, Step::Send { at: self.now });
        }
        let since = open.unwrap_or(self.evidence.began);
        self.denied(State::Blocked, Verdict::Blocked(self.terms.blocked.clone()), self.never_to_come(since))
    }

    /// Says that nothing stands if that is proven; else looks on, unless this caller never sees anything.
    fn denied(&self, state: State, verdict: Verdict, proof: Proof) -> (State, Step) {
        match proof {
            Proof::Given => finish(state, verdict),
            Proof::NotYet => self.look(state),
            Proof::Impossible => finish(state, Verdict::Unknowable),
        }
    }

    fn look(&self, state: State) -> (State, Step) {
        let refused = matches!(self.evidence.last(), Some(Sent::Refused(_)));
        let others =
            self.evidence.open_since().is_some() || self.evidence.former != Former::Never || self.may_have_parts();
        let wide = self.evidence.is_torn() || (refused && others && self.excludes_rivals());
        (state, Step::Look { at: self.evidence.quiet.next(self.now), wide })
    }

    /// The state while nothing is to be seen.
    fn state_by_answer(&self) -> State {
        match self.evidence.last() {
            Some(Sent::Made(_)) => State::Answered,
            Some(Sent::Foreign(_)) => State::Another,
            Some(Sent::Refused(_)) if self.evidence.open_since().is_some() => State::RefusedAgain,
            Some(Sent::Refused(_)) => State::Refused,
            Some(Sent::NotSent(_)) if self.evidence.open_since().is_none() => State::NotSent,
            None if self.evidence.attempts.is_empty() => match self.evidence.former {
                Former::Never => State::New,
                Former::Perhaps => State::AskedBefore,
                Former::Died => State::Orphaned,
            },
            _ => State::Lost,
        }
    }

    fn at_deadline(&self) -> Option<Verdict> {
        let (live, gone) = (self.evidence.live(), self.evidence.gone());
        let Picked { keep, whole, .. } = pick(&live, &gone, self.wanted());
        let made = self.evidence.made().map(|(_, rows)| rows.to_vec());
        if whole && !self.may_grow(&live) {
            return Some(self.booked(keep));
        }
        if let Some(rows) = made {
            return Some(Verdict::Booked { rows, found: false });
        }
        if self.evidence.former != Former::Never || self.evidence.open_since().is_some() {
            return None;
        }
        let may_leave_a_part =
            |error| self.terms.kind.is_series() || (self.may_have_parts() && Problem::is_lost_race(error));
        match self.evidence.last() {
            Some(Sent::Refused(error)) if !may_leave_a_part(error) => Some(Verdict::Refused(error.clone())),
            Some(Sent::NotSent(error)) => Some(Verdict::NotSent(error.clone())),
            Some(Sent::Foreign(booking)) if bears_any_key(booking) => Some(Verdict::Foreign(booking.clone())),
            Some(Sent::Lost(_)) if self.evidence.is_torn() && live.is_empty() => Some(Verdict::Torn),
            _ => None,
        }
    }
}

fn finish(state: State, verdict: Verdict) -> (State, Step) {
    (state, Step::Finish(verdict))
}
