//! Which times of an event type are free: its hours, less what its host is busy with, within notice and window. Also
//! the judgement whether one given time can be booked. How it is asked and shown is decided elsewhere.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::limits::{self, Limit};
use crate::instant::{plus_minutes, zone};
use crate::state::{Booking, EventType, Schedule, State, Status};

/// A time that can be booked.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// Of a seated event type.
    pub(crate) seats: Option<SlotSeats>,
}

#[derive(Clone, Debug)]
pub(crate) struct SlotSeats {
    pub(crate) booked: i64,
    pub(crate) total: i64,
    pub(crate) booking_uid: Option<String>,
}

/// What is asked for.
pub(crate) struct Search<'a> {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Minutes.
    pub(crate) duration: i64,
    /// A booking that is about to be moved and so does not count as busy.
    pub(crate) moving: Option<&'a str>,
    /// The zone that was asked for, UTC if none was: its days count for "first of the day", and its clock for the grid.
    pub(crate) zone: &'a TimeZone,
}

/// Every free slot, in order.
pub(crate) fn slots(state: &State, event: &EventType, search: &Search<'_>) -> Vec<Slot> {
    let Some(schedule) = state.schedule_of(event) else { return Vec::new() };
    let step = event.slot_interval.unwrap_or(search.duration).max(1);
    let busy = busy(state, event, search.moving);
    let mut found: Vec<Slot> = Vec::new();
    for hours in open_hours(schedule, search.from, search.to) {
        let mut start = plus_minutes(on_grid(hours.start, step, search.zone), event.offset_start);
        while start < search.from {
            start = plus_minutes(start, step);
        }
        loop {
            let end = plus_minutes(start, search.duration);
            if end > hours.end || end > search.to {
                break;
            }
            let slot = in_bounds(state, event, start).then(|| slot(state, event, start, end, &busy)).flatten();
            let day = |at: Timestamp| at.to_zoned_datetime(search.zone.clone()).date();
            let hidden = event.only_first_slot && found.iter().any(|other| day(other.start) == day(start));
            if let Some(slot) = slot.filter(|_| !hidden) {
                found.push(slot);
            }
            start = plus_minutes(start, step);
        }
    }
    found
}

/// The first minute from `start` on that is a multiple of the step's grid on the clock of the zone that was asked for: slots of
/// 30 minutes begin on the half hours of Kathmandu, which are quarters of UTC (recordings `bookings-limits/slots-30min-kathmandu`
/// and `bookings-limits/slots-kathmandu`).
fn on_grid(start: Timestamp, step: i64, zone: &TimeZone) -> Timestamp {
    let grid = [60, 30, 20, 15, 10, 5].into_iter().find(|grid| step % grid == 0).unwrap_or(1);
    let minute = i64::from(start.to_zoned_datetime(zone.clone()).minute());
    plus_minutes(start, (grid - minute % grid) % grid)
}

fn slot(state: &State, event: &EventType, start: Timestamp, end: Timestamp, busy: &[Busy<'_>]) -> Option<Slot> {
    let seated = event.seats.map(|seats| {
        let booking = seated_at(state, event, start);
        let booked = booking.map_or(0, |booking| i64::try_from(booking.taken_seats()).unwrap_or(i64::MAX));
        SlotSeats { booked, total: seats.per_slot, booking_uid: booking.map(|booking| booking.uid.clone()) }
    });
    if let Some(seats) = &seated
        && seats.booking_uid.is_some()
    {
        return (seats.booked < seats.total).then_some(Slot { start, end, seats: seated });
    }
    let taken = busy.iter().any(|b| b.time.start < end && start < b.time.end);
    let reserved = event.seats.is_none() && is_reserved(state, event.id, start, None);
    (!taken && !reserved && limits::check(state, event, start, end, None).is_ok()).then_some(Slot {
        start,
        end,
        seats: seated,
    })
}

/// The live seated booking that somebody who books `start` would join.
pub fn seated_at<'a>(state: &'a State, event: &EventType, start: Timestamp) -> Option<&'a Booking> {
    state.bookings.iter().find(|booking| {
        booking.seated && booking.event_type == event.id && booking.start == start && booking.status.is_live()
    })
}

/// The live booking of an event type that lies in a time.
pub(crate) fn booked<'a>(state: &'a State, event: &EventType, start: Timestamp, end: Timestamp) -> Option<&'a Booking> {
    state
        .bookings
        .iter()
        .find(|booking| booking.event_type == event.id && booking.status.is_live() && booking.overlaps(start, end))
}

/// Whether somebody holds a part of a time, other than reservation `except`.
pub(crate) fn is_held(state: &State, event_type: i64, start: Timestamp, end: Timestamp, except: Option<&str>) -> bool {
    let now = state.now();
    state.reservations.iter().any(|r| {
        r.event_type == event_type && r.until > now && r.start < end && start < r.end && Some(r.uid.as_str()) != except
    })
}

/// Whether somebody holds the slot, other than reservation `except`.
pub(crate) fn is_reserved(state: &State, event_type: i64, start: Timestamp, except: Option<&str>) -> bool {
    let now = state.now();
    state
        .reservations
        .iter()
        .any(|r| r.event_type == event_type && r.start == start && r.until > now && Some(r.uid.as_str()) != except)
}

struct Busy<'a> {
    time: Range<Timestamp>,
    booking: &'a Booking,
}

/// When the host of an event type is busy, with the buffers of both event types around it.
fn busy<'a>(state: &'a State, event: &EventType, moving: Option<&str>) -> Vec<Busy<'a>> {
    let counts = |booking: &&Booking| {
        let blocks = match booking.status {
            Status::Accepted => true,
            Status::Pending => state
                .event_type(booking.event_type)
                .and_then(|other| other.confirmation.as_ref())
                .is_some_and(|confirmation| confirmation.blocks_slot),
            Status::Cancelled | Status::Rejected => false,
        };
        blocks && booking.host == event.owner && Some(booking.uid.as_str()) != moving
    };
    let bookings = state.bookings.iter().filter(counts);
    bookings
        .map(|booking| {
            let other = state.event_type(booking.event_type);
            let before = other.map_or(0, |other| other.buffer_before) + event.buffer_after;
            let after = other.map_or(0, |other| other.buffer_after) + event.buffer_before;
            Busy { time: plus_minutes(booking.start, -before)..plus_minutes(booking.end, after), booking }
        })
        .collect()
}

/// Why a time cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    Past,
    /// Against notice or window.
    OutOfBounds,
    /// Outside the hours, or the host is busy.
    Taken,
    /// The event type takes no more in this day, week, month or year.
    Limit(Limit),
}

/// Judges one time. A seated booking that could be joined does not make it taken.
pub fn judge(
    state: &State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    moving: Option<&str>,
) -> Result<(), Unavailable> {
    if start < state.now() {
        return Err(Unavailable::Past);
    }
    if !in_bounds(state, event, start) {
        return Err(Unavailable::OutOfBounds);
    }
    // A full day is told before a taken time (recording `bookings-limits/count-day-same-slot`).
    limits::check(state, event, start, end, moving).map_err(Unavailable::Limit)?;
    let open = state
        .schedule_of(event)
        .is_some_and(|schedule| open_hours(schedule, start, end).iter().any(|h| h.start <= start && end <= h.end));
    let joins = |booking: &Booking| {
        event.seats.is_some() && booking.seated && booking.event_type == event.id && booking.start == start
    };
    let busy = busy(state, event, moving);
    let taken = busy.iter().any(|b| b.time.start < end && start < b.time.end && !joins(b.booking));
    if open && !taken { Ok(()) } else { Err(Unavailable::Taken) }
}

/// Whether the host has an accepted booking at exactly this time: what the service's unique key refuses.
pub(crate) fn collides(state: &State, host: i64, start: Timestamp, end: Timestamp, moving: Option<&str>) -> bool {
    state.bookings.iter().any(|booking| {
        booking.status == Status::Accepted
            && booking.host == host
            && booking.start == start
            && booking.end == end
            && Some(booking.uid.as_str()) != moving
    })
}

/// The schedule's hours between two instants, touching ones joined.
fn open_hours(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Vec<Range<Timestamp>> {
    let tz = zone(&schedule.time_zone);
    let first = from.to_zoned_datetime(tz.clone()).date().checked_sub(1.day()).unwrap_or(Date::MIN);
    let last = to.to_zoned_datetime(tz.clone()).date().checked_add(1.day()).unwrap_or(Date::MAX);
    let mut hours: Vec<Range<Timestamp>> = Vec::new();
    let mut date = first;
    while date <= last {
        for (start, end) in schedule.hours(date) {
            let (Some(start), Some(end)) = (at(date, start, &tz), at(date, end, &tz)) else { continue };
            match hours.last_mut() {
                Some(before) if before.end >= start => before.end = before.end.max(end),
                _ => hours.push(start..end),
            }
        }
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    hours.retain(|range| range.start < to && from < range.end);
    hours
}

fn at(date: Date, minutes: u16, tz: &TimeZone) -> Option<Timestamp> {
    let midnight = date.at(0, 0, 0, 0);
    let local = midnight.checked_add(i64::from(minutes).minutes()).ok()?;
    tz.to_ambiguous_timestamp(local).compatible().ok()
}

/// Notice and window.
fn in_bounds(state: &State, event: &EventType, start: Timestamp) -> bool {
    let now = state.now();
    if start < plus_minutes(now, event.notice) {
        return false;
    }
    let Some(window) = &event.window else { return true };
    let tz = state.schedule_of(event).map_or(TimeZone::UTC, |schedule| zone(&schedule.time_zone));
    let day = start.to_zoned_datetime(tz.clone()).date();
    let today = now.to_zoned_datetime(tz).date();
    match window.get("type").and_then(Value::as_str) {
        Some("range") => {
            let bound = |at: usize| {
                let text = window.get("value").and_then(|v| v.get(at)).and_then(Value::as_str)?;
                text.get(..10)?.parse::<Date>().ok()
            };
            bound(0).is_none_or(|first| first <= day) && bound(1).is_none_or(|last| day <= last)
        }
        Some(kind) => {
            let days = window.get("value").and_then(Value::as_i64).unwrap_or(i64::MAX);
            day <= last_day(today, days, kind == "businessDays")
        }
        None => true,
    }
}

fn last_day(today: Date, days: i64, business: bool) -> Date {
    if !business {
        return i32::try_from(days).ok().and_then(|days| today.checked_add(days.days()).ok()).unwrap_or(Date::MAX);
    }
    let mut day = today;
    let mut left = days;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return Date::MAX };
        day = next;
        if day.weekday().to_monday_one_offset() <= 5 {
            left -= 1;
        }
    }
    day
}
