//! Fixtures as JSON: what the builder sets in Rust, for the fake as a program and for tests in other languages.

mod fixtures;
mod values;

use std::collections::HashSet;
use std::time::Duration;

use calcom::Contract;
use jiff::{SignedDuration, Timestamp};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use self::fixtures::{
    SeedBooking, SeedEventType, SeedLimit, SeedRole, SeedScheduling, SeedService, SeedStatus, SeedTeam, SeedUser,
    SeedWebhook,
};
use super::builder::{FakeBuilder, FakeEventType, FakeSchedule, FakeTeam, FakeUser};
use super::fixtures::{FakeBooking, FakeWebhook};
use super::limit::FakeRateLimit;
use super::seed;
pub use values::SeedError;

/// The fixtures of a fake, as JSON: users, teams, event types, bookings, webhooks.
///
/// Names are those of the API. What is left out has the default of [`FakeBuilder`]; an unknown name is an error.
///
/// ```
/// let seed = calcom_fake::Seed::from_json(r#"{
///     "now": "2026-11-23T00:00:00Z",
///     "users": [{ "username": "ada", "timeZone": "Europe/Berlin" }],
///     "eventTypes": [{ "user": "ada", "slug": "intro", "lengthInMinutes": 30 }],
///     "bookings": [{ "user": "ada", "eventType": "intro", "start": "2026-11-23T09:00:00Z" }]
/// }"#)?;
/// # async fn example(seed: calcom_fake::Seed) -> Result<(), calcom_fake::SeedError> {
/// let fake = seed.builder()?.start().await;
/// # let _ = fake; Ok(()) }
/// # let _ = seed;
/// # Ok::<(), calcom_fake::SeedError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Seed {
    now: Option<Timestamp>,
    service: Option<SeedService>,
    production: bool,
    random_seed: u64,
    rate_limits: Option<Vec<SeedLimit>>,
    users: Vec<SeedUser>,
    teams: Vec<SeedTeam>,
    event_types: Vec<SeedEventType>,
    bookings: Vec<SeedBooking>,
    webhooks: Vec<SeedWebhook>,
    /// Whether it is the recorded server's.
    #[serde(skip)]
    recorded: bool,
}

impl Seed {
    /// Reads a seed.
    ///
    /// # Errors
    ///
    /// [`SeedError`], with the line or the field that is wrong. References between fixtures are checked too.
    pub fn from_json(text: &str) -> Result<Self, SeedError> {
        let seed: Self = read_json(text.as_bytes()).map_err(SeedError)?;
        seed.builder().map(|_| seed)
    }

    /// The fixtures of the recorded server, as [`FakeCalcom::recorded_seed`](super::FakeCalcom::recorded_seed) has them.
    #[must_use]
    pub fn recorded() -> Self {
        Self { recorded: true, ..Self::default() }
    }

    /// A builder with the fixtures.
    ///
    /// # Errors
    ///
    /// [`SeedError`] if a fixture refers to one that does not exist, or an event type has an unknown property.
    pub fn builder(&self) -> Result<FakeBuilder, SeedError> {
        if self.recorded {
            return Ok(seed::recorded());
        }
        let mut builder = FakeBuilder::default().random_seed(self.random_seed);
        if let Some(now) = self.now {
            builder = builder.at(now);
        }
        if let Some(service) = self.service {
            builder = builder.contract(match service {
                SeedService::Hosted => Contract::Hosted,
                SeedService::SelfHosted => Contract::SelfHosted,
            });
        }
        if self.production {
            builder = builder.production();
        }
        if let Some(limits) = &self.rate_limits {
            let limit = |(at, limit): (usize, &SeedLimit)| {
                values::limit(&limit.name, &format!("rateLimits[{at}].name"))?;
                let window = positive(limit.window, &format!("rateLimits[{at}].window"))?;
                Ok(FakeRateLimit::new(limit.name.clone(), limit.limit, window))
            };
            builder = builder.rate_limits(limits.iter().enumerate().map(limit).collect::<Result<_, SeedError>>()?);
        }
        let mut known = KnownNames::default();
        for (at, user) in self.users.iter().enumerate() {
            let field = format!("users[{at}]");
            values::user(user, &field)?;
            values::own_name(&user.username, known.users.insert(&user.username), &format!("{field}.username"))?;
            let key = user.api_key.clone().unwrap_or_else(|| format!("cal_test_{}", user.username));
            values::require(known.keys.insert(key), &format!("{field}.apiKey"), "another user has this key")?;
            builder = builder.user(user.fixture());
        }
        if self.users.is_empty() {
            known.users.insert("johndoe");
            if self.event_types.is_empty() {
                // The event type of a fake without any.
                known.event_types.insert(("johndoe", "30min"));
            }
        }
        for (at, team) in self.teams.iter().enumerate() {
            for member in &team.members {
                known.require_user(&member.username, || format!("teams[{at}].members"))?;
            }
            if let Some(parent) = team.organization.as_deref().filter(|parent| !known.teams.contains(parent)) {
                return Err(unknown(&format!("teams[{at}].organization"), parent));
            }
            values::own_name(&team.slug, known.teams.insert(&team.slug), &format!("teams[{at}].slug"))?;
            builder = builder.team(team.fixture());
        }
        for (at, event_type) in self.event_types.iter().enumerate() {
            builder = builder.event_type(event_type.fixture(at, &mut known)?);
        }
        for (at, booking) in self.bookings.iter().enumerate() {
            known.require_event_type(&booking.user, &booking.event_type, || format!("bookings[{at}].eventType"))?;
            if let Some(uid) = &booking.uid {
                values::own_name(uid, known.uids.insert(uid), &format!("bookings[{at}].uid"))?;
            }
            builder = builder.booking(booking.fixture());
        }
        for (at, webhook) in self.webhooks.iter().enumerate() {
            values::webhook(webhook, &format!("webhooks[{at}]"))?;
            known.require_user(&webhook.user, || format!("webhooks[{at}].user"))?;
            if let Some(slug) = &webhook.event_type {
                known.require_event_type(&webhook.user, slug, || format!("webhooks[{at}].eventType"))?;
            }
            builder = builder.webhook(webhook.fixture());
        }
        Ok(builder)
    }
}

/// The names that later fixtures refer to.
#[derive(Default)]
struct KnownNames<'a> {
    users: HashSet<&'a str>,
    teams: HashSet<&'a str>,
    event_types: HashSet<(&'a str, &'a str)>,
    uids: HashSet<&'a str>,
    keys: HashSet<String>,
}

impl KnownNames<'_> {
    fn require_user(&self, name: &str, field: impl Fn() -> String) -> Result<(), SeedError> {
        if self.users.contains(name) { Ok(()) } else { Err(unknown(&field(), name)) }
    }

    fn require_event_type(&self, owner: &str, slug: &str, field: impl Fn() -> String) -> Result<(), SeedError> {
        if self.event_types.contains(&(owner, slug)) {
            return Ok(());
        }
        Err(unknown(&field(), &format!("{owner}/{slug}")))
    }
}

fn unknown(field: &str, name: &str) -> SeedError {
    SeedError(format!("{field}: there is no `{name}`"))
}

/// Reads a JSON object from outside. The error names the field that is wrong.
pub(crate) fn read_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    // A list would be read as the fields in their order.
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err("it must be a JSON object".to_owned());
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        if !inner.is_data() {
            return format!("it is no JSON: {inner}");
        }
        if path == "." { inner.to_string() } else { format!("{path}: {inner}") }
    })?;
    reader.end().map_err(|error| format!("it is no JSON: {error}"))?;
    Ok(value)
}

/// A time such as `1h 30m`.
pub(crate) fn duration<'de, D: Deserializer<'de>>(input: D) -> Result<Option<SignedDuration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(input)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| D::Error::custom("must be a time such as `1h 30m` or `250ms`"))
}

/// A length of time from outside.
pub(crate) fn positive(time: SignedDuration, field: &str) -> Result<Duration, SeedError> {
    match Duration::try_from(time) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(SeedError(format!("{field}: must be longer than zero"))),
    }
}

impl SeedUser {
    fn fixture(&self) -> FakeUser {
        let mut user = FakeUser::new(&self.username);
        if let Some(name) = &self.name {
            user = user.name(name);
        }
        if let Some(email) = &self.email {
            user = user.email(email);
        }
        if let Some(zone) = &self.time_zone {
            user = user.time_zone(zone);
        }
        if let Some(day) = &self.week_start {
            user = user.week_start(day);
        }
        if let Some(key) = &self.api_key {
            user = user.api_key(key);
        }
        if self.administrator {
            user = user.administrator();
        }
        for schedule in &self.schedules {
            let mut hours = FakeSchedule::empty(&schedule.name);
            if let Some(zone) = &schedule.time_zone {
                hours = hours.time_zone(zone);
            }
            for row in &schedule.availability {
                hours = hours.hours(&row.days, &row.start_time, &row.end_time);
            }
            user = user.schedule(hours);
        }
        self.out_of_office.iter().fold(user, |user, absence| user.out_of_office(absence.from, absence.to))
    }
}

impl SeedTeam {
    fn fixture(&self) -> FakeTeam {
        let mut team = FakeTeam::new(&self.slug);
        if let Some(name) = &self.name {
            team = team.name(name);
        }
        if self.is_organization {
            team = team.organization();
        }
        if let Some(slug) = &self.organization {
            team = team.of_organization(slug);
        }
        self.members.iter().fold(team, |team, member| match member.role {
            SeedRole::Member => team.member(&member.username),
            SeedRole::Admin => team.admin(&member.username),
            SeedRole::Owner => team.owner(&member.username),
        })
    }
}

impl SeedEventType {
    fn fixture<'a>(&'a self, at: usize, known: &mut KnownNames<'a>) -> Result<FakeEventType, SeedError> {
        let field = |name: &str| format!("eventTypes[{at}].{name}");
        let (owner, event_type) = match (&self.user, &self.team) {
            (Some(user), None) => {
                known.require_user(user, || field("user"))?;
                (user, FakeEventType::new(user, &self.slug, self.length_in_minutes))
            }
            (None, Some(team)) if known.teams.contains(team.as_str()) => {
                (team, FakeEventType::of_team(team, &self.slug, self.length_in_minutes))
            }
            (None, Some(team)) => return Err(unknown(&field("team"), team)),
            _ => return Err(SeedError(format!("eventTypes[{at}]: has either `user` or `team`"))),
        };
        if !(1..=1440).contains(&self.length_in_minutes) {
            return Err(SeedError(format!("{}: must be from 1 to 1440", field("lengthInMinutes"))));
        }
        for host in &self.hosts {
            known.require_user(host, || field("hosts"))?;
        }
        values::own_name(&self.slug, known.event_types.insert((owner, &self.slug)), &field("slug"))?;
        let hosts: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
        let event_type = match self.scheduling_type {
            None => event_type,
            Some(SeedScheduling::Collective) => event_type.collective(&hosts),
            Some(SeedScheduling::RoundRobin) => event_type.round_robin(&hosts),
            Some(SeedScheduling::Managed) => event_type.managed(&hosts),
        };
        self.properties.iter().try_fold(event_type, |event_type, (name, value)| {
            let set = event_type.try_with(name, value.clone());
            let set = set.map_err(|message| values::wrong(&field("properties"), &message))?;
            values::property(name, value, &field(&format!("properties.{name}"))).map(|()| set)
        })
    }
}

impl SeedBooking {
    fn fixture(&self) -> FakeBooking {
        let mut booking = FakeBooking::new(&self.user, &self.event_type, self.start);
        if let Some(uid) = &self.uid {
            booking = booking.uid(uid);
        }
        for attendee in &self.attendees {
            booking = booking.attendee(&attendee.name, &attendee.email);
        }
        match self.status {
            SeedStatus::Accepted => booking,
            SeedStatus::Pending => booking.pending(),
            SeedStatus::Rejected => booking.rejected(),
            SeedStatus::Cancelled => booking.cancelled(),
        }
    }
}

impl SeedWebhook {
    fn fixture(&self) -> FakeWebhook {
        let triggers: Vec<&str> = self.triggers.iter().map(String::as_str).collect();
        let mut webhook = FakeWebhook::new(&self.user, &self.subscriber_url, &triggers);
        if let Some(slug) = &self.event_type {
            webhook = webhook.of_event_type(slug);
        }
        match &self.secret {
            Some(secret) => webhook.secret(secret),
            None => webhook,
        }
    }
}
