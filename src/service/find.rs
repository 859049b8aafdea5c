//! Asking again: after a crash, after an unknown outcome.

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    BookedAppointment, IdempotencyKey, Outcome, Service, Ticket, Unknown,
    appointment::PriorAttempt,
    book::kind_and_row_count,
    deadline::Deadline,
    lookup::{self, BookingLookup, BookingRow, is_active},
    machine::{BookingMachine, BookingState, SettlingTimes, select},
    outcome::{BookedFlags, booked_from_rows},
    prior_calls::PriorCalls,
    task::BookingTask,
};
use crate::{Error, Result};

/// What is asked for: a key alone, or the ticket that says where to look.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BookingRef {
    /// Only the key is known. The bookings of the caller are gone through, the youngest first, as far as
    /// [`Settings::search`](super::Settings::search).
    Key(IdempotencyKey),
    /// One lookup finds it.
    Ticket(Ticket),
}

impl BookingRef {
    fn apply_to(&self, booked: BookedAppointment) -> BookedAppointment {
        match self {
            Self::Key(_) => booked,
            Self::Ticket(ticket) => booked.with_ticket(ticket),
        }
    }
}

impl From<&IdempotencyKey> for BookingRef {
    fn from(key: &IdempotencyKey) -> Self {
        Self::Key(key.clone())
    }
}

impl From<&str> for BookingRef {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<&Ticket> for BookingRef {
    fn from(ticket: &Ticket) -> Self {
        Self::Ticket(ticket.clone())
    }
}

impl Service {
    /// Looks, once, for what stands under a key. Nothing is sent but lookups, and nothing is changed.
    ///
    /// `None` says that nothing is to be seen *now*: a booking shows itself up to seconds after its request was sent. To
    /// be sure, [`reconcile`](Self::reconcile).
    ///
    /// A caller who may not list the bookings (neither host nor attendee) gets `None` even if the booking stands: ask with the
    /// host's key.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`](crate::Error::Timeout) where it takes longer than the budget; whatever else listing bookings can fail
    /// with.
    pub async fn find(&self, booking_ref: impl Into<BookingRef>) -> Result<Option<BookedAppointment>> {
        let deadline = Deadline::after(self.call_budget());
        deadline.run(self.find_by_ref(booking_ref.into(), &deadline)).await
    }

    async fn find_by_ref(&self, booking_ref: BookingRef, deadline: &Deadline) -> Result<Option<BookedAppointment>> {
        let client = self.budget_client(deadline);
        let (key, rows) = match &booking_ref {
            BookingRef::Key(key) => (key, lookup::search_by_key(&client, key, self.settings().search_limit).await?),
            BookingRef::Ticket(ticket) => {
                let rules = self.inner.event_types.get(&client, ticket.event_type_id).await.ok();
                (&ticket.key, BookingLookup::new(ticket, rules.as_deref(), None).lookup(&client, false).await?.rows)
            }
        };
        let live: Vec<BookingRow> = rows.iter().filter(|row| row.is_active()).cloned().collect();
        let kept = select(&live, &[], None).keep;
        if let Some(first) = kept.first() {
            let moved = matches!(&booking_ref, BookingRef::Ticket(ticket) if ticket.start != first.booking.start_time);
            let flags = BookedFlags { found: true, moved, ..BookedFlags::default() };
            return Ok(booked_from_rows(key, kept, flags).map(|booked| booking_ref.apply_to(booked)));
        }
        // RescheduleResult away from where it was looked for?
        for row in rows {
            let current = match self.current_booking(&client, row.booking).await {
                Ok(current) => current,
                // Where it leads to is too far away to be seen.
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

    /// Settles what is unknown: looks until it is certain, cancels a double and a torn series, and never books.
    ///
    /// Not booked means that nothing was to be seen for [`Settings::reconcile_settle`](super::Settings::reconcile_settle)
    /// although the service answered all the while ([`Problem::NothingBooked`](super::Problem::NothingBooked)), or that it was called off. To book it
    /// after `NothingBooked`, [`book`](Self::book) under the same key.
    ///
    /// A caller who may not list the bookings (neither host nor attendee) gets [`Outcome::Unknown`] even if the booking stands,
    /// unless an earlier call left word of it in this process or in the shared store: ask with the host's key. With a key alone
    /// not booked is never said, because a key does not tell whose event type it was for: give the ticket.
    ///
    /// It takes its time: up to three times [`Settings::carry_on`](super::Settings::carry_on) where the service does not
    /// answer. Then it is still unknown.
    pub async fn reconcile(&self, booking_ref: impl Into<BookingRef>) -> Outcome<BookedAppointment> {
        let deadline = Deadline::after(self.settings().background_budget.saturating_mul(3));
        let booking_ref = booking_ref.into();
        let ticket = match &booking_ref {
            BookingRef::Ticket(ticket) => Some(ticket.clone()),
            BookingRef::Key(_) => None,
        };
        let work = timeout_at(deadline.at(), Box::pin(self.run_reconcile(booking_ref, deadline)));
        let unknown = || Outcome::Unknown(ticket.map_or_else(|| Unknown::new(0, None), Unknown::with_ticket));
        work.await.unwrap_or_else(|_| unknown())
    }

    async fn run_reconcile(&self, booking_ref: BookingRef, deadline: Deadline) -> Outcome<BookedAppointment> {
        let ticket = match booking_ref {
            BookingRef::Ticket(ticket) => ticket,
            BookingRef::Key(key) => match self.find_ticket(&key, &deadline).await {
                Ok(Some(ticket)) => ticket,
                // It may stand at an event type whose bookings this caller may not list.
                Ok(None) => return Outcome::Unknown(Unknown::new(0, None)),
                Err(error) => return Outcome::Unknown(Unknown::new(0, Some(error))),
            },
        };
        let Some(lease) = self.lease(&ticket, true, &deadline).await else {
            return Outcome::Unknown(Unknown::with_ticket(ticket));
        };
        let prior_calls = PriorCalls::from_leases(lease.grants(), PriorAttempt::Interrupted, "");
        lease.leave(prior_calls.note.encode());
        // Without the event type nobody knows how many rows make a series whole.
        let retry_time = deadline.remaining().saturating_sub(self.settings().reconcile_settling_time);
        let rules = match self.event_type_rules_with_retries(&ticket, &deadline, retry_time).await {
            Ok(rules) => rules,
            Err(error) => {
                let mut unknown = Unknown::with_ticket(ticket);
                unknown.error = Some(error);
                return Outcome::Unknown(unknown);
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
            hold_error: None,
            deadline,
            wants_hold: false,
            hold: None,
            suggest: 0,
            prior_resolved: prior_calls.is_resolved,
            lease,
            state: BookingState::Interrupted,
        };
        task.run_until_deadline(false).await
    }

    /// Where to look for a key: wherever one of its bookings shows itself before the service has answered for as long as
    /// it takes to settle.
    async fn find_ticket(&self, key: &IdempotencyKey, deadline: &Deadline) -> Result<Option<Ticket>> {
        let settle = self.settings().reconcile_settling_time;
        let mut success_since = None;
        loop {
            let began = Instant::now();
            let client = self.budget_client(deadline);
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

/// The ticket that would have found `row`.
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
