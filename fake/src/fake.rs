//! The handle of a running fake: its address, clock, settings and logs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::change::ChangeRecord;
use super::clock::Clock;
use super::delivery_sender;
use super::fault::Fault;
use super::latency::Latency;
use super::limit::FakeRateLimit;
use super::log::LoggedRequest;
use super::playback::Playback;
use super::server;
use super::shared::FakeServer;
use super::state::{Credential, ListLag, State, WebhookDelivery};

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
    shared: Arc<FakeServer>,
    address: SocketAddr,
    /// `None` if another server accepts the connections.
    accepting: Option<JoinHandle<()>>,
}

impl FakeCalcom {
    pub(crate) async fn serve(state: State, playback: Option<Playback>) -> Self {
        let shared = Arc::new(FakeServer::new(state, playback));
        let bound = server::bind(0).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => {
                // Bookings of the builder can have meetings to announce.
                delivery_sender::send_due(&shared);
                let accepting = tokio::spawn(server::accept(shared.clone(), listener));
                Self { shared, address, accepting: Some(accepting) }
            }
            #[expect(clippy::panic, reason = "a test that has no server cannot go on, and says so")]
            Err(error) => panic!("the fake has no port on loopback: {error}"),
        }
    }

    /// A fake behind a server that accepts its connections at `address`.
    pub(crate) fn behind(address: SocketAddr, state: State, playback: Option<Playback>) -> Self {
        let shared = Arc::new(FakeServer::new(state, playback));
        delivery_sender::send_due(&shared);
        Self { shared, address, accepting: None }
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

    /// The API key of a user. Empty if the user has none.
    ///
    /// # Panics
    /// If there is no such user. The message names the users.
    #[track_caller]
    pub fn api_key_of(&self, username: &str) -> String {
        let core = self.shared.lock();
        let id = core.state.expect_user(username).id;
        let of_user = |credential: &&Credential| matches!(credential, Credential::ApiKey { user, revoked: false, .. } if *user == id);
        let key = core.state.credentials.iter().filter(of_user).find_map(key_of);
        key.unwrap_or_default().to_owned()
    }

    /// The fake's clock. It can be read, set and advanced.
    pub fn clock(&self) -> Clock {
        self.shared.clock.clone()
    }

    /// Sets the latency of writes from now on.
    pub fn set_latency(&self, latency: Latency) {
        self.shared.lock().state.latency = latency;
    }

    /// Sets the lag of booking lists from now on.
    pub fn set_list_lag(&self, listing: ListLag) {
        let mut core = self.shared.lock();
        let state = &mut core.state;
        let now = state.clock.now();
        state.list_history.set(listing, &state.bookings, now);
    }

    /// Sets the mode of the server. The second of two concurrent bookings of a slot is refused with 400 in production, without
    /// the database's code, and with 409 `booking_conflict_error` in development. Default: development.
    pub fn set_production(&self, production: bool) {
        self.shared.lock().state.production = production;
    }

    /// Sets the rate limits from now on, for all users without limits of their own. An empty list removes all limits.
    pub fn set_rate_limits(&self, limits: Vec<FakeRateLimit>) {
        self.shared.lock().state.limits.default_limits = limits;
    }

    /// The code that was sent to an e-mail address or a telephone number, to verify it. `None` if none was sent.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use calcom_fake::FakeCalcom;
    ///
    /// let fake = FakeCalcom::start().await;
    /// assert_eq!(fake.verification_code("ada@example.com"), None);
    /// // After `verified_resources().request_email("ada@example.com")` it is a text of 6 digits.
    /// # }
    /// ```
    pub fn verification_code(&self, contact: &str) -> Option<String> {
        self.shared.lock().state.apps.sent_codes.get(contact).cloned()
    }

    /// The id of a user.
    ///
    /// # Panics
    /// If there is no such user. The message names the users.
    #[track_caller]
    pub fn user_id(&self, username: &str) -> i64 {
        let core = self.shared.lock();
        core.state.expect_user(username).id
    }

    /// The id of a team or an organization.
    ///
    /// # Panics
    /// If there is none with this slug. The message names the teams.
    #[track_caller]
    pub fn team_id(&self, slug: &str) -> i64 {
        let core = self.shared.lock();
        core.state.expect_team(slug)
    }

    /// The id of an event type of a user or, if no user has this name, of a team.
    ///
    /// # Panics
    /// If there is no such event type. The message names the event types.
    #[track_caller]
    pub fn event_type_id(&self, owner: &str, slug: &str) -> i64 {
        let core = self.shared.lock();
        core.state.expect_event_type(owner, slug)
    }

    /// All requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().log.requests.clone()
    }

    /// The requests of an operation, such as `create_booking`.
    ///
    /// # Panics
    /// If there is no such operation. The message names the nearest ones.
    #[track_caller]
    pub fn requests_of(&self, operation: &str) -> Vec<LoggedRequest> {
        #[expect(clippy::panic, reason = "a name that is wrong would look as if nothing had been sent")]
        if let Err(message) = Self::check_logged(operation) {
            panic!("{message}");
        }
        let mut requests = self.requests();
        requests.retain(|request| request.operation == Some(operation));
        requests
    }

    /// All changes so far, in the order in which they became visible. [`Self::ledger`] groups them by request.
    pub fn history(&self) -> Vec<ChangeRecord> {
        self.shared.lock().state.history.clone()
    }

    /// All webhook deliveries so far, in the order in which they were created.
    ///
    /// Each is sent once, to `http` URLs only; an `https` URL is not reached. `MEETING_STARTED` and `MEETING_ENDED` are sent
    /// when the fake's clock reaches their time.
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.shared.lock().deliveries.sent.clone()
    }

    /// Adds a fault for later requests.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Waits until no request is in progress. Every request that has arrived has its effect and its response then.
    pub async fn idle(&self) {
        self.shared.idle().await;
    }

    /// Waits until every delivery that is due was sent.
    pub async fn wait_for_webhooks(&self) {
        self.shared.wait_for_deliveries().await;
    }

    pub(crate) fn shared(&self) -> &Arc<FakeServer> {
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
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
        self.shared.abort();
    }
}
