//! The next free times that suit somebody, week after week until there are enough.

use std::time::Duration;

use jiff::{
    SignedDuration, Timestamp, ZonedDateTime,
    civil::{Time, Weekday},
    tz::TimeZone,
};

use super::{Days, FreeSlot, SlotsOf};
use crate::{
    Client, Result,
    service::{Service, deadline::Deadline},
};

/// What suits somebody, in their own zone.
///
/// ```
/// use calcom::service::Wishes;
/// use jiff::{civil::{Weekday, time}, tz::TimeZone};
///
/// # fn main() -> Result<(), jiff::Error> {
/// let afternoons = Wishes::in_zone(TimeZone::get("Europe/Berlin")?)
///     .between(time(13, 0, 0, 0), time(18, 0, 0, 0))
///     .on([Weekday::Monday, Weekday::Thursday])
///     .apart(std::time::Duration::from_secs(3600));
/// # let _ = afternoons;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Wishes {
    zone: TimeZone,
    after: Option<Timestamp>,
    part_of_day: Option<(Time, Time)>,
    weekdays: Vec<Weekday>,
    apart: Duration,
    weeks: u32,
}

/// How far is walked where nothing is said.
const WEEKS: u32 = 8;
/// No further than this, whatever is said: ten years.
const MOST_WEEKS: u32 = 520;

impl Wishes {
    /// Any time at all, told in this zone.
    pub fn in_zone(zone: TimeZone) -> Self {
        Self { zone, after: None, part_of_day: None, weekdays: Vec::new(), apart: Duration::ZERO, weeks: WEEKS }
    }

    /// Not before this instant; default now.
    pub fn after(mut self, after: Timestamp) -> Self {
        self.after = Some(after);
        self
    }

    /// Starting at `from` or later, and before `to`, by the zone's clock. A part of the day that goes past midnight
    /// (`22:00` to `02:00`) is one too.
    pub fn between(mut self, from: Time, to: Time) -> Self {
        self.part_of_day = Some((from, to));
        self
    }

    /// Only on these days of the week, in the zone.
    pub fn on(mut self, weekdays: impl IntoIterator<Item = Weekday>) -> Self {
        self.weekdays = weekdays.into_iter().collect();
        self
    }

    /// At least so long from one time to the next, so that a choice is one.
    pub fn apart(mut self, gap: Duration) -> Self {
        self.apart = gap;
        self
    }

    /// How many weeks are walked at the most, up to 520; default 8.
    pub fn within_weeks(mut self, weeks: u32) -> Self {
        self.weeks = weeks;
        self
    }

    fn suits(&self, start: &ZonedDateTime) -> bool {
        let part = self.part_of_day.is_none_or(|(from, to)| {
            let time = start.time();
            if from <= to { (from..to).contains(&time) } else { time >= from || time < to }
        });
        part && (self.weekdays.is_empty() || self.weekdays.contains(&start.weekday()))
    }
}

impl Service {
    /// The next `n` free times that suit, the earliest first; fewer where the weeks that may be walked have no more.
    ///
    /// # Errors
    ///
    /// As [`find_slots`](Self::find_slots); [`Error::Timeout`](crate::Error::Timeout) where the weeks take longer than the
    /// budget.
    pub async fn next_free(&self, of: impl Into<SlotsOf>, n: usize, wishes: &Wishes) -> Result<Vec<FreeSlot>> {
        let deadline = Deadline::within(self.budget());
        let client = self.budget_client(&deadline);
        deadline.run(self.walk(&client, &of.into(), n, wishes)).await
    }

    pub(in crate::service) async fn walk(
        &self,
        client: &Client,
        of: &SlotsOf,
        n: usize,
        wishes: &Wishes,
    ) -> Result<Vec<FreeSlot>> {
        let week = SignedDuration::from_hours(7 * 24);
        let mut from = wishes.after.unwrap_or_else(|| (self.settings().now)());
        let mut free: Vec<FreeSlot> = Vec::new();
        for _ in 0..wishes.weeks.min(MOST_WEEKS) {
            let Ok(to) = from.checked_add(week) else { break };
            for slot in
                self.slots(client, of, &Days::Span(from, to), &wishes.zone).await?.into_iter().flat_map(|day| day.slots)
            {
                let far_enough = free.last().is_none_or(|last| {
                    slot.start.timestamp().duration_since(last.start.timestamp()).unsigned_abs() >= wishes.apart
                });
                if free.len() < n && far_enough && wishes.suits(&slot.start) {
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
