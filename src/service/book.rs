//! Booking one appointment: from what the caller asks for to a run of the machine in `once`.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    Appointment, Booked, NotDone, Outcome, Problem, Service, Ticket, Unknown,
    appointment::Former,
    check,
    deadline::Deadline,
    event_type::{Kind, Rules},
    lookup::{Lookup, Sight, both},
    note::Note,
    once::{Once, Timing},
    run::Run,
};
use crate::{Error, Result, service::key::DIGEST, state::HeldLease};

impl Service {
    /// Books an appointment exactly once.
    ///
    /// Whatever happens on the way to the service and back, the outcome is the truth: booked, not booked, or unknown.
    /// Before anything is sent it is checked against the event type; all problems come back at once.
    ///
    /// With the caller's own key it can be called again: after an unknown outcome, after a crash
    /// ([`Appointment::resumed`]), by mistake, or at the same time from somewhere else; it then finds what was booked. Such a
    /// key is looked up before anything is checked. "Not booked" is then said only by a caller who may list the bookings of
    /// the event type, or shares a store with all others that use the key; for any other caller a refusal is
    /// [`Outcome::Unknown`].
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
        let former = appointment.begin();
        let mut wire = appointment.wire();
        let mut ticket = appointment.ticket();
        // What no call could ever have sent.
        let mut problems = check::person(&wire, &appointment.key);
        problems.extend(appointment.misplaced_key());
        if !problems.is_empty() {
            if let Ok(Some(rules)) = self.rules(&ticket, &deadline).await
                && appointment.check
            {
                problems.extend(check::event_type(&wire, &rules, (self.settings().now)()));
            }
            return NotDone::all(problems).into();
        }
        let Some(lease) = self.lease(&ticket, former != Former::Never, &deadline).await else {
            return Outcome::Unknown(Unknown::of(ticket));
        };
        let digest = wire.metadata.get(DIGEST).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let former = Inherited::from(&lease, former, &digest);
        lease.leave(former.note.write());
        if former.is_used_otherwise {
            return self.used_otherwise(&ticket, &former, &deadline).await;
        }
        let patience = if former.former == Former::Never { Duration::ZERO } else { deadline.left().mul_f32(0.4) };
        let began = Instant::now();
        let asks_first = former.former != Former::Never && former.uid.is_none();
        let first = async { if asks_first { Some(self.first_look(&ticket, &digest, &deadline).await) } else { None } };
        let (first, rules) = both(first, self.rules_in_time(&ticket, &deadline, patience)).await;
        let (rules, unread) = match rules {
            Ok(rules) => (rules, None),
            Err(error) if former.former == Former::Never => {
                return NotDone::because(Problem::NotSent).and(Some(error)).into();
            }
            // It may stand all the same.
            Err(error) => (None, Some(error)),
        };
        let mut blocked = Vec::new();
        if unread.is_some() {
            blocked.push(Problem::NotSent);
        }
        if let Some(rules) = rules.as_deref().filter(|_| appointment.check) {
            blocked.extend(check::event_type(&wire, rules, (self.settings().now)()));
        }
        if let Some(rules) = rules.as_deref().filter(|rules| rules.kind.is_series()) {
            // Said aloud, so that there is no doubt later how many rows make it whole.
            wire.recurrence_count = u32::try_from(rules.rows(wire.recurrence_count)).ok();
        }
        ticket.occurrences = wire.recurrence_count;
        let minutes = wire.length_in_minutes.or(rules.as_deref().and_then(|rules| u32::try_from(rules.length).ok()));
        let (kind, wanted) = kind_and_rows(rules.as_deref(), &ticket, wire.recurrence_count);
        let mut once = Once::new(kind, wanted, Timing::of(self.settings()), former.former, Instant::now())
            .died(appointment.died.or(former.died))
            .blocked(blocked);
        if let Some(uid) = &former.uid {
            once.hint(uid);
        }
        if let Some((looked, answered)) = first {
            once.saw(began, answered, looked);
        }
        let run = Run {
            lookup: Lookup::new(&ticket, rules.as_deref(), minutes).of_content(&digest),
            once,
            service: self.clone(),
            ticket,
            digest,
            wire: Some(wire),
            rules,
            unread,
            reserved: None,
            deadline,
            holds: appointment.hold,
            hold: None,
            suggest: appointment.suggest,
            settled_before: former.settled,
            lease,
        };
        run.until_deadline(appointment.carry_on).await
    }

    /// The first look for a caller's own key, before anything is checked; and when it was answered. It needs no event type.
    async fn first_look(&self, ticket: &Ticket, digest: &str, deadline: &Deadline) -> (Result<Sight>, Instant) {
        let client = deadline.client(self.client(), self.settings().lookup).deadline(self.settings().lookup);
        let lookup = Lookup::new(ticket, None, None).of_content(digest);
        let mut many = self.shared.many();
        let looked = deadline.run(lookup.look_around(&client, &mut many)).await;
        self.shared.set_many(many);
        (looked, Instant::now())
    }

    /// The lease on a key: while one call works on it, others wait. `shared` says whether other processes may know the key.
    pub(super) async fn lease(&self, ticket: &Ticket, shared: bool, deadline: &Deadline) -> Option<HeldLease> {
        let event_type = ticket.event_type_id.to_string();
        let name = self.client().lease_name(&["booking", &event_type, ticket.key.as_str()]);
        self.client().leases().acquire(&name, shared, deadline.at()).await
    }

    /// What is known of the event type. Nothing, where it cannot be read for good.
    pub(super) async fn rules(&self, ticket: &Ticket, deadline: &Deadline) -> Result<Option<Arc<Rules>>> {
        let id = ticket.event_type_id;
        let client = deadline.client(self.client(), deadline.attempt()).deadline(deadline.attempt());
        match self.shared.event_types.get(&client, id).await {
            Ok(rules) => Ok(Some(rules)),
            Err(error) => match self.shared.event_types.known(id) {
                Some(rules) => Ok(Some(rules)),
                // Somebody else's event type can be booked, and cannot be read.
                None if is_final(&error) => Ok(None),
                None => Err(error),
            },
        }
    }

    /// The same, asked for again and again for so long.
    pub(super) async fn rules_in_time(
        &self,
        ticket: &Ticket,
        deadline: &Deadline,
        patience: Duration,
    ) -> Result<Option<Arc<Rules>>> {
        let until = Instant::now() + patience;
        loop {
            match self.rules(ticket, deadline).await {
                Err(error) if error.is_retryable() && Instant::now() + AGAIN < until => sleep(AGAIN).await,
                rules => return rules,
            }
        }
    }

    /// The key has booked something else, as the last call that worked on it has left word.
    async fn used_otherwise(&self, ticket: &Ticket, former: &Inherited, deadline: &Deadline) -> Outcome<Booked> {
        let mut not_done = NotDone::because(Problem::KeyUsed { key: ticket.key.to_string() });
        if let Some(uid) = &former.uid {
            let client = deadline.client(self.client(), self.settings().lookup);
            // Which booking it is helps, and is not needed.
            if let Ok(Some(booking)) =
                deadline.run(client.bookings().get_series(uid)).await.map(|rows| rows.into_iter().next())
            {
                not_done = not_done.with(booking);
            }
        }
        not_done.into()
    }
}

/// When an event type that could not be read is asked for again.
const AGAIN: Duration = Duration::from_secs(1);

fn is_final(error: &Error) -> bool {
    matches!(error, Error::NotFound(_) | Error::Permission(_) | Error::Authentication(_) | Error::Decode(..))
}

/// How the bookings of an event type behave, and how many rows make one whole, as far as that is known.
pub(super) fn kind_and_rows(rules: Option<&Rules>, ticket: &Ticket, count: Option<u32>) -> (Kind, Option<usize>) {
    match rules {
        Some(rules) => (rules.kind, Some(rules.rows(count))),
        None => (Kind::Unread, ticket.occurrences.and_then(|rows| usize::try_from(rows).ok())),
    }
}

/// What a call takes over from the one before that worked on the same key.
pub(super) struct Inherited {
    pub(super) former: Former,
    pub(super) died: Option<Instant>,
    /// The booking that it left word of.
    pub(super) uid: Option<crate::model::BookingUid>,
    /// Whether that was of other content.
    is_used_otherwise: bool,
    /// Whether it is known that it left nothing open.
    pub(super) settled: bool,
    /// What is left for the next one if nothing is sent.
    pub(super) note: Leave,
}

/// What is left for the next call.
pub(super) struct Leave(Option<Note>);

impl Leave {
    pub(super) fn write(&self) -> Option<String> {
        self.0.as_ref().and_then(Note::write)
    }
}

impl Inherited {
    pub(super) fn from(lease: &HeldLease, former: Former, digest: &str) -> Self {
        let granted = lease.lease();
        let first = granted.token == 1;
        let note = granted.note.as_deref().and_then(Note::read);
        // It was dropped or died, or did not find out: what it sent may still be on its way.
        let open = !first && note.is_none();
        let died = granted.idle.and_then(|idle| Instant::now().checked_sub(idle)).filter(|_| open);
        let is_used_otherwise = note.as_ref().is_some_and(|note| note.uid.is_some() && !note.is_about(digest));
        // The last call has found that nothing stands.
        let nothing = note.as_ref().is_some_and(|note| note.uid.is_none());
        let former = match former {
            Former::Died if nothing => Former::Perhaps,
            _ if open => Former::Died,
            former => former,
        };
        Self {
            former,
            died,
            uid: note.as_ref().and_then(|note| note.uid.clone()),
            is_used_otherwise,
            settled: !open,
            note: Leave(note.or_else(|| first.then(|| Note::nothing(digest)))),
        }
    }
}
