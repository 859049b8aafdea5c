//! Reassigning a booking to another host.

use std::time::Duration;

use super::{
    NotDone, Outcome, Problem, Service,
    change::{BookingChange, ChangeStatus, nul_problem},
    lookup::is_active,
    reschedule_history::follow_reschedules,
    scope::LookupClient,
};
use crate::{
    Client, Result,
    model::{Booking, BookingUid, UserId},
    redact::debug_shows,
};

/// The result of [`Service::reassign`].
///
/// ```no_run
/// # async fn example(service: calcom::service::Service) {
/// if let Some(result) = service.reassign("booking-uid", None, Some("ill")).await.done() {
///     println!("hosted by {:?}", result.host_id);
/// }
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ReassignResult {
    /// The booking.
    pub booking_uid: BookingUid,
    /// The number of its host; `None` if the service does not say it.
    pub host_id: Option<UserId>,
    /// The name of its host.
    pub host_name: Option<String>,
    /// Whether it had the wanted host before.
    pub already_done: bool,
}

debug_shows!(ReassignResult { booking_uid, host_id, already_done });

impl Service {
    /// Gives a round-robin booking another host: `host`, or one that the service picks.
    ///
    /// To a named host it is a success if the booking has this host already, and nothing is sent. The service picks another
    /// host at each request, so that a call without a host sends a second request only if the booking still has its former one.
    /// Reschedules are followed to the current booking.
    ///
    /// A booking with one host for all, a user who is no host of the event type, and no other host who is free are
    /// [`NotDone`](Outcome::NotDone) with the service's reason.
    ///
    /// ```no_run
    /// use calcom::{model::UserId, service::{Outcome, Service}};
    ///
    /// # async fn example(service: Service) {
    /// match service.reassign("booking-uid", Some(UserId(7)), Some("Dr Muster is ill")).await {
    ///     Outcome::Done(result) => println!("hosted by {:?}", result.host_id),
    ///     Outcome::NotDone(not_done) => println!("not reassigned: {not_done}"),
    ///     Outcome::Unknown(_) => println!("not known: repeat the call"),
    /// }
    /// # }
    /// ```
    pub async fn reassign(
        &self,
        uid: impl Into<BookingUid>,
        host: Option<UserId>,
        reason: Option<&str>,
    ) -> Outcome<ReassignResult> {
        let uid = uid.into();
        if let Some(problem) = nul_problem("reason", reason) {
            return self.reject_change(&uid, problem);
        }
        let change = ReassignChange { uid, wanted: host, reason: reason.map(str::to_owned), former: None };
        Box::pin(self.run_change(change)).await
    }
}

struct ReassignChange {
    uid: BookingUid,
    /// `None` if the service picks one.
    wanted: Option<UserId>,
    reason: Option<String>,
    /// The host when the call began; the outer `None` before the first check.
    former: Option<Option<UserId>>,
}

/// The number of the first host.
fn host_of(booking: &Booking) -> Option<UserId> {
    booking.user.as_ref()?.extra("id")?.as_i64().map(UserId)
}

impl BookingChange for ReassignChange {
    type Done = ReassignResult;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn check(&mut self, client: &LookupClient, sent: bool) -> Result<ChangeStatus<ReassignResult>> {
        let booking = client.bookings().get(&self.uid).await?;
        let booking = follow_reschedules(client, booking).await?.current;
        self.uid = booking.uid.clone();
        if !is_active(&booking) {
            return Ok(ChangeStatus::NotDone(NotDone::new(Problem::Cancelled).with_booking(booking)));
        }
        let host = host_of(&booking);
        let former = *self.former.get_or_insert(host);
        let is_done = match self.wanted {
            Some(wanted) => host == Some(wanted),
            // Before it is sent the host is the former one.
            None => host.is_some() && host != former,
        };
        Ok(if is_done {
            let host_name = booking.user.and_then(|host| host.name);
            ChangeStatus::Done(ReassignResult {
                booking_uid: booking.uid,
                host_id: host,
                host_name,
                already_done: !sent,
            })
        } else {
            ChangeStatus::Pending
        })
    }

    async fn send(&mut self, client: &Client) -> Result<ReassignResult> {
        let bookings = client.bookings();
        let sent = match self.wanted {
            Some(host) => bookings.reassign_to(&self.uid, host, self.reason.as_deref()).await?,
            None => bookings.reassign(&self.uid).await?,
        };
        Ok(ReassignResult {
            booking_uid: sent.booking_uid,
            host_id: Some(sent.host_id),
            host_name: sent.host_name,
            already_done: false,
        })
    }

    /// A second request without a named host would pick another one.
    fn resend_delay(&self, service: &Service) -> Duration {
        match self.wanted {
            Some(_) => service.settings().plain_resend_delay,
            None => service.settings().settling_time,
        }
    }

    async fn clean_up(&mut self, _: &LookupClient, done: ReassignResult) -> Result<ReassignResult> {
        Ok(done)
    }
}
