//! A simulated server, which processes requests over time, and duplicates where the service does. Its lists lag and
//! hide rows; a booking that is read by its uid is current.

use std::collections::BTreeMap;

use super::super::{BookingRow, CancelReason, LookupResult, of_other_content, row};
use crate::{model::BookingStatus, service::event_type::BookingKind};

const CHECK_MS: u64 = 160;
const COMMIT_MS: u64 = 70;
const NEXT_ROW_MS: u64 = 130;
const ANSWER_MS: u64 = 40;

/// The text of a server in production for the loser of a race.
pub(super) const REDACTED: &str = "An error occurred while querying the database.";

/// The rows, conflicts and requests of the server, by milliseconds.
pub(super) struct SimulatedServer {
    pub(super) kind: BookingKind,
    pub(super) series: usize,
    pub(super) production: bool,
    pub(super) now: u64,
    rows: Vec<StoredRow>,
    /// When another attendee takes which start.
    pub(super) conflicts: Vec<(u64, usize)>,
    pub(super) has_other_seats: bool,
    /// When the key was used for other content.
    pub(super) other_content_at: Option<u64>,
    /// The next stages of requests, by time.
    due: BTreeMap<(u64, u64), RequestStage>,
    tickets: u64,
    pub(super) answers: BTreeMap<u64, (u64, Result<Vec<usize>, &'static str>)>,
}

#[derive(Clone)]
struct StoredRow {
    start: usize,
    created_at: u64,
    /// When it was cancelled, and the reason.
    cancelled: Option<(u64, String)>,
    row: BookingRow,
}

impl StoredRow {
    fn is_active(&self) -> bool {
        self.cancelled.is_none()
    }
}

#[derive(Clone)]
enum RequestStage {
    Check { request: u64 },
    BookingRow { request: u64, joins: bool, done: Vec<usize> },
    Answer { request: u64, rows: Vec<usize> },
}

impl SimulatedServer {
    pub(super) fn new(
        kind: BookingKind,
        production: bool,
        conflicts: Vec<(u64, usize)>,
        has_other_seats: bool,
    ) -> Self {
        Self {
            kind,
            series: if kind.is_series() { 4 } else { 1 },
            production,
            now: 0,
            rows: Vec::new(),
            conflicts,
            has_other_seats,
            other_content_at: None,
            due: BTreeMap::new(),
            tickets: 0,
            answers: BTreeMap::new(),
        }
    }

    fn schedule(&mut self, at: u64, stage: RequestStage) {
        self.tickets += 1;
        self.due.insert((at, self.tickets), stage);
    }

    pub(super) fn arrive(&mut self, at: u64) -> u64 {
        self.tickets += 1;
        let request = self.tickets;
        self.schedule(at + CHECK_MS, RequestStage::Check { request });
        request
    }

    /// When the next stage is due.
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

    fn own_row(&self, start: usize) -> Option<usize> {
        self.rows.iter().position(|row| row.is_active() && row.start == start)
    }

    fn is_taken_by_other(&self, start: usize, at: u64) -> bool {
        // A request for a taken time is refused.
        let stood = |row: &StoredRow, then: u64| {
            row.start == start
                && row.created_at <= then
                && row.cancelled.as_ref().is_none_or(|(cancelled, _)| *cancelled > then)
        };
        let gets_it = |then: u64| self.pending() || !self.rows.iter().any(|row| stood(row, then));
        self.conflicts.iter().any(|(from, which)| *from <= at && *which == start && gets_it(*from))
    }

    fn pending(&self) -> bool {
        matches!(self.kind, BookingKind::Pending | BookingKind::PendingSeries)
    }

    fn refuse(&mut self, at: u64, request: u64, message: &'static str) {
        let message = if self.production && message == "booking_conflict_error" { REDACTED } else { message };
        self.answers.insert(request, (at, Err(message)));
    }

    fn work(&mut self, at: u64, stage: RequestStage) {
        match stage {
            RequestStage::Check { request } => self.check(at, request),
            RequestStage::BookingRow { request, joins, mut done } => {
                let start = done.len();
                let known = self.own_row(start).filter(|_| self.kind == BookingKind::PendingSeries);
                let row = match known {
                    Some(row) => row,
                    None => {
                        let free_for_all = self.pending() || (self.kind == BookingKind::Seated && joins);
                        if !free_for_all && (self.is_taken_by_other(start, at) || self.own_row(start).is_some()) {
                            return self.refuse(at, request, "booking_conflict_error");
                        }
                        let series = (self.series > 1).then_some(request);
                        let seat = (self.kind == BookingKind::Seated).then_some(self.rows.len());
                        let row = row(self.rows.len(), start, series, seat, true);
                        self.rows.push(StoredRow { start, created_at: at, cancelled: None, row });
                        self.has_other_seats |= self.kind == BookingKind::Seated;
                        self.rows.len() - 1
                    }
                };
                done.push(row);
                if done.len() < self.series {
                    self.schedule(at + NEXT_ROW_MS, RequestStage::BookingRow { request, joins, done });
                } else {
                    self.schedule(at + ANSWER_MS, RequestStage::Answer { request, rows: done });
                }
            }
            RequestStage::Answer { request, rows } => {
                self.answers.insert(request, (at, Ok(rows)));
            }
        }
    }

    fn check(&mut self, at: u64, request: u64) {
        if self.kind == BookingKind::Seated {
            if self.own_row(0).is_some() {
                return self.refuse(at, request, "already_signed_up_for_this_booking_error");
            }
            let joins = self.has_other_seats;
            return self.schedule(at + COMMIT_MS, RequestStage::BookingRow { request, joins, done: Vec::new() });
        }
        if self.pending()
            && let Some(row) = self.own_row(0)
        {
            let stage = if self.kind == BookingKind::Pending {
                RequestStage::Answer { request, rows: vec![row] }
            } else {
                RequestStage::BookingRow { request, joins: true, done: Vec::new() }
            };
            return self.schedule(at + ANSWER_MS, stage);
        }
        if self.is_taken_by_other(0, at) || self.own_row(0).is_some() {
            return self.refuse(at, request, "User either already has booking at this time or is not available");
        }
        self.schedule(at + COMMIT_MS, RequestStage::BookingRow { request, joins: false, done: Vec::new() });
    }

    pub(super) fn current_row(&self, at: usize) -> BookingRow {
        self.row_as(at, self.rows[at].cancelled.clone())
    }

    fn row_as(&self, at: usize, cancelled: Option<(u64, String)>) -> BookingRow {
        let mut row = self.rows[at].row.clone();
        if let Some((_, reason)) = cancelled {
            row.booking.status = BookingStatus::Cancelled;
            row.booking.cancellation_reason = Some(reason);
        }
        row
    }

    /// The list with this lag, without the rows that are hidden until they are older.
    pub(super) fn list(&self, lag: u64, is_hidden: impl Fn(usize, u64) -> bool) -> LookupResult {
        let then = self.now.saturating_sub(lag);
        let mut result = LookupResult {
            taken_by_other: self.is_taken_by_other(0, then),
            start_taken_by_other: self.is_taken_by_other(0, then),
            ..LookupResult::default()
        };
        result.other_content =
            self.other_content_at.filter(|created_at| *created_at <= then).map(|_| of_other_content());
        for (at, stored) in self.rows.iter().enumerate() {
            if stored.created_at > then || is_hidden(at, self.now - stored.created_at) {
                continue;
            }
            let cancelled = stored.cancelled.clone().filter(|(since, _)| *since <= then);
            if self.kind != BookingKind::Seated || cancelled.is_none() {
                result.rows.push(self.row_as(at, cancelled));
            }
        }
        result
    }

    /// The rows of a booking, or of a series, as they are now. All seats are in one booking.
    pub(super) fn read(&self, uid: &str) -> Vec<BookingRow> {
        let shown = (0..self.rows.len()).map(|at| self.current_row(at));
        let shown = shown.filter(|row| self.kind != BookingKind::Seated || row.is_active());
        let is_it = |row: &BookingRow| {
            row.booking.uid.as_str() == uid
                || row.booking.recurring_booking_uid().is_some_and(|series| series.as_str() == uid)
        };
        shown.filter(is_it).collect()
    }

    /// The active seats of the seated booking.
    pub(super) fn seat_rows(&self) -> Vec<BookingRow> {
        (0..self.rows.len()).map(|at| self.current_row(at)).filter(BookingRow::is_active).collect()
    }

    pub(super) fn cancel(&mut self, rows: &[BookingRow], reason: CancelReason, keep: &[BookingRow]) {
        let text = reason.text(keep.first().map(|row| &row.booking.uid));
        for row in rows {
            let at = usize::try_from(row.booking.id.0).unwrap();
            self.rows[at].cancelled.get_or_insert((self.now, text.clone()));
        }
    }

    pub(super) fn active_rows(&self) -> Vec<BookingRow> {
        (0..self.rows.len()).filter(|at| self.rows[*at].is_active()).map(|at| self.current_row(at)).collect()
    }
}
