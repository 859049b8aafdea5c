//! The events and busy times of one connection to a calendar service.

use jiff::Timestamp;

use super::Calendars;
#[cfg(doc)]
use crate::Error;
use crate::{
    Client, Result,
    facade::{CheckBefore, List, fetch_documented},
    model::{BusyTime, CalendarConnections, CalendarEvent, CreateCalendarEvent, UpdateCalendarEvent, check_span},
};

/// The events and busy times of one connection; from [`Calendars::connection`]. Newer self-hosted servers have them.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{CalendarEventTime, CreateCalendarEvent};
///
/// let connection = client.calendars().connection("36");
/// let (from, to) = ("2027-03-01T00:00:00Z".parse().unwrap(), "2027-03-02T00:00:00Z".parse().unwrap());
/// for event in &connection.events(from, to).await? {
///     println!("{:?}: {:?}", event.start, event.title);
/// }
/// let at = |hour: &str| CalendarEventTime::new(format!("2027-03-01T{hour}:00:00Z").parse().unwrap(), "Europe/Berlin");
/// connection.create_event(&CreateCalendarEvent::new("Staff meeting", at("08"), at("09"))).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct CalendarConnectionApi {
    client: Client,
    id: String,
    calendar: Option<String>,
    time_zone: Option<String>,
}

impl Calendars {
    /// Lists the connections to calendar services by the ids that [`connection`](Self::connection) takes (`GET
    /// /v2/calendars/connections`).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on the hosted service; [`Error::NotFound`] on older self-hosted servers.
    pub async fn connections(&self) -> Result<CalendarConnections> {
        fetch_documented(self.client.raw().list_calendar_connections()).await
    }

    /// The events and busy times of one connection, by its id.
    #[must_use]
    pub fn connection(&self, id: impl Into<String>) -> CalendarConnectionApi {
        CalendarConnectionApi { client: self.client.clone(), id: id.into(), calendar: None, time_zone: None }
    }
}

impl CalendarConnectionApi {
    /// Sets the calendar of the events, by its id in its own service. The primary one is the default.
    #[must_use]
    pub fn calendar(mut self, external_id: impl Into<String>) -> Self {
        self.calendar = Some(external_id.into());
        self
    }

    /// Sets the time zone that days and listed times are in, an IANA name. The service's default is UTC.
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = Some(zone.into());
        self
    }

    /// Lists the events that touch a span (`GET /v2/calendars/connections/{connectionId}/events`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an unknown time zone or an end before the start; [`Error::NotFound`]
    /// for an unknown connection; [`Error::Unsupported`] on the hosted service.
    pub async fn events(&self, from: Timestamp, to: Timestamp) -> Result<List<CalendarEvent>> {
        check_span(self.time_zone.as_deref(), from, to).before("list_connection_events")?;
        let (from, to) = (from.to_string(), to.to_string());
        let request = self.client.raw().list_connection_events(&self.id, &from, &to);
        let request = request.set(self.time_zone.as_deref(), |request, zone| request.time_zone(zone));
        fetch_documented(request.set(self.calendar.as_deref(), |request, id| request.calendar_id(id))).await
    }

    /// Lists the times in which the calendars of the connection are busy (`GET
    /// /v2/calendars/connections/{connectionId}/freebusy`).
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events).
    pub async fn busy_times(&self, from: Timestamp, to: Timestamp) -> Result<List<BusyTime>> {
        check_span(self.time_zone.as_deref(), from, to).before("list_connection_busy_times")?;
        let (from, to) = (from.to_string(), to.to_string());
        let request = self.client.raw().list_connection_busy_times(&self.id, &from, &to);
        fetch_documented(request.set(self.time_zone.as_deref(), |request, zone| request.time_zone(zone))).await
    }

    /// Reads an event by its id in the calendar service (`GET /v2/calendars/connections/{connectionId}/events/{eventId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event or connection; [`Error::Unsupported`] on the hosted service.
    pub async fn event(&self, event: impl AsRef<str>) -> Result<CalendarEvent> {
        let request = self.client.raw().get_connection_event(&self.id, event.as_ref());
        fetch_documented(request.set(self.calendar.as_deref(), |request, id| request.calendar_id(id))).await
    }

    /// Creates an event (`POST /v2/calendars/connections/{connectionId}/events`). It is no booking. It is not sent again after a
    /// failure that can have been executed.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an end that is not after the start; otherwise as
    /// [`event`](Self::event).
    pub async fn create_event(&self, event: &CreateCalendarEvent) -> Result<CalendarEvent> {
        let body = event.to_wire().before("create_connection_event")?;
        let request = self.client.raw().create_connection_event(&self.id, &body);
        fetch_documented(request.set(self.calendar.as_deref(), |request, id| request.calendar_id(id))).await
    }

    /// Changes an event (`PATCH /v2/calendars/connections/{connectionId}/events/{eventId}`).
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub async fn update_event(&self, event: impl AsRef<str>, changes: &UpdateCalendarEvent) -> Result<CalendarEvent> {
        let body = changes.to_connection_wire();
        let request = self.client.raw().update_connection_event(&self.id, event.as_ref(), &body);
        fetch_documented(request.set(self.calendar.as_deref(), |request, id| request.calendar_id(id))).await
    }

    /// Deletes an event (`DELETE /v2/calendars/connections/{connectionId}/events/{eventId}`).
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub async fn delete_event(&self, event: impl AsRef<str>) -> Result<()> {
        let request = self.client.raw().delete_connection_event(&self.id, event.as_ref());
        request.set(self.calendar.as_deref(), |request, id| request.calendar_id(id)).await.map(drop)
    }
}
