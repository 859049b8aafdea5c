//! The procedure of each change of a booking (reschedule, cancel, confirm, decline): check the booking, send the
//! change, and if the response is lost check again until the change shows or may be sent again.
//!
//! Each change defines what to check, what to send, and when a repetition is harmless.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    NotDone, Outcome, Problem, Service, Unknown, deadline::Deadline, report::DecisionSubject, scope::LookupClient,
    stability::StabilityWindow,
};
use crate::{Client, Error, Result, model::BookingUid, retry_policy::CallFailure};

/// The status of a booking with respect to a change.
pub(super) enum ChangeStatus<T> {
    /// The change has been made.
    Done(T),
    /// The change cannot be made.
    NotDone(NotDone),
    /// The change has not been made.
    Pending,
}

/// A change of a booking.
pub(super) trait BookingChange: Send {
    type Done: Send;

    /// The uid that the caller named.
    fn uid(&self) -> &BookingUid;

    /// Checks the booking. `sent` says whether this change was sent before.
    fn check(
        &mut self,
        client: &LookupClient,
        sent: bool,
    ) -> impl Future<Output = Result<ChangeStatus<Self::Done>>> + Send;

    /// Sends the change, once.
    fn send(&mut self, client: &Client) -> impl Future<Output = Result<Self::Done>> + Send;

    /// The delay before it is sent again after an attempt with unknown outcome.
    fn resend_delay(&self, service: &Service) -> Duration;

    /// Undoes what was done twice after it was sent more than once, and returns what remains.
    fn clean_up(&mut self, client: &LookupClient, done: Self::Done) -> impl Future<Output = Result<Self::Done>> + Send;
}

/// The state of a change: the table in `calcom::observe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ChangeState {
    /// The booking was not read yet.
    #[default]
    Unread,
    /// The booking is as it was.
    Unchanged,
    /// The booking is as it was asked for.
    Changed,
    /// The booking does not allow the change.
    Impossible,
    /// The service, or the client, refused it.
    Refused,
    /// It did not reach the service.
    NotSent,
    /// The outcome of an attempt is unknown.
    Unresolved,
    /// The booking could not be read.
    Unreadable,
}

impl ChangeState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Impossible => "impossible",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Unresolved => "unresolved",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The progress of a change.
#[derive(Default)]
struct ChangeProgress {
    /// The uid that the caller named.
    uid: String,
    sends: u32,
    in_flight: bool,
    /// Whether the outcome of an attempt is unknown.
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

    /// The state after a check.
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
    /// Ends a change of the booking `uid` before anything is sent, and reports it.
    pub(super) fn reject_change<T>(&self, uid: &BookingUid, problem: Problem) -> Outcome<T> {
        let outcome = NotDone::new(problem).into();
        let state = ChangeState::Impossible.as_str();
        self.report_outcome(DecisionSubject { key: uid.as_str(), state, sends: 0 }, &outcome);
        outcome
    }

    pub(super) async fn run_change<C: BookingChange>(&self, mut change: C) -> Outcome<C::Done> {
        let deadline = Deadline::after(self.call_duration());
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
            self.report_action(progress.subject(), "read");
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
        let client = self.scoped(deadline.client(self.client(), deadline.attempt_time()));
        self.report_action(progress.subject(), "send");
        progress.sends += 1;
        progress.in_flight = true;
        let result = change.send(&client).await;
        progress.in_flight = false;
        progress.stability.reset();
        progress.state = match &result {
            Ok(_) => ChangeState::Changed,
            Err(error) => match error.call_failure() {
                CallFailure::NotSent if !progress.unresolved => ChangeState::NotSent,
                CallFailure::Refused => ChangeState::Refused,
                CallFailure::Unknown | CallFailure::NotSent => ChangeState::Unresolved,
            },
        };
        match result {
            Ok(done) if progress.unresolved => {
                return self.try_clean_up(change, progress, &client, done).await.map(Outcome::Done);
            }
            Ok(done) => return Some(Outcome::Done(done)),
            Err(error) => match error.call_failure() {
                CallFailure::Unknown => {
                    progress.unresolved = true;
                    progress.last_error = Some(error);
                }
                CallFailure::NotSent if progress.unresolved => {
                    progress.last_error = Some(error);
                    progress.stability.reset_delayed();
                }
                CallFailure::NotSent => return Some(NotDone::new(Problem::NotSent).with_error(Some(error)).into()),
                // A refusal by the client itself needs no check.
                CallFailure::Refused if !progress.unresolved && error.attempts() == 0 => {
                    return Some(NotDone::from_error(error).into());
                }
                CallFailure::Refused => progress.refusal = Some(error),
            },
        }
        None
    }

    async fn try_clean_up<C: BookingChange>(
        &self,
        change: &mut C,
        progress: &mut ChangeProgress,
        client: &LookupClient,
        done: C::Done,
    ) -> Option<C::Done> {
        self.report_action(progress.subject(), "clean_up");
        match change.clean_up(client, done).await {
            Ok(done) => Some(done),
            Err(error) => {
                // The change is made, possibly twice: the procedure starts again.
                progress.unresolved = true;
                progress.last_error = Some(error);
                progress.stability.reset_delayed();
                None
            }
        }
    }
}

/// Whether a check is refused permanently. A response that cannot be read may be a gateway's page.
fn is_permanent(error: &Error) -> bool {
    error.call_failure() == CallFailure::Refused && !matches!(error, Error::Decode(..))
}

/// The problem with a text that contains NUL: the service fails on it every time.
pub(super) fn nul_problem(field: &str, text: Option<&str>) -> Option<Problem> {
    text?.contains('\0').then(|| Problem::invalid(field, "must not hold the character NUL"))
}

#[cfg(test)]
mod tests {
    use super::ChangeState;

    #[test]
    fn every_state_of_a_change_is_documented_under_the_name_that_its_event_has() {
        let documented = include_str!("../pipeline/observe/mod.rs");
        for (state, name) in [
            (ChangeState::Unchanged, "unchanged"),
            (ChangeState::Changed, "changed"),
            (ChangeState::Impossible, "impossible"),
            (ChangeState::Refused, "refused"),
            (ChangeState::NotSent, "not_sent"),
            (ChangeState::Unresolved, "unresolved"),
            (ChangeState::Unreadable, "unreadable"),
        ] {
            assert_eq!(state.as_str(), name);
            assert!(documented.contains(&format!("`{name}`")), "{name}");
        }
    }
}
