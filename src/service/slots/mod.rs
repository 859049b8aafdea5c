//! Free times by the days of a zone: the caller's days, not those of UTC or of the host.
//!
//! The service is asked for whole UTC days, as many as the local days touch, and answers with instants; which local day
//! an instant belongs to is worked out here. So a day of 23 or 25 hours, a zone of half an hour, a midnight that does not
//! exist are all the same to it. Slots therefore lie on the grid of UTC: a zone off the whole hour, for which the service itself
//! would begin them at other instants, shows them at its own quarters. Walking on to the next free time is left to `next_free`.

mod next_free;
#[cfg(test)]
mod zones;

use std::{collections::BTreeMap, ops::RangeInclusive};

use jiff::{SignedDuration, Timestamp, ZonedDateTime, civil::Date, tz::TimeZone};

pub use next_free::Wishes;

use super::{Service, deadline::Deadline};
use crate::{
    Client, Error, Result,
    model::{BookingUid, EventTypeId, Seats, Slot, SlotQuery},
};

/// A time that can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FreeSlot {
    /// When it starts, in the zone that was asked for.
    pub start: ZonedDateTime,
    /// When it ends, where the service says.
    pub end: Option<ZonedDateTime>,
    /// Its seats, of an event type that has them and shows how many are left.
    pub seats: Option<Seats>,
}

/// A local day, with what is free on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Day {
    /// The date in the zone that was asked for.
    pub date: Date,
    /// What is free, the earliest first. Never empty.
    pub slots: Vec<FreeSlot>,
}

/// Whose free times: an event type, of several lengths perhaps, or one whose booking is to be moved.
#[derive(Debug, Clone)]
#[must_use]
pub struct SlotsOf {
    event_type: EventTypeId,
    length: Option<u32>,
    moving: Option<BookingUid>,
}

impl SlotsOf {
    /// Of this event type.
    pub fn event_type(id: impl Into<EventTypeId>) -> Self {
        Self { event_type: id.into(), length: None, moving: None }
    }

    /// Of this length in minutes, for an event type that offers several. The service takes any number here and refuses
    /// the booking later: only ask for what is offered.
    pub fn length(mut self, minutes: u32) -> Self {
        self.length = Some(minutes);
        self
    }

    /// As if this booking were not there: for moving it.
    pub fn moving(mut self, uid: impl Into<BookingUid>) -> Self {
        self.moving = Some(uid.into());
        self
    }
}

impl<T: Into<EventTypeId>> From<T> for SlotsOf {
    fn from(id: T) -> Self {
        Self::event_type(id)
    }
}

/// Which days, or which span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Days {
    /// From the beginning of the first local day to the end of the last.
    Dates(RangeInclusive<Date>),
    /// From an instant up to another, that one left out.
    Span(Timestamp, Timestamp),
}

impl From<Date> for Days {
    fn from(day: Date) -> Self {
        Self::Dates(day..=day)
    }
}

impl From<RangeInclusive<Date>> for Days {
    fn from(days: RangeInclusive<Date>) -> Self {
        Self::Dates(days)
    }
}

impl From<std::ops::Range<Timestamp>> for Days {
    fn from(span: std::ops::Range<Timestamp>) -> Self {
        Self::Span(span.start, span.end)
    }
}

impl Days {
    /// The whole UTC days that it touches, and one more, for a slot that goes past midnight; `None` where it is empty.
    fn utc(&self, zone: &TimeZone) -> Result<Option<(Timestamp, Timestamp)>> {
        let far = |_| Error::invalid("days", "are further away than time goes");
        let (from, to) = match self {
            Self::Dates(days) if days.is_empty() => return Ok(None),
            Self::Dates(days) => {
                let after = days.end().tomorrow().map_err(far)?;
                let begin = |date: &Date| date.to_zoned_datetime(zone.clone()).map(|midnight| midnight.timestamp());
                (begin(days.start()).map_err(far)?, begin(&after).map_err(far)?)
            }
            Self::Span(from, to) => (*from, *to),
        };
        if from >= to {
            return Ok(None);
        }
        let midnight =
            |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).start_of_day().map(|midnight| midnight.timestamp());
        let until = to.checked_add(SignedDuration::from_hours(48)).and_then(midnight).map_err(far)?;
        Ok(Some((midnight(from).map_err(far)?, until)))
    }

    fn contains(&self, start: &ZonedDateTime) -> bool {
        match self {
            Self::Dates(days) => days.contains(&start.date()),
            Self::Span(from, to) => (*from..*to).contains(&start.timestamp()),
        }
    }
}

impl Service {
    /// The free times on these days *of this zone*, grouped by local day, in the zone's time.
    ///
    /// `days` is a date, a range of dates, or a span between two instants. Days on which nothing is free are left out.
    ///
    /// ```no_run
    /// use calcom::{Client, service::Service};
    /// use jiff::{civil::date, tz::TimeZone};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = Service::new(Client::from_env()?);
    /// let berlin = TimeZone::get("Europe/Berlin")?;
    /// for day in service.find_slots(2026361, date(2030, 1, 14)..=date(2030, 1, 18), &berlin).await? {
    ///     println!("{}: {} free, the first at {}", day.date, day.slots.len(), day.slots[0].start.time());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event type, and whatever else asking for slots can fail with.
    pub async fn find_slots(&self, of: impl Into<SlotsOf>, days: impl Into<Days>, zone: &TimeZone) -> Result<Vec<Day>> {
        let deadline = Deadline::within(self.budget());
        let client = self.budget_client(&deadline);
        deadline.run(self.slots(&client, &of.into(), &days.into(), zone)).await
    }

    pub(super) async fn slots(&self, client: &Client, of: &SlotsOf, days: &Days, zone: &TimeZone) -> Result<Vec<Day>> {
        let Some((from, to)) = days.utc(zone)? else { return Ok(Vec::new()) };
        let mut query = SlotQuery::new(of.event_type, from, to).with_ends();
        query.duration = of.length;
        query.booking_uid_to_reschedule.clone_from(&of.moving);
        let found = client.slots().list(&query).await?;
        Ok(by_local_day(found.iter().map(Found::from), days, zone))
    }
}

/// A free time as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: Timestamp,
    pub(crate) end: Option<Timestamp>,
    pub(crate) seats: Option<Seats>,
}

impl From<&Slot> for Found {
    fn from(slot: &Slot) -> Self {
        Self { start: slot.time, end: slot.end(), seats: slot.seats() }
    }
}

/// What lies within `days`, by the local day that it starts on.
pub(crate) fn by_local_day(found: impl IntoIterator<Item = Found>, days: &Days, zone: &TimeZone) -> Vec<Day> {
    let mut by_day: BTreeMap<Date, Vec<FreeSlot>> = BTreeMap::new();
    for slot in found {
        let start = slot.start.to_zoned_datetime(zone.clone());
        if days.contains(&start) {
            let end = slot.end.map(|end| end.to_zoned_datetime(zone.clone()));
            by_day.entry(start.date()).or_default().push(FreeSlot { start, end, seats: slot.seats });
        }
    }
    let sorted = |(date, mut slots): (Date, Vec<FreeSlot>)| {
        slots.sort_by(|a, b| a.start.cmp(&b.start));
        slots.dedup_by(|a, b| a.start == b.start);
        Day { date, slots }
    };
    by_day.into_iter().map(sorted).collect()
}
