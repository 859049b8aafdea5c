//! Booking one appointment: prepares a `BookingTask` of what the caller asks for, and runs it.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    Appointment, BookedAppointment, IdempotencyKey, NotDone, Outcome, Problem, Service, Ticket, Unknown,
    appointment::PriorUse,
    check,
    deadline::Deadline,
    event_type::{BookingKind, EventTypeRules},
    join::join,
    lookup::{BookingLookup, LookupResult},
    machine::{BookingMachine, BookingState, SettlingTimes},
    note::KeyNote,
    prior_calls::PriorCalls,
    report::DecisionSubject,
    task::BookingTask,
};
use crate::{Error, Result, model::BookingUid, service::key::DIGEST_FIELD, state::LeaseGuard};

impl Service {
    /// Books an appointment exactly once.
    ///
    /// The outcome is booked, not booked, or unknown, whatever happens to requests and responses. The booking is
    /// checked against the event type before it is sent; all problems are returned together.
    ///
    /// With the caller's own key it can be called again: after an unknown outcome, after a crash
    /// ([`Appointment::after_crash`]), by mistake, or at the same time from another process. It then finds what was
    /// booked. Such a key is looked up before anything is checked. "Not booked" is then returned only to a caller who
    /// may list the bookings of the event type (its host, or the attendee). For any other caller a refusal is
    /// [`Outcome::Unknown`], with a shared store too, because a store may have lost an earlier call;
    /// [`Unknown::refusal`] names the refusal. Under a new key a refusal is always [`Outcome::NotDone`].
    ///
    /// If an occurrence of a series was cancelled since, the same key finds the others: [`BookedAppointment::series`]
    /// has fewer rows than [`BookedAppointment::occurrences`].
    ///
    /// If the future is dropped, the outcome is unknown. Nothing more is sent, but a request in flight may be executed.
    ///
    /// ```no_run
    /// use calcom::{Client, model::CreateBooking, service::{Appointment, Outcome, Service}};
    ///
    /// # async fn example(booking: CreateBooking) -> Result<(), Box<dyn std::error::Error>> {
    /// let service = Service::new(Client::from_env()?);
    /// match service.book(Appointment::new(booking).key("order-4711")).await {
    ///     Outcome::Done(booked) => println!("booked: {}", booked.booking.uid),
    ///     Outcome::NotDone(not_done) => println!("not booked: {not_done}"),
    ///     // Another process can read the ticket from the JSON.
    ///     Outcome::Unknown(unknown) => std::fs::write("order-4711.json", serde_json::to_string(&unknown.ticket)?)?,
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn book(&self, appointment: impl Into<Appointment>) -> Outcome<BookedAppointment> {
        Box::pin(self.book_once(appointment.into())).await
    }

    async fn book_once(&self, appointment: Appointment) -> Outcome<BookedAppointment> {
        let continue_in_background = appointment.continue_in_background;
        match self.prepare(appointment).await {
            Ok(task) => Box::pin(task.run_until_deadline(continue_in_background)).await,
            Err(early) => {
                let EarlyOutcome { key, state, outcome } = *early;
                self.report_outcome(DecisionSubject { key: key.as_str(), state: state.as_str(), sends: 0 }, &outcome);
                outcome
            }
        }
    }

    /// The task for an appointment, or its outcome if it ends before anything is sent.
    async fn prepare(&self, appointment: Appointment) -> Result<Box<BookingTask>, Box<EarlyOutcome>> {
        let deadline = Deadline::after(appointment.deadline.unwrap_or(self.call_duration()));
        let prior = appointment.mark_submitted();
        let mut request = appointment.to_request();
        let mut ticket = appointment.ticket();
        // No call can ever have sent such a request.
        let mut problems = check::content(&request, &appointment.key);
        problems.extend(appointment.key_metadata_problem());
        if !problems.is_empty() {
            if let Ok(Some(rules)) = self.event_type_rules(&ticket, &deadline).await
                && appointment.check
            {
                problems.extend(check::against_event_type(&request, &rules, (self.settings().now)()));
            }
            return Err(EarlyOutcome::boxed(&ticket, BookingState::Blocked, NotDone::from_problems(problems).into()));
        }
        let shared = prior != PriorUse::None || appointment.has_clones();
        let Some(lease) = self.lease(&ticket, shared, &deadline).await else {
            let outcome = Outcome::Unknown(Unknown::with_ticket(ticket.clone()));
            return Err(EarlyOutcome::boxed(&ticket, BookingState::CallerKey, outcome));
        };
        let digest =
            request.metadata.get(DIGEST_FIELD).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let prior_calls = PriorCalls::from_leases(lease.grants(), prior, &digest);
        lease.set_note(prior_calls.note.encode());
        if let Some(uid) = prior_calls.other_content_uid.as_ref().filter(|_| lease.excludes_others()) {
            return Err(EarlyOutcome::boxed(
                &ticket,
                BookingState::OtherContent,
                self.key_used_outcome(&ticket, uid, &deadline).await,
            ));
        }
        let retry_time =
            if prior_calls.prior == PriorUse::None { Duration::ZERO } else { deadline.remaining().mul_f32(0.4) };
        let began = Instant::now();
        let looks_up_first = prior_calls.prior != PriorUse::None && prior_calls.noted_uids.is_empty();
        if looks_up_first {
            let state = if prior_calls.prior == PriorUse::Interrupted {
                BookingState::Interrupted
            } else {
                BookingState::CallerKey
            };
            self.report_action(DecisionSubject { key: ticket.key.as_str(), state: state.as_str(), sends: 0 }, "lookup");
        }
        let first =
            async { if looks_up_first { Some(self.first_lookup(&ticket, &digest, &deadline).await) } else { None } };
        let (first, rules) = join(first, self.event_type_rules_with_retries(&ticket, &deadline, retry_time)).await;
        let (rules, rules_error) = match rules {
            Ok(rules) => (rules, None),
            Err(error) if prior_calls.prior == PriorUse::None => {
                let outcome = NotDone::new(Problem::NotSent).with_error(Some(error)).into();
                return Err(EarlyOutcome::boxed(&ticket, BookingState::Blocked, outcome));
            }
            // An earlier call may have booked all the same.
            Err(error) => (None, Some(error)),
        };
        let mut blocking_problems = Vec::new();
        if rules_error.is_some() {
            blocking_problems.push(Problem::NotSent);
        }
        if let Some(rules) = rules.as_deref().filter(|_| appointment.check) {
            blocking_problems.extend(check::against_event_type(&request, rules, (self.settings().now)()));
        }
        if let Some(rules) = rules.as_deref().filter(|rules| rules.kind.is_series()) {
            // The number is sent even if it is the default, so that the number of rows that complete the series is
            // known.
            request.recurrence_count = u32::try_from(rules.row_count(request.recurrence_count)).ok();
        }
        ticket.occurrences = request.recurrence_count;
        let minutes =
            request.length_in_minutes.or(rules.as_deref().and_then(|rules| u32::try_from(rules.length_minutes).ok()));
        let (kind, expected_rows) = kind_and_row_count(rules.as_deref(), &ticket, request.recurrence_count);
        let mut machine = BookingMachine::new(
            kind,
            expected_rows,
            SettlingTimes::of(self.settings()),
            prior_calls.prior,
            Instant::now(),
        )
        .with_interruption_at(appointment.interrupted_at.or(prior_calls.interrupted_at))
        .with_blocking_problems(blocking_problems);
        for uid in &prior_calls.noted_uids {
            machine.add_hint(uid);
        }
        if let Some((result, finished_at)) = first {
            machine.record_lookup_result(began, finished_at, result);
        }
        let task = BookingTask {
            lookup: BookingLookup::new(&ticket, rules.as_deref(), minutes).with_digest(&digest),
            machine,
            service: self.clone(),
            ticket,
            digest,
            request: Some(request),
            rules,
            rules_error,
            reservation_error: None,
            deadline,
            wants_reservation: appointment.reserve,
            reservation: None,
            suggest: appointment.suggest,
            prior_resolved: prior_calls.is_resolved,
            lease,
            state: BookingState::New,
        };
        Ok(Box::new(task))
    }

    /// The first lookup for a caller's own key, before any check, and the time of its response. It needs no event type.
    async fn first_lookup(
        &self,
        ticket: &Ticket,
        digest: &str,
        deadline: &Deadline,
    ) -> (Result<LookupResult>, Instant) {
        let client = self.lookup_client(deadline).map(|client| client.with_deadline(self.settings().lookup_timeout));
        let lookup = BookingLookup::new(ticket, None, None).with_digest(digest);
        let mut many = self.inner.has_many_bookings();
        let result = deadline.run(lookup.lookup_recent(&client, &mut many)).await;
        self.inner.set_has_many_bookings(many);
        (result, Instant::now())
    }

    /// Acquires the lease on a key: while one call holds it, others wait. `shared` says whether other processes may use
    /// the key.
    ///
    /// The key is leased twice: for this caller and any event type, and for the event type and any caller. Tenants who
    /// share a store do not share their keys.
    pub(super) async fn lease(&self, ticket: &Ticket, shared: bool, deadline: &Deadline) -> Option<LeaseGuard> {
        let (client, key) = (self.client(), ticket.key.as_str());
        let event_type = ticket.event_type_id.to_string();
        let names = [client.own_lease_name(&["booking", key]), client.lease_name(&["booking", &event_type, key])];
        let leases = client.leases().with_background(self.inner.background.clone());
        leases.acquire(&names, shared, deadline.at(), KeyNote::merge).await
    }

    /// The rules of the event type; `None` if this caller can never read it.
    pub(super) async fn event_type_rules(
        &self,
        ticket: &Ticket,
        deadline: &Deadline,
    ) -> Result<Option<Arc<EventTypeRules>>> {
        let id = ticket.event_type_id;
        let client = deadline.client(self.client(), deadline.attempt_time()).with_deadline(deadline.attempt_time());
        match self.inner.event_types.get(&client, self.settings().scope, id).await {
            Ok(rules) => Ok(Some(rules)),
            Err(error) => match self.inner.event_types.last_known(id) {
                Some(rules) => Ok(Some(rules)),
                // A caller can book an event type of another user, and cannot read it.
                None if is_permanent(&error) => Ok(None),
                None => Err(error),
            },
        }
    }

    /// As [`event_type_rules`](Self::event_type_rules), with retries for `retry_time`.
    pub(super) async fn event_type_rules_with_retries(
        &self,
        ticket: &Ticket,
        deadline: &Deadline,
        retry_time: Duration,
    ) -> Result<Option<Arc<EventTypeRules>>> {
        let until = Instant::now() + retry_time;
        loop {
            match self.event_type_rules(ticket, deadline).await {
                Err(error) if error.is_retryable() && Instant::now() + RULES_RETRY_DELAY < until => {
                    sleep(RULES_RETRY_DELAY).await
                }
                rules => return rules,
            }
        }
    }

    /// The outcome of a key that was used for other content, as the note of the last call says.
    async fn key_used_outcome(
        &self,
        ticket: &Ticket,
        uid: &BookingUid,
        deadline: &Deadline,
    ) -> Outcome<BookedAppointment> {
        let not_done = NotDone::new(Problem::KeyUsed { key: ticket.key.to_string() });
        let client = self.lookup_client(deadline);
        // The booking is information for the caller. The outcome does not depend on it.
        match deadline.run(client.bookings().get_series(uid)).await.map(|rows| rows.into_iter().next()) {
            Ok(Some(booking)) => not_done.with_booking(booking).into(),
            _ => not_done.into(),
        }
    }
}

/// The outcome of a call that ends before anything is sent.
struct EarlyOutcome {
    key: IdempotencyKey,
    state: BookingState,
    outcome: Outcome<BookedAppointment>,
}

impl EarlyOutcome {
    fn boxed(ticket: &Ticket, state: BookingState, outcome: Outcome<BookedAppointment>) -> Box<Self> {
        Box::new(Self { key: ticket.key.clone(), state, outcome })
    }
}

/// Delay before an event type that could not be read is requested again.
const RULES_RETRY_DELAY: Duration = Duration::from_secs(1);

fn is_permanent(error: &Error) -> bool {
    matches!(error, Error::NotFound(_) | Error::Permission(_) | Error::Authentication(_) | Error::Decode(..))
}

/// The kind of the event type, and the number of rows of a complete booking, if it is known.
pub(super) fn kind_and_row_count(
    rules: Option<&EventTypeRules>,
    ticket: &Ticket,
    count: Option<u32>,
) -> (BookingKind, Option<usize>) {
    match rules {
        Some(rules) => (rules.kind, Some(rules.row_count(count))),
        None => (BookingKind::Unknown, ticket.occurrences.and_then(|rows| usize::try_from(rows).ok())),
    }
}
