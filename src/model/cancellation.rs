//! Cancellation of a booking: the request, and its result.

use serde::{Deserialize, Serialize};

use super::{Booking, BookingId, SeatUid, documented::documented, nulls::null_as_none};
use crate::redact::debug_shows;

/// The request to cancel a booking, one seat of it or the rest of a series: `{"cancellationReason": "Patient cancelled"}`.
///
/// The service requires a reason if the host cancels.
///
/// ```
/// use calcom::model::CancelBooking;
///
/// let whole = CancelBooking::with_reason("Patient cancelled");
/// let seat = CancelBooking::with_reason("Patient cancelled").seat("2f0d6f4e-0b7c-4c86-9f2a-1a2b3c4d5e6f");
/// let series = CancelBooking::with_reason("Therapy is over").with_subsequent();
/// assert!(series.cancel_subsequent_bookings && seat.seat_uid.is_some() && whole.seat_uid.is_none());
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CancelBooking {
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation_reason: Option<String>,
    /// The seat to cancel, in a seated booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_uid: Option<SeatUid>,
    /// Whether all later occurrences of the series are cancelled too; default `false`.
    #[serde(default, deserialize_with = "null_as_none", skip_serializing_if = "is_false")]
    pub cancel_subsequent_bookings: bool,
}

debug_shows!(CancelBooking { seat_uid, cancel_subsequent_bookings });

impl CancelBooking {
    /// A cancellation of the whole booking with this reason.
    pub fn with_reason(reason: impl Into<String>) -> Self {
        Self { cancellation_reason: Some(reason.into()), ..Self::default() }
    }

    /// Cancels only this seat.
    #[must_use]
    pub fn seat(mut self, seat: impl Into<SeatUid>) -> Self {
        self.seat_uid = Some(seat.into());
        self
    }

    /// Cancels all later occurrences of the series too.
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
    /// The result of a cancellation: `{"message": "Booking cancelled successfully", "bookingId": 987654}`.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::CancelBooking;
    ///
    /// let request = CancelBooking::with_reason("Patient cancelled");
    /// let cancellation = client.bookings().cancel("kgiKeoVgk6NpALrVxDhWeY", &request).await?;
    /// println!("{} bookings are cancelled", cancellation.bookings.len());
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct Cancellation {
        /// A message in English.
        pub message: String,
        /// The id of the booking; of a series, that of the first occurrence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub booking_id: Option<BookingId>,
        /// The cancelled booking, or the cancelled occurrences of a series, in their new state.
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
        model::{FromWire, RawValueRef},
    };

    impl FromWire for Cancellation {
        type Wire = types::BookingOrSeriesParts;

        fn from_wire(wire: types::BookingOrSeriesParts, extra: RawValueRef) -> Self {
            let wire_field = |field| extra.field(field);
            let message =
                wire_field("message").and_then(Value::as_str).unwrap_or("Booking cancelled successfully").to_owned();
            let booking_id = wire_field("bookingId").and_then(Value::as_i64).map(BookingId);
            let bookings = Booking::from_booking_or_series(wire, &extra);
            let booking_id = booking_id.or_else(|| Some(bookings.first()?.id));
            Self { message, booking_id, bookings, extra }
        }
    }
}
