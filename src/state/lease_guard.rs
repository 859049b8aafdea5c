//! Waiting for a lease, keeping it while its holder works, and giving it back however the holder ends.
//!
//! A lease is held in this process's memory first, and on top of that in the store that other processes share. A holder whom
//! that store did not answer enters itself there as soon as it answers, at the latest with its note when it has ended: the next
//! holder must know that there was one.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    lease::{Lease, LeaseAnswer},
    lease_home::{LeaseHome, TTL},
    memory::MemoryStore,
};
use crate::sync::{Background, lock};

/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(1);
/// The waits between two questions for a name that another holder has.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));
/// How long a holder that has ended tries to leave its note in a store that does not answer, and the wait between.
const LEAVE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_millis(300));

/// What becomes of a name's note if two holders have not waited for each other: of the one that is left now, and the one
/// that was found.
pub(crate) type Merge = fn(Option<&str>, Option<&str>) -> Option<String>;

/// Where leases are taken: in this process's memory, and in a store that is shared with others if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) there: Option<LeaseHome>,
    /// Where releases are counted.
    pub(crate) background: Background,
}

impl Leases {
    /// The same, with its releases counted there.
    pub(crate) fn counted_in(self, background: Background) -> Self {
        Self { background, ..self }
    }

    /// Takes all of `names`, waiting until `deadline` for other holders. `None` if one of them was never free. Whoever takes
    /// several names takes them in the same order of kinds, so that no two wait for each other.
    ///
    /// `shared` says whether other processes may know the names. A store that is away is as good as none, until it is back.
    pub(crate) async fn acquire(
        &self,
        names: &[String],
        shared: bool,
        deadline: Instant,
        merge: Merge,
    ) -> Option<HeldLease> {
        let mut held = HeldLease::nothing(self, merge);
        let there = self.there.as_ref().filter(|_| shared);
        for home in std::iter::once(None).chain(there.map(Some)) {
            for name in names {
                held.take(name, home, deadline).await?;
            }
        }
        Some(held)
    }
}

/// A lease that is kept alive until this is dropped; then it is given back, with the note that was left.
#[derive(Debug)]
pub(crate) struct HeldLease {
    place: Arc<Place>,
    grants: Vec<Lease>,
    /// Nothing until a note was left, or left out: then every name gets back the note that it had.
    note: Mutex<Option<Option<String>>>,
    renewal: AbortHandle,
    background: Background,
}

#[derive(Debug)]
struct Place {
    memory: Arc<MemoryStore>,
    parts: Mutex<Vec<Arc<Part>>>,
    merge: Merge,
}

/// One name in one place.
#[derive(Debug)]
struct Part {
    name: String,
    /// Nothing for this process's memory.
    home: Option<LeaseHome>,
    /// The note that it had.
    note: Option<String>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    /// Nothing if the store did not answer, or has forgotten it or granted it again.
    token: Option<u64>,
    /// The note that was there when it was taken late.
    found: Option<Option<String>>,
    /// Until when it is surely held, in the memory store's milliseconds.
    until: u64,
    /// Whether it was held without a break since it was asked for.
    whole: bool,
}

impl HeldLease {
    fn nothing(leases: &Leases, merge: Merge) -> Self {
        let place = Arc::new(Place { memory: Arc::clone(&leases.memory), parts: Mutex::default(), merge });
        let renewal = tokio::spawn(keep(Arc::clone(&place))).abort_handle();
        Self { place, grants: Vec::new(), note: Mutex::default(), renewal, background: leases.background.clone() }
    }

    /// Takes a name in one place. Nothing if the time is over before it is free.
    async fn take(&mut self, name: &str, home: Option<&LeaseHome>, deadline: Instant) -> Option<()> {
        let mut wait = ASK_AGAIN.0;
        loop {
            let asked = Instant::now();
            let answer = ask(&self.place.memory, home, name).await;
            let part = |lease: Option<&Lease>| Part {
                name: name.to_owned(),
                home: home.cloned(),
                note: lease.and_then(|lease| lease.note.clone()),
                held: Mutex::new(Held {
                    token: lease.map(|lease| lease.token),
                    found: None,
                    until: self.place.memory.millis(asked + TTL),
                    whole: lease.is_some(),
                }),
            };
            let (lease, part) = match answer {
                Some(LeaseAnswer::Granted(lease)) => {
                    let part = part(Some(&lease));
                    (Some(lease), part)
                }
                None => (None, part(None)),
                Some(LeaseAnswer::Held { expires_in }) => {
                    let pause = wait.min(expires_in.max(Duration::from_millis(1)));
                    if Instant::now() + pause >= deadline {
                        sleep_until(deadline).await;
                        return None;
                    }
                    sleep(pause).await;
                    wait = (wait * 2).min(ASK_AGAIN.1);
                    continue;
                }
            };
            lock(&self.place.parts).push(Arc::new(part));
            self.grants.extend(lease);
            return Some(());
        }
    }

    /// What was granted, in this process's memory and in the shared store.
    pub(crate) fn grants(&self) -> &[Lease] {
        &self.grants
    }

    /// Whether it is shared with other processes, and surely held since it was asked for.
    pub(crate) fn excludes_others(&self) -> bool {
        let now = self.place.memory.now();
        let parts = lock(&self.place.parts);
        let mut there = parts.iter().filter(|part| part.home.is_some()).peekable();
        there.peek().is_some() && there.all(|part| part.is_whole(now))
    }

    /// What the next holder will find.
    pub(crate) fn leave(&self, note: Option<String>) {
        *lock(&self.note) = Some(note);
    }
}

async fn ask(memory: &MemoryStore, home: Option<&LeaseHome>, name: &str) -> Option<LeaseAnswer> {
    match home {
        Some(home) => home.acquire(name).await,
        None => Some(memory.acquire_lease(name, TTL)),
    }
}

impl Part {
    fn is_whole(&self, now: u64) -> bool {
        let held = lock(&self.held);
        held.whole && held.token.is_some() && now < held.until
    }

    fn token(&self) -> Option<u64> {
        lock(&self.held).token
    }

    /// The holder of this token has it no more.
    fn lose(&self) {
        let held = &mut *lock(&self.held);
        (held.token, held.whole) = (None, false);
    }

    async fn renew(&self, memory: &MemoryStore) {
        let asked = Instant::now();
        let Some(token) = self.token() else { return self.enter(memory).await };
        let renewed = match &self.home {
            Some(home) => home.renew(&self.name, token).await,
            None => Some(memory.renew_lease(&self.name, token, TTL)),
        };
        match renewed {
            Some(true) => lock(&self.held).until = memory.millis(asked + TTL),
            // Granted to another holder since, or forgotten: what was exclusive is so no more.
            Some(false) => self.lose(),
            None => {}
        }
    }

    /// Takes the name although its holder has been at work for a while; another holder is not waited for.
    async fn enter(&self, memory: &MemoryStore) {
        let asked = Instant::now();
        if let Some(LeaseAnswer::Granted(lease)) = ask(memory, self.home.as_ref(), &self.name).await {
            let held = &mut *lock(&self.held);
            (held.token, held.until) = (Some(lease.token), memory.millis(asked + TTL));
            // The first grant of all finds nothing because there is nothing.
            held.found = (lease.token != 1).then_some(lease.note);
        }
    }

    /// Gives it back in memory.
    fn release_here(&self, memory: &MemoryStore, note: Option<&str>, merge: Merge) {
        if let Some(token) = self.token() {
            memory.release_lease(&self.name, token, self.note_to_leave(note, merge).as_deref());
        }
    }

    /// What is left, if another holder may have left something meanwhile.
    fn note_to_leave(&self, note: Option<&str>, merge: Merge) -> Option<String> {
        match &lock(&self.held).found {
            Some(found) => merge(note, found.as_deref()),
            None => note.map(str::to_owned),
        }
    }

    /// Gives it back in the shared store. If it was never taken there, or was lost, it is taken once more, because those who
    /// come must know of this holder, and what another has left meanwhile is heard.
    async fn release_there(&self, home: &LeaseHome, memory: &MemoryStore, note: Option<&str>, merge: Merge) {
        let until = Instant::now() + LEAVE.0;
        while Instant::now() < until {
            let left = match self.token() {
                Some(token) => {
                    let note = self.note_to_leave(note, merge);
                    home.release(&self.name, token, note.as_deref()).await
                }
                None => {
                    self.enter(memory).await;
                    if self.token().is_some() {
                        continue;
                    }
                    None
                }
            };
            match left {
                Some(true) => return,
                Some(false) => self.lose(),
                None => {}
            }
            sleep(LEAVE.1).await;
        }
    }
}

async fn keep(place: Arc<Place>) {
    loop {
        sleep(RENEW).await;
        let parts = lock(&place.parts).clone();
        for part in parts {
            part.renew(&place.memory).await;
        }
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        self.renewal.abort();
        let note = lock(&self.note).take();
        let place = Arc::clone(&self.place);
        let parts = std::mem::take(&mut *lock(&place.parts));
        for part in parts {
            let note = note.clone().unwrap_or_else(|| part.note.clone());
            match part.home.clone() {
                None => part.release_here(&place.memory, note.as_deref(), place.merge),
                Some(home) => {
                    let place = Arc::clone(&place);
                    // Without a runtime it runs out by itself.
                    self.background.spawn_if_possible(async move {
                        part.release_there(&home, &place.memory, note.as_deref(), place.merge).await;
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
