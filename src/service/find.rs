//! Finding an appointment again: after a crash, or after an unknown outcome.

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    BookedAppointment, IdempotencyKey, Outcome, Service, Ticket, Unknown,
    appointment::PriorUse,
    book::kind_and_row_count,
    deadline::Deadline,
    lookup::{self, BookingLookup, BookingRow, is_active},
    machine::{BookingMachine, BookingState, SettlingTimes, select},
    outcome::{BookedFlags, booked_from_rows},
    prior_calls::PriorCalls,
    report::DecisionSubject,
    task::BookingTask,
};
use crate::{Error, Result};

/// Names an appointment: by its key alone, or by the ticket that says where to look it up.
///
/// Methods take it as `impl Into<AppointmentRef>`, so that a key or a ticket can be passed.
///
/// ```
/// use calcom::service::{AppointmentRef, IdempotencyKey};
///
/// let by_key = AppointmentRef::from(&IdempotencyKey::from("order-4711"));
/// assert!(matches!(by_key, AppointmentRef::Key(key) if key.as_str() == "order-4711"));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AppointmentRef {
    /// The key. The search reads the caller's bookings, the youngest first, up to
    /// [`Settings::search_limit`](super::Settings::search_limit).
    Key(IdempotencyKey),
    /// The ticket. One lookup finds it.
    Ticket(Ticket),
}

impl AppointmentRef {
    fn apply_to(&self, booked: BookedAppointment) -> BookedAppointment {
        match self {
            Self::Key(_) => booked,
            Self::Ticket(ticket) => booked.with_ticket(ticket),
        }
    }
}

impl From<IdempotencyKey> for AppointmentRef {
    fn from(key: IdempotencyKey) -> Self {
        Self::Key(key)
    }
}

impl From<&IdempotencyKey> for AppointmentRef {
    fn from(key: &IdempotencyKey) -> Self {
        Self::Key(key.clone())
    }
}

impl From<&str> for AppointmentRef {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<String> for AppointmentRef {
    fn from(key: String) -> Self {
        Self::Key(key.into())
    }
}

impl From<Ticket> for AppointmentRef {
    fn from(ticket: Ticket) -> Self {
        Self::Ticket(ticket)
    }
}

impl From<&Ticket> for AppointmentRef {
    fn from(ticket: &Ticket) -> Self {
        Self::Ticket(ticket.clone())
    }
}

impl Service {
    /// Looks up, once, what is booked under a key. It sends only lookups, and changes nothing.
    ///
    /// `None` says that nothing is visible *now*: a booking becomes visible up to seconds after its request was sent.
    /// For certainty use [`reconcile`](Self::reconcile).
    ///
    /// A caller who may not list the bookings (neither host nor attendee) gets `None` even if the booking exists: use
    /// the host's key.
    ///
    /// ```no_run
    /// use calcom::service::Service;
    ///
    /// # async fn example(service: Service) -> calcom::Result<()> {
    /// if let Some(booked) = service.find("order-4711").await? {
    ///     println!("{} at {}", booked.booking.uid, booked.booking.start_time);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] if it takes longer than the deadline; the errors of listing bookings.
    pub async fn find(&self, booking_ref: impl Into<AppointmentRef>) -> Result<Option<BookedAppointment>> {
        let deadline = Deadline::after(self.call_duration());
        deadline.run(self.find_by_ref(booking_ref.into(), &deadline)).await
    }

    async fn find_by_ref(&self, booking_ref: AppointmentRef, deadline: &Deadline) -> Result<Option<BookedAppointment>> {
        let client = self.deadline_client(deadline);
        let (key, rows) = match &booking_ref {
            AppointmentRef::Key(key) => (key, lookup::search_by_key(&client, key, self.settings().search_limit).await?),
            AppointmentRef::Ticket(ticket) => {
                let rules = self.inner.event_types.get(&client, self.settings().scope, ticket.event_type_id).await.ok();
                (&ticket.key, BookingLookup::new(ticket, rules.as_deref(), None).lookup(&client, false).await?.rows)
            }
        };
        let live: Vec<BookingRow> = rows.iter().filter(|row| row.is_active()).cloned().collect();
        let kept = select(&live, &[], None).keep;
        if let Some(first) = kept.first() {
            let moved =
                matches!(&booking_ref, AppointmentRef::Ticket(ticket) if ticket.start != first.booking.start_time);
            let flags = BookedFlags { found: true, moved, ..BookedFlags::default() };
            return Ok(booked_from_rows(key, kept, flags).map(|booked| booking_ref.apply_to(booked)));
        }
        // The booking may have been rescheduled.
        for row in rows {
            let current = match self.current_booking(&client, row.booking).await {
                Ok(current) => current,
                // The chain of reschedules is too long to be followed.
                Err(error) if matches!(error, Error::Validation(_)) && error.attempts() == 0 => continue,
                Err(error) => return Err(error),
            };
            if is_active(&current) {
                let flags = BookedFlags { found: true, moved: true, ..BookedFlags::default() };
                return Ok(booked_from_rows(key, vec![BookingRow { booking: current, seat: None }], flags));
            }
        }
        Ok(None)
    }

    /// Resolves an unknown outcome: looks up until it is certain, cancels a duplicate and a part of a series, and never
    /// books.
    ///
    /// Not booked means that nothing was visible for
    /// [`Settings::reconcile_settling_time`](super::Settings::reconcile_settling_time) while the service answered
    /// ([`Problem::NothingBooked`](super::Problem::NothingBooked)), or that it was cancelled. To book it after
    /// `NothingBooked`, call [`book`](Self::book) under the same key.
    ///
    /// A caller who may not list the bookings (neither host nor attendee) gets [`Outcome::Unknown`] even if the booking exists,
    /// unless an earlier call has stored a note in this process or in the shared store. The host's key avoids that. With a key
    /// alone the outcome is never "not booked", because a key does not name the event type: use the ticket.
    ///
    /// If the service does not answer, it takes up to three times
    /// [`Settings::background_deadline`](super::Settings::background_deadline), and the outcome remains unknown.
    ///
    /// ```no_run
    /// use calcom::service::{Outcome, Service, Ticket};
    ///
    /// # async fn example(service: Service, ticket: Ticket) {
    /// match service.reconcile(&ticket).await {
    ///     Outcome::Done(booked) => println!("booked: {}", booked.booking.uid),
    ///     Outcome::NotDone(not_done) => println!("not booked: {not_done}"),
    ///     Outcome::Unknown(_) => println!("still unknown"),
    /// }
    /// # }
    /// ```
    pub async fn reconcile(&self, booking_ref: impl Into<AppointmentRef>) -> Outcome<BookedAppointment> {
        let deadline = Deadline::after(self.settings().background_deadline.saturating_mul(3));
        let booking_ref = booking_ref.into();
        let (key, ticket) = match &booking_ref {
            AppointmentRef::Ticket(ticket) => (ticket.key.clone(), Some(ticket.clone())),
            AppointmentRef::Key(key) => (key.clone(), None),
        };
        let work = timeout_at(deadline.at(), Box::pin(self.run_reconcile(booking_ref, deadline)));
        let timed_out = |_| Err(Box::new(ticket.map_or_else(|| Unknown::new(0, None), Unknown::with_ticket)));
        work.await.unwrap_or_else(timed_out).unwrap_or_else(|unknown| {
            let outcome = Outcome::Unknown(*unknown);
            let state = BookingState::Interrupted.as_str();
            self.report_outcome(DecisionSubject { key: key.as_str(), state, sends: 0 }, &outcome);
            outcome
        })
    }

    /// An error is what is unknown before the bookings could be looked up; the task reports every other end.
    async fn run_reconcile(
        &self,
        booking_ref: AppointmentRef,
        deadline: Deadline,
    ) -> Result<Outcome<BookedAppointment>, Box<Unknown<BookedAppointment>>> {
        let ticket = match booking_ref {
            AppointmentRef::Ticket(ticket) => ticket,
            AppointmentRef::Key(key) => match self.find_ticket(&key, &deadline).await {
                Ok(Some(ticket)) => ticket,
                // It may belong to an event type whose bookings this caller may not list.
                Ok(None) => return Err(Box::new(Unknown::new(0, None))),
                Err(error) => return Err(Box::new(Unknown::new(0, Some(error)))),
            },
        };
        let Some(lease) = self.lease(&ticket, true, &deadline).await else {
            return Err(Box::new(Unknown::with_ticket(ticket)));
        };
        let prior_calls = PriorCalls::from_leases(lease.grants(), PriorUse::Interrupted, "");
        lease.set_note(prior_calls.note.encode());
        // Without the event type the number of rows of a complete series is unknown.
        let retry_time = deadline.remaining().saturating_sub(self.settings().reconcile_settling_time);
        let rules = match self.event_type_rules_with_retries(&ticket, &deadline, retry_time).await {
            Ok(rules) => rules,
            Err(error) => {
                let mut unknown = Unknown::with_ticket(ticket);
                unknown.error = Some(error);
                return Err(Box::new(unknown));
            }
        };
        let (kind, expected_rows) = kind_and_row_count(rules.as_deref(), &ticket, ticket.occurrences);
        let times =
            SettlingTimes { settle: self.settings().reconcile_settling_time, ..SettlingTimes::of(self.settings()) };
        let mut machine =
            BookingMachine::new(kind, expected_rows, times, prior_calls.prior, Instant::now()).lookup_only();
        for uid in &prior_calls.noted_uids {
            machine.add_hint(uid);
        }
        let task = BookingTask {
            lookup: BookingLookup::new(&ticket, rules.as_deref(), None),
            machine,
            service: self.clone(),
            ticket,
            digest: String::new(),
            request: None,
            rules,
            rules_error: None,
            reservation_error: None,
            deadline,
            wants_reservation: false,
            reservation: None,
            suggest: 0,
            prior_resolved: prior_calls.is_resolved,
            lease,
            state: BookingState::Interrupted,
        };
        Ok(task.run_until_deadline(false).await)
    }

    /// The ticket of a key: that of a booking that becomes visible before the service has answered for the settling
    /// time.
    async fn find_ticket(&self, key: &IdempotencyKey, deadline: &Deadline) -> Result<Option<Ticket>> {
        let settle = self.settings().reconcile_settling_time;
        let mut success_since = None;
        loop {
            let began = Instant::now();
            let client = self.deadline_client(deadline);
            match lookup::search_by_key(&client, key, self.settings().search_limit).await {
                Ok(rows) => {
                    if let Some(ticket) = rows.first().and_then(|row| ticket_for_row(key, row, &rows)) {
                        return Ok(Some(ticket));
                    }
                    if began.duration_since(*success_since.get_or_insert(began)) >= settle {
                        return Ok(None);
                    }
                }
                Err(error) if deadline.is_over() || !error.is_retryable() => return Err(error),
                Err(_) => success_since = None,
            }
            sleep(settle / 4).await;
        }
    }
}

/// The ticket that finds `row`.
fn ticket_for_row(key: &IdempotencyKey, row: &BookingRow, rows: &[BookingRow]) -> Option<Ticket> {
    let of_seat = |attendee: &&crate::model::Attendee| row.seat.is_some() && attendee.seat_uid() == row.seat;
    let attendee = row.booking.attendees.iter().find(of_seat).or(row.booking.attendees.first())?;
    Some(Ticket {
        key: key.clone(),
        event_type_id: row.booking.event_type_id()?,
        start: rows.iter().map(|row| row.booking.start_time).min()?,
        email: attendee.email.clone(),
        occurrences: None,
    })
}
