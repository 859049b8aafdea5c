//! Listing bookings: one page, or all pages as a stream.

use std::{
    collections::{HashSet, VecDeque},
    future::Future,
    num::NonZeroU64,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use serde::Deserialize;

use super::{
    Bookings,
    filter::{BookingFilter, Sort},
    told::KnownFields,
};
use crate::{
    Client, Error, Result,
    facade::read_with,
    model::{Booking, BookingStatus, BookingUid, Extra, FromWire, Key},
    raw::types::{self, BookingListStatus, SortOrder},
};

/// The largest page that the service gives.
const LARGEST_PAGE: u32 = 250;

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many the service found in all.
    pub total: u64,
    /// How many to skip for the next page; `None` where this was the last.
    pub next_skip: Option<u32>,
}

impl Bookings {
    /// Reads one page of bookings (`GET /v2/bookings`; the reference's `getBookings`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a page size that is not 1 to 250; [`Error::Permission`] without a credential.
    pub async fn list(&self, filter: &BookingFilter) -> Result<Page<Booking>> {
        list(&self.client, filter).await
    }

    /// All bookings, page by page, each once: in the order of booking unless the filter says otherwise.
    ///
    /// Ends at the first empty page whatever its counters say: with `createdBefore` the service counts what it did not
    /// filter. A booking that moves to another page while the list is read is given once. After an error it ends.
    pub fn stream(&self, filter: &BookingFilter) -> BookingPages {
        let mut filter = filter.clone();
        filter.sort.get_or_insert(Sort::CreatedAscending);
        filter.take.get_or_insert(LARGEST_PAGE);
        BookingPages {
            client: self.client.clone(),
            next: Some(filter),
            request: None,
            ready: VecDeque::new(),
            seen: HashSet::new(),
        }
    }
}

async fn list(client: &Client, filter: &BookingFilter) -> Result<Page<Booking>> {
    let take = match filter.take {
        Some(take) if !(1..=LARGEST_PAGE).contains(&take) => {
            return Err(Error::invalid("take", format!("must be from 1 to {LARGEST_PAGE}")));
        }
        take => take.and_then(|take| NonZeroU64::new(take.into())),
    };
    let skip = filter.skip.unwrap_or(0);
    let (status, sort) = (status(filter), filter.sort);
    let order = |ascending, descending| match sort {
        Some(sort) if Some(sort) == ascending => Some(SortOrder::Asc),
        Some(sort) if Some(sort) == descending => Some(SortOrder::Desc),
        _ => None,
    };
    let request = client.raw().list_bookings(
        filter.created_after.as_ref(),
        filter.start_time.as_ref(),
        None,
        filter.attendee_email.as_deref(),
        filter.attendee_name.as_deref(),
        filter.created_before.as_ref(),
        filter.end_time.as_ref(),
        None,
        filter.booking_uid.as_ref().map(BookingUid::as_str),
        filter.event_type_id.map(|id| id.to_string()).as_deref(),
        None,
        filter.skip.map(i64::from),
        order(Some(Sort::CreatedAscending), Some(Sort::CreatedDescending)),
        None,
        order(Some(Sort::StartAscending), Some(Sort::StartDescending)),
        order(None, Some(Sort::UpdatedDescending)),
        status.as_ref(),
        take,
        filter.team_id.map(|id| id.to_string()).as_deref(),
        None,
    );
    let mut found = read_with(request, |answer: types::BookingListAnswer, extra| {
        let came = u32::try_from(answer.data.len()).unwrap_or(u32::MAX);
        let more = came > 0 && answer.pagination.has_next_page;
        let places = extra.key(Key::Data);
        let bookings =
            answer.data.into_iter().enumerate().filter(|(_, booking)| KnownFields::in_wire(booking).passes(filter));
        Found {
            items: bookings.map(|(at, booking)| Booking::from_wire(booking, places.index(at))).collect(),
            total: u64::try_from(answer.pagination.total_items).unwrap_or(0),
            next_skip: more.then_some(skip.saturating_add(came)),
            is_filtered: true,
        }
    })
    .await?;
    if !found.is_filtered {
        found.items.retain(|booking| KnownFields::documented(filter, booking).passes(filter));
    }
    Ok(Page { items: found.items, total: found.total, next_skip: found.next_skip })
}

/// What the service filters by status, in its words.
fn status(filter: &BookingFilter) -> Option<Vec<BookingListStatus>> {
    match filter.status.as_ref()? {
        BookingStatus::Pending => Some(vec![BookingListStatus::Unconfirmed]),
        BookingStatus::Cancelled | BookingStatus::Rejected => Some(vec![BookingListStatus::Cancelled]),
        BookingStatus::Other(text) => Some(vec![text.parse().ok()?]),
        _ => None,
    }
}

/// A page in the making; in the documented form it is a bare list.
#[derive(Clone)]
struct Found {
    items: Vec<Booking>,
    total: u64,
    next_skip: Option<u32>,
    is_filtered: bool,
}

impl Found {
    fn bare(items: Vec<Booking>) -> Self {
        Self { total: items.len() as u64, items, next_skip: None, is_filtered: false }
    }
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::bare)
    }
}

impl FromWire for Found {
    type Wire = Vec<types::Booking>;

    fn from_wire(today: Self::Wire, extra: Extra) -> Self {
        Self::bare(Booking::from_wire_list(today, &extra))
    }

    fn attach_extra(&mut self, extra: Extra) {
        self.items.attach_extra(extra);
    }
}

type Request = Pin<Box<dyn Future<Output = Result<Page<Booking>>> + Send>>;

/// All bookings that a filter finds, each once; from [`Bookings::stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct BookingPages {
    client: Client,
    /// The filter of the next page; `None` after the last.
    next: Option<BookingFilter>,
    request: Option<Request>,
    ready: VecDeque<Booking>,
    seen: HashSet<BookingUid>,
}

impl std::fmt::Debug for BookingPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BookingPages").field("seen", &self.seen.len()).finish_non_exhaustive()
    }
}

impl BookingPages {
    /// The next booking; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Booking>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All of them in one list.
    ///
    /// # Errors
    ///
    /// The first failure; what came before it is lost.
    pub async fn collect(mut self) -> Result<Vec<Booking>> {
        let mut bookings = Vec::new();
        while let Some(booking) = self.next().await {
            bookings.push(booking?);
        }
        Ok(bookings)
    }
}

impl Stream for BookingPages {
    type Item = Result<Booking>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(booking) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(booking)));
            }
            if this.request.is_none() {
                let Some(filter) = this.next.clone() else { return Poll::Ready(None) };
                let client = this.client.clone();
                this.request = Some(Box::pin(async move { list(&client, &filter).await }));
            }
            let Some(request) = &mut this.request else { continue };
            let page = ready!(request.as_mut().poll(context));
            this.request = None;
            match page {
                Ok(page) => {
                    this.next = page
                        .next_skip
                        .and_then(|skip| this.next.take().map(|next| BookingFilter { skip: Some(skip), ..next }));
                    let new = page.items.into_iter().filter(|booking| this.seen.insert(booking.uid.clone()));
                    this.ready.extend(new);
                }
                Err(error) => {
                    this.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
