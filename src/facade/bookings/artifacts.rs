//! Data about a booking in calendars and video apps: links, references, recordings, transcripts, sessions.

use super::Bookings;
use crate::{
    Result,
    facade::{List, fetch},
    model::{BookingReference, BookingUid, CalendarLink, Recording, VideoSession},
};

impl Bookings {
    /// Lists links that add the booking to a calendar (`GET /v2/bookings/{uid}/calendar-links`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown booking.
    pub async fn calendar_links(&self, uid: impl Into<BookingUid>) -> Result<List<CalendarLink>> {
        fetch(self.client.raw().list_booking_calendar_links(uid.into().as_str()), |answer| answer.data).await
    }

    /// Lists the events of the booking in calendars and video apps (`GET /v2/bookings/{uid}/references`), of one app
    /// (`google_calendar`, `daily_video`) or of all.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) if the booking is another user's: the service answers 400.
    pub async fn references(&self, uid: impl Into<BookingUid>, app: Option<&str>) -> Result<List<BookingReference>> {
        let request = self.client.raw().list_booking_references(uid.into().as_str());
        fetch(request.set(app, |request, app| request.type_(app)), |answer| answer.data).await
    }

    /// Lists the Cal Video recordings (`GET /v2/bookings/{uid}/recordings`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if the booking does not use Cal Video.
    pub async fn recordings(&self, uid: impl Into<BookingUid>) -> Result<List<Recording>> {
        fetch(self.client.raw().list_booking_recordings(uid.into().as_str()), |answer| answer.data).await
    }

    /// Lists links to the Cal Video transcripts (`GET /v2/bookings/{uid}/transcripts`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if the booking does not use Cal Video.
    pub async fn transcripts(&self, uid: impl Into<BookingUid>) -> Result<Vec<String>> {
        Ok(self.client.raw().list_booking_transcripts(uid.into().as_str()).await?.into_inner().data)
    }

    /// Lists the Cal Video sessions (`GET /v2/bookings/{uid}/conferencing-sessions`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if the booking does not use Cal Video.
    pub async fn video_sessions(&self, uid: impl Into<BookingUid>) -> Result<List<VideoSession>> {
        fetch(self.client.raw().list_booking_sessions(uid.into().as_str()), |answer| answer.data).await
    }
}
