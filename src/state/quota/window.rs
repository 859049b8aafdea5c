//! One of the service's windows.

use crate::error::RateLimit;

/// Added to every reset: a server that counts to the very millisecond is asked just after it, not at it.
pub(crate) const MARGIN_MILLIS: u64 = 10;

/// One of the service's windows, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) name: Box<str>,
    pub(super) limit: u64,
    /// How many the service has counted, at least.
    pub(super) used: u64,
    /// How many it may have counted besides, of which no answer came back.
    pub(super) lost: u64,
    /// When the last of them was given up.
    pub(super) lost_at: u64,
    pub(super) began: u64,
    /// When it is over at the latest; `None` until a request opens the next one.
    pub(super) ends: Option<u64>,
    /// When it is over at the earliest, once the service has told.
    pub(super) told: Option<u64>,
    /// The longest reset it has told: how long a window is.
    pub(super) length: u64,
    /// Nobody told when the last window was over, or the service may have counted requests that it refused: what is left
    /// is found out by one request at a time.
    pub(super) unsure: bool,
}

impl Window {
    pub(super) fn new(name: &str, began: u64, length: u64, (lost, lost_at): (u64, u64)) -> Self {
        Self {
            name: name.into(),
            limit: 0,
            used: 0,
            lost,
            lost_at,
            began,
            ends: None,
            told: None,
            length,
            unsure: false,
        }
    }

    pub(super) fn counted(&self) -> u64 {
        self.used.saturating_add(self.lost)
    }

    /// When it is over at the latest. A window that closes a lane has an end, if need be one of the usual length.
    pub(super) fn end(&mut self, now: u64) -> u64 {
        *self.ends.get_or_insert(now.saturating_add(self.length).saturating_add(MARGIN_MILLIS))
    }

    /// A request may have been counted, and as late as now: one that nobody told of may have opened the window.
    pub(super) fn lose(&mut self, now: u64) {
        (self.lost, self.lost_at) = (self.lost.saturating_add(1), now);
        if self.told.is_none() {
            self.ends = self.ends.max(Some(now.saturating_add(self.length).saturating_add(MARGIN_MILLIS)));
        }
    }

    pub(super) fn narrow(&mut self, limit: &RateLimit, reset: Option<u64>, sent: u64, now: u64) {
        let most = limit.limit.or(limit.remaining.map(|left| left.saturating_add(1))).unwrap_or(self.limit).max(1);
        let used = limit.remaining.map_or(self.used.saturating_add(1), |left| most.saturating_sub(left));
        let early = sent < self.began;
        let Some(reset) = reset else {
            self.limit = most;
            self.used = self.used.max(used);
            self.end(now);
            self.believe(limit, sent);
            return;
        };
        // The service counted the request after it was sent, and rounded up: the window that it tells of ends between
        // these two.
        let earliest = sent.saturating_add(reset).saturating_sub(1_000);
        let latest = now.saturating_add(reset).saturating_add(MARGIN_MILLIS);
        let is_over = match self.told {
            Some(told) => latest < told,
            None => earliest <= self.began,
        };
        if early && is_over {
            return;
        }
        self.limit = most;
        self.length = self.length.max(reset);
        self.believe(limit, sent);
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

    /// Whoever says what is left has counted everything that was sent before.
    fn believe(&mut self, limit: &RateLimit, sent: u64) {
        if limit.remaining.is_none() {
            return;
        }
        if sent >= self.lost_at {
            self.lost = 0;
        }
        if sent >= self.began {
            self.unsure = false;
        }
    }

    /// Begins the next window where this one is over.
    pub(super) fn roll(&mut self, now: u64, knocked: bool) -> bool {
        let over = self.ends.is_some_and(|ends| ends <= now);
        if over {
            self.unsure = knocked || self.told.is_none();
            (self.used, self.lost) = (0, 0);
            self.began = now;
            self.ends = None;
            self.told = None;
        }
        over
    }
}
