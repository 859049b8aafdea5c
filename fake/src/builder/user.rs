//! Users of the builder, with their credentials, schedules and absences.

use jiff::Timestamp;
use jiff::civil::Date;

use super::super::instant::{day_end, day_start};
use super::super::limit::FakeRateLimit;
use super::super::state::apps::{AppConnection, DestinationCalendar, UserCalendar};
use super::super::state::{Credential, IdKind, OutOfOffice, State, User};
use super::schedule::FakeSchedule;

/// A user of the fake.
///
/// ```
/// use calcom_fake::{FakeSchedule, FakeUser};
///
/// let user = FakeUser::new("ada")
///     .name("Ada Test")
///     .api_key("cal_test_key_of_ada")
///     .schedule(FakeSchedule::empty("mornings").hours(&[1, 2, 3], "08:00", "12:00"));
/// # let _ = user;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeUser {
    user: User,
    credentials: Vec<Credential>,
    schedules: Vec<FakeSchedule>,
    limits: Option<Vec<FakeRateLimit>>,
    absences: Vec<(Date, Date)>,
    calendars: Vec<FakeCalendar>,
}

/// A calendar of a user, with its busy times.
#[derive(Clone, Debug)]
struct FakeCalendar {
    address: String,
    busy: Vec<(Timestamp, Timestamp)>,
}

impl FakeUser {
    /// Creates a user with the API key `cal_test_<username>`, available Monday to Friday from 09:00 to 17:00 UTC.
    pub fn new(username: &str) -> Self {
        let user = User {
            id: 0,
            username: username.to_owned(),
            name: username.to_owned(),
            email: format!("{username}@example.com"),
            time_zone: "UTC".to_owned(),
            week_start: "Sunday".to_owned(),
            time_format: 12,
            locale: "en".to_owned(),
            avatar_url: None,
            bio: None,
            default_schedule: None,
            is_admin: false,
            settings: serde_json::Map::new(),
            metadata: serde_json::Map::new(),
            details: serde_json::Map::new(),
        };
        Self {
            user,
            credentials: Vec::new(),
            schedules: Vec::new(),
            limits: None,
            absences: Vec::new(),
            calendars: Vec::new(),
        }
    }

    /// Sets the full name.
    pub fn name(mut self, name: &str) -> Self {
        self.user.name = name.to_owned();
        self
    }

    /// Sets the e-mail address.
    pub fn email(mut self, email: &str) -> Self {
        self.user.email = email.to_owned();
        self
    }

    /// Sets the IANA time zone of the user, and of schedules without one.
    pub fn time_zone(mut self, zone: &str) -> Self {
        self.user.time_zone = zone.to_owned();
        self
    }

    /// Sets the first day of the week by its English name.
    pub fn week_start(mut self, day: &str) -> Self {
        self.user.week_start = day.to_owned();
        self
    }

    /// Sets the time format: 12 or 24 hours.
    pub fn time_format(mut self, hours: i64) -> Self {
        self.user.time_format = hours;
        self
    }

    /// Makes the user an administrator of the server, who passes every check of a role.
    ///
    /// ```
    /// let root = calcom_fake::FakeUser::new("root").administrator();
    /// # let _ = root;
    /// ```
    pub fn administrator(mut self) -> Self {
        self.user.is_admin = true;
        self
    }

    /// Adds an absence from the start of `from` to the end of `to`, in UTC. Its slots are not offered.
    ///
    /// ```
    /// let ada = calcom_fake::FakeUser::new("ada")
    ///     .out_of_office("2026-12-01".parse().unwrap(), "2026-12-04".parse().unwrap());
    /// # let _ = ada;
    /// ```
    pub fn out_of_office(mut self, from: Date, to: Date) -> Self {
        self.absences.push((from, to));
        self
    }

    /// Adds a calendar to the user's connection to Google Calendar. The first one is the primary calendar, and the one that
    /// bookings are written to. Its events close slots once it is selected (`POST /v2/selected-calendars`).
    ///
    /// ```
    /// let ada = calcom_fake::FakeUser::new("ada").calendar("ada@example.com").calendar("projects@example.com");
    /// # let _ = ada;
    /// ```
    pub fn calendar(mut self, address: &str) -> Self {
        self.calendars.push(FakeCalendar { address: address.to_owned(), busy: Vec::new() });
        self
    }

    /// Adds an event to the calendar that was added last.
    ///
    /// ```
    /// let ada = calcom_fake::FakeUser::new("ada")
    ///     .calendar("ada@example.com")
    ///     .busy("2026-12-01T10:00:00Z".parse().unwrap(), "2026-12-01T11:00:00Z".parse().unwrap());
    /// # let _ = ada;
    /// ```
    ///
    /// # Panics
    /// If the user has no calendar.
    #[track_caller]
    pub fn busy(mut self, start: Timestamp, end: Timestamp) -> Self {
        match self.calendars.last_mut() {
            Some(calendar) => calendar.busy.push((start, end)),
            #[expect(clippy::panic, reason = "an event without a calendar is a mistake of the test, which is told so")]
            None => panic!("`busy` comes after `calendar`, which adds the calendar of the event"),
        }
        self
    }

    /// Adds an API key, which has to start with `cal_`. The first one replaces the default key.
    pub fn api_key(mut self, key: &str) -> Self {
        self.credentials.push(Credential::ApiKey { key: key.to_owned(), user: 0, expires: None, revoked: false });
        self
    }

    /// Adds an API key that expires at `expires`. From then on it is rejected with 401.
    pub fn expiring_api_key(mut self, key: &str, expires: Timestamp) -> Self {
        let expires = Some(expires);
        self.credentials.push(Credential::ApiKey { key: key.to_owned(), user: 0, expires, revoked: false });
        self
    }

    /// Adds an access token. From `expires` on it is rejected with 498.
    pub fn access_token(mut self, token: &str, expires: Option<Timestamp>) -> Self {
        self.credentials.push(Credential::AccessToken { token: token.to_owned(), user: 0, expires });
        self
    }

    /// Adds the credentials of a platform's OAuth client, which act as this user. It has no managed users: a client that has some
    /// is made by `client.platform_clients().create(..)`, as the owner of an organization.
    pub fn oauth_client(mut self, id: &str, secret: &str) -> Self {
        self.credentials.push(Credential::Platform { id: id.to_owned(), secret: secret.to_owned(), user: 0 });
        self
    }

    /// Adds a schedule. The first one is the default schedule and replaces Monday to Friday from 09:00 to 17:00.
    pub fn schedule(mut self, schedule: FakeSchedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Sets the rate limits of this user's API keys, in place of the fake's.
    pub fn rate_limits(mut self, limits: Vec<FakeRateLimit>) -> Self {
        self.limits = Some(limits);
        self
    }

    pub(super) fn insert_into(mut self, state: &mut State) {
        let id = state.ids.number(IdKind::User);
        let id_of_user = id;
        self.user.id = id;
        if self.schedules.is_empty() {
            self.schedules.push(FakeSchedule::nine_to_five("Working hours"));
        }
        for schedule in self.schedules {
            let schedule_id = schedule.insert_into(state, id, &self.user.time_zone);
            self.user.default_schedule.get_or_insert(schedule_id);
        }
        if !self.credentials.iter().any(|c| matches!(c, Credential::ApiKey { .. })) {
            let key = format!("cal_test_{}", self.user.username);
            self.credentials.push(Credential::ApiKey { key, user: id, expires: None, revoked: false });
        }
        for mut credential in self.credentials {
            match &mut credential {
                Credential::ApiKey { user, key, .. } => {
                    *user = id;
                    if let Some(limits) = &self.limits {
                        state.limits.by_tracker.insert(format!("key {key}"), limits.clone());
                    }
                }
                Credential::AccessToken { user, .. }
                | Credential::OAuthToken { user, .. }
                | Credential::Platform { user, .. } => *user = id,
            }
            state.credentials.push(credential);
        }
        for (from, to) in self.absences {
            let (id, uuid) = (state.ids.number(IdKind::OutOfOffice), state.ids.uuid(IdKind::OutOfOffice));
            let (start, end) = (day_start(from), day_end(to));
            let reason = "unspecified".to_owned();
            state.absences.push(OutOfOffice {
                id,
                uuid,
                user: id_of_user,
                to_user: None,
                start,
                end,
                notes: None,
                reason,
            });
        }
        insert_calendars(state, id, self.calendars);
        state.users.push(self.user);
    }
}

/// Connects Google Calendar with these calendars.
fn insert_calendars(state: &mut State, user: i64, calendars: Vec<FakeCalendar>) {
    let Some(primary) = calendars.first().map(|calendar| calendar.address.clone()) else { return };
    let credential = state.ids.number(IdKind::Connection);
    let (kind, app) = ("google_calendar".to_owned(), "google".to_owned());
    state.apps.connected.push(AppConnection { id: credential, user, kind, app });
    for FakeCalendar { address, busy } in calendars {
        let primary = address == primary;
        let name = address.clone();
        state.apps.calendars.push(UserCalendar { user, credential, external: address, name, primary, busy });
    }
    let (id, at) = (state.ids.number(IdKind::Calendar), state.now());
    let (external, primary) = (primary.clone(), Some(primary));
    state.apps.destinations.push(DestinationCalendar { id, user, external, primary, credential, at });
}
