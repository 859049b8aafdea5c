//! Holding a time for the moments in which somebody makes up their mind.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use tokio::{sync::oneshot, time::timeout_at};

use super::{NotDone, Outcome, Problem, Service, Unknown, deadline::Deadline};
use crate::{
    Client,
    model::{CreateBooking, EventTypeId, ReservationUid, ReserveSlot},
    retry_policy::SendResult,
    sync::Background,
};

/// A reserved time. Released when it is dropped, by a task; where there is no runtime left, it runs out by itself.
///
/// It hides the time from others who ask for free slots, for some minutes. **It does not stop other bookings**: the
/// service takes a booking for a reserved time all the same (recording `create-on-slot-reserved-by-other`).
#[must_use = "dropping it releases the time"]
pub struct Hold {
    uid: ReservationUid,
    until: Timestamp,
    /// Nothing once it is released.
    client: Option<Client>,
    background: Background,
}

impl Service {
    /// Reserves a time, so that it is not offered to others for `minutes` (the service's default is 5).
    ///
    /// Of an event type with several lengths, `length` says which.
    pub async fn hold(
        &self,
        event_type: impl Into<EventTypeId>,
        start: Timestamp,
        length: Option<u32>,
        minutes: Option<u32>,
    ) -> Outcome<Hold> {
        let deadline = Deadline::after(self.call_budget());
        let client = self.budget_client(&deadline);
        let mut slot = ReserveSlot::new(event_type, start);
        slot.slot_duration = length;
        slot.reservation_duration = minutes;
        // In a task, so that a reservation is known, and released, also where nobody waits for it any more.
        let service = self.clone();
        let (sender, receiver) = oneshot::channel();
        self.inner.background.spawn(async move {
            // A hold that cannot be told of is dropped here.
            let _ = sender.send(service.reserve(&client, &slot).await);
        });
        match timeout_at(deadline.at(), receiver).await {
            Ok(Ok(outcome)) => outcome,
            _ => Outcome::Unknown(Unknown::new(1, None)),
        }
    }

    async fn reserve(&self, client: &Client, slot: &ReserveSlot) -> Outcome<Hold> {
        match client.slots().reserve(slot).await {
            Ok(reservation) => Outcome::Done(Hold {
                uid: reservation.reservation_uid,
                until: reservation.reservation_until,
                client: Some(self.client().clone()),
                background: self.inner.background.clone(),
            }),
            // One that nobody knows of runs out by itself.
            Err(error) if error.send_result() == SendResult::Unknown => Outcome::Unknown(Unknown::new(1, Some(error))),
            Err(error) => NotDone::from_error(error).into(),
        }
    }

    /// The hold that goes with an appointment. That somebody else holds the time is told; anything else does not keep the
    /// appointment from being booked.
    pub(super) async fn hold_for(&self, request: &CreateBooking, deadline: &Deadline) -> Result<Option<Hold>, NotDone> {
        let result = self.hold(request.event_type_id, request.start, request.length_in_minutes, None);
        let result = tokio::time::timeout(deadline.attempt_time() / 2, result).await;
        match result {
            Ok(Outcome::Done(hold)) => Ok(Some(hold)),
            Ok(Outcome::NotDone(not_done)) if *not_done.problem() == Problem::Reserved => Err(not_done),
            _ => Ok(None),
        }
    }
}

impl Hold {
    /// The uid of the reservation.
    #[must_use]
    pub fn uid(&self) -> &ReservationUid {
        &self.uid
    }

    /// When it runs out by itself.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Releases it now.
    ///
    /// # Errors
    ///
    /// Whatever the request can fail with; the reservation then runs out by itself.
    pub async fn release(mut self) -> crate::Result<()> {
        match self.client.take() {
            Some(client) => release(client, &self.uid).await,
            None => Ok(()),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let uid = self.uid.clone();
            self.background.spawn_if_possible(async move {
                // What fails here runs out by itself.
                let _ = release(client, &uid).await;
            });
        }
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold").field("uid", &self.uid).field("until", &self.until).finish_non_exhaustive()
    }
}

async fn release(client: Client, uid: &ReservationUid) -> crate::Result<()> {
    client.deadline(RELEASE_TIMEOUT).slots().release(uid).await
}

/// How long it is worth trying to release what runs out within minutes.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(30);
