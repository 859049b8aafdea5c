//! Who comes to a booking, and who did not.

use super::{Bookings, one_or_many};
use crate::{
    Result,
    facade::{List, read, read_with},
    model::{Attendee, AttendeeId, Booking, BookingUid, Key, NewAttendee},
    raw::{Request, types},
};

async fn one(request: Request<types::BookingAttendeeAnswer>) -> Result<Attendee> {
    read_with(request, |answer: types::BookingAttendeeAnswer, extra| {
        Attendee::of_entry(answer.data, extra.key(Key::Data))
    })
    .await
}

impl Bookings {
    /// Lists the attendees of a booking with their ids (`GET /v2/bookings/{uid}/attendees`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) where the booking is somebody else's.
    pub async fn attendees(&self, uid: impl Into<BookingUid>) -> Result<List<Attendee>> {
        let request = self.client.raw().list_booking_attendees(uid.into().as_str());
        read_with(request, |answer: types::BookingAttendeeListAnswer, extra| {
            let places = extra.key(Key::Data);
            let entries = answer.data.into_iter().enumerate();
            entries.map(|(at, entry)| Attendee::of_entry(entry, places.index(at))).collect::<Vec<_>>().into()
        })
        .await
    }

    /// Reads one attendee (`GET /v2/bookings/{uid}/attendees/{attendeeId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown attendee.
    pub async fn attendee(&self, uid: impl Into<BookingUid>, id: impl Into<AttendeeId>) -> Result<Attendee> {
        one(self.client.raw().get_booking_attendee(uid.into().as_str(), id.into().0)).await
    }

    /// Adds an attendee (`POST /v2/bookings/{uid}/attendees`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) where somebody with the e-mail address comes already.
    pub async fn add_attendee(&self, uid: impl Into<BookingUid>, attendee: &NewAttendee) -> Result<Attendee> {
        one(self.client.raw().add_booking_attendee(uid.into().as_str(), &attendee.to_wire())).await
    }

    /// Takes an attendee off a booking and gives who it was (`DELETE /v2/bookings/{uid}/attendees/{attendeeId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown attendee.
    pub async fn remove_attendee(&self, uid: impl Into<BookingUid>, id: impl Into<AttendeeId>) -> Result<Attendee> {
        let request = self.client.raw().remove_booking_attendee(uid.into().as_str(), id.into().0);
        read_with(request, |answer: types::RemovedBookingAttendeeAnswer, extra| {
            Attendee::removed(answer.data, extra.key(Key::Data))
        })
        .await
    }

    /// Invites guests (`POST /v2/bookings/{uid}/guests`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an address that was invited already.
    pub async fn add_guests(&self, uid: impl Into<BookingUid>, emails: &[&str]) -> Result<Booking> {
        let guests = emails.iter().map(|email| types::NewBookingGuest::new((*email).to_owned())).collect();
        let body = types::AddBookingGuests { guests };
        super::first(one_or_many(self.client.raw().add_booking_guests(uid.into().as_str(), &body)).await?)
    }

    /// Notes who did not appear (`POST /v2/bookings/{uid}/mark-absent`), once the booking has started.
    ///
    /// `attendees` are pairs of an e-mail address and whether that attendee was absent.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) before the start. An address that is no attendee's, and a call that
    /// names nobody, change nothing and are answered with success.
    pub async fn mark_absent(
        &self,
        uid: impl Into<BookingUid>,
        host: Option<bool>,
        attendees: &[(&str, bool)],
    ) -> Result<Booking> {
        let mut body = types::MarkBookingAbsent::new();
        body.host = host;
        body.attendees = attendees
            .iter()
            .map(|(email, absent)| types::BookingAbsence { email: (*email).to_owned(), absent: *absent })
            .collect();
        read(self.client.raw().mark_booking_absent(uid.into().as_str(), &body), |answer| answer.data).await
    }
}
