//! Random histories of the machine against a server in a few lines, which works on what it was sent while time goes by,
//! doubles what the service doubles and loses what a network loses. Hundreds of them take a second.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use tokio::time::Instant;

use super::{
    tests::{broken, refusal, row},
    *,
};

const CHECK: u64 = 160;
const COMMIT: u64 = 70;
const NEXT: u64 = 130;
const ANSWER: u64 = 40;
/// How long an attempt may take.
const PATIENCE: u64 = 4000;

/// Rows, rivals and requests under way, by milliseconds.
struct Server {
    kind: Kind,
    series: usize,
    now: u64,
    rows: Vec<Stored>,
    /// When somebody else takes which start.
    rivals: Vec<(u64, usize)>,
    others_in: bool,
    /// What happens when: requests and the stage they are at.
    due: BTreeMap<(u64, u64), Stage>,
    tickets: u64,
    answers: BTreeMap<u64, (u64, Result<Vec<usize>, &'static str>)>,
}

#[derive(Clone)]
struct Stored {
    start: usize,
    series: u64,
    live: bool,
}

#[derive(Clone)]
enum Stage {
    Check { request: u64 },
    Row { request: u64, joins: bool, done: Vec<usize> },
    Answer { request: u64, rows: Vec<usize> },
}

impl Server {
    fn schedule(&mut self, at: u64, stage: Stage) {
        self.tickets += 1;
        self.due.insert((at, self.tickets), stage);
    }

    fn arrive(&mut self, at: u64) -> u64 {
        self.tickets += 1;
        let request = self.tickets;
        self.schedule(at + CHECK, Stage::Check { request });
        request
    }

    fn advance(&mut self, to: u64) {
        while let Some((&(at, _), _)) = self.due.first_key_value().filter(|((at, _), _)| *at <= to) {
            self.now = at;
            if let Some((_, stage)) = self.due.pop_first() {
                self.work(at, stage);
            }
        }
        self.now = self.now.max(to);
    }

    fn mine(&self, start: usize) -> Option<usize> {
        self.rows.iter().position(|row| row.live && row.start == start)
    }

    fn rival(&self, start: usize, at: u64) -> bool {
        self.rivals.iter().any(|(from, which)| *from <= at && *which == start)
    }

    fn pending(&self) -> bool {
        matches!(self.kind, Kind::Pending | Kind::PendingSeries)
    }

    fn refuse(&mut self, at: u64, request: u64, why: &'static str) {
        self.answers.insert(request, (at, Err(why)));
    }

    fn work(&mut self, at: u64, stage: Stage) {
        match stage {
            Stage::Check { request } => {
                if self.kind == Kind::Seated {
                    if self.mine(0).is_some() {
                        return self.refuse(at, request, "already_signed_up_for_this_booking_error");
                    }
                    let joins = self.others_in;
                    return self.schedule(at + COMMIT, Stage::Row { request, joins, done: Vec::new() });
                }
                if self.pending()
                    && let Some(row) = self.mine(0)
                {
                    let stage = if self.kind == Kind::Pending {
                        Stage::Answer { request, rows: vec![row] }
                    } else {
                        Stage::Row { request, joins: true, done: Vec::new() }
                    };
                    return self.schedule(at + ANSWER, stage);
                }
                if self.rival(0, at) || self.mine(0).is_some() {
                    return self.refuse(
                        at,
                        request,
                        "User either already has booking at this time or is not available",
                    );
                }
                self.schedule(at + COMMIT, Stage::Row { request, joins: false, done: Vec::new() });
            }
            Stage::Row { request, joins, mut done } => {
                let start = done.len();
                let known = self.mine(start).filter(|_| self.kind == Kind::PendingSeries);
                let row = match known {
                    Some(row) => row,
                    None => {
                        let free_for_all = self.pending() || (self.kind == Kind::Seated && joins);
                        if !free_for_all && (self.rival(start, at) || self.mine(start).is_some()) {
                            return self.refuse(at, request, "booking_conflict_error");
                        }
                        self.rows.push(Stored { start, series: request, live: true });
                        self.others_in |= self.kind == Kind::Seated;
                        self.rows.len() - 1
                    }
                };
                done.push(row);
                if done.len() < self.series {
                    self.schedule(at + NEXT, Stage::Row { request, joins, done });
                } else {
                    self.schedule(at + ANSWER, Stage::Answer { request, rows: done });
                }
            }
            Stage::Answer { request, rows } => {
                self.answers.insert(request, (at, Ok(rows)));
            }
        }
    }

    fn shown(&self, at: usize) -> Row {
        let stored = &self.rows[at];
        let series = (self.series > 1).then_some(stored.series);
        let seat = (self.kind == Kind::Seated).then_some(at);
        let mut row = row(at, stored.start, series, seat, stored.live);
        if !stored.live {
            row.booking.cancellation_reason = Some(Why::Twice.reason().to_owned());
        }
        row
    }

    fn sight(&self) -> Sight {
        Sight {
            rows: (0..self.rows.len())
                .filter(|at| self.kind != Kind::Seated || self.rows[*at].live)
                .map(|at| self.shown(at))
                .collect(),
            rival: self.rival(0, self.now),
        }
    }

    fn cancel(&mut self, rows: &[Row]) {
        for row in rows {
            let at = usize::try_from(row.booking.id.0).unwrap();
            self.rows[at].live = false;
        }
    }

    fn live(&self) -> Vec<Row> {
        (0..self.rows.len()).filter(|at| self.rows[*at].live).map(|at| self.shown(at)).collect()
    }
}

/// What the network does with one request.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Fine,
    NeverLeaves,
    HalfSent,
    Broken,
    Late(u64),
    ErrorDone,
    ErrorUndone,
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        3 => Just(Luck::Fine),
        1 => Just(Luck::NeverLeaves),
        1 => Just(Luck::HalfSent),
        2 => Just(Luck::Broken),
        2 => (0_u64..20_000).prop_map(Luck::Late),
        // About when it is sent again.
        2 => (3_000_u64..6_000).prop_map(Luck::Late),
        1 => Just(Luck::ErrorDone),
        1 => Just(Luck::ErrorUndone),
    ]
}

#[derive(Debug, Clone)]
struct History {
    kind: Kind,
    sends: Vec<Luck>,
    /// Whether a look, or a cancellation, fails.
    fails: Vec<bool>,
    rivals: Vec<(u64, usize)>,
    others_in: bool,
    former: Option<Luck>,
    stalls: Option<(u64, u64)>,
}

fn history() -> impl Strategy<Value = History> {
    let kinds = [Kind::Plain, Kind::Pending, Kind::Seated, Kind::Series, Kind::PendingSeries];
    (
        prop::sample::select(kinds.to_vec()),
        prop::collection::vec(luck(), 1..6),
        prop::collection::vec(prop::bool::weighted(0.15), 1..12),
        prop::collection::vec((0_u64..6000, 0_usize..4), 0..2),
        any::<bool>(),
        prop::option::weighted(0.2, luck()),
        prop::option::weighted(0.2, (0_u64..8_000, 3_000_u64..40_000)),
    )
        .prop_map(|(kind, sends, fails, rivals, others_in, former, stalls)| {
            let first = rivals.into_iter().filter(|_| kind != Kind::Seated).collect();
            History { kind, sends, fails, rivals: first, others_in, former, stalls }
        })
}

struct Run {
    server: Server,
    once: Once,
    epoch: Instant,
    now: u64,
    history: History,
    sent: usize,
    asked: usize,
}

impl Run {
    fn new(history: History) -> Self {
        let series = if history.kind.is_series() { 4 } else { 1 };
        let mut server = Server {
            kind: history.kind,
            series,
            now: 0,
            rows: Vec::new(),
            rivals: history.rivals.clone(),
            others_in: history.others_in,
            due: BTreeMap::new(),
            tickets: 0,
            answers: BTreeMap::new(),
        };
        if let Some(Luck::Broken | Luck::ErrorDone) = history.former {
            server.arrive(0);
        }
        let epoch = Instant::now();
        let former = if history.former.is_some() { Former::Died } else { Former::Ended };
        let once =
            Once::new(history.kind, Some(series), Timing::of(&crate::service::Settings::default()), former, epoch);
        Self { server, once, epoch, now: 0, history, sent: 0, asked: 0 }
    }

    fn at(&self, millis: u64) -> Instant {
        self.epoch + Duration::from_millis(millis)
    }

    /// A server that stands still takes everything in and works on it when it goes on.
    fn reached(&self, at: u64) -> u64 {
        match self.history.stalls {
            Some((from, long)) if (from..from + long).contains(&at) => from + long,
            _ => at,
        }
    }

    fn go_to(&mut self, to: u64) {
        self.now = self.now.max(to);
        self.server.advance(self.now);
    }

    fn verdict(&mut self) -> Option<Verdict> {
        while self.now < 600_000 {
            match self.once.next(self.at(self.now)) {
                Step::Send { at } => {
                    self.go_to(at.duration_since(self.epoch).as_millis() as u64);
                    self.send();
                }
                Step::Look { at, .. } => {
                    self.go_to(at.duration_since(self.epoch).as_millis() as u64);
                    self.look();
                }
                Step::Withdraw { rows, why } => {
                    let fails = self.fails();
                    let reached = self.reached(self.now);
                    self.go_to(reached + 100);
                    if !fails {
                        self.server.cancel(&rows);
                    }
                    self.once.withdrawn(&rows, why, fails.then(broken));
                }
                Step::Finish(verdict) => return Some(verdict),
            }
        }
        None
    }

    fn fails(&mut self) -> bool {
        self.asked += 1;
        self.asked < 60 && self.history.fails[self.asked % self.history.fails.len()]
    }

    fn send(&mut self) {
        let luck = if self.sent < 8 { self.history.sends[self.sent % self.history.sends.len()] } else { Luck::Fine };
        self.sent += 1;
        let start = self.now;
        self.once.sending(self.at(start));
        let (delivered, gone_at) = match luck {
            Luck::NeverLeaves => {
                self.once.sent(self.at(start), Sent::NotSent(broken()));
                return;
            }
            Luck::HalfSent => (None, start + 5),
            Luck::Broken => (Some(start), start + 5),
            Luck::Late(by) => (Some(start + by), start + PATIENCE),
            Luck::ErrorUndone => (None, start + 50),
            Luck::ErrorDone => (Some(start), start + 50),
            Luck::Fine => (Some(start), start + PATIENCE),
        };
        let request = delivered.map(|at| self.server.arrive(self.reached(at)));
        let waits_for_it = matches!(luck, Luck::Fine | Luck::Late(_));
        let mut sent = Sent::Lost(Some(broken()));
        let mut now = gone_at;
        if let Some(request) = request.filter(|_| waits_for_it) {
            self.go_to(gone_at);
            if let Some((at, answer)) = self.server.answers.get(&request).cloned().filter(|(at, _)| *at <= gone_at) {
                now = at;
                sent = match answer {
                    Ok(rows) => Sent::Made(rows.into_iter().map(|at| self.server.shown(at)).collect()),
                    Err(text) => Sent::Refused(refusal(text)),
                };
            }
        }
        self.go_to(now);
        self.once.sent(self.at(self.now), sent);
    }

    fn look(&mut self) {
        let began = self.now;
        let reached = self.reached(began);
        if self.fails() || reached - began > 2000 {
            self.go_to(began + 2000);
            self.once.looked(self.at(began), self.at(self.now), Err(broken()));
            return;
        }
        self.go_to(reached + 10);
        let sight = self.server.sight();
        self.once.looked(self.at(began), self.at(self.now), Ok(sight));
    }

    /// Everything that is still under way comes to its end, and the watch looks as often as it does.
    fn let_time_go_by(&mut self) {
        let mut before = None;
        for wait in [1000, 4000, 25_000, 30_000] {
            self.go_to(self.now + wait);
            let sight = self.server.sight();
            if self.once.leaves_doubts()
                && let Some((rows, _)) = untidy(&sight, before.as_ref(), self.once.wanted())
            {
                self.server.cancel(&rows);
            }
            before = Some(sight.names());
        }
        self.go_to(self.now + 200_000);
    }
}

/// A second's worth, unless `PROPTEST_CASES` says otherwise.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_verdict_is_the_truth(history in history()) {
        let mut run = Run::new(history);
        let verdict = run.verdict();
        let told = format!("{verdict:?}");
        run.let_time_go_by();
        let picked = pick(&run.server.live(), &[], Some(run.server.series));
        prop_assert!(picked.surplus.is_empty(), "a double is left: {told}");
        match verdict {
            Some(Verdict::Booked { .. }) => prop_assert!(picked.whole, "told booked, is not: {told}"),
            Some(_) => prop_assert!(picked.keep.is_empty(), "told not booked, is: {told}"),
            None => prop_assert!(false, "never finished"),
        }
    }
}
