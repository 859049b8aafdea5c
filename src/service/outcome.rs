//! The outcome of a call of the booking service, and what is known in each case.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::task::JoinHandle;

use super::{FreeSlot, IdempotencyKey, Problem, Ticket, lookup::BookingRow};
use crate::{
    Error,
    model::{Booking, SeatUid},
    redact::debug_shows,
};

/// The outcome of a call of the booking service. `Done` and `NotDone` are certain. `Unknown` means that the appointment may
/// exist: a request of this call, or of another call under the same key, may have taken effect.
///
/// Handle an unknown outcome in this order:
///
/// 1. [`Unknown::refusal`]: if it names a problem, this call has booked nothing, and the problem says why. Only another call
///    under the same key can have booked. There was none if the key was made for this appointment and is used for the first
///    time. The caller can then handle the problem as one of [`NotDone`]: correct an id, ask for a missing answer.
/// 2. Otherwise it may be booked. Keep [`Unknown::ticket`] and resolve it with
///    [`Service::reconcile`](super::Service::reconcile), or repeat the same call. [`Unknown::error`] is the last
///    failure.
///
/// ```
/// use calcom::service::{BookedAppointment, Outcome};
///
/// fn describe(outcome: &Outcome<BookedAppointment>) -> String {
///     match outcome {
///         Outcome::Done(booked) => format!("booked: {}", booked.booking.uid),
///         Outcome::NotDone(not_done) => format!("not booked: {not_done}"),
///         Outcome::Unknown(unknown) => match unknown.refusal() {
///             Some(problem) => format!("not booked by this call: {problem}"),
///             None => "not known yet: reconcile later".to_owned(),
///         },
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "only the outcome says whether it was done"]
#[allow(clippy::exhaustive_enums)]
pub enum Outcome<T> {
    /// It is done, by this call or an earlier one.
    Done(T),
    /// It is not done, and nothing of it remains.
    NotDone(NotDone),
    /// It may or may not be done. See [`Unknown::ticket`], [`Unknown::pending`], or repeat the same call.
    Unknown(Unknown<T>),
}

impl<T> Outcome<T> {
    /// Whether it is done.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether it is certainly not done.
    pub fn is_not_done(&self) -> bool {
        matches!(self, Self::NotDone(_))
    }

    /// Whether it is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The result, if it is done.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }

    /// The result if it is done, and an error otherwise, for a caller who has one way for everything that is not done.
    ///
    /// ```no_run
    /// # async fn example(service: calcom::service::Service, appointment: calcom::service::Appointment)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// let booked = service.book(appointment).await.into_result()?;
    /// println!("{}", booked.booking.uid);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`OutcomeError`], which says whether it is certainly not done.
    pub fn into_result(self) -> Result<T, OutcomeError<T>> {
        match self {
            Self::Done(done) => Ok(done),
            Self::NotDone(not_done) => Err(OutcomeError::NotDone(not_done)),
            Self::Unknown(unknown) => Err(OutcomeError::Unknown(Box::new(unknown))),
        }
    }

    /// Why it is not done, if that is certain.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::NotDone(not_done) => Some(not_done.problem()),
            _ => None,
        }
    }
}

/// The error of an outcome that is not known to be done; from [`Outcome::into_result`].
///
/// ```
/// use calcom::{model::CreateBooking, service::OutcomeError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let fake = calcom_fake::FakeCalcom::recorded_seed().await;
/// let start = "2020-01-15T10:00:00Z".parse().expect("an instant");
/// let wanted = CreateBooking::new(1, start, "Erika Muster", "erika@example.com");
/// match fake.service().book(wanted).await.into_result() {
///     // The start is in the past, so that nothing was sent.
///     Err(OutcomeError::NotDone(not_done)) => assert!(!not_done.to_string().is_empty()),
///     Err(OutcomeError::Unknown(unknown)) => panic!("keep the ticket: {:?}", unknown.ticket),
///     Ok(booked) => panic!("{}", booked.booking.uid),
/// }
/// fake.expect_booked(0);
/// # }
/// ```
#[derive(Debug)]
#[allow(clippy::exhaustive_enums)]
pub enum OutcomeError<T> {
    /// It is not done, and nothing of it remains.
    NotDone(NotDone),
    /// It may or may not be done: do not repeat it under another key.
    Unknown(Box<Unknown<T>>),
}

impl<T> fmt::Display for OutcomeError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDone(not_done) => write!(f, "not done: {not_done}"),
            Self::Unknown(_) => f.write_str("not known whether it is done"),
        }
    }
}

impl<T: fmt::Debug> std::error::Error for OutcomeError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotDone(not_done) => Some(not_done),
            Self::Unknown(unknown) => unknown.error.as_ref().map(|error| error as _),
        }
    }
}

impl<T> From<NotDone> for Outcome<T> {
    fn from(not_done: NotDone) -> Self {
        Self::NotDone(not_done)
    }
}

/// The booking of an appointment, or its occurrences, with the key and how it was found.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service, appointment: calcom::service::Appointment) {
/// if let Some(booked) = service.book(appointment).await.done() {
///     println!("{} at {}; found: {}", booked.booking.uid, booked.booking.start_time, booked.found);
/// }
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct BookedAppointment {
    /// The key that it was booked under.
    pub key: IdempotencyKey,
    /// The booking as it is now; of a series, its first occurrence.
    pub booking: Booking,
    /// The active occurrences of a series, in order, with the first one; empty for anything else. If some were
    /// cancelled since, there are fewer than [`occurrences`](Self::occurrences).
    pub series: Vec<Booking>,
    /// The number of occurrences that was asked for, if it is known; `None` for anything but a series.
    pub occurrences: Option<u32>,
    /// The seat of a seated booking.
    pub seat: Option<SeatUid>,
    /// Whether a lookup found it: its response was lost, or an earlier call booked it.
    pub found: bool,
    /// Whether it is at another time than asked for, because a person rescheduled it since.
    pub moved: bool,
    /// Whether a duplicate may still appear: it was sent more than once, or another caller may have sent it under the
    /// same key, and no shared store excludes that. This service watches for a duplicate for
    /// [`Settings::watch_duration`](super::Settings::watch_duration) and cancels it; after a crash `reconcile` does.
    pub watched: bool,
}

debug_shows!(BookedAppointment { key, booking, series, occurrences, seat, found, moved, watched });

/// The flags of a [`BookedAppointment`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BookedFlags {
    pub(crate) found: bool,
    pub(crate) moved: bool,
    pub(crate) watched: bool,
}

/// The appointment that these rows with `key` make.
pub(crate) fn booked_from_rows(
    key: &IdempotencyKey,
    rows: Vec<BookingRow>,
    flags: BookedFlags,
) -> Option<BookedAppointment> {
    let BookedFlags { found, moved, watched } = flags;
    let mut rows = rows;
    rows.sort_by_key(|row| (row.booking.start_time, row.booking.id));
    let seat = rows.first().and_then(|row| row.seat.clone());
    let bookings: Vec<Booking> = rows.into_iter().map(|row| row.booking).collect();
    let booking = bookings.first()?.clone();
    let series = if booking.recurring_booking_uid().is_some() { bookings } else { Vec::new() };
    Some(BookedAppointment { key: key.clone(), booking, series, occurrences: None, seat, found, moved, watched })
}

impl BookedAppointment {
    /// Adds the number of occurrences, if it is a series.
    pub(crate) fn with_ticket(self, ticket: &Ticket) -> Self {
        let occurrences = ticket.occurrences.filter(|_| !self.series.is_empty());
        Self { occurrences, ..self }
    }
}

/// The reasons why nothing was done, with the refusal of the service if there was one.
///
/// ```
/// use calcom::service::{NotDone, Problem};
///
/// /// Whether the caller should offer the attendee another time.
/// fn needs_other_time(not_done: &NotDone) -> bool {
///     not_done.problem().is_about_time() || *not_done.problem() == Problem::AlreadyBooked
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NotDone {
    /// All known reasons, the most important first. Never empty.
    pub problems: Vec<Problem>,
    /// The refusal of the service, if there is one.
    pub error: Option<Error>,
    /// The booking that conflicts, that was cancelled, or to which it was rescheduled.
    pub booking: Option<Box<Booking>>,
    /// Free times after the requested one, in order and in the time zone of the booking. Empty unless the caller asked for them
    /// ([`Appointment::suggest`](super::Appointment::suggest)), the problem is about the time, and they could be listed
    /// before the deadline. Only for bookings: a reschedule returns none.
    pub next_free: Vec<FreeSlot>,
}

impl NotDone {
    /// The most important reason.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        self.problems.first().unwrap_or(&Problem::Other)
    }

    pub(crate) fn new(problem: Problem) -> Self {
        Self { problems: vec![problem], error: None, booking: None, next_free: Vec::new() }
    }

    pub(crate) fn from_problems(problems: Vec<Problem>) -> Self {
        let problems = if problems.is_empty() { vec![Problem::Other] } else { problems };
        Self { problems, error: None, booking: None, next_free: Vec::new() }
    }

    pub(crate) fn from_error(error: Error) -> Self {
        Self { error: Some(error.clone()), ..Self::from_problems(Problem::from_error(&error)) }
    }

    pub(crate) fn with_booking(mut self, booking: Booking) -> Self {
        self.booking = Some(Box::new(booking));
        self
    }

    pub(crate) fn with_error(mut self, error: Option<Error>) -> Self {
        self.error = error;
        self
    }
}

impl std::error::Error for NotDone {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.as_ref().map(|error| error as _)
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

/// What is known of a call whose outcome is unknown: the ticket, the attempts, the visible bookings, the last failure.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service, appointment: calcom::service::Appointment) {
/// use calcom::service::Outcome;
///
/// if let Outcome::Unknown(unknown) = service.book(appointment).await
///     && let Some(ticket) = &unknown.ticket
/// {
///     println!("{:?} after {} attempt(s)", unknown.error, unknown.sends);
///     println!("{:?}", service.reconcile(ticket).await);
/// }
/// # }
/// ```
#[non_exhaustive]
pub struct Unknown<T> {
    /// The ticket for [`Service::reconcile`](super::Service::reconcile), after a restart too. Only for bookings; for
    /// anything else repeat the call.
    pub ticket: Option<Ticket>,
    /// The number of attempts of this call.
    pub sends: u32,
    /// The bookings that were visible: some occurrences of a series, for example.
    pub visible_bookings: Vec<Booking>,
    /// The last failure of a request or of a lookup.
    pub error: Option<Error>,
    /// Why this call itself has booked nothing, the most important reason first: the service's answers to its attempts,
    /// or the result of a check. Empty if an attempt of this call may have been executed, and for anything but
    /// bookings.
    pub problems: Vec<Problem>,
    pub(crate) pending: Option<PendingOutcome<T>>,
}

impl<T> Unknown<T> {
    /// Nothing is known but the ticket.
    pub(crate) fn with_ticket(ticket: Ticket) -> Self {
        Self { ticket: Some(ticket), ..Self::new(0, None) }
    }

    pub(crate) fn new(sends: u32, error: Option<Error>) -> Self {
        Self { ticket: None, sends, visible_bookings: Vec::new(), error, problems: Vec::new(), pending: None }
    }

    /// The most important reason why this call itself has booked nothing, if it is known; see [`Outcome`] for how to
    /// handle it.
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        self.problems.first()
    }

    /// The outcome of the work in the background, if the caller asked for it
    /// ([`Appointment::continue_in_background`](super::Appointment::continue_in_background)).
    pub fn pending(&mut self) -> Option<PendingOutcome<T>> {
        self.pending.take()
    }
}

impl<T> fmt::Debug for Unknown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unknown")
            .field("ticket", &self.ticket)
            .field("sends", &self.sends)
            .field("visible_bookings", &self.visible_bookings)
            .field("error", &self.error)
            .field("problems", &self.problems)
            .field("continues", &self.pending.is_some())
            .finish()
    }
}

/// A future of the outcome of a call that continues in the background. Dropping it does not end the work.
///
/// ```no_run
/// use calcom::service::{Appointment, Outcome, Service};
///
/// # async fn example(service: Service, appointment: Appointment) {
/// let mut outcome = service.book(appointment.continue_in_background()).await;
/// if let Outcome::Unknown(unknown) = &mut outcome
///     && let Some(pending) = unknown.pending()
/// {
///     outcome = pending.await;
/// }
/// # let _ = outcome;
/// # }
/// ```
#[derive(Debug)]
pub struct PendingOutcome<T>(pub(crate) JoinHandle<Outcome<T>>);

impl<T> Future for PendingOutcome<T> {
    type Output = Outcome<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        let task = &mut self.get_mut().0;
        Pin::new(task).poll(context).map(|ended| ended.unwrap_or_else(|_| Outcome::Unknown(Unknown::new(0, None))))
    }
}
