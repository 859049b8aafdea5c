//! Cancelling a booking.

use serde::{Deserialize, Serialize};

use super::{Booking, BookingId, SeatUid, documented::documented};
use crate::redact::debug_shows;

/// Why, and how much of it, a booking is cancelled: `{"cancellationReason": "Patient cancelled"}`.
///
/// The service demands a reason from the host.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CancelBooking {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation_reason: Option<String>,
    /// Only this attendee's seat, in a seated booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_uid: Option<SeatUid>,
    /// Also all later occurrences, in a series; default `false`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancel_subsequent_bookings: bool,
}

debug_shows!(CancelBooking { seat_uid, cancel_subsequent_bookings });

impl CancelBooking {
    /// With a reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { cancellation_reason: Some(reason.into()), ..Self::default() }
    }

    /// Only this attendee's seat.
    #[must_use]
    pub fn seat(mut self, seat: impl Into<SeatUid>) -> Self {
        self.seat_uid = Some(seat.into());
        self
    }

    /// Also all later occurrences of the series.
    #[must_use]
    pub fn with_subsequent(mut self) -> Self {
        self.cancel_subsequent_bookings = true;
        self
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !flag
}

documented! {
    /// That a booking was cancelled: `{"message": "Booking cancelled successfully", "bookingId": 987654}`.
    #[serde(rename_all = "camelCase")]
    pub struct Cancellation {
        /// What happened, for people.
        pub message: String,
        /// The number of the booking; of a series, that of the first occurrence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub booking_id: Option<BookingId>,
        /// What was cancelled, as it is now: one booking, or the occurrences of a series.
        #[serde(default, skip_serializing)]
        #[cfg_attr(feature = "schemars", schemars(skip))]
        pub bookings: Vec<Booking>,
    }
    wire_names: ["uid"],
    nested: [bookings as "bookings"],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

debug_shows!(Cancellation { booking_id, bookings });

#[cfg(feature = "bookings")]
mod from_wire {
    use serde_json::Value;

    use super::*;
    use crate::{
        generated::types,
        model::{Extra, FromWire},
    };

    impl FromWire for Cancellation {
        type Wire = types::BookingOrSeries;

        fn from_wire(today: types::BookingOrSeries, extra: Extra) -> Self {
            let told = |field| extra.field(field);
            let message =
                told("message").and_then(Value::as_str).unwrap_or("Booking cancelled successfully").to_owned();
            let booking_id = told("bookingId").and_then(Value::as_i64).map(BookingId);
            let bookings = Booking::one_or_many(today, &extra);
            let booking_id = booking_id.or_else(|| Some(bookings.first()?.id));
            Self { message, booking_id, bookings, extra }
        }
    }
}
