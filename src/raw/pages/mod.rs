//! Lists that are read page by page.

mod page_end;
mod recent;
mod recent_keys;
mod stream;

use std::fmt;

use serde::de::DeserializeOwned;

pub(crate) use page_end::PageProgress;
pub(crate) use recent::RecentTexts;
pub use stream::PageStream;

/// An operation whose response is one page of a list. It is implemented for the operations that the document pages, and
/// gives their requests the method [`stream`](super::Request::stream).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::raw::{PageStream, Paged};
///
/// /// Counts the items of any list.
/// async fn count<O: Paged>(mut items: PageStream<O>) -> calcom::Result<usize> {
///     Ok(items.try_collect().await?.len())
/// }
/// println!("{}", count(client.raw().list_webhooks().stream()).await?);
/// # Ok(()) }
/// ```
pub trait Paged: fmt::Debug + Sized + 'static {
    /// The response.
    type Page: DeserializeOwned + Clone + Send + Sync + 'static;
    /// One item of the list.
    type Item: Send + 'static;

    /// The items of a page.
    #[doc(hidden)]
    fn items(page: Self::Page) -> Vec<Self::Item>;
}
