//! Making bookings, in the stages that overlapping requests can slip between: a check when the server gets to it, a row
//! that becomes visible later, an answer later still. What is doubled and what is refused follows from these stages,
//! as it does on the service.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::instant::plus_minutes;
use super::super::super::outcome::{Outcome, later};
use super::super::super::reply::Reply;
use super::super::super::state::{Attendee, Booking, EventType, Kind, Seat, State, Status};
use super::super::slots::{
    engine::{self, Unavailable},
    limits::{self, Limit},
};
use super::draft::Draft;
use super::{old, render};

/// Which generation asked, and so what the answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dress {
    New,
    Old,
}

/// Takes a draft through its stages.
pub(super) fn make(state: &mut State, draft: Draft, dress: Dress) -> Outcome {
    let event = state.event_type(draft.event_type);
    let early = event.is_some_and(|event| {
        event.seats.is_none() && (!draft.occurrences.is_empty() || event.needs_confirmation(state.now(), draft.start))
    });
    let wait = if early { state.pace.early_check() } else { state.pace.check };
    later(wait, move |state, request| check(state, request, draft, dress))
}

fn check(state: &mut State, request: &Request, draft: Draft, dress: Dress) -> Outcome {
    let Some(event) = state.event_type(draft.event_type).cloned() else { return Reply::internal().into() };
    let asks_for_code = event.rest.get("requiresBookerEmailVerification") == Some(&Value::Bool(true));
    if asks_for_code && request.text("emailVerificationCode").is_none() {
        return Reply::bare(400, "email_verification_required").into();
    }
    if let Some(message) = limits::of_attendee(state, &event, &draft.email) {
        return refused(&message, dress).into();
    }
    if event.seats.is_some() {
        return check_seat(state, &draft, &event, dress);
    }
    let pending = event.needs_confirmation(state.now(), draft.start);
    if !draft.occurrences.is_empty() {
        let mut series = Series { uid: None, made: Vec::new(), left: draft.occurrences.clone() };
        series.left.reverse();
        return first_of_series(state, request, draft, pending, series);
    }
    if pending && let Some(uid) = same_pending(state, &draft, draft.start) {
        return answer(state, vec![uid], None, dress);
    }
    if let Err(why) = engine::judge(state, &event, draft.start, draft.end(), None) {
        return refusal(why, dress).into();
    }
    let wait = if pending { state.pace.late_commit() } else { state.pace.commit };
    later(wait, move |state, _| {
        if !pending && engine::collides(state, draft.host, draft.start, draft.end(), None) {
            return conflict(state, dress).into();
        }
        let uid = insert(state, &draft, draft.start, pending, None);
        answer(state, vec![uid], None, dress)
    })
}

/// The pending booking that an identical request made before.
fn same_pending(state: &State, draft: &Draft, start: Timestamp) -> Option<String> {
    let same = |booking: &&Booking| {
        booking.status == Status::Pending
            && booking.event_type == draft.event_type
            && booking.start == start
            && booking.attendees.first().is_some_and(|attendee| attendee.email == draft.email)
    };
    state.bookings.iter().find(same).map(|booking| booking.uid.clone())
}

/// What a series has come to so far.
struct Series {
    uid: Option<String>,
    made: Vec<String>,
    /// Starts still to come, the next one last.
    left: Vec<Timestamp>,
}

fn first_of_series(state: &mut State, request: &Request, draft: Draft, pending: bool, series: Series) -> Outcome {
    // Only the first occurrence is checked against hours and other bookings.
    let known = pending && same_pending(state, &draft, draft.start).is_some();
    let event = state.event_type(draft.event_type).cloned();
    if !known
        && let Some(event) = event
        && let Err(why) = engine::judge(state, &event, draft.start, draft.end(), None)
    {
        return refusal(why, Dress::New).into();
    }
    next_of_series(state, request, draft, pending, series)
}

fn next_of_series(state: &mut State, _: &Request, draft: Draft, pending: bool, mut series: Series) -> Outcome {
    let Some(start) = series.left.pop() else {
        return answer(state, series.made, None, Dress::New);
    };
    if pending && let Some(uid) = same_pending(state, &draft, start) {
        // An occurrence that is there already takes little time, so that a second request catches up with the first.
        series.uid = series.uid.or_else(|| state.booking(&uid).and_then(|booking| booking.recurring.clone()));
        series.made.push(uid);
        return later(state.pace.row / 4, move |state, request| next_of_series(state, request, draft, pending, series));
    }
    let wait = if series.made.is_empty() { state.pace.late_commit() } else { state.pace.row };
    later(wait, move |state, request| {
        let end = plus_minutes(start, draft.duration);
        if !pending && engine::collides(state, draft.host, start, end, None) {
            // The occurrences before this one stay.
            return conflict(state, Dress::New).into();
        }
        let series_uid = match series.uid.take() {
            Some(uid) => uid,
            None => state.ids.uuid(Kind::Series),
        };
        series.uid = Some(series_uid.clone());
        series.made.push(insert(state, &draft, start, pending, Some(series_uid)));
        next_of_series(state, request, draft, pending, series)
    })
}

fn check_seat(state: &mut State, draft: &Draft, event: &EventType, dress: Dress) -> Outcome {
    let draft = draft.clone();
    let most = event.seats.map_or(0, |seats| seats.per_slot);
    let Some(booking) = engine::seated_at(state, event, draft.start) else {
        if let Err(why) = engine::judge(state, event, draft.start, draft.end(), None) {
            return refusal(why, dress).into();
        }
        let pending = event.needs_confirmation(state.now(), draft.start);
        return later(state.pace.commit, move |state, _| {
            if engine::collides(state, draft.host, draft.start, draft.end(), None) {
                return conflict(state, dress).into();
            }
            let uid = insert(state, &draft, draft.start, pending, None);
            let seat = state.booking(&uid).and_then(|b| b.attendees.first()).and_then(|a| a.seat.as_ref());
            let seat = seat.map(|seat| seat.uid.clone());
            answer(state, vec![uid], seat.map(|seat| (seat, true)), dress)
        });
    };
    if booking.attendees.iter().any(|attendee| attendee.email == draft.email) {
        return Reply::bare(409, "already_signed_up_for_this_booking_error").into();
    }
    if booking.taken_seats() as i64 >= most {
        return Reply::exception(409, "No more seats left at this seated booking.").into();
    }
    if draft.start < state.now() {
        return refusal(Unavailable::Past, dress).into();
    }
    let uid = booking.uid.clone();
    // A seat beside others takes a little longer than an empty slot.
    later(state.pace.commit * 3 / 2, move |state, _| {
        let seat = take_seat(state, &uid, &draft);
        let (uid, seat_uid) = (uid.clone(), seat.clone());
        state.happened(Change::Booked { uid, recurring_uid: None, seat_uid: Some(seat_uid) });
        answer(state, vec![draft_uid(state, &draft)], Some((seat, false)), dress)
    })
}

fn draft_uid(state: &State, draft: &Draft) -> String {
    let event = state.event_type(draft.event_type);
    let booking = event.and_then(|event| engine::seated_at(state, event, draft.start));
    booking.map(|booking| booking.uid.clone()).unwrap_or_default()
}

/// Adds a seat to a booking; gives its uid.
pub(super) fn take_seat(state: &mut State, uid: &str, draft: &Draft) -> String {
    let attendee = seated_attendee(state, draft);
    let seat = attendee.seat.as_ref().map(|seat| seat.uid.clone()).unwrap_or_default();
    let now = state.now();
    if let Some(booking) = state.booking_mut(uid) {
        booking.attendees.push(attendee);
        booking.updated = now;
    }
    seat
}

fn seated_attendee(state: &mut State, draft: &Draft) -> Attendee {
    let mut attendee = attendee(state, draft);
    let mut responses = draft.responses.clone();
    responses.remove("email");
    responses.entry("guests").or_insert(Value::Array(Vec::new()));
    let metadata = draft.metadata.clone();
    attendee.seat = Some(Seat { uid: state.ids.uuid(Kind::Seat), responses, metadata });
    attendee
}

fn attendee(state: &mut State, draft: &Draft) -> Attendee {
    Attendee {
        id: state.ids.number(Kind::Attendee),
        name: draft.name.clone(),
        email: draft.email.clone(),
        time_zone: draft.time_zone.clone(),
        language: draft.language.clone(),
        phone: draft.phone.clone(),
        absent: false,
        seat: None,
    }
}

/// Puts a booking into the state; gives its uid.
pub(super) fn insert(
    state: &mut State,
    draft: &Draft,
    start: Timestamp,
    pending: bool,
    recurring: Option<String>,
) -> String {
    let uid = put(state, draft, start, pending, recurring.clone());
    let seat_uid = state
        .booking(&uid)
        .and_then(|booking| booking.attendees.first())
        .and_then(|attendee| attendee.seat.as_ref().map(|seat| seat.uid.clone()));
    state.happened(Change::Booked { uid: uid.clone(), recurring_uid: recurring, seat_uid });
    uid
}

/// Like [`insert`], for a booking that takes another's place and so is no new one in the history.
pub(super) fn put(
    state: &mut State,
    draft: &Draft,
    start: Timestamp,
    pending: bool,
    recurring: Option<String>,
) -> String {
    let event = state.event_type(draft.event_type).cloned();
    let seated = event.as_ref().is_some_and(|event| event.seats.is_some());
    let title = event.as_ref().map(|event| draft.title(state, event)).unwrap_or_default();
    let id = state.ids.number(Kind::Booking);
    let uid = state.ids.short(Kind::Booking);
    let attendees = if seated {
        vec![seated_attendee(state, draft)]
    } else {
        let mut all = vec![attendee(state, draft)];
        for guest in &draft.guests {
            all.push(Attendee {
                id: state.ids.number(Kind::Attendee),
                name: String::new(),
                email: guest.clone(),
                time_zone: draft.time_zone.clone(),
                language: "en".to_owned(),
                phone: None,
                absent: false,
                seat: None,
            });
        }
        all
    };
    let now = state.now();
    let description = draft.responses.get("notes").and_then(Value::as_str).unwrap_or_default().to_owned();
    // The meeting link has a place of its own; a caller's value for it is swallowed.
    let mut metadata: Map<String, Value> = if seated { Map::new() } else { draft.metadata.clone() };
    metadata.remove("videoCallUrl");
    state.bookings.push(Booking {
        id,
        ics_uid: format!("{uid}@Cal.diy"),
        uid: uid.clone(),
        event_type: draft.event_type,
        host: draft.host,
        title,
        description,
        start,
        end: plus_minutes(start, draft.duration),
        status: if pending { Status::Pending } else { Status::Accepted },
        location: Some(draft.location.clone()),
        metadata,
        attendees,
        responses: draft.responses.clone(),
        seated,
        recurring,
        cancellation_reason: None,
        cancelled_by: None,
        rejection_reason: None,
        rescheduling_reason: None,
        rescheduled_by: None,
        from_uid: None,
        to_uid: None,
        absent_host: false,
        created: now,
        updated: now,
    });
    uid
}

/// What the service says about a time that cannot be had.
pub(super) fn refusal(why: Unavailable, dress: Dress) -> Reply {
    let message = match (why, dress) {
        // Without the envelope of other refusals.
        (Unavailable::Limit(Limit::Bookings), _) => return Reply::bare(401, "booking_limit_reached"),
        (Unavailable::Limit(Limit::Duration), _) => return Reply::bare(401, "duration_limit_reached"),
        (Unavailable::Past, _) => "Attempting to book a meeting in the past.",
        (Unavailable::OutOfBounds, Dress::New) => {
            "The event type can't be booked at the \"start\" time provided. This could be because it's too soon \
             (violating the minimum booking notice) or too far in the future (outside the event's scheduling window). \
             Try fetching available slots first using the GET /v2/slots endpoint and then make a booking with \"start\" \
             time equal to one of the available slots: https://cal.com/docs/api-reference/v2/slots"
        }
        (Unavailable::OutOfBounds, Dress::Old) => "booking_time_out_of_bounds_error",
        (Unavailable::Taken, Dress::New) => "User either already has booking at this time or is not available",
        (Unavailable::Taken, Dress::Old) => "no_available_users_found_error",
    };
    refused(message, dress)
}

fn refused(message: &str, dress: Dress) -> Reply {
    match dress {
        Dress::New => Reply::exception(400, message),
        Dress::Old => Reply::error(400, "HttpException", message.to_owned(), Some(message.into())),
    }
}

/// Two had the same idea at the same time, and this one was the later.
///
/// A server in production cuts the database's code out.
pub(super) fn conflict(state: &State, dress: Dress) -> Reply {
    if state.production {
        return Reply::bare(400, "An error occurred while querying the database.");
    }
    let message = "booking_conflict_error";
    match dress {
        Dress::New => Reply::bare(409, message),
        Dress::Old => Reply::error(409, "HttpException", message.to_owned(), Some(message.into())),
    }
}

/// Answers with the bookings made; a seat comes with whether its booking is new too.
fn answer(state: &State, uids: Vec<String>, seat: Option<(String, bool)>, dress: Dress) -> Outcome {
    later(state.pace.answer, move |state, request| {
        let bookings: Vec<&Booking> = uids.iter().filter_map(|uid| state.booking(uid)).collect();
        if dress == Dress::Old {
            let rows: Vec<Value> = bookings.into_iter().map(|booking| old::created(state, booking)).collect();
            return Reply::created(rows.into_iter().next().unwrap_or_default()).into();
        }
        let (seat_uid, first) = seat.as_ref().map_or((None, true), |(uid, first)| (Some(uid.as_str()), *first));
        let is_series = bookings.iter().any(|booking| booking.recurring.is_some());
        let mut shown: Vec<Value> =
            bookings.into_iter().map(|b| render::answer(state, b, request.user(), seat_uid, first)).collect();
        let data = if is_series { Value::Array(shown) } else { shown.pop().unwrap_or_default() };
        Reply::created(data).into()
    })
}
