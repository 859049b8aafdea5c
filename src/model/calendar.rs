//! Connected calendars, what is in them, and when they are busy.

mod connection;
#[cfg(feature = "calendars")]
mod input;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    CredentialId, UserId,
    one_form::{null_as_default, one_form},
    open_enum::open_enum,
};

pub use self::connection::{CalendarConnection, CalendarConnections};
#[cfg(feature = "calendars")]
pub(crate) use self::input::check_span;
#[cfg(feature = "calendars")]
pub use self::input::{BusyTimeQuery, CalendarRef, CreateCalendarEvent, UpdateCalendarEvent};

one_form! {
    /// The connected calendars of the caller, by account, and the calendar that bookings are written to.
    ///
    /// ```no_run
    /// # #[cfg(feature = "calendars")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for account in &client.calendars().list().await?.connected_calendars {
    ///     for calendar in &account.calendars {
    ///         println!("{:?}: {}, checked: {}", account.kind(), calendar.external_id, calendar.is_selected);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub struct ConnectedCalendars {
        /// The accounts.
        pub connected_calendars: Vec<CalendarAccount>,
        /// The calendar that bookings are written to. Without one its fields are `None`.
        #[serde(default)]
        pub destination_calendar: Option<CalendarDestination>,
    }
    nested: [connected_calendars as "connectedCalendars", destination_calendar as "destinationCalendar"],
    areas: ["calendars"],
    wire: crate::generated::types::ConnectedCalendars,
    shows: { connected_calendars, destination_calendar },
}

one_form! {
    /// An account of a calendar service with its calendars.
    ///
    /// ```
    /// use calcom::model::CalendarAccount;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let json = r#"{"credentialId": 36, "integration": {"type": "google_calendar"}, "error": {"message": "no access"}}"#;
    /// let account: CalendarAccount = serde_json::from_str(json)?;
    /// assert_eq!(account.kind(), Some("google_calendar"));
    /// assert!(account.has_error() && account.calendars.is_empty());
    /// # Ok(()) }
    /// ```
    pub struct CalendarAccount {
        /// The id of the connection.
        #[serde(default)]
        pub credential_id: Option<CredentialId>,
        /// The calendars; empty if the account cannot be read.
        #[serde(default, deserialize_with = "null_as_default")]
        pub calendars: Vec<Calendar>,
    }
    nested: [calendars as "calendars"],
    areas: ["calendars"],
    wire: crate::generated::types::CalendarAccount,
    shows: { credential_id, calendars },
}

one_form! {
    /// A calendar of a connected account.
    ///
    /// ```
    /// use calcom::model::Calendar;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let calendar: Calendar = serde_json::from_str(r#"{"externalId": "john.doe@example.com", "primary": true}"#)?;
    /// assert!(calendar.primary && !calendar.is_selected);
    /// # Ok(()) }
    /// ```
    pub struct Calendar {
        /// The id of the calendar in its own service.
        pub external_id: String,
        /// The kind of the calendar: `google_calendar`.
        #[serde(default)]
        pub integration: Option<String>,
        /// The name.
        #[serde(default)]
        pub name: Option<String>,
        /// Whether it is the primary calendar of the account.
        #[serde(default, deserialize_with = "null_as_default")]
        pub primary: bool,
        /// Whether nothing can be written to it.
        #[serde(default, deserialize_with = "null_as_default")]
        pub read_only: bool,
        /// Whether it is checked for conflicts when slots are searched.
        #[serde(default, deserialize_with = "null_as_default")]
        pub is_selected: bool,
        /// The id of the connection.
        #[serde(default)]
        pub credential_id: Option<CredentialId>,
    }
    nested: [],
    areas: ["calendars"],
    wire: crate::generated::types::Calendar,
    shows: { integration, primary, read_only, is_selected, credential_id },
}

one_form! {
    /// The calendar that bookings are written to. All fields are `None` if there is none.
    ///
    /// ```
    /// use calcom::model::CalendarDestination;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let none: CalendarDestination = serde_json::from_str("{}")?;
    /// assert_eq!(none.external_id, None);
    /// # Ok(()) }
    /// ```
    pub struct CalendarDestination {
        /// The kind of the calendar: `google_calendar`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub integration: Option<String>,
        /// The id of the calendar in its own service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub external_id: Option<String>,
        /// The id of the connection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub credential_id: Option<CredentialId>,
        /// The user whose it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
    }
    nested: [],
    areas: ["calendars"],
    wire: crate::generated::types::CalendarDestination,
    shows: { integration, credential_id, user_id },
}

one_form! {
    /// A time in which a calendar is busy.
    ///
    /// ```no_run
    /// # #[cfg(feature = "calendars")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::BusyTimeQuery;
    /// use jiff::civil::date;
    ///
    /// let query = BusyTimeQuery::new(date(2027, 3, 1), date(2027, 3, 2)).calendar(36, "john.doe@example.com");
    /// for busy in &client.calendars().busy_times(&query).await? {
    ///     println!("{} to {}", busy.start, busy.end);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct BusyTime {
        /// The start.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub start: Timestamp,
        /// The end.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub end: Timestamp,
        /// The kind of the calendar: `google-calendar`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: Option<String>,
        /// The title of the event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
    }
    nested: [],
    areas: ["calendars"],
    wire: crate::generated::types::BusyTime,
    shows: { start, end, source },
}

one_form! {
    /// An event in a connected calendar.
    ///
    /// ```no_run
    /// # #[cfg(feature = "calendars")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let event = client.calendars().event("google", "gcalevent0000001").await?;
    /// println!("{:?}: {:?}, {:?}", event.status, event.start, event.extra("attendees"));
    /// # Ok(()) }
    /// ```
    pub struct CalendarEvent {
        /// The id of the event in its own service.
        pub id: String,
        /// The title.
        #[serde(default)]
        pub title: Option<String>,
        /// The description.
        #[serde(default)]
        pub description: Option<String>,
        /// The start.
        #[serde(default)]
        pub start: Option<CalendarEventTime>,
        /// The end.
        #[serde(default)]
        pub end: Option<CalendarEventTime>,
        /// The status.
        #[serde(default)]
        pub status: Option<CalendarEventStatus>,
    }
    nested: [],
    areas: ["calendars"],
    wire: crate::generated::types::UnifiedCalendarEvent,
    shows: { start, end, status },
}

/// The start or the end of an event in a calendar.
///
/// ```
/// use calcom::model::CalendarEventTime;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let start = CalendarEventTime::new("2026-12-16T11:00:00Z".parse()?, "Europe/Berlin");
/// # assert_eq!(start.time_zone.as_deref(), Some("Europe/Berlin"));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CalendarEventTime {
    /// The instant.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub time: Timestamp,
    /// The time zone, an IANA name.
    #[serde(default)]
    pub time_zone: Option<String>,
}

open_enum! {
    /// The status of an event in a calendar.
    ///
    /// ```
    /// use calcom::model::CalendarEventStatus;
    ///
    /// assert_eq!(CalendarEventStatus::from("cancelled"), CalendarEventStatus::Cancelled);
    /// ```
    pub enum CalendarEventStatus {
        /// It takes place.
        Accepted = "accepted",
        /// It is not confirmed yet.
        Pending = "pending",
        /// It was declined.
        Declined = "declined",
        /// It was cancelled.
        Cancelled = "cancelled",
    }
}

impl CalendarEventTime {
    /// This instant in this time zone.
    pub fn new(time: Timestamp, time_zone: impl Into<String>) -> Self {
        Self { time, time_zone: Some(time_zone.into()) }
    }
}

impl CalendarAccount {
    /// The kind of its calendars: `google_calendar`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.extra("integration")?.get("type")?.as_str()
    }

    /// Whether the account could not be read: it has to be connected again.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.extra("error").is_some_and(|error| *error != Value::Null)
    }
}
