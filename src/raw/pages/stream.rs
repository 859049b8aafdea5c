//! A stream of the items of all pages.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use super::{
    Paged,
    page_end::{PageInfo, PagePosition, PageProgress},
    recent_keys::{Occurrence, RecentKeys},
};
use crate::{
    Error, Result,
    operation::{PageKind, Pages},
    pipeline::UnreadItem,
    raw::{Request, Response},
};

/// The size of a page that the service does not bound, if a short page is the last one.
const UNBOUNDED_PAGE_SIZE: u64 = 250;

/// The number of pages with new items whose last item was known, after which a list ends: a service that repeats a list that is
/// longer than what is remembered sends such pages for ever.
const MAX_MIXED_PAGES: u32 = 5;
/// The largest number of unread items that a stream keeps.
const MAX_UNREAD_ITEMS: usize = 1_000;

type PageFuture<O> = Pin<Box<dyn Future<Output = Result<Response<<O as Paged>::Page>>> + Send>>;

/// A stream of the items of all pages of a list, each once; from [`Request::stream`].
///
/// It implements [`Stream`], and has [`next`](Self::next) and [`try_collect`](Self::try_collect) without an import. It holds
/// one page at a time, and asks for the next one when the items of the page before it are taken.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let mut webhooks = client.raw().list_webhooks().stream();
/// while let Some(webhook) = webhooks.next().await {
///     println!("{:?}", webhook?.subscriber_url);
/// }
/// println!("{} could not be read", webhooks.unread().len());
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream<O: Paged> {
    request: Request<O::Page, O>,
    /// How the operation is paged; `None` if the service does not page it.
    pages: Option<Pages>,
    /// Whether a page that is not full is the last one of a list that pages by offset.
    ends_at_short_page: bool,
    /// The position of the next page; `None` after the last.
    next: Option<PagePosition>,
    page: Option<PageFuture<O>>,
    ready: VecDeque<O::Item>,
    /// The error that follows the items that are ready.
    failure: Option<Error>,
    recent: RecentKeys,
    progress: PageProgress,
    /// The number of pages with new items whose last item was known.
    mixed_pages: u32,
    total: Option<u64>,
    unread: Vec<UnreadItem>,
}

impl<O: Paged> Unpin for PageStream<O> {}

impl<O: Paged> fmt::Debug for PageStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("operation", &self.request.operation().id)
            .field("ready", &self.ready.len())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

impl<T, O> Request<T, O> {
    /// How the list is read page by page in the form of the request; `None` if the service does not page it.
    pub(crate) fn pages(&self) -> Option<Pages> {
        let (form, operation) = (self.form(), self.operation());
        let is_of_form =
            |pages: &&Pages| operation.parameters.iter().all(|(name, only)| *name != pages.position || *only == form);
        operation.pages.iter().find(is_of_form).copied()
    }
}

impl<O: Paged> Request<O::Page, O> {
    /// Streams the items of all pages of the list, each once, from the position that the request has. The size of a page is the
    /// largest that the service accepts, unless the request sets one. If the operation is a POST, both are fields of its body.
    ///
    /// By offset the stream ends at the first page that is empty, has no new item, or is the last one by what the service says
    /// of it. It also ends at the sixth page that has new items and ends with a known one. By cursor it ends if there is no
    /// next cursor, at a cursor that leads to its own page, and after 20 pages without a new item. An item that is twice in a
    /// page, by its id, is returned once. So is an item that is in two pages, if they are less than 10,000 items apart. By
    /// offset an item is missed if another item before it is deleted between two requests. An error ends the stream.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let webhooks = client.raw().list_webhooks().stream().try_collect().await?;
    /// println!("{} webhooks", webhooks.len());
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> PageStream<O> {
        let pages = self.pages();
        let next = match pages {
            Some(Pages { kind: PageKind::Cursor, position, .. }) => {
                PagePosition::Cursor(self.parameter_value(position).filter(|cursor| !cursor.is_empty()))
            }
            Some(Pages { position, in_body, .. }) => {
                let at = if in_body { self.body_value(position) } else { self.parameter_value(position) };
                PagePosition::Offset(at.and_then(|at| at.parse().ok()).unwrap_or(0))
            }
            None => PagePosition::Cursor(None),
        };
        PageStream {
            request: self,
            pages,
            ends_at_short_page: false,
            next: Some(next),
            page: None,
            ready: VecDeque::new(),
            failure: None,
            recent: RecentKeys::new(),
            progress: PageProgress::default(),
            mixed_pages: 0,
            total: None,
            unread: Vec::new(),
        }
    }
}

impl<O: Paged> PageStream<O> {
    /// Returns the next item; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<O::Item>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Collects all remaining items. Those that could not be read are in [`unread`](Self::unread).
    ///
    /// # Errors
    ///
    /// The first failure; items before it are lost.
    pub async fn try_collect(&mut self) -> Result<Vec<O::Item>> {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
        }
        Ok(items)
    }

    /// The number of items of the whole list, as the last response counts them; `None` if the service does not count them, and
    /// before the first page.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The items that could not be read so far, at most 1,000. The stream continues after them.
    #[must_use]
    pub fn unread(&self) -> &[UnreadItem] {
        &self.unread
    }

    /// The same stream, which takes a page that is not full for the last one.
    pub(crate) fn ending_at_short_page(mut self) -> Self {
        self.ends_at_short_page = true;
        self
    }

    /// The size of a page, unless the request sets one; `None` leaves it to the service.
    fn largest_page(&self, pages: &Pages) -> Option<u64> {
        pages.max_size.or(self.ends_at_short_page.then_some(UNBOUNDED_PAGE_SIZE))
    }

    /// The number of items of a full page.
    fn page_size(&self, pages: &Pages) -> usize {
        let asked = self.request.parameter_value(pages.size).and_then(|size| size.parse().ok());
        asked.or(self.largest_page(pages).and_then(|size| usize::try_from(size).ok())).unwrap_or(0)
    }

    /// The request of the page at `position`.
    fn request_page(&self, position: &PagePosition) -> PageFuture<O> {
        let mut request = self.request.clone();
        if let Some(pages) = self.pages {
            if let Some(largest) = self.largest_page(&pages)
                && !pages.in_body
                && request.parameter_value(pages.size).is_none()
            {
                request = request.parameter(pages.size, &largest);
            }
            request = match position {
                PagePosition::Offset(0) | PagePosition::Cursor(None) => request,
                PagePosition::Offset(skipped) if pages.in_body => request.body_field(pages.position, *skipped),
                PagePosition::Offset(skipped) => request.parameter(pages.position, skipped),
                PagePosition::Cursor(Some(cursor)) => request.parameter(pages.position, cursor),
            };
        }
        Box::pin(request.send_page())
    }

    /// Takes the items of the page at `position`, and decides which page follows.
    fn take_page(&mut self, position: &PagePosition, page: Response<O::Page>) -> Result<(), Error> {
        let info = PageInfo::of(page.body());
        let steps = self.pages.map_or(&["data"][..], |pages| pages.items);
        let unread: HashSet<usize> = page.unread().iter().filter_map(|item| item.index).collect();
        let found = self.recent.insert_page(page.body(), steps, &unread);
        let reported = page.unread().to_vec();
        let items = O::items(page.into_inner());
        let received = items.len() + unread.len();
        // Without a list in the JSON no item is known to be a repetition.
        let found = found.filter(|found| found.len() == received).unwrap_or_else(|| vec![Occurrence::New; received]);
        // What is new is at the end of a page. One whose last item is known repeats earlier ones, or an item has moved to it.
        let ends_new = found.last().is_some_and(|last| *last != Occurrence::EarlierPage);
        let is_mixed = !ends_new && found.contains(&Occurrence::New);
        self.mixed_pages += u32::from(is_mixed);
        let has_new = ends_new || is_mixed && self.mixed_pages <= MAX_MIXED_PAGES;
        let left = MAX_UNREAD_ITEMS.saturating_sub(self.unread.len());
        let is_new = |item: &UnreadItem| {
            item.index.and_then(|at| found.get(at)).is_none_or(|occurrence| *occurrence == Occurrence::New)
        };
        self.unread.extend(reported.into_iter().filter(is_new).take(left));
        let read = found.iter().enumerate().filter(|(at, _)| !unread.contains(at)).map(|(_, occurrence)| *occurrence);
        let new = items.into_iter().zip(read).filter(|(_, occurrence)| *occurrence == Occurrence::New);
        self.ready.extend(new.map(|(item, _)| item));
        self.total = info.total().or(self.total);
        let Some(pages) = self.pages else { return Ok(()) };
        let next = info.next(position, received)?;
        let is_last = self.ends_at_short_page && pages.kind == PageKind::Offset && received < self.page_size(&pages);
        self.next = next.filter(|_| self.progress.continues(pages.kind, has_new) && !is_last);
        Ok(())
    }
}

impl<O: Paged> Stream for PageStream<O> {
    type Item = Result<O::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(error) = this.failure.take() {
                return Poll::Ready(Some(Err(error)));
            }
            let Some(position) = this.next.clone() else { return Poll::Ready(None) };
            let mut future = this.page.take().unwrap_or_else(|| this.request_page(&position));
            let Poll::Ready(page) = future.as_mut().poll(context) else {
                this.page = Some(future);
                return Poll::Pending;
            };
            this.next = None;
            this.failure = page.and_then(|page| this.take_page(&position, page)).err();
        }
    }
}
