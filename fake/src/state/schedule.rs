//! Schedules: weekly hours and overrides of dates, in a time zone.

use jiff::civil::Date;

#[derive(Clone, Debug)]
pub struct Schedule {
    pub id: i64,
    pub owner: i64,
    pub name: String,
    pub time_zone: String,
    pub availability: Vec<Availability>,
    pub overrides: Vec<DateOverride>,
}

/// The same hours on several days of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct Availability {
    /// The id of the row, which older responses show.
    pub row: i64,
    /// 0 is Sunday.
    pub days: Vec<u8>,
    /// Minutes since midnight, in the schedule's zone.
    pub start: u16,
    /// Minutes since midnight; at most 1440.
    pub end: u16,
    /// The user's id, on rows that the older route created.
    pub user: Option<i64>,
}

/// The hours of one date in place of the weekly ones. If start and end are equal, there are none.
#[derive(Clone, Debug, PartialEq)]
pub struct DateOverride {
    pub row: i64,
    pub date: Date,
    pub start: u16,
    pub end: u16,
}

impl Schedule {
    /// Hours of a day, in minutes since midnight; `weekday` 0 is Sunday.
    pub fn hours(&self, date: Date) -> Vec<(u16, u16)> {
        let dated: Vec<(u16, u16)> =
            self.overrides.iter().filter(|o| o.date == date).map(|o| (o.start, o.end)).collect();
        let mut hours = if dated.is_empty() {
            let weekday = u8::try_from(date.weekday().to_sunday_zero_offset()).unwrap_or(0);
            self.availability.iter().filter(|row| row.days.contains(&weekday)).map(|row| (row.start, row.end)).collect()
        } else {
            dated
        };
        hours.retain(|(start, end)| start < end);
        hours.sort_unstable();
        hours
    }
}

pub const DAY_NAMES: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Parses `09:30` into minutes. `None` if it is not a time of day.
pub fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Writes 570 as `09:30`.
pub(crate) fn clock_text(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}
