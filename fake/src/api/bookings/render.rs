//! A booking in the form of version 2024-08-13: plain, of a series, or with seats.

use serde_json::{Map, Value, json};

use super::super::super::reply::millis;
use super::super::super::state::{Attendee, Booking, State, User};

/// The booking as `viewer` sees it. A booking with seats can hide its attendees from all users except the host.
pub(crate) fn render_for(state: &State, booking: &Booking, viewer: Option<i64>) -> Value {
    let mut shown = booking_value(state, booking);
    let hides = state.event_type(booking.event_type).and_then(|event| event.seats).is_some_and(|s| !s.show_attendees);
    if booking.seated && hides && viewer != Some(booking.host) {
        shown["attendees"] = json!([]);
    }
    shown
}

/// The response to create and reschedule, which has additional fields. `first` is false for a seat in an existing booking.
pub(super) fn answer(
    state: &State,
    booking: &Booking,
    viewer: Option<i64>,
    seat_uid: Option<&str>,
    first: bool,
) -> Value {
    let mut shown = render_for(state, booking, viewer);
    if let Some(seat_uid) = seat_uid {
        shown["seatUid"] = seat_uid.into();
    }
    if first {
        shown["isPlatformManagedUserBooking"] = json!(false);
    }
    shown
}

fn booking_value(state: &State, booking: &Booking) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    let is_row = booking.recurring.is_some();
    put("id", booking.id.into());
    put("uid", booking.uid.clone().into());
    put("title", booking.title.clone().into());
    put("description", if booking.seated { Value::Null } else { booking.description.clone().into() });
    put("hosts", json!([host(state, booking)]));
    put("status", booking.status.lower().into());
    put("cancellationReason", booking.cancellation_reason.clone().unwrap_or_default().into());
    if !booking.seated {
        put("cancelledByEmail", booking.cancelled_by.clone().unwrap_or_default().into());
    }
    if let Some(reason) = &booking.rescheduling_reason {
        put("reschedulingReason", reason.clone().into());
    }
    if !is_row {
        put("rescheduledByEmail", booking.rescheduled_by.clone().into());
    }
    if let Some(uid) = &booking.from_uid {
        put("rescheduledFromUid", uid.clone().into());
    }
    if let Some(uid) = booking.to_uid.as_ref().filter(|_| !is_row) {
        put("rescheduledToUid", uid.clone().into());
    }
    put("start", millis(booking.start).into());
    put("end", millis(booking.end).into());
    put("duration", booking.minutes().into());
    put("eventTypeId", booking.event_type.into());
    let slug = state.event_type(booking.event_type).map(|event| event.slug.as_str());
    put("eventType", json!({ "id": booking.event_type, "slug": slug }));
    put("meetingUrl", booking.location.clone().into());
    put("location", booking.location.clone().into());
    put("absentHost", booking.absent_host.into());
    put("createdAt", millis(booking.created).into());
    put("updatedAt", millis(booking.updated).into());
    put("rating", Value::Null);
    put("icsUid", booking.ics_uid.clone().into());
    let others = booking.other_hosts.iter().filter_map(|id| state.user(*id)).map(other_host);
    put("attendees", booking.attendees.iter().map(attendee).chain(others).collect::<Vec<_>>().into());
    if let Some(uid) = &booking.recurring {
        put("recurringBookingUid", uid.clone().into());
    }
    if !booking.seated {
        put("metadata", booking.metadata.clone().into());
        let guests = booking.guests();
        if !guests.is_empty() {
            put("guests", guests.into());
        }
        put("bookingFieldsResponses", responses(booking));
    }
    Value::Object(shown)
}

fn host(state: &State, booking: &Booking) -> Value {
    match state.user(booking.host) {
        Some(user) => json!({
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "displayEmail": user.email,
            "username": user.username,
            "timeZone": user.time_zone,
        }),
        None => json!({ "id": "unknown", "name": "unknown", "email": "unknown", "username": "unknown" }),
    }
}

/// A host beside the one who is shown as such.
fn other_host(user: &User) -> Value {
    json!({
        "name": user.name,
        "email": user.email,
        "displayEmail": user.email,
        "timeZone": user.time_zone,
        "language": user.locale,
        "absent": false,
    })
}

pub(super) fn attendee(attendee: &Attendee) -> Value {
    let mut shown = json!({
        "name": attendee.name,
        "email": attendee.email,
        "displayEmail": attendee.email,
        "timeZone": attendee.time_zone,
        "language": attendee.language,
        "absent": attendee.absent,
    });
    if let Some(phone) = attendee.phone.as_ref().filter(|_| attendee.seat.is_none()) {
        shown["phoneNumber"] = phone.clone().into();
    }
    if let Some(seat) = &attendee.seat {
        shown["seatUid"] = seat.uid.clone().into();
        shown["bookingFieldsResponses"] = seat.responses.clone().into();
        shown["metadata"] = seat.metadata.clone().into();
    }
    shown
}

fn responses(booking: &Booking) -> Value {
    let mut shown = booking.responses.clone();
    if let Some(email) = shown.get("email").cloned() {
        shown.insert("displayEmail".to_owned(), email);
    }
    if let Some(guests) = shown.get("guests").cloned() {
        shown.insert("displayGuests".to_owned(), guests);
    }
    shown.into()
}
