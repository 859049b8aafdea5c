//! One time budget over a whole business call: an instant at which all of it ends, passed down to every request and every
//! wait.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    Client, Error, Result,
    error::FailureBuilder,
    retry_policy::{FailureClass, Resend},
};

/// The end of a business call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    whole: Duration,
}

/// No request is given less: it could not be answered, only lost.
const LEAST: Duration = Duration::from_millis(50);
/// Longer than any call; clocks do not go on for ever.
const MOST: Duration = Duration::from_secs(365 * 24 * 3600);

impl Deadline {
    pub(crate) fn within(whole: Duration) -> Self {
        let whole = whole.min(MOST);
        Self { at: Instant::now() + whole, whole }
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    pub(crate) fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// A client whose calls end with the budget, and which waits for each answer so long at the most. Waiting for a permit
    /// counts towards the budget only.
    pub(crate) fn client(&self, client: &Client, most: Duration) -> Client {
        client.clone().deadline(self.left().max(LEAST)).attempt_timeout(most.min(MOST).max(LEAST))
    }

    /// How long one attempt at changing something may take: about a third of the whole, and less towards the end, so that
    /// there is time left to look it up and to send it again.
    pub(crate) fn attempt(&self) -> Duration {
        self.whole.mul_f32(0.3).min(self.left().mul_f32(0.4)).max(LEAST)
    }

    /// Does `work`, which only reads and may take many requests, and ends it when the time is up.
    pub(crate) fn run<T>(&self, work: impl Future<Output = Result<T>>) -> impl Future<Output = Result<T>> {
        let (at, whole) = (self.at, self.whole);
        // Boxed here, so that the future of the caller does not hold it.
        let work = Box::pin(work);
        async move {
            timeout_at(at, work).await.unwrap_or_else(|_| {
                let text = format!("the whole call was given {whole:?}");
                let failure = FailureBuilder::new().text(text).failed(FailureClass::NoResponse, Resend::Safe);
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
    async fn a_time_without_end_has_one() {
        let deadline = Deadline::within(Duration::MAX);
        assert_eq!(deadline.left(), MOST);
        assert!(deadline.attempt() < MOST && !deadline.is_over());
        let client = deadline.client(&Client::new(crate::ApiKey::new("cal_test_x")).unwrap(), Duration::MAX);
        assert_eq!(client.times(), (Some(MOST), Some(MOST)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_is_given_its_part_of_the_whole_and_less_towards_the_end() {
        let deadline = Deadline::within(Duration::from_secs(10));
        let about = |millis: u64| deadline.attempt().as_millis().abs_diff(u128::from(millis)) <= 1;
        assert!(about(3_000));
        sleep(Duration::from_secs(5)).await;
        assert!(about(2_000));
        sleep(Duration::from_millis(4_950)).await;
        assert!(about(50), "{:?}", deadline.attempt());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_given_what_is_left_and_never_less_than_it_takes_to_be_answered() {
        let deadline = Deadline::within(Duration::from_secs(1));
        let client = Client::new(crate::ApiKey::new("cal_test_x")).unwrap();
        let times = |most| deadline.client(&client, Duration::from_millis(most)).times();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(times(300), (millis(1_000), millis(300)));
        assert_eq!(times(0), (millis(1_000), Some(LEAST)));
        sleep(Duration::from_secs(2)).await;
        assert!(deadline.is_over());
        assert_eq!(times(300), (Some(LEAST), millis(300)));
    }

    #[tokio::test(start_paused = true)]
    async fn work_ends_with_the_time() {
        let deadline = Deadline::within(Duration::from_secs(1));
        let began = Instant::now();
        let never: Result<()> = deadline.run(std::future::pending()).await;
        let error = never.unwrap_err();
        assert!(matches!(error, Error::Timeout(_)) && error.is_retryable() && !error.may_have_been_applied());
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }
}
