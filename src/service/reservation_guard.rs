//! Reserving a time while the booker decides.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use tokio::{sync::oneshot, time::timeout_at};

use super::{NotDone, Outcome, Problem, Service, Unknown, deadline::Deadline};
use crate::{
    Client,
    model::{CreateBooking, EventTypeId, ReservationUid, ReserveSlot},
    retry_policy::CallFailure,
    sync::TaskTracker,
};

/// A reserved time. Dropping it releases the time in a background task; without a runtime the reservation expires by
/// itself.
///
/// It hides the time from other requests for free slots, for some minutes. **It does not prevent other bookings**: the
/// service accepts a booking for a reserved time (recording `create-on-slot-reserved-by-other`).
///
/// ```no_run
/// use calcom::service::{Outcome, Service};
///
/// # async fn example(service: Service, start: jiff::Timestamp) -> calcom::Result<()> {
/// if let Outcome::Done(guard) = service.reserve(2026361, start, None, Some(5)).await {
///     println!("reserved until {}", guard.until());
///     guard.release().await?;
/// }
/// # Ok(()) }
/// ```
#[must_use = "dropping it releases the time"]
pub struct ReservationGuard {
    uid: ReservationUid,
    until: Timestamp,
    /// `None` after the release.
    client: Option<Client>,
    background: TaskTracker,
}

impl Service {
    /// Reserves a time, so that it is not offered to others for `minutes` (the service's default is 5).
    ///
    /// `length` in minutes chooses a length if the event type has several.
    pub async fn reserve(
        &self,
        event_type: impl Into<EventTypeId>,
        start: Timestamp,
        length: Option<u32>,
        minutes: Option<u32>,
    ) -> Outcome<ReservationGuard> {
        let deadline = Deadline::after(self.call_duration());
        let client = self.deadline_client(&deadline);
        let mut slot = ReserveSlot::new(event_type, start);
        slot.slot_duration = length;
        slot.reservation_duration = minutes;
        // A task makes the reservation, so that it is released even if the caller drops its future.
        let service = self.clone();
        let (sender, receiver) = oneshot::channel();
        self.inner.background.spawn(async move {
            // If the receiver was dropped, the guard is dropped.
            let _ = sender.send(service.send_reservation(&client, &slot).await);
        });
        match timeout_at(deadline.at(), receiver).await {
            Ok(Ok(outcome)) => outcome,
            _ => Outcome::Unknown(Unknown::new(1, None)),
        }
    }

    async fn send_reservation(&self, client: &Client, slot: &ReserveSlot) -> Outcome<ReservationGuard> {
        match client.slots().reserve(slot).await {
            Ok(reservation) => Outcome::Done(ReservationGuard {
                uid: reservation.reservation_uid,
                until: reservation.reservation_until,
                client: Some(self.client().clone()),
                background: self.inner.background.clone(),
            }),
            // A reservation whose response is lost expires by itself.
            Err(error) if error.call_failure() == CallFailure::Unknown => {
                Outcome::Unknown(Unknown::new(1, Some(error)))
            }
            Err(error) => NotDone::from_error(error).into(),
        }
    }

    /// Reserves the time of an appointment. A reservation by another booker is an error; any other failure does not prevent the
    /// booking.
    pub(super) async fn reserve_for(
        &self,
        request: &CreateBooking,
        deadline: &Deadline,
    ) -> Result<Option<ReservationGuard>, NotDone> {
        let result = self.reserve(request.event_type_id, request.start, request.length_in_minutes, None);
        let result = tokio::time::timeout(deadline.attempt_time() / 2, result).await;
        match result {
            Ok(Outcome::Done(guard)) => Ok(Some(guard)),
            Ok(Outcome::NotDone(not_done)) if *not_done.problem() == Problem::Reserved => Err(not_done),
            _ => Ok(None),
        }
    }
}

impl ReservationGuard {
    /// The uid of the reservation.
    #[must_use]
    pub fn uid(&self) -> &ReservationUid {
        &self.uid
    }

    /// The time at which it expires by itself.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Releases the time now.
    ///
    /// # Errors
    ///
    /// The errors of the request; the reservation then expires by itself.
    pub async fn release(mut self) -> crate::Result<()> {
        match self.client.take() {
            Some(client) => release(client, &self.uid).await,
            None => Ok(()),
        }
    }
}

impl Drop for ReservationGuard {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let uid = self.uid.clone();
            self.background.try_spawn(async move {
                // If this fails, the reservation expires by itself.
                let _ = release(client, &uid).await;
            });
        }
    }
}

impl fmt::Debug for ReservationGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReservationGuard").field("uid", &self.uid).field("until", &self.until).finish_non_exhaustive()
    }
}

async fn release(client: Client, uid: &ReservationUid) -> crate::Result<()> {
    client.with_deadline(RELEASE_TIMEOUT).slots().release(uid).await
}

/// Time limit for the release of a reservation, which expires within minutes.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(30);
