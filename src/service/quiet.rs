//! How long the service has been answering without anything new: the only time that counts towards "it never came".

use std::time::Duration;

use tokio::time::Instant;

/// A look that took longer does not prove that the service was at work all the while.
const SWIFT: Duration = Duration::from_millis(1500);
/// Nor does one that came so long after the one before that was answered.
const GAP: Duration = Duration::from_secs(3);
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
    /// When the first and the last look of an unbroken span began.
    span: Option<(Instant, Instant)>,
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
        self.span = match self.span {
            _ if now.duration_since(began) > SWIFT => None,
            Some((since, last)) if !new && began.duration_since(last) <= GAP => Some((since, began)),
            _ => Some((began, began)),
        };
    }

    /// A look was not answered. The span goes on if the next one comes soon enough.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.looks += 1;
        self.ended = Some(now);
    }

    /// Whether it has lasted so long.
    pub(crate) fn has_lasted(&self, wait: Duration) -> bool {
        self.span.is_some_and(|(since, last)| last.duration_since(since) >= wait)
    }

    /// When to look next.
    pub(crate) fn next(&self, now: Instant) -> Instant {
        let wait = WAITS[self.looks.min(WAITS.len() - 1)];
        self.ended.map_or(now, |ended| (ended + wait).max(now))
    }
}
