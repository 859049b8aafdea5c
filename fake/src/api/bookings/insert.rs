//! Creates bookings in stages, as the service does: the check, the visible row, the response. Duplicates and conflicts of
//! overlapping requests follow from the times between the stages.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::instant::plus_minutes;
use super::super::super::outcome::{HandlerOutcome, later};
use super::super::super::reply::Reply;
use super::super::super::state::{Attendee, Booking, BookingStatus, EventType, IdKind, Seat, State};
use super::super::slots::{
    engine::{self, Unavailable},
    hosts,
    limits::{self, ReachedLimit},
};
use super::draft::BookingDraft;
use super::{old, render};

/// The format of the response, by the version of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BookingShape {
    New,
    Old,
}

/// Takes a draft through its stages.
pub(super) fn make(state: &mut State, draft: BookingDraft, shape: BookingShape) -> HandlerOutcome {
    let event = state.event_type(draft.event_type);
    let early = event.is_some_and(|event| {
        event.seats.is_none() && (!draft.occurrences.is_empty() || event.needs_confirmation(state.now(), draft.start))
    });
    let wait = if early { state.latency.early_check() } else { state.latency.check };
    later(wait, move |state, request| check(state, request, draft, shape))
}

fn check(state: &mut State, request: &Request, mut draft: BookingDraft, shape: BookingShape) -> HandlerOutcome {
    let Some(event) = state.event_type(draft.event_type).cloned() else { return Reply::internal().into() };
    let asks_for_code = event.rest.get("requiresBookerEmailVerification") == Some(&Value::Bool(true));
    if asks_for_code && request.text("emailVerificationCode").is_none() {
        return Reply::bare(400, "email_verification_required").into();
    }
    if let Some(message) = limits::of_attendee(state, &event, &draft.email) {
        return refused(&message, shape).into();
    }
    if event.team.is_some() && engine::seated_at(state, &event, draft.start).is_none() {
        match hosts::choose(state, &event, draft.start, draft.end(), None) {
            Ok((host, others)) => (draft.host, draft.other_hosts) = (host, others),
            Err(why) => return refusal(why, shape).into(),
        }
    }
    if event.seats.is_some() {
        return check_seat(state, &draft, &event, shape);
    }
    let pending = event.needs_confirmation(state.now(), draft.start);
    if !draft.occurrences.is_empty() {
        let mut series = SeriesProgress { uid: None, made: Vec::new(), left: draft.occurrences.clone() };
        series.left.reverse();
        return first_of_series(state, request, draft, pending, series);
    }
    if pending && let Some(uid) = same_pending(state, &draft, draft.start) {
        return answer(state, vec![uid], None, shape);
    }
    if let Err(why) = hosts::check_bookable(state, &event, draft.start, draft.end(), None) {
        return refusal(why, shape).into();
    }
    let wait = if pending { state.latency.late_commit() } else { state.latency.commit };
    later(wait, move |state, _| {
        if !pending && engine::collides(state, draft.host, draft.start, draft.end(), None) {
            return conflict(state, shape).into();
        }
        let uid = insert(state, &draft, draft.start, pending, None);
        answer(state, vec![uid], None, shape)
    })
}

/// The pending booking that an identical request created earlier.
fn same_pending(state: &State, draft: &BookingDraft, start: Timestamp) -> Option<String> {
    let same = |booking: &&Booking| {
        booking.status == BookingStatus::Pending
            && booking.event_type == draft.event_type
            && booking.start == start
            && booking.attendees.first().is_some_and(|attendee| attendee.email == draft.email)
    };
    state.bookings.iter().find(same).map(|booking| booking.uid.clone())
}

/// The state of a series that is being created.
struct SeriesProgress {
    uid: Option<String>,
    made: Vec<String>,
    /// The remaining starts, the next one last.
    left: Vec<Timestamp>,
}

fn first_of_series(
    state: &mut State,
    request: &Request,
    draft: BookingDraft,
    pending: bool,
    series: SeriesProgress,
) -> HandlerOutcome {
    // Only the first occurrence is checked against hours and other bookings.
    let known = pending && same_pending(state, &draft, draft.start).is_some();
    let event = state.event_type(draft.event_type).cloned();
    if !known
        && let Some(event) = event
        && let Err(why) = hosts::check_bookable(state, &event, draft.start, draft.end(), None)
    {
        return refusal(why, BookingShape::New).into();
    }
    next_of_series(state, request, draft, pending, series)
}

fn next_of_series(
    state: &mut State,
    _: &Request,
    draft: BookingDraft,
    pending: bool,
    mut series: SeriesProgress,
) -> HandlerOutcome {
    let Some(start) = series.left.pop() else {
        return answer(state, series.made, None, BookingShape::New);
    };
    if pending && let Some(uid) = same_pending(state, &draft, start) {
        // An existing occurrence takes little time, so that a second request catches up with the first one.
        series.uid = series.uid.or_else(|| state.booking(&uid).and_then(|booking| booking.recurring.clone()));
        series.made.push(uid);
        return later(state.latency.row / 4, move |state, request| {
            next_of_series(state, request, draft, pending, series)
        });
    }
    let wait = if series.made.is_empty() { state.latency.late_commit() } else { state.latency.row };
    later(wait, move |state, request| {
        let end = plus_minutes(start, draft.duration);
        if !pending && engine::collides(state, draft.host, start, end, None) {
            // The occurrences before this one are kept.
            return conflict(state, BookingShape::New).into();
        }
        let series_uid = match series.uid.take() {
            Some(uid) => uid,
            None => state.ids.uuid(IdKind::Series),
        };
        series.uid = Some(series_uid.clone());
        series.made.push(insert(state, &draft, start, pending, Some(series_uid)));
        next_of_series(state, request, draft, pending, series)
    })
}

fn check_seat(state: &mut State, draft: &BookingDraft, event: &EventType, shape: BookingShape) -> HandlerOutcome {
    let draft = draft.clone();
    let most = event.seats.map_or(0, |seats| seats.per_slot);
    let Some(booking) = engine::seated_at(state, event, draft.start) else {
        if let Err(why) = hosts::check_bookable(state, event, draft.start, draft.end(), None) {
            return refusal(why, shape).into();
        }
        let pending = event.needs_confirmation(state.now(), draft.start);
        return later(state.latency.commit, move |state, _| {
            if engine::collides(state, draft.host, draft.start, draft.end(), None) {
                return conflict(state, shape).into();
            }
            let uid = insert(state, &draft, draft.start, pending, None);
            let seat = state.booking(&uid).and_then(|b| b.attendees.first()).and_then(|a| a.seat.as_ref());
            let seat = seat.map(|seat| seat.uid.clone());
            answer(state, vec![uid], seat.map(|seat| (seat, true)), shape)
        });
    };
    if booking.attendees.iter().any(|attendee| attendee.email == draft.email) {
        return Reply::bare(409, "already_signed_up_for_this_booking_error").into();
    }
    if booking.taken_seats() as i64 >= most {
        return Reply::exception(409, "No more seats left at this seated booking.").into();
    }
    if draft.start < state.now() {
        return refusal(Unavailable::Past, shape).into();
    }
    let uid = booking.uid.clone();
    // A seat in a booked slot takes a little longer than one in an empty slot.
    later(state.latency.commit * 3 / 2, move |state, _| {
        let seat = take_seat(state, &uid, &draft);
        let (uid, seat_uid) = (uid.clone(), seat.clone());
        state.record_change(Change::Booked { uid, recurring_uid: None, seat_uid: Some(seat_uid) });
        answer(state, vec![draft_uid(state, &draft)], Some((seat, false)), shape)
    })
}

fn draft_uid(state: &State, draft: &BookingDraft) -> String {
    let event = state.event_type(draft.event_type);
    let booking = event.and_then(|event| engine::seated_at(state, event, draft.start));
    booking.map(|booking| booking.uid.clone()).unwrap_or_default()
}

/// Adds a seat to a booking. Returns the uid of the seat.
pub(super) fn take_seat(state: &mut State, uid: &str, draft: &BookingDraft) -> String {
    let attendee = seated_attendee(state, draft);
    let seat = attendee.seat.as_ref().map(|seat| seat.uid.clone()).unwrap_or_default();
    let now = state.now();
    if let Some(booking) = state.booking_mut(uid) {
        booking.attendees.push(attendee);
        booking.updated = now;
    }
    seat
}

fn seated_attendee(state: &mut State, draft: &BookingDraft) -> Attendee {
    let mut attendee = attendee(state, draft);
    let mut responses = draft.responses.clone();
    responses.remove("email");
    responses.entry("guests").or_insert(Value::Array(Vec::new()));
    let metadata = draft.metadata.clone();
    attendee.seat = Some(Seat { uid: state.ids.uuid(IdKind::Seat), responses, metadata });
    attendee
}

fn attendee(state: &mut State, draft: &BookingDraft) -> Attendee {
    Attendee {
        id: state.ids.number(IdKind::Attendee),
        name: draft.name.clone(),
        email: draft.email.clone(),
        time_zone: draft.time_zone.clone(),
        language: draft.language.clone(),
        phone: draft.phone.clone(),
        absent: false,
        seat: None,
    }
}

/// Inserts a booking into the state and the history. Returns its uid.
pub(super) fn insert(
    state: &mut State,
    draft: &BookingDraft,
    start: Timestamp,
    pending: bool,
    recurring: Option<String>,
) -> String {
    let uid = put(state, draft, start, pending, recurring.clone());
    let seat_uid = state
        .booking(&uid)
        .and_then(|booking| booking.attendees.first())
        .and_then(|attendee| attendee.seat.as_ref().map(|seat| seat.uid.clone()));
    state.record_change(Change::Booked { uid: uid.clone(), recurring_uid: recurring, seat_uid });
    uid
}

/// Inserts a booking into the state only, for a reschedule, which is not a new booking in the history.
pub(super) fn put(
    state: &mut State,
    draft: &BookingDraft,
    start: Timestamp,
    pending: bool,
    recurring: Option<String>,
) -> String {
    let event = state.event_type(draft.event_type).cloned();
    let seated = event.as_ref().is_some_and(|event| event.seats.is_some());
    let title = event.as_ref().map(|event| draft.title(state, event)).unwrap_or_default();
    let id = state.ids.number(IdKind::Booking);
    let uid = state.ids.short(IdKind::Booking);
    let attendees = if seated {
        vec![seated_attendee(state, draft)]
    } else {
        let mut all = vec![attendee(state, draft)];
        for guest in &draft.guests {
            all.push(Attendee {
                id: state.ids.number(IdKind::Attendee),
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
    // The meeting link is stored elsewhere; a caller's value for it is dropped.
    let mut metadata: Map<String, Value> = if seated { Map::new() } else { draft.metadata.clone() };
    metadata.remove("videoCallUrl");
    state.bookings.push(Booking {
        id,
        ics_uid: format!("{uid}@Cal.diy"),
        uid: uid.clone(),
        event_type: draft.event_type,
        host: draft.host,
        other_hosts: draft.other_hosts.clone(),
        title,
        description,
        start,
        end: plus_minutes(start, draft.duration),
        status: if pending { BookingStatus::Pending } else { BookingStatus::Accepted },
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
        reschedule_requested: false,
        created: now,
        updated: now,
    });
    uid
}

/// The service's error for an unavailable time.
pub(super) fn refusal(why: Unavailable, shape: BookingShape) -> Reply {
    let message = match (why, shape) {
        // This error has no envelope.
        (Unavailable::Limit(ReachedLimit::Bookings), _) => return Reply::bare(401, "booking_limit_reached"),
        (Unavailable::Limit(ReachedLimit::Duration), _) => return Reply::bare(401, "duration_limit_reached"),
        (Unavailable::Past, _) => "Attempting to book a meeting in the past.",
        (Unavailable::OutOfBounds, BookingShape::New) => {
            "The event type can't be booked at the \"start\" time provided. This could be because it's too soon \
             (violating the minimum booking notice) or too far in the future (outside the event's scheduling window). \
             Try fetching available slots first using the GET /v2/slots endpoint and then make a booking with \"start\" \
             time equal to one of the available slots: https://cal.com/docs/api-reference/v2/slots"
        }
        (Unavailable::OutOfBounds, BookingShape::Old) => "booking_time_out_of_bounds_error",
        (Unavailable::Taken, BookingShape::New) => "User either already has booking at this time or is not available",
        (Unavailable::HostsTaken, BookingShape::New) => {
            "One of the hosts either already has booking at this time or is not available"
        }
        (Unavailable::Taken | Unavailable::HostsTaken, BookingShape::Old) => "no_available_users_found_error",
    };
    refused(message, shape)
}

fn refused(message: &str, shape: BookingShape) -> Reply {
    match shape {
        BookingShape::New => Reply::exception(400, message),
        BookingShape::Old => Reply::error(400, "HttpException", message.to_owned(), Some(message.into())),
    }
}

/// The error for the second of two concurrent bookings of a slot.
///
/// A server in production leaves the database's code out.
pub(super) fn conflict(state: &State, shape: BookingShape) -> Reply {
    if state.production {
        return Reply::bare(400, "An error occurred while querying the database.");
    }
    let message = "booking_conflict_error";
    match shape {
        BookingShape::New => Reply::bare(409, message),
        BookingShape::Old => Reply::error(409, "HttpException", message.to_owned(), Some(message.into())),
    }
}

/// The response with the created bookings. For a seat, it also depends on whether the booking is new.
fn answer(state: &State, uids: Vec<String>, seat: Option<(String, bool)>, shape: BookingShape) -> HandlerOutcome {
    later(state.latency.response, move |state, request| {
        let bookings: Vec<&Booking> = uids.iter().filter_map(|uid| state.booking(uid)).collect();
        if shape == BookingShape::Old {
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
