//! How long the service has been answering without anything new: the only time that counts towards "it never came".

use std::time::Duration;

use tokio::time::Instant;

/// A look that took longer does not prove that the service was at work all the while: it may have waited for a permit, or
/// for a service that stood still.
const SWIFT: Duration = Duration::from_millis(1500);
/// Nor does one that came so long after the one before that was answered.
const GAP: Duration = Duration::from_secs(3);
/// What such a look counts for, where nothing says that the service did not answer meanwhile. Callers who wait for permits
/// come to an end too, after more looks.
const DOUBTFUL: Duration = Duration::from_secs(1);
/// The waits between looks; the last one over and over.
const WAITS: [Duration; 7] = [
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
pub(crate) struct Quiet {
    looks: usize,
    ended: Option<Instant>,
    span: Option<Span>,
}

/// Looks that were answered, without a break.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// When the last of them began, or where that says nothing, ended.
    last: Instant,
    /// Whether one has failed since.
    failed: bool,
    lasted: Duration,
}

impl Quiet {
    /// Something happened that may show itself: the looks begin anew, at once.
    pub(crate) fn broken(&mut self) {
        self.looks = 0;
        self.span = None;
    }

    /// Looking began anew, but not at once.
    pub(crate) fn delayed(&mut self) {
        self.looks = 2;
        self.span = None;
    }

    /// A look was answered; `new` where it showed something that the one before did not.
    pub(crate) fn answered(&mut self, began: Instant, now: Instant, new: bool) {
        self.looks += 1;
        self.ended = Some(now);
        let swift = now.duration_since(began) <= SWIFT;
        let more = self.span.filter(|_| !new).and_then(|span| {
            let gap = began.duration_since(span.last);
            match (swift && gap <= GAP, span.failed) {
                (true, _) => Some(span.lasted + gap),
                (false, false) => Some(span.lasted + gap.min(DOUBTFUL)),
                (false, true) => None,
            }
        });
        // One that took so long says nothing of the time before its answer.
        let last = if swift { began } else { now };
        self.span = Some(Span { last, failed: false, lasted: more.unwrap_or_default() });
    }

    /// A look was not answered. The span goes on if the next one comes soon enough.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.looks += 1;
        self.ended = Some(now);
        if let Some(span) = &mut self.span {
            span.failed = true;
        }
    }

    /// Whether nothing was looked at since the last thing that happened.
    pub(crate) fn is_new(&self) -> bool {
        self.looks == 0
    }

    /// Whether it has lasted so long.
    pub(crate) fn has_lasted(&self, wait: Duration) -> bool {
        self.span.is_some_and(|span| span.lasted >= wait)
    }

    /// When to look next.
    pub(crate) fn next(&self, now: Instant) -> Instant {
        let wait = WAITS[self.looks.min(WAITS.len() - 1)];
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
    fn quiet(looks: &[(u64, Option<u64>)]) -> Quiet {
        let (epoch, mut quiet) = (Instant::now(), Quiet::default());
        for (began, took) in looks {
            match took {
                Some(took) => quiet.answered(epoch + millis(*began), epoch + millis(began + took), false),
                None => quiet.failed(epoch + millis(began + 2000)),
            }
        }
        quiet
    }

    #[test]
    fn swift_looks_count_for_the_time_between_them() {
        let quiet = quiet(&[(0, Some(10)), (500, Some(10)), (1500, Some(900))]);
        assert!(quiet.has_lasted(millis(1500)) && !quiet.has_lasted(millis(1501)));
    }

    #[test]
    fn a_service_that_stood_still_begins_anew() {
        let quiet = quiet(&[(0, Some(10)), (2000, Some(10)), (2100, None), (6100, Some(10)), (6600, Some(10))]);
        assert!(quiet.has_lasted(millis(500)) && !quiet.has_lasted(millis(501)));
    }

    #[test]
    fn looks_that_wait_for_permits_count_for_little_and_come_to_an_end() {
        let slow: Vec<(u64, Option<u64>)> = (0..11).map(|look| (look * 6000, Some(5000))).collect();
        assert!(quiet(&slow).has_lasted(millis(10_000)) && !quiet(&slow[..10]).has_lasted(millis(10_000)));
    }
}
