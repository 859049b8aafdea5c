//! Schedules of the builder.

use jiff::civil::Date;

use super::super::state::schedule::{Availability, DateOverride, Schedule, minutes};
use super::super::state::{IdKind, State};

/// A schedule: the hours in which a user can be booked.
///
/// ```
/// use calcom_fake::FakeSchedule;
///
/// let hours = FakeSchedule::nine_to_five("work")
///     .time_zone("Europe/Berlin")
///     .on("2026-12-24".parse().unwrap(), "09:00", "12:00");
/// # let _ = hours;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeSchedule {
    name: String,
    zone: Option<String>,
    hours: Vec<(Vec<u8>, u16, u16)>,
    dated: Vec<(Date, u16, u16)>,
}

impl FakeSchedule {
    /// Creates a schedule without hours.
    pub fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), zone: None, hours: Vec::new(), dated: Vec::new() }
    }

    /// Creates a schedule for Monday to Friday from 09:00 to 17:00.
    pub fn nine_to_five(name: &str) -> Self {
        Self::empty(name).hours(&[1, 2, 3, 4, 5], "09:00", "17:00")
    }

    /// Sets the IANA time zone of the hours. Default: that of the user.
    pub fn time_zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.to_owned());
        self
    }

    /// Adds hours on days of the week; 0 is Sunday. Times have the form `09:30`; the end of the day is `24:00`.
    pub fn hours(mut self, days: &[u8], start: &str, end: &str) -> Self {
        self.hours.push((days.to_vec(), minutes(start).unwrap_or_default(), end_minutes(end)));
        self
    }

    /// Overrides the hours of one date. If start and end are equal, the date has no hours.
    pub fn on(mut self, date: Date, start: &str, end: &str) -> Self {
        self.dated.push((date, minutes(start).unwrap_or_default(), end_minutes(end)));
        self
    }

    pub(super) fn insert_into(self, state: &mut State, owner: i64, zone: &str) -> i64 {
        let id = state.ids.number(IdKind::Schedule);
        let mut availability = Vec::new();
        for (days, start, end) in self.hours {
            availability.push(Availability {
                row: state.ids.number(IdKind::AvailabilityRow),
                days,
                start,
                end,
                user: None,
            });
        }
        let mut overrides = Vec::new();
        for (date, start, end) in self.dated {
            overrides.push(DateOverride { row: state.ids.number(IdKind::AvailabilityRow), date, start, end });
        }
        let time_zone = self.zone.unwrap_or_else(|| zone.to_owned());
        state.schedules.push(Schedule { id, owner, name: self.name, time_zone, availability, overrides });
        id
    }
}

/// The end in minutes since midnight. The service itself has no `24:00`.
fn end_minutes(end: &str) -> u16 {
    if end == "24:00" { 1440 } else { minutes(end).unwrap_or_default() }
}
