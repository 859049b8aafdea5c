//! A server in a few lines, which works on what it was sent while time goes by, and doubles what the service doubles. Its
//! lists lag and hide; a booking that is read by its uid is as it stands.

use std::collections::BTreeMap;

use super::super::{
    Row, Sight, Why,
    tests::{of_other_content, row},
};
use crate::{model::BookingStatus, service::event_type::Kind};

const CHECK: u64 = 160;
const COMMIT: u64 = 70;
const NEXT: u64 = 130;
const ANSWER: u64 = 40;

/// What a server in production says of the loser of a race.
pub(super) const REDACTED: &str = "An error occurred while querying the database.";

/// Rows, rivals and requests under way, by milliseconds.
pub(super) struct Server {
    pub(super) kind: Kind,
    pub(super) series: usize,
    pub(super) production: bool,
    pub(super) now: u64,
    rows: Vec<Stored>,
    /// When somebody else takes which start.
    pub(super) rivals: Vec<(u64, usize)>,
    pub(super) others_in: bool,
    /// Since when the key stands on other content.
    pub(super) used: Option<u64>,
    /// What happens when: requests and the stage they are at.
    due: BTreeMap<(u64, u64), Stage>,
    tickets: u64,
    pub(super) answers: BTreeMap<u64, (u64, Result<Vec<usize>, &'static str>)>,
}

#[derive(Clone)]
struct Stored {
    start: usize,
    made: u64,
    /// When it was cancelled, and what for.
    gone: Option<(u64, String)>,
    row: Row,
}

impl Stored {
    fn is_live(&self) -> bool {
        self.gone.is_none()
    }
}

#[derive(Clone)]
enum Stage {
    Check { request: u64 },
    Row { request: u64, joins: bool, done: Vec<usize> },
    Answer { request: u64, rows: Vec<usize> },
}

impl Server {
    pub(super) fn new(kind: Kind, production: bool, rivals: Vec<(u64, usize)>, others_in: bool) -> Self {
        Self {
            kind,
            series: if kind.is_series() { 4 } else { 1 },
            production,
            now: 0,
            rows: Vec::new(),
            rivals,
            others_in,
            used: None,
            due: BTreeMap::new(),
            tickets: 0,
            answers: BTreeMap::new(),
        }
    }

    fn schedule(&mut self, at: u64, stage: Stage) {
        self.tickets += 1;
        self.due.insert((at, self.tickets), stage);
    }

    pub(super) fn arrive(&mut self, at: u64) -> u64 {
        self.tickets += 1;
        let request = self.tickets;
        self.schedule(at + CHECK, Stage::Check { request });
        request
    }

    /// When something happens next.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn advance(&mut self, to: u64) {
        while let Some((&(at, _), _)) = self.due.first_key_value().filter(|((at, _), _)| *at <= to) {
            self.now = at;
            if let Some((_, stage)) = self.due.pop_first() {
                self.work(at, stage);
            }
        }
        self.now = self.now.max(to);
    }

    fn mine(&self, start: usize) -> Option<usize> {
        self.rows.iter().position(|row| row.is_live() && row.start == start)
    }

    fn rival(&self, start: usize, at: u64) -> bool {
        // Who comes when the time is taken is refused.
        let stood = |row: &Stored, then: u64| {
            row.start == start && row.made <= then && row.gone.as_ref().is_none_or(|(gone, _)| *gone > then)
        };
        let gets_it = |then: u64| self.pending() || !self.rows.iter().any(|row| stood(row, then));
        self.rivals.iter().any(|(from, which)| *from <= at && *which == start && gets_it(*from))
    }

    fn pending(&self) -> bool {
        matches!(self.kind, Kind::Pending | Kind::PendingSeries)
    }

    fn refuse(&mut self, at: u64, request: u64, why: &'static str) {
        let why = if self.production && why == "booking_conflict_error" { REDACTED } else { why };
        self.answers.insert(request, (at, Err(why)));
    }

    fn work(&mut self, at: u64, stage: Stage) {
        match stage {
            Stage::Check { request } => self.check(at, request),
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
                        let series = (self.series > 1).then_some(request);
                        let seat = (self.kind == Kind::Seated).then_some(self.rows.len());
                        let row = row(self.rows.len(), start, series, seat, true);
                        self.rows.push(Stored { start, made: at, gone: None, row });
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

    fn check(&mut self, at: u64, request: u64) {
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
            return self.refuse(at, request, "User either already has booking at this time or is not available");
        }
        self.schedule(at + COMMIT, Stage::Row { request, joins: false, done: Vec::new() });
    }

    pub(super) fn shown(&self, at: usize) -> Row {
        self.shown_as(at, self.rows[at].gone.clone())
    }

    fn shown_as(&self, at: usize, gone: Option<(u64, String)>) -> Row {
        let mut row = self.rows[at].row.clone();
        if let Some((_, reason)) = gone {
            row.booking.status = BookingStatus::Cancelled;
            row.booking.cancellation_reason = Some(reason);
        }
        row
    }

    /// What a list shows that lags so far behind, and does not show some rows until they are older.
    pub(super) fn list(&self, lag: u64, hides: impl Fn(usize, u64) -> bool) -> Sight {
        let then = self.now.saturating_sub(lag);
        let mut sight = Sight { rival: self.rival(0, then), rival_at_start: self.rival(0, then), ..Sight::default() };
        sight.used_for = self.used.filter(|made| *made <= then).map(|_| of_other_content());
        for (at, stored) in self.rows.iter().enumerate() {
            if stored.made > then || hides(at, self.now - stored.made) {
                continue;
            }
            let gone = stored.gone.clone().filter(|(since, _)| *since <= then);
            if self.kind != Kind::Seated || gone.is_none() {
                sight.rows.push(self.shown_as(at, gone));
            }
        }
        sight
    }

    /// A booking, or a series, as it stands. A seat's name is its booking's here.
    pub(super) fn read(&self, uid: &str) -> Vec<Row> {
        let shown = (0..self.rows.len()).map(|at| self.shown(at));
        let shown = shown.filter(|row| self.kind != Kind::Seated || row.is_live());
        let is_it = |row: &Row| {
            row.booking.uid.as_str() == uid
                || row.booking.recurring_booking_uid().is_some_and(|series| series.as_str() == uid)
        };
        shown.filter(is_it).collect()
    }

    /// Who sits in the one seated booking.
    pub(super) fn seats(&self) -> Vec<Row> {
        (0..self.rows.len()).map(|at| self.shown(at)).filter(Row::is_live).collect()
    }

    pub(super) fn cancel(&mut self, rows: &[Row], why: Why, keep: &[Row]) {
        let reason = why.reason(keep.first().map(|row| &row.booking.uid));
        for row in rows {
            let at = usize::try_from(row.booking.id.0).unwrap();
            self.rows[at].gone.get_or_insert((self.now, reason.clone()));
        }
    }

    pub(super) fn live(&self) -> Vec<Row> {
        (0..self.rows.len()).filter(|at| self.rows[*at].is_live()).map(|at| self.shown(at)).collect()
    }
}
