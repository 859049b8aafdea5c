//! The fake's own clock: a base instant, plus the time of tokio's clock since then, plus the time that the test has
//! advanced it by. A wait ends when this sum reaches its end, so that tests with paused time do not wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

/// The clock of a fake.
///
/// Cheap to clone; all clones are one clock. It starts at the instant given to the builder (default: the real time) and
/// runs with tokio's clock.
///
/// ```
/// # async fn example() {
/// use std::time::Duration;
///
/// use calcom_fake::FakeCalcom;
///
/// let fake = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).start().await;
/// fake.clock().advance(Duration::from_secs(3600));
/// assert!(fake.clock().now() >= "2026-11-23T01:00:00Z".parse().unwrap());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Mutex<ClockState>>,
    moved: Arc<watch::Sender<()>>,
}

#[derive(Debug)]
struct ClockState {
    base: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn starting_at(base: Timestamp) -> Self {
        let (moved, _) = watch::channel(());
        Self { inner: Arc::new(Mutex::new(ClockState { base, since: Instant::now() })), moved: Arc::new(moved) }
    }

    /// The current time by this clock, in whole milliseconds, as the service sends it.
    pub fn now(&self) -> Timestamp {
        let face = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let run = face.since.elapsed();
        let now = face.base.checked_add(run).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Sets the clock. It continues from the new time. Waits whose end has passed are finished.
    pub fn set(&self, to: Timestamp) {
        {
            let mut face = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            *face = ClockState { base: to, since: Instant::now() };
        }
        self.moved.send_replace(());
    }

    /// Moves the clock forward. Waits whose end has passed are finished at once.
    pub fn advance(&self, by: Duration) {
        {
            let mut face = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            face.base = face.base.checked_add(by).unwrap_or(Timestamp::MAX);
        }
        self.moved.send_replace(());
    }

    /// Waits until this clock shows `deadline`.
    pub(crate) async fn until(&self, deadline: Timestamp) {
        let mut moved = self.moved.subscribe();
        loop {
            let left = deadline.as_millisecond() - self.now().as_millisecond();
            if left <= 0 {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left.unsigned_abs())) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Waits for `time` by this clock.
    pub(crate) async fn sleep(&self, time: Duration) {
        if !time.is_zero() {
            let deadline = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
            self.until(deadline).await;
        }
    }
}
