//! A lease on a name: what keeps two processes from doing the same thing at once.
//!
//! The rules are those of [`LeaseStore`]; who waits for a lease, renews it and gives it back is `lease_guard`. The service takes
//! one for each idempotency key.

use std::{collections::HashMap, time::Duration};

use super::future::StoreFuture;

/// A name that was granted to one holder for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The fencing token: larger than that of every earlier grant of the name. 1 says that the store knows of no earlier
    /// one, which is no proof that there was none: a store can be emptied, and cannot know of a holder it did not answer.
    pub token: u64,
    /// What the last holder left when it released the name. `None` if it left nothing, or if its time ran out.
    pub note: Option<String>,
    /// How long nobody has had the name; `None` for the first grant.
    pub idle: Option<Duration>,
}

impl Lease {
    /// A grant with this token.
    #[must_use]
    pub fn new(token: u64, note: Option<String>, idle: Option<Duration>) -> Self {
        Self { token, note, idle }
    }
}

/// What asking for a lease came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum LeaseAnswer {
    /// The name is the caller's for the time that was asked for.
    Granted(Lease),
    /// Another holder has it, for so long at the most if it is not renewed.
    Held {
        /// The time left.
        expires_in: Duration,
    },
}

/// A place where processes agree on who holds a name. Implement it for a store of your own, give it to
/// [`Store::with_leases`](super::Store::with_leases), and test it with [`check_lease_store`](super::check_lease_store).
///
/// Each step is atomic for its name, and time is the store's: processes whose clocks differ must agree.
///
/// | what | how it is used |
/// |---|---|
/// | names | 32 hexadecimal digits in lower case: a hash. A booking takes two, one of the caller's and one of the event type's, one after the other |
/// | `ttl` | 3 s. Each name is renewed once a second while its call is at work, so that a process that died holds it for 3 s at the most |
/// | note | a text to be given back unchanged: JSON in ASCII of about 100 bytes, with the uid of a booking and a hash of what was asked for. No name, address or key is in it |
/// | a name that is held | is asked for again every 20 ms to 200 ms until the deadline of the call |
/// | a step that takes longer than 100 ms, or fails | counts as a store that is away: it is left alone for 250 ms, and the holder goes on without it |
///
/// A holder that went on without the store tries to enter itself once a second, and for a minute after its end. A grant that
/// comes later than 100 ms is released with the note that it took. The futures run on the runtime of the client: they must not
/// block its threads. One that panics counts as a step that failed.
///
/// ```
/// use std::{
///     collections::HashMap,
///     sync::{Mutex, PoisonError},
///     time::{Duration, Instant},
/// };
///
/// use calcom::state::{Lease, LeaseAnswer, LeaseStore, StoreFuture};
///
/// /// What a row of a table would hold: the last token, until when it is held, the note.
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
///     fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseAnswer> {
///         Box::pin(async move {
///             Ok(self.step(|rows, now| {
///                 let Some(row) = rows.get_mut(name) else {
///                     rows.insert(name.to_owned(), Row { token: 1, until: now + ttl, note: None });
///                     return LeaseAnswer::Granted(Lease::new(1, None, None));
///                 };
///                 if row.until > now {
///                     return LeaseAnswer::Held { expires_in: row.until - now };
///                 }
///                 let idle = now - row.until;
///                 (row.token, row.until) = (row.token + 1, now + ttl);
///                 LeaseAnswer::Granted(Lease::new(row.token, row.note.take(), Some(idle)))
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
    /// Grants `name` for `ttl`, unless another holder's time has not run out.
    ///
    /// The token grows by one with each grant of the name. The store remembers token and note for at least a day after the
    /// name was last held. The grant takes the note: a holder whose time runs out leaves none.
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseAnswer>;

    /// Gives the holder with this token `ttl` from now on. `false`, and without effect, if its time has run out, if it has
    /// released the name, or if the name was granted again since.
    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool>;

    /// Ends the lease of the holder with this token and keeps `note` for the next one; `None` takes the note away. `false`, and
    /// without effect, if the name was granted again since.
    ///
    /// A holder whose time has run out leaves its note all the same if the name was not granted since; the name stays
    /// free since the time ran out.
    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool>;
}

/// More names than this are swept.
const MANY: usize = 4_096;
/// How long a name is remembered, in milliseconds.
pub(crate) const REMEMBERED: u64 = 24 * 3600 * 1000;

/// The rules, for a store in this process's memory. Time comes in with every step, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct LeaseTable {
    names: HashMap<String, Entry>,
    sweep_at: usize,
}

#[derive(Debug, Default)]
struct Entry {
    token: u64,
    until: u64,
    note: Option<String>,
}

impl LeaseTable {
    pub(crate) fn acquire(&mut self, name: &str, ttl: u64, now: u64) -> LeaseAnswer {
        if self.names.len() >= self.sweep_at.max(MANY) {
            self.names.retain(|_, entry| now < entry.until.saturating_add(REMEMBERED));
            self.sweep_at = self.names.len() * 2;
        }
        let entry = self.names.entry(name.to_owned()).or_default();
        if entry.until > now {
            return LeaseAnswer::Held { expires_in: Duration::from_millis(entry.until - now) };
        }
        let idle = (entry.token > 0).then(|| Duration::from_millis(now - entry.until));
        entry.token += 1;
        entry.until = now.saturating_add(ttl.max(1));
        LeaseAnswer::Granted(Lease::new(entry.token, entry.note.take(), idle))
    }

    pub(crate) fn renew(&mut self, name: &str, token: u64, ttl: u64, now: u64) -> bool {
        self.held_by(name, token).filter(|entry| entry.until > now).is_some_and(|entry| {
            entry.until = now.saturating_add(ttl.max(1));
            true
        })
    }

    pub(crate) fn release(&mut self, name: &str, token: u64, note: Option<&str>, now: u64) -> bool {
        self.held_by(name, token).is_some_and(|entry| {
            entry.until = now.min(entry.until);
            entry.note = note.map(str::to_owned);
            true
        })
    }

    fn held_by(&mut self, name: &str, token: u64) -> Option<&mut Entry> {
        self.names.get_mut(name).filter(|entry| entry.token == token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(answer: LeaseAnswer) -> u64 {
        match answer {
            LeaseAnswer::Granted(lease) => lease.token,
            LeaseAnswer::Held { .. } => 0,
        }
    }

    #[test]
    fn a_name_has_one_holder_until_it_is_released_or_its_time_runs_out() {
        let mut table = LeaseTable::default();
        assert_eq!(token(table.acquire("a", 100, 0)), 1);
        assert_eq!(table.acquire("a", 100, 40), LeaseAnswer::Held { expires_in: Duration::from_millis(60) });
        assert_eq!(token(table.acquire("b", 100, 40)), 1);
        assert!(table.renew("a", 1, 100, 90));
        assert_eq!(token(table.acquire("a", 100, 150)), 0);
        assert_eq!(token(table.acquire("a", 100, 190)), 2);
        assert!(!table.renew("a", 1, 100, 195) && !table.release("a", 1, Some("late"), 195));
        assert!(table.release("a", 2, Some("done"), 200));
        let LeaseAnswer::Granted(lease) = table.acquire("a", 100, 230) else { panic!() };
        assert_eq!(lease, Lease::new(3, Some("done".to_owned()), Some(Duration::from_millis(30))));
    }

    #[test]
    fn a_holder_whose_time_runs_out_leaves_no_note() {
        let mut table = LeaseTable::default();
        table.acquire("a", 100, 0);
        table.release("a", 1, Some("done"), 10);
        table.acquire("a", 100, 20);
        let LeaseAnswer::Granted(lease) = table.acquire("a", 100, 500) else { panic!() };
        assert_eq!(lease, Lease::new(3, None, Some(Duration::from_millis(380))));
    }

    #[test]
    fn names_that_nobody_asks_for_are_forgotten() {
        let mut table = LeaseTable::default();
        for n in 0..3 * MANY as u64 {
            table.acquire(&n.to_string(), 1, n * REMEMBERED);
        }
        assert!(table.names.len() <= MANY, "{}", table.names.len());
    }
}
