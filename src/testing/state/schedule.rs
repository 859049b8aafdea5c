//! A schedule: weekly hours and dated overrides, in a time zone.

use jiff::civil::Date;

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) id: i64,
    pub(crate) owner: i64,
    pub(crate) name: String,
    pub(crate) time_zone: String,
    pub(crate) availability: Vec<Availability>,
    pub(crate) overrides: Vec<Override>,
}

/// The same hours on several days of the week.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Availability {
    /// The row's own id, which the old answers show.
    pub(crate) row: i64,
    /// 0 is Sunday.
    pub(crate) days: Vec<u8>,
    /// Minutes since midnight, in the schedule's zone.
    pub(crate) start: u16,
    /// Minutes since midnight; not after 1440.
    pub(crate) end: u16,
    /// Rows written by the old create carry the user's id.
    pub(crate) user: Option<i64>,
}

/// The hours of one date, instead of the weekly ones. Equal start and end: none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Override {
    pub(crate) row: i64,
    pub(crate) date: Date,
    pub(crate) start: u16,
    pub(crate) end: u16,
}

impl Schedule {
    /// Hours of a day, in minutes since midnight; `weekday` 0 is Sunday.
    pub(crate) fn hours(&self, date: Date) -> Vec<(u16, u16)> {
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

pub(crate) const DAY_NAMES: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// `09:30` as minutes; nothing when it is not a time of day.
pub(crate) fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// 570 as `09:30`.
pub(crate) fn clock_text(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}
