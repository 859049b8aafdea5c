//! Internals of the fake for the project's conformance tests: its state, its rules for free slots, and the engine of its
//! proxies. Behind the feature `__conformance`, and outside semantic versioning.

use http::HeaderMap;

pub use crate::api::event_types::input::apply_create;
pub use crate::api::oauth2::token::challenge_of;
pub use crate::api::slots::engine::{Unavailable, seated_at};
pub use crate::api::slots::hosts::check_bookable;
pub use crate::documented::example;
pub use crate::exchange::query_pairs;
pub use crate::fault::{CannedResponse, FaultAction, FaultInjection};
pub use crate::instant::{parse, plus_minutes};
pub use crate::proxy::message::HttpMessage;
pub use crate::proxy::{FaultPolicy, ProxyEngine};
pub use crate::recording::{RecordedExchange, load, paths_of};
pub use crate::seed::starts_at;
pub use crate::state::apps::{AppConnection, SelectedCalendar, VerifiedContact};
pub use crate::state::attribute::{Attribute, AttributeAssignment, AttributeOption};
pub use crate::state::event_type::{ConfirmationPolicy, Recurrence};
pub use crate::state::oauth2::{OAuth2Code, OAuth2Refresh, OAuthAppRecord};
pub use crate::state::schedule::{DAY_NAMES, minutes};
pub use crate::state::user::User;
pub use crate::state::{
    Attendee, Availability, Booking, BookingStatus, DateOverride, EventType, EventTypeHost, IdKind, Membership,
    OutOfOffice, PrivateLink, Reservation, Schedule, SchedulingType, Seat, Seats, State, Team, TeamEventTypeFields,
    TeamRole, Webhook, WebhookOwner,
};
pub use crate::state::{ManagedUser, PlatformClient};

use crate::FakeCalcom;
use crate::state::Credential;

/// Reads or changes the state of a fake under its lock.
pub fn with_state<R>(fake: &FakeCalcom, work: impl FnOnce(&mut State) -> R) -> R {
    work(&mut fake.shared().lock().state)
}

/// The key under which the rate limiter counts requests with these headers. `None` for an unknown API key.
pub fn tracker(state: &State, headers: &HeaderMap) -> Option<String> {
    crate::auth::tracker(state, headers).ok()
}

/// The user of an API key.
pub fn user_of_key(state: &State, wanted: &str) -> Option<i64> {
    state.credentials.iter().find_map(|known| match known {
        Credential::ApiKey { key, user, .. } if key == wanted => Some(*user),
        _ => None,
    })
}

/// Gives a token its user, or takes it away.
pub fn set_token(state: &mut State, token: &str, user: Option<i64>, expires: Option<jiff::Timestamp>) {
    state.credentials.retain(|known| !matches!(known, Credential::AccessToken { token: other, .. } if other == token));
    if let Some(user) = user {
        state.credentials.push(Credential::AccessToken { token: token.to_owned(), user, expires });
    }
}

/// Adds an API key of a user.
pub fn add_key(state: &mut State, key: &str, user: i64) {
    state.credentials.push(Credential::ApiKey { key: key.to_owned(), user, expires: None, revoked: false });
}

/// Adds the credentials of a platform client.
pub fn add_client(state: &mut State, id: &str, secret: &str, user: i64) {
    let (id, secret) = (id.to_owned(), secret.to_owned());
    state.credentials.retain(|known| !matches!(known, Credential::Platform { id: other, .. } if *other == id));
    state.credentials.push(Credential::Platform { id, secret, user });
}
