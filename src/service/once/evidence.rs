//! What is known of one appointment: attempts with their times and ends, what looks showed and when they were asked, and what
//! was withdrawn. It only grows; what follows from it is `conclude`'s business.

use std::collections::HashSet;

use tokio::time::Instant;

use super::{Why, step::Sent};
use crate::{
    Error,
    model::{Booking, BookingUid},
    service::{
        appointment::Former,
        lookup::{Row, RowName, Sight},
        quiet::Quiet,
    },
};

/// One time that it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) sent_at: Instant,
    /// When it was settled, and how; nothing while it is on its way, or if its caller went away meanwhile.
    pub(crate) end: Option<(Instant, Sent)>,
}

impl Attempt {
    /// Whether it may have been carried out although nothing was answered.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.end, None | Some((_, Sent::Lost(_))))
    }
}

/// The last look that was answered since the last attempt or withdrawal.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) asked: Instant,
    /// What it showed, called off or not.
    pub(crate) showed: HashSet<RowName>,
    pub(crate) rival: bool,
    pub(crate) rival_at_start: bool,
}

/// Everything that is known of one appointment.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) former: Former,
    /// When this call began.
    pub(crate) began: Instant,
    /// Since when what a process sent that died may be on its way.
    pub(crate) orphaned: Option<Instant>,
    pub(crate) attempts: Vec<Attempt>,
    /// Everything that was ever seen to bear the key. What was cancelled stays cancelled: a list that lags shows it as it
    /// was.
    rows: Vec<Row>,
    /// What this call cancelled, and what turned out to be gone without a trace.
    withdrawn: HashSet<RowName>,
    pub(crate) torn_at: Option<Instant>,
    pub(crate) look: Option<Look>,
    /// Whether any look of this call was answered.
    pub(crate) was_answered: bool,
    pub(crate) quiet: Quiet,
    /// Whether this caller would see the booking in a list; nothing until that is known.
    pub(crate) sees: Option<bool>,
    /// Whether a lease that other processes share is held, and no call before has left the key open, as far as the store
    /// knows. It may have forgotten one, or not have answered it: that is no proof.
    pub(crate) alone: bool,
    /// A booking that bears the key, and is of other content.
    pub(crate) used_for: Option<Booking>,
    /// When that was first seen; nothing if it is so old that every call which is still at work has seen it.
    pub(crate) used_since: Option<Instant>,
    /// The same person's booking of this time, under another key.
    pub(crate) same_person: Option<Booking>,
    /// Whether an earlier call has left word that it booked.
    pub(crate) spent: bool,
    /// Bookings to be read, because something says that they are the appointment.
    pub(crate) to_read: Vec<BookingUid>,
    /// Those that could not be read: they are read again after the next look.
    unread: Vec<BookingUid>,
    /// Those that could be read.
    pub(crate) was_read: Vec<BookingUid>,
    pub(crate) trouble: Option<Error>,
}

impl Evidence {
    pub(crate) fn new(former: Former, now: Instant) -> Self {
        Self {
            former,
            began: now,
            orphaned: (former == Former::Died).then_some(now),
            attempts: Vec::new(),
            rows: Vec::new(),
            withdrawn: HashSet::new(),
            torn_at: None,
            look: None,
            was_answered: false,
            quiet: Quiet::default(),
            sees: None,
            alone: false,
            used_for: None,
            used_since: None,
            same_person: None,
            spent: false,
            to_read: Vec::new(),
            unread: Vec::new(),
            was_read: Vec::new(),
            trouble: None,
        }
    }

    pub(crate) fn sending(&mut self, now: Instant) {
        self.attempts.push(Attempt { sent_at: now, end: None });
        self.look = None;
    }

    pub(crate) fn sent(&mut self, now: Instant, sent: Sent) {
        match &sent {
            Sent::Lost(error) => self.trouble.clone_from(error),
            Sent::NotSent(error) | Sent::Refused(error) => self.trouble = Some(error.clone()),
            Sent::Made(rows) => rows.iter().for_each(|row| _ = self.learn(row)),
            // A booking without any key may be the one that was just made: its uid tells.
            Sent::Foreign(booking) => self.read_later(&booking.uid),
        }
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some((now, sent));
        }
        self.quiet.broken();
        self.look = None;
    }

    /// A look that was asked at `asked` has ended.
    pub(crate) fn looked(&mut self, asked: Instant, now: Instant, result: Result<Sight, Error>) {
        self.to_read.append(&mut self.unread);
        let sight = match result {
            Ok(sight) => sight,
            Err(error) => {
                self.trouble = Some(error);
                self.quiet.failed(now);
                return;
            }
        };
        let mut new = false;
        for row in &sight.rows {
            new |= self.learn(row);
        }
        self.used(sight.used_for, now);
        self.same_person = self.same_person.take().or(sight.same_person);
        self.quiet.answered(asked, now, new);
        self.was_answered = true;
        let Sight { rival, rival_at_start, .. } = sight;
        let showed = sight.rows.iter().map(Row::name).collect();
        self.look = Some(Look { asked, showed, rival, rival_at_start });
    }

    /// The key stands on a booking of other content.
    pub(crate) fn used(&mut self, booking: Option<Booking>, now: Instant) {
        if self.used_for.is_none() && booking.is_some() {
            self.used_for = booking;
            self.used_since = Some(now);
        }
    }

    /// The booking or series `uid` was read: what of it bears the key, as it stands now.
    pub(crate) fn read(&mut self, uid: &BookingUid, rows: Vec<Row>) -> bool {
        self.to_read.retain(|it| it != uid);
        self.unread.retain(|it| it != uid);
        self.was_read.push(uid.clone());
        let mut new = false;
        // A seat that is given back leaves no trace.
        let seats = self.rows.iter().filter(|row| row.seat.is_some() && row.booking.uid == *uid);
        let left: Vec<RowName> =
            seats.map(Row::name).filter(|name| rows.iter().all(|row| row.name() != *name)).collect();
        for name in left {
            new |= self.withdrawn.insert(name);
        }
        for row in rows {
            let known = self.rows.iter_mut().find(|known| known.name() == row.name());
            new |= known.as_ref().is_none_or(|known| known.is_live() != row.is_live());
            match known {
                Some(known) => *known = row,
                None => self.rows.push(row),
            }
        }
        if new {
            self.quiet.broken();
        }
        new
    }

    /// The booking or series `uid` could not be read: what points to it is not forgotten.
    pub(crate) fn unread(&mut self, uid: &BookingUid, error: Error) {
        self.to_read.retain(|it| it != uid);
        self.unread.push(uid.clone());
        self.trouble = Some(error);
    }

    /// These rows were cancelled, as far as the service could be reached.
    pub(crate) fn withdrew(&mut self, now: Instant, rows: &[Row], why: Why, error: Option<Error>) {
        self.quiet.broken();
        self.look = None;
        if error.is_some() {
            // What could not be cancelled is tried again, not at once.
            self.quiet.delayed();
            self.trouble = error;
            return;
        }
        if why == Why::Torn {
            // What the lost attempt has done is known by now, and undone.
            self.torn_at = Some(now);
        }
        self.withdrawn.extend(rows.iter().map(Row::name));
    }

    /// Takes a row in; whether it tells something new.
    fn learn(&mut self, row: &Row) -> bool {
        if let Some(uid) = Why::other_of(&row.booking) {
            self.read_later(&uid);
        }
        let Some(known) = self.rows.iter_mut().find(|known| known.name() == row.name()) else {
            self.rows.push(row.clone());
            return true;
        };
        let ends = known.is_live() && !row.is_live();
        if ends || known.is_live() == row.is_live() {
            *known = row.clone();
        }
        ends
    }

    pub(crate) fn read_later(&mut self, uid: &BookingUid) {
        let known = [&self.was_read, &self.to_read, &self.unread];
        if !known.iter().any(|uids| uids.contains(uid)) {
            self.to_read.push(uid.clone());
        }
    }

    /// What stands.
    pub(crate) fn live(&self) -> Vec<Row> {
        self.rows.iter().filter(|row| row.is_live() && !self.withdrawn.contains(&row.name())).cloned().collect()
    }

    /// What a person called off, or moved.
    pub(crate) fn gone(&self) -> Vec<Row> {
        let gone = |row: &&Row| !row.is_live() && !Why::is_ours(&row.booking) && !self.withdrawn.contains(&row.name());
        self.rows.iter().filter(gone).cloned().collect()
    }

    /// Whether something was cancelled as a double: then another row stands, seen or not.
    pub(crate) fn has_a_twin(&self) -> bool {
        self.rows.iter().any(|row| !row.is_live() && Why::of(&row.booking) == Some(Why::Twice))
    }

    pub(crate) fn last(&self) -> Option<&Sent> {
        self.attempts.last()?.end.as_ref().map(|(_, sent)| sent)
    }

    /// When the last attempt ended.
    pub(crate) fn last_ended(&self) -> Option<Instant> {
        self.attempts.last()?.end.as_ref().map(|(at, _)| *at)
    }

    /// When the last attempt was sent whose outcome is not known.
    pub(crate) fn open_since(&self) -> Option<Instant> {
        let open = self.attempts.iter().rev().find(|attempt| attempt.is_open()).map(|attempt| attempt.sent_at);
        open.max(self.orphaned).filter(|at| self.torn_at.is_none_or(|torn| *at > torn))
    }

    /// Whether any attempt was ever lost, settled by now or not.
    pub(crate) fn lost_once(&self) -> bool {
        self.orphaned.is_some() || self.attempts.iter().any(Attempt::is_open)
    }

    /// How often in a row it was refused or not sent.
    pub(crate) fn refusals(&self) -> u32 {
        let refused = |it: &&Attempt| matches!(it.end, Some((_, Sent::Refused(_) | Sent::NotSent(_))));
        u32::try_from(self.attempts.iter().filter(refused).count()).unwrap_or(u32::MAX)
    }

    /// Whether a part of a series was withdrawn since the last attempt.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn_at.is_some_and(|torn| self.attempts.last().is_none_or(|attempt| attempt.sent_at <= torn))
    }

    /// What an attempt was answered to have made, and when.
    pub(crate) fn made(&self) -> Option<(Instant, &[Row])> {
        match self.attempts.last()?.end.as_ref()? {
            (at, Sent::Made(rows)) => Some((*at, rows)),
            _ => None,
        }
    }

    pub(crate) fn is_called_off_or_gone(&self, name: &RowName) -> bool {
        self.withdrawn.contains(name) || self.rows.iter().any(|row| row.name() == *name && !row.is_live())
    }
}
