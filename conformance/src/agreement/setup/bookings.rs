//! Adds the bookings that an exchange names or shows and the fake lacks.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    Facts,
    blocking::FIRST_INVENTED_ID,
    inferred::strings_under,
    observation::{Observation, nearest_observation},
    tally::{Tally, count},
};
use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::__conformance::{Attendee, Booking, BookingStatus, IdKind, Seat, State};

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn instant(value: &Value, name: &str) -> Option<Timestamp> {
    text(value, name).and_then(|text| text.parse().ok())
}

fn second_of(exchange: &RecordedExchange) -> Timestamp {
    Timestamp::from_second(exchange.at.as_second()).unwrap_or(exchange.at)
}

impl Facts {
    pub(super) fn add_bookings(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        for uid in self.named(exchange) {
            let unknown = exchange.response.status == 404 && exchange.response.message().contains(&uid);
            if state.booking(&uid).is_some() || unknown {
                continue;
            }
            if let Some(booking) = self.before(&uid, exchange, state) {
                let id = booking.id;
                if state.bookings.iter().all(|known| known.id != id) {
                    state.bookings.push(booking);
                    count(tally, "a booking");
                }
                state.ids.reserve(IdKind::Booking, id);
            }
        }
        if exchange.request.method == "GET" && exchange.request.path.ends_with("/bookings") {
            // Invented bookings are in no recorded list.
            state.bookings.retain(|booking| booking.id < FIRST_INVENTED_ID);
        }
        self.apply_later_writes(state, exchange, tally);
        state.bookings.sort_by_key(|booking| booking.id);
    }

    /// Applies a write that was not recorded: the response shows a booking that was updated later than the fake's.
    fn apply_later_writes(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        if !exchange.response.is_success() {
            return;
        }
        let target = exchange.request.path.split('/').nth(3).unwrap_or_default().to_owned();
        let reads = exchange.request.method == "GET";
        let shown = exchange.response.body.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let one = exchange.response.body.get("data").filter(|data| reads && data.is_object()).cloned();
        for value in shown.iter().chain(one.as_ref()).filter(|value| value.get("hosts").is_some()) {
            let uid = text(value, "uid").unwrap_or_default();
            let Some(written) = instant(value, "updatedAt") else { continue };
            let Some(known) = state.booking(&uid) else { continue };
            let same_reason = value.get("cancellationReason") == exchange.request.body.get("cancellationReason");
            let at_once = written >= second_of(exchange) && same_reason;
            let by_this = !reads && (uid == target || known.recurring.as_deref() == Some(&target) || at_once);
            let changed = known.status != status_of(&text(value, "status").unwrap_or_default())
                || known.attendees.len() != value.get("attendees").and_then(Value::as_array).map_or(0, Vec::len);
            let later = written.as_millisecond() > known.updated.as_millisecond() + 1500;
            // A list hides the attendees of some bookings.
            let hidden = known.seated && value.pointer("/attendees/0").is_none();
            let moved = reads && Some(known.start) != instant(value, "start").or(Some(known.start));
            if (later && changed || moved) && !by_this && !hidden {
                let id = known.id;
                let booking = new_form(state, value);
                if let Some(place) = state.bookings.iter_mut().find(|booking| booking.id == id) {
                    *place = booking;
                    count(tally, "a later write");
                }
            }
        }
    }

    /// The uids of the bookings of an exchange.
    fn named(&self, exchange: &RecordedExchange) -> Vec<String> {
        let mut uids: Vec<String> = Vec::new();
        let path: Vec<&str> = exchange.request.path.split('/').filter(|part| !part.is_empty()).collect();
        let body = &exchange.request.body;
        if path.get(1) == Some(&"bookings") {
            match path.get(2) {
                // This path is a create.
                Some(&"recurring") => {}
                Some(&"by-seat") => uids.extend(path.get(3).and_then(|seat| self.booking_of_seat(seat, exchange))),
                Some(uid) => {
                    uids.push((*uid).to_owned());
                    uids.extend(self.series(uid));
                }
                None => {}
            }
        }
        uids.extend(text(body, "rescheduleUid"));
        if exchange.request.method == "GET" {
            let mut seen = Vec::new();
            super::uids_and_ids(&exchange.response.body, &mut seen);
            uids.extend(seen.into_iter().map(|(_, uid)| uid));
            // Slots with seats contain the uid of their booking.
            strings_under("bookingUid", &exchange.response.body, &mut uids);
        } else if path.get(2).is_some_and(|part| *part != "recurring") {
            let mut seen = Vec::new();
            super::uids_and_ids(&exchange.response.body, &mut seen);
            let creates = path.last() == Some(&"reschedule");
            uids.extend(seen.into_iter().filter(|_| !creates).map(|(_, uid)| uid));
        } else if exchange.response.is_success() {
            // A seat is added to an existing booking.
            let data = exchange.response.body.get("data");
            let joins =
                data.is_some_and(|d| d.get("seatUid").is_some() && d.get("isPlatformManagedUserBooking").is_none());
            if joins {
                uids.extend(data.and_then(|d| text(d, "uid")));
            }
        }
        uids
    }

    fn booking_of_seat(&self, seat: &str, exchange: &RecordedExchange) -> Option<String> {
        let has = |observation: &&Observation| seats_of(&observation.value).any(|uid| uid == seat);
        let observations: Vec<&Observation> = self.bookings.values().flatten().filter(has).collect();
        let distance = |s: &&&Observation| (s.at.as_millisecond() - exchange.at.as_millisecond()).abs();
        observations.iter().min_by_key(distance).and_then(|observation| text(&observation.value, "uid"))
    }

    fn series(&self, uid: &str) -> Vec<String> {
        let of = |observations: &Vec<Observation>| {
            observations.iter().any(|s| text(&s.value, "recurringBookingUid").as_deref() == Some(uid))
        };
        self.bookings.iter().filter(|(_, observations)| of(observations)).map(|(uid, _)| uid.clone()).collect()
    }

    /// The state of a booking before an exchange.
    fn before(&self, uid: &str, exchange: &RecordedExchange, state: &mut State) -> Option<Booking> {
        let observations = self.bookings.get(uid);
        if let Some(observation) = observations.and_then(|observations| nearest_observation(observations, exchange)) {
            let mut booking = new_form(state, &observation.value);
            if observation.at >= exchange.at || observation.of == exchange.name {
                undo(exchange, &mut booking);
                self.without_new_seat(exchange, &mut booking);
            }
            return Some(booking);
        }
        if let Some(observation) =
            self.old_bookings.get(uid).and_then(|observations| nearest_observation(observations, exchange))
        {
            return Some(old_form(state, &observation.value));
        }
        // Of a booking that was rescheduled several times, only the successor is known.
        let successor =
            self.bookings.values().flatten().find(|s| text(&s.value, "rescheduledFromUid").as_deref() == Some(uid));
        let Some(successor) = successor else { return self.invented_booking(uid, exchange, state) };
        let mut booking = new_form(state, &successor.value);
        booking.uid = uid.to_owned();
        booking.id = state.ids.number(IdKind::Booking) + FIRST_INVENTED_ID;
        booking.from_uid = None;
        booking.to_uid = None;
        booking.status = BookingStatus::Accepted;
        booking.rescheduling_reason = None;
        booking.responses.remove("rescheduledReason");
        booking.start = booking.start.checked_sub(jiff::SignedDuration::from_hours(1)).unwrap_or(booking.start);
        booking.end = booking.end.checked_sub(jiff::SignedDuration::from_hours(1)).unwrap_or(booking.end);
        Some(booking)
    }

    /// Removes the seat that the exchange itself adds.
    fn without_new_seat(&self, exchange: &RecordedExchange, booking: &mut Booking) {
        let taken = exchange.response.body.get("data").and_then(|data| text(data, "seatUid"));
        let email = exchange.request.body.pointer("/attendee/email").and_then(Value::as_str);
        if exchange.request.method == "POST" && taken.is_some() {
            let is_taken =
                |a: &Attendee| a.seat.as_ref().map(|seat| seat.uid.clone()) == taken || Some(a.email.as_str()) == email;
            booking.attendees.retain(|attendee| !is_taken(attendee));
        }
    }

    /// Invents a booking that no response shows and that the exchange changes.
    fn invented_booking(&self, uid: &str, exchange: &RecordedExchange, state: &mut State) -> Option<Booking> {
        if exchange.request.method != "POST" || !exchange.request.path.contains(uid) {
            return None;
        }
        let seat = exchange.request.body.get("seatUid").and_then(Value::as_str);
        let answer = exchange.response.body.get("data").filter(|data| data.get("uid").is_some());
        let mut booking = match answer.or_else(|| self.any_booking(seat.is_some(), exchange)) {
            Some(value) => new_form(state, value),
            None => return None,
        };
        booking.uid = uid.to_owned();
        booking.id = state.ids.number(IdKind::Booking) + FIRST_INVENTED_ID;
        booking.status = BookingStatus::Accepted;
        (booking.from_uid, booking.to_uid, booking.recurring) = (None, None, None);
        // The time is far from all others.
        booking.start = booking.start.checked_add(jiff::SignedDuration::from_hours(24 * 500)).unwrap_or(booking.start);
        booking.end = booking.end.checked_add(jiff::SignedDuration::from_hours(24 * 500)).unwrap_or(booking.end);
        if let (Some(seat), Some(attendee)) = (seat, booking.attendees.first_mut()) {
            attendee.seat.get_or_insert(Seat { uid: String::new(), responses: Map::new(), metadata: Map::new() }).uid =
                seat.to_owned();
        }
        Some(booking)
    }

    /// Any observed booking, with or without seats.
    fn any_booking(&self, seated: bool, exchange: &RecordedExchange) -> Option<&Value> {
        let fits = |s: &&Observation| {
            let is_seated = s.value.get("metadata").is_none();
            let has_attendees = s.value.pointer("/attendees/0").is_some();
            is_seated == seated && has_attendees && s.value.get("recurringBookingUid").is_none()
        };
        let distance = |s: &&Observation| (s.at.as_millisecond() - exchange.at.as_millisecond()).abs();
        self.bookings.values().flatten().filter(fits).min_by_key(distance).map(|observation| &observation.value)
    }
}

/// Reverts the effect of the exchange on an observed booking.
fn undo(exchange: &RecordedExchange, booking: &mut Booking) {
    if exchange.request.method != "POST" || !exchange.response.is_success() {
        return;
    }
    match exchange.request.path.rsplit('/').next() {
        Some("cancel") => {
            let seat = exchange.request.body.get("seatUid").and_then(Value::as_str);
            booking.status = BookingStatus::Accepted;
            booking.cancellation_reason = None;
            if let (Some(seat), Some(last)) = (seat, booking.attendees.first().cloned()) {
                let mut given = last;
                given.email = format!("seat-{seat}@example.org");
                given.seat = Some(Seat { uid: seat.to_owned(), responses: Map::new(), metadata: Map::new() });
                booking.attendees.push(given);
            }
        }
        Some("confirm" | "decline") => booking.status = BookingStatus::Pending,
        Some("reschedule") => {
            booking.status = BookingStatus::Accepted;
            booking.to_uid = None;
        }
        _ => {}
    }
}

fn seats_of(booking: &Value) -> impl Iterator<Item = &str> {
    let attendees = booking.get("attendees").and_then(Value::as_array).into_iter().flatten();
    attendees.filter_map(|attendee| attendee.get("seatUid").and_then(Value::as_str))
}

fn status_of(text: &str) -> BookingStatus {
    match text.to_ascii_lowercase().as_str() {
        "pending" => BookingStatus::Pending,
        "cancelled" => BookingStatus::Cancelled,
        "rejected" => BookingStatus::Rejected,
        _ => BookingStatus::Accepted,
    }
}

fn object(value: &Value, name: &str) -> Map<String, Value> {
    value.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// A booking from a response of version 2024-08-13.
fn new_form(state: &mut State, value: &Value) -> Booking {
    let mut responses = object(value, "bookingFieldsResponses");
    responses.remove("displayEmail");
    responses.remove("displayGuests");
    let attendees = value.get("attendees").and_then(Value::as_array).cloned().unwrap_or_default();
    let attendees = attendees.iter().map(|attendee| Attendee {
        id: attendee.get("id").and_then(Value::as_i64).unwrap_or_else(|| state.ids.number(IdKind::Attendee)),
        name: text(attendee, "name").unwrap_or_default(),
        email: text(attendee, "email").unwrap_or_default(),
        time_zone: text(attendee, "timeZone").unwrap_or_default(),
        language: text(attendee, "language").unwrap_or_default(),
        phone: text(attendee, "phoneNumber"),
        absent: attendee.get("absent").and_then(Value::as_bool).unwrap_or(false),
        seat: text(attendee, "seatUid").map(|uid| Seat {
            uid,
            responses: object(attendee, "bookingFieldsResponses"),
            metadata: object(attendee, "metadata"),
        }),
    });
    let attendees: Vec<Attendee> = attendees.collect();
    let filled = |name: &str| text(value, name).filter(|text| !text.is_empty());
    Booking {
        id: value.get("id").and_then(Value::as_i64).unwrap_or_default(),
        uid: text(value, "uid").unwrap_or_default(),
        ics_uid: text(value, "icsUid").unwrap_or_default(),
        event_type: value.get("eventTypeId").and_then(Value::as_i64).unwrap_or_default(),
        host: value.pointer("/hosts/0/id").and_then(Value::as_i64).unwrap_or(1),
        other_hosts: Vec::new(),
        title: text(value, "title").unwrap_or_default(),
        description: text(value, "description").unwrap_or_default(),
        start: instant(value, "start").unwrap_or_default(),
        end: instant(value, "end").unwrap_or_default(),
        status: status_of(&text(value, "status").unwrap_or_default()),
        location: text(value, "location"),
        metadata: object(value, "metadata"),
        attendees,
        responses,
        seated: value.get("metadata").is_none(),
        recurring: text(value, "recurringBookingUid"),
        cancellation_reason: filled("cancellationReason"),
        cancelled_by: filled("cancelledByEmail"),
        rejection_reason: None,
        rescheduling_reason: text(value, "reschedulingReason"),
        rescheduled_by: text(value, "rescheduledByEmail"),
        from_uid: text(value, "rescheduledFromUid"),
        to_uid: text(value, "rescheduledToUid"),
        absent_host: value.get("absentHost").and_then(Value::as_bool).unwrap_or(false),
        reschedule_requested: false,
        created: instant(value, "createdAt").unwrap_or_default(),
        updated: instant(value, "updatedAt").unwrap_or_default(),
    }
}

/// A booking from a response of the older versions.
fn old_form(state: &mut State, value: &Value) -> Booking {
    let attendees = value.get("attendees").and_then(Value::as_array).cloned().unwrap_or_default();
    let attendees = attendees.iter().map(|attendee| Attendee {
        id: attendee.get("id").and_then(Value::as_i64).unwrap_or_else(|| state.ids.number(IdKind::Attendee)),
        name: text(attendee, "name").unwrap_or_default(),
        email: text(attendee, "email").unwrap_or_default(),
        time_zone: text(attendee, "timeZone").unwrap_or_default(),
        language: text(attendee, "locale").unwrap_or_else(|| "en".to_owned()),
        phone: text(attendee, "phoneNumber"),
        absent: false,
        seat: None,
    });
    let attendees: Vec<Attendee> = attendees.collect();
    let host = value.pointer("/user/id").or_else(|| value.get("userId")).and_then(Value::as_i64).unwrap_or(1);
    let event = value.get("eventTypeId").or_else(|| value.pointer("/eventType/id")).and_then(Value::as_i64);
    let mut metadata = object(value, "metadata");
    metadata.remove("videoCallUrl");
    Booking {
        id: value.get("id").and_then(Value::as_i64).unwrap_or_default(),
        uid: text(value, "uid").unwrap_or_default(),
        ics_uid: text(value, "iCalUID").unwrap_or_default(),
        event_type: event.unwrap_or_default(),
        host,
        other_hosts: Vec::new(),
        title: text(value, "title").unwrap_or_default(),
        description: text(value, "description").unwrap_or_default(),
        start: instant(value, "startTime").unwrap_or_default(),
        end: instant(value, "endTime").unwrap_or_default(),
        status: status_of(&text(value, "status").unwrap_or_default()),
        location: text(value, "location"),
        metadata,
        attendees,
        responses: object(value, "responses"),
        seated: value.get("responses").is_some_and(Value::is_null),
        recurring: text(value, "recurringEventId"),
        cancellation_reason: text(value, "cancellationReason"),
        cancelled_by: text(value, "cancelledBy"),
        rejection_reason: text(value, "rejectionReason"),
        rescheduling_reason: None,
        rescheduled_by: text(value, "rescheduledBy"),
        from_uid: text(value, "fromReschedule"),
        to_uid: None,
        absent_host: false,
        reschedule_requested: false,
        created: instant(value, "createdAt").unwrap_or_default(),
        updated: instant(value, "updatedAt").unwrap_or_default(),
    }
}
