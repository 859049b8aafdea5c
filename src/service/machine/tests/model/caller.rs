//! One call of the machine in a simulated world that it shares with others: its actions take time, and may be
//! interrupted.

use super::{
    super::{
        Action, BookingMachine, BookingRow, LookupResult, Resolution, SendOutcome, Surplus, broken, find_surplus,
        refusal,
    },
    DEADLINE, SETTLE, SimulatedWorld,
    lease::LeftNote,
    view::{deciding_rows, list},
};
use crate::{
    model::BookingUid,
    service::{appointment::PriorUse, event_type::BookingKind, machine::Evidence},
};

/// Time limit of an attempt, in ms.
const ATTEMPT_TIMEOUT: u64 = 4_000;
/// Time limit of a lookup, in ms.
const LOOKUP_TIMEOUT: u64 = 2_000;
/// Lifetime of the lease of a call that was killed, in ms.
const LEASE_TTL: u64 = 3_000;

/// The fate of one request on the network.
#[derive(Debug, Clone, Copy)]
pub(super) enum NetworkOutcome {
    Delivered,
    NeverSent,
    HalfSent,
    ConnectionLost,
    Delayed(u64),
    ErrorAfterEffect,
    ErrorBeforeEffect,
}

/// The current activity of a call.
enum Activity {
    /// Waiting for the lease, or not yet called.
    Waiting(u64),
    Deciding(u64),
    Sending {
        at: u64,
    },
    Awaiting {
        request: Option<u64>,
        ends_at: u64,
        not_sent: bool,
    },
    LookingUp {
        asked: u64,
        ends: u64,
        fails: bool,
        wide: bool,
    },
    Reading {
        uid: BookingUid,
        ends: u64,
    },
    Cancelling {
        surplus: Surplus,
        ends: u64,
        fails: bool,
    },
    Watching {
        looks: Vec<u64>,
        before: Option<Vec<BookingRow>>,
        last: u64,
    },
    Ended,
}

pub(super) struct SimulatedCaller {
    pub(super) name: usize,
    machine: BookingMachine,
    began: u64,
    prior: PriorUse,
    activity: Activity,
    sends: Vec<NetworkOutcome>,
    sent: usize,
    dropped: Option<(u64, u64)>,
    /// When it is called again after its future was dropped, and the fates of its requests then.
    pub(super) called_again: Option<(u64, Vec<NetworkOutcome>)>,
    pub(super) resolution: Option<Resolution>,
    pub(super) ended: u64,
}

impl SimulatedCaller {
    pub(super) fn new(
        name: usize,
        at: u64,
        prior: PriorUse,
        sends: Vec<NetworkOutcome>,
        dropped: Option<(u64, u64)>,
    ) -> Self {
        let dropped = dropped.map(|(after, again)| (at + after, again));
        let machine =
            BookingMachine::new(BookingKind::Plain, None, SimulatedWorld::timing(), prior, tokio::time::Instant::now());
        Self {
            name,
            machine,
            began: at,
            prior,
            activity: Activity::Waiting(at),
            sends,
            sent: 0,
            dropped,
            called_again: None,
            resolution: None,
            ended: 0,
        }
    }

    /// When it acts next.
    pub(super) fn due(&self, world: &SimulatedWorld) -> Option<(u64, usize)> {
        let at = match &self.activity {
            Activity::Waiting(at) | Activity::Deciding(at) | Activity::Sending { at } => *at,
            Activity::Awaiting { request, ends_at, .. } => {
                let answer = request.and_then(|request| world.server.answers.get(&request)).map(|(at, _)| *at);
                answer.map_or(*ends_at, |at| at.min(*ends_at))
            }
            Activity::LookingUp { ends, .. } | Activity::Reading { ends, .. } | Activity::Cancelling { ends, .. } => {
                *ends
            }
            Activity::Watching { looks, .. } => *looks.first()?,
            Activity::Ended => return None,
        };
        let at = if self.resolution.is_some() { at } else { self.dropped.map_or(at, |(dropped, _)| at.min(dropped)) };
        Some((at, self.name))
    }

    pub(super) fn act(&mut self, world: &mut SimulatedWorld, now: u64) {
        if self.resolution.is_none() && self.dropped.is_some_and(|(at, _)| at <= now) {
            return self.drop_future(world, now);
        }
        match std::mem::replace(&mut self.activity, Activity::Ended) {
            Activity::Waiting(at) => self.start(world, at),
            Activity::Deciding(at) => self.decide(world, at.max(now)),
            Activity::Sending { at } => self.send(world, at),
            Activity::Awaiting { request, ends_at, not_sent } => self.receive(world, now, request, ends_at, not_sent),
            Activity::LookingUp { asked, fails, wide, .. } => self.lookup(world, now, (asked, fails, wide)),
            Activity::Reading { uid, .. } => {
                if world.fails() {
                    self.machine.record_read_failure(&uid, broken());
                } else {
                    let rows = world.server.read(uid.as_str());
                    self.machine.record_read(&uid, rows);
                }
                self.activity = Activity::Deciding(now);
            }
            Activity::Cancelling { surplus, fails, .. } => self.cancel(world, now, &surplus, fails),
            Activity::Watching { looks, before, last } => self.watch(world, now, (looks, before, last)),
            Activity::Ended => {}
        }
    }

    fn start(&mut self, world: &mut SimulatedWorld, now: u64) {
        let mut prior = self.prior;
        let mut noted_uid = None;
        let mut is_exclusive = false;
        if world.store_answers(self.name, now) {
            if now - self.began > DEADLINE {
                return self.finish(world, now, Resolution::Unknown);
            }
            if world.lease.holder.is_some() || world.lease.free_at > now {
                self.activity = Activity::Waiting(now + 50);
                return;
            }
            world.lease.holder = Some(self.name);
            world.lease.grants += 1;
            let first = world.lease.grants == 1;
            match world.lease.left.take() {
                Some(LeftNote::Booked(uid)) => noted_uid = Some(uid),
                Some(LeftNote::NotBooked) => is_exclusive = true,
                None if first => is_exclusive = true,
                None => prior = PriorUse::Interrupted,
            }
            if noted_uid.is_some() {
                is_exclusive = true;
            }
        }
        let rows = world.server.series;
        self.machine =
            BookingMachine::new(world.server.kind, Some(rows), SimulatedWorld::timing(), prior, world.at(now));
        self.machine.set_can_list(world.history.can_list);
        self.machine.set_exclusive_lease(is_exclusive);
        if let Some(uid) = noted_uid {
            self.machine.add_hint(&uid);
        }
        self.activity = Activity::Deciding(now);
    }

    fn decide(&mut self, world: &mut SimulatedWorld, now: u64) {
        let instant = world.at(now);
        if now >= self.began + DEADLINE {
            let resolution = self.machine.resolve_at_deadline(instant).unwrap_or(Resolution::Unknown);
            return self.finish(world, now, resolution);
        }
        self.activity = match self.machine.next_transition(instant).action {
            Action::Send { at } => Activity::Sending { at: world.millis(at) },
            Action::Lookup { at, wide } => {
                let asked = world.millis(at).max(now);
                let fails = world.fails();
                let reached = world.reached(asked);
                let fails = fails || reached - asked > LOOKUP_TIMEOUT;
                Activity::LookingUp {
                    asked,
                    ends: if fails { asked + LOOKUP_TIMEOUT } else { reached + 10 },
                    fails,
                    wide,
                }
            }
            Action::Read(uid) => Activity::Reading { uid, ends: world.reached(now) + 10 },
            Action::Cancel { rows, keep, reason } => {
                let fails = world.fails();
                Activity::Cancelling { surplus: Surplus { rows, keep, reason }, ends: world.reached(now) + 100, fails }
            }
            Action::Finish(resolution) => return self.finish(world, now, resolution),
        };
    }

    fn send(&mut self, world: &mut SimulatedWorld, now: u64) {
        let network_outcome =
            if self.sent < 8 { self.sends[self.sent % self.sends.len()] } else { NetworkOutcome::Delivered };
        self.sent += 1;
        self.machine.start_attempt(world.at(now));
        let (delivered, ends_at) = match network_outcome {
            NetworkOutcome::NeverSent => (None, now),
            NetworkOutcome::HalfSent => (None, now + 5),
            NetworkOutcome::ConnectionLost => (Some(now), now + 5),
            NetworkOutcome::Delayed(by) => (Some(now + by), now + ATTEMPT_TIMEOUT),
            NetworkOutcome::ErrorBeforeEffect => (None, now + 50),
            NetworkOutcome::ErrorAfterEffect => (Some(now), now + 50),
            NetworkOutcome::Delivered => (Some(now), now + ATTEMPT_TIMEOUT),
        };
        let request = delivered.map(|at| world.server.arrive(world.reached(at)));
        let waits_for_it = matches!(network_outcome, NetworkOutcome::Delivered | NetworkOutcome::Delayed(_));
        let request = request.filter(|_| waits_for_it);
        self.activity =
            Activity::Awaiting { request, ends_at, not_sent: matches!(network_outcome, NetworkOutcome::NeverSent) };
    }

    fn receive(&mut self, world: &mut SimulatedWorld, now: u64, request: Option<u64>, ends_at: u64, not_sent: bool) {
        let answer = request.and_then(|request| world.server.answers.get(&request).cloned());
        let sent = match answer.filter(|(at, _)| *at <= ends_at) {
            _ if not_sent => SendOutcome::NotSent(broken()),
            Some((_, Ok(rows))) => {
                SendOutcome::Created(rows.into_iter().map(|at| world.server.current_row(at)).collect())
            }
            Some((_, Err(text))) => SendOutcome::Refused(refusal(text)),
            None => SendOutcome::Unknown(Some(broken())),
        };
        self.machine.finish_attempt(world.at(now), sent);
        self.activity = Activity::Deciding(now);
    }

    fn lookup(&mut self, world: &mut SimulatedWorld, now: u64, (asked, fails, wide): (u64, bool, bool)) {
        let (began, ended) = (world.at(asked), world.at(now));
        if fails {
            self.machine.record_lookup(began, ended, Err(broken()));
        } else {
            let result = if !world.history.can_list {
                LookupResult::default()
            } else if let Some(uid) = self.machine.seated_booking().cloned() {
                let rows = world.server.seat_rows();
                self.machine.record_read(&uid, rows.clone());
                LookupResult { rows, ..LookupResult::default() }
            } else {
                let result = list(world);
                LookupResult {
                    taken_by_other: result.taken_by_other && wide,
                    start_taken_by_other: result.start_taken_by_other && wide,
                    ..result
                }
            };
            self.machine.record_lookup(began, ended, Ok(result));
        }
        self.activity = Activity::Deciding(now);
    }

    fn cancel(&mut self, world: &mut SimulatedWorld, now: u64, surplus: &Surplus, fails: bool) {
        let mut new = false;
        for (uid, rows) in deciding_rows(world, surplus) {
            new |= self.machine.record_read(&uid, rows);
        }
        if !new {
            if !fails {
                world.server.cancel(&surplus.rows, surplus.reason, &surplus.keep);
            }
            self.machine.record_cancellation(world.at(now), &surplus.rows, surplus.reason, fails.then(broken));
        }
        self.activity = Activity::Deciding(now);
    }

    fn finish(&mut self, world: &mut SimulatedWorld, now: u64, resolution: Resolution) {
        let answers = world.store_answers(self.name, now);
        if world.history.shares {
            let left = match &resolution {
                Resolution::Booked { rows, .. } => rows.first().map(|row| {
                    let booking = &row.booking;
                    LeftNote::Booked(booking.recurring_booking_uid().unwrap_or_else(|| booking.uid.clone()))
                }),
                resolution if resolution.is_not_booked() && self.machine.evidence().prior != PriorUse::Interrupted => {
                    Some(LeftNote::NotBooked)
                }
                _ => None,
            };
            if answers && world.lease.holder == Some(self.name) {
                world.lease.release(left);
            } else {
                world.lease.enter(left);
            }
        }
        let looks: Vec<u64> = [SETTLE / 4, SETTLE + SETTLE / 4, 30_000, 60_000].iter().map(|wait| now + wait).collect();
        let needs_watch = world.history.can_list && self.machine.needs_watch(world.at(now));
        self.activity =
            if needs_watch { Activity::Watching { looks, before: None, last: now } } else { Activity::Ended };
        self.resolution = Some(resolution);
        self.ended = now;
    }

    /// Drops the future, or kills its process: it leaves no note.
    fn drop_future(&mut self, world: &mut SimulatedWorld, now: u64) {
        if world.lease.holder == Some(self.name) {
            world.lease.holder = None;
            world.lease.left = None;
            world.lease.free_at = now + LEASE_TTL;
        }
        self.activity = Activity::Ended;
        self.ended = now;
        if let Some((_, again)) = self.dropped {
            self.called_again = Some((now + again, self.sends.clone()));
        }
    }

    fn watch(
        &mut self,
        world: &mut SimulatedWorld,
        now: u64,
        (mut looks, before, last): (Vec<u64>, Option<Vec<BookingRow>>, u64),
    ) {
        looks.remove(0);
        let mut evidence: Evidence = self.machine.evidence().clone();
        let result = list(world);
        evidence.record_lookup(world.at(now), world.at(now), Ok(result));
        let names = |rows: &[BookingRow]| rows.iter().map(BookingRow::id).collect::<Vec<_>>();
        let active = evidence.active_rows();
        let stable = before.as_ref().is_some_and(|before| names(before) == names(&active)) && now - last >= SETTLE / 2;
        if let Some(surplus) = find_surplus(&evidence, self.machine.expected_rows(), stable) {
            let mut new = false;
            for (uid, rows) in deciding_rows(world, &surplus) {
                new |= evidence.record_read(&uid, rows);
            }
            if !new {
                world.server.cancel(&surplus.rows, surplus.reason, &surplus.keep);
                evidence.record_cancellation(world.at(now), &surplus.rows, surplus.reason, None);
            }
        }
        let before = Some(evidence.active_rows());
        self.machine.replace_evidence(evidence);
        self.activity =
            if looks.is_empty() { Activity::Ended } else { Activity::Watching { looks, before, last: now } };
    }
}
