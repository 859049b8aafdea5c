//! Attendees and guests of a booking, and absences.

use super::{Bookings, fetch_bookings};
use crate::{
    Result,
    error::refused,
    facade::{CheckBefore, List, fetch, fetch_with},
    model::{Attendee, AttendeeId, Booking, BookingUid, NewAttendee, PathKey, check_address},
    raw::{Request, types},
};

async fn fetch_attendee(request: Request<types::BookingAttendeeResponse>) -> Result<Attendee> {
    fetch_with(request, |answer: types::BookingAttendeeResponse, extra| {
        Attendee::from_entry(answer.data, extra.key(PathKey::Data))
    })
    .await
}

impl Bookings {
    /// Lists the attendees of a booking with their ids (`GET /v2/bookings/{uid}/attendees`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the booking is another user's.
    pub async fn attendees(&self, uid: impl Into<BookingUid>) -> Result<List<Attendee>> {
        let request = self.client.raw().list_booking_attendees(uid.into().as_str());
        fetch_with(request, |answer: types::BookingAttendeeListResponse, extra| {
            let places = extra.key(PathKey::Data);
            let entries = answer.data.into_iter().enumerate();
            entries.map(|(at, entry)| Attendee::from_entry(entry, places.index(at))).collect::<Vec<_>>().into()
        })
        .await
    }

    /// Reads one attendee (`GET /v2/bookings/{uid}/attendees/{attendeeId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown attendee.
    pub async fn attendee(&self, uid: impl Into<BookingUid>, id: impl Into<AttendeeId>) -> Result<Attendee> {
        fetch_attendee(self.client.raw().get_booking_attendee(uid.into().as_str(), id.into().0)).await
    }

    /// Adds an attendee (`POST /v2/bookings/{uid}/attendees`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an address that is none, and if the booking has an attendee with the
    /// e-mail address.
    pub async fn add_attendee(&self, uid: impl Into<BookingUid>, attendee: &NewAttendee) -> Result<Attendee> {
        let (uid, body) = (uid.into(), attendee.to_wire().before("add_booking_attendee")?);
        fetch_attendee(self.client.raw().add_booking_attendee(uid.as_str(), &body)).await
    }

    /// Removes an attendee from a booking, and returns the attendee (`DELETE /v2/bookings/{uid}/attendees/{attendeeId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown attendee; [`Error::Unsupported`](crate::Error::Unsupported)
    /// on the hosted service, which does not have the operation.
    pub async fn remove_attendee(&self, uid: impl Into<BookingUid>, id: impl Into<AttendeeId>) -> Result<Attendee> {
        let request = self.client.raw().remove_booking_attendee(uid.into().as_str(), id.into().0);
        fetch_with(request, |answer: types::RemovedBookingAttendeeResponse, extra| {
            Attendee::from_removed(answer.data, extra.key(PathKey::Data))
        })
        .await
    }

    /// Invites guests (`POST /v2/bookings/{uid}/guests`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an address that is none (`emails[0]`), or that was invited already.
    pub async fn add_guests(&self, uid: impl Into<BookingUid>, emails: &[&str]) -> Result<Booking> {
        let problems: Vec<_> =
            emails.iter().enumerate().filter_map(|(at, email)| check_address(format!("emails[{at}]"), email)).collect();
        if !problems.is_empty() {
            return Err(refused(problems)).before("add_booking_guests");
        }
        let guests = emails.iter().map(|email| types::NewBookingGuest::new((*email).to_owned())).collect();
        let body = types::AddBookingGuests { guests };
        super::first(fetch_bookings(self.client.raw().add_booking_guests(uid.into().as_str(), &body)).await?)
    }

    /// Marks the host or attendees as absent (`POST /v2/bookings/{uid}/mark-absent`), after the start of the booking.
    ///
    /// `attendees` are pairs of an e-mail address and whether that attendee was absent.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) before the start. An address that is not an attendee's, and a call
    /// without host and attendees, change nothing and succeed.
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
        fetch(self.client.raw().mark_booking_absent(uid.into().as_str(), &body), |answer| answer.data).await
    }
}
