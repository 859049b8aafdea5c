//! Free times by the local days of a zone: the caller's days, not those of UTC or of the host.
//!
//! The service is asked for the whole UTC days that the local days touch, and answers with instants. The local day of an
//! instant is computed here. Days of 23 or 25 hours, zones with half hours, and a midnight that does not exist need no special
//! case. Slots are on the grid of UTC: in a zone that is off the whole hour the service itself would begin them at other
//! instants. The search for the next free times is left to `next_free`.

mod next_free;
#[cfg(test)]
mod zones;

use std::{collections::BTreeMap, ops::RangeInclusive};

use jiff::{SignedDuration, Timestamp, ZonedDateTime, civil::Date, tz::TimeZone};

pub use next_free::SlotPreferences;

use super::{Service, deadline::Deadline};
use crate::{
    Client, Error, Result,
    model::{BookingUid, CreateBooking, EventTypeId, Seats, Slot, SlotQuery},
};

/// A time that can be booked.
///
/// ```no_run
/// # fn example(slot: calcom::service::FreeSlot) {
/// println!("{} to {:?}", slot.start.time(), slot.end.map(|end| end.time()));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FreeSlot {
    /// The start, in the zone that was asked for.
    pub start: ZonedDateTime,
    /// The end, if the service returns it.
    pub end: Option<ZonedDateTime>,
    /// The seats, if the event type has seats and shows how many are left.
    pub seats: Option<Seats>,
    /// The length in minutes, if the search asked for one ([`SlotTarget::length`]).
    pub length: Option<u32>,
}

impl FreeSlot {
    /// The request to book it, in the time zone and with the length that were asked for.
    ///
    /// ```no_run
    /// use calcom::service::{Appointment, FreeSlot, Service};
    ///
    /// # async fn example(service: Service, slot: FreeSlot) {
    /// let booking = slot.booking(2026361, "John Doe", "john@example.com").notes("First visit");
    /// let outcome = service.book(Appointment::new(booking)).await;
    /// # let _ = outcome;
    /// # }
    /// ```
    pub fn booking(
        &self,
        event_type: impl Into<EventTypeId>,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> CreateBooking {
        let mut booking = CreateBooking::at(event_type, &self.start, name, email);
        booking.length_in_minutes = self.length;
        booking
    }
}

/// The free times of one local day.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service) -> calcom::Result<()> {
/// use calcom::service::SlotTarget;
/// use jiff::{civil::date, tz::TimeZone};
///
/// for day in service.find_slots(SlotTarget::event_type(1), date(2030, 1, 15), &TimeZone::UTC).await? {
///     println!("{}: {} free", day.date, day.slots.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DaySlots {
    /// The date in the zone that was asked for.
    pub date: Date,
    /// The free times, the earliest first. Never empty.
    pub slots: Vec<FreeSlot>,
}

/// The target of a search for free times: an event type, with a length if it has several, and the booking that is to be
/// rescheduled.
///
/// ```
/// use calcom::service::SlotTarget;
///
/// let target = SlotTarget::event_type(2026361).length(60).for_rescheduling("booking-uid");
/// # let _ = target;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SlotTarget {
    event_type: EventTypeId,
    length: Option<u32>,
    rescheduling: Option<BookingUid>,
}

impl SlotTarget {
    /// Selects the free times of this event type.
    pub fn event_type(id: impl Into<EventTypeId>) -> Self {
        Self { event_type: id.into(), length: None, rescheduling: None }
    }

    /// Sets the length in minutes, for an event type that offers several. The service accepts any number here and
    /// refuses the booking later: use only lengths that it offers.
    pub fn length(mut self, minutes: u32) -> Self {
        self.length = Some(minutes);
        self
    }

    /// Ignores this booking, so that it can be rescheduled to an overlapping time.
    pub fn for_rescheduling(mut self, uid: impl Into<BookingUid>) -> Self {
        self.rescheduling = Some(uid.into());
        self
    }
}

impl<T: Into<EventTypeId>> From<T> for SlotTarget {
    fn from(id: T) -> Self {
        Self::event_type(id)
    }
}

/// A range of local days, or of instants.
///
/// ```
/// use calcom::service::SlotRange;
/// use jiff::civil::date;
///
/// let week = SlotRange::from(date(2030, 1, 14)..=date(2030, 1, 18));
/// assert!(matches!(week, SlotRange::Dates(_)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotRange {
    /// From the beginning of the first local day to the end of the last.
    Dates(RangeInclusive<Date>),
    /// From the first instant to the second, which is excluded.
    Instants(Timestamp, Timestamp),
}

impl From<Date> for SlotRange {
    fn from(day: Date) -> Self {
        Self::Dates(day..=day)
    }
}

impl From<RangeInclusive<Date>> for SlotRange {
    fn from(days: RangeInclusive<Date>) -> Self {
        Self::Dates(days)
    }
}

impl From<std::ops::Range<Timestamp>> for SlotRange {
    fn from(span: std::ops::Range<Timestamp>) -> Self {
        Self::Instants(span.start, span.end)
    }
}

impl SlotRange {
    /// The whole UTC days that the range touches, and one more for a slot that crosses midnight; `None` if it is empty.
    fn utc_days(&self, zone: &TimeZone) -> Result<Option<(Timestamp, Timestamp)>> {
        let out_of_range = |_| Error::invalid("days", "are further away than time goes");
        let (from, to) = match self {
            Self::Dates(days) if days.is_empty() => return Ok(None),
            Self::Dates(days) => {
                let after = days.end().tomorrow().map_err(out_of_range)?;
                let begin = |date: &Date| date.to_zoned_datetime(zone.clone()).map(|midnight| midnight.timestamp());
                (begin(days.start()).map_err(out_of_range)?, begin(&after).map_err(out_of_range)?)
            }
            Self::Instants(from, to) => (*from, *to),
        };
        if from >= to {
            return Ok(None);
        }
        let midnight =
            |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).start_of_day().map(|midnight| midnight.timestamp());
        let until = to.checked_add(SignedDuration::from_hours(48)).and_then(midnight).map_err(out_of_range)?;
        Ok(Some((midnight(from).map_err(out_of_range)?, until)))
    }

    fn contains(&self, start: &ZonedDateTime) -> bool {
        match self {
            Self::Dates(days) => days.contains(&start.date()),
            Self::Instants(from, to) => (*from..*to).contains(&start.timestamp()),
        }
    }
}

impl Service {
    /// Lists the free times in a range, grouped by the local days *of this zone*, in the zone's time.
    ///
    /// `range` is a date, a range of dates, or a range of instants. Days without free times are left out.
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
    /// [`Error::NotFound`] for an unknown event type, and the errors of listing slots.
    pub async fn find_slots(
        &self,
        target: impl Into<SlotTarget>,
        range: impl Into<SlotRange>,
        zone: &TimeZone,
    ) -> Result<Vec<DaySlots>> {
        let deadline = Deadline::after(self.call_duration());
        let client = self.deadline_client(&deadline);
        deadline.run(self.slots(&client, &target.into(), &range.into(), zone)).await
    }

    pub(super) async fn slots(
        &self,
        client: &Client,
        target: &SlotTarget,
        range: &SlotRange,
        zone: &TimeZone,
    ) -> Result<Vec<DaySlots>> {
        let Some((from, to)) = range.utc_days(zone)? else { return Ok(Vec::new()) };
        let mut query = SlotQuery::new(target.event_type, from, to).with_ends();
        query.duration = target.length;
        query.booking_uid_to_reschedule.clone_from(&target.rescheduling);
        let found = client.slots().list(&query).await?;
        let mut days = group_by_local_day(found.iter().map(UtcSlot::from), range, zone);
        days.iter_mut().flat_map(|day| &mut day.slots).for_each(|slot| slot.length = target.length);
        Ok(days)
    }
}

/// A free time in UTC, as the service returned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UtcSlot {
    pub(crate) start: Timestamp,
    pub(crate) end: Option<Timestamp>,
    pub(crate) seats: Option<Seats>,
}

impl From<&Slot> for UtcSlot {
    fn from(slot: &Slot) -> Self {
        Self { start: slot.time, end: slot.end(), seats: slot.seats() }
    }
}

/// The slots within `range`, by the local day of their start.
pub(crate) fn group_by_local_day(
    found: impl IntoIterator<Item = UtcSlot>,
    range: &SlotRange,
    zone: &TimeZone,
) -> Vec<DaySlots> {
    let mut by_day: BTreeMap<Date, Vec<FreeSlot>> = BTreeMap::new();
    for slot in found {
        let start = slot.start.to_zoned_datetime(zone.clone());
        if range.contains(&start) {
            let end = slot.end.map(|end| end.to_zoned_datetime(zone.clone()));
            by_day.entry(start.date()).or_default().push(FreeSlot { start, end, seats: slot.seats, length: None });
        }
    }
    let sorted = |(date, mut slots): (Date, Vec<FreeSlot>)| {
        slots.sort_by(|a, b| a.start.cmp(&b.start));
        slots.dedup_by(|a, b| a.start == b.start);
        DaySlots { date, slots }
    };
    by_day.into_iter().map(sorted).collect()
}
