//! The facade: a module per area over the generated bindings, in the documented shapes.
//!
//! What is shared here is the way from an answer to a documented type. The bindings read the form that the service
//! speaks today; only where that fails, the same bytes are read once more in the
//! [documented form](crate::model#the-documented-interface). What goes out, and what a method means, is the business of
//! the areas.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result,
    model::{Extra, FromWire, InvalidValue, Key},
    pipeline::{ApiResponse, Misread, ReadItems, decode_error, invalid_value, read_body},
    raw::Request,
    redact::without_value,
};

#[cfg(feature = "api-keys")]
mod api_keys;
#[cfg(feature = "bookings")]
mod bookings;
#[cfg(feature = "event-types")]
mod event_types;
mod list;
#[cfg(feature = "me")]
mod me;
#[cfg(feature = "schedules")]
mod schedules;
mod setters;
#[cfg(feature = "slots")]
mod slots;
#[cfg(feature = "webhook-subscriptions")]
mod webhooks;

#[cfg(feature = "api-keys")]
pub use api_keys::{ApiKeys, RefreshApiKey};
#[cfg(feature = "bookings")]
pub use bookings::{BookingFilter, BookingPages, Bookings, Page, Sort};
#[cfg(feature = "event-types")]
pub use event_types::{EventTypeFilter, EventTypeInput, EventTypes};
pub use list::List;
#[cfg(feature = "me")]
pub use me::{Me, UserUpdate};
#[cfg(feature = "schedules")]
pub use schedules::Schedules;
#[cfg(feature = "slots")]
pub use slots::SlotFinder;
#[cfg(feature = "webhook-subscriptions")]
pub use webhooks::Webhooks;

/// `{status, data}` in the documented form; decoded for the error that says where it is not.
#[derive(Deserialize)]
struct Envelope<D> {
    #[allow(dead_code)]
    data: D,
}

/// The documented type in an answer: from today's form (`data` takes it out of the generated type), or from the
/// documented one.
pub(crate) fn read<R: DeserializeOwned, O, D: FromWire>(
    request: Request<R, O>,
    data: impl Fn(R) -> D::Wire + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, move |value, extra| Ok(D::from_wire(data(value), extra.key(Key::Data))))
}

/// As [`read`], where the generated type is more than an envelope.
pub(crate) fn read_with<R: DeserializeOwned, O, D: FromWire>(
    request: Request<R, O>,
    today: impl Fn(R, &Extra) -> D + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, move |value, extra| Ok(today(value, &extra)))
}

/// As [`read_with`], where the answer can lack what its form needs.
pub(crate) fn try_read_with<R: DeserializeOwned, O, D: FromWire>(
    request: Request<R, O>,
    today: impl Fn(R, &Extra) -> Result<D, InvalidValue> + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, move |value, extra| today(value, &extra))
}

/// As [`read`], where today's form holds texts that need not be what they stand for: a time, a date, a weekday.
pub(crate) fn try_read<R: DeserializeOwned, O, D: FromWire>(
    request: Request<R, O>,
    data: impl Fn(R) -> Result<D::Wire, InvalidValue> + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, move |value, extra| Ok(D::from_wire(data(value)?, extra.key(Key::Data))))
}

/// As [`read`], by `whole` if that can read the response.
pub(crate) async fn read_by<R: DeserializeOwned, O, D: FromWire>(
    request: Request<R, O>,
    whole: fn(&Bytes) -> Option<D>,
    data: impl Fn(R) -> D::Wire + Send + Sync,
) -> Result<D> {
    let from_wire = move |value, extra: Extra| Ok(D::from_wire(data(value), extra.key(Key::Data)));
    let read = |response: &ApiResponse| {
        known_or(response, || response.decode_with(whole).map_or_else(|| decoded(response, &from_wire), Ok))
    };
    request.send(read).await.map(|(found, _)| found)
}

/// Sends a request, and decodes its response unless the cache holds the decoded value.
async fn sent<R: DeserializeOwned, O, D: FromWire>(
    request: Request<R, O>,
    from_wire: impl Fn(R, Extra) -> Result<D, InvalidValue>,
) -> Result<D> {
    let read = |response: &ApiResponse| known_or(response, || decoded(response, &from_wire));
    request.send(read).await.map(|(found, _)| found)
}

/// The documented type in a response in either form, or in a list of which some items cannot be read.
fn decoded<R: DeserializeOwned, D: FromWire>(
    response: &ApiResponse,
    from_wire: &impl Fn(R, Extra) -> Result<D, InvalidValue>,
) -> Result<D> {
    let found = response.decode::<R>().and_then(|value| {
        from_wire(value, Extra::of(response.body.clone()))
            .map_err(|text| invalid_value(response, &text.path, format!("expected {}", text.expected)))
    });
    found.or_else(|error| {
        in_documented_form(&response.body)
            .or_else(|| without_unread(response, from_wire))
            .or_else(|| documented_without_unread(response))
            .ok_or(error)
    })
}

/// The documented type in a list of which some items cannot be read.
fn without_unread<R: DeserializeOwned, D: FromWire>(
    response: &ApiResponse,
    from_wire: &impl Fn(R, Extra) -> Result<D, InvalidValue>,
) -> Option<D> {
    let read = |body: Bytes| {
        let value = read_body::<R>(&body)?;
        from_wire(value, Extra::of(body)).map_err(|text| (text.path, format!("expected {}", text.expected)))
    };
    response.operation?.items.and_then(|items| with_unread(response.read_items(items, read)?))
}

/// The documented type in the documented form of a list of which some items cannot be read.
fn documented_without_unread<D: FromWire>(response: &ApiResponse) -> Option<D> {
    let read = |body: Bytes| {
        let extra = Extra::of(body).key(Key::Data);
        not_in_wire_form(extra.value().unwrap_or(&Value::Null), &extra).map_err(|error| misread(&error))
    };
    with_unread(response.read_items(D::DOCUMENTED_ITEMS?, read)?)
}

/// Where the value stood is known to the list; what it was is not told.
fn misread(error: &serde_json::Error) -> Misread {
    (String::new(), without_value(error).unwrap_or_else(|| "a value of the wrong form".to_owned()))
}

fn with_unread<D: FromWire>(items: ReadItems<D>) -> Option<D> {
    let ReadItems { mut value, read, unread } = items;
    value.attach_unread(unread, read).then_some(value)
}

/// The documented type in an answer that the service gives in the documented form today.
pub(crate) async fn read_documented<R, O, D: FromWire + DeserializeOwned>(request: Request<R, O>) -> Result<D> {
    let read = |response: &ApiResponse| {
        known_or(response, || {
            in_documented_form(&response.body)
                .or_else(|| documented_without_unread(response))
                .ok_or_else(|| decode_error::<Envelope<D>>(response))
        })
    };
    request.send(read).await.map(|(found, _)| found)
}

/// The value that the cache holds with the response, or what `decode` gives, which the cache then holds.
fn known_or<D: FromWire>(response: &ApiResponse, decode: impl FnOnce() -> Result<D>) -> Result<D> {
    if let Some(known) = response.cached_value::<D>() {
        return Ok((*known).clone());
    }
    let found = decode()?;
    response.cache_value(found.footprint(), || Arc::new(found.clone()));
    Ok(found)
}

/// The documented type in a body that is not in the wire form.
fn in_documented_form<D: FromWire>(body: &Bytes) -> Option<D> {
    let extra = Extra::of(body.clone()).key(Key::Data);
    not_in_wire_form(extra.value()?, &extra).ok()
}

/// The documented type in its own form, or in that of the service's first version.
fn not_in_wire_form<D: FromWire>(json: &Value, extra: &Extra) -> std::result::Result<D, serde_json::Error> {
    D::from_first_version(json, extra).map_or_else(|| D::from_documented(json, extra), Ok)
}
