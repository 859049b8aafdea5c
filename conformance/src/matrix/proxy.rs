//! Who meets which misfortune. That is told to the proxy by the attendee's address, which every request of an appointment
//! names but cancellations; those, and lookups, are struck by chance. Breaking connections is the proxy engine's business.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use calcom_fake::__conformance::{Befallen, Course, Engine, Message};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::fault::Fault;

/// A proxy in front of the service.
pub struct Proxy {
    engine: Engine,
    misfortunes: Arc<Misfortunes>,
}

struct Misfortunes(Mutex<State>);

struct State {
    /// What befalls the next creations for an address.
    plans: HashMap<String, VecDeque<Fault>>,
    /// Out of a thousand lookups and cancellations, so many are struck.
    chance: u32,
    random: fastrand::Rng,
    /// Until when the service stands still.
    still_until: Option<Instant>,
    /// Bodies of creations, by address: they must not differ.
    bodies: HashMap<String, Vec<u8>>,
    differing: u32,
}

impl Misfortunes {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Course for Misfortunes {
    fn befalls(&self, request: &Message) -> Option<Befallen> {
        self.lock().choose(request).befallen()
    }

    fn still_until(&self) -> Option<Instant> {
        self.lock().still_until
    }
}

impl Proxy {
    /// A proxy on a port of its own; `chance` out of a thousand lookups and cancellations are struck.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr, seed: u64, chance: u32) -> io::Result<Self> {
        let misfortunes = Arc::new(Misfortunes(Mutex::new(State {
            plans: HashMap::new(),
            chance,
            random: fastrand::Rng::with_seed(seed),
            still_until: None,
            bodies: HashMap::new(),
            differing: 0,
        })));
        let course = Arc::clone(&misfortunes) as Arc<dyn Course>;
        Ok(Self { engine: Engine::start(upstream, course, None).await?, misfortunes })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.engine.address()
    }

    /// What befalls the creations for this attendee, one after the other; those after them pass.
    pub fn plan(&self, email: &str, faults: impl IntoIterator<Item = Fault>) {
        self.misfortunes.lock().plans.insert(email.to_owned(), faults.into_iter().collect());
    }

    /// From now on nothing is struck that was not planned.
    pub fn calm(&self) {
        self.misfortunes.lock().chance = 0;
    }

    /// How many creations differed from the one before for the same attendee.
    pub fn differing(&self) -> u32 {
        self.misfortunes.lock().differing
    }
}

impl State {
    fn choose(&mut self, request: &Message) -> Fault {
        if request.method() == "POST" && request.path().ends_with("/v2/bookings") {
            return self.creation(&request.body);
        }
        if self.random.u32(0..1000) < self.chance {
            let faults = Fault::PASSING;
            return faults[self.random.usize(0..faults.len())];
        }
        Fault::None
    }

    fn creation(&mut self, body: &[u8]) -> Fault {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(email) = json["attendee"]["email"].as_str() else { return Fault::None };
        let before = self.bodies.insert(email.to_owned(), body.to_vec());
        self.differing += u32::from(before.is_some_and(|before| before != body));
        let fault = self.plans.get_mut(email).and_then(VecDeque::pop_front).unwrap_or(Fault::None);
        if let Fault::Stalled(time) = fault {
            self.still_until = Some(Instant::now() + time);
        }
        fault
    }
}

/// A way to the service that can be shut: then nobody listens.
pub(super) struct Door(Engine);

/// Nothing befalls anybody.
struct Undisturbed;

impl Course for Undisturbed {
    fn befalls(&self, _: &Message) -> Option<Befallen> {
        None
    }
}

impl Door {
    pub(super) async fn open(upstream: SocketAddr) -> io::Result<Self> {
        Ok(Self(Engine::start(upstream, Arc::new(Undisturbed), None).await?))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Shuts it, and ends every connection through it; opens it again after `again`, if ever. What it gives back keeps the
    /// port, so that nobody else gets it meanwhile.
    pub(super) async fn shut(self, again: Option<Duration>) -> io::Result<Shut> {
        self.0.shut().await?;
        let door = Arc::new(self.0);
        let opening = again.map(|wait| {
            let door = Arc::clone(&door);
            tokio::spawn(async move {
                sleep(wait).await;
                // Without its port it stays shut, which the appointment then has to live with.
                let _ = door.reopen().await;
            })
        });
        Ok(Shut { _door: door, opening })
    }
}

/// A door that was shut, for as long as it may be knocked at.
pub(super) struct Shut {
    _door: Arc<Engine>,
    opening: Option<JoinHandle<()>>,
}

impl Drop for Shut {
    fn drop(&mut self) {
        if let Some(opening) = &self.opening {
            opening.abort();
        }
    }
}
