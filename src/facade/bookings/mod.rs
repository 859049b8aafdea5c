//! Bookings: creating, reading, rescheduling, cancelling and all further operations on them.

mod artifacts;
mod attendees;
mod filter;
mod filter_fields;
mod list;
mod page;
#[cfg(any(feature = "organizations", feature = "teams"))]
mod scoped;
mod verification;

pub use filter::{BookingFilter, BookingSort};
pub use list::BookingStream;
pub use page::Page;
#[cfg(any(feature = "organizations", feature = "teams"))]
pub use scoped::BookingList;

use serde_json::Value;

use crate::{
    Client, Error, Result,
    facade::{CheckBefore, fetch, try_fetch},
    model::{
        Booking, BookingUid, CancelBooking, Cancellation, CreateBooking, FromDocumented, FromWire, InvalidValue,
        Location, RawValueRef, Reassignment, RescheduleBooking, SeatUid,
    },
    raw::{Request, types},
};

/// The bookings that the caller hosts or attends; from [`Client::bookings`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::model::{CancelBooking, CreateBooking, RescheduleBooking};
///
/// let bookings = client.bookings();
/// let request = CreateBooking::new(2026361, "2030-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com");
/// let booking = bookings.create(&request.time_zone("Europe/Berlin")).await?;
///
/// let moved = bookings.reschedule(&booking.uid, &RescheduleBooking::to("2030-01-16T11:00:00Z".parse()?)).await?;
/// bookings.cancel(&moved.uid, &CancelBooking::with_reason("Patient cancelled")).await?;
/// # Ok(()) }
/// ```
///
/// Requests to book, reschedule and cancel are never sent again on a guess: if their outcome is unknown, they fail with
/// [`may_have_been_applied`](Error::may_have_been_applied). `calcom::service` books exactly once instead.
#[derive(Debug, Clone)]
pub struct Bookings {
    client: Client,
    /// Whether lists are paged by offset on every service.
    paged_by_offset: bool,
}

impl Client {
    /// The bookings that the caller hosts or attends.
    ///
    /// Cargo feature: `bookings`.
    #[must_use]
    pub fn bookings(&self) -> Bookings {
        Bookings { client: self.clone(), paged_by_offset: false }
    }
}

impl Bookings {
    /// The same bookings, with lists paged by offset on every service. Only such a list is sorted and up to date.
    pub(crate) fn paged_by_offset(&self) -> Self {
        Self { client: self.client.clone(), paged_by_offset: true }
    }

    /// Books an appointment (`POST /v2/bookings`; [documented](crate::model#the-documented-interface) as `createBooking`).
    ///
    /// With `rescheduleUid` it reschedules that booking to `start`, and sends nothing else. For a recurring event type it
    /// returns the first occurrence; [`create_series`](Self::create_series) returns all of them.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] before anything is sent, with every field that is invalid by itself: an empty name, an unknown
    /// time zone or language, a malformed e-mail address or phone number, metadata that is too long. From the service for
    /// everything else that it refuses, such as a missing answer of the booking form. Fields are named as in [`CreateBooking`]:
    /// `responses.email`; answers to questions by their slug. [`Error::Conflict`] if the slot is taken or outside the hours:
    /// the service does not distinguish the two. [`Error::NotFound`] for an unknown event type.
    pub async fn create(&self, booking: &CreateBooking) -> Result<Booking> {
        first(self.create_series(booking).await?)
    }

    /// Books an appointment or, for a recurring event type, a series, and returns all of its bookings.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create). A series is not atomic: if a later occurrence has a conflict, the earlier ones stay
    /// booked.
    pub async fn create_series(&self, booking: &CreateBooking) -> Result<Vec<Booking>> {
        if let Some(uid) = &booking.reschedule_uid {
            return self.reschedule(uid, &RescheduleBooking::to(booking.start)).await.map(|moved| vec![moved]);
        }
        let request = self.client.raw().create_booking(&booking.to_wire().before("create_booking")?);
        fetch_bookings(request).await.map_err(|error| error.with_field_names(&BOOKING_FIELD_NAMES))
    }

    /// Reads one booking (`GET /v2/bookings/{uid}`; [documented](crate::model#the-documented-interface) as
    /// `getBooking`). For the uid of a series it returns the first occurrence.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown uid.
    pub async fn get(&self, uid: impl Into<BookingUid>) -> Result<Booking> {
        first(self.get_series(uid).await?)
    }

    /// Reads all occurrences of a series by its [`recurring_booking_uid`](Booking::recurring_booking_uid).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown uid.
    pub async fn get_series(&self, uid: impl Into<BookingUid>) -> Result<Vec<Booking>> {
        fetch_bookings(self.client.raw().get_booking(uid.into().as_str())).await
    }

    /// Reads the booking that a seat belongs to (`GET /v2/bookings/by-seat/{seatUid}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown seat.
    pub async fn get_by_seat(&self, seat: impl Into<SeatUid>) -> Result<Booking> {
        first(fetch_bookings(self.client.raw().get_booking_by_seat(seat.into().as_str())).await?)
    }

    /// Reschedules a booking (`POST /v2/bookings/{uid}/reschedule`; [documented](crate::model#the-documented-interface) as
    /// `rescheduleBooking`).
    ///
    /// The returned booking has a new uid; the old booking is cancelled. In a seated booking one seat is rescheduled.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if it was rescheduled or cancelled already, [`Error::Conflict`] if the new time is taken.
    pub async fn reschedule(&self, uid: impl Into<BookingUid>, to: &RescheduleBooking) -> Result<Booking> {
        let uid = uid.into();
        let body = to.to_wire().before("reschedule_booking")?;
        let request = self.client.raw().reschedule_booking(uid.as_str(), &body);
        let moved = fetch(request, |answer| answer.data).await;
        moved.map_err(|error: Error| error.with_field_names(&[("reschedulingReason", "rescheduleReason")]))
    }

    /// Cancels a booking, one seat, or a series (`POST /v2/bookings/{uid}/cancel`;
    /// [documented](crate::model#the-documented-interface) as `cancelBooking`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if it is cancelled already, or if the host gives no reason.
    pub async fn cancel(&self, uid: impl Into<BookingUid>, how: &CancelBooking) -> Result<Cancellation> {
        let uid = uid.into();
        fetch(self.client.raw().cancel_booking(uid.as_str(), &how.to_wire()), |answer| answer.data).await
    }

    /// Confirms a pending booking (`POST /v2/bookings/{uid}/confirm`). Confirming one occurrence of a series confirms all of
    /// them; confirming a declined booking makes it accepted.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if it is confirmed already, [`Error::Permission`] if it is another user's.
    pub async fn confirm(&self, uid: impl Into<BookingUid>) -> Result<Booking> {
        first(fetch_bookings(self.client.raw().confirm_booking(uid.into().as_str())).await?)
    }

    /// Declines a pending booking (`POST /v2/bookings/{uid}/decline`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if it cannot be declined.
    pub async fn decline(&self, uid: impl Into<BookingUid>, reason: Option<&str>) -> Result<Booking> {
        let mut body = types::DeclineBooking::new();
        body.reason = reason.map(str::to_owned);
        first(fetch_bookings(self.client.raw().decline_booking(uid.into().as_str(), &body)).await?)
    }

    /// Changes the location of a booking (`PATCH /v2/bookings/{uid}/location`). The service notifies the attendees by mail.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] if it is another user's. The service has a separate limit for these calls: [`Error::RateLimit`].
    pub async fn update_location(&self, uid: impl Into<BookingUid>, location: &Location) -> Result<Booking> {
        let body = location.to_update()?;
        first(fetch_bookings(self.client.raw().update_booking_location(uid.into().as_str(), &body)).await?)
    }

    /// Reassigns a round-robin booking to another host that the service picks (`POST /v2/bookings/{uid}/reassign`).
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if no other host is free; [`Error::Validation`] for a booking that is no round-robin one.
    pub async fn reassign(&self, uid: impl Into<BookingUid>) -> Result<Reassignment> {
        fetch(self.client.raw().reassign_booking(uid.into().as_str()), |answer| answer.data).await
    }

    /// Reassigns a round-robin booking to this host (`POST /v2/bookings/{uid}/reassign/{userId}`). Whether that user is free is
    /// not checked.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if that user is no host of the event type.
    pub async fn reassign_to(
        &self,
        uid: impl Into<BookingUid>,
        user: impl Into<crate::model::UserId>,
        reason: Option<&str>,
    ) -> Result<Reassignment> {
        let mut body = types::ReassignBooking::new();
        body.reason = reason.map(str::to_owned);
        let request = self.client.raw().reassign_booking_to_user(uid.into().as_str(), user.into().0, &body);
        fetch(request, |answer| answer.data).await
    }
}

/// The names of fields in the service's errors, and in [`CreateBooking`].
const BOOKING_FIELD_NAMES: [(&str, &str); 7] = [
    ("attendee.name", "responses.name"),
    ("attendee.email", "responses.email"),
    ("attendee.phoneNumber", "responses.phone"),
    ("attendee.timeZone", "timeZone"),
    ("attendee.language", "language"),
    ("guests", "responses.guests"),
    ("bookingFieldsResponses", "responses"),
];

/// Sends a request whose response has one booking or several.
async fn fetch_bookings(request: Request<types::BookingOrSeriesResponse>) -> Result<Vec<Booking>> {
    let read = |answer: types::BookingOrSeriesResponseParts| match answer.data {
        types::BookingOrSeriesParts::SeriesParts(series) if series.0.is_empty() => {
            Err(InvalidValue::new("data", "at least one booking"))
        }
        data => Ok(data),
    };
    try_fetch::<_, _, OneOrManyBookings>(request, read).await.map(|several| several.0)
}

/// One booking or several, in the documented form.
#[derive(Clone)]
struct OneOrManyBookings(Vec<Booking>);

impl FromDocumented for OneOrManyBookings {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
        Booking::from_documented(json, extra).map(|booking| Self(vec![booking]))
    }
}

impl FromWire for OneOrManyBookings {
    type Wire = types::BookingOrSeriesParts;

    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
        Self(Booking::from_booking_or_series(wire, &extra))
    }
}

fn first(bookings: Vec<Booking>) -> Result<Booking> {
    bookings.into_iter().next().ok_or_else(|| Error::empty("the response contains no booking"))
}
