//! Hosts, attendees and users in payloads.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{define::payload, read::Lenient};

payload! {
    /// The host of a booking.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","organizer":{"id":4,"timeZone":"Europe/Rome"}}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// let host = booking.organizer.as_ref().unwrap();
    /// assert_eq!((host.id, host.time_zone.as_deref()), (Some(4), Some("Europe/Rome")));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","attendees":[{"name":"Alice","language":{"locale":"it"}}]}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// let attendee = &booking.attendees[0];
    /// assert_eq!((attendee.name.as_deref(), attendee.language_tag()), (Some("Alice"), Some("it")));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
    /// The team of an event type, in bookings of teams.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"kgiKeoVgk6NpALrVxDhWeY","schedulingType":"COLLECTIVE",
    ///         "organizer":{"id":41},"team":{"id":12,"name":"Sales","members":[{"id":42},{"id":43}]}}}"#,
    /// )?;
    /// let team = event.booking().and_then(|booking| booking.team.as_ref());
    /// assert_eq!(team.map(|team| team.members.len()), Some(2));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    BookingTeam {
        /// The team's id.
        id: Option<i64> = "id" shown,
        /// The team's name.
        name: Option<String> = "name",
        /// The further hosts of the booking: all but the organizer. Empty if the organizer is the only one.
        members: Vec<TeamMember> = "members" shown,
    }
}

payload! {
    /// A host of a team's booking beside its organizer. The variable `team.members` of payload templates holds names: a text is a
    /// member of whom only the name is known.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","team":{"members":[{"id":42,"timeZone":"Europe/Paris"}]}}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// let member = &booking.team.as_ref().unwrap().members[0];
    /// assert_eq!((member.id, member.time_zone.as_deref()), (Some(42), Some("Europe/Paris")));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    TeamMember or text TeamMember::named {
        /// The user's id.
        id: Option<i64> = "id" shown,
        /// The name.
        name: Option<String> = "name",
        /// The first name.
        first_name: Option<String> = "firstName",
        /// The last name.
        last_name: Option<String> = "lastName",
        /// The e-mail address.
        email: Option<String> = "email",
        /// The user name.
        username: Option<String> = "username",
        /// The telephone number, in international form.
        phone_number: Option<String> = "phoneNumber",
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

impl TeamMember {
    /// A member of whom only the name is known. JavaScript writes an object as `[object Object]`, which is no name.
    fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        (!name.is_empty() && !name.starts_with("[object "))
            .then(|| Self { name: Some(name.to_owned()), ..Self::default() })
    }
}

payload! {
    /// A language.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","organizer":{"language":{"locale":"pt-BR"}}}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// let language = booking.organizer.as_ref().and_then(|host| host.language.as_ref());
    /// assert_eq!(language.unwrap().locale.as_deref(), Some("pt-BR"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    Language {
        /// Its tag: `en`, `pt-BR`.
        locale: Option<String> = "locale" shown,
    }
}

payload! {
    /// A user whom a delivery names beside bookings: the one who is out of office and the substitute, or the one whose credential
    /// failed.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"OOO_CREATED",
    ///         "payload":{"oooEntry":{"user":{"id":4,"username":"jane"}}}}"#,
    /// )?;
    /// let Payload::OooCreated(absence) = event.payload() else { panic!() };
    /// let user = absence.ooo_entry.as_ref().and_then(|entry| entry.user.as_ref()).unwrap();
    /// assert_eq!((user.id, user.username.as_deref()), (Some(4), Some("jane")));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
