//! Assigns faults to requests. Creations are recognized by the address of the attendee. Lookups and cancellations get random
//! faults.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use calcom_fake::__conformance::{FaultInjection, FaultPolicy, HttpMessage, ProxyEngine};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::fault::Fault;

/// The proxy in front of the service.
pub struct MatrixProxy {
    engine: ProxyEngine,
    misfortunes: Arc<FaultAssignments>,
}

struct FaultAssignments(Mutex<ProxyState>);

struct ProxyState {
    /// The faults of the next creations, by address.
    plans: HashMap<String, VecDeque<Fault>>,
    /// The number of faults per thousand lookups and cancellations.
    chance: u32,
    random: fastrand::Rng,
    /// The end of the present stall of the service.
    stalled_until: Option<Instant>,
    /// Bodies of creations, by address. They must be equal.
    bodies: HashMap<String, Vec<u8>>,
    body_mismatches: u32,
}

impl FaultAssignments {
    fn lock(&self) -> MutexGuard<'_, ProxyState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultPolicy for FaultAssignments {
    fn fault_for(&self, request: &HttpMessage) -> Option<FaultInjection> {
        self.lock().choose(request).injection()
    }

    fn stalled_until(&self) -> Option<Instant> {
        self.lock().stalled_until
    }
}

impl MatrixProxy {
    /// Starts a proxy on a port of its own, with `chance` faults per thousand lookups and cancellations.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(upstream: SocketAddr, seed: u64, chance: u32) -> io::Result<Self> {
        let misfortunes = Arc::new(FaultAssignments(Mutex::new(ProxyState {
            plans: HashMap::new(),
            chance,
            random: fastrand::Rng::with_seed(seed),
            stalled_until: None,
            bodies: HashMap::new(),
            body_mismatches: 0,
        })));
        let course = Arc::clone(&misfortunes) as Arc<dyn FaultPolicy>;
        Ok(Self { engine: ProxyEngine::start(upstream, course, None).await?, misfortunes })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.engine.address()
    }

    /// Sets the faults of the creations for this attendee, in order. Later creations have none.
    pub fn plan(&self, email: &str, faults: impl IntoIterator<Item = Fault>) {
        self.misfortunes.lock().plans.insert(email.to_owned(), faults.into_iter().collect());
    }

    /// Removes the random faults.
    pub fn clear_random_faults(&self) {
        self.misfortunes.lock().chance = 0;
    }

    /// The number of creations whose body differs from the one before of the same attendee.
    pub fn body_mismatches(&self) -> u32 {
        self.misfortunes.lock().body_mismatches
    }
}

impl ProxyState {
    fn choose(&mut self, request: &HttpMessage) -> Fault {
        if request.method() == "POST" && request.path().ends_with("/v2/bookings") {
            return self.creation(&request.body);
        }
        if self.random.u32(0..1000) < self.chance {
            let faults = Fault::TRANSIENT;
            return faults[self.random.usize(0..faults.len())];
        }
        Fault::None
    }

    fn creation(&mut self, body: &[u8]) -> Fault {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(email) = json["attendee"]["email"].as_str() else { return Fault::None };
        let before = self.bodies.insert(email.to_owned(), body.to_vec());
        self.body_mismatches += u32::from(before.is_some_and(|before| before != body));
        let fault = self.plans.get_mut(email).and_then(VecDeque::pop_front).unwrap_or(Fault::None);
        if let Fault::Stalled(time) = fault {
            self.stalled_until = Some(Instant::now() + time);
        }
        fault
    }
}

/// A proxy without faults that can be closed.
pub(super) struct ClosableProxy(ProxyEngine);

/// A policy without faults.
struct NoFaults;

impl FaultPolicy for NoFaults {
    fn fault_for(&self, _: &HttpMessage) -> Option<FaultInjection> {
        None
    }
}

impl ClosableProxy {
    pub(super) async fn open(upstream: SocketAddr) -> io::Result<Self> {
        Ok(Self(ProxyEngine::start(upstream, Arc::new(NoFaults), None).await?))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Closes the proxy and its connections, and reopens it after `again`, if given. The result reserves the port.
    pub(super) async fn close(self, again: Option<Duration>) -> io::Result<ClosedProxy> {
        self.0.close().await?;
        let proxy = Arc::new(self.0);
        let opening = again.map(|wait| {
            let proxy = Arc::clone(&proxy);
            tokio::spawn(async move {
                sleep(wait).await;
                // If the port cannot be bound again, the proxy stays closed.
                let _ = proxy.reopen().await;
            })
        });
        Ok(ClosedProxy { _door: proxy, opening })
    }
}

/// A closed proxy, which reserves its port until it is dropped.
pub(super) struct ClosedProxy {
    _door: Arc<ProxyEngine>,
    opening: Option<JoinHandle<()>>,
}

impl Drop for ClosedProxy {
    fn drop(&mut self) {
        if let Some(opening) = &self.opening {
            opening.abort();
        }
    }
}
