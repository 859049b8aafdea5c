//! Listing bookings: one page, or all pages as a stream.

use std::{
    collections::{HashSet, VecDeque},
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use serde_json::Value;

use super::{
    Bookings,
    filter::{BookingFilter, Sort},
    told::KnownFields,
};
use crate::{
    Error, Result,
    contract::Contract,
    facade::{List, try_read_with},
    model::{Booking, BookingStatus, BookingUid, Extra, FromDocumented, FromWire, InvalidValue, Key},
    raw::{
        self, UnreadItem,
        types::{self, BookingListStatus, SortOrder},
    },
};

/// The largest page that the hosted service gives.
const LARGEST_CURSOR_PAGE: u32 = 100;
/// So many pages in a row without a new booking end a list that goes by a cursor.
const MOST_IDLE_PAGES: u32 = 20;
/// So many items that could not be read are kept.
const MOST_UNREAD: usize = 1_000;
/// The largest page that the service gives.
const LARGEST_PAGE: u32 = 250;

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many the service found in all; `None` if it does not count them (the hosted service).
    pub total: Option<u64>,
    /// How many to skip for the next page; `None` where this was the last, and on the hosted service.
    pub next_skip: Option<u32>,
    /// The cursor of the next page on the hosted service; `None` where this was the last, and on other servers.
    pub next_cursor: Option<String>,
    /// What could not be read of the page. The other items are in [`items`](Self::items).
    pub unread: Vec<UnreadItem>,
}

impl Bookings {
    /// Reads one page of bookings (`GET /v2/bookings`; [documented](crate::model#the-documented-interface) as
    /// `getBookings`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a page size that is not 1 to 250; [`Error::Permission`] without a credential.
    pub async fn list(&self, filter: &BookingFilter) -> Result<Page<Booking>> {
        list(self.request(), filter).await.map(|(page, _)| page)
    }

    fn request(&self) -> ListRequest {
        let request = self.client.raw().list_bookings();
        if self.by_number { request.self_hosted_form() } else { request }
    }

    /// All bookings, page by page, each once: in the order of booking unless the filter says otherwise.
    ///
    /// Ends at the first empty page whatever its counters say: with `createdBefore` the service counts what it did not
    /// filter. A booking that moves to another page while the list is read is given once. After an error it ends.
    pub fn stream(&self, filter: &BookingFilter) -> BookingPages {
        let mut filter = filter.clone();
        let mut left_out = 0;
        if self.request().form() == Contract::Hosted {
            left_out = filter.skip.take().unwrap_or(0);
        } else {
            filter.sort.get_or_insert(Sort::CreatedAscending);
        }
        filter.take.get_or_insert(LARGEST_PAGE);
        BookingPages {
            list: self.request(),
            left_out,
            idle: 0,
            next: Some(filter),
            request: None,
            ready: VecDeque::new(),
            seen: HashSet::new(),
            dropped: HashSet::new(),
            unread: Vec::new(),
        }
    }
}

type ListRequest = raw::Request<types::BookingListAnswer, raw::parameters::ListBookings>;

/// A page, and what came that the filter did not let pass.
async fn list(request: ListRequest, filter: &BookingFilter) -> Result<(Page<Booking>, Vec<BookingUid>)> {
    let take = match filter.take {
        Some(take) if !(1..=LARGEST_PAGE).contains(&take) => {
            return Err(Error::invalid("take", format!("must be from 1 to {LARGEST_PAGE}")));
        }
        take => take,
    };
    let by_cursor = request.form() == Contract::Hosted;
    if by_cursor && filter.skip.is_some_and(|skip| skip > 0) {
        return Err(Error::invalid("skip", "the hosted service pages by cursor"));
    }
    if !by_cursor && filter.cursor.is_some() {
        return Err(Error::invalid("cursor", "only the hosted service pages by cursor"));
    }
    let skip = filter.skip.unwrap_or(0);
    let request = request
        .set(filter.created_after, |request, time| request.after_created_at(time))
        .set(filter.start_time, |request, time| request.after_start(time))
        .set(filter.attendee_email.as_deref(), |request, email| request.attendee_email(email))
        .set(filter.attendee_name.as_deref(), |request, name| request.attendee_name(name))
        .set(filter.created_before, |request, time| request.before_created_at(time))
        .set(filter.end_time, |request, time| request.before_end(time))
        .set(filter.booking_uid.as_ref(), |request, uid| request.booking_uid(uid.as_str()))
        .set(filter.event_type_id, |request, id| request.event_type_id(id.0))
        .set(filter.sort, sorted)
        .set(status(filter), |request, status| request.status(status))
        .set(filter.team_id, |request, id| request.team_id(id.0));
    let request = if by_cursor {
        let size = take.map(|take| take.min(LARGEST_CURSOR_PAGE));
        let request = request.set(size, |request, size| request.limit(size.into()));
        request.set(filter.cursor.as_deref(), |request, cursor| request.cursor(cursor))
    } else {
        let request = request.set(take, |request, take| request.take(take.into()));
        request.set(filter.skip, |request, skip| request.skip(skip.into()))
    };
    let mut found = try_read_with(request, |answer: types::BookingListAnswer, extra| {
        let came = u32::try_from(answer.data.len()).unwrap_or(u32::MAX);
        let pagination = answer.pagination;
        let missing = |name: &str| InvalidValue::new(format!("pagination.{name}"), "a flag");
        let (total, has_next, next_cursor) = if by_cursor {
            let more = pagination.has_more.ok_or_else(|| missing("hasMore"))?;
            let next = pagination.next_cursor.filter(|cursor| more && !cursor.is_empty());
            if more && next.is_none() {
                return Err(InvalidValue::new("pagination.nextCursor", "a cursor, because there is more"));
            }
            (None, false, next)
        } else {
            let more = pagination.has_next_page.ok_or_else(|| missing("hasNextPage"))?;
            let total = u64::try_from(pagination.total_items.unwrap_or(0)).unwrap_or(0);
            (Some(total), more, None)
        };
        let places = extra.key(Key::Data);
        let (mut items, mut dropped) = (Vec::with_capacity(answer.data.len()), Vec::new());
        for (at, booking) in answer.data.into_iter().enumerate() {
            if KnownFields::in_wire_pass(&booking, filter) {
                items.push(Booking::from_wire(booking, places.index(at)));
            } else {
                dropped.push(booking.uid.into());
            }
        }
        Ok(Found { items, dropped, came, total, has_next, next_cursor, is_filtered: true, unread: Vec::new() })
    })
    .await?;
    if !found.is_filtered {
        found.items.retain(|booking| KnownFields::documented(filter, booking).passes(filter));
    }
    let Found { items, dropped, came, total, has_next, next_cursor, unread, .. } = found;
    let next_skip = (came > 0 && has_next).then_some(skip.saturating_add(came));
    Ok((Page { items, total, next_skip, next_cursor, unread }, dropped))
}

fn sorted(request: ListRequest, sort: Sort) -> ListRequest {
    match sort {
        Sort::StartAscending => request.sort_start(SortOrder::Asc),
        Sort::StartDescending => request.sort_start(SortOrder::Desc),
        Sort::CreatedAscending => request.sort_created(SortOrder::Asc),
        Sort::CreatedDescending => request.sort_created(SortOrder::Desc),
        Sort::UpdatedDescending => request.sort_updated_at(SortOrder::Desc),
    }
}

/// What the service filters by status, in its words.
fn status(filter: &BookingFilter) -> Option<BookingListStatus> {
    match filter.status.as_ref()? {
        BookingStatus::Pending => Some(BookingListStatus::Unconfirmed),
        BookingStatus::Cancelled | BookingStatus::Rejected => Some(BookingListStatus::Cancelled),
        _ => filter.group(),
    }
}

/// A page in the making; in the documented form it is a bare list.
#[derive(Clone)]
struct Found {
    items: Vec<Booking>,
    /// Those that the filter did not let pass.
    dropped: Vec<BookingUid>,
    /// How many the service sent.
    came: u32,
    total: Option<u64>,
    has_next: bool,
    next_cursor: Option<String>,
    is_filtered: bool,
    unread: Vec<UnreadItem>,
}

impl Found {
    fn bare(items: Vec<Booking>) -> Self {
        Self {
            came: 0,
            total: Some(items.len() as u64),
            items,
            dropped: Vec::new(),
            has_next: false,
            next_cursor: None,
            is_filtered: false,
            unread: Vec::new(),
        }
    }
}

impl FromDocumented for Found {
    fn from_documented(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
        Vec::from_documented(json, extra).map(Self::bare)
    }
}

impl FromWire for Found {
    type Wire = Vec<types::Booking>;

    fn from_wire(today: Self::Wire, extra: Extra) -> Self {
        Self::bare(Booking::from_wire_list(today, &extra))
    }

    fn attach_unread(&mut self, unread: Vec<UnreadItem>, _: usize) -> bool {
        // They were on the page, and are not to be asked for again.
        self.came = self.came.saturating_add(u32::try_from(unread.len()).unwrap_or(u32::MAX));
        self.unread = unread;
        true
    }
}

type Request = Pin<Box<dyn Future<Output = Result<(Page<Booking>, Vec<BookingUid>)>> + Send>>;

/// All bookings that a filter finds, each once; from [`Bookings::stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct BookingPages {
    /// What every page is asked for with.
    list: ListRequest,
    /// The filter of the next page; `None` after the last.
    next: Option<BookingFilter>,
    request: Option<Request>,
    ready: VecDeque<Booking>,
    /// How many are still to be left out, where the service cannot.
    left_out: u32,
    /// How many pages in a row brought nothing new.
    idle: u32,
    seen: HashSet<BookingUid>,
    /// What came and is not given.
    dropped: HashSet<BookingUid>,
    unread: Vec<UnreadItem>,
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

    /// What could not be read so far: the first thousand of these. The stream goes on behind them.
    #[must_use]
    pub fn unread(&self) -> &[UnreadItem] {
        &self.unread
    }

    /// All of them in one list, beside [what could not be read](List::unread).
    ///
    /// # Errors
    ///
    /// The first failure; what came before it is lost.
    pub async fn collect(mut self) -> Result<List<Booking>> {
        let mut bookings = Vec::new();
        while let Some(booking) = self.next().await {
            bookings.push(booking?);
        }
        Ok(List::new(bookings, self.unread))
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
                let list_request = this.list.clone();
                this.request = Some(Box::pin(async move { list(list_request, &filter).await }));
            }
            let Some(request) = &mut this.request else { continue };
            let page = ready!(request.as_mut().poll(context));
            this.request = None;
            match page {
                Ok((page, dropped)) => {
                    let before = this.next.take();
                    let room = MOST_UNREAD.saturating_sub(this.unread.len());
                    let has_unread = room > 0 && !page.unread.is_empty();
                    this.unread.extend(page.unread.into_iter().take(room));
                    let new: Vec<_> =
                        page.items.into_iter().filter(|booking| this.seen.insert(booking.uid.clone())).collect();
                    // What the filter drops is new too, and what cannot be read: the list goes on behind it.
                    let any = !new.is_empty() || has_unread;
                    let has_new = dropped.into_iter().fold(any, |any, uid| this.dropped.insert(uid) || any);
                    this.idle = if has_new { 0 } else { this.idle + 1 };
                    let (skip, cursor) = (page.next_skip, page.next_cursor);
                    let goes_on = cursor.is_none() || this.idle < MOST_IDLE_PAGES;
                    this.next = before
                        .filter(|before| goes_on && (skip.is_some() || cursor.is_some() && cursor != before.cursor));
                    if let Some(next) = &mut this.next {
                        (next.skip, next.cursor) = (skip, cursor);
                    }
                    for booking in new {
                        if this.left_out > 0 {
                            this.left_out -= 1;
                        } else {
                            this.ready.push_back(booking);
                        }
                    }
                }
                Err(error) => {
                    this.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
