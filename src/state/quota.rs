//! How much of the service's quota is left, as a bare state machine.
//!
//! A [`Lane`] is what requests queue for that count against the same limits: all of a credential's, or those to one
//! operation with a limit of its own. It believes the service's word and adds to it what the service cannot know yet:
//! the requests that are under way. It holds no clock and no lock; time comes in as milliseconds of the caller's clock,
//! so that the same rules can be held in a process or in a script on a Redis server. Who waits, and for how long, is
//! the limiter's business.

mod view;
mod window;

use std::time::Duration;

use crate::{error::RateLimit, sync::millis};
pub(crate) use view::{LaneView, LaneViews, WindowView};
pub(crate) use window::MARGIN_MILLIS;
use window::Window;

/// Until the service has told a limit, so many requests may be under way at once.
pub(crate) const SLOW_START: u32 = 10;
/// The length of a window of which nobody told the end: the service's limits are per minute.
pub(crate) const WINDOW_MILLIS: u64 = 60_000;
/// How long the first 429 that tells no reset closes the gate; each further one in a row doubles it.
const PENALTY_MILLIS: u64 = 1_000;
/// Names beyond this many are not kept: the service has one or two at a time.
const MOST_WINDOWS: usize = 32;
/// No quota is believed to be larger: sums of a few of these fit into every number that a script knows.
const LARGEST_QUOTA: u64 = 1 << 40;

/// The documented quota, or the one that the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaRule {
    /// Requests a minute that are sustained, at least 1.
    pub per_minute: u32,
    /// Requests at once after a pause, at least 1. If it is more than `per_minute`, also the most in any 60 s.
    pub burst: u32,
    /// Whether it stands beside what the service tells, or only until the service tells.
    pub firm: bool,
    /// No wait is longer, whatever the service or a proxy tells.
    pub max_wait: Duration,
}

impl QuotaRule {
    pub(crate) fn max_wait_millis(&self) -> u64 {
        millis(self.max_wait)
    }
}

/// What one answer told about the quota, or that there was none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The HTTP status; `None` where there was no answer, or where it says nothing of these limits.
    pub status: Option<u16>,
    /// The limits in its headers.
    pub limits: Vec<RateLimit>,
    /// Its `Retry-After`.
    pub retry_after: Option<Duration>,
}

impl Answer {
    /// Bounds every number, and drops limits that tell nothing. Gives the longest wait that was cut, where the answer
    /// closes a lane for it.
    pub(crate) fn bound(&mut self, longest: Duration) -> Option<Duration> {
        let is_refusal = self.status == Some(429);
        let mut cut = None;
        for limit in &mut self.limits {
            let closes = limit.remaining == Some(0) || (is_refusal && limit.remaining.is_none());
            cut_down(&mut limit.reset, longest, closes, &mut cut);
            for number in [&mut limit.limit, &mut limit.remaining].into_iter().flatten() {
                *number = (*number).min(LARGEST_QUOTA);
            }
        }
        cut_down(&mut self.retry_after, longest, is_refusal, &mut cut);
        self.limits.retain(|limit| tells_quota(limit) || (is_refusal && limit.reset.is_some()));
        cut
    }
}

fn cut_down(wait: &mut Option<Duration>, longest: Duration, closes: bool, cut: &mut Option<Duration>) {
    if let Some(wait) = wait.as_mut().filter(|wait| **wait > longest) {
        if closes {
            *cut = (*cut).max(Some(*wait));
        }
        *wait = longest;
    }
}

/// Whether a limit tells more than a time.
fn tells_quota(limit: &RateLimit) -> bool {
    limit.limit.is_some() || limit.remaining.is_some()
}

/// Whether an answer with this limit may have been refused because of it.
pub(crate) fn is_used_up(limit: &RateLimit) -> bool {
    limit.remaining.is_none_or(|left| left == 0)
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

/// The requests that count against the same limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    windows: Vec<Window>,
    under_way: u32,
    /// Requests of other processes under way when they were last heard of.
    elsewhere: u64,
    blocked_until: u64,
    /// When the service last refused a request in such a way that the gate was closed.
    blocked_at: u64,
    /// Whether the service refused requests while it was refusing: it may count them towards the next window.
    knocked: bool,
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

    /// Asks for room; `longest` is the longest wait that is believed, in milliseconds.
    ///
    /// Whatever closes the lane has an end: a block and a window that is told are bounded by `longest`, a window of which
    /// nobody told the end is over after its usual length, and requests under way come back.
    pub(crate) fn ask(&mut self, now: u64, longest: u64) -> Turn {
        let latest = now.saturating_add(longest).saturating_add(MARGIN_MILLIS);
        self.blocked_until = self.blocked_until.min(latest);
        for window in &mut self.windows {
            window.ends = window.ends.map(|ends| ends.min(latest));
            window.length = window.length.min(longest);
        }
        if now < self.blocked_until {
            return Turn::In(self.blocked_until - now);
        }
        let under_way = u64::from(self.under_way);
        let starts = self.windows.is_empty() && !self.silent && self.under_way >= SLOW_START;
        // After a refusal that told nothing one request finds out whether it is over.
        if starts || (self.penalties > 0 && under_way > 0) {
            return Turn::AfterAnswer(WINDOW_MILLIS);
        }
        let mut wait: Option<Turn> = None;
        let mut rolled = false;
        for window in &mut self.windows {
            rolled |= window.roll(now, self.knocked);
            let counted = window.counted();
            let expected = counted.saturating_add(under_way).saturating_add(self.elsewhere.min(window.limit / 2));
            if counted >= window.limit {
                wait = Some(longer(wait, Turn::In(window.end(now) - now)));
            } else if expected >= window.limit || (window.unsure && under_way > 0) {
                // Some of those under way are counted already: their answers make room.
                wait = Some(longer(wait, Turn::AfterAnswer(window.end(now) - now)));
            }
        }
        if rolled {
            self.knocked = false;
            self.elsewhere /= 2;
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
        self.under_way = self.under_way.saturating_add(1);
        for window in &mut self.windows {
            window.end(now);
        }
        Grant { at: now, id: 0 }
    }

    /// As [`begin`](Self::begin), with the leave of another lane that knows better: where this one believes itself closed,
    /// it is not.
    pub(crate) fn begin_with_leave(&mut self, now: u64) -> Grant {
        self.blocked_until = self.blocked_until.min(now);
        for window in self.windows.iter_mut().filter(|window| window.counted() >= window.limit) {
            window.ends = Some(now);
            window.roll(now, true);
        }
        self.begin(now)
    }

    /// Forgets everything that was told. What is under way stays so.
    pub(crate) fn reset(&mut self) {
        *self = Self { under_way: self.under_way, ..Self::default() };
    }

    /// What is known of the windows that are not over, in JSON and with times from `now` on, for another lane that knows
    /// nothing yet.
    pub(crate) fn export(&self, now: u64) -> String {
        let running = |window: &&Window| window.ends.is_some_and(|ends| ends > now);
        let windows = self.windows.iter().filter(running).map(|window| {
            serde_json::json!({
                "name": window.name,
                "limit": window.limit,
                "used": window.counted(),
                "ends": window.ends.map(|ends| ends.saturating_sub(now)),
                "length": window.length,
            })
        });
        let blocked = self.blocked_until.saturating_sub(now);
        serde_json::json!({"blocked": blocked, "windows": windows.collect::<Vec<_>>()}).to_string()
    }

    /// How long the lane is closed for certain, if it is.
    pub(crate) fn closed_for(&self, now: u64) -> Option<u64> {
        let used_up = |window: &&Window| window.counted() >= window.limit;
        let windows = self.windows.iter().filter(used_up).filter_map(|window| window.ends);
        windows.chain([self.blocked_until]).max().filter(|until| *until > now).map(|until| until - now)
    }

    /// What is known of the lane.
    pub(crate) fn view(&self, now: u64) -> LaneView {
        let windows = self.windows.iter().map(|window| WindowView {
            name: window.name.to_string(),
            limit: window.limit,
            counted: window.counted(),
            left: window.ends.map_or(0, |ends| ends.saturating_sub(now)),
        });
        LaneView::new(self.blocked_until.saturating_sub(now), self.under_way(), windows)
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
        let told = answer.limits.iter().any(tells_quota);
        let is_success = answer.status.is_some_and(|status| (200..300).contains(&status));
        match answer.status {
            Some(429) => self.refused(sent, answer, now),
            Some(_) if sent >= self.blocked_at => self.penalties = 0,
            _ => {}
        }
        for limit in answer.limits.iter().filter(|limit| tells_quota(limit)) {
            self.narrow(limit, sent, now);
        }
        if told {
            if sent >= self.lost.1 {
                self.lost = (0, 0);
            }
        } else {
            self.silent |= is_success;
            self.lose(now);
        }
        if is_success {
            // A limit that nobody tells any more, once its window is over, is none.
            let is_named = |window: &Window| {
                answer.limits.iter().any(|limit| tells_quota(limit) && window.name.eq_ignore_ascii_case(&limit.name))
            };
            self.windows.retain(|window| !window.unsure || sent < window.began || is_named(window));
        }
    }

    /// A request may have been counted or not, nobody says: count it.
    fn lose(&mut self, now: u64) {
        if self.silent && self.windows.is_empty() {
            return;
        }
        self.lost = (self.lost.0.saturating_add(1), now);
        for window in &mut self.windows {
            window.lose(now);
        }
    }

    fn refused(&mut self, sent: u64, answer: &Answer, now: u64) {
        self.knocked |= now < self.blocked_until;
        let used_up = answer.limits.iter().filter(|limit| is_used_up(limit));
        let reset = used_up.filter_map(|limit| limit.reset).chain(answer.retry_after).max();
        let wait = match reset {
            Some(reset) => millis(reset).saturating_add(MARGIN_MILLIS),
            // It was on its way already when the gate was closed.
            None if sent < self.blocked_at => return,
            None => {
                self.penalties = self.penalties.saturating_add(1);
                (PENALTY_MILLIS << (self.penalties - 1).min(6)).min(WINDOW_MILLIS)
            }
        };
        self.blocked_at = now;
        self.blocked_until = self.blocked_until.max(now.saturating_add(wait));
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
            if window.roll(now, self.knocked) {
                self.knocked = false;
            }
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
pub(crate) mod simulation;
#[cfg(test)]
mod tests;
