//! Requests of hosts to reschedule, and verification of the addresses of attendees, on the hosted service.

use super::Bookings;
use crate::{Error, Result, model::BookingUid, raw::types};

impl Bookings {
    /// Asks the attendee to reschedule (`POST /v2/bookings/{uid}/request-reschedule`): the booking is cancelled, and the attendee
    /// receives a mail with the reason and a link to choose another time.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller does not host the booking;
    /// [`Error::Validation`](crate::Error::Validation) if it is cancelled already;
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn request_reschedule(&self, uid: impl Into<BookingUid>, reason: Option<&str>) -> Result<()> {
        let mut body = types::RequestReschedule::new();
        body.reschedule_reason = reason.map(str::to_owned);
        self.client.raw().request_booking_reschedule(uid.into().as_str(), &body).await.map(drop)
    }

    /// Sends a code to the e-mail address of an attendee, for event types that require a verified one
    /// (`POST /v2/bookings/verification/email/send-code`). It needs no credential. Returns whether the mail was sent; true if
    /// the response does not say.
    ///
    /// `username` is the user who is booked, and `language` that of the mail, as its code.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an address that is none;
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn send_email_code(
        &self,
        email: impl Into<String>,
        username: Option<&str>,
        language: Option<&str>,
    ) -> Result<bool> {
        let mut body = types::SendVerificationEmail::new(email);
        body.username = username.map(str::to_owned);
        body.language = language.map(str::to_owned);
        let answer = self.client.raw().send_booking_email_code(&body).await?;
        Ok(answer.into_inner().data.sent.unwrap_or(true))
    }

    /// Checks the code that an attendee received (`POST /v2/bookings/verification/email/verify-code`). It needs no credential.
    /// A booking of an event type that requires a verified address then takes the code
    /// ([`CreateBooking::email_verification_code`](crate::model::CreateBooking::email_verification_code)).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a wrong code; [`Error::Decode`](crate::Error::Decode) for a response
    /// that does not say whether the code is right; [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn verify_email_code(&self, email: impl Into<String>, code: impl Into<String>) -> Result<bool> {
        let body = types::VerifyEmail::new(email, code);
        let answer = self.client.raw().verify_booking_email_code(&body).await?;
        let verified = answer.into_inner().data.verified;
        verified.ok_or_else(|| Error::empty("at `data.verified`: true or false is missing"))
    }
}
