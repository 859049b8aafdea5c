//! Slots: listing free ones, and reserving them.

use crate::{
    Client, Result,
    facade::{CheckBefore, fetch, fetch_documented, try_fetch},
    model::{Reservation, ReservationUid, ReserveSlot, SlotFormat, SlotQuery, Slots},
    raw::types,
};

/// Free slots and their reservations; from [`Client::slots`]. Most calls need no credential.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::model::{ReserveSlot, SlotQuery};
///
/// let query = SlotQuery::new(2026361, "2030-01-15T00:00:00Z".parse()?, "2030-01-16T00:00:00Z".parse()?);
/// let slots = client.slots().list(&query.time_zone("Europe/Berlin")).await?;
/// if let Some(slot) = slots.first() {
///     let reservation = client.slots().reserve(&ReserveSlot::new(2026361, slot.time)).await?;
///     println!("{} is reserved until {}", slot.time, reservation.reservation_until);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SlotsApi {
    client: Client,
}

impl Client {
    /// Free slots and their reservations.
    ///
    /// Cargo feature: `slots`.
    #[must_use]
    pub fn slots(&self) -> SlotsApi {
        SlotsApi { client: self.clone() }
    }
}

impl SlotsApi {
    /// Lists free slots (`GET /v2/slots`; [documented](crate::model#the-documented-interface) as `getAvailableSlots`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) before anything is sent, for a query that the service would
    /// refuse for its form. [`Error::NotFound`](crate::Error::NotFound) for an unknown event type, user or team.
    pub async fn list(&self, query: &SlotQuery) -> Result<Slots> {
        let parameters = query.to_wire().before("list_slots")?;
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
        try_fetch(request, |answer: types::SlotsResponse| Slots::parse_wire(answer.data)).await
    }

    /// Lists free slots by the legacy route (`GET /v2/slots/available`), for self-hosted servers that do not have the one of
    /// [`list`](Self::list). It takes neither teams nor several users at once.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list); [`Error::Unsupported`](crate::Error::Unsupported) on the hosted service, which does not have
    /// the route.
    pub async fn list_legacy(&self, query: &SlotQuery) -> Result<Slots> {
        let parameters = query.to_legacy_wire().before("list_available_slots")?;
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
        fetch_documented(request).await
    }

    /// Reserves a slot (`POST /v2/slots/reservations`), for 5 minutes unless the request says otherwise.
    ///
    /// The service then does not list the slot for others. The reservation does not prevent a *booking* of the slot: the
    /// service ignores reservations when it books.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) if the slot is reserved already,
    /// [`Error::Authentication`](crate::Error::Authentication) for a duration without a credential.
    pub async fn reserve(&self, slot: &ReserveSlot) -> Result<Reservation> {
        let request = self.client.raw().reserve_slot(&slot.to_wire().before("reserve_slot")?);
        fetch(request, |answer: types::SlotReservationResponse| answer.data).await
    }

    /// Reads a reservation (`GET /v2/slots/reservations/{uid}`); `None` for an unknown one.
    ///
    /// # Errors
    ///
    /// Only the errors of every call.
    pub async fn reservation(&self, uid: impl Into<ReservationUid>) -> Result<Option<Reservation>> {
        let request = self.client.raw().get_slot_reservation(uid.into().as_str());
        fetch(request, |answer: types::SlotReservationLookupResponse| answer.data).await
    }

    /// Moves a reservation to another slot (`PATCH /v2/slots/reservations/{uid}`), and restarts its time. It needs no
    /// credential.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown reservation,
    /// [`Error::Conflict`](crate::Error::Conflict) if the slot is reserved already.
    pub async fn update_reservation(&self, uid: impl Into<ReservationUid>, slot: &ReserveSlot) -> Result<Reservation> {
        let (uid, body) = (uid.into(), slot.to_wire().before("update_slot_reservation")?);
        let request = self.client.raw().update_slot_reservation(uid.as_str(), &body);
        fetch(request, |answer: types::SlotReservationResponse| answer.data).await
    }

    /// Releases a reservation (`DELETE /v2/slots/reservations/{uid}`); an unknown one counts as released.
    ///
    /// # Errors
    ///
    /// Only the errors of every call.
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
