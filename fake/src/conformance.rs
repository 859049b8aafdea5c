//! The parts of the fake that the project's conformance tests set up and look into: its state, its rules for free slots,
//! and the engine of its proxies. Behind the feature `__conformance`, and outside semantic versioning.

use http::HeaderMap;

pub use crate::api::event_types::input::apply_create;
pub use crate::api::oauth2::challenge_of;
pub use crate::api::slots::engine::{Unavailable, judge, seated_at};
pub use crate::exchange::query_pairs;
pub use crate::fault::{Befallen, Canned, Strike};
pub use crate::instant::{parse, plus_minutes};
pub use crate::proxy::message::Message;
pub use crate::proxy::{Course, Engine};
pub use crate::recording::{Exchange, load, paths_of};
pub use crate::seed::starts_at;
pub use crate::state::apps::{Connected, OAuth2Client, OAuth2Code, Selected, Verified};
pub use crate::state::event_type::{Confirmation, Recurrence};
pub use crate::state::schedule::{DAY_NAMES, minutes};
pub use crate::state::{
    Attendee, Availability, Booking, EventType, Kind, Override, PrivateLink, Reservation, Schedule, Seat, Seats, State,
    Status, Webhook, WebhookOwner,
};

use crate::FakeCalcom;

/// Looks into the state of a fake, or changes it, while no request is worked on.
pub fn with_state<R>(fake: &FakeCalcom, work: impl FnOnce(&mut State) -> R) -> R {
    work(&mut fake.shared().lock().state)
}

/// The name under which the rate limiter counts requests with these headers; nothing for an unknown API key.
pub fn tracker(state: &State, headers: &HeaderMap) -> Option<String> {
    crate::auth::tracker(state, headers).ok()
}
