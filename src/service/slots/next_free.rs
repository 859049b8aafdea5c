//! The next free times that match the attendee's preferences, searched week by week.

use std::time::Duration;

use jiff::{
    SignedDuration, Timestamp, ZonedDateTime,
    civil::{Time, Weekday},
    tz::TimeZone,
};

use super::{FreeSlot, SlotRange, SlotTarget};
use crate::{
    Client, Result,
    service::{Service, deadline::Deadline},
};

/// The attendee's preferences for free times, in the attendee's zone.
///
/// ```
/// use calcom::service::SlotPreferences;
/// use jiff::{civil::{Weekday, time}, tz::TimeZone};
///
/// # fn main() -> Result<(), jiff::Error> {
/// let afternoons = SlotPreferences::in_zone(TimeZone::get("Europe/Berlin")?)
///     .between_times(time(13, 0, 0, 0), time(18, 0, 0, 0))
///     .on_weekdays([Weekday::Monday, Weekday::Thursday])
///     .min_gap(std::time::Duration::from_secs(3600));
/// # let _ = afternoons;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SlotPreferences {
    zone: TimeZone,
    after: Option<Timestamp>,
    time_of_day: Option<(Time, Time)>,
    weekdays: Vec<Weekday>,
    min_gap: Duration,
    weeks: u32,
}

/// Weeks that are searched by default.
const DEFAULT_WEEKS: u32 = 8;
/// Most weeks that are searched: ten years.
const MAX_WEEKS: u32 = 520;

impl SlotPreferences {
    /// Accepts any time, in this zone.
    pub fn in_zone(zone: TimeZone) -> Self {
        Self {
            zone,
            after: None,
            time_of_day: None,
            weekdays: Vec::new(),
            min_gap: Duration::ZERO,
            weeks: DEFAULT_WEEKS,
        }
    }

    /// Accepts no time before this instant; default now.
    pub fn after(mut self, after: Timestamp) -> Self {
        self.after = Some(after);
        self
    }

    /// Accepts starts from `from` to before `to`, by the zone's clock. The range may cross midnight (`22:00` to
    /// `02:00`).
    pub fn between_times(mut self, from: Time, to: Time) -> Self {
        self.time_of_day = Some((from, to));
        self
    }

    /// Accepts only these days of the week, in the zone.
    pub fn on_weekdays(mut self, weekdays: impl IntoIterator<Item = Weekday>) -> Self {
        self.weekdays = weekdays.into_iter().collect();
        self
    }

    /// Sets the least time between the starts of two returned slots.
    pub fn min_gap(mut self, gap: Duration) -> Self {
        self.min_gap = gap;
        self
    }

    /// Sets the number of weeks that are searched, up to 520; default 8.
    pub fn max_weeks(mut self, weeks: u32) -> Self {
        self.weeks = weeks;
        self
    }

    fn matches(&self, start: &ZonedDateTime) -> bool {
        let part = self.time_of_day.is_none_or(|(from, to)| {
            let time = start.time();
            if from <= to { (from..to).contains(&time) } else { time >= from || time < to }
        });
        part && (self.weekdays.is_empty() || self.weekdays.contains(&start.weekday()))
    }
}

impl Service {
    /// Returns the next `n` free times that match, the earliest first; fewer if the searched weeks have no more.
    ///
    /// ```no_run
    /// use calcom::service::{Service, SlotPreferences};
    /// use jiff::tz::TimeZone;
    ///
    /// # async fn example(service: Service) -> calcom::Result<()> {
    /// for slot in service.next_free(2026361, 3, &SlotPreferences::in_zone(TimeZone::UTC)).await? {
    ///     println!("{}", slot.start);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`find_slots`](Self::find_slots); [`Error::Timeout`](crate::Error::Timeout) if the search takes longer than
    /// the deadline.
    pub async fn next_free(
        &self,
        target: impl Into<SlotTarget>,
        n: usize,
        preferences: &SlotPreferences,
    ) -> Result<Vec<FreeSlot>> {
        let deadline = Deadline::after(self.call_duration());
        let client = self.deadline_client(&deadline);
        deadline.run(self.search_free_slots(&client, &target.into(), n, preferences)).await
    }

    pub(in crate::service) async fn search_free_slots(
        &self,
        client: &Client,
        target: &SlotTarget,
        n: usize,
        preferences: &SlotPreferences,
    ) -> Result<Vec<FreeSlot>> {
        let week = SignedDuration::from_hours(7 * 24);
        let mut from = preferences.after.unwrap_or_else(|| (self.settings().now)());
        let mut free: Vec<FreeSlot> = Vec::new();
        for _ in 0..preferences.weeks.min(MAX_WEEKS) {
            let Ok(to) = from.checked_add(week) else { break };
            for slot in self
                .slots(client, target, &SlotRange::Instants(from, to), &preferences.zone)
                .await?
                .into_iter()
                .flat_map(|day| day.slots)
            {
                let is_far_enough = free.last().is_none_or(|last| {
                    slot.start.timestamp().duration_since(last.start.timestamp()).unsigned_abs() >= preferences.min_gap
                });
                if free.len() < n && is_far_enough && preferences.matches(&slot.start) {
                    free.push(slot);
                }
            }
            if free.len() >= n {
                break;
            }
            from = to;
        }
        Ok(free)
    }
}
