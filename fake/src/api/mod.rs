//! The handlers, an area a module, and the routes of each.

pub(crate) mod api_keys;
pub(crate) mod bookings;
pub(crate) mod calendars;
pub(crate) mod conferencing;
pub(crate) mod elsewhere;
pub(crate) mod event_types;
pub(crate) mod me;
pub(crate) mod oauth2;
pub(crate) mod schedules;
pub(crate) mod slots;
pub(crate) mod verified;
pub(crate) mod webhooks;

use super::pace::Outcome;
use super::reply::Reply;
use super::route::Route;

/// All routes; where two fit, the first counts.
pub(crate) fn tables() -> &'static [&'static [Route]] {
    &[
        me::ROUTES,
        api_keys::ROUTES,
        event_types::ROUTES,
        schedules::ROUTES,
        slots::ROUTES,
        bookings::ROUTES,
        webhooks::ROUTES,
        calendars::ROUTES,
        conferencing::ROUTES,
        verified::ROUTES,
        oauth2::ROUTES,
        elsewhere::ROUTES,
    ]
}

/// A handler may end early with the answer that refuses.
pub(crate) fn finish(result: Result<Reply, Reply>) -> Outcome {
    match result {
        Ok(reply) | Err(reply) => reply.into(),
    }
}

/// The refusal of a path parameter that is not a number.
pub(crate) fn id_of(request: &super::exchange::Request, name: &str) -> Result<i64, Reply> {
    request.id_param(name).ok_or_else(Reply::internal)
}
