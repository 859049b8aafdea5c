//! Searches the caller's bookings for a number, and caches the uids of all bookings that it sees.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard},
};

use super::{UidFuture, UidResolver};
use crate::{Client, raw::types::SortOrder, state::TenantId, sync::lock};

/// The largest page size of the service.
const PAGE_SIZE: u64 = 250;
/// The number of uids that the cache holds.
const MAX_UIDS: usize = 10_000;
/// The default limit of a search, in pages.
const DEFAULT_MAX_PAGES: u32 = 20;

/// Searches the caller's bookings, newest first, in pages of 250.
///
/// The search ends after a number of pages (default 20, which is 5,000 bookings). It ends earlier if all bookings of a
/// page have smaller numbers than the one that is searched for, because numbers grow. The last 10,000 recorded uids are
/// cached.
///
/// ```
/// # fn main() -> Result<(), calcom::v1::V1Error> {
/// use calcom::v1::{V1Client, ids::UidSearch};
///
/// let v1 = V1Client::from_url("https://api.cal.com/v1?apiKey=cal_live_xxxxxxxxxxxxxx")?;
/// let v1 = v1.uid_resolver(UidSearch::with_max_pages(4));
/// # let _ = v1;
/// # Ok(()) }
/// ```
pub struct UidSearch {
    max_pages: u32,
    cache: Mutex<UidCache>,
}

#[derive(Default)]
struct UidCache {
    uids: HashMap<(TenantId, i64), String>,
    oldest_first: VecDeque<(TenantId, i64)>,
}

impl Default for UidSearch {
    fn default() -> Self {
        Self::with_max_pages(DEFAULT_MAX_PAGES)
    }
}

impl UidSearch {
    /// Creates a search of at most `max_pages` pages. With 0 it sends no request and returns cached uids only.
    #[must_use]
    pub fn with_max_pages(max_pages: u32) -> Self {
        Self { max_pages, cache: Mutex::default() }
    }

    fn cache(&self) -> MutexGuard<'_, UidCache> {
        lock(&self.cache)
    }

    async fn search(&self, client: &Client, id: i64) -> crate::Result<Option<String>> {
        let list = client.raw().list_bookings().self_hosted_form().sort_created(SortOrder::Desc).take(PAGE_SIZE);
        let mut skip = 0;
        for _ in 0..self.max_pages {
            let page = list.clone().set(Some(skip).filter(|skip| *skip > 0), |list, skip| list.skip(skip)).await?;
            for booking in &page.data {
                self.record(client, booking.id, &booking.uid);
            }
            if let Some(booking) = page.data.iter().find(|booking| booking.id == id) {
                return Ok(Some(booking.uid.clone()));
            }
            let all_older = page.data.iter().all(|booking| booking.id < id);
            if all_older || page.pagination.has_next_page != Some(true) {
                break;
            }
            skip += i64::try_from(page.data.len()).unwrap_or(i64::MAX);
        }
        Ok(None)
    }
}

impl UidResolver for UidSearch {
    fn resolve<'a>(&'a self, client: &'a Client, id: i64) -> UidFuture<'a> {
        Box::pin(async move {
            let cached = self.cache().uids.get(&(client.tenant(), id)).cloned();
            if cached.is_some() { Ok(cached) } else { self.search(client, id).await }
        })
    }

    fn record(&self, client: &Client, id: i64, uid: &str) {
        let mut cache = self.cache();
        let key = (client.tenant(), id);
        if cache.uids.insert(key, uid.to_owned()).is_none() {
            cache.oldest_first.push_back(key);
        }
        if cache.oldest_first.len() > MAX_UIDS
            && let Some(oldest) = cache.oldest_first.pop_front()
        {
            cache.uids.remove(&oldest);
        }
    }
}

impl fmt::Debug for UidSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UidSearch")
            .field("max_pages", &self.max_pages)
            .field("cached", &self.cache().uids.len())
            .finish()
    }
}
