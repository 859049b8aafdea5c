//! Bookings: booking, reading, moving, cancelling, and everything else that happens to one.

mod filter;
mod list;
mod people;
mod records;
mod told;

pub use filter::{BookingFilter, Sort};
pub use list::{BookingPages, Page};

use serde_json::Value;

use crate::{
    Client, Error, Result,
    facade::read,
    model::{
        Booking, BookingUid, CancelBooking, Cancellation, CreateBooking, Extra, FromDocumented, FromWire, Location,
        Reassignment, RescheduleBooking, SeatUid,
    },
    raw::{Request, types},
};

/// The bookings that the caller hosts or attends; from [`Client::bookings`].
///
/// Booking, moving and cancelling are never sent twice on a guess: where their outcome is not known they fail with
/// [`may_have_been_applied`](Error::may_have_been_applied).
#[derive(Debug, Clone)]
pub struct Bookings {
    client: Client,
    /// Whether they are listed by number on every service.
    by_number: bool,
}

impl Client {
    /// The bookings that the caller hosts or attends.
    ///
    /// Cargo feature: `bookings`.
    #[must_use]
    pub fn bookings(&self) -> Bookings {
        Bookings { client: self.clone(), by_number: false }
    }
}

impl Bookings {
    /// The same, listed by number on every service. Only the list by number has an order, and is up to date.
    pub(crate) fn by_number(&self) -> Self {
        Self { client: self.client.clone(), by_number: true }
    }

    /// Books (`POST /v2/bookings`; [documented](crate::model#the-documented-interface) as `createBooking`).
    ///
    /// With `rescheduleUid` it moves that booking to `start` and sends nothing else. For a recurring event type the
    /// answer is the first occurrence: [`create_series`](Self::create_series) gives them all.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] before anything is sent, for what the service would refuse for its form, and from the
    /// service for a missing booking field. [`Error::Conflict`] where the slot is taken or outside the hours: the service
    /// does not tell the two apart. [`Error::NotFound`] for an unknown event type.
    pub async fn create(&self, booking: &CreateBooking) -> Result<Booking> {
        first(self.create_series(booking).await?)
    }

    /// As [`create`](Self::create), with every occurrence where the event type is recurring.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create). A series is not made in one piece: where a later occurrence meets a conflict the
    /// earlier ones stay.
    pub async fn create_series(&self, booking: &CreateBooking) -> Result<Vec<Booking>> {
        if let Some(uid) = &booking.reschedule_uid {
            return self.reschedule(uid, &RescheduleBooking::to(booking.start)).await.map(|moved| vec![moved]);
        }
        let request = self.client.raw().create_booking(&booking.to_wire()?);
        one_or_many(request).await
    }

    /// Reads one booking (`GET /v2/bookings/{uid}`; [documented](crate::model#the-documented-interface) as
    /// `getBooking`). Of a series, its first occurrence.
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
        one_or_many(self.client.raw().get_booking(uid.into().as_str())).await
    }

    /// Reads the booking that a seat belongs to (`GET /v2/bookings/by-seat/{seatUid}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown seat.
    pub async fn get_by_seat(&self, seat: impl Into<SeatUid>) -> Result<Booking> {
        first(one_or_many(self.client.raw().get_booking_by_seat(seat.into().as_str())).await?)
    }

    /// Moves a booking (`POST /v2/bookings/{uid}/reschedule`; [documented](crate::model#the-documented-interface) as
    /// `rescheduleBooking`).
    ///
    /// The answer has a new uid; the old booking is cancelled. In a seated booking only one seat moves.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] where it was moved or cancelled already, [`Error::Conflict`] where the new time is taken.
    pub async fn reschedule(&self, uid: impl Into<BookingUid>, to: &RescheduleBooking) -> Result<Booking> {
        let uid = uid.into();
        read(self.client.raw().reschedule_booking(uid.as_str(), &to.to_wire()), |answer: types::BookingAnswer| {
            answer.data
        })
        .await
    }

    /// Cancels a booking, one seat, or a series (`POST /v2/bookings/{uid}/cancel`;
    /// [documented](crate::model#the-documented-interface) as `cancelBooking`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] where it is cancelled already, or where the host gives no reason.
    pub async fn cancel(&self, uid: impl Into<BookingUid>, how: &CancelBooking) -> Result<Cancellation> {
        let uid = uid.into();
        read(self.client.raw().cancel_booking(uid.as_str(), &how.to_wire()), |answer| answer.data).await
    }

    /// Accepts a pending booking (`POST /v2/bookings/{uid}/confirm`). One occurrence of a series confirms all of them; a
    /// declined booking comes back to life.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] where it is confirmed already, [`Error::Authentication`] where it is somebody else's.
    pub async fn confirm(&self, uid: impl Into<BookingUid>) -> Result<Booking> {
        first(one_or_many(self.client.raw().confirm_booking(uid.into().as_str())).await?)
    }

    /// Rejects a pending booking (`POST /v2/bookings/{uid}/decline`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] where it cannot be declined.
    pub async fn decline(&self, uid: impl Into<BookingUid>, reason: Option<&str>) -> Result<Booking> {
        let mut body = types::DeclineBooking::new();
        body.reason = reason.map(str::to_owned);
        first(one_or_many(self.client.raw().decline_booking(uid.into().as_str(), &body)).await?)
    }

    /// Changes where a booking takes place (`PATCH /v2/bookings/{uid}/location`); the attendees get a mail.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] where it is somebody else's. The service limits these calls on their own: [`Error::RateLimit`].
    pub async fn update_location(&self, uid: impl Into<BookingUid>, location: &Location) -> Result<Booking> {
        let body = location.to_update()?;
        first(one_or_many(self.client.raw().update_booking_location(uid.into().as_str(), &body)).await?)
    }

    /// Gives a round-robin booking to another host that the service picks (`POST /v2/bookings/{uid}/reassign`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] where the event type has no other host.
    pub async fn reassign(&self, uid: impl Into<BookingUid>) -> Result<Reassignment> {
        read(self.client.raw().reassign_booking(uid.into().as_str()), |answer| answer.data).await
    }

    /// Gives a round-robin booking to this host (`POST /v2/bookings/{uid}/reassign/{userId}`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] where that user cannot host it.
    pub async fn reassign_to(
        &self,
        uid: impl Into<BookingUid>,
        user: impl Into<crate::model::UserId>,
        reason: Option<&str>,
    ) -> Result<Reassignment> {
        let mut body = types::ReassignBooking::new();
        body.reason = reason.map(str::to_owned);
        let request = self.client.raw().reassign_booking_to_user(uid.into().as_str(), user.into().0, &body);
        read(request, |answer| answer.data).await
    }
}

/// What `data` holds one or many of.
async fn one_or_many(request: Request<types::BookingOrSeriesAnswer>) -> Result<Vec<Booking>> {
    read::<_, _, OneOrMany>(request, |answer| answer.data).await.map(|several| several.0)
}

/// One booking or several, in the documented form.
#[derive(Clone)]
struct OneOrMany(Vec<Booking>);

impl FromDocumented for OneOrMany {
    fn from_documented(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
        Booking::from_documented(json, extra).map(|booking| Self(vec![booking]))
    }
}

impl FromWire for OneOrMany {
    type Wire = types::BookingOrSeries;

    fn from_wire(today: Self::Wire, extra: Extra) -> Self {
        Self(Booking::one_or_many(today, &extra))
    }
}

fn first(bookings: Vec<Booking>) -> Result<Booking> {
    bookings.into_iter().next().ok_or_else(|| Error::empty("the answer holds no booking"))
}
