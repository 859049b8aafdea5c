//! The stability window: how long lookups have succeeded without a change. Only this time counts towards the settling
//! time.

use std::time::Duration;

use tokio::time::Instant;

/// A slower lookup does not prove that the service was working all the time: it may have waited for a permit, or for a
/// stalled service.
const MAX_LATENCY: Duration = Duration::from_millis(1500);
/// A longer gap since the lookup before does not prove it either.
const MAX_GAP: Duration = Duration::from_secs(3);
/// The time that counts for such a lookup if none failed in between, so that callers who wait for permits finish too,
/// after more lookups.
const SLOW_LOOKUP_CREDIT: Duration = Duration::from_secs(1);
/// Delays between lookups; the last one repeats.
const LOOKUP_DELAYS: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_millis(150),
    Duration::from_millis(300),
    Duration::from_millis(550),
    Duration::from_millis(550),
    Duration::from_millis(550),
    Duration::from_millis(1000),
];

/// A sequence of lookups since the last change.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StabilityWindow {
    lookups: usize,
    ended: Option<Instant>,
    span: Option<AnsweredSpan>,
}

/// Lookups that succeeded without a break.
#[derive(Debug, Clone, Copy)]
struct AnsweredSpan {
    /// When the last of them began or, if it was slow, ended.
    last: Instant,
    /// Whether a lookup has failed since.
    failed: bool,
    lasted: Duration,
}

impl StabilityWindow {
    /// Restarts after a change: the next lookup is immediate.
    pub(crate) fn reset(&mut self) {
        self.lookups = 0;
        self.span = None;
    }

    /// Restarts, with a delay before the next lookup.
    pub(crate) fn reset_delayed(&mut self) {
        self.lookups = 2;
        self.span = None;
    }

    /// Records a lookup that was answered; `new` if it showed a change.
    pub(crate) fn record_success(&mut self, began: Instant, now: Instant, new: bool) {
        self.lookups += 1;
        self.ended = Some(now);
        let fast = now.duration_since(began) <= MAX_LATENCY;
        let more = self.span.filter(|_| !new).and_then(|span| {
            let gap = began.duration_since(span.last);
            match (fast && gap <= MAX_GAP, span.failed) {
                (true, _) => Some(span.lasted + gap),
                (false, false) => Some(span.lasted + gap.min(SLOW_LOOKUP_CREDIT)),
                (false, true) => None,
            }
        });
        // A slow lookup proves nothing about the time before its response.
        let last = if fast { began } else { now };
        self.span = Some(AnsweredSpan { last, failed: false, lasted: more.unwrap_or_default() });
    }

    /// Records a lookup that failed. The span continues if the next one follows soon enough.
    pub(crate) fn record_failure(&mut self, now: Instant) {
        self.lookups += 1;
        self.ended = Some(now);
        if let Some(span) = &mut self.span {
            span.failed = true;
        }
    }

    /// Whether there was no lookup since the last change.
    pub(crate) fn has_no_lookup(&self) -> bool {
        self.lookups == 0
    }

    /// Whether nothing has changed for so long.
    pub(crate) fn is_stable_for(&self, wait: Duration) -> bool {
        self.span.is_some_and(|span| span.lasted >= wait)
    }

    /// The time of the next lookup.
    pub(crate) fn next_lookup_at(&self, now: Instant) -> Instant {
        let wait = LOOKUP_DELAYS[self.lookups.min(LOOKUP_DELAYS.len() - 1)];
        self.ended.map_or(now, |ended| (ended + wait).max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(at: u64) -> Duration {
        Duration::from_millis(at)
    }

    /// Lookups at these times, with their durations; `None` if they failed.
    fn window(lookups: &[(u64, Option<u64>)]) -> StabilityWindow {
        let (epoch, mut window) = (Instant::now(), StabilityWindow::default());
        for (began, took) in lookups {
            match took {
                Some(took) => window.record_success(epoch + millis(*began), epoch + millis(began + took), false),
                None => window.record_failure(epoch + millis(began + 2000)),
            }
        }
        window
    }

    #[test]
    fn fast_lookups_add_the_time_between_them_to_the_stability_window() {
        let window = window(&[(0, Some(10)), (500, Some(10)), (1500, Some(900))]);
        assert!(window.is_stable_for(millis(1500)) && !window.is_stable_for(millis(1501)));
    }

    #[test]
    fn a_failed_lookup_before_a_long_gap_restarts_the_stability_window() {
        let window = window(&[(0, Some(10)), (2000, Some(10)), (2100, None), (6100, Some(10)), (6600, Some(10))]);
        assert!(window.is_stable_for(millis(500)) && !window.is_stable_for(millis(501)));
    }

    #[test]
    fn slow_lookups_add_one_second_each_to_the_stability_window() {
        let slow: Vec<(u64, Option<u64>)> = (0..11).map(|look| (look * 6000, Some(5000))).collect();
        assert!(window(&slow).is_stable_for(millis(10_000)) && !window(&slow[..10]).is_stable_for(millis(10_000)));
    }
}
