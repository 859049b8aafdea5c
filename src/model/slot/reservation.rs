//! Reservations of slots.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::FromWire,
    model::{
        EventTypeId, RawValueRef, ReservationUid,
        documented::{documented, reads_wire},
    },
    redact::debug_shows,
};

documented! {
    /// A reservation of a slot: until it ends, the service does not list the slot for others.
    ///
    /// It does **not** prevent a booking of the slot: the service ignores reservations when it books.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client, start: calcom::jiff::Timestamp) -> calcom::Result<()> {
    /// use calcom::model::ReserveSlot;
    ///
    /// let reservation = client.slots().reserve(&ReserveSlot::new(2026361, start)).await?;
    /// println!("reserved until {}", reservation.reservation_until);
    /// client.slots().release(&reservation.reservation_uid).await?;
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct Reservation {
        /// The identifier with which it is read, moved and released; it needs no credential.
        pub reservation_uid: ReservationUid,
        /// The event type of the slot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_type_id: Option<EventTypeId>,
        /// The start of the slot.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub slot_start: Timestamp,
        /// The end of the slot.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub slot_end: Timestamp,
        /// The length of the slot in minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub slot_duration: Option<u32>,
        /// The length of the reservation in minutes; missing if the reservation is read later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reservation_duration: Option<u32>,
        /// The end of the reservation.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub reservation_until: Timestamp,
    }
    wire_names: [],
    nested: [],
    read_wire: ("slots", crate::model::wire::read_wire::<Self>),
}

reads_wire!("slots", Reservation => crate::generated::types::SlotReservation);
debug_shows!(Reservation { reservation_uid, event_type_id, slot_start, slot_end, reservation_until });

/// The request to reserve a slot.
///
/// ```
/// use calcom::model::ReserveSlot;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = ReserveSlot::new(2026361, "2025-01-15T09:00:00Z".parse()?).reservation_duration(10);
/// // client.slots().reserve(&request).await?;
/// # assert_eq!(request.reservation_duration, Some(10));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ReserveSlot {
    /// The event type.
    pub event_type_id: EventTypeId,
    /// The start of the slot. The service does not check that it is a free slot, within the hours, or in the future.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub slot_start: Timestamp,
    /// The length of the slot in minutes; only for event types that offer several lengths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_duration: Option<u32>,
    /// The length of the reservation in minutes; default 5. It needs a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_duration: Option<u32>,
}

impl ReserveSlot {
    /// A reservation for 5 minutes of the slot of this event type that starts at this time.
    pub fn new(event_type: impl Into<EventTypeId>, start: Timestamp) -> Self {
        Self { event_type_id: event_type.into(), slot_start: start, slot_duration: None, reservation_duration: None }
    }

    /// Sets the length of the slot in minutes; only for event types that offer several lengths.
    #[must_use]
    pub fn slot_duration(mut self, minutes: u32) -> Self {
        self.slot_duration = Some(minutes);
        self
    }

    /// Sets the length of the reservation in minutes; it needs a credential.
    #[must_use]
    pub fn reservation_duration(mut self, minutes: u32) -> Self {
        self.reservation_duration = Some(minutes);
        self
    }

    /// The body of `POST /v2/slots/reservations`, and of its `PATCH`.
    pub(crate) fn to_wire(&self) -> Result<types::ReserveSlot> {
        let durations = [("slotDuration", self.slot_duration), ("reservationDuration", self.reservation_duration)];
        let problems: Vec<_> = durations
            .into_iter()
            .filter(|(_, minutes)| *minutes == Some(0))
            .map(|(field, _)| FieldError::new(field, "must be at least 1"))
            .collect();
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let mut body = types::ReserveSlot::new(self.event_type_id.0, self.slot_start);
        body.slot_duration = self.slot_duration.map(i64::from);
        body.reservation_duration = self.reservation_duration.map(i64::from);
        Ok(body)
    }
}

impl FromWire for Reservation {
    type Wire = types::SlotReservation;

    fn from_wire(wire: types::SlotReservation, extra: RawValueRef) -> Self {
        let minutes = |minutes: Option<i64>| minutes.and_then(|minutes| u32::try_from(minutes).ok());
        Self {
            reservation_uid: wire.reservation_uid.into(),
            event_type_id: wire.event_type_id.map(EventTypeId),
            slot_start: wire.slot_start,
            slot_end: wire.slot_end,
            slot_duration: minutes(wire.slot_duration),
            reservation_duration: minutes(wire.reservation_duration),
            reservation_until: wire.reservation_until,
            extra,
        }
    }
}
