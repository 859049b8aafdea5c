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
use crate::{
    Error, Result,
    model::BookingUid,
    service::key::DIGEST,
    state::{Lease, LeaseGuard},
};

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
        let shared = former != Former::Never || appointment.has_clones();
        let Some(lease) = self.lease(&ticket, shared, &deadline).await else {
            return Outcome::Unknown(Unknown::of(ticket));
        };
        let digest = wire.metadata.get(DIGEST).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let former = Inherited::from(lease.grants(), former, &digest);
        lease.set_note(former.note.write());
        if let Some(uid) = former.used_for.as_ref().filter(|_| lease.excludes_others()) {
            return self.used_otherwise(&ticket, uid, &deadline).await;
        }
        let patience = if former.former == Former::Never { Duration::ZERO } else { deadline.left().mul_f32(0.4) };
        let began = Instant::now();
        let asks_first = former.former != Former::Never && former.uids.is_empty();
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
        };
        Box::pin(run.until_deadline(appointment.carry_on)).await
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
    ///
    /// The key is taken as this caller's, for whatever event type, and as the event type's, by whichever caller: tenants who
    /// share a store do not share their keys.
    pub(super) async fn lease(&self, ticket: &Ticket, shared: bool, deadline: &Deadline) -> Option<LeaseGuard> {
        let (client, key) = (self.client(), ticket.key.as_str());
        let event_type = ticket.event_type_id.to_string();
        let names = [client.own_lease_name(&["booking", key]), client.lease_name(&["booking", &event_type, key])];
        let leases = client.leases().with_background(self.shared.background.clone());
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
        let client = deadline.client(self.client(), self.settings().lookup);
        // Which booking it is helps, and is not needed.
        match deadline.run(client.bookings().get_series(uid)).await.map(|rows| rows.into_iter().next()) {
            Ok(Some(booking)) => not_done.with(booking).into(),
            _ => not_done.into(),
        }
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

/// What a call takes over from those before that worked on the same key.
pub(super) struct Inherited {
    pub(super) former: Former,
    pub(super) died: Option<Instant>,
    /// The bookings that they left word of.
    pub(super) uids: Vec<BookingUid>,
    /// One of them that was of other content.
    used_for: Option<BookingUid>,
    /// Whether they left nothing open, as far as the lease tells.
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
    pub(super) fn from(grants: &[Lease], former: Former, digest: &str) -> Self {
        let (mut idle, mut notes, mut open) = (None, Vec::new(), false);
        for granted in grants {
            match granted.note.as_deref().and_then(Note::read) {
                Some(note) => notes.push(note),
                // The holder before was dropped or died, or did not find out: what it sent may still be on its way.
                None if granted.token != 1 => {
                    open = true;
                    let since = granted.idle.unwrap_or_default();
                    idle = Some(idle.map_or(since, |idle: Duration| idle.min(since)));
                }
                None => {}
            }
        }
        // Who says that a process died says nothing of when: it need not be the one that the lease knows of.
        let since = idle.filter(|_| former != Former::Died).and_then(|idle| Instant::now().checked_sub(idle));
        let former = match former {
            _ if open => Former::Died,
            // Another call has worked on it first.
            Former::Never if !notes.is_empty() => Former::Perhaps,
            former => former,
        };
        let booked = notes.iter().find(|note| note.uid.is_some()).cloned();
        // That nothing stands says nothing of a process that died: it may not have been in the store.
        let nothing = (former != Former::Died).then(|| Note::nothing(digest));
        let ours_may_stand = open || notes.iter().any(|note| note.uid.is_some() && note.is_about(digest));
        let mut of_others = notes.iter().filter(|note| !note.is_about(digest));
        let mut uids: Vec<BookingUid> = notes.iter().filter_map(|note| note.uid.clone()).collect();
        uids.dedup();
        Self {
            former,
            died: since,
            used_for: if ours_may_stand { None } else { of_others.find_map(|note| note.uid.clone()) },
            uids,
            settled: !open,
            note: Leave(booked.or(nothing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn booked(uid: &str) -> Option<String> {
        Note::booked("d", uid.into()).write()
    }

    fn nothing() -> Option<String> {
        Note::nothing("d").write()
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_was_held_and_has_no_note_was_left_open_wherever_that_is_known() {
        tokio::time::sleep(MINUTE).await;
        let (first, noted) = (Lease::new(1, None, None), Lease::new(7, nothing(), Some(MINUTE)));
        let open = Lease::new(2, None, Some(Duration::from_secs(2)));
        let unread = Lease::new(2, Some("?".to_owned()), Some(Duration::from_secs(5)));
        for (grants, idle) in [
            ([open.clone(), first.clone()], 2),
            ([first.clone(), open.clone()], 2),
            ([unread, open], 2),
            ([noted, Lease::new(0, None, None)], 0),
        ] {
            let inherited = Inherited::from(&grants, Former::Perhaps, "d");
            assert_eq!((inherited.former, inherited.settled), (Former::Died, false), "{grants:?}");
            assert!(inherited.note.write().is_none(), "what is open stays open");
            assert_eq!(inherited.died.map(|died| died.elapsed()), Some(Duration::from_secs(idle)));
        }
        let inherited = Inherited::from(&[first.clone(), first], Former::Perhaps, "d");
        assert_eq!((inherited.former, inherited.settled), (Former::Perhaps, true));
        assert_eq!(inherited.note.write(), nothing());
    }

    #[tokio::test(start_paused = true)]
    async fn what_any_note_says_to_be_booked_is_taken_over() {
        let here = Lease::new(2, booked("a"), Some(MINUTE));
        for grants in
            [[here.clone(), Lease::new(1, None, None)], [Lease::new(9, nothing(), Some(MINUTE)), here.clone()]]
        {
            let inherited = Inherited::from(&grants, Former::Perhaps, "d");
            assert_eq!(inherited.uids, ["a".into()]);
            assert!(inherited.used_for.is_none());
            assert_eq!(inherited.note.write(), booked("a"));
            assert_eq!(Inherited::from(&grants, Former::Perhaps, "other").used_for, Some("a".into()));
        }
        assert_eq!(Inherited::from(&[here, Lease::new(3, booked("b"), None)], Former::Perhaps, "d").uids.len(), 2);
    }

    #[test]
    fn a_key_that_was_used_otherwise_is_refused_at_once_only_if_its_own_content_cannot_stand_beside() {
        let other = Lease::new(2, Note::booked("other", "b".into()).write(), Some(MINUTE));
        for (beside, used_for) in [
            (Lease::new(1, None, None), Some("b".into())),
            (Lease::new(2, nothing(), Some(MINUTE)), Some("b".into())),
            (Lease::new(2, booked("a"), Some(MINUTE)), None),
            (Lease::new(2, None, Some(MINUTE)), None),
        ] {
            assert_eq!(Inherited::from(&[other.clone(), beside.clone()], Former::Perhaps, "d").used_for, used_for);
            assert_eq!(Inherited::from(&[beside, other.clone()], Former::Perhaps, "d").used_for, used_for);
        }
    }

    #[test]
    fn a_key_made_for_an_appointment_that_another_call_has_worked_on_is_not_new() {
        for note in [nothing(), booked("a")] {
            let lease = Lease::new(2, note, Some(MINUTE));
            assert_eq!(Inherited::from(&[lease], Former::Never, "d").former, Former::Perhaps);
        }
        assert_eq!(Inherited::from(&[Lease::new(1, None, None)], Former::Never, "d").former, Former::Never);
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_is_said_to_be_dead_may_have_died_after_the_one_that_the_lease_knows_of() {
        tokio::time::sleep(MINUTE).await;
        let open = Lease::new(2, None, Some(MINUTE));
        assert!(Inherited::from(std::slice::from_ref(&open), Former::Died, "d").died.is_none());
        assert!(Inherited::from(&[open], Former::Perhaps, "d").died.is_some());
    }

    #[test]
    fn who_says_that_a_process_died_is_believed_whatever_a_note_says_and_leaves_no_word_that_nothing_stands() {
        for lease in [Lease::new(1, None, None), Lease::new(2, nothing(), Some(MINUTE))] {
            let inherited = Inherited::from(&[lease], Former::Died, "d");
            assert_eq!(inherited.former, Former::Died);
            assert!(inherited.note.write().is_none());
        }
    }
}
