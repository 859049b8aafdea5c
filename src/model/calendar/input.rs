//! Requests about connected calendars.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Calendar, CalendarEventTime};
use crate::{
    Error, Patch, Result,
    error::{FieldError, refused},
    generated::types,
    model::{
        CredentialId,
        zone::{TimeZoneName, check_time_zone},
    },
    redact::debug_shows,
};

/// The largest number of calendars of one query: more do not fit into an address.
const MAX_CALENDARS: usize = 50;

/// The id of a connection, and the id of a calendar in its own service.
type NamedCalendar = (CredentialId, String);

/// The query for the times in which calendars are busy.
///
/// ```
/// use calcom::model::BusyTimeQuery;
/// use jiff::civil::date;
///
/// let query = BusyTimeQuery::new(date(2027, 3, 1), date(2027, 3, 2))
///     .time_zone("Europe/Berlin")
///     .calendar(36, "john.doe@example.com")
///     .calendar(36, "holidays@example.com");
/// // let busy = client.calendars().busy_times(&query).await?;
/// # assert_eq!(query.calendars.len(), 2);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BusyTimeQuery {
    /// The first day.
    pub date_from: Date,
    /// The last day.
    pub date_to: Date,
    /// The time zone of the days, an IANA name; default UTC.
    pub time_zone: Option<String>,
    /// The calendars, 1 to 50: the number of the connection, and the id of the calendar in its own service.
    pub calendars: Vec<(CredentialId, String)>,
}

/// A calendar of a connected account, as requests name it. A [`Calendar`] of a response converts into it.
///
/// ```
/// use calcom::model::CalendarRef;
///
/// let calendar = CalendarRef::new("google_calendar", "john.doe@example.com", 36);
/// // client.calendars().select(&calendar).await?;
/// # assert_eq!(calendar.credential_id, 36);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CalendarRef {
    /// The kind of the calendar: `google_calendar`.
    pub integration: String,
    /// The id of the calendar in its own service.
    pub external_id: String,
    /// The id of the connection.
    pub credential_id: CredentialId,
}

/// The request to create an event in a calendar.
///
/// ```
/// use calcom::model::{CalendarEventTime, CreateCalendarEvent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let start = CalendarEventTime::new("2026-12-16T11:00:00Z".parse()?, "Europe/Berlin");
/// let end = CalendarEventTime::new("2026-12-16T12:00:00Z".parse()?, "Europe/Berlin");
/// let event = CreateCalendarEvent::new("Staff meeting", start, end).attendee("erika@example.com", Some("Erika"));
/// // client.calendars().connection("36").create_event(&event).await?;
/// # assert_eq!(event.attendees.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateCalendarEvent {
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// The start.
    pub start: CalendarEventTime,
    /// The end, after the start.
    pub end: CalendarEventTime,
    /// The e-mail addresses of the people who are invited, with their names.
    pub attendees: Vec<(String, Option<String>)>,
}

/// The request to change an event in a calendar. Fields that are not set stay unchanged.
///
/// ```
/// use calcom::model::{CalendarEventTime, UpdateCalendarEvent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let start = CalendarEventTime::new("2026-12-16T11:00:00Z".parse()?, "Europe/Berlin");
/// let end = CalendarEventTime::new("2026-12-16T12:00:00Z".parse()?, "Europe/Berlin");
/// let changes = UpdateCalendarEvent::new().title("Moved").times(start, end);
/// // client.calendars().update_event("google", "gcalevent0000001", &changes).await?;
/// # let _ = changes;
/// # Ok(()) }
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateCalendarEvent {
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description; `null` removes it.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub description: Patch<String>,
    /// The start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<CalendarEventTime>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<CalendarEventTime>,
}

debug_shows!(BusyTimeQuery { date_from, date_to, time_zone });
debug_shows!(CalendarRef { integration, credential_id });
debug_shows!(CreateCalendarEvent { start, end });
debug_shows!(UpdateCalendarEvent { start, end });

impl BusyTimeQuery {
    /// The days from the first to the last, without calendars.
    #[must_use]
    pub fn new(date_from: Date, date_to: Date) -> Self {
        Self { date_from, date_to, time_zone: None, calendars: Vec::new() }
    }

    /// Sets the time zone of the days, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = Some(TimeZoneName::text(zone));
        self
    }

    /// Adds a calendar: the number of its connection, and its id in its own service.
    #[must_use]
    pub fn calendar(mut self, credential: impl Into<CredentialId>, external_id: impl Into<String>) -> Self {
        self.calendars.push((credential.into(), external_id.into()));
        self
    }

    /// Refuses what the service would refuse; returns the first calendar and the others.
    pub(crate) fn validate(&self) -> Result<(&NamedCalendar, &[NamedCalendar])> {
        let mut problems: Vec<_> =
            self.time_zone.as_deref().and_then(|zone| check_time_zone("timeZone", zone)).into_iter().collect();
        if self.date_to < self.date_from {
            problems.push(FieldError::new("dateTo", "must not be before dateFrom"));
        }
        match self.calendars.split_first() {
            Some((first, others)) if self.calendars.len() <= MAX_CALENDARS && problems.is_empty() => {
                return Ok((first, others));
            }
            Some(_) if self.calendars.len() <= MAX_CALENDARS => {}
            _ => problems.push(FieldError::new("calendars", format!("must be 1 to {MAX_CALENDARS}"))),
        }
        Err(refused(problems))
    }
}

impl CalendarRef {
    /// A calendar of this kind, with this id in its own service, and the number of its connection.
    pub fn new(
        integration: impl Into<String>,
        external_id: impl Into<String>,
        credential: impl Into<CredentialId>,
    ) -> Self {
        Self { integration: integration.into(), external_id: external_id.into(), credential_id: credential.into() }
    }

    /// The body of `POST /v2/selected-calendars`.
    pub(crate) fn to_wire(&self) -> types::SelectedCalendars {
        types::SelectedCalendars::new(self.integration.clone(), self.external_id.clone(), self.credential_id.0)
    }
}

impl TryFrom<&Calendar> for CalendarRef {
    type Error = Error;

    /// # Errors
    ///
    /// [`Error::Validation`] for a calendar without a kind or a connection.
    fn try_from(calendar: &Calendar) -> Result<Self> {
        let missing = |field| Error::invalid(field, "is missing in the response");
        let integration = calendar.integration.as_deref().ok_or_else(|| missing("integration"))?;
        let credential = calendar.credential_id.ok_or_else(|| missing("credentialId"))?;
        Ok(Self::new(integration, &calendar.external_id, credential))
    }
}

impl CreateCalendarEvent {
    /// An event with this title, start and end.
    pub fn new(title: impl Into<String>, start: CalendarEventTime, end: CalendarEventTime) -> Self {
        Self { title: title.into(), description: None, start, end, attendees: Vec::new() }
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a person who is invited, with a name if it is known.
    #[must_use]
    pub fn attendee(mut self, email: impl Into<String>, name: Option<&str>) -> Self {
        self.attendees.push((email.into(), name.map(str::to_owned)));
        self
    }

    /// The body of `POST /v2/calendars/connections/{connectionId}/events`.
    pub(crate) fn to_wire(&self) -> Result<types::CreateUnifiedCalendarEvent> {
        let zone =
            |field: &str, at: &CalendarEventTime| check_time_zone(field, at.time_zone.as_deref().unwrap_or("UTC"));
        let order = (self.end.time <= self.start.time).then(|| FieldError::new("end", "must be after start"));
        let title = self.title.trim().is_empty().then(|| FieldError::new("title", "must not be empty"));
        let zones = zone("start.timeZone", &self.start).into_iter().chain(zone("end.timeZone", &self.end));
        let problems: Vec<_> = title.into_iter().chain(zones).chain(order).collect();
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let time = |at: &CalendarEventTime| {
            types::CreateEventDateTimeWithZone::new(at.time, at.time_zone.as_deref().unwrap_or("UTC"))
        };
        let mut body = types::CreateUnifiedCalendarEvent::new(self.title.clone(), time(&self.start), time(&self.end));
        body.description.clone_from(&self.description);
        body.attendees = self
            .attendees
            .iter()
            .map(|(email, name)| {
                let mut attendee = types::CreateEventAttendee::new(email.clone());
                attendee.name.clone_from(name);
                attendee
            })
            .collect();
        Ok(body)
    }
}

impl UpdateCalendarEvent {
    /// A request without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the description, or removes it with [`Patch::Clear`].
    #[must_use]
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the start and the end.
    #[must_use]
    pub fn times(mut self, start: CalendarEventTime, end: CalendarEventTime) -> Self {
        (self.start, self.end) = (Some(start), Some(end));
        self
    }

    /// The body of `PATCH /v2/calendars/{calendar}/events/{eventUid}`.
    pub(crate) fn to_wire(&self) -> types::UpdateUnifiedCalendarEvent {
        let mut body = types::UpdateUnifiedCalendarEvent::new();
        body.title.clone_from(&self.title);
        body.description.clone_from(&self.description);
        body.start = self.start.as_ref().map(CalendarEventTime::to_wire);
        body.end = self.end.as_ref().map(CalendarEventTime::to_wire);
        body
    }

    /// The body of `PATCH /v2/calendars/connections/{connectionId}/events/{eventId}`.
    pub(crate) fn to_connection_wire(&self) -> types::UpdateUnifiedCalendarEventInput {
        let mut body = types::UpdateUnifiedCalendarEventInput::new();
        body.title.clone_from(&self.title);
        body.description.clone_from(&self.description);
        body.start = self.start.as_ref().map(CalendarEventTime::to_wire);
        body.end = self.end.as_ref().map(CalendarEventTime::to_wire);
        body
    }
}

/// Refuses a span that ends before it begins, and an unknown time zone.
pub(crate) fn check_span(zone: Option<&str>, from: Timestamp, to: Timestamp) -> Result<()> {
    let zone = zone.and_then(|zone| check_time_zone("timeZone", zone));
    let order = (to < from).then(|| FieldError::new("to", "must not be before from"));
    let problems: Vec<_> = zone.into_iter().chain(order).collect();
    if problems.is_empty() { Ok(()) } else { Err(refused(problems)) }
}

impl CalendarEventTime {
    fn to_wire(&self) -> types::UnifiedCalendarEventEnd {
        let mut body = types::UnifiedCalendarEventEnd::new();
        body.time = Some(self.time);
        body.time_zone.clone_from(&self.time_zone);
        body
    }
}
