//! Waits for leases, renews them while their holder works, and releases them when the holder ends or is dropped.
//!
//! A lease is taken in this process's memory first, and then in the store that other processes share. If that store did not
//! answer, the holder asks it again until it answers, and at the latest stores its note when it has ended: the next holder must
//! learn that there was one.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    lease::{Lease, LeaseDecision},
    lease_backend::{LEASE_TTL, LeaseBackend},
    memory::MemoryStore,
};
use crate::sync::{TaskTracker, lock, spawn};

/// Interval between renewals.
const RENEW_INTERVAL: Duration = Duration::from_secs(1);
/// First and longest wait before a name that another holder has is asked for again.
const RETRY_WAITS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));
/// How long a holder that has ended tries to release its lease in a store that does not answer.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(60);
/// Wait between two of these attempts.
const RELEASE_RETRY_WAIT: Duration = Duration::from_millis(300);

/// Merges the notes of two holders that have not waited for each other: the note of this holder, and the note in the store.
pub(crate) type MergeNotes = fn(Option<&str>, Option<&str>) -> Option<String>;

/// Where leases are taken: in this process's memory, and in a shared store if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) shared: Option<LeaseBackend>,
    /// Runs the releases.
    pub(crate) background: TaskTracker,
}

impl Leases {
    /// Runs the releases in `background`.
    pub(crate) fn with_background(self, background: TaskTracker) -> Self {
        Self { background, ..self }
    }

    /// Takes all of `names` and waits until `deadline` for other holders. Returns `None` if one of the names was never free.
    /// All callers pass names of several kinds in the same order of kinds, so that no two wait for each other.
    ///
    /// `is_shared` says whether other processes may use the names. While the shared store is unavailable, the leases are held
    /// without it.
    pub(crate) async fn acquire(
        &self,
        names: &[String],
        is_shared: bool,
        deadline: Instant,
        merge: MergeNotes,
    ) -> Option<LeaseGuard> {
        let mut guard = LeaseGuard::empty(self, merge);
        let shared = self.shared.as_ref().filter(|_| is_shared);
        for backend in std::iter::once(None).chain(shared.map(Some)) {
            for name in names {
                guard.acquire_one(name, backend, deadline).await?;
            }
        }
        Some(guard)
    }
}

/// Leases that are renewed until this guard is dropped. On drop they are released with the note that was set.
#[derive(Debug)]
pub(crate) struct LeaseGuard {
    held: Arc<HeldNames>,
    grants: Vec<Lease>,
    /// `None` until a note was set, or removed. Until then a release gives each name the note that it had.
    note: Mutex<Option<Option<String>>>,
    renewal: Option<AbortHandle>,
    background: TaskTracker,
}

#[derive(Debug)]
struct HeldNames {
    memory: Arc<MemoryStore>,
    names: Mutex<Vec<Arc<HeldName>>>,
    merge: MergeNotes,
}

/// One name in one store.
#[derive(Debug)]
struct HeldName {
    name: String,
    /// `None` for this process's memory.
    backend: Option<LeaseBackend>,
    /// The note that the name had.
    note: Option<String>,
    status: Mutex<LeaseStatus>,
}

#[derive(Debug)]
struct LeaseStatus {
    /// `None` if the store did not answer, has lost the lease, or has granted the name again.
    token: Option<u64>,
    /// The note in the store when the lease was taken late.
    note_of_other: Option<Option<String>>,
    /// Until when it is certainly held, in the memory store's milliseconds.
    held_until: u64,
    /// Whether it was held without a break since it was asked for.
    is_continuous: bool,
}

impl LeaseGuard {
    fn empty(leases: &Leases, merge: MergeNotes) -> Self {
        let held = Arc::new(HeldNames { memory: Arc::clone(&leases.memory), names: Mutex::default(), merge });
        let renewal = spawn(renew_periodically(Arc::clone(&held))).map(|task| task.abort_handle());
        Self { held, grants: Vec::new(), note: Mutex::default(), renewal, background: leases.background.clone() }
    }

    /// Takes a name in one store. Returns `None` if the deadline passes before the name is free.
    async fn acquire_one(&mut self, name: &str, backend: Option<&LeaseBackend>, deadline: Instant) -> Option<()> {
        let mut wait = RETRY_WAITS.0;
        loop {
            let started = Instant::now();
            let answer = try_acquire(&self.held.memory, backend, name).await;
            let held_name = |lease: Option<&Lease>| HeldName {
                name: name.to_owned(),
                backend: backend.cloned(),
                note: lease.and_then(|lease| lease.note.clone()),
                status: Mutex::new(LeaseStatus {
                    token: lease.map(|lease| lease.token),
                    note_of_other: None,
                    held_until: self.held.memory.millis_at(started + LEASE_TTL),
                    is_continuous: lease.is_some(),
                }),
            };
            let (lease, held_name) = match answer {
                Some(LeaseDecision::Granted(lease)) => {
                    let held_name = held_name(Some(&lease));
                    (Some(lease), held_name)
                }
                None => (None, held_name(None)),
                Some(LeaseDecision::Held { expires_in }) => {
                    // A store can say of each lease that it is about to expire.
                    let pause = wait.min(expires_in.max(RETRY_WAITS.0));
                    if Instant::now() + pause >= deadline {
                        sleep_until(deadline).await;
                        return None;
                    }
                    sleep(pause).await;
                    wait = (wait * 2).min(RETRY_WAITS.1);
                    continue;
                }
            };
            lock(&self.held.names).push(Arc::new(held_name));
            self.grants.extend(lease);
            return Some(());
        }
    }

    /// The grants, in this process's memory and in the shared store.
    pub(crate) fn grants(&self) -> &[Lease] {
        &self.grants
    }

    /// Whether the leases are shared with other processes and have certainly been held since they were asked for.
    pub(crate) fn excludes_others(&self) -> bool {
        let now = self.held.memory.now();
        let names = lock(&self.held.names);
        let mut shared = names.iter().filter(|name| name.backend.is_some()).peekable();
        shared.peek().is_some() && shared.all(|name| name.is_continuous(now))
    }

    /// Sets the note for the next holder; `None` removes it.
    pub(crate) fn set_note(&self, note: Option<String>) {
        *lock(&self.note) = Some(note);
    }
}

async fn try_acquire(memory: &MemoryStore, backend: Option<&LeaseBackend>, name: &str) -> Option<LeaseDecision> {
    match backend {
        Some(backend) => backend.acquire(name).await,
        None => Some(memory.acquire_lease(name, LEASE_TTL)),
    }
}

impl HeldName {
    fn is_continuous(&self, now: u64) -> bool {
        let status = lock(&self.status);
        status.is_continuous && status.token.is_some() && now < status.held_until
    }

    fn token(&self) -> Option<u64> {
        lock(&self.status).token
    }

    /// Records that the store has lost the lease or has granted the name again.
    fn mark_lost(&self) {
        let status = &mut *lock(&self.status);
        (status.token, status.is_continuous) = (None, false);
    }

    async fn renew(&self, memory: &MemoryStore) {
        let started = Instant::now();
        let Some(token) = self.token() else { return self.acquire_late(memory).await };
        let renewed = match &self.backend {
            Some(backend) => backend.renew(&self.name, token).await,
            None => Some(memory.renew_lease(&self.name, token, LEASE_TTL)),
        };
        match renewed {
            Some(true) => lock(&self.status).held_until = memory.millis_at(started + LEASE_TTL),
            Some(false) => self.mark_lost(),
            None => {}
        }
    }

    /// Takes the name while its holder is working already. If another holder has it, does not wait.
    async fn acquire_late(&self, memory: &MemoryStore) {
        let started = Instant::now();
        if let Some(LeaseDecision::Granted(lease)) = try_acquire(memory, self.backend.as_ref(), &self.name).await {
            let status = &mut *lock(&self.status);
            (status.token, status.held_until) = (Some(lease.token), memory.millis_at(started + LEASE_TTL));
            // The first grant of a name has no note of another holder.
            status.note_of_other = (lease.token != 1).then_some(lease.note);
        }
    }

    fn release_local(&self, memory: &MemoryStore, note: Option<&str>, merge: MergeNotes) {
        if let Some(token) = self.token() {
            memory.release_lease(&self.name, token, self.note_to_store(note, merge).as_deref());
        }
    }

    /// The note to release with. If another holder may have stored one meanwhile, both are merged.
    fn note_to_store(&self, note: Option<&str>, merge: MergeNotes) -> Option<String> {
        match &lock(&self.status).note_of_other {
            Some(other) => merge(note, other.as_deref()),
            None => note.map(str::to_owned),
        }
    }

    /// Releases the lease in the shared store. If the store never granted it, or has lost it, it is taken once more: the next
    /// holder must learn of this one, and the note of another holder must be merged.
    async fn release_shared(
        &self,
        backend: &LeaseBackend,
        memory: &MemoryStore,
        note: Option<&str>,
        merge: MergeNotes,
    ) {
        let until = Instant::now() + RELEASE_TIMEOUT;
        while Instant::now() < until {
            let released = match self.token() {
                Some(token) => {
                    let note = self.note_to_store(note, merge);
                    backend.release(&self.name, token, note.as_deref()).await
                }
                None => {
                    self.acquire_late(memory).await;
                    if self.token().is_some() {
                        continue;
                    }
                    None
                }
            };
            match released {
                Some(true) => return,
                Some(false) => self.mark_lost(),
                None => {}
            }
            sleep(RELEASE_RETRY_WAIT).await;
        }
    }
}

async fn renew_periodically(held: Arc<HeldNames>) {
    loop {
        sleep(RENEW_INTERVAL).await;
        let names = lock(&held.names).clone();
        for name in names {
            name.renew(&held.memory).await;
        }
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        let note = lock(&self.note).take();
        let held = Arc::clone(&self.held);
        let names = std::mem::take(&mut *lock(&held.names));
        for name in names {
            let note = note.clone().unwrap_or_else(|| name.note.clone());
            match name.backend.clone() {
                None => name.release_local(&held.memory, note.as_deref(), held.merge),
                Some(backend) => {
                    let held = Arc::clone(&held);
                    // Without a runtime the lease expires.
                    self.background.try_spawn(async move {
                        name.release_shared(&backend, &held.memory, note.as_deref(), held.merge).await;
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
