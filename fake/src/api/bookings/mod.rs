//! `/v2/bookings`, in the newer and the older versions.

mod attendees;
mod cancel;
mod confirm;
mod create;
mod cursor;
mod draft;
mod fields;
mod fixture;
mod input;
mod insert;
pub(crate) mod links;
pub(crate) mod list;
mod location;
pub(crate) mod lookup;
mod no_show;
mod offered_location;
mod old;
mod query;
mod reassign;
pub(crate) mod render;
mod request_reschedule;
mod reschedule;

use calcom::Contract;
use serde_json::Value;

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::State;
use super::super::version::Versions;
use super::handler::finish;

use lookup::unknown_booking;

pub(crate) use fixture::{BookingFixture, insert_fixture};

const NEW: Versions = Versions::ONLY_0813;
const OLD: Versions = Versions::UP_TO_0614;
const OPEN: AccessRule = AccessRule::Optional;
const CLOSED: AccessRule = AccessRule::Permission;

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_bookings", "GET", "/bookings", NEW, CLOSED, list::list),
    Route::new("create_booking", "POST", "/bookings", NEW, OPEN, create::create),
    Route::new("get_booking_by_seat", "GET", "/bookings/by-seat/{seatUid}", NEW, OPEN, get_by_seat),
    Route::new("get_booking", "GET", "/bookings/{bookingUid}", NEW, OPEN, get),
    Route::new("reschedule_booking", "POST", "/bookings/{bookingUid}/reschedule", NEW, OPEN, reschedule::reschedule),
    Route::new("cancel_booking", "POST", "/bookings/{bookingUid}/cancel", NEW, OPEN, cancel::cancel),
    Route::new("confirm_booking", "POST", "/bookings/{bookingUid}/confirm", NEW, CLOSED, confirm::confirm),
    Route::new("decline_booking", "POST", "/bookings/{bookingUid}/decline", NEW, CLOSED, confirm::decline),
    Route::new("mark_booking_absent", "POST", "/bookings/{bookingUid}/mark-absent", NEW, CLOSED, no_show::mark),
    Route::new("reassign_booking", "POST", "/bookings/{bookingUid}/reassign", NEW, CLOSED, reassign::reassign),
    Route::new(
        "reassign_booking_to_user",
        "POST",
        "/bookings/{bookingUid}/reassign/{userId}",
        NEW,
        CLOSED,
        reassign::reassign,
    ),
    Route::new(
        "request_booking_reschedule",
        "POST",
        "/bookings/{bookingUid}/request-reschedule",
        NEW,
        CLOSED,
        request_reschedule::request_reschedule,
    )
    .only_in(Contract::Hosted),
    Route::new("list_booking_attendees", "GET", "/bookings/{bookingUid}/attendees", NEW, CLOSED, attendees::list),
    Route::new("add_booking_attendee", "POST", "/bookings/{bookingUid}/attendees", NEW, CLOSED, attendees::add)
        .limited("booking_attendees_add", 5, 60),
    Route::new(
        "get_booking_attendee",
        "GET",
        "/bookings/{bookingUid}/attendees/{attendeeId}",
        NEW,
        CLOSED,
        attendees::get,
    ),
    Route::new(
        "remove_booking_attendee",
        "DELETE",
        "/bookings/{bookingUid}/attendees/{attendeeId}",
        NEW,
        CLOSED,
        attendees::remove,
    )
    .limited("booking_attendees_remove", 5, 60),
    Route::new("add_booking_guests", "POST", "/bookings/{bookingUid}/guests", NEW, CLOSED, attendees::add_guests)
        .limited("booking_guests_add", 5, 60),
    Route::new("update_booking_location", "PATCH", "/bookings/{bookingUid}/location", NEW, CLOSED, location::update)
        .limited("booking_location_update", 5, 60),
    Route::new(
        "list_booking_calendar_links",
        "GET",
        "/bookings/{bookingUid}/calendar-links",
        NEW,
        CLOSED,
        links::calendar_links,
    ),
    Route::new("list_booking_references", "GET", "/bookings/{bookingUid}/references", NEW, CLOSED, links::references),
    Route::new("list_booking_recordings", "GET", "/bookings/{bookingUid}/recordings", NEW, CLOSED, links::no_video),
    Route::new("list_booking_transcripts", "GET", "/bookings/{bookingUid}/transcripts", NEW, CLOSED, links::no_video),
    Route::new(
        "list_booking_sessions",
        "GET",
        "/bookings/{bookingUid}/conferencing-sessions",
        NEW,
        CLOSED,
        links::no_video,
    ),
    Route::new("list_bookings_old", "GET", "/bookings", OLD, CLOSED, old::list),
    Route::new("create_booking_old", "POST", "/bookings", OLD, OPEN, old::create),
    Route::new("create_recurring_booking_old", "POST", "/bookings/recurring", OLD, OPEN, old::create_recurring),
    Route::new("get_booking_old", "GET", "/bookings/{bookingUid}", OLD, OPEN, old::get),
    Route::new("cancel_booking_old", "POST", "/bookings/{bookingUid}/cancel", OLD, OPEN, old::cancel),
    Route::new("mark_no_show_old", "POST", "/bookings/{bookingUid}/mark-no-show", OLD, CLOSED, old::mark_no_show),
    Route::new(
        "get_booking_for_reschedule_old",
        "GET",
        "/bookings/{bookingUid}/reschedule",
        OLD,
        OPEN,
        old::get_for_reschedule,
    ),
];

fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_get(state, request))
}

fn try_get(state: &State, request: &Request) -> Result<Reply, Reply> {
    let uid = request.param("bookingUid");
    if let Some(booking) = state.booking(uid) {
        return Ok(Reply::ok(render::render_for(state, booking, request.user())));
    }
    let series = state.series(uid);
    if series.is_empty() {
        return Err(unknown_booking(uid));
    }
    Ok(Reply::ok(Value::Array(series.into_iter().map(|row| render::render_for(state, row, request.user())).collect())))
}

fn get_by_seat(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_get_by_seat(state, request))
}

fn try_get_by_seat(state: &State, request: &Request) -> Result<Reply, Reply> {
    let uid = request.param("seatUid");
    let booking = state
        .booking_of_seat(uid)
        .ok_or_else(|| Reply::exception(404, format!("Booking with seatUid={uid} was not found in the database")))?;
    let mut shown = render::render_for(state, booking, request.user());
    // A request by the uid of a seat shows that seat, even if attendees are hidden.
    if shown.get("attendees").and_then(Value::as_array).is_some_and(Vec::is_empty)
        && let Some(own) = booking.attendee_of_seat(uid)
    {
        shown["attendees"] = Value::Array(vec![render::attendee(own)]);
    }
    for host in shown.get_mut("hosts").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(host) = host.as_object_mut() {
            host.remove("timeZone");
        }
    }
    Ok(Reply::ok(shown))
}
