//! The builder of a fake: users, credentials, schedules and event types. Bookings and webhooks are in `fixtures`.

mod event_type;
pub(crate) mod team;

use calcom::Contract;
use jiff::Timestamp;
use jiff::civil::Date;

use super::clock::Clock;
use super::fake::FakeCalcom;
use super::fixtures::{FakeBooking, FakeReservation, FakeWebhook};
use super::instant::{day_end, day_start};
use super::latency::Latency;
use super::limit::RateLimit;
use super::state::schedule::{Availability, DateOverride, Schedule, minutes};
use super::state::{Credential, IdKind, OutOfOffice, State, User};

pub use event_type::FakeEventType;
pub use team::FakeTeam;

/// Builds a [`FakeCalcom`] with users, event types, bookings and webhooks.
///
/// A fake without users gets the user `johndoe` with an event type `30min`.
///
/// ```
/// # async fn example() {
/// use calcom_fake::{FakeBooking, FakeCalcom, FakeEventType, FakeUser};
///
/// let fake = FakeCalcom::builder()
///     .at("2026-11-23T00:00:00Z".parse().unwrap())
///     .user(FakeUser::new("ada").time_zone("Europe/Berlin"))
///     .event_type(FakeEventType::new("ada", "intro", 30))
///     .booking(FakeBooking::new("ada", "intro", "2026-11-23T09:00:00Z".parse().unwrap()))
///     .start()
///     .await;
/// println!("{} {}", fake.url(), fake.api_key_of("ada"));
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct FakeBuilder {
    at: Option<Timestamp>,
    seed: u64,
    users: Vec<FakeUser>,
    teams: Vec<FakeTeam>,
    event_types: Vec<FakeEventType>,
    bookings: Vec<FakeBooking>,
    webhooks: Vec<FakeWebhook>,
    reservations: Vec<FakeReservation>,
    latency: Latency,
    limits: Option<Vec<RateLimit>>,
    contract: Option<Contract>,
    production: bool,
    community: bool,
}

impl FakeBuilder {
    /// Sets the start time of the fake's clock. Default: the real time.
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// Sets the seed of the generated uids. The same seed gives the same uids.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the service that is played: routes, versions and lists of bookings are those of this service. Default: a self-hosted
    /// server.
    ///
    /// A client takes every address but Cal.com's own for a self-hosted server, so that it must be told.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> calcom::Result<()> {
    /// use calcom::{ApiKey, Client, Contract};
    /// use calcom_fake::FakeCalcom;
    ///
    /// let fake = FakeCalcom::builder().contract(Contract::Hosted).start().await;
    /// let key = ApiKey::new(fake.api_key());
    /// let client = Client::builder().api_url(fake.url()).service(Contract::Hosted).credentials(key).build()?;
    /// let me = client.request(calcom::http::Method::GET, "/v2/me").await?;
    /// assert_eq!(me["data"]["username"], "johndoe");
    /// # Ok(()) }
    /// ```
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = Some(contract);
        self
    }

    /// Makes the errors those of a server in production; see [`FakeCalcom::set_production`]. Default: development.
    pub fn production(mut self) -> Self {
        self.production = true;
        self
    }

    /// Makes it the community's server, which has no teams and no organizations.
    pub(crate) fn community(mut self) -> Self {
        self.community = true;
        self
    }

    /// Adds a user. The first one has id 1.
    pub fn user(mut self, user: FakeUser) -> Self {
        self.users.push(user);
        self
    }

    /// Adds a team or an organization. The first one has id 1.
    pub fn team(mut self, team: FakeTeam) -> Self {
        self.teams.push(team);
        self
    }

    /// Adds an event type. The first one has id 1.
    pub fn event_type(mut self, event_type: FakeEventType) -> Self {
        self.event_types.push(event_type);
        self
    }

    /// Adds a booking that exists from the start.
    pub fn booking(mut self, booking: FakeBooking) -> Self {
        self.bookings.push(booking);
        self
    }

    /// Adds a webhook that exists from the start.
    pub fn webhook(mut self, webhook: FakeWebhook) -> Self {
        self.webhooks.push(webhook);
        self
    }

    /// Adds a reservation of a slot. It lasts `minutes` from the start of the fake.
    pub fn reservation(mut self, username: &str, slug: &str, start: Timestamp, minutes: i64) -> Self {
        self.reservations.push(FakeReservation { owner: username.to_owned(), slug: slug.to_owned(), start, minutes });
        self
    }

    /// Sets the latency of writes. Default: none.
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// Sets the rate limits. Default: 120 requests a minute for each key, as the service has them. An empty list removes all
    /// limits.
    pub fn rate_limits(mut self, limits: Vec<RateLimit>) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Starts the fake.
    ///
    /// # Panics
    /// If no port on loopback can be bound.
    pub async fn start(self) -> FakeCalcom {
        FakeCalcom::serve(self.state(), None).await
    }

    pub(crate) fn state(mut self) -> State {
        if self.users.is_empty() {
            self.users.push(FakeUser::new("johndoe"));
            if self.event_types.is_empty() {
                self.event_types.push(FakeEventType::new("johndoe", "30min", 30));
            }
        }
        let mut state = State::new(Clock::starting_at(self.at.unwrap_or_else(Timestamp::now)), self.seed);
        state.latency = self.latency;
        state.production = self.production;
        state.contract = self.contract.unwrap_or(Contract::SelfHosted);
        if let Some(limits) = self.limits {
            state.limits.default_limits = limits;
        }
        for user in self.users {
            user.insert_into(&mut state);
        }
        for team in self.teams {
            team.insert_into(&mut state);
        }
        state.community = self.community;
        for event_type in self.event_types {
            event_type.insert_into(&mut state);
        }
        for booking in self.bookings {
            booking.insert_into(&mut state);
        }
        for webhook in self.webhooks {
            webhook.insert_into(&mut state);
        }
        for reservations in self.reservations {
            reservations.insert_into(&mut state);
        }
        state
    }
}

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
    limits: Option<Vec<RateLimit>>,
    absences: Vec<(Date, Date)>,
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
        };
        Self { user, credentials: Vec::new(), schedules: Vec::new(), limits: None, absences: Vec::new() }
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

    /// Sets the first day of the week, in English.
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

    /// Adds an OAuth client that acts as this user.
    pub fn oauth_client(mut self, id: &str, secret: &str) -> Self {
        self.credentials.push(Credential::OAuthClient { id: id.to_owned(), secret: secret.to_owned(), user: 0 });
        self
    }

    /// Adds a schedule. The first one is the default schedule and replaces Monday to Friday from 09:00 to 17:00.
    pub fn schedule(mut self, schedule: FakeSchedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Sets the rate limits of this user's API keys, in place of the fake's.
    pub fn rate_limits(mut self, limits: Vec<RateLimit>) -> Self {
        self.limits = Some(limits);
        self
    }

    fn insert_into(mut self, state: &mut State) {
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
                Credential::AccessToken { user, .. } | Credential::OAuthClient { user, .. } => *user = id,
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
        state.users.push(self.user);
    }
}

/// A schedule: the hours in which a user can be booked.
///
/// ```
/// use calcom_fake::FakeSchedule;
///
/// let hours = FakeSchedule::nine_to_five("work")
///     .time_zone("Europe/Berlin")
///     .on("2026-12-24".parse().unwrap(), "09:00", "12:00");
/// # let _ = hours;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeSchedule {
    name: String,
    zone: Option<String>,
    hours: Vec<(Vec<u8>, u16, u16)>,
    dated: Vec<(Date, u16, u16)>,
}

impl FakeSchedule {
    /// Creates a schedule without hours.
    pub fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), zone: None, hours: Vec::new(), dated: Vec::new() }
    }

    /// Creates a schedule for Monday to Friday from 09:00 to 17:00.
    pub fn nine_to_five(name: &str) -> Self {
        Self::empty(name).hours(&[1, 2, 3, 4, 5], "09:00", "17:00")
    }

    /// Sets the IANA time zone of the hours. Default: that of the user.
    pub fn time_zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.to_owned());
        self
    }

    /// Adds hours on days of the week; 0 is Sunday. Times have the form `09:30`; the end of the day is `24:00`.
    pub fn hours(mut self, days: &[u8], start: &str, end: &str) -> Self {
        self.hours.push((days.to_vec(), minutes(start).unwrap_or_default(), end_minutes(end)));
        self
    }

    /// Overrides the hours of one date. If start and end are equal, the date has no hours.
    pub fn on(mut self, date: Date, start: &str, end: &str) -> Self {
        self.dated.push((date, minutes(start).unwrap_or_default(), end_minutes(end)));
        self
    }

    fn insert_into(self, state: &mut State, owner: i64, zone: &str) -> i64 {
        let id = state.ids.number(IdKind::Schedule);
        let mut availability = Vec::new();
        for (days, start, end) in self.hours {
            availability.push(Availability {
                row: state.ids.number(IdKind::AvailabilityRow),
                days,
                start,
                end,
                user: None,
            });
        }
        let mut overrides = Vec::new();
        for (date, start, end) in self.dated {
            overrides.push(DateOverride { row: state.ids.number(IdKind::AvailabilityRow), date, start, end });
        }
        let time_zone = self.zone.unwrap_or_else(|| zone.to_owned());
        state.schedules.push(Schedule { id, owner, name: self.name, time_zone, availability, overrides });
        id
    }
}

/// The end in minutes since midnight. The service itself has no `24:00`.
fn end_minutes(end: &str) -> u16 {
    if end == "24:00" { 1440 } else { minutes(end).unwrap_or_default() }
}
