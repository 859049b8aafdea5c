//! Finds the uid of a booking by its number. V1 names bookings by number; V2 finds them by uid only.
//!
//! V2 has no request for this. A [`UidResolver`] uses another source: a map that the caller supplies ([`UidMap`]), or a search
//! through the bookings ([`UidSearch`]). [`UidFile`] is a file to which every booking is added that a call returns.
//! [`UidChain`] asks one resolver after another. A uid is enough to read and cancel a booking, so a uid that is recorded for
//! one credential is not returned for another.
//!
//! ```no_run
//! # fn example(v1: calcom::v1::V1Client) -> std::io::Result<()> {
//! use calcom::v1::ids::{UidChain, UidFile, UidSearch};
//!
//! let v1 = v1.uid_resolver(UidChain(UidFile::open("booking-ids.jsonl")?, UidSearch::default()));
//! # let _ = v1;
//! # Ok(()) }
//! ```

mod file;
mod search;

use std::{collections::HashMap, fmt, future::Future, pin::Pin};

pub use file::UidFile;
pub use search::UidSearch;

use crate::Client;

/// The future of [`UidResolver::resolve`]: the uid if the booking is known, or the error of the lookup.
///
/// [`UidResolver`] has an example.
pub type UidFuture<'a> = Pin<Box<dyn Future<Output = crate::Result<Option<String>>> + Send + 'a>>;

/// Finds the uids of bookings by their numbers.
///
/// ```
/// use calcom::{Client, v1::ids::{UidFuture, UidResolver}};
///
/// /// Reads uids from a database of the program.
/// #[derive(Debug)]
/// struct Database;
///
/// impl UidResolver for Database {
///     fn resolve<'a>(&'a self, _client: &'a Client, id: i64) -> UidFuture<'a> {
///         Box::pin(async move { Ok((id == 7).then(|| "3SiCmcQn828nSiTte59a6R".to_owned())) })
///     }
/// }
/// ```
pub trait UidResolver: fmt::Debug + Send + Sync {
    /// Returns the uid of the booking with this number, among the bookings of this client's credential.
    fn resolve<'a>(&'a self, client: &'a Client, id: i64) -> UidFuture<'a>;

    /// Records the uid of a booking. [`V1Client`](crate::v1::V1Client) calls this for every booking that it receives; the
    /// default does nothing.
    ///
    /// A rescheduled booking has another number and another uid. The client then records the new uid for the old number
    /// too, so that programs can continue to use the old number.
    fn record(&self, client: &Client, id: i64, uid: &str) {
        let _ = (client, id, uid);
    }
}

/// A fixed map from numbers to uids, which is the same for all credentials. It records nothing.
///
/// ```
/// use calcom::v1::ids::UidMap;
///
/// let uids: UidMap = [(7, "3SiCmcQn828nSiTte59a6R")].into_iter().collect();
/// # let _ = uids;
/// ```
#[derive(Clone, Default)]
pub struct UidMap(HashMap<i64, String>);

impl<U: Into<String>> FromIterator<(i64, U)> for UidMap {
    fn from_iter<I: IntoIterator<Item = (i64, U)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(id, uid)| (id, uid.into())).collect())
    }
}

impl fmt::Debug for UidMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UidMap").field("bookings", &self.0.len()).finish()
    }
}

impl UidResolver for UidMap {
    fn resolve<'a>(&'a self, _: &'a Client, id: i64) -> UidFuture<'a> {
        Box::pin(async move { Ok(self.0.get(&id).cloned()) })
    }
}

/// Asks the first resolver, then the second if the first does not have the booking. The first records what the second finds.
///
/// ```
/// use calcom::v1::ids::{UidChain, UidMap, UidSearch};
///
/// let known: UidMap = [(7, "3SiCmcQn828nSiTte59a6R")].into_iter().collect();
/// let resolver = UidChain(known, UidSearch::with_max_pages(4));
/// # let _ = resolver;
/// ```
#[derive(Debug, Clone, Default)]
pub struct UidChain<A, B>(pub A, pub B);

impl<A: UidResolver, B: UidResolver> UidResolver for UidChain<A, B> {
    fn resolve<'a>(&'a self, client: &'a Client, id: i64) -> UidFuture<'a> {
        Box::pin(async move {
            if let Some(uid) = self.0.resolve(client, id).await? {
                return Ok(Some(uid));
            }
            let uid = self.1.resolve(client, id).await?;
            if let Some(uid) = &uid {
                self.0.record(client, id, uid);
            }
            Ok(uid)
        })
    }

    fn record(&self, client: &Client, id: i64, uid: &str) {
        self.0.record(client, id, uid);
        self.1.record(client, id, uid);
    }
}
