//! Furnishing a fake before it starts: users with credentials and hours, and what can be booked with them. What is booked
//! already is furniture.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::api::event_types::input::{PROPERTIES, apply_create};
use super::clock::Clock;
use super::fake::FakeCalcom;
use super::furniture::{FakeBooking, FakeWebhook, Held};
use super::limit::RateLimit;
use super::near::nearest;
use super::pace::Pace;
use super::state::schedule::{Availability, Override, Schedule, minutes};
use super::state::{Credential, EventType, Kind, State, User};

/// What a fake starts with.
///
/// Without any user it gets `johndoe` with an event type `30min`.
#[derive(Debug, Default)]
#[must_use]
pub struct FakeBuilder {
    at: Option<Timestamp>,
    seed: u64,
    users: Vec<FakeUser>,
    event_types: Vec<FakeEventType>,
    bookings: Vec<FakeBooking>,
    webhooks: Vec<FakeWebhook>,
    held: Vec<Held>,
    pace: Pace,
    limits: Option<Vec<RateLimit>>,
}

impl FakeBuilder {
    /// The time on the fake's clock when it starts; the real time when this is not called.
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// Another seed gives other uids; the same one gives the same.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A user, with id 1 for the first.
    pub fn user(mut self, user: FakeUser) -> Self {
        self.users.push(user);
        self
    }

    /// An event type, with id 1 for the first.
    pub fn event_type(mut self, event_type: FakeEventType) -> Self {
        self.event_types.push(event_type);
        self
    }

    /// A booking that is there already.
    pub fn booking(mut self, booking: FakeBooking) -> Self {
        self.bookings.push(booking);
        self
    }

    /// A webhook that is there already.
    pub fn webhook(mut self, webhook: FakeWebhook) -> Self {
        self.webhooks.push(webhook);
        self
    }

    /// A slot that somebody holds for so many minutes from the start of the fake.
    pub fn held(mut self, username: &str, slug: &str, start: Timestamp, minutes: i64) -> Self {
        self.held.push(Held { owner: username.to_owned(), slug: slug.to_owned(), start, minutes });
        self
    }

    /// How long writing takes; no time when this is not called.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Other rate limits than the service's 120 requests a minute for each key, which are the default; none with an empty list.
    pub fn rate_limits(mut self, limits: Vec<RateLimit>) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When no port on loopback can be had.
    pub async fn start(self) -> FakeCalcom {
        FakeCalcom::serve(self.state(), None).await
    }

    pub(crate) fn state(mut self) -> State {
        if self.users.is_empty() {
            self.users.push(FakeUser::named("johndoe"));
            if self.event_types.is_empty() {
                self.event_types.push(FakeEventType::new("johndoe", "30min", 30));
            }
        }
        let mut state = State::new(Clock::starting_at(self.at.unwrap_or_else(Timestamp::now)), self.seed);
        state.pace = self.pace;
        if let Some(limits) = self.limits {
            state.limits.everybody = limits;
        }
        for user in self.users {
            user.settle(&mut state);
        }
        for event_type in self.event_types {
            event_type.settle(&mut state);
        }
        for booking in self.bookings {
            booking.settle(&mut state);
        }
        for webhook in self.webhooks {
            webhook.settle(&mut state);
        }
        for held in self.held {
            held.settle(&mut state);
        }
        state
    }
}

/// A user of the fake.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeUser {
    user: User,
    credentials: Vec<Credential>,
    schedules: Vec<FakeSchedule>,
    limits: Option<Vec<RateLimit>>,
}

impl FakeUser {
    /// A user who works Monday to Friday from nine to five UTC, with the key `cal_test_<username>`.
    pub fn named(username: &str) -> Self {
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
            settings: serde_json::Map::new(),
            metadata: serde_json::Map::new(),
        };
        Self { user, credentials: Vec::new(), schedules: Vec::new(), limits: None }
    }

    /// The full name.
    pub fn name(mut self, name: &str) -> Self {
        self.user.name = name.to_owned();
        self
    }

    /// The e-mail address.
    pub fn email(mut self, email: &str) -> Self {
        self.user.email = email.to_owned();
        self
    }

    /// The IANA time zone, of the user and of hours that have no other.
    pub fn time_zone(mut self, zone: &str) -> Self {
        self.user.time_zone = zone.to_owned();
        self
    }

    /// The first day of the week, in English.
    pub fn week_start(mut self, day: &str) -> Self {
        self.user.week_start = day.to_owned();
        self
    }

    /// 12 or 24.
    pub fn time_format(mut self, hours: i64) -> Self {
        self.user.time_format = hours;
        self
    }

    /// An API key, which starts with `cal_`; the first one replaces the default.
    pub fn api_key(mut self, key: &str) -> Self {
        self.credentials.push(Credential::ApiKey { key: key.to_owned(), user: 0, expires: None, revoked: false });
        self
    }

    /// An API key that is worth nothing from `expires` on: 401.
    pub fn expiring_api_key(mut self, key: &str, expires: Timestamp) -> Self {
        let expires = Some(expires);
        self.credentials.push(Credential::ApiKey { key: key.to_owned(), user: 0, expires, revoked: false });
        self
    }

    /// An access token; 498 from `expires` on.
    pub fn access_token(mut self, token: &str, expires: Option<Timestamp>) -> Self {
        self.credentials.push(Credential::AccessToken { token: token.to_owned(), user: 0, expires });
        self
    }

    /// An OAuth client that acts as this user.
    pub fn oauth_client(mut self, id: &str, secret: &str) -> Self {
        self.credentials.push(Credential::OAuthClient { id: id.to_owned(), secret: secret.to_owned(), user: 0 });
        self
    }

    /// Hours; the first schedule is the default one and replaces nine to five.
    pub fn schedule(mut self, schedule: FakeSchedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Rate limits for this user's API keys, instead of everybody's.
    pub fn rate_limits(mut self, limits: Vec<RateLimit>) -> Self {
        self.limits = Some(limits);
        self
    }

    fn settle(mut self, state: &mut State) {
        let id = state.ids.number(Kind::User);
        self.user.id = id;
        if self.schedules.is_empty() {
            self.schedules.push(FakeSchedule::nine_to_five("Working hours"));
        }
        for schedule in self.schedules {
            let schedule_id = schedule.settle(state, id, &self.user.time_zone);
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
                        state.limits.special.insert(format!("key {key}"), limits.clone());
                    }
                }
                Credential::AccessToken { user, .. } | Credential::OAuthClient { user, .. } => *user = id,
            }
            state.credentials.push(credential);
        }
        state.users.push(self.user);
    }
}

/// Hours in which a user can be booked.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeSchedule {
    name: String,
    zone: Option<String>,
    hours: Vec<(Vec<u8>, u16, u16)>,
    dated: Vec<(Date, u16, u16)>,
}

impl FakeSchedule {
    /// A schedule without hours.
    pub fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), zone: None, hours: Vec::new(), dated: Vec::new() }
    }

    /// Monday to Friday from 09:00 to 17:00.
    pub fn nine_to_five(name: &str) -> Self {
        Self::empty(name).hours(&[1, 2, 3, 4, 5], "09:00", "17:00")
    }

    /// The IANA time zone of the hours; the user's when this is not called.
    pub fn time_zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.to_owned());
        self
    }

    /// Hours on days of the week, 0 being Sunday; times as `09:30`, the end of the day as `24:00`.
    pub fn hours(mut self, days: &[u8], start: &str, end: &str) -> Self {
        self.hours.push((days.to_vec(), minutes(start).unwrap_or_default(), until(end)));
        self
    }

    /// The hours of one date, instead of the week's; the same time twice for none.
    pub fn on(mut self, date: Date, start: &str, end: &str) -> Self {
        self.dated.push((date, minutes(start).unwrap_or_default(), until(end)));
        self
    }

    fn settle(self, state: &mut State, owner: i64, zone: &str) -> i64 {
        let id = state.ids.number(Kind::Schedule);
        let mut availability = Vec::new();
        for (days, start, end) in self.hours {
            availability.push(Availability {
                row: state.ids.number(Kind::AvailabilityRow),
                days,
                start,
                end,
                user: None,
            });
        }
        let mut overrides = Vec::new();
        for (date, start, end) in self.dated {
            overrides.push(Override { row: state.ids.number(Kind::AvailabilityRow), date, start, end });
        }
        let time_zone = self.zone.unwrap_or_else(|| zone.to_owned());
        state.schedules.push(Schedule { id, owner, name: self.name, time_zone, availability, overrides });
        id
    }
}

/// Minutes since midnight at which hours end; the service itself has no `24:00`.
fn until(end: &str) -> u16 {
    if end == "24:00" { 1440 } else { minutes(end).unwrap_or_default() }
}

/// Something that can be booked.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeEventType {
    owner: String,
    body: Value,
}

impl FakeEventType {
    /// A plain event type of so many minutes; it can be booked at once, without notice.
    pub fn new(username: &str, slug: &str, minutes: i64) -> Self {
        let body = json!({ "lengthInMinutes": minutes, "title": slug, "slug": slug, "minimumBookingNotice": 0 });
        Self { owner: username.to_owned(), body }
    }

    /// Any property that creating an event type takes (`cal-api-version: 2024-06-14`), as it is sent there.
    ///
    /// # Panics
    /// If no event type has such a property. The message names the nearest ones.
    #[expect(clippy::panic, reason = "a property that is ignored would make a test believe in vain")]
    pub fn with(mut self, property: &str, value: Value) -> Self {
        if !PROPERTIES.contains(&property) {
            let near = nearest(property, PROPERTIES.iter().map(|name| (*name).to_owned()));
            panic!("an event type has no property `{property}`; the nearest are {near}");
        }
        if let Some(map) = self.body.as_object_mut() {
            map.insert(property.to_owned(), value);
        }
        self
    }

    /// The title.
    pub fn title(self, title: &str) -> Self {
        self.with("title", title.into())
    }

    /// Lengths that a booker may choose from, in minutes.
    pub fn lengths(self, minutes: &[i64]) -> Self {
        self.with("lengthInMinutesOptions", minutes.into())
    }

    /// The host has to confirm every booking.
    pub fn confirmed_by_host(self) -> Self {
        self.with("confirmationPolicy", json!({ "type": "always", "blockUnconfirmedBookingsInBooker": false }))
    }

    /// A series of so many, every week.
    pub fn weekly(self, occurrences: i64) -> Self {
        self.with("recurrence", json!({ "frequency": "weekly", "interval": 1, "occurrences": occurrences }))
    }

    /// So many people share a slot, and see each other.
    pub fn seats(self, seats: i64) -> Self {
        let seats = json!({ "seatsPerTimeSlot": seats, "showAttendeeInfo": true, "showAvailabilityCount": true });
        self.with("seats", seats)
    }

    /// Only who knows of it can book it.
    pub fn hidden(self) -> Self {
        self.with("hidden", true.into())
    }

    fn settle(self, state: &mut State) {
        let owner = state.user_named(&self.owner).map(|user| user.id).unwrap_or_default();
        let id = state.ids.number(Kind::EventType);
        let mut event = EventType::plain(id, owner, "", "", 0);
        if let Some(body) = self.body.as_object() {
            apply_create(&mut event, body);
        }
        state.event_types.push(event);
    }
}
