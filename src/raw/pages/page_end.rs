//! The end of a page: the position of the next one, as the response says, and whether the list continues at it.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

use crate::{Error, operation::PageKind};

/// A list that pages by cursor ends after this number of consecutive pages without a new item: the service may filter them. A
/// list that pages by offset ends after the first.
const MAX_IDLE_PAGES: u32 = 20;

/// The position of a page in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PagePosition {
    /// The number of items before it.
    Offset(u64),
    /// The cursor that the page before it has; `None` for the first page.
    Cursor(Option<String>),
}

/// What a response says of its page. Every field is optional: services differ, and older ones send fewer.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PageInfo {
    #[serde(deserialize_with = "cursor")]
    next_cursor: Option<NextCursor>,
    #[serde(deserialize_with = "lenient")]
    has_more: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    has_next_page: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    total_items: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    total: Option<u64>,
}

/// The cursor of the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NextCursor {
    Text(String),
    /// A value that cannot be sent.
    OtherKind,
}

fn cursor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NextCursor>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(NextCursor::Text(text)),
        _ => Some(NextCursor::OtherKind),
    })
}

/// Reads a value of another type as `None`.
fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(deserializer)?).ok())
}

impl PageInfo {
    /// Reads the fields from `pagination`, from `meta`, or from `data` if the list is a field of it.
    pub(super) fn of(body: &[u8]) -> Self {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Body<'b> {
            #[serde(borrow)]
            pagination: Option<&'b RawValue>,
            #[serde(borrow)]
            meta: Option<&'b RawValue>,
            #[serde(borrow)]
            data: Option<&'b RawValue>,
        }

        let Body { pagination, meta, data } = serde_json::from_slice(body).unwrap_or_default();
        let data = data.filter(|data| data.get().starts_with('{'));
        let found = [pagination, meta, data].into_iter().flatten().map(|json| serde_json::from_str(json.get()));
        found.filter_map(Result::ok).fold(Self::default(), |known: Self, more: Self| Self {
            next_cursor: known.next_cursor.or(more.next_cursor),
            has_more: known.has_more.or(more.has_more),
            has_next_page: known.has_next_page.or(more.has_next_page),
            total_items: known.total_items.or(more.total_items),
            total: known.total.or(more.total),
        })
    }

    /// The number of items on all pages, if the service counts them.
    pub(super) fn total(&self) -> Option<u64> {
        self.total_items.or(self.total)
    }

    /// The position of the next page; `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if the response says that there is more and has no cursor, or if its cursor is no text.
    pub(super) fn next(&self, at: &PagePosition, received: usize) -> Result<Option<PagePosition>, Error> {
        match at {
            PagePosition::Offset(_) if received == 0 || self.has_next_page == Some(false) => Ok(None),
            PagePosition::Offset(skipped) => Ok(Some(PagePosition::Offset(skipped.saturating_add(received as u64)))),
            PagePosition::Cursor(cursor) => match &self.next_cursor {
                _ if self.has_more == Some(false) => Ok(None),
                // A cursor that leads to its own page.
                Some(NextCursor::Text(next)) if Some(next) == cursor.as_ref() => Ok(None),
                Some(NextCursor::Text(next)) if !next.is_empty() => Ok(Some(PagePosition::Cursor(Some(next.clone())))),
                Some(NextCursor::OtherKind) => Err(Error::empty("at `pagination.nextCursor`: a cursor is no text")),
                _ if self.has_more == Some(true) => {
                    Err(Error::empty("at `pagination.nextCursor`: a cursor is missing, although there are more items"))
                }
                _ => Ok(None),
            },
        }
    }
}

/// The number of consecutive pages without a new item.
#[derive(Debug, Default)]
pub(crate) struct PageProgress {
    idle_pages: u32,
}

impl PageProgress {
    /// Counts a page. Returns whether the list continues: a service that ignores the position repeats its items for ever.
    pub(crate) fn continues(&mut self, kind: PageKind, has_new: bool) -> bool {
        self.idle_pages = if has_new { 0 } else { self.idle_pages + 1 };
        let most = match kind {
            PageKind::Offset => 1,
            PageKind::Cursor => MAX_IDLE_PAGES,
        };
        self.idle_pages < most
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn next(body: Value, at: PagePosition, received: usize) -> Result<Option<PagePosition>, Error> {
        PageInfo::of(body.to_string().as_bytes()).next(&at, received)
    }

    #[test]
    fn an_offset_grows_by_the_items_of_the_page_until_one_is_empty_or_the_last() {
        let offset = PagePosition::Offset;
        for (body, received, expected) in [
            (json!({"data": []}), 3, Some(offset(10))),
            (json!({"data": []}), 0, None),
            (json!({"pagination": {"hasNextPage": true}}), 3, Some(offset(10))),
            (json!({"pagination": {"hasNextPage": false}}), 3, None),
            // Counters can count items that the filter drops.
            (json!({"pagination": {"hasNextPage": true, "totalItems": 99}}), 0, None),
            (json!({"pagination": {"hasNextPage": "false"}}), 3, Some(offset(10))),
            (json!({"pagination": 7}), 3, Some(offset(10))),
            (json!([]), 3, Some(offset(10))),
        ] {
            assert_eq!(next(body.clone(), offset(7), received).unwrap(), expected, "{body}");
        }
        assert_eq!(next(json!({}), offset(u64::MAX), 9).unwrap(), Some(offset(u64::MAX)));
    }

    #[test]
    fn a_cursor_is_read_wherever_the_service_has_it() {
        let cursor = |text: &str| PagePosition::Cursor(Some(text.to_owned()));
        for (body, expected) in [
            (json!({"pagination": {"nextCursor": "b", "hasMore": true}}), Some(cursor("b"))),
            (json!({"meta": {"nextCursor": "b"}, "data": []}), Some(cursor("b"))),
            (json!({"data": {"auditLogs": [], "nextCursor": "b", "hasMore": true}}), Some(cursor("b"))),
            (json!({"pagination": {"totalItems": 9}, "meta": {"nextCursor": "b", "hasMore": true}}), Some(cursor("b"))),
            (json!({"pagination": {"nextCursor": "b", "hasMore": false}}), None),
            (json!({"pagination": {"nextCursor": null, "hasMore": false}}), None),
            (json!({"pagination": {"nextCursor": ""}}), None),
            (json!({"pagination": {"nextCursor": "a", "hasMore": true}}), None),
            (json!({"data": []}), None),
        ] {
            assert_eq!(next(body.clone(), cursor("a"), 3).unwrap(), expected, "{body}");
        }
        for body in [
            json!({"pagination": {"hasMore": true}}),
            json!({"meta": {"hasMore": true, "nextCursor": 7}}),
            json!({"meta": {"nextCursor": {"id": 7}}}),
            json!({"data": {"auditLogs": [], "nextCursor": 7}}),
        ] {
            let error = next(body, cursor("a"), 3).unwrap_err();
            assert!(matches!(error, Error::Decode(..)) && error.to_string().contains("nextCursor"), "{error}");
        }
    }

    #[test]
    fn a_list_without_new_items_ends() {
        for (kind, most) in [(PageKind::Offset, 1), (PageKind::Cursor, MAX_IDLE_PAGES)] {
            let mut progress = PageProgress::default();
            for _ in 0..2 {
                assert!(progress.continues(kind, true));
                assert_eq!((1..=most).take_while(|_| progress.continues(kind, false)).count(), most as usize - 1);
            }
        }
    }
}
