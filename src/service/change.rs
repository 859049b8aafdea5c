//! Carrying out one change of a booking that stands: moving, cancelling, confirming, declining it. The same rules for
//! all: look where it stands, send, and where the answer is lost look again until it shows or may be sent again.
//!
//! What to look for, what to send and when sending again is harmless is left to each change.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    NotDone, Outcome, Problem, Service, Unknown, deadline::Deadline, report::DecisionSubject,
    stability::StabilityWindow,
};
use crate::{Client, Error, Result, model::BookingUid, retry_policy::SendResult};

/// Where a booking stands, as seen from a change.
pub(super) enum ChangeStatus<T> {
    /// The change has been made.
    Done(T),
    /// It cannot be made, whatever is sent.
    NotDone(NotDone),
    /// It has not been made.
    Pending,
}

/// A change of a booking.
pub(super) trait BookingChange: Send {
    type Done: Send;

    /// The booking that was asked for.
    fn uid(&self) -> &BookingUid;

    /// Looks where the booking stands. `sent` tells that this change was sent before.
    fn check(&mut self, client: &Client, sent: bool) -> impl Future<Output = Result<ChangeStatus<Self::Done>>> + Send;

    /// Sends it, once.
    fn send(&mut self, client: &Client) -> impl Future<Output = Result<Self::Done>> + Send;

    /// How long after a lost attempt it is sent again.
    fn resend_delay(&self, service: &Service) -> Duration;

    /// After it was sent more than once: undoes what was done twice, and says what stands.
    fn clean_up(&mut self, client: &Client, done: Self::Done) -> impl Future<Output = Result<Self::Done>> + Send;
}

/// What is known of a change: the table of `calcom::observe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ChangeState {
    /// The booking stands as it did.
    #[default]
    Unchanged,
    /// The booking stands as it was asked for.
    Changed,
    /// The change cannot be made of what stands.
    Impossible,
    /// The service, or the client, refused it.
    Refused,
    /// It did not reach the service.
    NotSent,
    /// The outcome of an attempt is not known.
    Unresolved,
    /// The booking could not be read.
    Unreadable,
}

impl ChangeState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Impossible => "impossible",
            Self::Refused => "refusal",
            Self::NotSent => "not_sent",
            Self::Unresolved => "unresolved",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What is known on the way.
#[derive(Default)]
struct ChangeProgress {
    /// The uid that was asked for.
    uid: String,
    sends: u32,
    in_flight: bool,
    /// Whether an attempt is open whose outcome is not known.
    unresolved: bool,
    refusal: Option<Error>,
    last_error: Option<Error>,
    stability: StabilityWindow,
    state: ChangeState,
}

impl ChangeProgress {
    fn subject(&self) -> DecisionSubject<'_> {
        DecisionSubject { key: &self.uid, state: self.state.as_str(), sends: self.sends }
    }

    /// What a look leaves known.
    fn state_after<T>(&self, status: &Result<ChangeStatus<T>>) -> ChangeState {
        match status {
            Ok(ChangeStatus::Done(_)) => ChangeState::Changed,
            Ok(ChangeStatus::NotDone(_)) => ChangeState::Impossible,
            Ok(ChangeStatus::Pending) | Err(_) if self.unresolved => ChangeState::Unresolved,
            Ok(ChangeStatus::Pending) if self.refusal.is_some() => ChangeState::Refused,
            Ok(ChangeStatus::Pending) => ChangeState::Unchanged,
            Err(error) if is_permanent(error) => ChangeState::Refused,
            Err(_) => ChangeState::Unreadable,
        }
    }
}

impl Service {
    pub(super) async fn run_change<C: BookingChange>(&self, mut change: C) -> Outcome<C::Done> {
        let deadline = Deadline::after(self.call_budget());
        let mut progress = ChangeProgress { uid: change.uid().to_string(), ..ChangeProgress::default() };
        let outcome = match timeout_at(deadline.at(), self.drive_change(&mut change, &mut progress, &deadline)).await {
            Ok(outcome) => outcome,
            Err(_) if progress.unresolved || progress.in_flight => {
                progress.state = ChangeState::Unresolved;
                Outcome::Unknown(Unknown::new(progress.sends, progress.last_error.take()))
            }
            Err(_) => match progress.refusal.take() {
                Some(error) => NotDone::from_error(error).into(),
                None => NotDone::new(Problem::NotSent).with_error(progress.last_error.take()).into(),
            },
        };
        self.report_outcome(progress.subject(), &outcome);
        outcome
    }

    async fn drive_change<C: BookingChange>(
        &self,
        change: &mut C,
        progress: &mut ChangeProgress,
        deadline: &Deadline,
    ) -> Outcome<C::Done> {
        loop {
            sleep_until(progress.stability.next_lookup_at(Instant::now())).await;
            let began = Instant::now();
            let client = self.lookup_client(deadline);
            self.report_action(progress.subject(), "lookup");
            let status = change.check(&client, progress.sends > 0).await;
            progress.state = progress.state_after(&status);
            match status {
                Ok(ChangeStatus::Done(done)) if progress.sends > 1 => {
                    if let Some(done) = self.try_clean_up(change, progress, &client, done).await {
                        return Outcome::Done(done);
                    }
                    continue;
                }
                Ok(ChangeStatus::Done(done)) => return Outcome::Done(done),
                Ok(ChangeStatus::NotDone(not_done)) => return not_done.into(),
                Ok(ChangeStatus::Pending) => progress.stability.record_success(began, Instant::now(), false),
                Err(error) if is_permanent(&error) => {
                    return if progress.unresolved {
                        Outcome::Unknown(Unknown::new(progress.sends, Some(error)))
                    } else {
                        NotDone::from_error(error).into()
                    };
                }
                Err(error) => {
                    progress.last_error = Some(error);
                    progress.stability.record_failure(Instant::now());
                    continue;
                }
            }
            if let Some(error) = progress
                .refusal
                .take_if(|_| !progress.unresolved || progress.stability.is_stable_for(self.settings().settling_time))
            {
                return NotDone::from_error(error).into();
            }
            if progress.refusal.is_some()
                || (progress.unresolved && !progress.stability.is_stable_for(change.resend_delay(self)))
            {
                continue;
            }
            if let Some(outcome) = self.send_once(change, progress, deadline).await {
                return outcome;
            }
        }
    }

    async fn send_once<C: BookingChange>(
        &self,
        change: &mut C,
        progress: &mut ChangeProgress,
        deadline: &Deadline,
    ) -> Option<Outcome<C::Done>> {
        let client = deadline.client(self.client(), deadline.attempt_time());
        self.report_action(progress.subject(), "send");
        progress.sends += 1;
        progress.in_flight = true;
        let result = change.send(&client).await;
        progress.in_flight = false;
        progress.stability.reset();
        progress.state = match &result {
            Ok(_) => ChangeState::Changed,
            Err(error) => match error.send_result() {
                SendResult::NotSent if !progress.unresolved => ChangeState::NotSent,
                SendResult::Refused => ChangeState::Refused,
                SendResult::Unknown | SendResult::NotSent => ChangeState::Unresolved,
            },
        };
        match result {
            Ok(done) if progress.unresolved => {
                return self.try_clean_up(change, progress, &client, done).await.map(Outcome::Done);
            }
            Ok(done) => return Some(Outcome::Done(done)),
            Err(error) => match error.send_result() {
                SendResult::Unknown => {
                    progress.unresolved = true;
                    progress.last_error = Some(error);
                }
                SendResult::NotSent if progress.unresolved => {
                    progress.last_error = Some(error);
                    progress.stability.reset_delayed();
                }
                SendResult::NotSent => return Some(NotDone::new(Problem::NotSent).with_error(Some(error)).into()),
                // What the client itself refuses needs no look.
                SendResult::Refused if !progress.unresolved && error.attempts() == 0 => {
                    return Some(NotDone::from_error(error).into());
                }
                SendResult::Refused => progress.refusal = Some(error),
            },
        }
        None
    }

    async fn try_clean_up<C: BookingChange>(
        &self,
        change: &mut C,
        progress: &mut ChangeProgress,
        client: &Client,
        done: C::Done,
    ) -> Option<C::Done> {
        self.report_action(progress.subject(), "clean_up");
        match change.clean_up(client, done).await {
            Ok(done) => Some(done),
            Err(error) => {
                // It is done, perhaps twice: once more from the start.
                progress.unresolved = true;
                progress.last_error = Some(error);
                progress.stability.reset_delayed();
                None
            }
        }
    }
}

/// Whether a look is refused for good. What cannot be read may be a gateway's page.
fn is_permanent(error: &Error) -> bool {
    error.send_result() == SendResult::Refused && !matches!(error, Error::Decode(..))
}

/// What is wrong with a text that the service fails on every time.
pub(super) fn nul_problem(field: &str, text: Option<&str>) -> Option<Problem> {
    text?.contains('\0').then(|| Problem::invalid(field, "must not hold the character NUL"))
}
