//! A search through the bookings, newest first, of so many pages at the most; what goes by is remembered.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard},
};

use super::{BookingIds, Lookup};
use crate::{Client, raw::types::SortOrder, state::TenantId, sync::lock};

/// The largest page that the service gives.
const PAGE: u64 = 250;
/// How many uids are remembered.
const REMEMBERED: usize = 10_000;

/// Looks through the caller's bookings, newest first, 250 at a time.
///
/// It gives up after a number of pages (default 20, and so 5,000 bookings), and where all bookings of a page have smaller
/// numbers than the one that is looked for: numbers grow. It remembers the last 10,000 uids that went by.
pub struct Search {
    pages: u32,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    uids: HashMap<(TenantId, i64), String>,
    oldest_first: VecDeque<(TenantId, i64)>,
}

impl Default for Search {
    fn default() -> Self {
        Self::pages(20)
    }
}

impl Search {
    /// Looks at so many pages at the most; with 0 it only remembers what goes by.
    #[must_use]
    pub fn pages(pages: u32) -> Self {
        Self { pages, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }

    async fn look(&self, client: &Client, wanted: i64) -> crate::Result<Option<String>> {
        let list = client.raw().list_bookings().older().sort_created(SortOrder::Desc).take(PAGE);
        let mut skip = 0;
        for _ in 0..self.pages {
            let page = list.clone().set(Some(skip).filter(|skip| *skip > 0), |list, skip| list.skip(skip)).await?;
            for booking in &page.data {
                self.learn(client, booking.id, &booking.uid);
            }
            if let Some(found) = page.data.iter().find(|booking| booking.id == wanted) {
                return Ok(Some(found.uid.clone()));
            }
            let all_older = page.data.iter().all(|booking| booking.id < wanted);
            if all_older || page.pagination.has_next_page != Some(true) {
                break;
            }
            skip += i64::try_from(page.data.len()).unwrap_or(i64::MAX);
        }
        Ok(None)
    }
}

impl BookingIds for Search {
    fn uid<'a>(&'a self, client: &'a Client, id: i64) -> Lookup<'a> {
        Box::pin(async move {
            let known = self.known().uids.get(&(client.scope(), id)).cloned();
            if known.is_some() { Ok(known) } else { self.look(client, id).await }
        })
    }

    fn learn(&self, client: &Client, id: i64, uid: &str) {
        let mut known = self.known();
        let key = (client.scope(), id);
        if known.uids.insert(key, uid.to_owned()).is_none() {
            known.oldest_first.push_back(key);
        }
        if known.oldest_first.len() > REMEMBERED
            && let Some(oldest) = known.oldest_first.pop_front()
        {
            known.uids.remove(&oldest);
        }
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("pages", &self.pages).field("known", &self.known().uids.len()).finish()
    }
}
