//! The limits of an event type: on bookings and booked time in a day, week, month or year, and on the active bookings of one
//! attendee (recordings `bookings-limits/*`).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::instant::zone;
use crate::state::{Booking, BookingStatus, EventType, State};

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachedLimit {
    /// `bookingLimitsCount`.
    Bookings,
    /// `bookingLimitsDuration`.
    Duration,
}

/// Checks `bookingLimitsCount` and `bookingLimitsDuration`. A booking that is to be rescheduled does not count.
pub(super) fn check(
    state: &State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    moving: Option<&str>,
) -> Result<(), ReachedLimit> {
    let limits = |name: &str| event.rest.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let (counts, durations) = (limits("bookingLimitsCount"), limits("bookingLimitsDuration"));
    if counts.is_empty() && durations.is_empty() {
        return Ok(());
    }
    let tz = state.schedule_of(event).map_or(TimeZone::UTC, |schedule| zone(&schedule.time_zone));
    let same = |unit: &str, at: Timestamp| span(unit, at, &tz) == span(unit, start, &tz);
    let counts_in = |booking: &&Booking| {
        booking.event_type == event.id
            && booking.status == BookingStatus::Accepted
            && Some(booking.uid.as_str()) != moving
    };
    let minutes = (end.as_second() - start.as_second()) / 60;
    let fits = |unit: &str, most: &Value, weigh: &dyn Fn(&Booking) -> i64, own: i64| {
        let used: i64 = state.bookings.iter().filter(counts_in).filter(|b| same(unit, b.start)).map(weigh).sum();
        most.as_i64().is_none_or(|most| used + own <= most)
    };
    if !counts.iter().all(|(unit, most)| fits(unit, most, &|_| 1, 1)) {
        return Err(ReachedLimit::Bookings);
    }
    if !durations.iter().all(|(unit, most)| fits(unit, most, &Booking::minutes, minutes)) {
        return Err(ReachedLimit::Duration);
    }
    Ok(())
}

/// The period of an instant by the unit of a limit: equal for all instants of one day, week, month or year.
fn span(unit: &str, at: Timestamp, tz: &TimeZone) -> (i16, i16) {
    let date = at.to_zoned_datetime(tz.clone()).date();
    match unit {
        "day" => (date.year(), date.day_of_year()),
        "week" => (date.iso_week_date().year(), i16::from(date.iso_week_date().week())),
        "month" => (date.year(), i16::from(date.month())),
        _ => (date.year(), 0),
    }
}

/// `bookerActiveBookingsLimit`: the service's message for an attendee who has reached the number of active bookings.
pub(crate) fn of_attendee(state: &State, event: &EventType, email: &str) -> Option<String> {
    let limit = event.rest.get("bookerActiveBookingsLimit")?;
    let most = usize::try_from(limit.get("maximumActiveBookings")?.as_i64()?).ok()?;
    let now = state.now();
    let active = |booking: &&Booking| {
        booking.event_type == event.id
            && booking.status == BookingStatus::Accepted
            && booking.start >= now
            && booking.attendees.iter().any(|attendee| attendee.email == email)
    };
    let mut active: Vec<&Booking> = state.bookings.iter().filter(active).collect();
    if active.len() < most || limit.get("disabled") == Some(&Value::Bool(true)) {
        return None;
    }
    active.sort_by_key(|booking| booking.start);
    let refusal = "Attendee with this email can't book because the maximum number of active bookings has been reached.";
    let existing = active.first().filter(|_| limit.get("offerReschedule") == Some(&Value::Bool(true)));
    Some(existing.map_or_else(
        || refusal.to_owned(),
        |booking| {
            let uid = &booking.uid;
            format!("{refusal} You can reschedule your existing booking ({uid}) to a new timeslot instead.")
        },
    ))
}
