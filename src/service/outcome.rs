//! The three ways in which a business call can end, and what is known in each.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::task::JoinHandle;

use super::{FreeSlot, IdempotencyKey, Problem, Ticket, lookup::Row};
use crate::{
    Error,
    model::{Booking, SeatUid},
    redact::debug_shows,
};

/// How a business call ended: one of three ways, none of which is a guess.
///
/// An unknown outcome is read in this order:
///
/// 1. [`Unknown::refusal`]: if it names a problem, this call has booked nothing, and the problem says why. Only a call before
///    it, or beside it, under the same key can have booked. A caller who knows that there was none (the key was made for this
///    appointment and is used for the first time) can act on the problem as on one of [`NotDone`]: correct a mistyped id,
///    ask for a missing answer.
/// 2. Else it may stand. Keep [`Unknown::ticket`] and settle it with [`Service::reconcile`](super::Service::reconcile), or
///    with the same call once more; [`Unknown::error`] says what went wrong last.
///
/// ```
/// use calcom::service::{Booked, Outcome};
///
/// fn said(outcome: &Outcome<Booked>) -> String {
///     match outcome {
///         Outcome::Done(booked) => format!("booked: {}", booked.booking.uid),
///         Outcome::NotDone(why) => format!("not booked: {why}"),
///         Outcome::Unknown(unknown) => match unknown.refusal() {
///             Some(problem) => format!("not booked by this call: {problem}"),
///             None => "not known yet: it is settled later".to_owned(),
///         },
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "only the outcome says whether it was done"]
#[allow(clippy::exhaustive_enums)]
pub enum Outcome<T> {
    /// It is done, now or earlier; this is what stands.
    Done(T),
    /// It is not done, and nothing of it stands.
    NotDone(NotDone),
    /// It may or may not be done. Ask again later: [`Unknown::ticket`], [`Unknown::later`], or the same call once more.
    Unknown(Unknown<T>),
}

impl<T> Outcome<T> {
    /// Whether it is done.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether it is surely not done.
    pub fn is_not_done(&self) -> bool {
        matches!(self, Self::NotDone(_))
    }

    /// Whether it is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// What was done, if it was.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }

    /// Why it was not done, if it surely was not.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::NotDone(not_done) => Some(not_done.problem()),
            _ => None,
        }
    }
}

impl<T> From<NotDone> for Outcome<T> {
    fn from(not_done: NotDone) -> Self {
        Self::NotDone(not_done)
    }
}

/// What was booked.
#[derive(Clone)]
#[non_exhaustive]
pub struct Booked {
    /// The key that it was booked under.
    pub key: IdempotencyKey,
    /// The booking as it stands; of a series, its first occurrence.
    pub booking: Booking,
    /// The occurrences of a series that stand, in their order, the first one included; empty for anything else. If some were
    /// cancelled since, there are fewer than [`occurrences`](Self::occurrences).
    pub series: Vec<Booking>,
    /// How many occurrences of a series were asked for, if that is known; `None` for anything else.
    pub occurrences: Option<u32>,
    /// The seat, in a seated booking.
    pub seat: Option<SeatUid>,
    /// Whether it was found rather than answered: its answer was lost, or it was booked by an earlier call.
    pub found: bool,
    /// Whether it stands at another time than was asked for, because somebody moved it since.
    pub moved: bool,
    /// Whether a double may still turn up, because it had to be sent again, or because another caller may have sent it under
    /// the same key and no store that both share could rule that out. This service watches for one for
    /// [`Settings::watch`](super::Settings::watch) and cancels it; after a crash `reconcile` does.
    pub watched: bool,
}

debug_shows!(Booked { key, booking, series, occurrences, seat, found, moved, watched });

/// How a booking came to be known, and how sure it is: the flags of [`Booked`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BookedFlags {
    pub(crate) found: bool,
    pub(crate) moved: bool,
    pub(crate) watched: bool,
}

/// What rows that bear `key` amount to.
pub(crate) fn booked(key: &IdempotencyKey, rows: Vec<Row>, flags: BookedFlags) -> Option<Booked> {
    let BookedFlags { found, moved, watched } = flags;
    let mut rows = rows;
    rows.sort_by_key(|row| (row.booking.start_time, row.booking.id));
    let seat = rows.first().and_then(|row| row.seat.clone());
    let bookings: Vec<Booking> = rows.into_iter().map(|row| row.booking).collect();
    let booking = bookings.first()?.clone();
    let series = if booking.recurring_booking_uid().is_some() { bookings } else { Vec::new() };
    Some(Booked { key: key.clone(), booking, series, occurrences: None, seat, found, moved, watched })
}

impl Booked {
    /// The same, of so many occurrences if it is a series.
    pub(crate) fn of(self, ticket: &Ticket) -> Self {
        let occurrences = ticket.occurrences.filter(|_| !self.series.is_empty());
        Self { occurrences, ..self }
    }
}

/// Why something was not done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NotDone {
    /// Every reason that is known, the weightiest first. Never empty.
    pub problems: Vec<Problem>,
    /// The refusal behind it, where the service gave one.
    pub error: Option<Error>,
    /// The booking that stands in the way, or that was called off, or where it was moved to.
    pub booking: Option<Box<Booking>>,
    /// Free times after the one that could not be had, in their order. Empty unless the caller asked for them
    /// ([`Appointment::suggest`](super::Appointment::suggest)), the problem is about the time, and the time of the call was
    /// enough to list them. Booking only: a reschedule names none.
    pub next_free: Vec<FreeSlot>,
}

impl NotDone {
    /// The weightiest reason.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        self.problems.first().unwrap_or(&Problem::Other)
    }

    pub(crate) fn because(problem: Problem) -> Self {
        Self { problems: vec![problem], error: None, booking: None, next_free: Vec::new() }
    }

    pub(crate) fn all(problems: Vec<Problem>) -> Self {
        let problems = if problems.is_empty() { vec![Problem::Other] } else { problems };
        Self { problems, error: None, booking: None, next_free: Vec::new() }
    }

    pub(crate) fn refused(error: Error) -> Self {
        Self { error: Some(error.clone()), ..Self::all(Problem::of(&error)) }
    }

    pub(crate) fn with(mut self, booking: Booking) -> Self {
        self.booking = Some(Box::new(booking));
        self
    }

    pub(crate) fn and(mut self, error: Option<Error>) -> Self {
        self.error = error;
        self
    }
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if n == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// What is known of something whose outcome is not.
#[non_exhaustive]
pub struct Unknown<T> {
    /// What to ask again with, across a restart too: [`Service::reconcile`](super::Service::reconcile). Only for
    /// bookings; everything else is asked again by the same call.
    pub ticket: Option<Ticket>,
    /// How many times it was sent by this call.
    pub sends: u32,
    /// What could be seen of it: some occurrences of a series, say.
    pub seen: Vec<Booking>,
    /// What went wrong last: the failure of a request or of a lookup.
    pub error: Option<Error>,
    /// Why this call itself has booked nothing, the weightiest reason first: what the service answered to its own attempts,
    /// or what a check found. Empty if an attempt of this call may have been carried out, and for anything but bookings.
    pub problems: Vec<Problem>,
    pub(crate) later: Option<Later<T>>,
}

impl<T> Unknown<T> {
    /// Nothing is known but where to look.
    pub(crate) fn of(ticket: Ticket) -> Self {
        Self { ticket: Some(ticket), ..Self::after(0, None) }
    }

    pub(crate) fn after(sends: u32, error: Option<Error>) -> Self {
        Self { ticket: None, sends, seen: Vec::new(), error, problems: Vec::new(), later: None }
    }

    /// The weightiest reason why this call itself has booked nothing, if that is known; see [`Outcome`] for how to act on it.
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        self.problems.first()
    }

    /// The outcome that the work in the background will come to, where the caller asked for it to go on.
    pub fn later(&mut self) -> Option<Later<T>> {
        self.later.take()
    }
}

impl<T> fmt::Debug for Unknown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unknown")
            .field("ticket", &self.ticket)
            .field("sends", &self.sends)
            .field("seen", &self.seen)
            .field("error", &self.error)
            .field("problems", &self.problems)
            .field("goes_on", &self.later.is_some())
            .finish()
    }
}

/// An outcome that is still being found out in the background. Dropping it does not end the work.
#[derive(Debug)]
pub struct Later<T>(pub(crate) JoinHandle<Outcome<T>>);

impl<T> Future for Later<T> {
    type Output = Outcome<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        let task = &mut self.get_mut().0;
        Pin::new(task).poll(context).map(|ended| ended.unwrap_or_else(|_| Outcome::Unknown(Unknown::after(0, None))))
    }
}
