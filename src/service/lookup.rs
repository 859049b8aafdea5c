//! Looking for what bears a key. The service has no filter for it, so that bookings are listed by e-mail address, event
//! type and time, and compared here. No status is asked for: each of the service's would leave something out.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::{IdempotencyKey, MARKER, Ticket, event_type::Rules, once::Why};
use crate::{
    Client, Result,
    facade::BookingFilter,
    model::{Booking, BookingStatus, BookingUid, EventTypeId, SeatUid},
};

/// One thing that bears a key: a booking, an occurrence of a series, or a seat.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) booking: Booking,
    pub(crate) seat: Option<SeatUid>,
}

/// What tells one row from another.
pub(crate) type RowName = (BookingUid, Option<SeatUid>);

impl Row {
    /// Whatever in `booking` bears `key`.
    pub(crate) fn of(booking: &Booking, key: &IdempotencyKey) -> Vec<Self> {
        let bears = |metadata: &serde_json::Map<String, serde_json::Value>| {
            metadata.get(MARKER).and_then(serde_json::Value::as_str) == Some(key.as_str())
        };
        if bears(&booking.metadata) {
            return vec![Self { booking: booking.clone(), seat: None }];
        }
        let seats = booking.attendees.iter().filter(|attendee| attendee.metadata().is_some_and(bears));
        seats.map(|attendee| Self { booking: booking.clone(), seat: attendee.seat_uid() }).collect()
    }

    pub(crate) fn name(&self) -> RowName {
        (self.booking.uid.clone(), self.seat.clone())
    }

    pub(crate) fn is_live(&self) -> bool {
        is_live(&self.booking)
    }

    /// The oldest first. Seats have no age: theirs is an order that everybody finds the same.
    pub(crate) fn age(&self) -> (Option<Timestamp>, i64, Option<SeatUid>) {
        (self.booking.created_at(), self.booking.id.0, self.seat.clone())
    }
}

pub(crate) fn is_live(booking: &Booking) -> bool {
    !matches!(booking.status, BookingStatus::Cancelled | BookingStatus::Rejected)
}

/// What one look showed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// Everything that bears the key, called off or not.
    pub(crate) rows: Vec<Row>,
    /// Whether somebody else's booking stands at exactly this time, or in the way of an occurrence. Only a wide look tells.
    pub(crate) rival: bool,
}

impl Sight {
    pub(crate) fn live(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_live())
    }

    /// What somebody called off, or moved. What this crate withdrew is not among it.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_live() && !Why::is_ours(&row.booking))
    }

    pub(crate) fn names(&self) -> HashSet<RowName> {
        self.live().map(Row::name).collect()
    }
}

/// Where to look, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    key: IdempotencyKey,
    email: String,
    event_type: EventTypeId,
    start: Timestamp,
    end: Timestamp,
    /// How long one occurrence is.
    length: SignedDuration,
    /// From one occurrence to the next, where that is always the same.
    every: Option<SignedDuration>,
}

/// Where the length of an appointment is not known, it ends within this.
const DAY: i64 = 24 * 60;

impl Lookup {
    pub(crate) fn new(ticket: &Ticket, rules: Option<&Rules>, minutes: Option<u32>) -> Self {
        let length = minutes
            .map(|minutes| i64::from(minutes).min(3_660 * DAY))
            .or(rules.map(|rules| rules.length))
            .unwrap_or(DAY);
        let series = rules.and_then(|rules| rules.recurrence).map_or(0, |it| it.occurrences * it.days * DAY);
        let series = if rules.is_none() { 366 * DAY } else { series };
        // Some of an event type's lengths may be longer than the one it had when the ticket was written.
        let longest = rules.into_iter().flat_map(|rules| rules.lengths.iter().copied()).fold(length, i64::max);
        let length = if minutes.is_some() { length } else { longest };
        let end = ticket.start.checked_add(SignedDuration::from_mins(length + series)).unwrap_or(Timestamp::MAX);
        Self {
            key: ticket.key.clone(),
            email: ticket.email.clone(),
            event_type: ticket.event_type_id,
            start: ticket.start,
            end,
            length: SignedDuration::from_mins(length),
            every: rules
                .and_then(|rules| rules.recurrence)
                .filter(|it| it.weekly)
                .map(|it| SignedDuration::from_hours(24 * it.days)),
        }
    }

    /// Looks once. A `wide` look also sees whose the time is, if somebody else has it.
    pub(crate) async fn look(&self, client: &Client, wide: bool) -> Result<Sight> {
        let mut filter =
            BookingFilter { start_time: Some(self.start), end_time: Some(self.end), ..BookingFilter::default() };
        if !wide {
            filter.attendee_email = Some(self.email.clone());
            filter.event_type_id = Some(self.event_type);
        }
        let bookings = client.bookings().stream(&filter).collect().await?;
        let rows: Vec<Row> = bookings.iter().flat_map(|booking| Row::of(booking, &self.key)).collect();
        let ours: HashSet<&BookingUid> = rows.iter().map(|row| &row.booking.uid).collect();
        let rival = wide && bookings.iter().any(|booking| self.has_the_time(booking) && !ours.contains(&booking.uid));
        Ok(Sight { rows, rival })
    }

    fn has_the_time(&self, booking: &Booking) -> bool {
        if booking.status != BookingStatus::Accepted {
            return false;
        }
        let Some(every) = self.every else {
            return booking.start_time == self.start && booking.end_time == self.end;
        };
        // Where the host's clock changes in between, an occurrence is missed here; it costs another try, no more.
        let since = booking.start_time.duration_since(self.start);
        let until = booking.end_time.duration_since(self.start);
        (0..=since.as_secs() / every.as_secs().max(1) + 1).any(|nth| {
            let at = every.checked_mul(i32::try_from(nth).unwrap_or(0)).unwrap_or(SignedDuration::MAX);
            since < at.saturating_add(self.length) && at < until
        })
    }
}

/// Goes through the bookings of this host, the youngest first, for one that bears the key: for callers that have kept
/// nothing else.
pub(crate) async fn search(client: &Client, key: &IdempotencyKey, most: usize) -> Result<Vec<Row>> {
    let filter = BookingFilter {
        sort: Some(crate::facade::Sort::CreatedDescending),
        take: Some(u32::try_from(most.clamp(1, 250)).unwrap_or(250)),
        ..BookingFilter::default()
    };
    let mut pages = client.bookings().stream(&filter);
    let (mut seen, mut found) = (0, Vec::new());
    while seen < most {
        let Some(booking) = pages.next().await else { break };
        seen += 1;
        found.extend(Row::of(&booking?, key));
    }
    Ok(found)
}
