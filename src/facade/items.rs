//! Lists that are read page by page: all items, or one after the other as a stream.

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Result,
    facade::List,
    raw::{PageStream, Paged, Request, UnreadItem},
};

/// A stream of the items of a list, each once, page by page.
///
/// It implements [`Stream`], and has [`next`](Self::next) and [`try_collect`](Self::try_collect) without an import. It ends at
/// the first page that is not full or has no new item. An error ends the stream.
///
/// ```no_run
/// # #[cfg(feature = "out-of-office")]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::facade::OutOfOfficeFilter;
///
/// let mut entries = client.out_of_office().stream(&OutOfOfficeFilter::default());
/// while let Some(entry) = entries.next().await {
///     println!("{}", entry?.start);
/// }
/// println!("{} could not be read", entries.unread().len());
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct ItemStream<T> {
    pages: Box<dyn ItemPages<T>>,
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream").finish_non_exhaustive()
    }
}

/// The pages of a list.
trait ItemPages<T>: Stream<Item = Result<T>> + Send + Unpin {
    fn unread(&self) -> &[UnreadItem];
}

impl<T: PageItem> ItemPages<T> for PageStream<ItemsOf<T>> {
    fn unread(&self) -> &[UnreadItem] {
        Self::unread(self)
    }
}

/// An item of a page.
pub(super) trait PageItem: DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> PageItem for T {}

/// The operation of a list whose items are read as `T`.
struct ItemsOf<T>(PhantomData<T>);

impl<T> fmt::Debug for ItemsOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemsOf")
    }
}

/// A response with the items in `data`.
#[derive(Clone, Deserialize)]
struct ItemsPage<T> {
    data: Vec<T>,
}

impl<T: PageItem> Paged for ItemsOf<T> {
    type Page = ItemsPage<T>;
    type Item = T;

    fn items(page: ItemsPage<T>) -> Vec<T> {
        page.data
    }
}

/// Streams the items of a list as `T`.
pub(super) fn stream_items<T: PageItem, R, O>(request: Request<R, O>) -> ItemStream<T> {
    ItemStream { pages: Box::new(request.retyped::<ItemsPage<T>, ItemsOf<T>>().stream().ending_at_short_page()) }
}

/// Reads a list as `T`, all of its pages.
pub(super) async fn collect_items<T: PageItem, R, O>(request: Request<R, O>) -> Result<List<T>> {
    stream_items(request).try_collect().await
}

/// As [`ItemsOf`], for a list in `data` of the value in `data`.
#[cfg(feature = "insights")]
struct NestedItemsOf<T>(PhantomData<T>);

#[cfg(feature = "insights")]
impl<T> fmt::Debug for NestedItemsOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NestedItemsOf")
    }
}

#[cfg(feature = "insights")]
impl<T: PageItem> ItemPages<T> for PageStream<NestedItemsOf<T>> {
    fn unread(&self) -> &[UnreadItem] {
        Self::unread(self)
    }
}

#[cfg(feature = "insights")]
impl<T: PageItem> Paged for NestedItemsOf<T> {
    type Page = DataOf<ItemsPage<T>>;
    type Item = T;

    fn items(page: Self::Page) -> Vec<T> {
        page.data.data
    }
}

/// Streams the items of a list in `data` of the value in `data`.
#[cfg(feature = "insights")]
pub(super) fn stream_nested_items<T: PageItem, R, O>(request: Request<R, O>) -> ItemStream<T> {
    let request = request.retyped::<DataOf<ItemsPage<T>>, NestedItemsOf<T>>();
    ItemStream { pages: Box::new(request.stream().ending_at_short_page()) }
}

/// A response with a value in `data`.
#[derive(Clone, Deserialize)]
struct DataOf<T> {
    data: T,
}

/// Reads `data` of a response as `T`, in the form that `T` is read from by itself.
pub(super) async fn fetch_read<T: PageItem, R, O>(request: Request<R, O>) -> Result<T> {
    request.retyped::<DataOf<T>, ()>().await.map(|response| response.into_inner().data)
}

impl<T> ItemStream<T> {
    /// Returns the next item; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The items that could not be read so far, at most 1,000. The stream continues after them.
    #[must_use]
    pub fn unread(&self) -> &[UnreadItem] {
        self.pages.unread()
    }

    /// Collects all remaining items in one list, with [those that could not be read](List::unread).
    ///
    /// # Errors
    ///
    /// The first failure; items before it are lost.
    pub async fn try_collect(mut self) -> Result<List<T>> {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
        }
        Ok(List::new(items, self.pages.unread().to_vec()))
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.pages).poll_next(context)
    }
}
