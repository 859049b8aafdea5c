//! How much of the service's quota is left, as a bare state machine.
//!
//! A [`Lane`] is what requests queue for that count against the same limits: all of a credential's, or those to one
//! operation with a limit of its own. It believes the service's word and adds to it what the service cannot know yet:
//! the requests that are under way. It holds no clock and no lock; time comes in as milliseconds of the caller's clock,
//! so that the same rules can be held in a process or in a script on a Redis server. Who waits, and for how long, is
//! the limiter's business.

use std::time::Duration;

use crate::{error::RateLimit, sync::millis};

/// Until the service has told a limit, so many requests may be under way at once.
pub(crate) const SLOW_START: u32 = 10;
/// Added to every reset: a server that counts to the very millisecond is asked just after it, not at it.
pub(crate) const MARGIN_MILLIS: u64 = 10;
/// The length of a window of which nobody told the end: the service's limits are per minute.
pub(crate) const WINDOW_MILLIS: u64 = 60_000;
/// How long the first 429 that tells no reset closes the gate; each further one in a row doubles it.
const PENALTY_MILLIS: u64 = 1_000;
/// Names beyond this many are not kept: the service has one or two at a time.
const MOST_WINDOWS: usize = 8;

/// The documented quota, or the one that the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaRule {
    /// Requests a minute that are sustained, at least 1.
    pub per_minute: u32,
    /// Requests at once after a pause, at least 1. If it is more than `per_minute`, also the most in any 60 s.
    pub burst: u32,
    /// Whether it stands beside what the service tells, or only until the service tells.
    pub firm: bool,
}

/// What one answer told about the quota, or that there was none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The HTTP status; `None` where there was no answer.
    pub status: Option<u16>,
    /// The limits in its headers.
    pub limits: Vec<RateLimit>,
    /// Its `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// The leave to send one request; goes back with [`Lane::settle`] or [`Lane::give_back`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// When it was given, on the clock of whoever gave it.
    pub at: u64,
    /// Names it, where leave is given to several processes; 0 otherwise.
    pub id: u64,
}

/// The answer to the wish to send a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Send it now.
    Go(Grant),
    /// The quota is used up for so many milliseconds.
    In(u64),
    /// It depends on the requests that are under way: ask again after the next answer, or after so many milliseconds.
    AfterAnswer(u64),
}

/// One of the service's windows, as far as it is known.
#[derive(Debug, Clone)]
struct Window {
    name: Box<str>,
    limit: u64,
    /// How many the service has counted, at least.
    used: u64,
    /// How many it may have counted besides, of which no answer came back.
    lost: u64,
    /// When the last of them was given up.
    lost_at: u64,
    began: u64,
    /// When it is over at the latest; `None` until a request opens the next one.
    ends: Option<u64>,
    /// When it is over at the earliest, once the service has told.
    told: Option<u64>,
    /// The longest reset it has told: how long a window is.
    length: u64,
}

impl Window {
    fn new(name: &str, began: u64, length: u64, (lost, lost_at): (u64, u64)) -> Self {
        Self { name: name.into(), limit: 0, used: 0, lost, lost_at, began, ends: None, told: None, length }
    }

    fn narrow(&mut self, limit: &RateLimit, reset: Option<u64>, sent: u64, now: u64) {
        let most = limit.limit.or(limit.remaining.map(|left| left + 1)).unwrap_or(self.limit).max(1);
        let used = limit.remaining.map_or(self.used + 1, |left| most.saturating_sub(left));
        let Some(reset) = reset else {
            self.limit = most;
            self.used = self.used.max(used);
            return;
        };
        // The service counted the request after it was sent, and rounded up: the window that it tells of ends between
        // these two.
        let (earliest, latest) = ((sent + reset).saturating_sub(1_000), now + reset + MARGIN_MILLIS);
        let early = sent < self.began;
        let is_over = match self.told {
            Some(told) => latest < told,
            None => earliest <= self.began,
        };
        if early && is_over {
            return;
        }
        self.limit = most;
        self.length = self.length.max(reset);
        if sent >= self.lost_at {
            self.lost = 0; // Those were before this one, so it counts them.
        }
        match (self.told, self.ends) {
            (Some(told), Some(ends)) if earliest <= ends && told <= latest => {
                self.used = self.used.max(used);
                (self.told, self.ends) = (Some(told.max(earliest)), Some(ends.min(latest)));
            }
            (Some(_), _) => {
                // It tells of another window than the one we believe in: the next one, or the service has changed its mind.
                (self.used, self.began) = (used, now);
                (self.told, self.ends) = (Some(earliest), Some(latest));
            }
            (None, _) => {
                self.used = self.used.max(used);
                (self.told, self.ends) = (Some(earliest), Some(latest));
            }
        }
    }

    /// Begins the next window where this one is over.
    fn roll(&mut self, now: u64, used: u64) -> bool {
        let over = self.ends.is_some_and(|ends| ends <= now);
        if over {
            (self.used, self.lost) = (used, 0);
            self.began = now;
            self.ends = None;
            self.told = None;
        }
        over
    }
}

/// The requests that count against the same limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    windows: Vec<Window>,
    under_way: u32,
    /// Requests of other processes under way when they were last heard of.
    elsewhere: u64,
    blocked_until: u64,
    /// Requests that the service refused while it was refusing: it counts them towards the next window.
    knocks: u64,
    /// Requests of which no answer came back since it was told of a limit, and when the last of them was given up.
    lost: (u64, u64),
    /// 429s in a row that told no reset.
    penalties: u32,
    /// The service answered well and told no limit: it has none to tell.
    silent: bool,
}

impl Lane {
    /// Whether the service has told a limit.
    pub(crate) fn is_told(&self) -> bool {
        !self.windows.is_empty()
    }

    /// Whether nothing is known or under way that would be missed.
    pub(crate) fn is_idle(&self, now: u64) -> bool {
        self.under_way == 0
            && self.blocked_until <= now
            && self.windows.iter().all(|window| window.ends.is_none_or(|ends| ends <= now))
    }

    pub(crate) fn ask(&mut self, now: u64) -> Turn {
        if now < self.blocked_until {
            return Turn::In(self.blocked_until - now);
        }
        let under_way = u64::from(self.under_way);
        if self.windows.is_empty() && !self.silent && self.under_way >= SLOW_START {
            return Turn::AfterAnswer(WINDOW_MILLIS);
        }
        let knocks = self.knocks;
        let mut wait: Option<Turn> = None;
        for window in &mut self.windows {
            if window.roll(now, knocks) {
                self.knocks = 0;
                self.elsewhere /= 2;
            }
            let counted = window.used + window.lost;
            let left = window.ends.map_or(window.length, |ends| ends - now);
            if counted >= window.limit {
                wait = Some(longer(wait, Turn::In(left)));
            } else if counted + under_way + self.elsewhere.min(window.limit / 2) >= window.limit {
                // Some of those under way are counted already: their answers make room.
                wait = Some(longer(wait, Turn::AfterAnswer(left)));
            }
        }
        if let Some(wait) = wait {
            return wait;
        }
        Turn::Go(self.begin(now))
    }

    /// How many requests are under way here.
    pub(crate) fn under_way(&self) -> u64 {
        self.under_way.into()
    }

    /// So many are under way in all processes together. Should the others not be heard of for a while, room is left for
    /// what they send: less from window to window.
    pub(crate) fn hear(&mut self, everywhere: u64) {
        let elsewhere = everywhere.saturating_sub(self.under_way.into());
        self.elsewhere = elsewhere.max(self.elsewhere - self.elsewhere.div_ceil(64));
    }

    /// A request goes out, with this lane's leave or with that of another of which this one is the stand-in.
    pub(crate) fn begin(&mut self, now: u64) -> Grant {
        self.under_way += 1;
        for window in &mut self.windows {
            window.ends.get_or_insert(now + window.length + MARGIN_MILLIS);
        }
        Grant { at: now, id: 0 }
    }

    /// What is known of the windows that are not over, in JSON and with times from `now` on, for another lane that knows
    /// nothing yet.
    pub(crate) fn export(&self, now: u64) -> String {
        let running = |window: &&Window| window.ends.is_some_and(|ends| ends > now);
        let windows = self.windows.iter().filter(running).map(|window| {
            serde_json::json!({
                "name": window.name,
                "limit": window.limit,
                "used": window.used + window.lost,
                "ends": window.ends.map(|ends| ends - now),
                "length": window.length,
            })
        });
        let blocked = self.blocked_until.saturating_sub(now);
        serde_json::json!({"blocked": blocked, "windows": windows.collect::<Vec<_>>()}).to_string()
    }

    /// How long the lane is closed for certain, if it is.
    pub(crate) fn closed_for(&self, now: u64) -> Option<u64> {
        let used_up = |window: &&Window| window.used + window.lost >= window.limit;
        let windows = self.windows.iter().filter(used_up).filter_map(|window| window.ends);
        windows.chain([self.blocked_until]).max().filter(|until| *until > now).map(|until| until - now)
    }

    /// Takes back a grant that was not used.
    pub(crate) fn give_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Takes back a grant whose request was sent, with the answer.
    pub(crate) fn settle(&mut self, grant: Grant, answer: &Answer, now: u64) {
        self.give_back();
        self.learn(grant.at, answer, now);
    }

    /// Learns from the answer to a request that was sent at `sent`, with or without this lane's leave.
    pub(crate) fn learn(&mut self, sent: u64, answer: &Answer, now: u64) {
        let told = !answer.limits.is_empty();
        if answer.status == Some(429) {
            self.refused(answer, now);
        } else if told {
            self.penalties = 0;
        }
        for limit in &answer.limits {
            self.narrow(limit, sent, now);
        }
        if told && sent >= self.lost.1 {
            self.lost = (0, 0);
        }
        if !told {
            // Counted or not, nobody says: count it.
            self.lost = (self.lost.0 + 1, now);
            for window in &mut self.windows {
                (window.lost, window.lost_at) = (window.lost + 1, now);
            }
            self.silent |= answer.status.is_some_and(|status| (200..300).contains(&status));
        }
    }

    fn refused(&mut self, answer: &Answer, now: u64) {
        if now < self.blocked_until {
            self.knocks += 1;
        }
        let exhausted = answer.limits.iter().filter(|limit| limit.remaining.is_none_or(|left| left == 0));
        let reset = exhausted.filter_map(|limit| limit.reset).chain(answer.retry_after).max();
        let wait = match reset {
            Some(reset) => millis(reset) + MARGIN_MILLIS,
            None => {
                self.penalties += 1;
                (PENALTY_MILLIS << (self.penalties - 1).min(6)).min(WINDOW_MILLIS)
            }
        };
        self.blocked_until = self.blocked_until.max(now + wait);
    }

    fn narrow(&mut self, limit: &RateLimit, sent: u64, now: u64) {
        let reset = limit.reset.map(millis);
        let position = match self.windows.iter().position(|window| window.name.eq_ignore_ascii_case(&limit.name)) {
            Some(position) => position,
            None if self.windows.len() >= MOST_WINDOWS => return,
            None => {
                let length = reset.unwrap_or(WINDOW_MILLIS);
                self.windows.push(Window::new(&limit.name, sent, length, self.lost));
                self.windows.len() - 1
            }
        };
        if let Some(window) = self.windows.get_mut(position) {
            window.roll(now, 0);
            window.narrow(limit, reset, sent, now);
        }
    }
}

/// The longer of two waits, a certain one before an uncertain one.
fn longer(one: Option<Turn>, other: Turn) -> Turn {
    match (one, other) {
        (Some(Turn::In(one)), Turn::In(other)) => Turn::In(one.max(other)),
        (Some(Turn::AfterAnswer(one)), Turn::AfterAnswer(other)) => Turn::AfterAnswer(one.max(other)),
        (Some(Turn::In(one)), _) => Turn::In(one),
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests;
