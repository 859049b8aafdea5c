//! The handle on a running fake: its address, its clock, what it was asked and what it knows.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::change::Happened;
use super::clock::Clock;
use super::fault::Fault;
use super::limit::RateLimit;
use super::log::LoggedRequest;
use super::pace::Pace;
use super::playback::Playback;
use super::sender;
use super::server;
use super::shared::Shared;
use super::state::{Credential, Listing, State, WebhookDelivery};

/// A running fake of the service.
///
/// ```
/// # async fn example() {
/// use calcom_fake::FakeCalcom;
///
/// let fake = FakeCalcom::start().await;
/// println!("a whole Cal.com at {} for the key {}", fake.url(), fake.api_key());
/// # }
/// ```
pub struct FakeCalcom {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl FakeCalcom {
    pub(crate) async fn serve(state: State, playback: Option<Playback>) -> Self {
        let shared = Arc::new(Shared::new(state, playback));
        let bound = server::bind().await.and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => {
                // Meetings that are due some day may stand there from the start.
                sender::post(&shared);
                let accepting = tokio::spawn(server::accept(shared.clone(), listener));
                Self { shared, address, accepting }
            }
            #[expect(clippy::panic, reason = "a test that has no server cannot go on, and says so")]
            Err(error) => panic!("the fake has no port on loopback: {error}"),
        }
    }

    /// The base URL, such as `http://127.0.0.1:40123`, without `/v2`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The API key of the first user.
    pub fn api_key(&self) -> String {
        let core = self.shared.lock();
        core.state.credentials.iter().find_map(key_of).unwrap_or_default().to_owned()
    }

    /// The API key of a user; empty for an unknown one.
    pub fn api_key_of(&self, username: &str) -> String {
        let core = self.shared.lock();
        let id = core.state.user_named(username).map(|user| user.id);
        let of_user = |credential: &&Credential| matches!(credential, Credential::ApiKey { user, revoked: false, .. } if Some(*user) == id);
        core.state.credentials.iter().filter(of_user).find_map(key_of).unwrap_or_default().to_owned()
    }

    /// The fake's clock, to be read, set and advanced.
    pub fn clock(&self) -> Clock {
        self.shared.clock.clone()
    }

    /// Sets how long writing takes from now on.
    pub fn set_pace(&self, pace: Pace) {
        self.shared.lock().state.pace = pace;
    }

    /// Sets how far lists of bookings lag behind from now on.
    pub fn set_listing(&self, listing: Listing) {
        let mut core = self.shared.lock();
        let state = &mut core.state;
        let now = state.clock.now();
        state.listed.set(listing, &state.bookings, now);
    }

    /// Refuses the loser of a race from now on as a server in production does (400, the database's code cut out), or as
    /// one in development (409 `booking_conflict_error`), which it does at first.
    pub fn set_production(&self, production: bool) {
        self.shared.lock().state.production = production;
    }

    /// Other rate limits from now on, for everybody who has none of their own; none with an empty list.
    pub fn set_rate_limits(&self, limits: Vec<RateLimit>) {
        self.shared.lock().state.limits.everybody = limits;
    }

    /// The id of an event type; 0 for an unknown one.
    pub fn event_type_id(&self, username: &str, slug: &str) -> i64 {
        let core = self.shared.lock();
        let owner = core.state.user_named(username).map(|user| user.id).unwrap_or_default();
        core.state.event_type_named(owner, slug).map(|event| event.id).unwrap_or_default()
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().log.requests.clone()
    }

    /// The requests that matched an operation, such as `create_booking`.
    pub fn requests_of(&self, operation: &str) -> Vec<LoggedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.operation == Some(operation));
        requests
    }

    /// Every change so far, as others could see it; [`Self::ledger`] has them by request.
    pub fn history(&self) -> Vec<Happened> {
        self.shared.lock().state.history.clone()
    }

    /// Every delivery of a webhook so far, in the order in which they were made.
    ///
    /// Deliveries go to `http` URLs, once; an `https` URL is not reached. `MEETING_STARTED` and `MEETING_ENDED` go out when
    /// the fake's clock comes to the time.
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.shared.lock().deliveries.made.clone()
    }

    /// Has something go wrong with requests that are still to come.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.add(fault);
    }

    /// From now on nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Waits until nothing is worked on any more: no request that has arrived is without its effect or its answer.
    pub async fn idle(&self) {
        self.shared.idle().await;
    }

    /// Waits until every delivery that is due has been tried.
    pub async fn webhooks_delivered(&self) {
        self.shared.settle_deliveries().await;
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

fn key_of(credential: &Credential) -> Option<&str> {
    match credential {
        Credential::ApiKey { key, revoked: false, .. } => Some(key),
        _ => None,
    }
}

impl fmt::Debug for FakeCalcom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeCalcom").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for FakeCalcom {
    fn drop(&mut self) {
        self.accepting.abort();
        self.shared.abort();
    }
}
