//! From a booking's number, by which V1 names it, to its uid, by which alone V2 finds it.
//!
//! V2 cannot be asked. A [`BookingIds`] knows it from elsewhere: a map of one's own ([`OwnMap`]), a search through the
//! bookings ([`Search`]), a table in a file that is filled as bookings go by ([`Table`]), or one after the other
//! ([`Chain`]). Whoever has a uid can read and cancel the booking, so what is learnt for one credential is never given to
//! another.

mod search;
mod table;

use std::{collections::HashMap, fmt, future::Future, pin::Pin};

pub use search::Search;
pub use table::Table;

use crate::Client;

/// The uid of a booking, where it is known, or the error of asking for it.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = crate::Result<Option<String>>> + Send + 'a>>;

/// Knows the uids of bookings by their numbers.
pub trait BookingIds: fmt::Debug + Send + Sync {
    /// The uid of the booking with this number, of the bookings of this client's credential.
    fn uid<'a>(&'a self, client: &'a Client, id: i64) -> Lookup<'a>;

    /// Is told of every booking that goes by. A booking that is moved gets another number and another uid: the old number
    /// is then told with the new uid, so that a program that knows the old one goes on.
    fn learn(&self, client: &Client, id: i64, uid: &str) {
        let _ = (client, id, uid);
    }
}

/// A map of one's own, from numbers to uids, for all credentials alike. It learns nothing.
#[derive(Clone, Default)]
pub struct OwnMap(HashMap<i64, String>);

impl<U: Into<String>> FromIterator<(i64, U)> for OwnMap {
    fn from_iter<I: IntoIterator<Item = (i64, U)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(id, uid)| (id, uid.into())).collect())
    }
}

impl fmt::Debug for OwnMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnMap").field("bookings", &self.0.len()).finish()
    }
}

impl BookingIds for OwnMap {
    fn uid<'a>(&'a self, _: &'a Client, id: i64) -> Lookup<'a> {
        Box::pin(async move { Ok(self.0.get(&id).cloned()) })
    }
}

/// Asks the first; asks the second where the first does not know, and tells the first.
#[derive(Debug, Clone, Default)]
pub struct Chain<A, B>(pub A, pub B);

impl<A: BookingIds, B: BookingIds> BookingIds for Chain<A, B> {
    fn uid<'a>(&'a self, client: &'a Client, id: i64) -> Lookup<'a> {
        Box::pin(async move {
            if let Some(uid) = self.0.uid(client, id).await? {
                return Ok(Some(uid));
            }
            let found = self.1.uid(client, id).await?;
            if let Some(uid) = &found {
                self.0.learn(client, id, uid);
            }
            Ok(found)
        })
    }

    fn learn(&self, client: &Client, id: i64, uid: &str) {
        self.0.learn(client, id, uid);
        self.1.learn(client, id, uid);
    }
}
