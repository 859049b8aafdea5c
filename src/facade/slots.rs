//! Slots: what is free, and holding it for a while.

use crate::{
    Client, Result,
    facade::{read, read_documented, try_read},
    model::{Reservation, ReservationUid, ReserveSlot, SlotFormat, SlotQuery, Slots},
    raw::types,
};

/// Times that can be booked; from [`Client::slots`]. Most of it needs no credential.
#[derive(Debug, Clone)]
pub struct SlotFinder {
    client: Client,
}

impl Client {
    /// Times that can be booked.
    ///
    /// Cargo feature: `slots`.
    #[must_use]
    pub fn slots(&self) -> SlotFinder {
        SlotFinder { client: self.clone() }
    }
}

impl SlotFinder {
    /// Lists free slots (`GET /v2/slots`; [documented](crate::model#the-documented-interface) as `getAvailableSlots`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) before anything is sent, for what the service would refuse for its
    /// form. [`Error::NotFound`](crate::Error::NotFound) for an unknown event type, user or team.
    pub async fn list(&self, query: &SlotQuery) -> Result<Slots> {
        let parameters = query.to_wire()?;
        let request = self
            .client
            .raw()
            .list_slots(&parameters.start, &parameters.end)
            .set(query.booking_uid_to_reschedule.as_ref(), |request, uid| {
                request.booking_uid_to_reschedule(uid.as_str())
            })
            .set(query.duration, |request, minutes| request.duration(minutes.into()))
            .set(query.event_type_id, |request, id| request.event_type_id(id.0))
            .set(query.event_type_slug.as_deref(), |request, slug| request.event_type_slug(slug))
            .set(query.format, |request, format| request.format(format))
            .set(query.organization_slug.as_deref(), |request, slug| request.organization_slug(slug))
            .set(query.team_slug.as_deref(), |request, slug| request.team_slug(slug))
            .set(query.time_zone.as_deref(), |request, zone| request.time_zone(zone))
            .set(query.username.as_deref(), |request, name| request.username(name))
            .set(parameters.usernames.as_deref(), |request, names| request.usernames(names));
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
        let request = self
            .client
            .raw()
            .list_available_slots(&parameters.start, &parameters.end)
            .set(parameters.duration, |request, minutes| request.duration(minutes.get()))
            .set(query.event_type_id, |request, id| request.event_type_id(id.0))
            .set(query.event_type_slug.as_deref(), |request, slug| request.event_type_slug(slug))
            .set(query.organization_slug.as_deref(), |request, slug| request.org_slug(slug))
            .set(query.booking_uid_to_reschedule.as_ref(), |request, uid| request.reschedule_uid(uid.as_str()))
            .set(query.format, |request, format| request.slot_format(format))
            .set(query.time_zone.as_deref(), |request, zone| request.time_zone(zone))
            .set(query.username.as_deref(), |request, name| request.username_list(name));
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
