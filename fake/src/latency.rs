//! How long writing takes. A booking is checked some time after it arrived, becomes visible later and is answered
//! later still, and its maker may be gone by then; two that overlap can both pass the check.

use std::time::Duration;

/// The times that creating, moving and cancelling a booking take.
///
/// All zero by default: a request is checked, done and answered at once, and no two overlap. With times set, identical
/// requests that overlap are doubled where the service doubles them (see [`Pace::recorded`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// From the arrival of the request to the check whether the slot is free.
    pub check: Duration,
    /// From the check to the moment when the booking is visible to others.
    pub commit: Duration,
    /// Between one occurrence of a series and the next.
    pub row: Duration,
    /// From the last change to the answer.
    pub answer: Duration,
}

impl Pace {
    /// No time at all; what [`Default`] gives.
    pub fn instant() -> Self {
        Self::default()
    }

    /// An idle server as it was measured: visible about a quarter of a second after it was sent and some 40 ms before
    /// the answer, the occurrences of a series 130 ms apart; a second one sent within some 40 ms (pending ones and
    /// series: 80 ms) overlaps the first.
    pub fn recorded() -> Self {
        Self {
            check: Duration::from_millis(190),
            commit: Duration::from_millis(40),
            row: Duration::from_millis(130),
            answer: Duration::from_millis(40),
        }
    }

    /// When pending bookings and series are checked: sooner, so that they overlap for twice as long.
    pub(crate) fn early_check(self) -> Duration {
        self.check.saturating_sub(self.commit)
    }

    /// From that earlier check to the moment when they are visible.
    pub(crate) fn late_commit(self) -> Duration {
        self.check + self.commit - self.early_check()
    }

    /// Every time multiplied by `factor`: a server under load.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        Self {
            check: self.check * factor,
            commit: self.commit * factor,
            row: self.row * factor,
            answer: self.answer * factor,
        }
    }

    /// The same with another time from arrival to check.
    #[must_use]
    pub fn with_check(self, check: Duration) -> Self {
        Self { check, ..self }
    }

    /// The same with another time from check to visibility.
    #[must_use]
    pub fn with_commit(self, commit: Duration) -> Self {
        Self { commit, ..self }
    }

    /// The same with another time between occurrences.
    #[must_use]
    pub fn with_row(self, row: Duration) -> Self {
        Self { row, ..self }
    }

    /// The same with another time from visibility to answer.
    #[must_use]
    pub fn with_answer(self, answer: Duration) -> Self {
        Self { answer, ..self }
    }
}
