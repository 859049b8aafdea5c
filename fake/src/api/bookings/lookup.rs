//! Looks up the booking of a request, and checks the permission of its caller.

use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State};

/// The error of most routes for an unknown uid.
pub(super) fn unknown_booking(uid: &str) -> Reply {
    Reply::exception(404, format!("Booking with uid={uid} was not found in the database"))
}

/// The booking of the path, if the caller may manage it. An unknown booking gives the same error.
pub(super) fn managed_booking(state: &State, request: &Request) -> Result<Booking, Reply> {
    let uid = request.param("bookingUid");
    let user = request.user().unwrap_or_default();
    let booking = state.booking(uid).filter(|booking| booking.host == user);
    booking.cloned().ok_or_else(|| {
        let message = format!("BookingPbacGuard - user with id={user} does not have access to booking with uid={uid}");
        Reply::exception(403, message)
    })
}
