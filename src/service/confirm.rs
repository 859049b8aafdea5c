//! The host's decision on a pending booking: confirming and declining it, once each.

use std::time::Duration;

use super::{
    NotDone, Outcome, Problem, Service,
    change::{BookingChange, ChangeStatus, nul_problem},
    reschedule_history::follow_reschedules,
    scope::LookupClient,
};
use crate::{
    Client, Result,
    model::{Booking, BookingStatus, BookingUid},
};

/// The result of confirming or declining a booking.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service) {
/// if let Some(confirmed) = service.confirm("booking-uid").await.done() {
///     println!("{:?}, confirmed before: {}", confirmed.booking.status, confirmed.already_done);
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostDecisionResult {
    /// The booking as it is now.
    pub booking: Booking,
    /// Whether the booking had this status before the call, so that nothing was sent.
    pub already_done: bool,
}

impl Service {
    /// Confirms a pending booking; of a series, one occurrence confirms all. A booking that is confirmed already is a
    /// success.
    ///
    /// A declined booking is [`Problem::Declined`]: the service would make it active again, and so would a late
    /// repetition. To do that, use [`Bookings::confirm`](crate::facade::Bookings::confirm).
    ///
    /// ```no_run
    /// use calcom::service::Service;
    ///
    /// # async fn example(service: Service) {
    /// if let Some(result) = service.confirm("booking-uid").await.done() {
    ///     println!("{}, decided before: {}", result.booking.status, result.already_done);
    /// }
    /// # }
    /// ```
    pub async fn confirm(&self, uid: impl Into<BookingUid>) -> Outcome<HostDecisionResult> {
        Box::pin(self.run_change(HostDecisionChange { uid: uid.into(), decision: HostDecision::Confirm })).await
    }

    /// Declines a pending booking. A booking that is declined already is a success.
    pub async fn decline(&self, uid: impl Into<BookingUid>, reason: Option<&str>) -> Outcome<HostDecisionResult> {
        let uid = uid.into();
        if let Some(problem) = nul_problem("rejectionReason", reason) {
            return self.reject_change(&uid, problem);
        }
        Box::pin(
            self.run_change(HostDecisionChange { uid, decision: HostDecision::Decline(reason.map(str::to_owned)) }),
        )
        .await
    }
}

enum HostDecision {
    Confirm,
    Decline(Option<String>),
}

struct HostDecisionChange {
    uid: BookingUid,
    decision: HostDecision,
}

impl BookingChange for HostDecisionChange {
    type Done = HostDecisionResult;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn check(&mut self, client: &LookupClient, sent: bool) -> Result<ChangeStatus<HostDecisionResult>> {
        let booking = client.bookings().get(&self.uid).await?;
        let booking = follow_reschedules(client, booking).await?.current;
        self.uid = booking.uid.clone();
        let problem = match (&booking.status, &self.decision) {
            (BookingStatus::Accepted, HostDecision::Confirm) | (BookingStatus::Rejected, HostDecision::Decline(_)) => {
                return Ok(ChangeStatus::Done(HostDecisionResult { booking, already_done: !sent }));
            }
            (BookingStatus::Accepted, HostDecision::Decline(_)) => Problem::AlreadyConfirmed,
            (BookingStatus::Rejected, HostDecision::Confirm) => Problem::Declined,
            (BookingStatus::Cancelled, _) => Problem::Cancelled,
            _ => return Ok(ChangeStatus::Pending),
        };
        Ok(ChangeStatus::NotDone(NotDone::new(problem).with_booking(booking)))
    }

    async fn send(&mut self, client: &Client) -> Result<HostDecisionResult> {
        let booking = match &self.decision {
            HostDecision::Confirm => client.bookings().confirm(&self.uid).await?,
            HostDecision::Decline(reason) => client.bookings().decline(&self.uid, reason.as_deref()).await?,
        };
        Ok(HostDecisionResult { booking, already_done: false })
    }

    /// It is sent only if a check has just shown the booking to be pending.
    fn resend_delay(&self, service: &Service) -> Duration {
        service.settings().plain_resend_delay
    }

    async fn clean_up(&mut self, _: &LookupClient, done: HostDecisionResult) -> Result<HostDecisionResult> {
        Ok(done)
    }
}
