//! Slots: what is free, and holding it for a while.

use crate::{
    Client, Result,
    facade::{read, read_documented, try_read},
    model::{BookingUid, Reservation, ReservationUid, ReserveSlot, SlotFormat, SlotQuery, Slots},
    raw::types,
};

/// Times that can be booked; from [`Client::slots`]. Most of it needs no credential.
#[derive(Debug, Clone)]
pub struct SlotFinder {
    client: Client,
}

impl Client {
    /// Times that can be booked.
    #[must_use]
    pub fn slots(&self) -> SlotFinder {
        SlotFinder { client: self.clone() }
    }
}

impl SlotFinder {
    /// Lists free slots (`GET /v2/slots`; the reference's `getAvailableSlots`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) before anything is sent, for what the service would refuse for its
    /// form. [`Error::NotFound`](crate::Error::NotFound) for an unknown event type, user or team.
    pub async fn list(&self, query: &SlotQuery) -> Result<Slots> {
        let parameters = query.to_wire()?;
        let request = self.client.raw().list_slots(
            query.booking_uid_to_reschedule.as_ref().map(BookingUid::as_str),
            query.duration.map(i64::from),
            &parameters.end,
            query.event_type_id.map(|id| id.0),
            query.event_type_slug.as_deref(),
            query.format.map(Into::into),
            query.organization_slug.as_deref(),
            &parameters.start,
            query.team_slug.as_deref(),
            query.time_zone.as_deref(),
            query.username.as_deref(),
            parameters.usernames.as_deref(),
        );
        try_read(request, |answer: types::SlotsAnswer| Slots::parse_wire(answer.data)).await
    }

    /// As [`list`](Self::list), by the older route (`GET /v2/slots/available`): for servers of one's own that are too old
    /// for the current one. It knows neither teams nor several users at once.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn available(&self, query: &SlotQuery) -> Result<Slots> {
        let parameters = query.to_older_wire()?;
        let owner = query.username.clone().map(|name| vec![name]);
        let request = self.client.raw().list_available_slots(
            parameters.duration,
            &parameters.end,
            query.event_type_id.map(|id| id.0),
            query.event_type_slug.as_deref(),
            query.organization_slug.as_deref(),
            query.booking_uid_to_reschedule.as_ref().map(BookingUid::as_str),
            query.format.map(Into::into),
            &parameters.start,
            query.time_zone.as_deref(),
            owner.as_ref(),
        );
        read_documented(request).await
    }

    /// Holds a slot (`POST /v2/slots/reservations`), for 5 minutes unless it says otherwise.
    ///
    /// The slot is then not offered to others. Nobody is stopped from *booking* it, with or without having reserved it:
    /// the service does not look at reservations when it books.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) where it is held already,
    /// [`Error::Authentication`](crate::Error::Authentication) for a duration without a credential.
    pub async fn reserve(&self, slot: &ReserveSlot) -> Result<Reservation> {
        let request = self.client.raw().reserve_slot(&slot.to_wire()?);
        read(request, |answer: types::SlotReservationAnswer| answer.data).await
    }

    /// Reads a reservation (`GET /v2/slots/reservations/{uid}`); `None` for an unknown one.
    ///
    /// # Errors
    ///
    /// Only those of every call.
    pub async fn reservation(&self, uid: impl Into<ReservationUid>) -> Result<Option<Reservation>> {
        let request = self.client.raw().get_slot_reservation(uid.into().as_str());
        read(request, |answer: types::SlotReservationLookupAnswer| answer.data).await
    }

    /// Moves a reservation to another slot (`PATCH /v2/slots/reservations/{uid}`), and lets its time start anew. Whoever
    /// knows the uid can.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown reservation,
    /// [`Error::Conflict`](crate::Error::Conflict) where the slot is held already.
    pub async fn update_reservation(&self, uid: impl Into<ReservationUid>, slot: &ReserveSlot) -> Result<Reservation> {
        let request = self.client.raw().update_slot_reservation(uid.into().as_str(), &slot.to_wire()?);
        read(request, |answer: types::SlotReservationAnswer| answer.data).await
    }

    /// Releases a reservation (`DELETE /v2/slots/reservations/{uid}`); an unknown one counts as released.
    ///
    /// # Errors
    ///
    /// Only those of every call.
    pub async fn release(&self, uid: impl Into<ReservationUid>) -> Result<()> {
        self.client.raw().delete_slot_reservation(uid.into().as_str()).await.map(drop)
    }
}

impl From<SlotFormat> for types::SlotFormat {
    fn from(format: SlotFormat) -> Self {
        match format {
            SlotFormat::Time => Self::Time,
            SlotFormat::Range => Self::Range,
        }
    }
}
