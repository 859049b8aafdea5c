//! Connected calendars: connecting, listing, choosing them, when they are busy, and events in them.

mod connection;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    Client, Error, Result,
    facade::{CheckBefore, List, fetch_documented},
    model::{
        BusyTime, BusyTimeQuery, CalendarEvent, CalendarRef, ConnectedCalendars, ConsentUrl, CredentialId,
        UpdateCalendarEvent,
    },
    raw::types,
};

pub use connection::CalendarConnectionApi;

/// The connected calendars of the caller; from [`Client::calendars`].
///
/// A calendar service has a name in paths: `google`, `office365`, `apple`.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::CalendarRef;
///
/// let calendars = client.calendars();
/// for account in &calendars.list().await?.connected_calendars {
///     for calendar in account.calendars.iter().filter(|calendar| calendar.primary) {
///         calendars.select(&CalendarRef::try_from(calendar)?).await?;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Calendars {
    client: Client,
}

impl Client {
    /// The connected calendars of the caller.
    ///
    /// Cargo feature: `calendars`.
    #[must_use]
    pub fn calendars(&self) -> Calendars {
        Calendars { client: self.clone() }
    }
}

impl Calendars {
    /// Lists the connected calendars by account (`GET /v2/calendars`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without a valid credential.
    pub async fn list(&self) -> Result<ConnectedCalendars> {
        fetch_documented(self.client.raw().list_calendars()).await
    }

    /// Lists the times in which calendars are busy (`GET /v2/calendars/busy-times`). A time in which several are busy is listed
    /// once for each.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an unknown time zone, no calendar or too many, or a last day before
    /// the first; [`Error::Permission`] for the connection of another user.
    pub async fn busy_times(&self, query: &BusyTimeQuery) -> Result<List<BusyTime>> {
        let ((credential, external_id), others) = query.validate().before("list_busy_times")?;
        let (from, to) = (query.date_from.to_string(), query.date_to.to_string());
        let request = self.client.raw().list_busy_times(&from, &to, credential.0, external_id);
        // Older servers need the older name, and newer ones the newer.
        let zone = query.time_zone.as_deref().unwrap_or("UTC");
        let mut request = request.logged_in_users_tz(zone).time_zone(zone);
        for (at, (credential, external_id)) in (1..).zip(others) {
            request = request
                .query(&format!("calendarsToLoad[{at}][credentialId]"), &credential.0)
                .query(&format!("calendarsToLoad[{at}][externalId]"), external_id);
        }
        fetch_documented(request).await
    }

    /// Returns the address of the page where a user connects an account of a calendar service
    /// (`GET /v2/calendars/{calendar}/connect`): `google` or `office365`. After consent the browser is sent to `redirect`, if
    /// it is set.
    ///
    /// The address that the calendar service sends the browser back to is
    /// [`RawClient::calendar_redirect`](crate::raw::RawClient::calendar_redirect).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a calendar service without such a page; [`Error::NotFound`] if the server has no keys for it.
    pub async fn connect(&self, calendar: impl AsRef<str>, redirect: Option<&str>) -> Result<ConsentUrl> {
        let request = self.client.raw().connect_calendar(calendar.as_ref(), false);
        let answer = request.set(redirect, |request, url| request.redir(url)).await?.into_inner().data;
        let url = answer.auth_url.or(answer.url);
        url.map(ConsentUrl::new)
            .ok_or_else(|| Error::empty("at `data.authUrl`: an address is missing").of_operation("connect_calendar"))
    }

    /// Connects an account by user name and password (`POST /v2/calendars/{calendar}/credentials`): `apple`, with a password
    /// for this app alone.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a user name or a password that the calendar service refuses, and for another calendar service.
    pub async fn connect_with_password(
        &self,
        calendar: impl AsRef<str>,
        username: impl Into<String>,
        password: &SecretString,
    ) -> Result<()> {
        let body = types::CreateCalendarCredentials::new(username, password.expose_secret());
        self.client.raw().save_calendar_credentials(calendar.as_ref(), &body).await.map(drop)
    }

    /// Connects calendars by the addresses of their feeds (`POST /v2/calendars/ics-feed/save`), and returns the number of the
    /// connection. They are only read.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for an address that is none, or that cannot be read.
    pub async fn connect_ics_feeds(&self, urls: impl IntoIterator<Item = impl Into<String>>) -> Result<CredentialId> {
        let body = types::CreateIcsFeed::new(urls.into_iter().map(Into::into).collect::<Vec<String>>());
        let answer = self.client.raw().connect_ics_feed(&body).await?;
        Ok(CredentialId(answer.into_inner().data.id))
    }

    /// Checks that an account of a calendar service is connected and works (`GET /v2/calendars/{calendar}/check`); `ics-feed` for
    /// feeds.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] if it is not connected, or if the calendar service refuses the connection.
    pub async fn check(&self, calendar: impl AsRef<str>) -> Result<()> {
        let raw = self.client.raw();
        match calendar.as_ref() {
            // The feeds have a route of their own.
            "ics-feed" => raw.check_ics_feed().await.map(drop),
            calendar => raw.check_calendar(calendar).await.map(drop),
        }
    }

    /// Disconnects an account (`POST /v2/calendars/{calendar}/disconnect`).
    ///
    /// Self-hosted servers then drop the addresses, links and phone numbers of all locations of the caller's event types.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] or [`Error::NotFound`] for a connection that the caller does not have.
    pub async fn disconnect(&self, calendar: impl AsRef<str>, credential: impl Into<CredentialId>) -> Result<()> {
        let body = types::DeleteCalendarCredentials { id: credential.into().0 };
        self.client.raw().disconnect_calendar(calendar.as_ref(), &body).await.map(drop)
    }

    /// Adds a calendar to those that are checked for conflicts (`POST /v2/selected-calendars`). One that is checked already stays
    /// checked; the service does not ask whether the calendar exists.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] or [`Error::Permission`] for the connection of another user.
    pub async fn select(&self, calendar: &CalendarRef) -> Result<()> {
        self.client.raw().add_selected_calendar(&calendar.to_wire()).await.map(drop)
    }

    /// Removes a calendar from those that are checked for conflicts (`DELETE /v2/selected-calendars`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a calendar that is not checked.
    pub async fn unselect(&self, calendar: &CalendarRef) -> Result<()> {
        let credential = calendar.credential_id.to_string();
        let raw = self.client.raw();
        raw.remove_selected_calendar(&calendar.integration, &calendar.external_id, &credential).await.map(drop)
    }

    /// Chooses the calendar that bookings are written to (`PUT /v2/destination-calendars`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a calendar that is unknown or only read; [`Error::Validation`], before anything is sent, for a
    /// kind that nothing can be written to.
    pub async fn set_destination(&self, integration: impl AsRef<str>, external_id: impl Into<String>) -> Result<()> {
        let integration = types::DestinationCalendarsIntegration::from(integration.as_ref());
        if matches!(integration, types::DestinationCalendarsIntegration::Other(_)) {
            let known = "must be apple_calendar, google_calendar or office365_calendar";
            return Err(Error::invalid("integration", known)).before("set_destination_calendar");
        }
        let body = types::DestinationCalendars::new(integration, external_id);
        self.client.raw().set_destination_calendar(&body).await.map(drop)
    }

    /// Reads an event in a connected calendar (`GET /v2/calendars/{calendar}/event/{eventUid}`), by its id in the calendar
    /// service, as the [references](crate::model::BookingReference) of a booking have it: `google` alone.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event, the uid of a booking too; [`Error::Validation`] for another calendar service.
    pub async fn event(&self, calendar: impl AsRef<str>, event: impl AsRef<str>) -> Result<CalendarEvent> {
        fetch_documented(self.client.raw().get_calendar_event(calendar.as_ref(), event.as_ref())).await
    }

    /// Changes an event in a connected calendar (`PATCH /v2/calendars/{calendar}/events/{eventUid}`): `google` alone.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub async fn update_event(
        &self,
        calendar: impl AsRef<str>,
        event: impl AsRef<str>,
        changes: &UpdateCalendarEvent,
    ) -> Result<CalendarEvent> {
        let body = changes.to_wire();
        fetch_documented(self.client.raw().update_calendar_event(calendar.as_ref(), event.as_ref(), &body)).await
    }
}
