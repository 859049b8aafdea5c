//! Bookings of the builder: inserted as requests insert them, and removed from the history.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::instant::zone;
use super::super::super::state::{BookingStatus, EventType, IdKind, State};
use super::draft::{BookingDraft, occurrences};
use super::offered_location::resolve_location;
use super::{cancel, insert, reschedule};

/// The booking that a test configures.
#[derive(Clone, Debug)]
pub(crate) struct BookingFixture {
    pub(crate) start: Timestamp,
    /// Names and addresses. Default: those of Ada Test.
    pub(crate) attendees: Vec<(String, String)>,
    pub(crate) status: BookingStatus,
    pub(crate) rescheduled_from: Option<Timestamp>,
    pub(crate) host_no_show: bool,
    pub(crate) no_show: bool,
    pub(crate) uid: Option<String>,
}

/// Inserts the booking, if the event type is known.
pub(crate) fn insert_fixture(state: &mut State, event_type: i64, wanted: BookingFixture) {
    let Some(event) = state.event_type(event_type).cloned() else { return };
    let (history, ready) = (state.history.len(), state.outbox.ready.len());
    for uid in insert_rows(state, &event, &wanted) {
        apply_status(state, &uid, &wanted);
    }
    // No request made it: it is neither in the history nor delivered to webhooks.
    state.history.truncate(history);
    state.outbox.ready.truncate(ready);
    let now = state.now();
    state.outbox.meetings.retain(|meeting| meeting.at > now);
}

/// Inserts the rows. Returns their uids.
fn insert_rows(state: &mut State, event: &EventType, wanted: &BookingFixture) -> Vec<String> {
    let pending = wanted.status == BookingStatus::Pending;
    let attendees = match wanted.attendees.as_slice() {
        [] => vec![("Ada Test".to_owned(), "ada@example.org".to_owned())],
        some => some.to_vec(),
    };
    let seated = event.seats.is_some();
    let mut draft = draft(state, event, wanted.start, &attendees, seated);
    if let Some(before) = wanted.rescheduled_from {
        draft.start = before;
        let old = insert::insert(state, &draft, before, pending, None);
        draft.start = wanted.start;
        set_next_uids(state, wanted);
        return vec![reschedule::replace(state, &draft, &old, pending, None, None)];
    }
    set_next_uids(state, wanted);
    if !draft.occurrences.is_empty() {
        let series = state.ids.uuid(IdKind::Series);
        let starts = std::mem::take(&mut draft.occurrences);
        let row = |start| insert::insert(state, &draft, start, pending, Some(series.clone()));
        return starts.into_iter().map(row).collect();
    }
    let uid = insert::insert(state, &draft, wanted.start, pending, None);
    for (name, email) in attendees.iter().skip(1).filter(|_| seated) {
        let seat = self::draft(state, event, wanted.start, &[(name.clone(), email.clone())], true);
        insert::take_seat(state, &uid, &seat);
    }
    vec![uid]
}

fn set_next_uids(state: &mut State, wanted: &BookingFixture) {
    if let Some(uid) = &wanted.uid {
        state.ids.set_next_uid(IdKind::Booking, uid.clone());
    }
}

/// Applies status, absences and reschedule.
fn apply_status(state: &mut State, uid: &str, wanted: &BookingFixture) {
    if wanted.status == BookingStatus::Cancelled {
        cancel::cancel_row(state, uid, None);
    }
    if let Some(booking) = state.booking_mut(uid) {
        booking.status = wanted.status;
        booking.absent_host = wanted.host_no_show;
        for attendee in &mut booking.attendees {
            attendee.absent = wanted.no_show;
        }
    }
}

fn draft(
    state: &State,
    event: &EventType,
    start: Timestamp,
    attendees: &[(String, String)],
    seated: bool,
) -> BookingDraft {
    let (name, email) = attendees.first().cloned().unwrap_or_default();
    let others = if seated { &[] } else { attendees.get(1..).unwrap_or_default() };
    let guests: Vec<String> = others.iter().map(|(_, email)| email.clone()).collect();
    let mut responses =
        Map::from_iter([("name".to_owned(), name.clone().into()), ("email".to_owned(), email.clone().into())]);
    if !guests.is_empty() {
        responses.insert("guests".to_owned(), Value::from(guests.clone()));
    }
    let host_zone = state.user(state.first_host(event)).map_or("UTC", |user| user.time_zone.as_str());
    let most = event.recurrence.as_ref().map_or(0, |recurrence| recurrence.occurrences);
    BookingDraft {
        event_type: event.id,
        host: state.first_host(event),
        other_hosts: Vec::new(),
        start,
        duration: event.length,
        name,
        email,
        phone: None,
        time_zone: host_zone.to_owned(),
        language: "en".to_owned(),
        guests,
        metadata: Map::new(),
        location: resolve_location(event, None).map(|(location, _)| location).unwrap_or_default(),
        responses,
        occurrences: occurrences(event, start, most, &zone(host_zone)),
    }
}
