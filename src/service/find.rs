//! Asking again: after a crash, after an unknown outcome.

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Booked, IdempotencyKey, Outcome, Service, Ticket, Unknown,
    appointment::Former,
    book::kind_and_rows,
    deadline::Deadline,
    inherited::Inherited,
    lookup::{self, Lookup, Row, is_live},
    once::{Once, State, Timing, pick},
    outcome::{BookedFlags, booked},
    run::Run,
};
use crate::{Error, Result};

/// What is asked for: a key alone, or the ticket that says where to look.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Sought {
    /// Only the key is known. The bookings of the caller are gone through, the youngest first, as far as
    /// [`Settings::search`](super::Settings::search).
    Key(IdempotencyKey),
    /// One lookup finds it.
    Ticket(Ticket),
}

impl Sought {
    fn of(&self, booked: Booked) -> Booked {
        match self {
            Self::Key(_) => booked,
            Self::Ticket(ticket) => booked.of(ticket),
        }
    }
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
    /// A caller who may not list the bookings (neither host nor attendee) gets `None` even if the booking stands: ask with the
    /// host's key.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`](crate::Error::Timeout) where it takes longer than the budget; whatever else listing bookings can fail
    /// with.
    pub async fn find(&self, sought: impl Into<Sought>) -> Result<Option<Booked>> {
        let deadline = Deadline::within(self.budget());
        deadline.run(self.find_within(sought.into(), &deadline)).await
    }

    async fn find_within(&self, sought: Sought, deadline: &Deadline) -> Result<Option<Booked>> {
        let client = self.budget_client(deadline);
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
            let flags = BookedFlags { found: true, moved, ..BookedFlags::default() };
            return Ok(booked(key, kept, flags).map(|booked| sought.of(booked)));
        }
        // Moved away from where it was looked for?
        for row in rows {
            let present = match self.follow(&client, row.booking).await {
                Ok(present) => present,
                // Where it leads to is too far away to be seen.
                Err(error) if matches!(error, Error::Validation(_)) && error.attempts() == 0 => continue,
                Err(error) => return Err(error),
            };
            if is_live(&present) {
                let flags = BookedFlags { found: true, moved: true, ..BookedFlags::default() };
                return Ok(booked(key, vec![Row { booking: present, seat: None }], flags));
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
    pub async fn reconcile(&self, sought: impl Into<Sought>) -> Outcome<Booked> {
        let deadline = Deadline::within(self.settings().carry_on.saturating_mul(3));
        let sought = sought.into();
        let ticket = match &sought {
            Sought::Ticket(ticket) => Some(ticket.clone()),
            Sought::Key(_) => None,
        };
        let settle = timeout_at(deadline.at(), Box::pin(self.settle(sought, deadline)));
        let unknown = || Outcome::Unknown(ticket.map_or_else(|| Unknown::after(0, None), Unknown::of));
        settle.await.unwrap_or_else(|_| unknown())
    }

    async fn settle(&self, sought: Sought, deadline: Deadline) -> Outcome<Booked> {
        let ticket = match sought {
            Sought::Ticket(ticket) => ticket,
            Sought::Key(key) => match self.ticket_of(&key, &deadline).await {
                Ok(Some(ticket)) => ticket,
                // It may stand at an event type whose bookings this caller may not list.
                Ok(None) => return Outcome::Unknown(Unknown::after(0, None)),
                Err(error) => return Outcome::Unknown(Unknown::after(0, Some(error))),
            },
        };
        let Some(lease) = self.lease(&ticket, true, &deadline).await else {
            return Outcome::Unknown(Unknown::of(ticket));
        };
        let inherited = Inherited::from(lease.grants(), Former::Died, "");
        lease.leave(inherited.note.write());
        // Without the event type nobody knows how many rows make a series whole.
        let patience = deadline.left().saturating_sub(self.settings().reconcile_settle);
        let rules = match self.rules_in_time(&ticket, &deadline, patience).await {
            Ok(rules) => rules,
            Err(error) => {
                let mut unknown = Unknown::of(ticket);
                unknown.error = Some(error);
                return Outcome::Unknown(unknown);
            }
        };
        let (kind, wanted) = kind_and_rows(rules.as_deref(), &ticket, ticket.occurrences);
        let timing = Timing { settle: self.settings().reconcile_settle, ..Timing::of(self.settings()) };
        let mut once = Once::new(kind, wanted, timing, inherited.former, Instant::now()).only_looks();
        for uid in &inherited.uids {
            once.hint(uid);
        }
        let run = Run {
            lookup: Lookup::new(&ticket, rules.as_deref(), None),
            once,
            service: self.clone(),
            ticket,
            digest: String::new(),
            wire: None,
            rules,
            unread: None,
            reserved: None,
            deadline,
            holds: false,
            hold: None,
            suggest: 0,
            settled_before: inherited.settled,
            lease,
            state: State::Orphaned,
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
            let client = self.budget_client(deadline);
            match lookup::search(&client, key, self.settings().search).await {
                Ok(rows) => {
                    if let Some(ticket) = rows.first().and_then(|row| ticket(key, row, &rows)) {
                        return Ok(Some(ticket));
                    }
                    if began.duration_since(*answered_since.get_or_insert(began)) >= settle {
                        return Ok(None);
                    }
                }
                Err(error) if deadline.is_over() || !error.is_retryable() => return Err(error),
                Err(_) => answered_since = None,
            }
            sleep(settle / 4).await;
        }
    }
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
