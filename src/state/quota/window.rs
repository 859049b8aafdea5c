//! A window of the service's rate limit.

use crate::error::RateLimit;

/// Added to every reset, so that the next request arrives just after it and not at the very millisecond.
pub(crate) const MARGIN_MILLIS: u64 = 10;

/// One of the service's windows, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct QuotaWindow {
    pub(super) name: Box<str>,
    pub(super) limit: u64,
    /// Requests that the service has certainly counted.
    pub(super) used: u64,
    /// Requests without a response, which the service may have counted besides.
    pub(super) unanswered: u64,
    /// When the last of them ended.
    pub(super) unanswered_at: u64,
    pub(super) started_at: u64,
    /// Latest end of the window; `None` until a request starts it.
    pub(super) ends_at: Option<u64>,
    /// Earliest end of the window; `None` until the service has reported one.
    pub(super) reported_end: Option<u64>,
    /// Length of a window: the longest reset that was reported.
    pub(super) length: u64,
    /// Whether the remaining quota is uncertain: the end of the last window was not reported, or the service may have counted
    /// requests that it rejected. Requests are then sent one at a time.
    pub(super) uncertain: bool,
}

impl QuotaWindow {
    pub(super) fn new(name: &str, started_at: u64, length: u64, (unanswered, unanswered_at): (u64, u64)) -> Self {
        Self {
            name: name.into(),
            limit: 0,
            used: 0,
            unanswered,
            unanswered_at,
            started_at,
            ends_at: None,
            reported_end: None,
            length,
            uncertain: false,
        }
    }

    /// Whether this is the window of a limit, by its name.
    pub(super) fn is_of(&self, limit: &RateLimit) -> bool {
        // Header names are lower case already.
        *self.name == *limit.name || self.name.eq_ignore_ascii_case(&limit.name)
    }

    pub(super) fn counted(&self) -> u64 {
        self.used.saturating_add(self.unanswered)
    }

    /// Returns the latest end of the window. If it has none, sets one of the usual length, so that a window that blocks ends.
    pub(super) fn ensure_end(&mut self, now: u64) -> u64 {
        *self.ends_at.get_or_insert(now.saturating_add(self.length).saturating_add(MARGIN_MILLIS))
    }

    /// Counts a request without a response. If the end of the window was not reported, the request may have started it as late
    /// as now.
    pub(super) fn record_unanswered(&mut self, now: u64) {
        (self.unanswered, self.unanswered_at) = (self.unanswered.saturating_add(1), self.unanswered_at.max(now));
        if self.reported_end.is_none() {
            self.ends_at = self.ends_at.max(Some(now.saturating_add(self.length).saturating_add(MARGIN_MILLIS)));
        }
    }

    /// Updates the window with a reported limit.
    pub(super) fn update(&mut self, limit: &RateLimit, reset: Option<u64>, sent: u64, now: u64) {
        let max = limit.limit.or(limit.remaining.map(|left| left.saturating_add(1))).unwrap_or(self.limit).max(1);
        let used = limit.remaining.map_or(self.used.saturating_add(1), |left| max.saturating_sub(left));
        let is_early = sent < self.started_at;
        let Some(reset) = reset else {
            self.limit = max;
            self.used = self.used.max(used);
            self.ensure_end(now);
            self.confirm_counts(limit, sent);
            return;
        };
        // The service counted the request after it was sent, and rounded up. The window that it reports ends between these
        // two times.
        let earliest = sent.saturating_add(reset).saturating_sub(1_000);
        let latest = now.saturating_add(reset).saturating_add(MARGIN_MILLIS);
        let is_over = match self.reported_end {
            Some(end) => latest < end,
            None => earliest <= self.started_at,
        };
        if is_early && is_over {
            return;
        }
        self.limit = max;
        self.length = self.length.max(reset);
        self.confirm_counts(limit, sent);
        match (self.reported_end, self.ends_at) {
            (Some(reported), Some(end)) if earliest <= end && reported <= latest => {
                self.used = self.used.max(used);
                (self.reported_end, self.ends_at) = (Some(reported.max(earliest)), Some(end.min(latest)));
            }
            (Some(_), _) => {
                // The report concerns another window: the next one, or the service has changed its limits.
                (self.used, self.started_at) = (used, now);
                (self.reported_end, self.ends_at) = (Some(earliest), Some(latest));
            }
            (None, _) => {
                self.used = self.used.max(used);
                (self.reported_end, self.ends_at) = (Some(earliest), Some(latest));
            }
        }
    }

    /// Clears what was uncertain: a report of the remaining quota includes every request that was sent before.
    fn confirm_counts(&mut self, limit: &RateLimit, sent: u64) {
        if limit.remaining.is_none() {
            return;
        }
        if sent >= self.unanswered_at {
            self.unanswered = 0;
        }
        if sent >= self.started_at {
            self.uncertain = false;
        }
    }

    /// Starts the next window if this one has ended. Returns whether it has.
    pub(super) fn advance(&mut self, now: u64, rejected_while_blocked: bool) -> bool {
        let has_ended = self.ends_at.is_some_and(|end| end <= now);
        if has_ended {
            self.uncertain = rejected_while_blocked || self.reported_end.is_none();
            (self.used, self.unanswered) = (0, 0);
            self.started_at = now;
            self.ends_at = None;
            self.reported_end = None;
        }
        has_ended
    }
}
