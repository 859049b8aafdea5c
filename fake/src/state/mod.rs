//! The state of the fake: users, credentials, schedules, event types, bookings, reservations, webhooks, private links, and
//! the history of changes. Handlers change it under one lock.

pub(crate) mod answers;
pub(crate) mod apps;
pub(crate) mod attribute;
pub(crate) mod booking;
pub(crate) mod credential;
mod delivery;
pub(crate) mod event_type;
mod expected;
pub(crate) mod ids;
mod list_lag;
pub(crate) mod oauth2;
mod outbox;
mod platform;
pub(crate) mod schedule;
pub(crate) mod team;
pub(crate) mod user;
pub(crate) mod webhook;

use calcom::Contract;
use jiff::Timestamp;

pub(crate) use answers::ScriptedResponses;
pub(crate) use apps::Apps;
pub(crate) use attribute::Attributes;
pub use booking::{Attendee, Booking, BookingStatus, Seat};
pub(crate) use credential::Credential;
pub use delivery::WebhookDelivery;
pub use event_type::{EventType, PrivateLink, Seats};
pub use ids::IdKind;
pub(crate) use ids::Ids;
pub(crate) use list_lag::ListHistory;
pub use list_lag::ListLag;
pub use oauth2::OAuthAppState;
pub(crate) use outbox::{Meeting, Outbox};
pub use platform::{ManagedUser, PlatformClient};
pub use schedule::{Availability, DateOverride, Schedule};
pub use team::{EventTypeHost, Membership, OutOfOffice, SchedulingType, Team, TeamEventTypeFields, TeamRole};
pub(crate) use user::User;
pub use webhook::{Webhook, WebhookOwner};

use super::change::ChangeRecord;
use super::clock::Clock;
use super::latency::Latency;
use super::limit::RateLimits;
use super::service::Service;

/// A reservation of a slot.
#[derive(Clone, Debug)]
pub struct Reservation {
    pub uid: String,
    pub event_type: i64,
    pub start: Timestamp,
    pub end: Timestamp,
    pub until: Timestamp,
}

/// The state of a fake.
#[derive(Clone, Debug)]
pub struct State {
    pub clock: Clock,
    pub ids: Ids,
    pub users: Vec<User>,
    pub credentials: Vec<Credential>,
    pub schedules: Vec<Schedule>,
    pub event_types: Vec<EventType>,
    pub bookings: Vec<Booking>,
    pub reservations: Vec<Reservation>,
    pub webhooks: Vec<Webhook>,
    pub apps: Apps,
    pub oauth2: oauth2::OAuth2,
    pub teams: Vec<Team>,
    pub memberships: Vec<Membership>,
    pub absences: Vec<OutOfOffice>,
    pub attributes: Attributes,
    pub platform_clients: Vec<PlatformClient>,
    pub managed_users: Vec<ManagedUser>,
    /// Whether it is the community's server, which has no teams and no organizations.
    pub community: bool,
    pub limits: RateLimits,
    pub latency: Latency,
    pub(crate) list_history: ListHistory,
    /// The answers that the test gives.
    pub(crate) answers: ScriptedResponses,
    /// The service that is played.
    pub contract: Contract,
    /// Whether errors are those of a server in production.
    pub production: bool,
    pub history: Vec<ChangeRecord>,
    /// The deliveries that are to be sent.
    pub outbox: Outbox,
    /// The request in progress, for the history.
    pub current_request: Option<u64>,
    /// The base URL of booking pages in responses.
    pub booker_url: String,
}

impl State {
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self {
            clock,
            ids: Ids::seeded(seed),
            users: Vec::new(),
            credentials: Vec::new(),
            schedules: Vec::new(),
            event_types: Vec::new(),
            bookings: Vec::new(),
            reservations: Vec::new(),
            webhooks: Vec::new(),
            apps: Apps::default(),
            oauth2: oauth2::OAuth2::default(),
            teams: Vec::new(),
            memberships: Vec::new(),
            absences: Vec::new(),
            attributes: Attributes::default(),
            platform_clients: Vec::new(),
            managed_users: Vec::new(),
            community: false,
            limits: RateLimits::default(),
            latency: Latency::default(),
            list_history: ListHistory::default(),
            answers: ScriptedResponses::default(),
            contract: Contract::SelfHosted,
            production: false,
            history: Vec::new(),
            outbox: Outbox::default(),
            current_request: None,
            booker_url: "http://localhost:3000".to_owned(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn user(&self, id: i64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn user_mut(&mut self, id: i64) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    pub fn user_named(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }

    pub fn event_type(&self, id: i64) -> Option<&EventType> {
        self.event_types.iter().find(|event| event.id == id)
    }

    pub fn event_type_mut(&mut self, id: i64) -> Option<&mut EventType> {
        self.event_types.iter_mut().find(|event| event.id == id)
    }

    pub fn event_type_named(&self, owner: i64, slug: &str) -> Option<&EventType> {
        self.event_types.iter().find(|event| event.owner == owner && event.slug == slug)
    }

    pub fn event_type_of_team(&self, team: i64, slug: &str) -> Option<&EventType> {
        let of_team = |event: &&EventType| event.team.as_ref().is_some_and(|of| of.team == team);
        self.event_types.iter().filter(of_team).find(|event| event.slug == slug)
    }

    pub fn schedule(&self, id: i64) -> Option<&Schedule> {
        self.schedules.iter().find(|schedule| schedule.id == id)
    }

    pub fn schedule_mut(&mut self, id: i64) -> Option<&mut Schedule> {
        self.schedules.iter_mut().find(|schedule| schedule.id == id)
    }

    pub fn booking(&self, uid: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.uid == uid)
    }

    pub fn booking_mut(&mut self, uid: &str) -> Option<&mut Booking> {
        self.bookings.iter_mut().find(|booking| booking.uid == uid)
    }

    pub fn platform_client(&self, id: &str) -> Option<&PlatformClient> {
        self.platform_clients.iter().find(|client| client.id == id)
    }

    pub fn team(&self, id: i64) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == id)
    }

    /// The team with this slug, without organization or in the organization with the other slug.
    pub fn team_named(&self, slug: &str, organization: Option<&str>) -> Option<&Team> {
        let has = |team: &Team, slug: &str| team.slug.as_deref() == Some(slug);
        let parent = match organization {
            Some(slug) => Some(self.teams.iter().find(|team| team.is_organization && has(team, slug))?.id),
            None => None,
        };
        self.teams.iter().find(|team| team.parent == parent && !team.is_organization && has(team, slug))
    }

    /// The id of an event type of a user or of a team.
    pub fn event_type_id(&self, owner: &str, slug: &str) -> Option<i64> {
        let own = self.user_named(owner).and_then(|user| self.event_type_named(user.id, slug));
        let of_team = || self.team_id(owner).and_then(|team| self.event_type_of_team(team, slug));
        own.or_else(of_team).map(|event| event.id)
    }

    /// The id of the team or organization with this slug.
    pub fn team_id(&self, slug: &str) -> Option<i64> {
        self.teams.iter().find(|team| team.slug.as_deref() == Some(slug)).map(|team| team.id)
    }

    /// The role of a user in a team or an organization, invited or not.
    pub fn role_in(&self, team: i64, user: i64) -> Option<TeamRole> {
        self.memberships.iter().find(|m| m.team == team && m.user == user).map(|m| m.role)
    }

    /// The users who can hold meetings of an event type: its owner, or the hosts that the team has given it.
    pub fn hosts_of(&self, event: &EventType) -> Vec<EventTypeHost> {
        match &event.team {
            None => vec![EventTypeHost::plain(event.owner)],
            Some(of) if of.assign_all => {
                let members = self.memberships.iter().filter(|m| m.team == of.team && m.accepted);
                members.map(|m| EventTypeHost::plain(m.user)).collect()
            }
            Some(of) => of.hosts.clone(),
        }
    }

    /// The owner of an event type, or the first host of a team's one. 0 if it has none.
    pub fn first_host(&self, event: &EventType) -> i64 {
        self.hosts_of(event).first().map_or(0, |host| host.user)
    }

    /// The service that is played.
    pub(crate) fn service(&self) -> Service {
        Service { contract: self.contract, community: self.community }
    }

    /// The occurrences of a series, in order of time.
    pub fn series(&self, recurring_uid: &str) -> Vec<&Booking> {
        let mut rows: Vec<&Booking> =
            self.bookings.iter().filter(|booking| booking.recurring.as_deref() == Some(recurring_uid)).collect();
        rows.sort_by_key(|booking| (booking.start, booking.id));
        rows
    }

    pub fn booking_of_seat(&self, seat_uid: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.attendee_of_seat(seat_uid).is_some())
    }

    /// The schedule of an event type: its own, or the default one of its owner.
    pub fn schedule_of(&self, event: &EventType) -> Option<&Schedule> {
        let default = || self.user(event.owner).and_then(|user| user.default_schedule);
        let chosen = event.schedule.or_else(default).and_then(|id| self.schedule(id));
        // The service stores a default schedule that does not exist, and still has hours then.
        chosen.or_else(|| self.schedules.iter().find(|schedule| schedule.owner == event.owner))
    }
}
