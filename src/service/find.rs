//! Asking again: after a crash, after an unknown outcome.

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Booked, IdempotencyKey, NotDone, Outcome, Problem, Service, Ticket, Unknown,
    appointment::Former,
    book::Run,
    deadline::Deadline,
    event_type::Kind,
    lookup::{self, Lookup, Row, is_live},
    once::{Once, Timing, pick},
};
use crate::Result;

/// What is asked for: a key alone, or the ticket that says where to look.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Sought {
    /// Only the key is known. The bookings of this host are gone through, the youngest first, as far as
    /// [`Settings::search`](super::Settings::search).
    Key(IdempotencyKey),
    /// One lookup finds it.
    Ticket(Ticket),
}

impl From<&IdempotencyKey> for Sought {
    fn from(key: &IdempotencyKey) -> Self {
        Self::Key(key.clone())
    }
}

impl From<&str> for Sought {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<&Ticket> for Sought {
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
    /// # Errors
    ///
    /// Whatever listing bookings can fail with.
    pub async fn find(&self, sought: impl Into<Sought>) -> Result<Option<Booked>> {
        let sought = sought.into();
        let deadline = Deadline::within(self.budget());
        let client = deadline.client(self.client(), self.budget());
        let (key, rows) = match &sought {
            Sought::Key(key) => (key, lookup::search(&client, key, self.settings().search).await?),
            Sought::Ticket(ticket) => {
                let rules = self.shared.event_types.get(&client, ticket.event_type_id).await.ok();
                (&ticket.key, Lookup::new(ticket, rules.as_deref(), None).look(&client, false).await?.rows)
            }
        };
        let live: Vec<Row> = rows.iter().filter(|row| row.is_live()).cloned().collect();
        let kept = pick(&live, &[], None).keep;
        if let Some(first) = kept.first() {
            let moved = matches!(&sought, Sought::Ticket(ticket) if ticket.start != first.booking.start_time);
            return Ok(booked(key, &kept, moved));
        }
        // Moved away from where it was looked for?
        for row in rows {
            let present = self.follow(&client, row.booking).await?;
            if is_live(&present) {
                return Ok(booked(key, &[Row { booking: present, seat: None }], true));
            }
        }
        Ok(None)
    }

    /// Settles what is unknown: looks until it is certain, cancels a double and a torn series, and never books.
    ///
    /// Not booked means that nothing was to be seen for [`Settings::reconcile_settle`](super::Settings::reconcile_settle)
    /// although the service answered all the while, or that it was called off. To book it then, [`book`](Self::book)
    /// under the same key.
    ///
    /// It takes its time: up to three times [`Settings::carry_on`](super::Settings::carry_on) where the service does not
    /// answer. Then it is still unknown.
    pub async fn reconcile(&self, sought: impl Into<Sought>) -> Outcome<Booked> {
        let deadline = Deadline::within(self.settings().carry_on * 3);
        let settle = timeout_at(deadline.at(), self.settle(sought.into(), deadline));
        settle.await.unwrap_or_else(|_| Outcome::Unknown(Unknown::after(0, None)))
    }

    async fn settle(&self, sought: Sought, deadline: Deadline) -> Outcome<Booked> {
        let ticket = match sought {
            Sought::Ticket(ticket) => ticket,
            Sought::Key(key) => match self.ticket_of(&key, &deadline).await {
                Ok(Some(ticket)) => ticket,
                Ok(None) => return NotDone::because(Problem::NeverArrived).into(),
                Err(error) => return Outcome::Unknown(Unknown::after(0, Some(error))),
            },
        };
        let turn = self.shared.turns.wait(&ticket.key).await;
        let client = deadline.client(self.client(), deadline.attempt());
        let rules = match self.shared.event_types.get(&client, ticket.event_type_id).await {
            Ok(rules) => Some(rules),
            Err(_) => self.shared.event_types.known(ticket.event_type_id),
        };
        let kind = rules.as_deref().map_or(Kind::Unread, |rules| rules.kind);
        let wanted = rules.as_deref().map(|rules| rules.rows(ticket.occurrences));
        let timing = Timing { settle: self.settings().reconcile_settle, ..Timing::of(self.settings()) };
        let run = Run {
            lookup: Lookup::new(&ticket, rules.as_deref(), None),
            once: Once::new(kind, wanted, timing, Former::Died, Instant::now()).only_looks(),
            service: self.clone(),
            ticket,
            wire: None,
            rules,
            deadline,
            sees: None,
            suggest: 0,
            _turn: turn,
        };
        run.until_deadline(false).await
    }

    /// Where to look for a key: wherever one of its bookings shows itself before the service has answered for as long as
    /// it takes to settle.
    async fn ticket_of(&self, key: &IdempotencyKey, deadline: &Deadline) -> Result<Option<Ticket>> {
        let settle = self.settings().reconcile_settle;
        let mut answered_since = None;
        loop {
            let began = Instant::now();
            let client = deadline.client(self.client(), self.budget());
            match lookup::search(&client, key, self.settings().search).await {
                Ok(rows) => {
                    if let Some(ticket) = rows.first().and_then(|row| ticket(key, row, &rows)) {
                        return Ok(Some(ticket));
                    }
                    if began.duration_since(*answered_since.get_or_insert(began)) >= settle {
                        return Ok(None);
                    }
                }
                Err(error) if deadline.is_over() || error.status().is_some_and(|status| status < 500) => {
                    return Err(error);
                }
                Err(_) => answered_since = None,
            }
            sleep(settle / 4).await;
        }
    }
}

fn booked(key: &IdempotencyKey, rows: &[Row], moved: bool) -> Option<Booked> {
    let first = rows.first()?;
    let bookings: Vec<_> = rows.iter().map(|row| row.booking.clone()).collect();
    let booking = first.booking.clone();
    let series = if booking.recurring_booking_uid().is_some() { bookings } else { Vec::new() };
    Some(Booked { key: key.clone(), booking, series, seat: first.seat.clone(), found: true, moved, watched: false })
}

/// The ticket that would have found `row`.
fn ticket(key: &IdempotencyKey, row: &Row, rows: &[Row]) -> Option<Ticket> {
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
