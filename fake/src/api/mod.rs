//! The handlers and routes, a module for each area.

pub(crate) mod api_keys;
pub(crate) mod booking_codes;
pub(crate) mod bookings;
mod calendar;
pub(crate) mod calendars;
pub(crate) mod conferencing;
pub(crate) mod event_types;
mod handler;
pub(crate) mod me;
pub(crate) mod oauth2;
pub(crate) mod out_of_office;
pub(crate) mod platform;
pub(crate) mod schedules;
pub(crate) mod slots;
pub(crate) mod teams;
pub(crate) mod unsupported;
pub(crate) mod verified;
pub(crate) mod webhooks;

use super::route::Route;

/// All routes. If two match, the first one is used.
pub(crate) fn tables() -> &'static [&'static [Route]] {
    &[
        me::ROUTES,
        teams::ROUTES,
        teams::organizations::ROUTES,
        teams::users::ROUTES,
        teams::assignments::ROUTES,
        teams::attributes::ROUTES,
        out_of_office::ROUTES,
        platform::ROUTES,
        api_keys::ROUTES,
        event_types::ROUTES,
        schedules::ROUTES,
        slots::ROUTES,
        booking_codes::ROUTES,
        bookings::ROUTES,
        webhooks::ROUTES,
        calendars::ROUTES,
        conferencing::ROUTES,
        verified::ROUTES,
        oauth2::ROUTES,
        unsupported::ROUTES,
    ]
}
