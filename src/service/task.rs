//! The task of one appointment: runs the machine against the service, until the deadline or in the background, and
//! starts the watch.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    BookedAppointment, BookingScope, NotDone, Outcome, Problem, ReservationGuard, Service, Ticket, Unknown,
    appointment::PriorUse,
    cancel_surplus::{cancel_surplus, read_deciding_rows},
    deadline::Deadline,
    event_type::{BookingKind, EventTypeRules},
    explain::RefusalContext,
    lookup::{BookingLookup, BookingRow, LookupResult, is_active},
    machine::{Action, BookingMachine, BookingState, Resolution, Surplus, Transition},
    note::KeyNote,
    outcome::BookedFlags,
    report::DecisionSubject,
    send_outcome::classify_response,
    watch::DuplicateWatch,
};
use crate::{
    Error,
    model::{Booking, BookingUid, CreateBooking},
    state::LeaseGuard,
};

/// Age of a booking that every call in progress has seen: no call takes longer, and no two clocks differ by more.
const MAX_CALL_AGE: SignedDuration = SignedDuration::from_hours(1);

/// The task of one appointment. It owns its parts, so that it can continue in the background.
pub(crate) struct BookingTask {
    pub(crate) service: Service,
    pub(crate) machine: BookingMachine,
    pub(crate) lookup: BookingLookup,
    pub(crate) ticket: Ticket,
    pub(crate) digest: String,
    /// The request; `None` if it only looks up.
    pub(crate) request: Option<CreateBooking>,
    pub(crate) rules: Option<Arc<EventTypeRules>>,
    /// Why the event type could not be read.
    pub(crate) rules_error: Option<Error>,
    /// Why the time could not be reserved.
    pub(crate) reservation_error: Option<Error>,
    pub(crate) deadline: Deadline,
    /// Whether the time is to be reserved before sending.
    pub(crate) wants_reservation: bool,
    pub(crate) reservation: Option<ReservationGuard>,
    pub(crate) suggest: usize,
    /// Whether no earlier call has left anything unresolved.
    pub(crate) prior_resolved: bool,
    pub(crate) lease: LeaseGuard,
    /// The state at the last decision.
    pub(crate) state: BookingState,
}

impl BookingTask {
    pub(crate) async fn run_until_deadline(mut self, continue_in_background: bool) -> Outcome<BookedAppointment> {
        if let Ok(resolution) = timeout_at(self.deadline.at(), Box::pin(self.drive())).await {
            return Box::pin(self.into_outcome(resolution)).await;
        }
        if let Some(resolution) = self.resolve_at_deadline() {
            return Box::pin(self.into_outcome(resolution)).await;
        }
        if self.machine.is_never_sent() {
            let outcome = NotDone::new(Problem::NotSent).with_error(self.last_error()).into();
            self.service.report_outcome(self.subject(), &outcome);
            return outcome;
        }
        let mut unknown = self.unknown_outcome();
        if !continue_in_background {
            self.start_watch_if_needed();
        }
        if continue_in_background {
            self.service.report_action(self.subject(), "continue");
            let background = self.service.inner.background.clone();
            self.deadline = Deadline::after(self.service.settings().background_deadline);
            unknown.pending = Some(super::outcome::PendingOutcome(background.spawn(async move {
                match timeout_at(self.deadline.at(), Box::pin(self.drive())).await {
                    Ok(resolution) => self.into_outcome(resolution).await,
                    Err(_) => match self.resolve_at_deadline() {
                        Some(resolution) => self.into_outcome(resolution).await,
                        None => {
                            self.start_watch_if_needed();
                            let outcome = Outcome::Unknown(self.unknown_outcome());
                            self.service.report_outcome(self.subject(), &outcome);
                            outcome
                        }
                    },
                }
            })));
            return Outcome::Unknown(unknown);
        }
        let outcome = Outcome::Unknown(unknown);
        self.service.report_outcome(self.subject(), &outcome);
        outcome
    }

    /// The resolution at the deadline, if the outcome is known.
    fn resolve_at_deadline(&mut self) -> Option<Resolution> {
        let now = Instant::now();
        self.state = self.machine.state(now);
        self.machine.resolve_at_deadline(now)
    }

    fn subject(&self) -> DecisionSubject<'_> {
        DecisionSubject { key: self.ticket.key.as_str(), state: self.state.as_str(), sends: self.machine.send_count() }
    }

    fn last_error(&self) -> Option<Error> {
        self.machine.last_error().or(self.rules_error.as_ref()).cloned()
    }

    fn unknown_outcome(&self) -> Unknown<BookedAppointment> {
        let mut unknown = Unknown::new(self.machine.send_count(), self.last_error());
        unknown.ticket = Some(self.ticket.clone());
        unknown.problems = self.machine.refusals();
        unknown.visible_bookings = self.machine.visible_rows().into_iter().map(|row| row.booking).collect();
        unknown
    }

    /// Takes action after action until the outcome is known. It can be dropped at any point and called again.
    async fn drive(&mut self) -> Resolution {
        loop {
            self.machine.set_exclusive_lease(self.prior_resolved && self.lease.excludes_others());
            self.check_other_content_age();
            let Transition { state, action } = self.machine.next_transition(Instant::now());
            self.state = state;
            if !matches!(action, Action::Finish(_)) {
                self.service.report_action(self.subject(), action.as_str());
            }
            match action {
                Action::Send { at } => {
                    sleep_until(at).await;
                    Box::pin(self.send()).await;
                }
                Action::Lookup { at, wide } => {
                    sleep_until(at).await;
                    Box::pin(self.lookup(wide)).await;
                }
                Action::Read(uid) => Box::pin(self.read_booking(&uid)).await,
                Action::Cancel { rows, keep, reason } => {
                    let surplus = Surplus { rows, keep, reason };
                    Box::pin(self.cancel_surplus(&surplus)).await;
                }
                Action::Finish(resolution) => return resolution,
            }
        }
    }

    /// Tells a key that was used long ago from one that another call uses now.
    fn check_other_content_age(&mut self) {
        let now = (self.service.settings().now)();
        let created_at = self.machine.other_content().and_then(Booking::created_at);
        if created_at.is_some_and(|created_at| now.duration_since(created_at) > MAX_CALL_AGE) {
            self.machine.accept_old_other_content();
        }
    }

    async fn send(&mut self) {
        let Some(request) = &self.request else { return };
        if self.wants_reservation && self.reservation.is_none() {
            match self.service.reserve_for(request, &self.deadline).await {
                Ok(reservation) => {
                    (self.wants_reservation, self.reservation) = (reservation.is_some(), reservation);
                }
                Err(not_done) => {
                    self.reservation_error = not_done.error;
                    return self.machine.set_blocking_problems(not_done.problems);
                }
            }
        }
        // From this point on the request may be executed, whatever happens to this call.
        self.lease.set_note(None);
        let client = self.deadline.client(self.service.client(), self.deadline.attempt_time());
        self.machine.start_attempt(Instant::now());
        let answer = client.bookings().create_series(request).await;
        let kind = self.rules.as_deref().map_or(BookingKind::Unknown, |rules| rules.kind);
        self.machine.finish_attempt(Instant::now(), classify_response(answer, &self.ticket, kind));
    }

    async fn lookup(&mut self, wide: bool) {
        if self.machine.needs_can_list()
            && let Some(can_list) = self.resolve_can_list().await
        {
            self.machine.set_can_list(can_list);
        }
        if let Some(uid) = self.machine.seated_booking().cloned() {
            return self.lookup_seat(&uid).await;
        }
        let client = self.service.lookup_client(&self.deadline);
        let began = Instant::now();
        let result = if self.machine.is_first_lookup() && self.request.is_some() {
            let mut has_many_bookings = self.service.inner.has_many_bookings();
            let result = Box::pin(self.lookup.lookup_recent(&client, &mut has_many_bookings)).await;
            self.service.inner.set_has_many_bookings(has_many_bookings);
            result
        } else {
            self.lookup.lookup(&client, wide).await
        };
        self.record_lookup(began, result);
    }

    /// Reads the attendees of a seated booking, which shows a seat earlier than a list does.
    async fn lookup_seat(&mut self, uid: &BookingUid) {
        let client = self.service.lookup_client(&self.deadline);
        let began = Instant::now();
        let read = self.lookup.read_rows(&client, uid).await.map(|sight| sight.rows);
        if let Ok(rows) = &read {
            // The service shows no attendees to callers without access.
            if rows.is_empty() {
                self.machine.set_can_list(false);
            } else {
                self.machine.record_read(uid, rows.clone());
            }
        }
        self.record_lookup(began, read.map(|rows| LookupResult { rows, ..LookupResult::default() }));
    }

    fn record_lookup(&mut self, began: Instant, result: crate::Result<LookupResult>) {
        self.machine.record_lookup_result(began, Instant::now(), result);
    }

    async fn read_booking(&mut self, uid: &BookingUid) {
        let client = self.service.lookup_client(&self.deadline);
        match self.lookup.read_rows(&client, uid).await {
            Ok(LookupResult { rows, other_content, .. }) => {
                self.machine.record_read(uid, rows);
                self.machine.record_other_content(other_content, Instant::now());
            }
            Err(error) => self.machine.record_read_failure(uid, error),
        }
    }

    async fn cancel_surplus(&mut self, surplus: &Surplus) {
        let lookup_timeout = self.service.settings().lookup_timeout;
        let client = self.service.client();
        match read_deciding_rows(client, &self.deadline, lookup_timeout, &self.lookup, surplus).await {
            Ok(read) => {
                let mut new = false;
                for (uid, rows) in read {
                    new |= self.machine.record_read(&uid, rows);
                }
                if new {
                    return;
                }
            }
            Err(error) => {
                return self.machine.record_cancellation(Instant::now(), &surplus.rows, surplus.reason, Some(error));
            }
        }
        let failure = cancel_surplus(client, &self.deadline, lookup_timeout, surplus).await;
        self.machine.record_cancellation(Instant::now(), &surplus.rows, surplus.reason, failure);
    }

    /// Learns whether this caller can list the booking: only a host or the attendee can (recordings
    /// `once-filters/who-*`).
    async fn resolve_can_list(&self) -> Option<bool> {
        if self.service.settings().scope != BookingScope::Own {
            return match self.rules.as_deref() {
                Some(rules) => Some(rules.lists_all == Some(true)),
                None if self.rules_error.is_some() => None,
                None => Some(false),
            };
        }
        let client = self.service.lookup_client(&self.deadline);
        let (id, email) = match self.service.caller(&client).await {
            Ok(caller) => caller,
            Err(Error::Authentication(_) | Error::Permission(_)) => return Some(false),
            Err(_) => return None,
        };
        let only_host = self.rules.as_deref().is_some_and(|rules| rules.host_ids == [id]);
        if self.rules.is_none() && self.rules_error.is_some() && email != self.ticket.email {
            // The hosts are not known yet.
            return None;
        }
        Some(only_host || email == self.ticket.email)
    }

    async fn into_outcome(mut self, resolution: Resolution) -> Outcome<BookedAppointment> {
        let watched = self.start_watch_if_needed();
        let same_attendee = self.machine.evidence().same_attendee.clone();
        let outcome = self.resolution_outcome(resolution, watched, same_attendee).await;
        self.service.report_outcome(self.subject(), &outcome);
        if !outcome.is_unknown() || self.machine.send_count() > 0 {
            self.lease.set_note(self.note(&outcome).and_then(|note| note.encode()));
        }
        outcome
    }

    fn note(&self, outcome: &Outcome<BookedAppointment>) -> Option<KeyNote> {
        match outcome {
            Outcome::Done(booked) => {
                let uid = booked.booking.recurring_booking_uid().unwrap_or_else(|| booked.booking.uid.clone());
                Some(KeyNote::booked(&self.digest, uid))
            }
            Outcome::NotDone(not_done) => match (not_done.problem(), &not_done.booking) {
                (Problem::CalledOff, Some(booking)) => Some(KeyNote::booked(&self.digest, booking.uid.clone())),
                // The request of a crashed process may still be executed.
                _ if self.machine.evidence().prior == PriorUse::Interrupted => None,
                _ => Some(KeyNote::not_booked(&self.digest)),
            },
            Outcome::Unknown(_) => None,
        }
    }

    async fn resolution_outcome(
        &mut self,
        resolution: Resolution,
        watched: bool,
        same_attendee: Option<Booking>,
    ) -> Outcome<BookedAppointment> {
        match resolution {
            Resolution::Booked { rows, found } => {
                let moved = rows.first().is_some_and(|row| row.booking.start_time != self.ticket.start);
                match self.booked(rows, BookedFlags { found, moved, watched }) {
                    Some(booked) => Outcome::Done(booked),
                    None => Outcome::Unknown(self.unknown_outcome()),
                }
            }
            Resolution::Cancelled(row) => self.follow_cancelled(row).await,
            Resolution::OtherKey(booking) => NotDone::new(Problem::AlreadyBooked).with_booking(*booking).into(),
            Resolution::OtherContent(booking) => {
                NotDone::new(Problem::KeyUsed { key: self.ticket.key.to_string() }).with_booking(*booking).into()
            }
            Resolution::Refused(error) => {
                let mut not_done = NotDone::from_error(error);
                self.explain(&mut not_done, same_attendee).await;
                not_done.into()
            }
            Resolution::Blocked(problems) => {
                let cause = self.reservation_error.clone().or_else(|| self.rules_error.clone());
                let mut not_done = NotDone::from_problems(problems).with_error(cause);
                let Self { ticket, request, deadline, .. } = &self;
                if not_done.problem().is_about_time() {
                    self.service.add_free_times(&mut not_done, ticket, request.as_ref(), deadline, self.suggest).await;
                }
                not_done.into()
            }
            Resolution::NotSent(error) => NotDone::new(Problem::NotSent).with_error(Some(error)).into(),
            Resolution::PartialSeries => {
                let mut not_done = NotDone::new(Problem::SlotTaken).with_error(self.last_error());
                self.explain(&mut not_done, None).await;
                not_done.into()
            }
            Resolution::NothingBooked => NotDone::new(Problem::NothingBooked).with_error(self.last_error()).into(),
            Resolution::Unknown => Outcome::Unknown(self.unknown_outcome()),
        }
    }

    async fn explain(&self, not_done: &mut NotDone, same_attendee: Option<Booking>) {
        let Self { ticket, rules, deadline, lookup, .. } = self;
        let (rules, request) = (rules.as_deref(), self.request.as_ref());
        let context = RefusalContext { ticket, rules, lookup, same_attendee, request };
        self.service.explain_refusal(not_done, context, deadline, self.suggest).await;
    }

    fn booked(&self, rows: Vec<BookingRow>, flags: BookedFlags) -> Option<BookedAppointment> {
        super::outcome::booked_from_rows(&self.ticket.key, rows, flags).map(|booked| booked.with_ticket(&self.ticket))
    }

    /// The outcome of a booking that is not active any more: it was rescheduled, or cancelled.
    async fn follow_cancelled(&self, row: BookingRow) -> Outcome<BookedAppointment> {
        let client = self.service.lookup_client(&self.deadline);
        self.service.report_action(self.subject(), "read");
        match self.deadline.run(self.service.current_booking(&client, row.booking.clone())).await {
            Ok(current) if is_active(&current) => {
                let row = BookingRow { booking: current, seat: None };
                let flags = BookedFlags { found: true, moved: true, ..BookedFlags::default() };
                self.booked(vec![row], flags).map_or_else(|| Outcome::Unknown(self.unknown_outcome()), Outcome::Done)
            }
            Ok(current) => NotDone::new(Problem::CalledOff).with_booking(current).into(),
            Err(error) => {
                let mut unknown = self.unknown_outcome();
                unknown.visible_bookings = vec![row.booking];
                unknown.error = Some(error);
                Outcome::Unknown(unknown)
            }
        }
    }

    /// Starts the watch if rows may still appear that must be cancelled; returns whether it did.
    fn start_watch_if_needed(&self) -> bool {
        let watched = self.request.is_some() && self.machine.needs_watch(Instant::now());
        if watched {
            self.service.report_action(self.subject(), "watch");
            let watch = DuplicateWatch {
                service: self.service.clone(),
                key: self.ticket.key.clone(),
                lookup: self.lookup.clone(),
                expected_rows: self.machine.expected_rows(),
                evidence: self.machine.evidence().clone(),
                sends: self.machine.send_count(),
            };
            watch.start();
        }
        watched
    }
}
