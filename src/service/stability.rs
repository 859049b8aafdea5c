//! How long the service has been answering without anything new: the only time that counts towards "it never came".

use std::time::Duration;

use tokio::time::Instant;

/// A look that took longer does not prove that the service was at work all the while: it may have waited for a permit, or
/// for a service that stood still.
const MAX_LATENCY: Duration = Duration::from_millis(1500);
/// Nor does one that came so long after the one before that was answered.
const MAX_GAP: Duration = Duration::from_secs(3);
/// What such a look counts for, where nothing says that the service did not answer meanwhile. Callers who wait for permits
/// come to an end too, after more looks.
const SLOW_LOOKUP_CREDIT: Duration = Duration::from_secs(1);
/// The waits between looks; the last one over and over.
const LOOKUP_DELAYS: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_millis(150),
    Duration::from_millis(300),
    Duration::from_millis(550),
    Duration::from_millis(550),
    Duration::from_millis(550),
    Duration::from_millis(1000),
];

/// A row of looks, since the last thing that happened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StabilityWindow {
    looks: usize,
    ended: Option<Instant>,
    span: Option<AnsweredSpan>,
}

/// Looks that were answered, without a break.
#[derive(Debug, Clone, Copy)]
struct AnsweredSpan {
    /// When the last of them began, or where that says nothing, ended.
    last: Instant,
    /// Whether one has failed since.
    failed: bool,
    lasted: Duration,
}

impl StabilityWindow {
    /// Something happened that may show itself: the looks begin anew, at once.
    pub(crate) fn reset(&mut self) {
        self.looks = 0;
        self.span = None;
    }

    /// Looking began anew, but not at once.
    pub(crate) fn reset_delayed(&mut self) {
        self.looks = 2;
        self.span = None;
    }

    /// A look was answered; `new` where it showed something that the one before did not.
    pub(crate) fn record_success(&mut self, began: Instant, now: Instant, new: bool) {
        self.looks += 1;
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
        // One that took so long says nothing of the time before its answer.
        let last = if fast { began } else { now };
        self.span = Some(AnsweredSpan { last, failed: false, lasted: more.unwrap_or_default() });
    }

    /// A look was not answered. The span goes on if the next one comes soon enough.
    pub(crate) fn record_failure(&mut self, now: Instant) {
        self.looks += 1;
        self.ended = Some(now);
        if let Some(span) = &mut self.span {
            span.failed = true;
        }
    }

    /// Whether nothing was looked at since the last thing that happened.
    pub(crate) fn has_no_lookup(&self) -> bool {
        self.looks == 0
    }

    /// Whether it has lasted so long.
    pub(crate) fn is_stable_for(&self, wait: Duration) -> bool {
        self.span.is_some_and(|span| span.lasted >= wait)
    }

    /// When to look next.
    pub(crate) fn next_lookup_at(&self, now: Instant) -> Instant {
        let wait = LOOKUP_DELAYS[self.looks.min(LOOKUP_DELAYS.len() - 1)];
        self.ended.map_or(now, |ended| (ended + wait).max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(at: u64) -> Duration {
        Duration::from_millis(at)
    }

    /// Looks at these times, each taking so long; `None` where it failed.
    fn quiet(looks: &[(u64, Option<u64>)]) -> StabilityWindow {
        let (epoch, mut quiet) = (Instant::now(), StabilityWindow::default());
        for (began, took) in looks {
            match took {
                Some(took) => quiet.record_success(epoch + millis(*began), epoch + millis(began + took), false),
                None => quiet.record_failure(epoch + millis(began + 2000)),
            }
        }
        quiet
    }

    #[test]
    fn swift_looks_count_for_the_time_between_them() {
        let quiet = quiet(&[(0, Some(10)), (500, Some(10)), (1500, Some(900))]);
        assert!(quiet.is_stable_for(millis(1500)) && !quiet.is_stable_for(millis(1501)));
    }

    #[test]
    fn a_service_that_stood_still_begins_anew() {
        let quiet = quiet(&[(0, Some(10)), (2000, Some(10)), (2100, None), (6100, Some(10)), (6600, Some(10))]);
        assert!(quiet.is_stable_for(millis(500)) && !quiet.is_stable_for(millis(501)));
    }

    #[test]
    fn looks_that_wait_for_permits_count_for_little_and_come_to_an_end() {
        let slow: Vec<(u64, Option<u64>)> = (0..11).map(|look| (look * 6000, Some(5000))).collect();
        assert!(quiet(&slow).is_stable_for(millis(10_000)) && !quiet(&slow[..10]).is_stable_for(millis(10_000)));
    }
}
