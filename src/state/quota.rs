//! Quota of the service as a pure state machine.
//!
//! A [`QuotaState`] covers the requests that count against the same limits: all of a credential's, or those of one operation
//! with limits of its own. It combines what the service reports with what the service cannot know yet: the requests in
//! flight. It holds no clock and no lock. Time is passed in as milliseconds of the caller's clock, so that the same rules run
//! in a process and in a script on a Redis server. The limiter decides which requests wait, and for how long.

mod snapshot;
mod window;

use std::time::Duration;

use crate::{error::RateLimit, sync::millis};
pub(crate) use snapshot::WindowSnapshot;
pub use snapshot::{QuotaSnapshot, QuotaSnapshots};
pub(crate) use window::MARGIN_MILLIS;
use window::QuotaWindow;

/// Largest number of requests in flight until the service has reported a limit.
pub(crate) const SLOW_START: u32 = 10;
/// Length of a window whose end was not reported: the service's limits are per minute.
pub(crate) const WINDOW_MILLIS: u64 = 60_000;
/// How long the first 429 without a reset blocks; each further one in a row doubles it.
const PENALTY_MILLIS: u64 = 1_000;
/// Largest number of windows: the service has one or two at a time, and further names are ignored.
const MAX_WINDOWS: usize = 32;
/// Upper bound of a reported limit. Sums of a few of them are exact in the numbers of a Redis script.
const MAX_LIMIT: u64 = 1 << 40;

/// Quota by rule: the documented one, or the one from the settings.
///
/// [`QuotaId`](super::QuotaId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaRule {
    /// Sustained requests a minute, at least 1.
    pub per_minute: u32,
    /// Requests at once after a pause, at least 1. If it is more than `per_minute`, also the most in any 60 s.
    pub burst: u32,
    /// If `true`, the rule holds beside the limits that the service reports; if `false`, only until it reports one.
    pub hard: bool,
    /// Upper bound of every wait, whatever the service or a proxy reports.
    pub max_wait: Duration,
}

impl QuotaRule {
    pub(crate) fn max_wait_millis(&self) -> u64 {
        millis(self.max_wait)
    }
}

/// The report of one response about the quota, or that there was no response.
///
/// [`QuotaId`](super::QuotaId) has an example.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuotaFeedback {
    /// The HTTP status; `None` if there was no response, or if the status does not concern these limits.
    pub status: Option<u16>,
    /// The limits in its headers.
    pub limits: Vec<RateLimit>,
    /// Its `Retry-After`.
    pub retry_after: Option<Duration>,
}

impl QuotaFeedback {
    /// Bounds every number and removes limits that report nothing. Returns the longest wait that was shortened, if the
    /// response blocks the quota for it.
    pub(crate) fn clamp(&mut self, max_wait: Duration) -> Option<Duration> {
        let is_rejection = self.status == Some(429);
        let mut longest = None;
        for limit in &mut self.limits {
            let blocks = limit.remaining == Some(0) || (is_rejection && limit.remaining.is_none());
            clamp_wait(&mut limit.reset, max_wait, blocks, &mut longest);
            for number in [&mut limit.limit, &mut limit.remaining].into_iter().flatten() {
                *number = (*number).min(MAX_LIMIT);
            }
        }
        clamp_wait(&mut self.retry_after, max_wait, is_rejection, &mut longest);
        self.limits.retain(|limit| has_numbers(limit) || (is_rejection && limit.reset.is_some()));
        longest
    }
}

fn clamp_wait(wait: &mut Option<Duration>, max_wait: Duration, blocks: bool, longest: &mut Option<Duration>) {
    if let Some(wait) = wait.as_mut().filter(|wait| **wait > max_wait) {
        if blocks {
            *longest = (*longest).max(Some(*wait));
        }
        *wait = max_wait;
    }
}

/// Whether a limit reports more than a time.
fn has_numbers(limit: &RateLimit) -> bool {
    limit.limit.is_some() || limit.remaining.is_some()
}

/// Whether a response with this limit may have been rejected because of it.
pub(crate) fn is_exhausted(limit: &RateLimit) -> bool {
    limit.remaining.is_none_or(|remaining| remaining == 0)
}

/// Permission to send one request; [`StateStore::record_quota`](super::StateStore::record_quota) takes it back.
///
/// [`QuotaId`](super::QuotaId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaGrant {
    /// Time of the grant, on the clock of the store that gave it.
    pub at: u64,
    /// Identifies the grant if several processes share the quota; 0 otherwise.
    pub id: u64,
}

/// Decision about one request.
///
/// [`QuotaId`](super::QuotaId) has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaDecision {
    /// The request may be sent now.
    Granted(QuotaGrant),
    /// The quota is exhausted for so many milliseconds.
    RetryAfter(u64),
    /// The quota depends on the requests in flight: ask again after the next response, or after so many milliseconds.
    RetryAfterResponse(u64),
}

/// State of one quota.
#[derive(Debug, Clone, Default)]
pub(crate) struct QuotaState {
    windows: Vec<QuotaWindow>,
    in_flight: u32,
    /// Requests in flight in other processes, as last reported.
    remote_in_flight: u64,
    blocked_until: u64,
    /// When the service last rejected a request in a way that blocked the quota.
    blocked_at: u64,
    /// Whether requests were rejected with 429 while already blocked. The service may count them against the next window.
    rejected_while_blocked: bool,
    /// Requests without a response since the service last reported a limit, and the time when the last of them ended.
    unanswered: (u64, u64),
    /// 429 responses in a row that reported no reset.
    penalties: u32,
    /// Whether a success reported no limit: the service has none to report.
    unlimited: bool,
}

impl QuotaState {
    /// Whether the service has reported a limit.
    pub(crate) fn has_limits(&self) -> bool {
        !self.windows.is_empty()
    }

    /// Whether the state can be discarded without losing a limit, a block or a request in flight.
    pub(crate) fn is_idle(&self, now: u64) -> bool {
        self.in_flight == 0
            && self.blocked_until <= now
            && self.windows.iter().all(|window| window.ends_at.is_none_or(|end| end <= now))
    }

    /// Asks for a grant. `max_wait` bounds every wait, in milliseconds.
    ///
    /// Every state that blocks has an end. A block and a reported window are bounded by `max_wait`. A window whose end was not
    /// reported ends after its usual length. Requests in flight end by themselves.
    pub(crate) fn try_acquire(&mut self, now: u64, max_wait: u64) -> QuotaDecision {
        let latest = now.saturating_add(max_wait).saturating_add(MARGIN_MILLIS);
        self.blocked_until = self.blocked_until.min(latest);
        for window in &mut self.windows {
            window.ends_at = window.ends_at.map(|end| end.min(latest));
            window.length = window.length.min(max_wait);
        }
        if now < self.blocked_until {
            return QuotaDecision::RetryAfter(self.blocked_until - now);
        }
        let in_flight = u64::from(self.in_flight);
        let is_slow_start = self.windows.is_empty() && !self.unlimited && self.in_flight >= SLOW_START;
        // After a rejection without a reset one request at a time finds out whether the block is over.
        if is_slow_start || (self.penalties > 0 && in_flight > 0) {
            return QuotaDecision::RetryAfterResponse(WINDOW_MILLIS);
        }
        let mut wait: Option<QuotaDecision> = None;
        let mut advanced = false;
        for window in &mut self.windows {
            advanced |= window.advance(now, self.rejected_while_blocked);
            let counted = window.counted();
            let expected =
                counted.saturating_add(in_flight).saturating_add(self.remote_in_flight.min(window.limit / 2));
            if counted >= window.limit {
                wait = Some(longer_wait(wait, QuotaDecision::RetryAfter(window.ensure_end(now) - now)));
            } else if expected >= window.limit || (window.uncertain && in_flight > 0) {
                // Some of the requests in flight are counted already. Their responses show which.
                wait = Some(longer_wait(wait, QuotaDecision::RetryAfterResponse(window.ensure_end(now) - now)));
            }
        }
        if advanced {
            self.rejected_while_blocked = false;
            self.remote_in_flight /= 2;
        }
        if let Some(wait) = wait {
            return wait;
        }
        QuotaDecision::Granted(self.start(now))
    }

    /// Requests of this process in flight.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.into()
    }

    /// Sets the number of requests in flight in all processes. If no newer number arrives, the share of other processes is
    /// reduced from window to window.
    pub(crate) fn set_total_in_flight(&mut self, total: u64) {
        let remote = total.saturating_sub(self.in_flight.into());
        self.remote_in_flight = remote.max(self.remote_in_flight - self.remote_in_flight.div_ceil(64));
    }

    /// Counts a request as in flight, granted by this quota or by the shared one that it replaces.
    pub(crate) fn start(&mut self, now: u64) -> QuotaGrant {
        self.in_flight = self.in_flight.saturating_add(1);
        for window in &mut self.windows {
            window.ensure_end(now);
        }
        QuotaGrant { at: now, id: 0 }
    }

    /// As [`start`](Self::start), for a request that the shared quota granted. The shared quota has newer information: if this
    /// one is blocked or exhausted, it no longer is.
    pub(crate) fn start_external(&mut self, now: u64) -> QuotaGrant {
        self.blocked_until = self.blocked_until.min(now);
        for window in self.windows.iter_mut().filter(|window| window.counted() >= window.limit) {
            window.ends_at = Some(now);
            window.advance(now, true);
        }
        self.start(now)
    }

    /// Discards everything that the service has reported. Requests in flight stay counted.
    pub(crate) fn reset(&mut self) {
        *self = Self { in_flight: self.in_flight, ..Self::default() };
    }

    /// Exports the windows that are running, as JSON with times from `now` on, for a quota without state.
    pub(crate) fn export(&self, now: u64) -> String {
        let is_running = |window: &&QuotaWindow| window.ends_at.is_some_and(|end| end > now);
        let windows = self.windows.iter().filter(is_running).map(|window| {
            serde_json::json!({
                "name": window.name,
                "limit": window.limit,
                "used": window.counted(),
                "ends": window.ends_at.map(|end| end.saturating_sub(now)),
                "length": window.length,
            })
        });
        let blocked = self.blocked_until.saturating_sub(now);
        serde_json::json!({"blocked": blocked, "windows": windows.collect::<Vec<_>>()}).to_string()
    }

    /// Milliseconds for which the quota is certainly exhausted or blocked, if it is.
    pub(crate) fn exhausted_for(&self, now: u64) -> Option<u64> {
        let is_full = |window: &&QuotaWindow| window.counted() >= window.limit;
        let ends = self.windows.iter().filter(is_full).filter_map(|window| window.ends_at);
        ends.chain([self.blocked_until]).max().filter(|until| *until > now).map(|until| until - now)
    }

    pub(crate) fn snapshot(&self, now: u64) -> QuotaSnapshot {
        let windows = self.windows.iter().map(|window| WindowSnapshot {
            name: window.name.to_string(),
            limit: window.limit,
            counted: window.counted(),
            remaining_millis: window.ends_at.map_or(0, |end| end.saturating_sub(now)),
        });
        QuotaSnapshot::new(self.blocked_until.saturating_sub(now), self.in_flight(), windows)
    }

    /// Takes back a grant whose request was not sent.
    pub(crate) fn cancel(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Takes back a grant whose request was sent, and records the feedback.
    pub(crate) fn complete(&mut self, grant: QuotaGrant, feedback: &QuotaFeedback, now: u64) {
        self.cancel();
        self.record(grant.at, feedback, now);
    }

    /// Records the feedback of a request that was sent at `sent`, with or without a grant of this quota.
    pub(crate) fn record(&mut self, sent: u64, feedback: &QuotaFeedback, now: u64) {
        let reports_limit = feedback.limits.iter().any(has_numbers);
        let is_success = feedback.status.is_some_and(|status| (200..300).contains(&status));
        match feedback.status {
            Some(429) => self.record_rejection(sent, feedback, now),
            Some(_) if sent >= self.blocked_at => self.penalties = 0,
            _ => {}
        }
        for limit in feedback.limits.iter().filter(|limit| has_numbers(limit)) {
            self.update_window(limit, sent, now);
        }
        if reports_limit {
            if sent >= self.unanswered.1 {
                self.unanswered = (0, 0);
            }
        } else {
            self.unlimited |= is_success;
            self.record_unanswered(now);
        }
        if is_success {
            // If a success after the end of a window does not report its limit, the limit exists no more.
            let is_reported =
                |window: &QuotaWindow| feedback.limits.iter().any(|limit| has_numbers(limit) && window.is_of(limit));
            self.windows.retain(|window| !window.uncertain || sent < window.started_at || is_reported(window));
        }
    }

    /// Counts a request that the service may have counted or not.
    fn record_unanswered(&mut self, now: u64) {
        if self.unlimited && self.windows.is_empty() {
            return;
        }
        // Threads may record in another order than that in which their requests ended.
        self.unanswered = (self.unanswered.0.saturating_add(1), self.unanswered.1.max(now));
        for window in &mut self.windows {
            window.record_unanswered(now);
        }
    }

    fn record_rejection(&mut self, sent: u64, feedback: &QuotaFeedback, now: u64) {
        self.rejected_while_blocked |= now < self.blocked_until;
        let exhausted = feedback.limits.iter().filter(|limit| is_exhausted(limit));
        let reset = exhausted.filter_map(|limit| limit.reset).chain(feedback.retry_after).max();
        let wait = match reset {
            Some(reset) => millis(reset).saturating_add(MARGIN_MILLIS),
            // The request was in flight already when the quota was blocked.
            None if sent < self.blocked_at => return,
            None => {
                self.penalties = self.penalties.saturating_add(1);
                (PENALTY_MILLIS << (self.penalties - 1).min(6)).min(WINDOW_MILLIS)
            }
        };
        self.blocked_at = self.blocked_at.max(now);
        self.blocked_until = self.blocked_until.max(now.saturating_add(wait));
    }

    fn update_window(&mut self, limit: &RateLimit, sent: u64, now: u64) {
        let reset = limit.reset.map(millis);
        let position = match self.windows.iter().position(|window| window.is_of(limit)) {
            Some(position) => position,
            None if self.windows.len() >= MAX_WINDOWS => return,
            None => {
                let length = reset.unwrap_or(WINDOW_MILLIS);
                self.windows.push(QuotaWindow::new(&limit.name, sent, length, self.unanswered));
                self.windows.len() - 1
            }
        };
        if let Some(window) = self.windows.get_mut(position) {
            if window.advance(now, self.rejected_while_blocked) {
                self.rejected_while_blocked = false;
            }
            window.update(limit, reset, sent, now);
        }
    }
}

/// Returns the longer of two waits. A certain wait takes precedence over an uncertain one.
fn longer_wait(one: Option<QuotaDecision>, other: QuotaDecision) -> QuotaDecision {
    use QuotaDecision::{RetryAfter, RetryAfterResponse};
    match (one, other) {
        (Some(RetryAfter(one)), RetryAfter(other)) => RetryAfter(one.max(other)),
        (Some(RetryAfterResponse(one)), RetryAfterResponse(other)) => RetryAfterResponse(one.max(other)),
        (Some(RetryAfter(one)), _) => RetryAfter(one),
        (_, other) => other,
    }
}

#[cfg(test)]
pub(crate) mod simulation;
#[cfg(test)]
mod tests;
