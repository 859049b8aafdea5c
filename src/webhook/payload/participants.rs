//! Hosts, attendees and users in payloads.

use std::fmt;

use serde::{Serialize, Serializer};

use super::read::{Lenient, payload};

payload! {
    /// The host of a booking.
    Organizer {
        /// The user's id.
        id: Option<i64> = "id" shown,
        /// The name.
        name: Option<String> = "name",
        /// The e-mail address.
        email: Option<String> = "email",
        /// The user name.
        username: Option<String> = "username",
        /// The user name within the organization.
        username_in_org: Option<String> = "usernameInOrg",
        /// The IANA time zone.
        time_zone: Option<String> = "timeZone" shown,
        /// The language.
        language: Option<Language> = "language" shown,
        /// The time format that the host has set.
        time_format: Option<TimeFormat> = "timeFormat" shown,
        /// Minutes ahead of UTC at the booking's start.
        utc_offset: Option<i64> = "utcOffset" shown,
    }
}

payload! {
    /// The booker, or a guest.
    WebhookAttendee {
        /// The attendee's id; in `MEETING_*`, recordings and absences.
        id: Option<i64> = "id" shown,
        /// The name; empty for a guest of whom only the address is known.
        name: Option<String> = "name",
        /// The first name, if the form asks for it.
        first_name: Option<String> = "firstName",
        /// The last name, if the form asks for it.
        last_name: Option<String> = "lastName",
        /// The e-mail address.
        email: Option<String> = "email",
        /// The telephone number, in international form.
        phone_number: Option<String> = "phoneNumber",
        /// The IANA time zone.
        time_zone: Option<String> = "timeZone" shown,
        /// The language; `MEETING_*` has [`locale`](Self::locale) instead.
        language: Option<Language> = "language" shown,
        /// The tag of the language, in `MEETING_*`.
        locale: Option<String> = "locale" shown,
        /// Minutes ahead of UTC at the booking's start.
        utc_offset: Option<i64> = "utcOffset" shown,
        /// The id of the booking; in `MEETING_*` and absences.
        booking_id: Option<i64> = "bookingId" shown,
        /// Whether the attendee did not come; in `MEETING_*` and absences.
        no_show: Option<bool> = "noShow" shown,
    }
}

impl WebhookAttendee {
    /// The tag of the attendee's language (`de`), from `language` or `locale`.
    #[must_use]
    pub fn language_tag(&self) -> Option<&str> {
        self.language.as_ref().and_then(|language| language.locale.as_deref()).or(self.locale.as_deref())
    }
}

payload! {
    /// A language.
    Language {
        /// Its tag: `en`, `pt-BR`.
        locale: Option<String> = "locale" shown,
    }
}

payload! {
    /// A user of the service.
    WebhookUser {
        /// The user's id.
        id: Option<i64> = "id" shown,
        /// The user's UUID.
        uuid: Option<String> = "uuid" shown,
        /// The name.
        name: Option<String> = "name",
        /// The user name.
        username: Option<String> = "username",
        /// The e-mail address.
        email: Option<String> = "email",
        /// The IANA time zone.
        time_zone: Option<String> = "timeZone" shown,
        /// The id of the organization.
        organization_id: Option<i64> = "organizationId" shown,
    }
}

/// The format of times: a pattern (`HH:mm`, `h:mma`), or 12 or 24 in payment events.
///
/// ```
/// use calcom::webhook::TimeFormat;
///
/// assert!(TimeFormat::Pattern("h:mma".to_owned()).is_twelve_hours());
/// assert!(!TimeFormat::Hours(24).is_twelve_hours());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeFormat {
    /// A pattern of the service's date library.
    Pattern(String),
    /// The number of hours on the clock.
    Hours(i64),
}

impl TimeFormat {
    /// Whether the clock has twelve hours.
    #[must_use]
    pub fn is_twelve_hours(&self) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.contains('h'),
            Self::Hours(hours) => *hours == 12,
        }
    }
}

impl fmt::Display for TimeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => f.write_str(pattern),
            Self::Hours(hours) => hours.fmt(f),
        }
    }
}

impl Serialize for TimeFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pattern(pattern) => serializer.serialize_str(pattern),
            Self::Hours(hours) => serializer.serialize_i64(*hours),
        }
    }
}

impl Lenient for TimeFormat {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self::Pattern(text.to_owned()))
    }

    fn from_integer(value: i64) -> Option<Self> {
        Some(Self::Hours(value))
    }

    fn from_map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Ok(i64::from_map(map)?.map(Self::Hours))
    }
}
