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
        let deadline = Deadline::within(self.budget());
        let client = self.budget_client(&deadline);
        let mut slot = ReserveSlot::new(event_type, start);
        slot.slot_duration = length;
        slot.reservation_duration = minutes;
        // In a task, so that a reservation is known, and released, also where nobody waits for it any more.
        let service = self.clone();
        let (tell, told) = oneshot::channel();
        self.shared.background.spawn(async move {
            // A hold that cannot be told of is dropped here.
            let _ = tell.send(service.reserve(&client, &slot).await);
        });
        match timeout_at(deadline.at(), told).await {
            Ok(Ok(outcome)) => outcome,
            _ => Outcome::Unknown(Unknown::after(1, None)),
        }
    }

    async fn reserve(&self, client: &Client, slot: &ReserveSlot) -> Outcome<Hold> {
        match client.slots().reserve(slot).await {
            Ok(reservation) => Outcome::Done(Hold {
                uid: reservation.reservation_uid,
                until: reservation.reservation_until,
                client: Some(self.client().clone()),
                background: self.shared.background.clone(),
            }),
            // One that nobody knows of runs out by itself.
            Err(error) if error.send_result() == SendResult::Unknown => {
                Outcome::Unknown(Unknown::after(1, Some(error)))
            }
            Err(error) => NotDone::refused(error).into(),
        }
    }

    /// The hold that goes with an appointment. That somebody else holds the time is told; anything else does not keep the
    /// appointment from being booked.
    pub(super) async fn held(&self, wire: &CreateBooking, deadline: &Deadline) -> Result<Option<Hold>, NotDone> {
        let held = self.hold(wire.event_type_id, wire.start, wire.length_in_minutes, None);
        let held = tokio::time::timeout(deadline.attempt() / 2, held).await;
        match held {
            Ok(Outcome::Done(hold)) => Ok(Some(hold)),
            Ok(Outcome::NotDone(why)) if *why.problem() == Problem::Reserved => Err(why),
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
    client.deadline(RELEASE).slots().release(uid).await
}

/// How long it is worth trying to release what runs out within minutes.
const RELEASE: Duration = Duration::from_secs(30);
