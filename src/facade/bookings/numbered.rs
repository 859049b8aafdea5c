//! Lists of bookings that are paged by number on both services: those of teams.

use super::{Page, list::PartialPage};
use crate::{
    Result,
    facade::try_fetch_with,
    model::{FromWire, InvalidValue, PathKey},
    raw::{Request, types},
};

/// Reads one page, which begins after `skip` bookings.
pub(crate) async fn list_numbered_bookings<O>(
    request: Request<types::BookingNumberedListResponse, O>,
    skip: u32,
) -> Result<Page<crate::model::Booking>> {
    let found = try_fetch_with(request, |answer, extra| {
        let pagination = answer.pagination.ok_or_else(|| InvalidValue::new("pagination", "an object"))?;
        let has_next = pagination.has_next_page.ok_or_else(|| InvalidValue::new("pagination.hasNextPage", "a flag"))?;
        let page = PartialPage::from_wire(answer.data, extra.key(PathKey::Data));
        let received = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        let total = pagination.total_items.and_then(|total| u64::try_from(total).ok());
        Ok(PartialPage { received, total, has_next, filtered: true, ..page })
    });
    let PartialPage { items, received, total, has_next, unread, .. } = found.await?;
    let next_skip = (received > 0 && has_next).then_some(skip.saturating_add(received));
    Ok(Page { items, total, next_skip, next_cursor: None, unread })
}
