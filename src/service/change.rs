//! Carrying out one change of a booking that stands: moving, cancelling, confirming, declining it. The same rules for
//! all: look where it stands, send, and where the answer is lost look again until it shows or may be sent again.
//!
//! What to look for, what to send and when sending again is harmless is left to each change.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{NotDone, Outcome, Problem, Service, Unknown, deadline::Deadline, quiet::Quiet, report::Subject};
use crate::{Client, Error, Result, model::BookingUid, retry_policy::SendResult};

/// Where a booking stands, as seen from a change.
pub(super) enum Stand<T> {
    /// The change has been made.
    Done(T),
    /// It cannot be made, whatever is sent.
    NotDone(NotDone),
    /// It has not been made.
    Open,
}

/// A change of a booking.
pub(super) trait Change: Send {
    type Done: Send;

    /// The booking that was asked for.
    fn uid(&self) -> &BookingUid;

    /// Looks where the booking stands. `sent` tells that this change was sent before.
    fn stands(&mut self, client: &Client, sent: bool) -> impl Future<Output = Result<Stand<Self::Done>>> + Send;

    /// Sends it, once.
    fn send(&mut self, client: &Client) -> impl Future<Output = Result<Self::Done>> + Send;

    /// How long after a lost attempt it is sent again.
    fn wait(&self, service: &Service) -> Duration;

    /// After it was sent more than once: undoes what was done twice, and says what stands.
    fn tidy(&mut self, client: &Client, done: Self::Done) -> impl Future<Output = Result<Self::Done>> + Send;
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
    Lost,
    /// The booking could not be read.
    Unread,
}

impl ChangeState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Impossible => "impossible",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Lost => "lost",
            Self::Unread => "unread",
        }
    }
}

/// What is known on the way.
#[derive(Default)]
struct Way {
    /// The uid that was asked for.
    uid: String,
    sends: u32,
    under_way: bool,
    /// Whether an attempt is open whose outcome is not known.
    open: bool,
    refused: Option<Error>,
    trouble: Option<Error>,
    quiet: Quiet,
    state: ChangeState,
}

impl Way {
    fn subject(&self) -> Subject<'_> {
        Subject { key: &self.uid, state: self.state.as_str(), sends: self.sends }
    }

    /// What a look leaves known.
    fn state_after<T>(&self, stands: &Result<Stand<T>>) -> ChangeState {
        match stands {
            Ok(Stand::Done(_)) => ChangeState::Changed,
            Ok(Stand::NotDone(_)) => ChangeState::Impossible,
            Ok(Stand::Open) | Err(_) if self.open => ChangeState::Lost,
            Ok(Stand::Open) if self.refused.is_some() => ChangeState::Refused,
            Ok(Stand::Open) => ChangeState::Unchanged,
            Err(error) if is_final(error) => ChangeState::Refused,
            Err(_) => ChangeState::Unread,
        }
    }
}

impl Service {
    pub(super) async fn carry_out<C: Change>(&self, mut change: C) -> Outcome<C::Done> {
        let deadline = Deadline::within(self.budget());
        let mut way = Way { uid: change.uid().to_string(), ..Way::default() };
        let outcome = match timeout_at(deadline.at(), self.step_by_step(&mut change, &mut way, &deadline)).await {
            Ok(outcome) => outcome,
            Err(_) if way.open || way.under_way => {
                way.state = ChangeState::Lost;
                Outcome::Unknown(Unknown::after(way.sends, way.trouble.take()))
            }
            Err(_) => match way.refused.take() {
                Some(error) => NotDone::refused(error).into(),
                None => NotDone::because(Problem::NotSent).and(way.trouble.take()).into(),
            },
        };
        self.report_end(way.subject(), &outcome);
        outcome
    }

    async fn step_by_step<C: Change>(&self, change: &mut C, way: &mut Way, deadline: &Deadline) -> Outcome<C::Done> {
        loop {
            sleep_until(way.quiet.next(Instant::now())).await;
            let began = Instant::now();
            let client = self.lookup_client(deadline);
            self.report(way.subject(), "look");
            let stands = change.stands(&client, way.sends > 0).await;
            way.state = way.state_after(&stands);
            match stands {
                Ok(Stand::Done(done)) if way.sends > 1 => {
                    if let Some(done) = self.tidied(change, way, &client, done).await {
                        return Outcome::Done(done);
                    }
                    continue;
                }
                Ok(Stand::Done(done)) => return Outcome::Done(done),
                Ok(Stand::NotDone(not_done)) => return not_done.into(),
                Ok(Stand::Open) => way.quiet.answered(began, Instant::now(), false),
                Err(error) if is_final(&error) => {
                    return if way.open {
                        Outcome::Unknown(Unknown::after(way.sends, Some(error)))
                    } else {
                        NotDone::refused(error).into()
                    };
                }
                Err(error) => {
                    way.trouble = Some(error);
                    way.quiet.failed(Instant::now());
                    continue;
                }
            }
            if let Some(error) = way.refused.take_if(|_| !way.open || way.quiet.has_lasted(self.settings().settle)) {
                return NotDone::refused(error).into();
            }
            if way.refused.is_some() || (way.open && !way.quiet.has_lasted(change.wait(self))) {
                continue;
            }
            if let Some(outcome) = self.send_once(change, way, deadline).await {
                return outcome;
            }
        }
    }

    async fn send_once<C: Change>(
        &self,
        change: &mut C,
        way: &mut Way,
        deadline: &Deadline,
    ) -> Option<Outcome<C::Done>> {
        let client = deadline.client(self.client(), deadline.attempt());
        self.report(way.subject(), "send");
        way.sends += 1;
        way.under_way = true;
        let answer = change.send(&client).await;
        way.under_way = false;
        way.quiet.broken();
        way.state = match &answer {
            Ok(_) => ChangeState::Changed,
            Err(error) => match error.send_result() {
                SendResult::NotSent if !way.open => ChangeState::NotSent,
                SendResult::Refused => ChangeState::Refused,
                SendResult::Unknown | SendResult::NotSent => ChangeState::Lost,
            },
        };
        match answer {
            Ok(done) if way.open => return self.tidied(change, way, &client, done).await.map(Outcome::Done),
            Ok(done) => return Some(Outcome::Done(done)),
            Err(error) => match error.send_result() {
                SendResult::Unknown => {
                    way.open = true;
                    way.trouble = Some(error);
                }
                SendResult::NotSent if way.open => {
                    way.trouble = Some(error);
                    way.quiet.delayed();
                }
                SendResult::NotSent => return Some(NotDone::because(Problem::NotSent).and(Some(error)).into()),
                // What the client itself refuses needs no look.
                SendResult::Refused if !way.open && error.attempts() == 0 => {
                    return Some(NotDone::refused(error).into());
                }
                SendResult::Refused => way.refused = Some(error),
            },
        }
        None
    }

    async fn tidied<C: Change>(
        &self,
        change: &mut C,
        way: &mut Way,
        client: &Client,
        done: C::Done,
    ) -> Option<C::Done> {
        self.report(way.subject(), "tidy");
        match change.tidy(client, done).await {
            Ok(done) => Some(done),
            Err(error) => {
                // It is done, perhaps twice: once more from the start.
                way.open = true;
                way.trouble = Some(error);
                way.quiet.delayed();
                None
            }
        }
    }
}

/// Whether a look is refused for good. What cannot be read may be a gateway's page.
fn is_final(error: &Error) -> bool {
    error.send_result() == SendResult::Refused && !matches!(error, Error::Decode(..))
}

/// What is wrong with a text that the service fails on every time.
pub(super) fn nul(field: &str, text: Option<&str>) -> Option<Problem> {
    text?.contains('\0').then(|| Problem::invalid(field, "must not hold the character NUL"))
}
