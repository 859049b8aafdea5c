//! The builder of a fake: users, credentials, schedules and event types. Bookings and webhooks are in `fixtures`.

mod event_type;
mod oauth_app;
mod schedule;
mod team;
mod user;

use calcom::Contract;
use jiff::Timestamp;

use super::clock::Clock;
use super::fake::FakeCalcom;
use super::fixtures::{FakeBooking, FakeReservation, FakeWebhook};
use super::latency::Latency;
use super::limit::FakeRateLimit;
use super::state::State;

pub use event_type::FakeEventType;
pub use oauth_app::FakeOAuthApp;
pub use schedule::FakeSchedule;
pub use team::FakeTeam;
pub use user::FakeUser;

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
    oauth_apps: Vec<FakeOAuthApp>,
    latency: Latency,
    limits: Option<Vec<FakeRateLimit>>,
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
    /// A client takes every address but Cal.com's own for a self-hosted server, so that it has to be set.
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
    /// let me = client.request::<serde_json::Value>(calcom::operation::Method::Get, "/v2/me").await?;
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

    /// Adds an OAuth client. [`FakeCalcom::give_consent`] says which user consents.
    pub fn oauth_app(mut self, app: FakeOAuthApp) -> Self {
        self.oauth_apps.push(app);
        self
    }

    /// Sets the latency of writes. Default: none.
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// Sets the rate limits. Default: 120 requests a minute for each key, as the service has them. An empty list removes all
    /// limits.
    pub fn rate_limits(mut self, limits: Vec<FakeRateLimit>) -> Self {
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
        for app in self.oauth_apps {
            app.insert_into(&mut state);
        }
        state
    }
}
