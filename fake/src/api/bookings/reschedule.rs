//! `POST /v2/bookings/{uid}/reschedule`: a new booking with a new uid replaces the old one.

use jiff::Timestamp;
use serde_json::Value;

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::instant;
use super::super::super::outcome::{HandlerOutcome, later};
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, BookingStatus, EventType, State};
use super::super::slots::engine::{self, Unavailable};
use super::super::slots::hosts;
use super::draft::BookingDraft;
use super::insert::{self, BookingShape};
use super::{lookup::unknown_booking, render};

pub(super) fn reschedule(state: &mut State, request: &Request) -> HandlerOutcome {
    match reschedule_target(state, request) {
        Ok(RescheduleTarget::Whole(old)) => {
            later(state.latency.check, move |state, request| check(state, request, &old))
        }
        Ok(RescheduleTarget::Seat(old, seat)) => {
            later(state.latency.check, move |state, request| check_seat(state, request, &old, &seat))
        }
        Err(reply) => reply.into(),
    }
}

enum RescheduleTarget {
    Whole(Box<Booking>),
    Seat(Box<Booking>, String),
}

fn reschedule_target(state: &State, request: &Request) -> Result<RescheduleTarget, Reply> {
    super::input::check_reschedule(&request.body)?;
    let uid = request.param("bookingUid");
    let booking = state.booking(uid).ok_or_else(|| unknown_booking(uid))?;
    let seat = request.text("seatUid");
    match seat {
        Some(seat) if state.booking_of_seat(seat).is_none() => {
            return Err(Reply::exception(404, format!("Seat with uid={seat} does not exist.")));
        }
        None if booking.seated => return Err(needs_seat(uid, request)),
        _ => {}
    }
    match (booking.status, &booking.to_uid) {
        (BookingStatus::Cancelled, Some(to)) => {
            let message = format!(
                "Can't reschedule booking with uid={uid} because it has been cancelled and rescheduled already to \
                 booking with uid={to}. You probably want to reschedule {to} instead by passing it within the request \
                 URL."
            );
            return Err(Reply::exception(400, message));
        }
        (BookingStatus::Cancelled, None) => {
            let message = format!(
                "Can't reschedule booking with uid={uid} because it has been cancelled. Please provide uid of a booking \
                 that is not cancelled."
            );
            return Err(Reply::exception(400, message));
        }
        _ => {}
    }
    let booking = Box::new(booking.clone());
    Ok(seat.map_or_else(
        || RescheduleTarget::Whole(booking.clone()),
        |seat| RescheduleTarget::Seat(booking.clone(), seat.to_owned()),
    ))
}

/// The error for a missing seat uid. The service returns it to authenticated callers only.
fn needs_seat(uid: &str, request: &Request) -> Reply {
    if request.user().is_none() {
        return Reply::internal();
    }
    let message = format!(
        "Booking with uid={uid} is a seated booking which means you have to provide seatUid in the request body to \
         specify which seat specifically you want to reschedule."
    );
    Reply::exception(400, message)
}

/// The draft of the new booking.
fn successor(old: &Booking, event: &EventType, start: Timestamp) -> BookingDraft {
    let booker = old.attendees.first();
    BookingDraft {
        event_type: old.event_type,
        host: old.host,
        other_hosts: old.other_hosts.clone(),
        start,
        // The length that was chosen before does not count.
        duration: event.length,
        name: booker.map(|a| a.name.clone()).unwrap_or_default(),
        email: booker.map(|a| a.email.clone()).unwrap_or_default(),
        phone: booker.and_then(|a| a.phone.clone()),
        time_zone: booker.map(|a| a.time_zone.clone()).unwrap_or_default(),
        language: booker.map(|a| a.language.clone()).unwrap_or_default(),
        guests: old.attendees.iter().skip(1).map(|a| a.email.clone()).collect(),
        metadata: old.metadata.clone(),
        location: old.location.clone().unwrap_or_default(),
        responses: old.responses.clone(),
        occurrences: Vec::new(),
    }
}

fn start_of(request: &Request) -> Timestamp {
    request.text("start").and_then(instant::parse).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Whether the new booking needs confirmation. It does not if the host reschedules.
fn is_pending(state: &State, event: &EventType, host: i64, request: &Request, start: Timestamp) -> bool {
    request.user() != Some(host) && event.needs_confirmation(state.now(), start)
}

fn check(state: &mut State, request: &Request, old: &Booking) -> HandlerOutcome {
    let Some(event) = state.event_type(old.event_type).cloned() else { return Reply::internal().into() };
    let start = start_of(request);
    let mut draft = successor(old, &event, start);
    if let Some(reason) = request.text("reschedulingReason") {
        draft.responses.insert("rescheduledReason".to_owned(), reason.into());
    }
    // Another request may have rescheduled or cancelled it meanwhile.
    if let Some(now) = state.booking(&old.uid)
        && now.status == BookingStatus::Cancelled
        && old.status != BookingStatus::Cancelled
    {
        return insert::refusal(Unavailable::Taken, BookingShape::New).into();
    }
    if let Err(why) = hosts::check_bookable(state, &event, start, draft.end(), Some(&old.uid)) {
        return insert::refusal(why, BookingShape::New).into();
    }
    if event.team.is_some()
        && !hosts::is_free(state, &event, old.host, start, draft.end(), &old.uid)
        && let Ok((host, others)) = hosts::choose(state, &event, start, draft.end(), Some(&old.uid))
    {
        (draft.host, draft.other_hosts) = (host, others);
    }
    let pending = is_pending(state, &event, old.host, request, start);
    let old = old.uid.clone();
    later(state.latency.commit, move |state, request| {
        if !pending && engine::collides(state, draft.host, draft.start, draft.end(), Some(&old)) {
            return insert::conflict(state, BookingShape::New).into();
        }
        let uid =
            replace(state, &draft, &old, pending, request.text("reschedulingReason"), request.text("rescheduledBy"));
        later(state.latency.response, move |state, request| {
            let booking = state.booking(&uid).cloned();
            let shown = booking.map(|booking| render::answer(state, &booking, request.user(), None, true));
            Reply::created(shown.unwrap_or_default()).into()
        })
    })
}

/// Creates the new booking and cancels the old one. Returns the new uid.
pub(super) fn replace(
    state: &mut State,
    draft: &BookingDraft,
    old_uid: &str,
    pending: bool,
    reason: Option<&str>,
    by: Option<&str>,
) -> String {
    let old = state.booking(old_uid).cloned();
    let recurring = old.as_ref().and_then(|old| old.recurring.clone());
    let uid = insert::put(state, draft, draft.start, pending, recurring);
    let by = by.map(str::to_owned);
    let now = state.now();
    if let (Some(new), Some(old)) = (state.booking_mut(&uid), &old) {
        new.title.clone_from(&old.title);
        new.description.clone_from(&old.description);
        new.ics_uid.clone_from(&old.ics_uid);
        new.from_uid = Some(old.uid.clone());
        new.rescheduling_reason = reason.map(str::to_owned);
        new.rescheduled_by.clone_from(&by);
    }
    if let Some(old) = state.booking_mut(old_uid) {
        old.status = BookingStatus::Cancelled;
        old.to_uid = Some(uid.clone());
        old.rescheduled_by = by;
        old.updated = now;
    }
    state.record_change(Change::Rescheduled { from: old_uid.to_owned(), to: uid.clone() });
    uid
}

fn check_seat(state: &mut State, request: &Request, old: &Booking, seat: &str) -> HandlerOutcome {
    let Some(event) = state.event_type(old.event_type).cloned() else { return Reply::internal().into() };
    let start = start_of(request);
    let attendee = state.booking(&old.uid).and_then(|booking| booking.attendee_of_seat(seat)).cloned();
    let Some(attendee) = attendee else {
        return Reply::bare(404, "Could not find original booking").into();
    };
    let mut draft = successor(old, &event, start);
    draft.name = attendee.name;
    draft.email = attendee.email;
    draft.phone = attendee.phone;
    draft.time_zone = attendee.time_zone;
    draft.language = attendee.language;
    if let Some(seat) = attendee.seat {
        draft.metadata = seat.metadata;
        draft.responses = seat.responses;
        draft.responses.insert("email".to_owned(), draft.email.clone().into());
    }
    let joined =
        engine::seated_at(state, &event, start).filter(|booking| booking.uid != old.uid).map(|b| b.uid.clone());
    if joined.is_none()
        && let Err(why) = hosts::check_bookable(state, &event, start, draft.end(), Some(&old.uid))
    {
        return insert::refusal(why, BookingShape::New).into();
    }
    let (old_uid, seat) = (old.uid.clone(), seat.to_owned());
    later(state.latency.commit, move |state, _| {
        let still = state.booking(&old_uid).is_some_and(|booking| booking.attendee_of_seat(&seat).is_some());
        if !still {
            return Reply::coded(404, "NOT_FOUND", "Invalid Query: The requested record was not found.").into();
        }
        move_seat(state, &draft, &old_uid, &seat, joined.as_deref())
    })
}

/// Removes the seat from the old booking and adds one to the other, which is created if it does not exist.
fn move_seat(
    state: &mut State,
    draft: &BookingDraft,
    old_uid: &str,
    seat: &str,
    joined: Option<&str>,
) -> HandlerOutcome {
    let (uid, new_seat) = match joined {
        Some(uid) => (uid.to_owned(), insert::take_seat(state, uid, draft)),
        None => {
            let uid = insert::put(state, draft, draft.start, false, None);
            let seat = state.booking(&uid).and_then(|b| b.attendees.first()).and_then(|a| a.seat.as_ref());
            let seat = seat.map(|seat| seat.uid.clone()).unwrap_or_default();
            (uid, seat)
        }
    };
    let now = state.now();
    if let Some(old) = state.booking_mut(old_uid) {
        old.attendees.retain(|attendee| attendee.seat.as_ref().is_none_or(|s| s.uid != seat));
        old.updated = now;
        if old.attendees.is_empty() {
            old.status = BookingStatus::Cancelled;
        }
    }
    state.record_change(Change::Rescheduled { from: old_uid.to_owned(), to: uid.clone() });
    let first = joined.is_none();
    later(state.latency.response, move |state, request| {
        let booking = state.booking(&uid).cloned();
        let shown = booking.map(|b| render::answer(state, &b, request.user(), Some(&new_seat), first));
        Reply::created(shown.unwrap_or(Value::Null)).into()
    })
}
