//! The latency of writes. A booking is checked some time after its request arrived, becomes visible later, and is answered
//! last. Two overlapping requests can both pass the check.

use std::time::Duration;

/// The latency of creating, rescheduling and cancelling bookings.
///
/// Default: zero, so that no two requests overlap. Otherwise overlapping identical requests create duplicates in the cases
/// in which the service does (see [`Latency::recorded`]).
///
/// ```
/// # async fn example() {
/// use std::time::Duration;
///
/// use calcom_fake::{FakeCalcom, Latency};
///
/// let slow = Latency::recorded().scaled(3).with_response(Duration::from_secs(2));
/// let fake = FakeCalcom::builder().latency(slow).start().await;
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latency {
    /// The time from the arrival of the request to the check of the slot.
    pub check: Duration,
    /// The time from the check until the booking is visible to other requests.
    pub commit: Duration,
    /// The time between two occurrences of a series.
    pub row: Duration,
    /// The time from the last change to the response.
    pub response: Duration,
}

impl Latency {
    /// No latency, the default.
    pub fn instant() -> Self {
        Self::default()
    }

    /// The latency that was measured on an idle server. A booking is visible about 250 ms after its request was sent and 40 ms
    /// before the response; the occurrences of a series are 130 ms apart. A second request overlaps the first if it is sent
    /// within 40 ms (80 ms for pending bookings and series).
    pub fn recorded() -> Self {
        Self {
            check: Duration::from_millis(190),
            commit: Duration::from_millis(40),
            row: Duration::from_millis(130),
            response: Duration::from_millis(40),
        }
    }

    /// The time of the check for pending bookings and series. It is earlier, so that the window of overlap is twice as long.
    pub(crate) fn early_check(self) -> Duration {
        self.check.saturating_sub(self.commit)
    }

    /// The time from the earlier check until they are visible.
    pub(crate) fn late_commit(self) -> Duration {
        self.check + self.commit - self.early_check()
    }

    /// Multiplies all times by `factor`, for a server under load.
    #[must_use]
    pub fn scaled(self, factor: u32) -> Self {
        Self {
            check: self.check * factor,
            commit: self.commit * factor,
            row: self.row * factor,
            response: self.response * factor,
        }
    }

    /// Sets the time from arrival to check.
    #[must_use]
    pub fn with_check(self, check: Duration) -> Self {
        Self { check, ..self }
    }

    /// Sets the time from check to visibility.
    #[must_use]
    pub fn with_commit(self, commit: Duration) -> Self {
        Self { commit, ..self }
    }

    /// Sets the time between occurrences.
    #[must_use]
    pub fn with_row(self, row: Duration) -> Self {
        Self { row, ..self }
    }

    /// Sets the time from visibility to response.
    #[must_use]
    pub fn with_response(self, response: Duration) -> Self {
        Self { response, ..self }
    }
}
