//! The heart of booking exactly once, without network and without clock: what is known, and what to do next.
//!
//! It is told what came of every request and asked for the next step, nothing else. Time comes in with every question.
//! That makes it a machine that can be run through any history in a test (`tests`, `properties`, and random ones against a server
//! in `model`), and that goes on where it was left when the future around it is dropped at a deadline.
//!
//! `evidence` collects, `proof` says what it proves, `conclude` decides, `pick` sorts rows out. The rules are written down in
//! ARCHITECTURE.md.

mod conclude;
#[cfg(test)]
mod denials;
mod evidence;
#[cfg(test)]
mod model;
mod pick;
mod proof;
#[cfg(test)]
mod properties;
mod step;
#[cfg(test)]
mod tests;

use tokio::time::Instant;

pub(crate) use super::reason::Why;
pub(crate) use conclude::conclude;
pub(crate) use evidence::Evidence;
pub(crate) use pick::{Untidy, pick, untidy};
pub(crate) use step::{Next, Sent, State, Step, Terms, Timing, Verdict};

use super::{
    Problem,
    appointment::Former,
    event_type::Kind,
    lookup::{Row, Sight},
};
use crate::{
    Error,
    model::{Booking, BookingUid},
};
use evidence::Attempt;

/// One appointment on its way to being booked once.
#[derive(Debug)]
pub(crate) struct Once {
    evidence: Evidence,
    terms: Terms,
}

impl Once {
    pub(crate) fn new(kind: Kind, wanted: Option<usize>, timing: Timing, former: Former, now: Instant) -> Self {
        let terms = Terms { kind, wanted, timing, sends: true, blocked: Vec::new() };
        Self { evidence: Evidence::new(former, now), terms }
    }

    /// Whoever sent it before has been dead since then, and the service has been asked other things meanwhile.
    pub(crate) fn died(mut self, since: Option<Instant>) -> Self {
        if self.evidence.orphaned.is_some() {
            self.evidence.orphaned = since.or(self.evidence.orphaned);
        }
        self
    }

    /// Only looks: for settling what another call has sent.
    pub(crate) fn only_looks(mut self) -> Self {
        self.terms.sends = false;
        self
    }

    /// What keeps it from being sent.
    pub(crate) fn blocked(mut self, problems: Vec<Problem>) -> Self {
        self.terms.blocked = problems;
        self
    }

    /// Something that turned up keeps it from being sent.
    pub(crate) fn block(&mut self, problems: Vec<Problem>) {
        self.terms.blocked = problems;
    }

    /// Whether this caller would see the booking in a list.
    pub(crate) fn sees(&mut self, sees: bool) {
        self.evidence.sees = Some(sees);
    }

    /// Whether it has to be known whether this caller would see the booking in a list.
    pub(crate) fn asks_who_sees(&self) -> bool {
        let first = self.evidence.attempts.is_empty() && self.evidence.look.is_none() && self.terms.blocked.is_empty();
        let answered = self.evidence.made().is_some() && self.evidence.quiet.is_new();
        self.evidence.sees.is_none() && !(first && self.evidence.former == Former::Perhaps) && !answered
    }

    /// Whether a lease that is held shows that nobody else works on the key.
    pub(crate) fn alone(&mut self, alone: bool) {
        self.evidence.alone = alone;
    }

    /// An earlier call has left word that this booking is the appointment.
    pub(crate) fn hint(&mut self, uid: &BookingUid) {
        self.evidence.spent = true;
        self.evidence.read_later(uid);
    }

    pub(crate) fn sends(&self) -> u32 {
        u32::try_from(self.evidence.attempts.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn trouble(&self) -> Option<&Error> {
        self.evidence.trouble.as_ref()
    }

    pub(crate) fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// What a watch has learned.
    #[cfg(test)]
    pub(crate) fn learned(&mut self, evidence: Evidence) {
        self.evidence = evidence;
    }

    /// The rows that are known to stand.
    pub(crate) fn seen(&self) -> Vec<Row> {
        self.evidence.live()
    }

    /// The seat's booking, where a seat was answered: it tells at once who sits in it.
    pub(crate) fn seated_in(&self) -> Option<&BookingUid> {
        let (_, rows) = self.evidence.made()?;
        rows.first().filter(|row| row.seat.is_some()).map(|row| &row.booking.uid)
    }

    /// Whether nothing was looked at yet, by a caller whose key may have been used before.
    pub(crate) fn is_first_look(&self) -> bool {
        self.evidence.attempts.is_empty() && !self.evidence.was_answered
    }

    /// How many rows make it whole.
    pub(crate) fn wanted(&self) -> Option<usize> {
        self.evidence.made().map(|(_, rows)| pick(rows, &[], None).keep.len()).or(self.terms.wanted)
    }

    /// Whether something may still come of an earlier attempt that has to be tidied up: a double, or a part of a series.
    pub(crate) fn leaves_doubts(&self, now: Instant) -> bool {
        conclude::leaves_doubts(&self.evidence, &self.terms, now)
    }

    /// The booking is about to be sent.
    pub(crate) fn sending(&mut self, now: Instant) {
        self.evidence.sending(now);
    }

    /// It was sent, and this came of it.
    pub(crate) fn sent(&mut self, now: Instant, sent: Sent) {
        self.evidence.sent(now, sent);
    }

    /// A look that was asked at `asked` has ended.
    pub(crate) fn looked(&mut self, asked: Instant, now: Instant, result: Result<Sight, Error>) {
        self.evidence.looked(asked, now, result);
    }

    /// The same; a caller who may not list sees nothing.
    pub(crate) fn saw(&mut self, asked: Instant, now: Instant, result: Result<Sight, Error>) {
        let forbidden = matches!(result, Err(Error::Authentication(_) | Error::Permission(_)));
        if forbidden {
            self.sees(false);
        }
        self.looked(asked, now, if forbidden { Ok(Sight::default()) } else { result });
    }

    /// A booking was read; whether that told something new.
    pub(crate) fn read(&mut self, uid: &BookingUid, rows: Vec<Row>) -> bool {
        self.evidence.read(uid, rows)
    }

    /// A booking could not be read.
    pub(crate) fn unread(&mut self, uid: &BookingUid, error: Error) {
        self.evidence.unread(uid, error);
    }

    /// A booking that was read bears the key, and is of other content.
    pub(crate) fn used(&mut self, booking: Option<Booking>, now: Instant) {
        self.evidence.used(booking, now);
    }

    /// The booking of other content that bears the key, if it has been seen.
    pub(crate) fn used_for(&self) -> Option<&Booking> {
        self.evidence.used_for.as_ref().filter(|_| self.evidence.used_since.is_some())
    }

    /// That booking is so old that every call which is still at work has seen it.
    pub(crate) fn used_long_ago(&mut self) {
        self.evidence.used_since = None;
    }

    /// These rows were cancelled, as far as the service could be reached.
    pub(crate) fn withdrew(&mut self, now: Instant, rows: &[Row], why: Why, error: Option<Error>) {
        self.evidence.withdrew(now, rows, why, error);
    }

    /// What to do next.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        if self.evidence.attempts.last().is_some_and(|attempt| attempt.end.is_none()) {
            // The future was dropped while the request was on its way.
            self.sent(now, Sent::Lost(None));
        }
        conclude(&self.evidence, &self.terms, now)
    }

    /// The state, without a decision.
    pub(crate) fn state(&self, now: Instant) -> State {
        match self.evidence.attempts.last() {
            Some(attempt) if attempt.end.is_none() => State::Lost,
            _ => conclude(&self.evidence, &self.terms, now).state,
        }
    }

    /// What can be said when the time is up; nothing if that is unknown.
    pub(crate) fn at_deadline(&self, now: Instant) -> Option<Verdict> {
        conclude::at_deadline(&self.evidence, &self.terms, now)
    }

    /// Why this call itself has booked nothing, if none of its attempts is open and the service, or a check, has said why. A
    /// series that met another booking may have left rows.
    pub(crate) fn refusals(&self) -> Vec<Problem> {
        if self.evidence.attempts.iter().any(Attempt::is_open) {
            return Vec::new();
        }
        let may_have_parts = !matches!(self.terms.kind, Kind::Plain | Kind::Pending | Kind::Seated);
        match self.evidence.last() {
            Some(Sent::Refused(error)) if may_have_parts && Problem::is_lost_race(error) => Vec::new(),
            Some(Sent::Refused(error) | Sent::NotSent(error)) => Problem::of(error),
            Some(_) => Vec::new(),
            None => self.terms.blocked.clone(),
        }
    }

    /// Whether it was never sent, by nobody.
    pub(crate) fn is_untouched(&self) -> bool {
        self.evidence.attempts.is_empty() && self.evidence.former == Former::Never
    }
}
