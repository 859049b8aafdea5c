//! The request to add an attendee to a booking.

use serde::{Deserialize, Serialize};

use super::{
    address::check_address,
    zone::{TimeZoneName, check_time_zone},
};
use crate::{Result, error::refused, generated::types, redact::debug_shows};

/// The request to add an attendee to a booking.
///
/// ```
/// use calcom::model::NewAttendee;
///
/// let attendee = NewAttendee::new("Jane Doe", "jane@example.com", "Europe/Berlin").language("de");
/// // client.bookings().add_attendee("kgiKeoVgk6NpALrVxDhWeY", &attendee).await?;
/// # let _ = attendee;
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NewAttendee {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The time zone, an IANA name.
    pub time_zone: String,
    /// The phone number, in international form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The language of mails to the attendee: `de`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

debug_shows!(NewAttendee { time_zone, language });

impl NewAttendee {
    /// An attendee with this name, e-mail address and time zone (an IANA name or a [`TimeZone`](jiff::tz::TimeZone)).
    pub fn new(name: impl Into<String>, email: impl Into<String>, time_zone: impl Into<TimeZoneName>) -> Self {
        Self {
            name: name.into(),
            email: email.into(),
            time_zone: TimeZoneName::text(time_zone),
            phone_number: None,
            language: None,
        }
    }

    /// Sets the phone number, in international form.
    #[must_use]
    pub fn phone_number(mut self, number: impl Into<String>) -> Self {
        self.phone_number = Some(number.into());
        self
    }

    /// Sets the language of mails to the attendee: `de`.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The body of `POST /v2/bookings/{uid}/attendees`.
    pub(crate) fn to_wire(&self) -> Result<types::AddBookingAttendee> {
        let problems: Vec<_> = check_address("email", &self.email)
            .into_iter()
            .chain(check_time_zone("timeZone", &self.time_zone))
            .collect();
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let mut body = types::AddBookingAttendee::new(self.name.clone(), self.email.clone(), self.time_zone.clone());
        body.phone_number = self.phone_number.clone();
        body.language = self.language.as_deref().map(Into::into);
        Ok(body)
    }
}
