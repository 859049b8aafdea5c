//! The free times of an event type: its hours, without the busy times of its host, within notice and booking window. Also
//! whether a given time can be booked.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::limits::{self, ReachedLimit};
use crate::instant::{plus_minutes, zone};
use crate::state::{Booking, BookingStatus, EventType, Schedule, State};

/// A free slot.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// For event types with seats.
    pub(crate) seats: Option<SlotSeats>,
}

#[derive(Clone, Debug)]
pub(crate) struct SlotSeats {
    pub(crate) booked: i64,
    pub(crate) total: i64,
    pub(crate) booking_uid: Option<String>,
}

/// The parameters of a search.
pub(crate) struct SlotQuery<'a> {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// In minutes.
    pub(crate) duration: i64,
    /// The uid of a booking that is to be rescheduled, which does not count as busy.
    pub(crate) moving: Option<&'a str>,
    /// The zone that was asked for, UTC by default: its days count for "first slot of the day", and its clock for the grid.
    pub(crate) zone: &'a TimeZone,
}

/// All free slots of the owner, in order.
pub(super) fn slots_of_owner(state: &State, event: &EventType, search: &SlotQuery<'_>) -> Vec<Slot> {
    let Some(schedule) = state.schedule_of(event) else { return Vec::new() };
    let step = event.slot_interval.unwrap_or(search.duration).max(1);
    let busy = busy(state, event, search.moving);
    let mut found: Vec<Slot> = Vec::new();
    for hours in open_hours(schedule, search.from, search.to) {
        let mut start = plus_minutes(on_grid(hours.start, step, search.zone), event.offset_start);
        let behind = (search.from.as_second() - start.as_second()) / 60;
        start = plus_minutes(start, behind.max(0) / step * step);
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
            let next = plus_minutes(start, step);
            if next <= start {
                break;
            }
            start = next;
        }
    }
    found
}

/// The first minute from `start` on that is a multiple of the step's grid on the clock of the zone that was asked for. Slots of
/// 30 minutes begin on the half hours of Kathmandu, which are quarters of UTC. Recordings:
/// `bookings-limits/slots-30min-kathmandu` and `bookings-limits/slots-kathmandu`.
fn on_grid(start: Timestamp, step: i64, zone: &TimeZone) -> Timestamp {
    let grid = [60, 30, 20, 15, 10, 5].into_iter().find(|grid| step % grid == 0).unwrap_or(1);
    let minute = i64::from(start.to_zoned_datetime(zone.clone()).minute());
    plus_minutes(start, (grid - minute % grid) % grid)
}

fn slot(state: &State, event: &EventType, start: Timestamp, end: Timestamp, busy: &[BusyTime<'_>]) -> Option<Slot> {
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

/// The active booking with seats at `start`, which a further seat joins.
pub fn seated_at<'a>(state: &'a State, event: &EventType, start: Timestamp) -> Option<&'a Booking> {
    state.bookings.iter().find(|booking| {
        booking.seated && booking.event_type == event.id && booking.start == start && booking.status.is_live()
    })
}

/// The active booking of an event type within a time.
pub(crate) fn booked<'a>(state: &'a State, event: &EventType, start: Timestamp, end: Timestamp) -> Option<&'a Booking> {
    state
        .bookings
        .iter()
        .find(|booking| booking.event_type == event.id && booking.status.is_live() && booking.overlaps(start, end))
}

/// Whether a part of a time is reserved by another reservation than `except`.
pub(crate) fn is_held(state: &State, event_type: i64, start: Timestamp, end: Timestamp, except: Option<&str>) -> bool {
    let now = state.now();
    state.reservations.iter().any(|r| {
        r.event_type == event_type && r.until > now && r.start < end && start < r.end && Some(r.uid.as_str()) != except
    })
}

/// Whether the slot is reserved by another reservation than `except`.
pub(crate) fn is_reserved(state: &State, event_type: i64, start: Timestamp, except: Option<&str>) -> bool {
    let now = state.now();
    state
        .reservations
        .iter()
        .any(|r| r.event_type == event_type && r.start == start && r.until > now && Some(r.uid.as_str()) != except)
}

struct BusyTime<'a> {
    time: Range<Timestamp>,
    /// `None` for an absence, or an event of a calendar.
    booking: Option<&'a Booking>,
}

/// The busy times of an event type's host, with the buffers of both event types.
fn busy<'a>(state: &'a State, event: &EventType, moving: Option<&str>) -> Vec<BusyTime<'a>> {
    let counts = |booking: &&Booking| {
        let blocks = match booking.status {
            BookingStatus::Accepted => true,
            BookingStatus::Pending => state
                .event_type(booking.event_type)
                .and_then(|other| other.confirmation.as_ref())
                .is_some_and(|confirmation| confirmation.blocks_slot),
            BookingStatus::Cancelled | BookingStatus::Rejected => false,
        };
        blocks && booking.is_held_by(event.owner) && Some(booking.uid.as_str()) != moving
    };
    let bookings = state.bookings.iter().filter(counts);
    let absences = state.absences.iter().filter(|absence| absence.user == event.owner);
    let calendars = state.apps.selected_of(event.owner).flat_map(|calendar| &calendar.busy);
    bookings
        .map(|booking| {
            let other = state.event_type(booking.event_type);
            let before = other.map_or(0, |other| other.buffer_before) + event.buffer_after;
            let after = other.map_or(0, |other| other.buffer_after) + event.buffer_before;
            let time = plus_minutes(booking.start, -before)..plus_minutes(booking.end, after);
            BusyTime { time, booking: Some(booking) }
        })
        .chain(absences.map(|absence| BusyTime { time: absence.start..absence.end, booking: None }))
        .chain(calendars.map(|(start, end)| BusyTime { time: *start..*end, booking: None }))
        .collect()
}

/// Reason for which a time cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    Past,
    /// Outside notice or booking window.
    OutOfBounds,
    /// Outside the hours, or the host is busy.
    Taken,
    /// Not enough hosts of a team are free.
    HostsTaken,
    /// A limit of the event type for the day, week, month or year is reached.
    Limit(ReachedLimit),
}

/// Checks whether the owner of an event type can be booked. A booking with free seats does not make a time unavailable.
pub(crate) fn check_owner_bookable(
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
    // A reached limit is reported before a taken time (recording `bookings-limits/count-day-same-slot`).
    limits::check(state, event, start, end, moving).map_err(Unavailable::Limit)?;
    let open = state
        .schedule_of(event)
        .is_some_and(|schedule| open_hours(schedule, start, end).iter().any(|h| h.start <= start && end <= h.end));
    let joins = |booking: &Booking| {
        event.seats.is_some() && booking.seated && booking.event_type == event.id && booking.start == start
    };
    let busy = busy(state, event, moving);
    let taken = busy.iter().any(|b| b.time.start < end && start < b.time.end && !b.booking.is_some_and(joins));
    if open && !taken { Ok(()) } else { Err(Unavailable::Taken) }
}

/// Whether the host has an accepted booking at exactly this time, which the service's unique key prevents.
pub(crate) fn collides(state: &State, host: i64, start: Timestamp, end: Timestamp, moving: Option<&str>) -> bool {
    state.bookings.iter().any(|booking| {
        booking.status == BookingStatus::Accepted
            && booking.is_held_by(host)
            && booking.start == start
            && booking.end == end
            && Some(booking.uid.as_str()) != moving
    })
}

/// The hours of a schedule between two instants. Adjacent ones are merged.
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

/// Whether a start is within notice and booking window.
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
