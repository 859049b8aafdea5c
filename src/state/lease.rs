//! A lease on a name prevents two processes from doing the same thing at once.
//!
//! The rules are those of [`LeaseStore`]. `lease_guard` waits for leases, renews and releases them. The booking service takes
//! one for each idempotency key.

use std::{collections::HashMap, fmt, time::Duration};

use super::future::StoreFuture;

/// Grant of a name to one holder for a limited time.
///
/// ```
/// use std::time::Duration;
///
/// use calcom::state::Lease;
///
/// let first = Lease::new(1, None, None);
/// let second = Lease::new(2, Some("note of the first holder".to_owned()), Some(Duration::from_secs(5)));
/// assert!(second.token > first.token);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The fencing token: larger than that of every earlier grant of the name. 1 says that the store has no earlier grant. That
    /// does not prove that there was none: a store can be emptied, and a holder can go on without a store that did not answer.
    pub token: u64,
    /// The note with which the last holder released the name. `None` if it left no note, or if its lease expired.
    pub note: Option<String>,
    /// How long the name was free; `None` for the first grant.
    pub idle: Option<Duration>,
}

impl Lease {
    /// Creates a grant with this token.
    #[must_use]
    pub fn new(token: u64, note: Option<String>, idle: Option<Duration>) -> Self {
        Self { token, note, idle }
    }
}

/// Shows no note: it can contain the uid of a booking, which gives access to it.
impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_note = self.note.is_some();
        f.debug_struct("Lease")
            .field("token", &self.token)
            .field("idle", &self.idle)
            .field("has_note", &has_note)
            .finish()
    }
}

/// Result of asking for a lease.
///
/// ```
/// use std::time::Duration;
///
/// use calcom::state::LeaseDecision;
///
/// fn wait(answer: &LeaseDecision) -> Option<Duration> {
///     match answer {
///         LeaseDecision::Granted(_) => None,
///         LeaseDecision::Held { expires_in } => Some(*expires_in),
///     }
/// }
/// # assert_eq!(wait(&LeaseDecision::Held { expires_in: Duration::ZERO }), Some(Duration::ZERO));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum LeaseDecision {
    /// The name is granted for the time that was asked for.
    Granted(Lease),
    /// Another holder has the name.
    Held {
        /// Time until its lease expires, if it is not renewed.
        expires_in: Duration,
    },
}

/// Storage of leases that processes share. A program implements it for its own store, passes it to
/// [`Store::with_leases`](super::Store::with_leases), and tests it with [`check_lease_store`](super::check_lease_store).
///
/// Each step is atomic for its name and uses the store's clock, so that processes whose clocks differ agree.
///
/// | item | how it is used |
/// |---|---|
/// | names | 32 hexadecimal digits in lower case: a hash. A booking takes two, one of the credential and one of the event type, one after the other |
/// | `ttl` | 3 s. Each name is renewed once a second while its call runs, so that the lease of a process that crashed expires after at most 3 s |
/// | note | a text to be returned unchanged: JSON in ASCII of about 100 bytes, with the uid of a booking and a hash of the request. It holds no name of a person, no address and no key |
/// | a name that is held | asked for again every 20 ms to 200 ms until the deadline of the call |
/// | a step that takes longer than 100 ms, or fails | the store counts as unavailable: it is not asked for 250 ms, and the holder continues without it |
///
/// A holder that went on without the store asks for its lease once a second, and for a minute after its end. A grant that
/// arrives after more than 100 ms is released with the note that it took. The futures run on the runtime of the client and must
/// not block its threads. A future that panics counts as a failed step.
///
/// ```
/// use std::{
///     collections::HashMap,
///     sync::{Mutex, PoisonError},
///     time::{Duration, Instant},
/// };
///
/// use calcom::state::{Lease, LeaseDecision, LeaseStore, StoreFuture};
///
/// /// A row of a table: the last token, the end of the lease, the note.
/// #[derive(Debug)]
/// struct Row {
///     token: u64,
///     until: Instant,
///     note: Option<String>,
/// }
///
/// #[derive(Debug, Default)]
/// struct MyLeases(Mutex<HashMap<String, Row>>);
///
/// impl MyLeases {
///     /// One atomic step: in a database, a transaction that locks the row, with the time of the database.
///     fn step<T>(&self, step: impl FnOnce(&mut HashMap<String, Row>, Instant) -> T) -> T {
///         step(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), Instant::now())
///     }
/// }
///
/// impl LeaseStore for MyLeases {
///     fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
///         Box::pin(async move {
///             Ok(self.step(|rows, now| {
///                 let Some(row) = rows.get_mut(name) else {
///                     rows.insert(name.to_owned(), Row { token: 1, until: now + ttl, note: None });
///                     return LeaseDecision::Granted(Lease::new(1, None, None));
///                 };
///                 if row.until > now {
///                     return LeaseDecision::Held { expires_in: row.until - now };
///                 }
///                 let idle = now - row.until;
///                 (row.token, row.until) = (row.token + 1, now + ttl);
///                 LeaseDecision::Granted(Lease::new(row.token, row.note.take(), Some(idle)))
///             }))
///         })
///     }
///
///     fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
///         Box::pin(async move {
///             Ok(self.step(|rows, now| match rows.get_mut(name) {
///                 Some(row) if row.token == token && row.until > now => {
///                     row.until = now + ttl;
///                     true
///                 }
///                 _ => false,
///             }))
///         })
///     }
///
///     fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
///         Box::pin(async move {
///             Ok(self.step(|rows, now| match rows.get_mut(name) {
///                 Some(row) if row.token == token => {
///                     row.until = row.until.min(now);
///                     row.note = note.map(str::to_owned);
///                     true
///                 }
///                 _ => false,
///             }))
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// calcom::state::check_lease_store(&MyLeases::default(), "a name that nothing else uses").await.unwrap();
/// # }
/// ```
pub trait LeaseStore: std::fmt::Debug + Send + Sync + 'static {
    /// Grants `name` for `ttl`, unless another holder's lease has not expired.
    ///
    /// The token grows by one with each grant of the name. The store keeps token and note for at least a day after the name was
    /// last held. The grant takes the note: a holder whose lease expires leaves none.
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision>;

    /// Extends the lease of the holder with this token to `ttl` from now on. Returns `false`, without effect, if the lease has
    /// expired, if it was released, or if the name was granted again since.
    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool>;

    /// Ends the lease of the holder with this token and keeps `note` for the next holder; `None` removes the note. Returns
    /// `false`, without effect, if the name was granted again since.
    ///
    /// If the lease has expired and the name was not granted since, the note is kept all the same. The name then counts as free
    /// since the lease expired.
    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool>;
}

/// Number of names above which expired ones are removed.
const SWEEP_THRESHOLD: usize = 4_096;
/// How long a name is kept after its lease, in milliseconds.
pub(crate) const RETENTION_MILLIS: u64 = 24 * 3600 * 1000;

/// The rules of [`LeaseStore`] for a store in this process's memory. Each step takes the time in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct LeaseTable {
    names: HashMap<String, LeaseEntry>,
    sweep_at: usize,
}

#[derive(Debug, Default)]
struct LeaseEntry {
    token: u64,
    held_until: u64,
    note: Option<String>,
}

impl LeaseTable {
    pub(crate) fn acquire(&mut self, name: &str, ttl: u64, now: u64) -> LeaseDecision {
        if self.names.len() >= self.sweep_at.max(SWEEP_THRESHOLD) {
            self.names.retain(|_, entry| now < entry.held_until.saturating_add(RETENTION_MILLIS));
            self.sweep_at = self.names.len() * 2;
        }
        let entry = self.names.entry(name.to_owned()).or_default();
        if entry.held_until > now {
            return LeaseDecision::Held { expires_in: Duration::from_millis(entry.held_until - now) };
        }
        let idle = (entry.token > 0).then(|| Duration::from_millis(now - entry.held_until));
        entry.token += 1;
        entry.held_until = now.saturating_add(ttl.max(1));
        LeaseDecision::Granted(Lease::new(entry.token, entry.note.take(), idle))
    }

    pub(crate) fn renew(&mut self, name: &str, token: u64, ttl: u64, now: u64) -> bool {
        self.entry_of(name, token).filter(|entry| entry.held_until > now).is_some_and(|entry| {
            entry.held_until = now.saturating_add(ttl.max(1));
            true
        })
    }

    pub(crate) fn release(&mut self, name: &str, token: u64, note: Option<&str>, now: u64) -> bool {
        self.entry_of(name, token).is_some_and(|entry| {
            entry.held_until = now.min(entry.held_until);
            entry.note = note.map(str::to_owned);
            true
        })
    }

    fn entry_of(&mut self, name: &str, token: u64) -> Option<&mut LeaseEntry> {
        self.names.get_mut(name).filter(|entry| entry.token == token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(answer: LeaseDecision) -> u64 {
        match answer {
            LeaseDecision::Granted(lease) => lease.token,
            LeaseDecision::Held { .. } => 0,
        }
    }

    #[test]
    fn a_name_has_one_holder_until_it_is_released_or_its_lease_expires() {
        let mut table = LeaseTable::default();
        assert_eq!(token(table.acquire("a", 100, 0)), 1);
        assert_eq!(table.acquire("a", 100, 40), LeaseDecision::Held { expires_in: Duration::from_millis(60) });
        assert_eq!(token(table.acquire("b", 100, 40)), 1);
        assert!(table.renew("a", 1, 100, 90));
        assert_eq!(token(table.acquire("a", 100, 150)), 0);
        assert_eq!(token(table.acquire("a", 100, 190)), 2);
        assert!(!table.renew("a", 1, 100, 195) && !table.release("a", 1, Some("late"), 195));
        assert!(table.release("a", 2, Some("done"), 200));
        let LeaseDecision::Granted(lease) = table.acquire("a", 100, 230) else { panic!() };
        assert_eq!(lease, Lease::new(3, Some("done".to_owned()), Some(Duration::from_millis(30))));
    }

    #[test]
    fn a_holder_whose_lease_expires_leaves_no_note() {
        let mut table = LeaseTable::default();
        table.acquire("a", 100, 0);
        table.release("a", 1, Some("done"), 10);
        table.acquire("a", 100, 20);
        let LeaseDecision::Granted(lease) = table.acquire("a", 100, 500) else { panic!() };
        assert_eq!(lease, Lease::new(3, None, Some(Duration::from_millis(380))));
    }

    #[test]
    fn names_that_are_no_longer_asked_for_are_removed() {
        let mut table = LeaseTable::default();
        for n in 0..3 * SWEEP_THRESHOLD as u64 {
            table.acquire(&n.to_string(), 1, n * RETENTION_MILLIS);
        }
        assert!(table.names.len() <= SWEEP_THRESHOLD, "{}", table.names.len());
    }
}
