//! The fake's own clock: a base instant that a test sets, plus what tokio's clock has run since, plus what the test
//! advanced by hand. Tests with paused time therefore move it, and tests without never wait for real: a wait ends when
//! either of the two has covered it. What the waits are for is decided elsewhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

/// The time that the fake believes it is.
///
/// Cheap to clone; all clones are one clock. Starts at the instant given to the builder (the real time when none was
/// given) and runs with tokio's clock.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Mutex<Face>>,
    moved: Arc<watch::Sender<()>>,
}

#[derive(Debug)]
struct Face {
    base: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn starting_at(base: Timestamp) -> Self {
        let (moved, _) = watch::channel(());
        Self { inner: Arc::new(Mutex::new(Face { base, since: Instant::now() })), moved: Arc::new(moved) }
    }

    /// The time by this clock, to the millisecond, as the service tells it.
    pub fn now(&self) -> Timestamp {
        let face = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let run = face.since.elapsed();
        let now = face.base.checked_add(run).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Sets the clock. It runs on from there; waits that this covers end.
    pub fn set(&self, to: Timestamp) {
        {
            let mut face = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            *face = Face { base: to, since: Instant::now() };
        }
        self.moved.send_replace(());
    }

    /// Moves the clock forward; waits that this covers end at once.
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
