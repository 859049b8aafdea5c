//! Which booking a request means, and whether its caller may.

use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State};

/// The refusal of an unknown uid, as most routes put it.
pub(super) fn unknown(uid: &str) -> Reply {
    Reply::exception(404, format!("Booking with uid={uid} was not found in the database"))
}

/// The booking of the path, if the caller may look after it; one that is not there is refused likewise.
pub(super) fn attended(state: &State, request: &Request) -> Result<Booking, Reply> {
    let uid = request.param("bookingUid");
    let user = request.user().unwrap_or_default();
    let booking = state.booking(uid).filter(|booking| booking.host == user);
    booking.cloned().ok_or_else(|| {
        let message = format!("BookingPbacGuard - user with id={user} does not have access to booking with uid={uid}");
        Reply::exception(403, message)
    })
}
