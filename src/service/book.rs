//! Booking one appointment: from what the caller asks for to a run of the machine in `once`.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    Appointment, Booked, IdempotencyKey, NotDone, Outcome, Problem, Service, Ticket, Unknown,
    appointment::Former,
    check,
    deadline::Deadline,
    event_type::{Kind, Rules},
    inherited::Inherited,
    lookup::{Lookup, Sight, both},
    note::Note,
    once::{Once, State, Timing},
    report::Subject,
    run::Run,
};
use crate::{Error, Result, model::BookingUid, service::key::DIGEST, state::HeldLease};

impl Service {
    /// Books an appointment exactly once.
    ///
    /// The outcome is booked, not booked, or unknown, whatever happens on the way to the service and back. Before anything is
    /// sent it is checked against the event type; all problems come back at once.
    ///
    /// With the caller's own key it can be called again: after an unknown outcome, after a crash
    /// ([`Appointment::resumed`]), by mistake, or at the same time from somewhere else; it then finds what was booked. Such a
    /// key is looked up before anything is checked. "Not booked" is then said only to a caller who may list the bookings of
    /// the event type (its host, or the attendee); for any other caller a refusal is [`Outcome::Unknown`], with a shared store
    /// too, because a store may have forgotten an earlier call; [`Unknown::refusal`] says what is known. Under a new key a
    /// refusal is a refusal.
    ///
    /// Of a series of which an occurrence was cancelled since, the same key finds what is left of it:
    /// [`Booked::series`](super::Booked::series) has fewer rows than [`Booked::occurrences`](super::Booked::occurrences).
    ///
    /// Dropping the future leaves the outcome unknown. Nothing is sent any more, but what was sent may be carried out.
    ///
    /// ```no_run
    /// use calcom::{Client, model::CreateBooking, service::{Appointment, Outcome, Service}};
    ///
    /// # async fn example(booking: CreateBooking) -> Result<(), Box<dyn std::error::Error>> {
    /// let service = Service::new(Client::from_env()?);
    /// match service.book(Appointment::new(booking).key("order-4711")).await {
    ///     Outcome::Done(booked) => println!("booked: {}", booked.booking.uid),
    ///     Outcome::NotDone(why) => println!("not booked: {why}"),
    ///     // The ticket as JSON can be read again, by another process too.
    ///     Outcome::Unknown(unknown) => std::fs::write("order-4711.json", serde_json::to_string(&unknown.ticket)?)?,
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn book(&self, appointment: impl Into<Appointment>) -> Outcome<Booked> {
        Box::pin(self.book_once(appointment.into())).await
    }

    async fn book_once(&self, appointment: Appointment) -> Outcome<Booked> {
        let carry_on = appointment.carry_on;
        match self.prepare(appointment).await {
            Ok(run) => Box::pin(run.until_deadline(carry_on)).await,
            Err(early) => {
                let Early { key, state, outcome } = *early;
                self.report_end(Subject { key: key.as_str(), state: state.as_str(), sends: 0 }, &outcome);
                outcome
            }
        }
    }

    /// What is to be run, or how it ends before that.
    async fn prepare(&self, appointment: Appointment) -> Result<Box<Run>, Box<Early>> {
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
            return Err(Early::of(&ticket, State::Blocked, NotDone::all(problems).into()));
        }
        let shared = former != Former::Never || appointment.has_clones();
        let Some(lease) = self.lease(&ticket, shared, &deadline).await else {
            let outcome = Outcome::Unknown(Unknown::of(ticket.clone()));
            return Err(Early::of(&ticket, State::AskedBefore, outcome));
        };
        let digest = wire.metadata.get(DIGEST).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let former = Inherited::from(lease.grants(), former, &digest);
        lease.leave(former.note.write());
        if let Some(uid) = former.used_for.as_ref().filter(|_| lease.excludes_others()) {
            return Err(Early::of(&ticket, State::Used, self.used_otherwise(&ticket, uid, &deadline).await));
        }
        let patience = if former.former == Former::Never { Duration::ZERO } else { deadline.left().mul_f32(0.4) };
        let began = Instant::now();
        let asks_first = former.former != Former::Never && former.uids.is_empty();
        if asks_first {
            let state = if former.former == Former::Died { State::Orphaned } else { State::AskedBefore };
            self.report(Subject { key: ticket.key.as_str(), state: state.as_str(), sends: 0 }, "look");
        }
        let first = async { if asks_first { Some(self.first_look(&ticket, &digest, &deadline).await) } else { None } };
        let (first, rules) = both(first, self.rules_in_time(&ticket, &deadline, patience)).await;
        let (rules, unread) = match rules {
            Ok(rules) => (rules, None),
            Err(error) if former.former == Former::Never => {
                let outcome = NotDone::because(Problem::NotSent).and(Some(error)).into();
                return Err(Early::of(&ticket, State::Blocked, outcome));
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
        for uid in &former.uids {
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
            state: State::New,
        };
        Ok(Box::new(run))
    }

    /// The first look for a caller's own key, before anything is checked; and when it was answered. It needs no event type.
    async fn first_look(&self, ticket: &Ticket, digest: &str, deadline: &Deadline) -> (Result<Sight>, Instant) {
        let client = self.lookup_client(deadline).deadline(self.settings().lookup);
        let lookup = Lookup::new(ticket, None, None).of_content(digest);
        let mut many = self.shared.many();
        let looked = deadline.run(lookup.look_around(&client, &mut many)).await;
        self.shared.set_many(many);
        (looked, Instant::now())
    }

    /// The lease on a key: while one call works on it, others wait. `shared` says whether other processes may know the key.
    ///
    /// The key is taken as this caller's, for whatever event type, and as the event type's, by whichever caller: tenants who
    /// share a store do not share their keys.
    pub(super) async fn lease(&self, ticket: &Ticket, shared: bool, deadline: &Deadline) -> Option<HeldLease> {
        let (client, key) = (self.client(), ticket.key.as_str());
        let event_type = ticket.event_type_id.to_string();
        let names = [client.own_lease_name(&["booking", key]), client.lease_name(&["booking", &event_type, key])];
        let leases = client.leases().counted_in(self.shared.background.clone());
        leases.acquire(&names, shared, deadline.at(), Note::merge).await
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
    async fn used_otherwise(&self, ticket: &Ticket, uid: &BookingUid, deadline: &Deadline) -> Outcome<Booked> {
        let not_done = NotDone::because(Problem::KeyUsed { key: ticket.key.to_string() });
        let client = self.lookup_client(deadline);
        // Which booking it is helps, and is not needed.
        match deadline.run(client.bookings().get_series(uid)).await.map(|rows| rows.into_iter().next()) {
            Ok(Some(booking)) => not_done.with(booking).into(),
            _ => not_done.into(),
        }
    }
}

/// A call that ends before anything of it was sent.
struct Early {
    key: IdempotencyKey,
    state: State,
    outcome: Outcome<Booked>,
}

impl Early {
    fn of(ticket: &Ticket, state: State, outcome: Outcome<Booked>) -> Box<Self> {
        Box::new(Self { key: ticket.key.clone(), state, outcome })
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
