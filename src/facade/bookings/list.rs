//! Lists of bookings: one page, or all pages as a stream.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use serde_json::Value;

use super::{
    Bookings, Page,
    filter::{BookingFilter, BookingSort},
    filter_fields::FilterFields,
};
use crate::{
    Error, Result,
    facade::{CheckBefore, List, try_fetch_with},
    model::{Booking, BookingStatus, BookingUid, FromDocumented, FromWire, InvalidValue, PathKey, RawValueRef},
    operation::PageKind,
    raw::{
        self, PageProgress, RecentTexts, UnreadItem,
        types::{self, BookingListStatus, SortOrder},
    },
};

/// The largest page of the hosted service.
const MAX_CURSOR_PAGE_SIZE: u32 = 100;
/// The largest number of unread items that a stream keeps.
const MAX_UNREAD_ITEMS: usize = 1_000;
/// The number of bookings that a stream remembers: 5 MB.
const MAX_RECENT_BOOKINGS: usize = 100_000;
/// The largest page of self-hosted servers.
const MAX_PAGE_SIZE: u32 = 250;

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
        if self.paged_by_offset { request.self_hosted_form() } else { request }
    }

    /// Streams all bookings of a filter, page by page, each once.
    ///
    /// Self-hosted servers list in the order of creation unless the filter has one; the hosted service in its own, which depends
    /// on the status. By offset the stream ends at the first page that is empty or has no new booking, whatever its counters are:
    /// with `createdBefore` the service counts bookings that the filter drops. By cursor it ends if there is no next cursor, at a
    /// cursor that leads to its own page, and after 20 pages without a new booking. A booking that moves to another page between
    /// two requests is returned once. An error ends the stream.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::{facade::BookingFilter, model::BookingStatus};
    ///
    /// let mut bookings = client.bookings().stream(&BookingFilter::default().status(BookingStatus::Accepted));
    /// while let Some(booking) = bookings.next().await {
    ///     println!("{}", booking?.start_time);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(&self, filter: &BookingFilter) -> BookingStream {
        BookingStream::new(self.request(), filter)
    }
}

impl BookingStream {
    /// Streams the bookings of a list.
    pub(super) fn new(list: ListRequest, filter: &BookingFilter) -> Self {
        let mut filter = filter.clone();
        let mut remaining_skip = 0;
        if pages_by_cursor(&list) {
            remaining_skip = filter.skip.take().unwrap_or(0);
        } else {
            filter.sort.get_or_insert(BookingSort::CreatedAscending);
        }
        filter.take.get_or_insert(MAX_PAGE_SIZE);
        Self {
            list,
            remaining_skip,
            progress: PageProgress::default(),
            next: Some(filter),
            request: None,
            ready: VecDeque::new(),
            yielded: RecentTexts::new(MAX_RECENT_BOOKINGS),
            dropped: RecentTexts::new(MAX_RECENT_BOOKINGS),
            unread: Vec::new(),
        }
    }
}

pub(super) type ListRequest = raw::Request<types::BookingListResponse, raw::parameters::ListBookings>;

fn pages_by_cursor(request: &ListRequest) -> bool {
    request.pages().is_some_and(|pages| pages.kind == PageKind::Cursor)
}

/// Reads a page; the second value has the bookings that the filter dropped.
pub(super) async fn list(request: ListRequest, filter: &BookingFilter) -> Result<(Page<Booking>, Vec<BookingUid>)> {
    let invalid = |field, text: &str| Err(Error::invalid(field, text)).before(request.operation().id);
    let take = match filter.take {
        Some(take) if !(1..=MAX_PAGE_SIZE).contains(&take) => {
            return invalid("take", &format!("must be from 1 to {MAX_PAGE_SIZE}"));
        }
        take => take,
    };
    if filter.team_id.is_some() && request.operation().path.contains("{teamId}") {
        return invalid("teamId", "the list has the bookings of one team");
    }
    let by_cursor = pages_by_cursor(&request);
    if by_cursor && filter.skip.is_some_and(|skip| skip > 0) {
        return invalid("skip", "the hosted service pages by cursor");
    }
    if !by_cursor && filter.cursor.is_some() {
        return invalid("cursor", "only the hosted service pages by cursor");
    }
    let skip = filter.skip.unwrap_or(0);
    let request = request
        .set(filter.created_after, |request, time| request.after_created_at(time))
        .set(filter.updated_after, |request, time| request.after_updated_at(time))
        .set(filter.updated_before, |request, time| request.before_updated_at(time))
        .set(filter.start_time, |request, time| request.after_start(time))
        .set(filter.attendee_email.as_deref(), |request, email| request.attendee_email(email))
        .set(filter.attendee_name.as_deref(), |request, name| request.attendee_name(name))
        .set(filter.created_before, |request, time| request.before_created_at(time))
        .set(filter.end_time, |request, time| request.before_end(time))
        .set(filter.booking_uid.as_ref(), |request, uid| request.booking_uid(uid.as_str()))
        .set(filter.event_type_id, |request, id| request.event_type_id(id.0))
        .set(filter.sort, set_sort)
        .set(service_status(filter), |request, status| request.status(status))
        .set(filter.team_id, |request, id| request.team_id(id.0));
    let request = if by_cursor {
        let size = take.map(|take| take.min(MAX_CURSOR_PAGE_SIZE));
        let request = request.set(size, |request, size| request.limit(size.into()));
        request.set(filter.cursor.as_deref(), |request, cursor| request.cursor(cursor))
    } else {
        let request = request.set(take, |request, take| request.take(take.into()));
        request.set(filter.skip, |request, skip| request.skip(skip.into()))
    };
    let mut found = try_fetch_with(request, |answer: types::BookingListResponseParts, extra| {
        let received = u32::try_from(answer.data.len()).unwrap_or(u32::MAX);
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
        let places = extra.key(PathKey::Data);
        let (mut items, mut dropped) = (Vec::with_capacity(answer.data.len()), Vec::new());
        for (at, booking) in answer.data.into_iter().enumerate() {
            let booking = Booking::from_wire(booking, places.index(at));
            if FilterFields::wire_matches(&booking, filter) {
                items.push(booking);
            } else {
                dropped.push(booking.uid);
            }
        }
        Ok(PartialPage { items, dropped, received, total, has_next, next_cursor, filtered: true, unread: Vec::new() })
    })
    .await?;
    if !found.filtered {
        found.items.retain(|booking| FilterFields::of_documented(filter, booking).matches(filter));
    }
    let PartialPage { items, dropped, received, total, has_next, next_cursor, unread, .. } = found;
    let next_skip = (received > 0 && has_next).then_some(skip.saturating_add(received));
    Ok((Page { items, total, next_skip, next_cursor, unread }, dropped))
}

fn set_sort(request: ListRequest, sort: BookingSort) -> ListRequest {
    match sort {
        BookingSort::StartAscending => request.sort_start(SortOrder::Asc),
        BookingSort::StartDescending => request.sort_start(SortOrder::Desc),
        BookingSort::CreatedAscending => request.sort_created(SortOrder::Asc),
        BookingSort::CreatedDescending => request.sort_created(SortOrder::Desc),
        BookingSort::UpdatedDescending => request.sort_updated_at(SortOrder::Desc),
    }
}

/// The filter of the service for the status, if it has one.
fn service_status(filter: &BookingFilter) -> Option<BookingListStatus> {
    match filter.status.as_ref()? {
        BookingStatus::Pending => Some(BookingListStatus::Unconfirmed),
        BookingStatus::Cancelled | BookingStatus::Rejected => Some(BookingListStatus::Cancelled),
        _ => filter.status_group(),
    }
}

/// A page before local filtering. In the documented form it is a list without pagination.
#[derive(Clone)]
struct PartialPage {
    items: Vec<Booking>,
    /// The bookings that the filter dropped.
    dropped: Vec<BookingUid>,
    /// The number of bookings that the service sent.
    received: u32,
    total: Option<u64>,
    has_next: bool,
    next_cursor: Option<String>,
    filtered: bool,
    unread: Vec<UnreadItem>,
}

impl PartialPage {
    fn from_items(items: Vec<Booking>) -> Self {
        Self {
            received: 0,
            total: Some(items.len() as u64),
            items,
            dropped: Vec::new(),
            has_next: false,
            next_cursor: None,
            filtered: false,
            unread: Vec::new(),
        }
    }
}

impl FromDocumented for PartialPage {
    fn from_documented(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
        Vec::from_documented(json, extra).map(Self::from_items)
    }
}

impl FromWire for PartialPage {
    type Wire = Vec<types::BookingParts>;

    fn from_wire(wire: Self::Wire, extra: RawValueRef) -> Self {
        Self::from_items(Booking::from_wire_list(wire, &extra))
    }

    fn attach_unread(&mut self, unread: Vec<UnreadItem>, _: usize) -> bool {
        // They are part of the page: the next page starts after them.
        let items = unread.iter().filter(|item| !item.is_part()).count();
        self.received = self.received.saturating_add(u32::try_from(items).unwrap_or(u32::MAX));
        self.unread = unread;
        true
    }
}

/// Remembers a booking. Returns whether it is a new one.
fn is_new(recent: &mut RecentTexts<()>, uid: &BookingUid) -> bool {
    let uid = recent.hash(uid.as_str());
    recent.insert(uid, ()).is_none()
}

type PageRequest = Pin<Box<dyn Future<Output = Result<(Page<Booking>, Vec<BookingUid>)>> + Send>>;

/// A stream of all bookings of a filter, each once; from [`Bookings::stream`].
///
/// A booking that moves to a later page between two requests is known if it is among the last 100,000.
///
/// It implements [`Stream`], and has [`next`](Self::next) and [`try_collect`](Self::try_collect) without an import.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::facade::BookingFilter;
///
/// let all = client.bookings().stream(&BookingFilter::default().event_type_id(2026361)).try_collect().await?;
/// println!("{} bookings, {} could not be read", all.len(), all.unread().len());
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct BookingStream {
    /// The request of every page, without its filter.
    list: ListRequest,
    /// The filter of the next page; `None` after the last.
    next: Option<BookingFilter>,
    request: Option<PageRequest>,
    ready: VecDeque<Booking>,
    /// The number of bookings that are still to be skipped, if the service cannot skip them.
    remaining_skip: u32,
    progress: PageProgress,
    yielded: RecentTexts<()>,
    /// The bookings that were received and dropped.
    dropped: RecentTexts<()>,
    unread: Vec<UnreadItem>,
}

impl std::fmt::Debug for BookingStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BookingStream").field("yielded", &self.yielded.len()).finish_non_exhaustive()
    }
}

impl BookingStream {
    /// Returns the next booking; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Booking>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The items that could not be read so far, at most 1,000. The stream continues after them.
    #[must_use]
    pub fn unread(&self) -> &[UnreadItem] {
        &self.unread
    }

    /// Collects all remaining bookings in one list, with [those that could not be read](List::unread).
    ///
    /// # Errors
    ///
    /// The first failure; bookings before it are lost.
    pub async fn try_collect(mut self) -> Result<List<Booking>> {
        let mut bookings = Vec::new();
        while let Some(booking) = self.next().await {
            bookings.push(booking?);
        }
        Ok(List::new(bookings, self.unread))
    }
}

impl Stream for BookingStream {
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
                    let room = MAX_UNREAD_ITEMS.saturating_sub(this.unread.len());
                    let has_unread = room > 0 && page.unread.iter().any(|item| !item.is_part());
                    this.unread.extend(page.unread.into_iter().take(room));
                    let new: Vec<_> =
                        page.items.into_iter().filter(|booking| is_new(&mut this.yielded, &booking.uid)).collect();
                    // Dropped and unread bookings are new too: the list continues after them.
                    let any = !new.is_empty() || has_unread;
                    let has_new = dropped.into_iter().fold(any, |any, uid| is_new(&mut this.dropped, &uid) || any);
                    let (skip, cursor) = (page.next_skip, page.next_cursor);
                    let kind = if cursor.is_some() { PageKind::Cursor } else { PageKind::Offset };
                    let continues = this.progress.continues(kind, has_new);
                    this.next = before
                        .filter(|before| continues && (skip.is_some() || cursor.is_some() && cursor != before.cursor));
                    if let Some(next) = &mut this.next {
                        (next.skip, next.cursor) = (skip, cursor);
                    }
                    for booking in new {
                        if this.remaining_skip > 0 {
                            this.remaining_skip -= 1;
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
