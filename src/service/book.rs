//! Booking one appointment: drives the machine in `once` against the service, within the deadline and beyond it.

use std::sync::Arc;

use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::{
    Appointment, Booked, NotDone, Outcome, Problem, Service, Settings, Ticket, Unknown, check,
    deadline::Deadline,
    event_type::{Kind, Rules},
    lookup::{Lookup, Row, Sight, is_live},
    once::{Once, Sent, Step, Timing, Verdict, untidy},
    turn::Turn,
    withdraw::withdraw,
};
use crate::{
    Error,
    model::{Booking, CreateBooking},
};

impl Service {
    /// Books an appointment exactly once.
    ///
    /// Whatever happens on the way to the service and back, the outcome is the truth: booked, not booked, or unknown.
    /// Before anything is sent it is checked against the event type; all problems come back at once.
    ///
    /// With the caller's own key it can be called again: after an unknown outcome, after a crash
    /// ([`Appointment::resumed`]), or by mistake; it then finds what was booked.
    ///
    /// Dropping the future leaves the outcome unknown. Nothing is sent any more, but what was sent may be carried out.
    ///
    /// ```no_run
    /// use calcom::{Client, model::CreateBooking, service::{Appointment, Outcome, Service}};
    ///
    /// # async fn example(booking: CreateBooking) -> calcom::Result<()> {
    /// let service = Service::new(Client::from_env()?);
    /// match service.book(Appointment::new(booking).key("order-4711")).await {
    ///     Outcome::Done(booked) => println!("booked: {}", booked.booking.uid),
    ///     Outcome::NotDone(why) => println!("not booked: {why}"),
    ///     Outcome::Unknown(unknown) => println!("ask again later with {:?}", unknown.ticket),
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn book(&self, appointment: impl Into<Appointment>) -> Outcome<Booked> {
        let appointment = appointment.into();
        let deadline = Deadline::within(appointment.budget.unwrap_or(self.budget()));
        let turn = match timeout_at(deadline.at(), self.shared.turns.wait(&appointment.key)).await {
            Ok(turn) => turn,
            Err(_) => return NotDone::because(Problem::NotSent).into(),
        };
        let rules = match self.rules(&appointment, &deadline).await {
            Ok(rules) => rules,
            Err(not_done) => return not_done.into(),
        };
        let mut wire = appointment.wire();
        let mut problems = check::person(&wire, &appointment.key);
        if let Some(rules) = rules.as_deref().filter(|_| appointment.check) {
            problems.extend(check::event_type(&wire, rules, (self.settings().now)()));
        }
        if !problems.is_empty() {
            return NotDone::all(problems).into();
        }
        if let Some(rules) = rules.as_deref().filter(|rules| rules.kind.is_series()) {
            // Said aloud, so that there is no doubt later how many rows make it whole.
            wire.recurrence_count = u32::try_from(rules.rows(wire.recurrence_count)).ok();
        }
        let _hold = match self.held(&appointment, &wire, &deadline).await {
            Ok(hold) => hold,
            Err(not_done) => return not_done.into(),
        };
        let mut ticket = appointment.ticket();
        ticket.occurrences = wire.recurrence_count;
        let minutes = wire.length_in_minutes.or(rules.as_deref().and_then(|rules| u32::try_from(rules.length).ok()));
        let kind = rules.as_deref().map_or(Kind::Unread, |rules| rules.kind);
        let wanted = rules.as_deref().map(|rules| rules.rows(wire.recurrence_count));
        let once = Once::new(kind, wanted, Timing::of(self.settings()), appointment.former, Instant::now());
        let run = Run {
            lookup: Lookup::new(&ticket, rules.as_deref(), minutes),
            once: once.died(appointment.died),
            service: self.clone(),
            ticket,
            wire: Some(wire),
            rules,
            deadline,
            sees: None,
            suggest: appointment.suggest,
            _turn: turn,
        };
        run.until_deadline(appointment.carry_on).await
    }

    /// What is known of the event type. Nothing, where it cannot be read for good.
    async fn rules(&self, appointment: &Appointment, deadline: &Deadline) -> Result<Option<Arc<Rules>>, NotDone> {
        let id = appointment.booking.event_type_id;
        let client = deadline.client(self.client(), deadline.attempt());
        match self.shared.event_types.get(&client, id).await {
            Ok(rules) => Ok(Some(rules)),
            Err(error) => match self.shared.event_types.known(id) {
                Some(rules) => Ok(Some(rules)),
                // Somebody else's event type can be booked, and cannot be read.
                None if matches!(error, Error::NotFound(_) | Error::Permission(_) | Error::Decode(..)) => Ok(None),
                None => Err(NotDone::because(Problem::NotSent).and(Some(error))),
            },
        }
    }
}

/// One appointment on its way; owned, so that it can go on in the background.
pub(crate) struct Run {
    pub(crate) service: Service,
    pub(crate) once: Once,
    pub(crate) lookup: Lookup,
    pub(crate) ticket: Ticket,
    /// What is sent; nothing where it only looks.
    pub(crate) wire: Option<CreateBooking>,
    pub(crate) rules: Option<Arc<Rules>>,
    pub(crate) deadline: Deadline,
    /// Whether the caller would see the booking in a list, once that is known.
    pub(crate) sees: Option<bool>,
    pub(crate) suggest: usize,
    pub(crate) _turn: Turn,
}

impl Run {
    pub(crate) async fn until_deadline(mut self, carry_on: bool) -> Outcome<Booked> {
        if let Ok(verdict) = timeout_at(self.deadline.at(), self.go()).await {
            return self.conclude(verdict).await;
        }
        if let Some(verdict) = self.once.at_deadline() {
            return self.conclude(verdict).await;
        }
        if self.once.is_untouched() {
            return NotDone::because(Problem::NotSent).and(self.once.trouble().cloned()).into();
        }
        let mut unknown = self.unknown();
        if carry_on {
            let background = self.service.shared.background.clone();
            self.deadline = Deadline::within(self.service.settings().carry_on);
            unknown.later = Some(super::outcome::Later(background.spawn(async move {
                match timeout_at(self.deadline.at(), self.go()).await {
                    Ok(verdict) => self.conclude(verdict).await,
                    Err(_) => Outcome::Unknown(self.unknown()),
                }
            })));
        }
        Outcome::Unknown(unknown)
    }

    fn unknown(&self) -> Unknown<Booked> {
        let mut unknown = Unknown::after(self.once.sends(), self.once.trouble().cloned());
        unknown.ticket = Some(self.ticket.clone());
        unknown.seen = self.once.seen().into_iter().map(|row| row.booking).collect();
        unknown
    }

    /// Takes step after step until it is known. Can be dropped anywhere and be called again.
    async fn go(&mut self) -> Verdict {
        loop {
            match self.once.next(Instant::now()) {
                Step::Send { at } => {
                    sleep_until(at).await;
                    self.send().await;
                }
                Step::Look { at, wide } => {
                    sleep_until(at).await;
                    self.look(wide).await;
                }
                Step::Withdraw { rows, why } => {
                    let most = self.service.settings().lookup;
                    let failure = withdraw(self.service.client(), &self.deadline, most, &rows, why).await;
                    self.once.withdrawn(&rows, why, failure);
                }
                Step::Finish(verdict) => return verdict,
            }
        }
    }

    async fn send(&mut self) {
        let Some(wire) = &self.wire else { return };
        let client = self.deadline.client(self.service.client(), self.deadline.attempt());
        self.once.sending(Instant::now());
        let answer = client.bookings().create_series(wire).await;
        self.once.sent(Instant::now(), sent(answer, &self.ticket));
    }

    async fn look(&mut self, wide: bool) {
        if self.once.is_open() && self.sees.is_none() {
            self.sees = self.find_out_whether_seen().await;
            self.once.sees(self.sees.unwrap_or(false));
        }
        let client = self.deadline.client(self.service.client(), self.service.settings().lookup);
        let began = Instant::now();
        let sight = match self.lookup.look(&client, wide).await {
            Err(Error::Authentication(_) | Error::Permission(_)) => {
                self.once.sees(false);
                Ok(Sight::default())
            }
            sight => sight,
        };
        self.once.looked(began, Instant::now(), sight);
    }

    /// Only a host or the attendee finds a booking in a list (recordings `once-filters/who-*`).
    async fn find_out_whether_seen(&self) -> Option<bool> {
        let client = self.deadline.client(self.service.client(), self.service.settings().lookup);
        let (id, email) = self.service.caller(&client).await.ok()?;
        let only_host = self.rules.as_deref().is_some_and(|rules| rules.hosts == [id]);
        Some(only_host || email == self.ticket.email)
    }

    async fn conclude(self, verdict: Verdict) -> Outcome<Booked> {
        let watched = self.wire.is_some() && self.once.leaves_doubts();
        if watched {
            self.watch();
        }
        match verdict {
            Verdict::Booked { rows, found } => {
                let moved = rows.first().is_some_and(|row| row.booking.start_time != self.ticket.start);
                match self.booked(rows, found, moved, watched) {
                    Some(booked) => Outcome::Done(booked),
                    None => Outcome::Unknown(self.unknown()),
                }
            }
            Verdict::CalledOff(row) => self.called_off(row).await,
            Verdict::Foreign(booking) => NotDone::because(Problem::AlreadyBooked).with(*booking).into(),
            Verdict::Refused(error) => {
                let mut not_done = NotDone::refused(error);
                self.service
                    .explain(&mut not_done, &self.ticket, self.rules.as_deref(), &self.deadline, self.suggest)
                    .await;
                not_done.into()
            }
            Verdict::NotSent(error) => NotDone::because(Problem::NotSent).and(Some(error)).into(),
            Verdict::Torn => {
                let mut not_done = NotDone::because(Problem::SlotTaken).and(self.once.trouble().cloned());
                self.service
                    .explain(&mut not_done, &self.ticket, self.rules.as_deref(), &self.deadline, self.suggest)
                    .await;
                not_done.into()
            }
            Verdict::NeverArrived => NotDone::because(Problem::NeverArrived).and(self.once.trouble().cloned()).into(),
        }
    }

    fn booked(&self, rows: Vec<Row>, found: bool, moved: bool, watched: bool) -> Option<Booked> {
        let mut rows = rows;
        rows.sort_by_key(|row| (row.booking.start_time, row.booking.id));
        let seat = rows.first().and_then(|row| row.seat.clone());
        let bookings: Vec<Booking> = rows.into_iter().map(|row| row.booking).collect();
        let booking = bookings.first()?.clone();
        let series = if booking.recurring_booking_uid().is_some() { bookings } else { Vec::new() };
        Some(Booked { key: self.ticket.key.clone(), booking, series, seat, found, moved, watched })
    }

    /// It was booked, and is no more where it was: moved, or called off.
    async fn called_off(self, row: Row) -> Outcome<Booked> {
        let client = self.deadline.client(self.service.client(), self.service.settings().lookup);
        match self.service.follow(&client, row.booking.clone()).await {
            Ok(present) if is_live(&present) => {
                let row = Row { booking: present, seat: None };
                self.booked(vec![row], true, true, false)
                    .map_or_else(|| Outcome::Unknown(self.unknown()), Outcome::Done)
            }
            Ok(present) => NotDone::because(Problem::CalledOff).with(present).into(),
            Err(error) => {
                let mut unknown = self.unknown();
                unknown.seen = vec![row.booking];
                unknown.error = Some(error);
                Outcome::Unknown(unknown)
            }
        }
    }

    /// Looks again after the call has ended: what was sent first may show itself only now.
    fn watch(&self) {
        let (service, lookup, wanted) = (self.service.clone(), self.lookup.clone(), self.once.wanted());
        let Settings { settle, watch, .. } = *service.settings();
        let waits = [settle / 4, settle, watch / 2, watch.saturating_sub(settle + settle / 4 + watch / 2)];
        self.service.shared.background.spawn(async move {
            let mut before = None;
            for wait in waits {
                sleep(wait).await;
                let deadline = Deadline::within(service.budget());
                let most = service.settings().lookup;
                let Ok(sight) = lookup.look(&deadline.client(service.client(), most), false).await else { continue };
                if let Some((rows, why)) = untidy(&sight, before.as_ref(), wanted) {
                    withdraw(service.client(), &deadline, most, &rows, why).await;
                }
                before = Some(sight.names());
            }
        });
    }
}

/// What an answer, or the lack of one, says of the request.
fn sent(answer: crate::Result<Vec<Booking>>, ticket: &Ticket) -> Sent {
    match answer {
        Ok(bookings) => made(bookings, ticket),
        Err(error) if error.may_have_been_applied() => Sent::Lost(Some(error)),
        // A success that says it failed: either may be true.
        Err(error) if error.status().is_some_and(|status| (200..300).contains(&status)) => Sent::Lost(Some(error)),
        Err(error) if error.status().is_none() || matches!(error, Error::RateLimit(_)) => not_sent(error),
        Err(error) => Sent::Refused(error),
    }
}

/// What this crate refuses itself is a refusal too: it will not be otherwise next time.
fn not_sent(error: Error) -> Sent {
    match error {
        Error::Validation(_) | Error::Configuration(_) => Sent::Refused(error),
        error => Sent::NotSent(error),
    }
}

fn made(bookings: Vec<Booking>, ticket: &Ticket) -> Sent {
    let mut rows: Vec<Row> = bookings.iter().flat_map(|booking| Row::of(booking, &ticket.key)).collect();
    let Some(first) = bookings.first() else { return Sent::Lost(None) };
    if let Some(seat) = first.seat_uid() {
        // The answer names the seat that was just taken. Its attendee is not shown to strangers.
        rows = vec![Row { booking: first.clone(), seat: Some(seat) }];
    }
    if rows.is_empty() {
        return Sent::Foreign(Box::new(first.clone()));
    }
    Sent::Made(rows)
}
