//! Slots held for a while.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::FromWire,
    model::{
        EventTypeId, Extra, ReservationUid,
        documented::{documented, reads_wire},
    },
    redact::debug_shows,
};

documented! {
    /// A slot that is held for a while, so that it is not offered to others.
    ///
    /// It does **not** stop anybody from booking the slot: the service asks for no reservation when it books, and checks none.
    #[serde(rename_all = "camelCase")]
    pub struct Reservation {
        /// What finds, moves and releases it; no credential is needed besides.
        pub reservation_uid: ReservationUid,
        /// The event type whose slot it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_type_id: Option<EventTypeId>,
        /// When the slot starts.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub slot_start: Timestamp,
        /// When the slot ends.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub slot_end: Timestamp,
        /// How long the slot is, in minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub slot_duration: Option<u32>,
        /// How long it is held, in minutes; not told when a reservation is read again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reservation_duration: Option<u32>,
        /// Until when it is held.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub reservation_until: Timestamp,
    }
    wire_names: [],
    nested: [],
    read_wire: ("slots", crate::model::wire::read_wire::<Self>),
}

reads_wire!("slots", Reservation => crate::generated::types::SlotReservation);
debug_shows!(Reservation { reservation_uid, event_type_id, slot_start, slot_end, reservation_until });

/// A slot to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ReserveSlot {
    /// The event type.
    pub event_type_id: EventTypeId,
    /// When the slot starts. The service does not check that it is one: hours and past are not looked at.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub slot_start: Timestamp,
    /// How long the slot is, in minutes; only for event types that offer several lengths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_duration: Option<u32>,
    /// How long to hold it, in minutes; default 5. Only with a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_duration: Option<u32>,
}

impl ReserveSlot {
    /// The slot of this event type that starts at this time, for 5 minutes.
    pub fn new(event_type: impl Into<EventTypeId>, start: Timestamp) -> Self {
        Self { event_type_id: event_type.into(), slot_start: start, slot_duration: None, reservation_duration: None }
    }

    /// How long the slot is, in minutes; only for event types that offer several lengths.
    #[must_use]
    pub fn slot_duration(mut self, minutes: u32) -> Self {
        self.slot_duration = Some(minutes);
        self
    }

    /// How long to hold it, in minutes; only with a credential.
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

    fn from_wire(today: types::SlotReservation, extra: Extra) -> Self {
        let minutes = |minutes: Option<i64>| minutes.and_then(|minutes| u32::try_from(minutes).ok());
        Self {
            reservation_uid: today.reservation_uid.into(),
            event_type_id: today.event_type_id.map(EventTypeId),
            slot_start: today.slot_start,
            slot_end: today.slot_end,
            slot_duration: minutes(today.slot_duration),
            reservation_duration: minutes(today.reservation_duration),
            reservation_until: today.reservation_until,
            extra,
        }
    }
}
