//! Methods for each area of the API, such as bookings, slots, event types, schedules, webhooks, teams and organizations.
//!
//! A [`Client`](crate::Client) returns a handle for each area. A handle is cheap to make and to clone.
//!
//! ```no_run
//! # async fn example(client: calcom::Client) -> calcom::Result<()> {
//! let event_type = client.event_types().find("johndoe", "30min").await?;
//! let booking = client.bookings().get("kgiKeoVgk6NpALrVxDhWeY").await?;
//! let me = client.me().get().await?;
//! println!("{} reads {:?} and {:?}", me.id, booking, event_type);
//! # Ok(()) }
//! ```
//!
//! Methods take and return the types of [`model`](crate::model). A response can have [either
//! form](crate::model#the-two-forms-of-json): the wire form is tried first, then the documented form. Operations without a
//! method in the facade are in [`Client::raw`](crate::Client::raw).

// The shared functions decode a response into a documented type. Requests, and the meaning of a method, are left to the areas.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Error, Result,
    generated::Decoded,
    model::{FromWire, InvalidValue, PathKey, RawValueRef},
    operation::Operation,
    pipeline::{
        ApiResponse, DecodeFailure, PartialList, PartsIn, decode_error, invalid_value, observe::failure_event,
        read_body,
    },
    raw::Request,
    redact::without_value,
    state::cached_response::SMALL_VALUE_BYTES,
};

#[cfg(feature = "api-keys")]
mod api_keys;
#[cfg(feature = "bookings")]
mod bookings;
#[cfg(feature = "calendars")]
mod calendars;
#[cfg(any(feature = "conferencing", feature = "organization-teams"))]
mod conferencing;
#[cfg(feature = "credits")]
mod credits;
#[cfg(feature = "event-types")]
mod event_types;
#[cfg(feature = "insights")]
mod insights;
mod items;
mod list;
#[cfg(feature = "me")]
mod me;
#[cfg(feature = "organizations")]
mod organizations;
#[cfg(any(feature = "organizations", feature = "out-of-office", feature = "teams"))]
mod out_of_office;
#[cfg(feature = "platform")]
mod platform;
#[cfg(any(feature = "organizations", feature = "teams"))]
mod routed;
#[cfg(feature = "schedules")]
mod schedules;
mod setters;
#[cfg(feature = "slots")]
mod slots;
#[cfg(feature = "teams")]
mod teams;
#[cfg(any(feature = "teams", feature = "verified-resources"))]
mod verified_resources;
#[cfg(feature = "webhook-subscriptions")]
mod webhooks;

#[cfg(feature = "api-keys")]
pub use api_keys::{ApiKeys, RefreshApiKey};
#[cfg(all(feature = "bookings", any(feature = "organizations", feature = "teams")))]
pub use bookings::BookingList;
#[cfg(feature = "bookings")]
pub use bookings::{BookingFilter, BookingSort, BookingStream, Bookings, Page};
#[cfg(feature = "calendars")]
pub use calendars::{CalendarConnectionApi, Calendars};
#[cfg(any(feature = "conferencing", feature = "organization-teams"))]
pub use conferencing::Conferencing;
#[cfg(feature = "credits")]
pub use credits::Credits;
#[cfg(feature = "event-types")]
pub use event_types::{BookingForm, EventTypeFilter, EventTypeInput, EventTypes};
#[cfg(feature = "insights")]
pub use insights::Insights;
pub use items::ItemStream;
pub use list::List;
#[cfg(feature = "me")]
pub use me::{Me, UpdateUser};
#[cfg(all(feature = "organizations", feature = "schedules"))]
pub use organizations::UserSchedules;
#[cfg(feature = "organizations")]
pub use organizations::{
    Attributes, OrganizationApi, OrganizationMemberships, OrganizationOutOfOffice, OrganizationTeams,
    OrganizationUserApi, OrganizationUserFilter, OrganizationUsers, RoutingFormFilter, RoutingForms, UserConferencing,
};
#[cfg(any(feature = "organizations", feature = "out-of-office", feature = "teams"))]
pub use out_of_office::{OutOfOffice, OutOfOfficeFilter};
#[cfg(feature = "platform")]
pub use platform::{ManagedUserFilter, ManagedUserTokens, ManagedUsers, Platform, PlatformClients};
#[cfg(feature = "schedules")]
pub use schedules::Schedules;
#[cfg(feature = "slots")]
pub use slots::SlotsApi;
#[cfg(feature = "teams")]
pub use teams::{TeamApi, TeamMembers, Teams};
#[cfg(all(feature = "event-types", feature = "teams"))]
pub use teams::{TeamEventTypeFilter, TeamEventTypes};
#[cfg(any(feature = "teams", feature = "verified-resources"))]
pub use verified_resources::VerifiedResources;
#[cfg(feature = "webhook-subscriptions")]
pub use webhooks::Webhooks;

/// Names the operation in the error of a check that comes before its request, and reports it as that of a failed call.
pub(crate) trait CheckBefore<T> {
    /// The value, or the error of `operation`.
    fn before(self, operation: &'static str) -> Result<T>;
}

impl<T, E: Into<Error>> CheckBefore<T> for Result<T, E> {
    fn before(self, operation: &'static str) -> Result<T> {
        debug_assert!(Operation::find(operation).is_some(), "{operation}");
        self.map_err(|error| error.into().of_operation(operation)).inspect_err(failure_event)
    }
}

/// `{status, data}` in the documented form. It is decoded for its error, which has the path of the invalid value.
#[derive(Deserialize)]
struct DocumentedEnvelope<D> {
    #[allow(dead_code)]
    data: D,
}

/// Sends a request and returns the documented type of its response: from the wire form, of which `data` returns the value, or
/// from the documented form.
pub(crate) fn fetch<R: Decoded, O, D: FromWire>(
    request: Request<R, O>,
    data: impl Fn(R::Parts) -> D::Wire + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    send_and_decode(request, move |value, extra| Ok(D::from_wire(data(value), extra.key(PathKey::Data))))
}

/// As [`fetch`], for a generated type that is more than an envelope.
pub(crate) fn fetch_with<R: Decoded, O, D: FromWire>(
    request: Request<R, O>,
    wire: impl Fn(R::Parts, &RawValueRef) -> D + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    send_and_decode(request, move |value, extra| Ok(wire(value, &extra)))
}

/// As [`fetch_with`], for a response that can lack a required value.
pub(crate) fn try_fetch_with<R: Decoded, O, D: FromWire>(
    request: Request<R, O>,
    wire: impl Fn(R::Parts, &RawValueRef) -> Result<D, InvalidValue> + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    send_and_decode(request, move |value, extra| wire(value, &extra))
}

/// As [`fetch`], for a wire form with texts that have to parse: a time, a date, a weekday.
pub(crate) fn try_fetch<R: Decoded, O, D: FromWire>(
    request: Request<R, O>,
    data: impl Fn(R::Parts) -> Result<D::Wire, InvalidValue> + Send + Sync,
) -> impl Future<Output = Result<D>> + Send {
    send_and_decode(request, move |value, extra| Ok(D::from_wire(data(value)?, extra.key(PathKey::Data))))
}

/// As [`fetch`], but tries `whole` first.
pub(crate) async fn fetch_by<R: Decoded, O, D: FromWire>(
    request: Request<R, O>,
    whole: fn(&Bytes) -> Option<D>,
    data: impl Fn(R::Parts) -> D::Wire + Send + Sync,
) -> Result<D> {
    let from_wire = move |value, extra: RawValueRef| Ok(D::from_wire(data(value), extra.key(PathKey::Data)));
    let read = |response: &ApiResponse| {
        cached_or_decode(response, || {
            response.decode_with(whole).map_or_else(|| decode_response(response, &from_wire), Ok)
        })
    };
    request.send(read).await.map(|(found, _)| found)
}

/// Sends a request, and decodes its response unless the cache holds the decoded value.
async fn send_and_decode<R: Decoded, O, D: FromWire>(
    request: Request<R, O>,
    from_wire: impl Fn(R::Parts, RawValueRef) -> Result<D, InvalidValue>,
) -> Result<D> {
    let read = |response: &ApiResponse| cached_or_decode(response, || decode_response(response, &from_wire));
    request.send(read).await.map(|(found, _)| found)
}

/// Decodes the documented type from either form, or from a list of which some items cannot be read.
fn decode_response<R: DeserializeOwned, D: FromWire>(
    response: &ApiResponse,
    from_wire: &impl Fn(R, RawValueRef) -> Result<D, InvalidValue>,
) -> Result<D> {
    let error = match response.decode::<R>() {
        Ok(value) => match from_wire(value, RawValueRef::of_body(response.body.clone())) {
            Ok(found) => return Ok(found),
            Err(text) => invalid_value(response, &text.path, format!("expected {}", text.expected)),
        },
        Err(error) => error,
    };
    decode_documented(&response.body)
        .or_else(|| decode_readable_items(response, from_wire))
        .or_else(|| decode_readable_documented_items(response))
        .ok_or(error)
}

/// Decodes the documented type from a list of which some items cannot be read, or from a resource of which parts cannot be
/// read.
fn decode_readable_items<R: DeserializeOwned, D: FromWire>(
    response: &ApiResponse,
    from_wire: &impl Fn(R, RawValueRef) -> Result<D, InvalidValue>,
) -> Option<D> {
    let read = |body: Bytes| {
        let value = read_body::<R>(&body)?;
        from_wire(value, RawValueRef::of_body(body))
            .map_err(|text| DecodeFailure::new(text.path, format!("expected {}", text.expected)))
    };
    match response.operation?.items {
        Some(items) => attach_unread_items(response.read_items(items, PartsIn::Value, read)?),
        None => attach_unread_items(response.read_parts(PartsIn::Value, read)?),
    }
}

/// Decodes the documented type from a list in the documented form of which some items cannot be read.
fn decode_readable_documented_items<D: FromWire>(response: &ApiResponse) -> Option<D> {
    let read = |body: Bytes| {
        let extra = RawValueRef::of_body(body).key(PathKey::Data);
        read_documented_or_first_version(extra.value().unwrap_or(&Value::Null), &extra)
            .map_err(|error| misread_item(&error))
    };
    attach_unread_items(response.read_items(D::DOCUMENTED_ITEMS?, PartsIn::Value, read)?)
}

/// The path is empty, because the list adds it; the message shows no value.
fn misread_item(error: &serde_json::Error) -> DecodeFailure {
    DecodeFailure::new(String::new(), without_value(error).unwrap_or_else(|| "a value of the wrong form".to_owned()))
}

fn attach_unread_items<D: FromWire>(items: PartialList<D>) -> Option<D> {
    let PartialList { mut value, read, unread } = items;
    value.attach_unread(unread, read).then_some(value)
}

/// Sends a request whose response has the documented form, and returns its documented type.
pub(crate) async fn fetch_documented<R, O, D: FromWire + DeserializeOwned>(request: Request<R, O>) -> Result<D> {
    let read = |response: &ApiResponse| {
        cached_or_decode(response, || {
            decode_documented(&response.body)
                .or_else(|| decode_readable_documented_items(response))
                .ok_or_else(|| decode_error::<DocumentedEnvelope<D>>(response))
        })
    };
    request.send(read).await.map(|(found, _)| found)
}

/// The longest body of a small value. Decoding it once more costs less than a copy for hits that may never come.
const MAX_SMALL_BODY_BYTES: usize = 4 << 10;

/// Returns the decoded value from the cache, or the result of `decode`, which is then cached. A small value is cached at the
/// first hit; the cache has reserved its bytes.
fn cached_or_decode<D: FromWire>(response: &ApiResponse, decode: impl FnOnce() -> Result<D>) -> Result<D> {
    if let Some(known) = response.cached_value::<D>() {
        return Ok((*known).clone());
    }
    let found = decode()?;
    if response.cached.is_none() {
        return Ok(found);
    }
    let bytes = found.approximate_bytes();
    let is_small = bytes <= SMALL_VALUE_BYTES && response.body.len() <= MAX_SMALL_BODY_BYTES;
    if !is_small || response.is_from_cache() {
        response.cache_value(bytes, || Arc::new(found.clone()));
    }
    Ok(found)
}

/// Decodes the documented type from a body that is not in the wire form.
fn decode_documented<D: FromWire>(body: &Bytes) -> Option<D> {
    let extra = RawValueRef::of_body(body.clone()).key(PathKey::Data);
    read_documented_or_first_version(extra.value()?, &extra).ok()
}

/// Reads the form of the service's first version, or the documented form.
fn read_documented_or_first_version<D: FromWire>(
    json: &Value,
    extra: &RawValueRef,
) -> std::result::Result<D, serde_json::Error> {
    D::from_first_version(json, extra).map_or_else(|| D::from_documented(json, extra), Ok)
}
