//! One appointment on its way: drives the machine in `once` against the service, within the deadline and beyond it, and
//! watches afterwards for what comes late.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    Booked, Hold, NotDone, Outcome, Problem, Service, Ticket, Unknown,
    answer::sent,
    appointment::Former,
    deadline::Deadline,
    event_type::{Kind, Rules},
    lookup::{Lookup, Row, Sight, is_live},
    note::Note,
    once::{Next, Once, State, Step, Untidy, Verdict},
    outcome::BookedFlags,
    report::Subject,
    watch::Watch,
    withdraw::{stands, withdraw},
};
use crate::{
    Error,
    model::{Booking, BookingUid, CreateBooking},
    state::HeldLease,
};

/// No call that looked for its key before that is still at work; and no two clocks differ by so much.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(1);

/// One appointment on its way; owned, so that it can go on in the background.
pub(crate) struct Run {
    pub(crate) service: Service,
    pub(crate) once: Once,
    pub(crate) lookup: Lookup,
    pub(crate) ticket: Ticket,
    pub(crate) digest: String,
    /// What is sent; nothing where it only looks.
    pub(crate) wire: Option<CreateBooking>,
    pub(crate) rules: Option<Arc<Rules>>,
    /// Why the event type could not be read.
    pub(crate) unread: Option<Error>,
    /// Why it could not be reserved.
    pub(crate) reserved: Option<Error>,
    pub(crate) deadline: Deadline,
    /// Whether the time is to be reserved before it is sent.
    pub(crate) holds: bool,
    pub(crate) hold: Option<Hold>,
    pub(crate) suggest: usize,
    /// Whether no earlier call has left anything open.
    pub(crate) settled_before: bool,
    pub(crate) lease: HeldLease,
    /// The state at the last decision.
    pub(crate) state: State,
}

impl Run {
    pub(crate) async fn until_deadline(mut self, carry_on: bool) -> Outcome<Booked> {
        if let Ok(verdict) = timeout_at(self.deadline.at(), Box::pin(self.go())).await {
            return Box::pin(self.conclude(verdict)).await;
        }
        if let Some(verdict) = self.at_deadline() {
            return Box::pin(self.conclude(verdict)).await;
        }
        if self.once.is_untouched() {
            let outcome = NotDone::because(Problem::NotSent).and(self.trouble()).into();
            self.service.report_end(self.subject(), &outcome);
            return outcome;
        }
        let mut unknown = self.unknown();
        if !carry_on {
            self.watch_if_in_doubt();
        }
        if carry_on {
            self.service.report(self.subject(), "carry_on");
            let background = self.service.shared.background.clone();
            self.deadline = Deadline::within(self.service.settings().carry_on);
            unknown.later = Some(super::outcome::Later(background.spawn(async move {
                match timeout_at(self.deadline.at(), Box::pin(self.go())).await {
                    Ok(verdict) => self.conclude(verdict).await,
                    Err(_) => match self.at_deadline() {
                        Some(verdict) => self.conclude(verdict).await,
                        None => {
                            self.watch_if_in_doubt();
                            let outcome = Outcome::Unknown(self.unknown());
                            self.service.report_end(self.subject(), &outcome);
                            outcome
                        }
                    },
                }
            })));
            return Outcome::Unknown(unknown);
        }
        let outcome = Outcome::Unknown(unknown);
        self.service.report_end(self.subject(), &outcome);
        outcome
    }

    /// What can be said when the time is up.
    fn at_deadline(&mut self) -> Option<Verdict> {
        let now = Instant::now();
        self.state = self.once.state(now);
        self.once.at_deadline(now)
    }

    fn subject(&self) -> Subject<'_> {
        Subject { key: self.ticket.key.as_str(), state: self.state.as_str(), sends: self.once.sends() }
    }

    fn trouble(&self) -> Option<Error> {
        self.once.trouble().or(self.unread.as_ref()).cloned()
    }

    fn unknown(&self) -> Unknown<Booked> {
        let mut unknown = Unknown::after(self.once.sends(), self.trouble());
        unknown.ticket = Some(self.ticket.clone());
        unknown.problems = self.once.refusals();
        unknown.seen = self.once.seen().into_iter().map(|row| row.booking).collect();
        unknown
    }

    /// Takes step after step until it is known. Can be dropped anywhere and be called again.
    async fn go(&mut self) -> Verdict {
        loop {
            self.once.alone(self.settled_before && self.lease.excludes_others());
            self.judge_age();
            let Next { state, step } = self.once.next(Instant::now());
            self.state = state;
            if !matches!(step, Step::Finish(_)) {
                self.service.report(self.subject(), step.as_str());
            }
            match step {
                Step::Send { at } => {
                    sleep_until(at).await;
                    Box::pin(self.send()).await;
                }
                Step::Look { at, wide } => {
                    sleep_until(at).await;
                    Box::pin(self.look(wide)).await;
                }
                Step::Read(uid) => Box::pin(self.read(&uid)).await,
                Step::Withdraw { rows, keep, why } => {
                    let untidy = Untidy { rows, keep, why };
                    Box::pin(self.withdraw(&untidy)).await;
                }
                Step::Finish(verdict) => return verdict,
            }
        }
    }

    /// Tells a key that was used long ago from one that another call uses at this moment.
    fn judge_age(&mut self) {
        let now = (self.service.settings().now)();
        let made = self.once.used_for().and_then(Booking::created_at);
        if made.is_some_and(|made| now.duration_since(made) > LONG_AGO) {
            self.once.used_long_ago();
        }
    }

    async fn send(&mut self) {
        let Some(wire) = &self.wire else { return };
        if self.holds && self.hold.is_none() {
            match self.service.held(wire, &self.deadline).await {
                Ok(hold) => (self.holds, self.hold) = (hold.is_some(), hold),
                Err(not_done) => {
                    self.reserved = not_done.error;
                    return self.once.block(not_done.problems);
                }
            }
        }
        // From here on it may be carried out, whatever becomes of this call.
        self.lease.leave(None);
        let client = self.deadline.client(self.service.client(), self.deadline.attempt());
        self.once.sending(Instant::now());
        let answer = client.bookings().create_series(wire).await;
        let kind = self.rules.as_deref().map_or(Kind::Unread, |rules| rules.kind);
        self.once.sent(Instant::now(), sent(answer, &self.ticket, kind));
    }

    async fn look(&mut self, wide: bool) {
        if self.once.asks_who_sees()
            && let Some(sees) = self.find_out_whether_seen().await
        {
            self.once.sees(sees);
        }
        if let Some(uid) = self.once.seated_in().cloned() {
            return self.look_into(&uid).await;
        }
        let client = self.service.lookup_client(&self.deadline);
        let began = Instant::now();
        let looked = if self.once.is_first_look() && self.wire.is_some() {
            let mut many = self.service.shared.many();
            let looked = Box::pin(self.lookup.look_around(&client, &mut many)).await;
            self.service.shared.set_many(many);
            looked
        } else {
            self.lookup.look(&client, wide).await
        };
        self.looked(began, looked);
    }

    /// A look at who sits in a seated booking: it shows at once what a list shows later.
    async fn look_into(&mut self, uid: &BookingUid) {
        let client = self.service.lookup_client(&self.deadline);
        let began = Instant::now();
        let read = self.lookup.read(&client, uid).await.map(|sight| sight.rows);
        if let Ok(rows) = &read {
            // Strangers are shown nobody.
            if rows.is_empty() {
                self.once.sees(false);
            } else {
                self.once.read(uid, rows.clone());
            }
        }
        self.looked(began, read.map(|rows| Sight { rows, ..Sight::default() }));
    }

    fn looked(&mut self, began: Instant, looked: crate::Result<Sight>) {
        self.once.saw(began, Instant::now(), looked);
    }

    async fn read(&mut self, uid: &BookingUid) {
        let client = self.service.lookup_client(&self.deadline);
        match self.lookup.read(&client, uid).await {
            Ok(Sight { rows, used_for, .. }) => {
                self.once.read(uid, rows);
                self.once.used(used_for, Instant::now());
            }
            Err(error) => self.once.unread(uid, error),
        }
    }

    async fn withdraw(&mut self, untidy: &Untidy) {
        let most = self.service.settings().lookup;
        let client = self.service.client();
        match stands(client, &self.deadline, most, &self.lookup, untidy).await {
            Ok(read) => {
                let mut new = false;
                for (uid, rows) in read {
                    new |= self.once.read(&uid, rows);
                }
                if new {
                    return;
                }
            }
            Err(error) => {
                return self.once.withdrew(Instant::now(), &untidy.rows, untidy.why, Some(error));
            }
        }
        let failure = withdraw(client, &self.deadline, most, untidy).await;
        self.once.withdrew(Instant::now(), &untidy.rows, untidy.why, failure);
    }

    /// Only a host or the attendee finds a booking in a list (recordings `once-filters/who-*`).
    async fn find_out_whether_seen(&self) -> Option<bool> {
        let client = self.service.lookup_client(&self.deadline);
        let (id, email) = match self.service.caller(&client).await {
            Ok(caller) => caller,
            Err(Error::Authentication(_) | Error::Permission(_)) => return Some(false),
            Err(_) => return None,
        };
        let only_host = self.rules.as_deref().is_some_and(|rules| rules.hosts == [id]);
        if self.rules.is_none() && self.unread.is_some() && email != self.ticket.email {
            // Who hosts it is not known yet.
            return None;
        }
        Some(only_host || email == self.ticket.email)
    }

    async fn conclude(mut self, verdict: Verdict) -> Outcome<Booked> {
        let watched = self.watch_if_in_doubt();
        let same_person = self.once.evidence().same_person.clone();
        let outcome = self.outcome(verdict, watched, same_person).await;
        self.service.report_end(self.subject(), &outcome);
        if !outcome.is_unknown() || self.once.sends() > 0 {
            self.lease.leave(self.note(&outcome).and_then(|note| note.write()));
        }
        outcome
    }

    fn note(&self, outcome: &Outcome<Booked>) -> Option<Note> {
        match outcome {
            Outcome::Done(booked) => {
                let uid = booked.booking.recurring_booking_uid().unwrap_or_else(|| booked.booking.uid.clone());
                Some(Note::booked(&self.digest, uid))
            }
            Outcome::NotDone(not_done) => match (not_done.problem(), &not_done.booking) {
                (Problem::CalledOff, Some(booking)) => Some(Note::booked(&self.digest, booking.uid.clone())),
                // What a process sent that died may come all the same.
                _ if self.once.evidence().former == Former::Died => None,
                _ => Some(Note::nothing(&self.digest)),
            },
            Outcome::Unknown(_) => None,
        }
    }

    async fn outcome(&mut self, verdict: Verdict, watched: bool, same_person: Option<Booking>) -> Outcome<Booked> {
        match verdict {
            Verdict::Booked { rows, found } => {
                let moved = rows.first().is_some_and(|row| row.booking.start_time != self.ticket.start);
                match self.booked(rows, BookedFlags { found, moved, watched }) {
                    Some(booked) => Outcome::Done(booked),
                    None => Outcome::Unknown(self.unknown()),
                }
            }
            Verdict::CalledOff(row) => self.called_off(row).await,
            Verdict::Foreign(booking) => NotDone::because(Problem::AlreadyBooked).with(*booking).into(),
            Verdict::Used(booking) => {
                NotDone::because(Problem::KeyUsed { key: self.ticket.key.to_string() }).with(*booking).into()
            }
            Verdict::Refused(error) => {
                let mut not_done = NotDone::refused(error);
                self.explain(&mut not_done, same_person).await;
                not_done.into()
            }
            Verdict::Blocked(problems) => {
                let cause = self.reserved.clone().or_else(|| self.unread.clone());
                NotDone::all(problems).and(cause).into()
            }
            Verdict::NotSent(error) => NotDone::because(Problem::NotSent).and(Some(error)).into(),
            Verdict::Torn => {
                let mut not_done = NotDone::because(Problem::SlotTaken).and(self.trouble());
                self.explain(&mut not_done, None).await;
                not_done.into()
            }
            Verdict::NothingBooked => NotDone::because(Problem::NothingBooked).and(self.trouble()).into(),
            Verdict::Unknowable => Outcome::Unknown(self.unknown()),
        }
    }

    async fn explain(&self, not_done: &mut NotDone, same_person: Option<Booking>) {
        let Self { ticket, rules, deadline, .. } = self;
        let about = super::explain::About { ticket, rules: rules.as_deref(), lookup: &self.lookup, same_person };
        self.service.explain(not_done, about, deadline, self.suggest).await;
    }

    fn booked(&self, rows: Vec<Row>, flags: BookedFlags) -> Option<Booked> {
        super::outcome::booked(&self.ticket.key, rows, flags).map(|booked| booked.of(&self.ticket))
    }

    /// It was booked, and is no more where it was: moved, or called off.
    async fn called_off(&self, row: Row) -> Outcome<Booked> {
        let client = self.service.lookup_client(&self.deadline);
        match self.deadline.run(self.service.follow(&client, row.booking.clone())).await {
            Ok(present) if is_live(&present) => {
                let row = Row { booking: present, seat: None };
                let flags = BookedFlags { found: true, moved: true, ..BookedFlags::default() };
                self.booked(vec![row], flags).map_or_else(|| Outcome::Unknown(self.unknown()), Outcome::Done)
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

    /// Watches afterwards if something may still come that has to be tidied up; whether it does.
    fn watch_if_in_doubt(&self) -> bool {
        let watched = self.wire.is_some() && self.once.leaves_doubts(Instant::now());
        if watched {
            self.service.report(self.subject(), "watch");
            let watch = Watch {
                service: self.service.clone(),
                key: self.ticket.key.clone(),
                lookup: self.lookup.clone(),
                wanted: self.once.wanted(),
                evidence: self.once.evidence().clone(),
                sends: self.once.sends(),
            };
            watch.start();
        }
        watched
    }
}
