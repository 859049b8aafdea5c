//! Bookings that are there before anybody asks: put into the state the way requests put them, and forgotten by the history.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::instant::zone;
use super::super::super::state::{EventType, Kind, State, Status};
use super::draft::{Draft, occurrences};
use super::place::place;
use super::{cancel, making, reschedule};

/// A booking as a test wants it.
#[derive(Clone, Debug)]
pub(crate) struct Furnished {
    pub(crate) start: Timestamp,
    /// Names and addresses; Ada's where there are none.
    pub(crate) attendees: Vec<(String, String)>,
    pub(crate) status: Status,
    pub(crate) moved_from: Option<Timestamp>,
    pub(crate) absent_host: bool,
    pub(crate) absent: bool,
    pub(crate) uid: Option<String>,
}

/// Puts it there, where the event type is known.
pub(crate) fn furnish(state: &mut State, event_type: i64, wanted: Furnished) {
    let Some(event) = state.event_type(event_type).cloned() else { return };
    let (history, ready) = (state.history.len(), state.outbox.ready.len());
    for uid in put(state, &event, &wanted) {
        stand(state, &uid, &wanted);
    }
    // It was there before: nobody has done it, and nobody is told.
    state.history.truncate(history);
    state.outbox.ready.truncate(ready);
    let now = state.now();
    state.outbox.meetings.retain(|meeting| meeting.at > now);
}

/// Makes the rows; gives their uids.
fn put(state: &mut State, event: &EventType, wanted: &Furnished) -> Vec<String> {
    let pending = wanted.status == Status::Pending;
    let attendees = match wanted.attendees.as_slice() {
        [] => vec![("Ada Test".to_owned(), "ada@example.org".to_owned())],
        some => some.to_vec(),
    };
    let seated = event.seats.is_some();
    let mut draft = draft(state, event, wanted.start, &attendees, seated);
    if let Some(before) = wanted.moved_from {
        draft.start = before;
        let old = making::insert(state, &draft, before, pending, None);
        draft.start = wanted.start;
        expect(state, wanted);
        return vec![reschedule::replace(state, &draft, &old, pending, None, None)];
    }
    expect(state, wanted);
    if !draft.occurrences.is_empty() {
        let series = state.ids.uuid(Kind::Series);
        let starts = std::mem::take(&mut draft.occurrences);
        let row = |start| making::insert(state, &draft, start, pending, Some(series.clone()));
        return starts.into_iter().map(row).collect();
    }
    let uid = making::insert(state, &draft, wanted.start, pending, None);
    for (name, email) in attendees.iter().skip(1).filter(|_| seated) {
        let seat = self::draft(state, event, wanted.start, &[(name.clone(), email.clone())], true);
        making::take_seat(state, &uid, &seat);
    }
    vec![uid]
}

fn expect(state: &mut State, wanted: &Furnished) {
    if let Some(uid) = &wanted.uid {
        state.ids.expect_uid(Kind::Booking, uid.clone());
    }
}

/// What became of it since.
fn stand(state: &mut State, uid: &str, wanted: &Furnished) {
    if wanted.status == Status::Cancelled {
        cancel::cancel_row(state, uid, None);
    }
    if let Some(booking) = state.booking_mut(uid) {
        booking.status = wanted.status;
        booking.absent_host = wanted.absent_host;
        for attendee in &mut booking.attendees {
            attendee.absent = wanted.absent;
        }
    }
}

fn draft(state: &State, event: &EventType, start: Timestamp, attendees: &[(String, String)], seated: bool) -> Draft {
    let (name, email) = attendees.first().cloned().unwrap_or_default();
    let others = if seated { &[] } else { attendees.get(1..).unwrap_or_default() };
    let guests: Vec<String> = others.iter().map(|(_, email)| email.clone()).collect();
    let mut responses =
        Map::from_iter([("name".to_owned(), name.clone().into()), ("email".to_owned(), email.clone().into())]);
    if !guests.is_empty() {
        responses.insert("guests".to_owned(), Value::from(guests.clone()));
    }
    let host_zone = state.user(event.owner).map_or("UTC", |user| user.time_zone.as_str());
    let most = event.recurrence.as_ref().map_or(0, |recurrence| recurrence.occurrences);
    Draft {
        event_type: event.id,
        host: event.owner,
        start,
        duration: event.length,
        name,
        email,
        phone: None,
        time_zone: host_zone.to_owned(),
        language: "en".to_owned(),
        guests,
        metadata: Map::new(),
        location: place(event, None).map(|(location, _)| location).unwrap_or_default(),
        responses,
        occurrences: occurrences(event, start, most, &zone(host_zone)),
    }
}
