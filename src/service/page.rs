//! A page of bookings with a check for items that could not be read: one of them may be the booking that is looked up.

use serde_json::Value;

use super::{IdempotencyKey, scope::LookupClient};

use crate::{
    Error, Result,
    facade::{BookingFilter, Page},
    model::Booking,
    raw::UnreadItem,
};

/// Reads one page by number. With a key, items that cannot be read and do not contain its text are ignored.
///
/// # Errors
///
/// [`Error::Decode`] for an item that could not be read and may have the key.
pub(super) async fn list_complete_page(
    client: &LookupClient,
    filter: &BookingFilter,
    key: Option<&IdempotencyKey>,
) -> Result<Page<Booking>> {
    let page = client.scope.list(client, filter).await?;
    match page.unread.iter().find(|item| key.is_none_or(|key| may_have_key(item, key))) {
        Some(item) => Err(Error::clone(&item.error)),
        None => Ok(page),
    }
}

fn may_have_key(item: &UnreadItem, key: &IdempotencyKey) -> bool {
    serde_json::from_str(&item.json).map_or(true, |json: Value| contains_text(&json, key.as_str()))
}

fn contains_text(json: &Value, text: &str) -> bool {
    match json {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| contains_text(item, text)),
        Value::Object(fields) => fields.values().any(|field| contains_text(field, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
