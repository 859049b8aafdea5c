//! The deadline of a call of the booking service. Every request and every wait of the call ends at it.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    Client, Error, Result,
    error::ErrorDetailsBuilder,
    retry_policy::{FailureClass, Resend},
};

/// The end of a call of the booking service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    duration: Duration,
}

/// The shortest time of a request: a shorter one could not be answered.
const MIN_REQUEST_TIME: Duration = Duration::from_millis(50);
/// Upper bound of a duration, so that it can be added to an instant.
const MAX_DURATION: Duration = Duration::from_secs(365 * 24 * 3600);

impl Deadline {
    pub(crate) fn after(duration: Duration) -> Self {
        let duration = duration.min(MAX_DURATION);
        Self { at: Instant::now() + duration, duration }
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    pub(crate) fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.remaining().is_zero()
    }

    /// A client whose calls end with the duration, and whose attempts take `max_attempt` at most. Waiting for a permit
    /// counts towards the duration only.
    pub(crate) fn client(&self, client: &Client, max_attempt: Duration) -> Client {
        client
            .with_deadline(self.remaining().max(MIN_REQUEST_TIME))
            .with_timeout(max_attempt.min(MAX_DURATION).max(MIN_REQUEST_TIME))
    }

    /// The time for one attempt of a change: three tenths of the duration or four tenths of the remaining time, whichever is
    /// shorter. The rest is for lookups and for sending it again.
    pub(crate) fn attempt_time(&self) -> Duration {
        self.duration.mul_f32(0.3).min(self.remaining().mul_f32(0.4)).max(MIN_REQUEST_TIME)
    }

    /// Runs `work`, which only reads and may send many requests, and ends it at the deadline.
    pub(crate) fn run<T>(&self, work: impl Future<Output = Result<T>>) -> impl Future<Output = Result<T>> {
        let (at, duration) = (self.at, self.duration);
        // Boxed, so that the future of the caller does not contain it.
        let work = Box::pin(work);
        async move {
            timeout_at(at, work).await.unwrap_or_else(|_| {
                let text = format!("the whole call was given {duration:?}");
                let failure = ErrorDetailsBuilder::new().text(text).failed(FailureClass::NoResponse, Resend::Safe);
                Err(Error::Timeout(failure.build()))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_unlimited_time_is_bounded() {
        let deadline = Deadline::after(Duration::MAX);
        assert_eq!(deadline.remaining(), MAX_DURATION);
        assert!(deadline.attempt_time() < MAX_DURATION && !deadline.is_over());
        let client = deadline.client(&Client::new(crate::ApiKey::new("cal_test_x")).unwrap(), Duration::MAX);
        assert_eq!(client.times(), (Some(MAX_DURATION), Some(MAX_DURATION)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_is_given_its_part_of_the_whole_and_less_towards_the_end() {
        let deadline = Deadline::after(Duration::from_secs(10));
        let about = |millis: u64| deadline.attempt_time().as_millis().abs_diff(u128::from(millis)) <= 1;
        assert!(about(3_000));
        sleep(Duration::from_secs(5)).await;
        assert!(about(2_000));
        sleep(Duration::from_millis(4_950)).await;
        assert!(about(50), "{:?}", deadline.attempt_time());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_given_what_is_left_and_never_less_than_it_takes_to_be_answered() {
        let deadline = Deadline::after(Duration::from_secs(1));
        let client = Client::new(crate::ApiKey::new("cal_test_x")).unwrap();
        let times = |max_attempt| deadline.client(&client, Duration::from_millis(max_attempt)).times();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(times(300), (millis(1_000), millis(300)));
        assert_eq!(times(0), (millis(1_000), Some(MIN_REQUEST_TIME)));
        sleep(Duration::from_secs(2)).await;
        assert!(deadline.is_over());
        assert_eq!(times(300), (Some(MIN_REQUEST_TIME), millis(300)));
    }

    #[tokio::test(start_paused = true)]
    async fn work_ends_at_the_deadline() {
        let deadline = Deadline::after(Duration::from_secs(1));
        let began = Instant::now();
        let never: Result<()> = deadline.run(std::future::pending()).await;
        let error = never.unwrap_err();
        assert!(matches!(error, Error::Timeout(_)) && error.is_retryable() && !error.may_have_been_applied());
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }
}
