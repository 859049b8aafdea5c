//! Bookings that no response shows, and that must have been there.

use calcom_fake::__conformance::{
    Attendee, Booking, BookingStatus, EventType, IdKind, RecordedExchange, Seat, State, plus_minutes,
};
use jiff::Timestamp;
use serde_json::Map;

use super::tally::{Tally, count};

/// The first id of invented bookings.
pub(super) const FIRST_INVENTED_ID: i64 = 1_000_000;

/// Adds a booking that takes the slot.
pub(super) fn add_blocking_booking(
    state: &mut State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    email: Option<&str>,
    tally: &mut Tally,
) {
    let now = state.now();
    let id = state.ids.number(IdKind::Booking) + 2 * FIRST_INVENTED_ID;
    let seated = event.seats.is_some();
    let seat = seated.then(|| Seat { uid: state.ids.uuid(IdKind::Seat), responses: Map::new(), metadata: Map::new() });
    let attendee = Attendee {
        id: state.ids.number(IdKind::Attendee),
        name: String::new(),
        email: email.unwrap_or("somebody@example.org").to_owned(),
        time_zone: "UTC".to_owned(),
        language: "en".to_owned(),
        phone: None,
        absent: false,
        seat,
    };
    state.bookings.push(Booking {
        id,
        uid: format!("given-{id}"),
        ics_uid: String::new(),
        event_type: event.id,
        host: event.owner,
        other_hosts: Vec::new(),
        title: event.title.clone(),
        description: String::new(),
        start,
        end,
        status: BookingStatus::Accepted,
        location: None,
        metadata: Map::new(),
        attendees: vec![attendee],
        responses: Map::new(),
        seated,
        recurring: None,
        cancellation_reason: None,
        cancelled_by: None,
        rejection_reason: None,
        rescheduling_reason: None,
        rescheduled_by: None,
        from_uid: None,
        to_uid: None,
        absent_host: false,
        reschedule_requested: false,
        created: now,
        updated: now,
    });
    count(tally, "a taken slot");
}

/// Adds a booking with a video call, of which only the uid is known.
pub(super) fn invent_call(state: &mut State, uid: &str, exchange: &RecordedExchange) {
    let Some(event) = state.event_types.first().cloned() else { return };
    let start = exchange.at;
    add_blocking_booking(state, &event, start, plus_minutes(start, 30), None, &mut Tally::new());
    if let Some(booking) = state.bookings.last_mut() {
        booking.uid = uid.to_owned();
        booking.location = Some("integrations:daily".to_owned());
    }
}
