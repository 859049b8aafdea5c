//! One call of the machine in a world that it shares with others: what it does takes time, and may be cut off.

use super::{
    super::{
        Once, Row, Sent, Sight, Step, Untidy, Verdict, Why,
        tests::{broken, refusal},
        untidy,
    },
    BUDGET, LAG, SETTLE, World,
};
use crate::{
    model::BookingUid,
    service::{appointment::Former, event_type::Kind, once::Evidence},
};

/// How long an attempt may take.
const PATIENCE: u64 = 4_000;
/// How long a look takes that is not answered.
const LOOK: u64 = 2_000;
/// How long others wait for the lease of a call that was killed.
const TTL: u64 = 3_000;

/// What the network does with one request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Luck {
    Fine,
    NeverLeaves,
    HalfSent,
    Broken,
    Late(u64),
    ErrorDone,
    ErrorUndone,
}

/// The lease on the key: who has it, and what the last one left.
#[derive(Debug, Default)]
pub(super) struct Lease {
    holder: Option<usize>,
    free_at: u64,
    grants: u64,
    left: Option<Left>,
    /// What those leave for the next one who had no lease.
    late: Vec<Option<Left>>,
}

impl Lease {
    fn release(&mut self, left: Option<Left>) {
        self.holder = None;
        let late = std::mem::take(&mut self.late);
        self.left = late.into_iter().fold(left, |left, late| match (left, late) {
            (Some(Left::Booked(uid)), _) | (_, Some(Left::Booked(uid))) => Some(Left::Booked(uid)),
            (left, late) => left.and(late),
        });
    }

    /// Who had no lease is known to those who come.
    fn enter(&mut self, left: Option<Left>) {
        self.late.push(left);
        if self.holder.is_none() {
            self.grants += 1;
            let left = if self.grants == 1 { Some(Left::Nothing) } else { self.left.take() };
            self.release(left);
        }
    }
}

#[derive(Debug, Clone)]
enum Left {
    Nothing,
    Booked(BookingUid),
}

/// What a call is doing.
enum Doing {
    /// Waiting for the lease, or not yet called.
    Comes(u64),
    Thinks(u64),
    Sends {
        at: u64,
    },
    Waits {
        request: Option<u64>,
        gone_at: u64,
        not_sent: bool,
    },
    Looks {
        asked: u64,
        ends: u64,
        fails: bool,
        wide: bool,
    },
    Reads {
        uid: BookingUid,
        ends: u64,
    },
    Withdraws {
        untidy: Untidy,
        ends: u64,
        fails: bool,
    },
    Watches {
        looks: Vec<u64>,
        before: Option<Vec<Row>>,
        last: u64,
    },
    Ended,
}

pub(super) struct Caller {
    pub(super) name: usize,
    once: Once,
    began: u64,
    former: Former,
    doing: Doing,
    sends: Vec<Luck>,
    sent: usize,
    dropped: Option<(u64, u64)>,
    /// When it is called again, after its future was dropped.
    pub(super) called_again: Option<(u64, Vec<Luck>)>,
    pub(super) told: Option<Verdict>,
    pub(super) ended: u64,
}

impl Caller {
    pub(super) fn new(name: usize, at: u64, former: Former, sends: Vec<Luck>, dropped: Option<(u64, u64)>) -> Self {
        let dropped = dropped.map(|(after, again)| (at + after, again));
        let once = Once::new(Kind::Plain, None, World::timing(), former, tokio::time::Instant::now());
        Self {
            name,
            once,
            began: at,
            former,
            doing: Doing::Comes(at),
            sends,
            sent: 0,
            dropped,
            called_again: None,
            told: None,
            ended: 0,
        }
    }

    /// When it acts next.
    pub(super) fn due(&self, world: &World) -> Option<(u64, usize)> {
        let at = match &self.doing {
            Doing::Comes(at) | Doing::Thinks(at) | Doing::Sends { at } => *at,
            Doing::Waits { request, gone_at, .. } => {
                let answer = request.and_then(|request| world.server.answers.get(&request)).map(|(at, _)| *at);
                answer.map_or(*gone_at, |at| at.min(*gone_at))
            }
            Doing::Looks { ends, .. } | Doing::Reads { ends, .. } | Doing::Withdraws { ends, .. } => *ends,
            Doing::Watches { looks, .. } => *looks.first()?,
            Doing::Ended => return None,
        };
        let at = if self.told.is_some() { at } else { self.dropped.map_or(at, |(dropped, _)| at.min(dropped)) };
        Some((at, self.name))
    }

    pub(super) fn act(&mut self, world: &mut World, now: u64) {
        if self.told.is_none() && self.dropped.is_some_and(|(at, _)| at <= now) {
            return self.drop_it(world, now);
        }
        match std::mem::replace(&mut self.doing, Doing::Ended) {
            Doing::Comes(at) => self.come(world, at),
            Doing::Thinks(at) => self.think(world, at.max(now)),
            Doing::Sends { at } => self.send(world, at),
            Doing::Waits { request, gone_at, not_sent } => self.hear(world, now, request, gone_at, not_sent),
            Doing::Looks { asked, fails, wide, .. } => self.look(world, now, (asked, fails, wide)),
            Doing::Reads { uid, .. } => {
                if world.fails() {
                    self.once.unread(&uid, broken());
                } else {
                    let rows = world.server.read(uid.as_str());
                    self.once.read(&uid, rows);
                }
                self.doing = Doing::Thinks(now);
            }
            Doing::Withdraws { untidy, fails, .. } => self.withdraw(world, now, &untidy, fails),
            Doing::Watches { looks, before, last } => self.watch(world, now, (looks, before, last)),
            Doing::Ended => {}
        }
    }

    fn come(&mut self, world: &mut World, now: u64) {
        let mut former = self.former;
        let mut hint = None;
        let mut alone = false;
        if world.leases(self.name, now) {
            if now - self.began > BUDGET {
                return self.end(world, now, Verdict::Unknowable);
            }
            if world.lease.holder.is_some() || world.lease.free_at > now {
                self.doing = Doing::Comes(now + 50);
                return;
            }
            world.lease.holder = Some(self.name);
            world.lease.grants += 1;
            let first = world.lease.grants == 1;
            match world.lease.left.take() {
                Some(Left::Booked(uid)) => hint = Some(uid),
                Some(Left::Nothing) => alone = true,
                None if first => alone = true,
                None => former = Former::Died,
            }
            if hint.is_some() {
                alone = true;
            }
        }
        let rows = world.server.series;
        self.once = Once::new(world.server.kind, Some(rows), World::timing(), former, world.at(now));
        self.once.sees(world.history.sees);
        self.once.alone(alone);
        if let Some(uid) = hint {
            self.once.hint(&uid);
        }
        self.doing = Doing::Thinks(now);
    }

    fn think(&mut self, world: &mut World, now: u64) {
        let instant = world.at(now);
        if now >= self.began + BUDGET {
            let verdict = self.once.at_deadline(instant).unwrap_or(Verdict::Unknowable);
            return self.end(world, now, verdict);
        }
        self.doing = match self.once.next(instant).step {
            Step::Send { at } => Doing::Sends { at: world.millis(at) },
            Step::Look { at, wide } => {
                let asked = world.millis(at).max(now);
                let fails = world.fails();
                let reached = world.reached(asked);
                let fails = fails || reached - asked > LOOK;
                Doing::Looks { asked, ends: if fails { asked + LOOK } else { reached + 10 }, fails, wide }
            }
            Step::Read(uid) => Doing::Reads { uid, ends: world.reached(now) + 10 },
            Step::Withdraw { rows, keep, why } => {
                let fails = world.fails();
                Doing::Withdraws { untidy: Untidy { rows, keep, why }, ends: world.reached(now) + 100, fails }
            }
            Step::Finish(verdict) => return self.end(world, now, verdict),
        };
    }

    fn send(&mut self, world: &mut World, now: u64) {
        let luck = if self.sent < 8 { self.sends[self.sent % self.sends.len()] } else { Luck::Fine };
        self.sent += 1;
        self.once.sending(world.at(now));
        let (delivered, gone_at) = match luck {
            Luck::NeverLeaves => (None, now),
            Luck::HalfSent => (None, now + 5),
            Luck::Broken => (Some(now), now + 5),
            Luck::Late(by) => (Some(now + by), now + PATIENCE),
            Luck::ErrorUndone => (None, now + 50),
            Luck::ErrorDone => (Some(now), now + 50),
            Luck::Fine => (Some(now), now + PATIENCE),
        };
        let request = delivered.map(|at| world.server.arrive(world.reached(at)));
        let waits_for_it = matches!(luck, Luck::Fine | Luck::Late(_));
        let request = request.filter(|_| waits_for_it);
        self.doing = Doing::Waits { request, gone_at, not_sent: matches!(luck, Luck::NeverLeaves) };
    }

    fn hear(&mut self, world: &mut World, now: u64, request: Option<u64>, gone_at: u64, not_sent: bool) {
        let answer = request.and_then(|request| world.server.answers.get(&request).cloned());
        let sent = match answer.filter(|(at, _)| *at <= gone_at) {
            _ if not_sent => Sent::NotSent(broken()),
            Some((_, Ok(rows))) => Sent::Made(rows.into_iter().map(|at| world.server.shown(at)).collect()),
            Some((_, Err(text))) => Sent::Refused(refusal(text)),
            None => Sent::Lost(Some(broken())),
        };
        self.once.sent(world.at(now), sent);
        self.doing = Doing::Thinks(now);
    }

    fn look(&mut self, world: &mut World, now: u64, (asked, fails, wide): (u64, bool, bool)) {
        let (began, ended) = (world.at(asked), world.at(now));
        if fails {
            self.once.looked(began, ended, Err(broken()));
        } else {
            let sight = if !world.history.sees {
                Sight::default()
            } else if let Some(uid) = self.once.seated_in().cloned() {
                let rows = world.server.seats();
                self.once.read(&uid, rows.clone());
                Sight { rows, ..Sight::default() }
            } else {
                let sight = listed(world);
                Sight { rival: sight.rival && wide, rival_at_start: sight.rival_at_start && wide, ..sight }
            };
            self.once.looked(began, ended, Ok(sight));
        }
        self.doing = Doing::Thinks(now);
    }

    fn withdraw(&mut self, world: &mut World, now: u64, untidy: &Untidy, fails: bool) {
        let mut new = false;
        for (uid, rows) in truth(world, untidy) {
            new |= self.once.read(&uid, rows);
        }
        if !new {
            if !fails {
                world.server.cancel(&untidy.rows, untidy.why, &untidy.keep);
            }
            self.once.withdrew(world.at(now), &untidy.rows, untidy.why, fails.then(broken));
        }
        self.doing = Doing::Thinks(now);
    }

    fn end(&mut self, world: &mut World, now: u64, verdict: Verdict) {
        let answers = world.leases(self.name, now);
        if world.history.shares {
            let left = match &verdict {
                Verdict::Booked { rows, .. } => rows.first().map(|row| {
                    let booking = &row.booking;
                    Left::Booked(booking.recurring_booking_uid().unwrap_or_else(|| booking.uid.clone()))
                }),
                verdict if verdict.denies() && self.once.evidence().former != Former::Died => Some(Left::Nothing),
                _ => None,
            };
            if answers && world.lease.holder == Some(self.name) {
                world.lease.release(left);
            } else {
                world.lease.enter(left);
            }
        }
        let looks: Vec<u64> = [SETTLE / 4, SETTLE + SETTLE / 4, 30_000, 60_000].iter().map(|wait| now + wait).collect();
        let doubts = world.history.sees && self.once.leaves_doubts(world.at(now));
        self.doing = if doubts { Doing::Watches { looks, before: None, last: now } } else { Doing::Ended };
        self.told = Some(verdict);
        self.ended = now;
    }

    /// The future is dropped, or its process is killed: it never gets to leave word.
    fn drop_it(&mut self, world: &mut World, now: u64) {
        if world.lease.holder == Some(self.name) {
            world.lease.holder = None;
            world.lease.left = None;
            world.lease.free_at = now + TTL;
        }
        self.doing = Doing::Ended;
        self.ended = now;
        if let Some((_, again)) = self.dropped {
            self.called_again = Some((now + again, self.sends.clone()));
        }
    }

    fn watch(&mut self, world: &mut World, now: u64, (mut looks, before, last): (Vec<u64>, Option<Vec<Row>>, u64)) {
        looks.remove(0);
        let mut evidence: Evidence = self.once.evidence().clone();
        let sight = listed(world);
        evidence.looked(world.at(now), world.at(now), Ok(sight));
        let names = |rows: &[Row]| rows.iter().map(Row::name).collect::<Vec<_>>();
        let live = evidence.live();
        let stable = before.as_ref().is_some_and(|before| names(before) == names(&live)) && now - last >= SETTLE / 2;
        if let Some(untidy) = untidy(&evidence, self.once.wanted(), stable) {
            let mut new = false;
            for (uid, rows) in truth(world, &untidy) {
                new |= evidence.read(&uid, rows);
            }
            if !new {
                world.server.cancel(&untidy.rows, untidy.why, &untidy.keep);
                evidence.withdrew(world.at(now), &untidy.rows, untidy.why, None);
            }
        }
        let before = Some(evidence.live());
        self.once.learned(evidence);
        self.doing = if looks.is_empty() { Doing::Ended } else { Doing::Watches { looks, before, last: now } };
    }
}

fn listed(world: &mut World) -> Sight {
    world.asked += 1;
    let lag = world.history.lags[world.asked % world.history.lags.len()];
    let hides = world.history.hides;
    world.server.list(lag, |row, age| age < LAG && (row * 97 + 13) % 256 < usize::from(hides))
}

/// What the decision to withdraw rests on.
fn truth(world: &World, untidy: &Untidy) -> Vec<(BookingUid, Vec<Row>)> {
    let rows = if untidy.why == Why::Twice { &untidy.keep } else { &untidy.rows };
    let mut uids: Vec<BookingUid> = Vec::new();
    for row in rows {
        let uid = row.booking.recurring_booking_uid().unwrap_or_else(|| row.booking.uid.clone());
        if !uids.contains(&uid) {
            uids.push(uid);
        }
    }
    uids.into_iter().map(|uid| (uid.clone(), world.server.read(uid.as_str()))).collect()
}

/// Settles what is unknown, when nobody is about any more and all lists are answered.
pub(super) fn reconcile(world: &mut World, now: u64) -> Verdict {
    world.history.fails = vec![false];
    let rows = Some(world.server.series);
    let mut once = Once::new(world.server.kind, rows, World::timing(), Former::Died, world.at(now)).only_looks();
    once.sees(world.history.sees);
    let mut now = now;
    for _ in 0..1_000 {
        world.server.advance(now);
        match once.next(world.at(now)).step {
            Step::Look { at, .. } => {
                let asked = world.millis(at).max(now);
                now = asked + 10;
                world.server.advance(now);
                let sight = listed(world);
                once.looked(world.at(asked), world.at(now), Ok(sight));
            }
            Step::Read(uid) => _ = once.read(&uid, world.server.read(uid.as_str())),
            Step::Withdraw { rows, keep, why } => {
                world.server.cancel(&rows, why, &keep);
                once.withdrew(world.at(now), &rows, why, None);
            }
            Step::Finish(verdict) => return verdict,
            Step::Send { .. } => panic!("reconciling sends"),
        }
    }
    Verdict::Unknowable
}
