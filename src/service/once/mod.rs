//! The heart of booking exactly once, without network and without clock: what is known, and what to do next.
//!
//! It is told what came of every request and asked for the next step, nothing else. Time comes in with every question.
//! That makes it a machine that can be run through any history in a test (`tests`, and random ones against a server in `model`), and that
//! goes on where it was left when the future around it is dropped at a deadline. The rules it follows are written down in
//! [`service`](crate::service).

#[cfg(test)]
mod model;
mod pick;
mod step;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, time::Duration};

use tokio::time::Instant;

pub(crate) use pick::{pick, untidy};
pub(crate) use step::{Sent, Step, Timing, Verdict, Why};

use super::{
    Problem,
    appointment::Former,
    event_type::Kind,
    lookup::{Row, RowName, Sight},
    quiet::Quiet,
};
use crate::Error;

/// How often a seat is sent for that was refused because two came at once (22 of 22 got theirs the second time).
const SEAT_TRIES: u32 = 4;
/// The wait before.
const SEAT_WAIT: Duration = Duration::from_millis(200);

/// One appointment on its way to being booked once.
#[derive(Debug)]
pub(crate) struct Once {
    kind: Kind,
    wanted: Option<usize>,
    timing: Timing,
    former: Former,
    died: Option<Instant>,
    /// Whether it may send at all; `reconcile` only looks.
    sends_again: bool,
    /// Whether this caller would see the booking in a list. Who is neither host nor attendee does not.
    sees: bool,
    sends: u32,
    under_way: bool,
    /// When the last attempt was sent whose outcome is unknown.
    open: Option<Instant>,
    /// When the last attempt was sent.
    sent_at: Instant,
    /// Whether any attempt was lost, settled by now or not.
    lost_once: bool,
    /// Whether what was sent last is known to have made a part of a series.
    torn: bool,
    last: Option<(Instant, Sent)>,
    seat_tries: u32,
    /// The last look that was answered, and when it was sent. Nothing before the last send counts.
    sight: Option<(Instant, Sight)>,
    quiet: Quiet,
    cleared: HashSet<RowName>,
    trouble: Option<Error>,
}

impl Once {
    pub(crate) fn new(kind: Kind, wanted: Option<usize>, timing: Timing, former: Former, now: Instant) -> Self {
        Self {
            kind,
            wanted,
            timing,
            former,
            died: None,
            sends_again: true,
            sees: true,
            sends: 0,
            under_way: false,
            open: (former == Former::Died).then_some(now),
            sent_at: now,
            lost_once: former == Former::Died,
            torn: false,
            last: None,
            seat_tries: 0,
            sight: None,
            quiet: Quiet::default(),
            cleared: HashSet::new(),
            trouble: None,
        }
    }

    /// Whoever sent it before has been dead since then, and the service has been asked other things meanwhile.
    pub(crate) fn died(mut self, since: Option<Instant>) -> Self {
        self.died = since;
        self
    }

    /// Only looks: for settling what another call has sent.
    pub(crate) fn only_looks(mut self) -> Self {
        self.sends_again = false;
        self
    }

    /// Whether this caller would see the booking in a list.
    pub(crate) fn sees(&mut self, sees: bool) {
        self.sees = sees;
    }

    pub(crate) fn sends(&self) -> u32 {
        self.sends
    }

    pub(crate) fn trouble(&self) -> Option<&Error> {
        self.trouble.as_ref()
    }

    /// The rows that the last look showed.
    pub(crate) fn seen(&self) -> Vec<Row> {
        self.sight.iter().flat_map(|(_, sight)| sight.live().cloned()).collect()
    }

    /// Whether an attempt is open whose outcome is not known.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some() || self.under_way
    }

    /// How many rows make it whole.
    pub(crate) fn wanted(&self) -> Option<usize> {
        self.wanted
    }

    /// Whether something may still come of an earlier attempt that has to be tidied up: a double, or a part of a series.
    pub(crate) fn leaves_doubts(&self) -> bool {
        self.may_have_doubled() || (self.lost_once && self.kind.is_series())
    }

    /// Whether it was sent more often than is known to have come to nothing, to an event type that books both.
    pub(crate) fn may_have_doubled(&self) -> bool {
        let died = u32::from(self.former == Former::Died);
        let pending = matches!(&self.last, Some((_, Sent::Made(rows))) if rows.iter().any(
            |row| row.booking.status == crate::model::BookingStatus::Pending || row.seat.is_some()));
        self.lost_once && self.sends + died > 1 && (self.kind.doubles() || pending)
    }

    /// The booking is about to be sent.
    pub(crate) fn sending(&mut self, now: Instant) {
        self.sends += 1;
        self.under_way = true;
        self.sent_at = now;
        self.torn = false;
    }

    /// It was sent, and this came of it.
    pub(crate) fn sent(&mut self, now: Instant, sent: Sent) {
        self.under_way = false;
        match &sent {
            Sent::Lost(error) => {
                self.open = Some(self.sent_at);
                self.lost_once = true;
                self.trouble.clone_from(error);
            }
            Sent::NotSent(error) | Sent::Refused(error) => {
                self.trouble = Some(error.clone());
                self.seat_tries += 1;
            }
            // What was answered with success is whole, whatever the event type says by now.
            Sent::Made(rows) => self.wanted = Some(pick(rows, &[], None).keep.len()),
            Sent::Foreign(_) => {}
        }
        self.last = Some((now, sent));
        self.quiet.broken();
        self.sight = None;
    }

    /// A look that began at `began` has ended.
    pub(crate) fn looked(&mut self, began: Instant, now: Instant, result: Result<Sight, Error>) {
        match result {
            Err(error) => {
                self.trouble = Some(error);
                self.quiet.failed(now);
            }
            Ok(sight) => {
                let new = self.sight.as_ref().is_none_or(|(_, before)| before.names() != sight.names());
                self.quiet.answered(began, now, new);
                self.sight = Some((began, sight));
            }
        }
    }

    /// These rows were cancelled, as far as the service could be reached.
    pub(crate) fn withdrawn(&mut self, rows: &[Row], why: Why, error: Option<Error>) {
        if why == Why::Torn {
            // What the lost attempt has done is known by now, and is being undone.
            self.open = None;
            self.torn = true;
        }
        self.cleared.extend(rows.iter().map(Row::name));
        self.quiet.broken();
        self.sight = None;
        if error.is_some() {
            // What could not be cancelled is tried again, not at once.
            self.quiet.delayed();
            self.trouble = error;
        }
    }

    /// What to do next.
    pub(crate) fn next(&mut self, now: Instant) -> Step {
        if self.under_way {
            // The future was dropped while the request was on its way.
            self.sent(now, Sent::Lost(None));
        }
        match &self.last {
            None if self.former == Former::Never && self.sends_again => return Step::Send { at: now },
            Some((_, Sent::NotSent(error))) if !self.is_open() => return Step::Finish(Verdict::NotSent(error.clone())),
            Some((_, Sent::Refused(error))) if !self.is_open() && !may_be_ours(error) => {
                return Step::Finish(Verdict::Refused(error.clone()));
            }
            Some((_, Sent::Foreign(booking))) if !self.is_open() => {
                return Step::Finish(Verdict::Foreign(booking.clone()));
            }
            Some((_, Sent::Made(rows))) if !self.may_have_doubled() => {
                return Step::Finish(Verdict::Booked { rows: rows.clone(), found: false });
            }
            _ => {}
        }
        let Some((_, sight)) = &self.sight else { return self.look(now) };
        let live: Vec<Row> = sight.live().cloned().collect();
        let gone: Vec<Row> = sight.gone().filter(|row| !self.cleared.contains(&row.name())).cloned().collect();
        if !live.is_empty() {
            return self.among(&live, &gone, now);
        }
        if let Some(row) = gone.into_iter().next() {
            return Step::Finish(Verdict::CalledOff(row));
        }
        self.nowhere(sight.rival, now)
    }

    /// Something that bears the key stands.
    fn among(&self, live: &[Row], gone: &[Row], now: Instant) -> Step {
        let picked = pick(live, gone, self.wanted);
        if picked.whole && !picked.surplus.is_empty() {
            return Step::Withdraw { rows: picked.surplus, why: Why::Twice };
        }
        if picked.whole {
            return Step::Finish(Verdict::Booked { rows: picked.keep, found: !self.was_answered() });
        }
        // Part of a series. Either it is still being made, or it never will be whole.
        let answered = !self.is_open() && matches!(&self.last, Some((_, Sent::Refused(_))));
        if answered || self.torn || self.quiet.has_lasted(self.timing.growth()) {
            return Step::Withdraw { rows: live.to_vec(), why: Why::Torn };
        }
        self.look(now)
    }

    /// Nothing that bears the key stands, nor was anything called off.
    fn nowhere(&self, rival: bool, now: Instant) -> Step {
        match &self.last {
            Some((_, Sent::Made(rows))) => {
                // Answered, so it is there; who cannot see it here is not its host.
                Step::Finish(Verdict::Booked { rows: rows.clone(), found: false })
            }
            Some((_, Sent::Foreign(booking))) => Step::Finish(Verdict::Foreign(booking.clone())),
            Some((_, Sent::Refused(error))) => self.refused(error, rival, now),
            None if self.former == Former::Ended && self.sends_again => Step::Send { at: now },
            // What is in the way of the series is in the way of another try, too.
            Some((_, Sent::Lost(_))) if self.torn && rival => Step::Finish(Verdict::Torn),
            None | Some((_, Sent::Lost(_) | Sent::NotSent(_))) => self.lost(now),
        }
    }

    fn refused(&self, error: &Error, rival: bool, now: Instant) -> Step {
        let problem = Problem::of(error);
        let raced = matches!(problem.first(), Some(Problem::SlotTaken | Problem::NotAvailable));
        if !self.is_open() {
            let again = self.sends_again && self.kind == Kind::Seated && raced && self.seat_tries < SEAT_TRIES;
            return if again {
                Step::Send { at: now + SEAT_WAIT * self.seat_tries }
            } else {
                Step::Finish(Verdict::Refused(error.clone()))
            };
        }
        // An earlier attempt is open. Its row would show by now, unless it is still to come; where somebody else has the
        // time of a plain booking, it cannot come any more.
        let excluded = rival && self.kind == Kind::Plain;
        if self.sees && (excluded || (self.has_aged(now) && self.quiet.has_lasted(self.timing.plain))) {
            return Step::Finish(Verdict::Refused(error.clone()));
        }
        self.look(now)
    }

    fn lost(&self, now: Instant) -> Step {
        if !self.sends_again {
            // The last word: all of the time has to be covered by looks, unless what was done is known.
            let settled = self.quiet.has_lasted(self.timing.settle) || !self.is_open();
            return if settled && self.sees { Step::Finish(Verdict::NeverArrived) } else { self.look(now) };
        }
        // What a dead process sent so long ago is there, or will never be.
        let long_dead = self.died.is_some_and(|since| now.duration_since(since) >= 3 * self.timing.settle);
        let settled = !self.is_open()
            || (self.sends == 0 && long_dead)
            || match self.kind {
                Kind::Plain => self.quiet.has_lasted(self.timing.plain),
                _ => self.has_aged(now) && self.quiet.has_lasted(self.timing.settle / 2),
            };
        if settled { Step::Send { at: now } } else { self.look(now) }
    }

    /// Whether the last attempt whose outcome is unknown was sent so long ago that it would show.
    fn has_aged(&self, now: Instant) -> bool {
        self.open.is_none_or(|sent| now.duration_since(sent) >= self.timing.settle)
    }

    fn look(&self, now: Instant) -> Step {
        let refused = matches!(&self.last, Some((_, Sent::Refused(_))));
        let wide = self.torn || (refused && self.is_open() && self.kind == Kind::Plain);
        Step::Look { at: self.quiet.next(now), wide }
    }

    fn was_answered(&self) -> bool {
        matches!(&self.last, Some((_, Sent::Made(_))))
    }

    /// What can be said when the time is up.
    pub(crate) fn at_deadline(&self) -> Option<Verdict> {
        if self.is_open() {
            return match &self.last {
                Some((_, Sent::Made(rows))) => Some(Verdict::Booked { rows: rows.clone(), found: false }),
                _ => None,
            };
        }
        match &self.last {
            Some((_, Sent::Refused(error))) if !self.kind.is_series() => Some(Verdict::Refused(error.clone())),
            Some((_, Sent::NotSent(error))) => Some(Verdict::NotSent(error.clone())),
            Some((_, Sent::Foreign(booking))) => Some(Verdict::Foreign(booking.clone())),
            Some((_, Sent::Lost(_))) if self.torn && self.nothing_stands() => Some(Verdict::Torn),
            _ => None,
        }
    }

    /// Whether the last look showed nothing that stands.
    fn nothing_stands(&self) -> bool {
        self.sight.as_ref().is_some_and(|(_, sight)| sight.live().next().is_none())
    }

    /// Whether it was never sent, by nobody.
    pub(crate) fn is_untouched(&self) -> bool {
        self.sends == 0 && self.former != Former::Died && !self.under_way
    }
}

/// Refusals that the service also gives to the second of two identical requests, and those that may come in the midst of
/// a series.
fn may_be_ours(error: &Error) -> bool {
    matches!(error, Error::Conflict(_))
        || Problem::of(error).iter().any(|problem| {
            matches!(problem, Problem::SlotTaken | Problem::NotAvailable | Problem::AlreadyBooked | Problem::SeatsFull)
        })
}
