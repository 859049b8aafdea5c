//! A page of a list.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{model::ToWireJson, raw::UnreadItem};

/// One page of a list, with the position of the next one.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::facade::BookingFilter;
///
/// let mut filter = BookingFilter::default().take(50u32);
/// loop {
///     let page = client.bookings().list(&filter).await?;
///     println!("{} of {:?}, {} could not be read", page.items.len(), page.total, page.unread.len());
///     // Self-hosted servers page by offset, the hosted service by cursor. The last page has neither.
///     (filter.skip, filter.cursor) = (page.next_skip, page.next_cursor);
///     if filter.skip.is_none() && filter.cursor.is_none() {
///         break;
///     }
/// }
/// # Ok(()) }
/// ```
///
/// serde writes all fields, with the items in the [documented form](crate::model#the-two-forms-of-json);
/// [`to_wire_json`](ToWireJson::to_wire_json) with the items as the service sent them. serde reads both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The number of items on all pages; `None` if the service does not count them (the hosted service).
    pub total: Option<u64>,
    /// The number of items to skip for the next page; `None` for the last page, and on the hosted service.
    pub next_skip: Option<u32>,
    /// The cursor of the next page on the hosted service; `None` for the last page, and on self-hosted servers.
    pub next_cursor: Option<String>,
    /// The items of the page that could not be read. The others are in [`items`](Self::items).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadItem>,
}

impl<T: ToWireJson> ToWireJson for Page<T> {
    fn to_wire_json(&self) -> Value {
        let page = Page {
            items: self.items.iter().map(T::to_wire_json).collect::<Vec<Value>>(),
            total: self.total,
            next_skip: self.next_skip,
            next_cursor: self.next_cursor.clone(),
            unread: self.unread.clone(),
        };
        serde_json::to_value(page).unwrap_or_default()
    }
}
