//! Looking for what bears a key. The service has no filter for it, so that bookings are listed by e-mail address, event
//! type and time, and compared here. No status is asked for: each of the service's would leave something out.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{IdempotencyKey, MARKER, Ticket, event_type::Rules, key::DIGEST, page::whole, reason::Why};
use crate::{
    Client, Result,
    facade::{BookingFilter, BookingSort},
    model::{Attendee, Booking, BookingStatus, BookingUid, EventTypeId, SeatUid},
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
        let bears = |metadata: &Map<String, Value>| text(metadata, MARKER) == Some(key.as_str());
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

    /// The oldest first. Seats have no age, but the service lists them in the order in which they were taken.
    pub(crate) fn age(&self) -> (Option<Timestamp>, i64, usize, Option<SeatUid>) {
        let is_it = |attendee: &Attendee| self.seat.is_some() && attendee.seat_uid() == self.seat;
        let place = self.booking.attendees.iter().position(is_it).unwrap_or(usize::MAX);
        (self.booking.created_at(), self.booking.id.0, place, self.seat.clone())
    }

    /// The digest of its content, where one was written beside the key.
    fn digest(&self) -> Option<&str> {
        let of_seat = |seat: &SeatUid| {
            let attendee = self.booking.attendees.iter().find(|it| it.seat_uid().as_ref() == Some(seat))?;
            text(attendee.metadata()?, DIGEST)
        };
        self.seat.as_ref().map_or_else(|| text(&self.booking.metadata, DIGEST), of_seat)
    }
}

fn text<'a>(metadata: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    metadata.get(key).and_then(Value::as_str)
}

/// Whether a booking bears a key, whichever.
pub(crate) fn bears_any_key(booking: &Booking) -> bool {
    booking.metadata.contains_key(MARKER)
        || booking.attendees.iter().any(|it| it.metadata().is_some_and(|metadata| metadata.contains_key(MARKER)))
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
    /// Whether that is the very time of the appointment, or of its first occurrence.
    pub(crate) rival_at_start: bool,
    /// A booking that bears the key, and was made of other content.
    pub(crate) used_for: Option<Booking>,
    /// The same person's booking of the same time and event type that does not bear the key.
    pub(crate) same_person: Option<Booking>,
}

/// Where to look, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    key: IdempotencyKey,
    /// The digest of the content; empty where whoever looks does not know it.
    digest: String,
    email: String,
    event_type: EventTypeId,
    start: Timestamp,
    end: Timestamp,
    /// How long one occurrence is.
    length: SignedDuration,
    /// From one occurrence to the next, where that is always the same.
    every: Option<SignedDuration>,
    /// Whose time it takes, where the event type has one host only.
    host: Option<i64>,
}

/// Where the length of an appointment is not known, it ends within this.
const DAY: i64 = 24 * 60;
/// How many of the host's bookings, the last changed first, the first look for a caller's own key goes through: a key that
/// was used for another person or time is among them.
const RECENT: u32 = 50;
/// So many rivals are read before it is left open whether one stands.
const RIVALS_READ: usize = 3;
/// A list is not followed further than this: no appointment has so many neighbours.
const MOST_PAGES: usize = 40;

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
            digest: String::new(),
            email: ticket.email.clone(),
            event_type: ticket.event_type_id,
            start: ticket.start,
            end,
            length: SignedDuration::from_mins(length),
            every: rules
                .and_then(|rules| rules.recurrence)
                .filter(|it| it.weekly)
                .map(|it| SignedDuration::from_hours(24 * it.days)),
            host: rules.and_then(|rules| match *rules.hosts.as_slice() {
                [host] => Some(host),
                _ => None,
            }),
        }
    }

    /// The same for content with this digest: what bears the key and another digest is not it.
    pub(crate) fn of_content(mut self, digest: &str) -> Self {
        digest.clone_into(&mut self.digest);
        self
    }

    /// Looks once. A `wide` look also sees whose the time is, if somebody else has it.
    pub(crate) async fn look(&self, client: &Client, wide: bool) -> Result<Sight> {
        let mut filter =
            BookingFilter { start_time: Some(self.start), end_time: Some(self.end), ..BookingFilter::default() };
        if !wide {
            filter.attendee_email = Some(self.email.clone());
            filter.event_type_id = Some(self.event_type);
        }
        let bookings = Box::pin(all(client, &filter, Some(&self.key))).await?;
        let mut sight = self.sort_out(&bookings);
        let ours: HashSet<&BookingUid> = sight.rows.iter().map(|row| &row.booking.uid).collect();
        let is_rival = |booking: &&Booking| self.has_the_time(booking) && !ours.contains(&booking.uid);
        let rivals: Vec<&Booking> = bookings.iter().filter(|_| wide).filter(is_rival).collect();
        sight.rival = !rivals.is_empty();
        let at_start: Vec<&BookingUid> =
            rivals.into_iter().filter(|it| self.is_at_the_start(it)).map(|it| &it.uid).collect();
        sight.rival_at_start = Box::pin(self.stands_any(client, &at_start)).await;
        Ok(sight)
    }

    /// Whether one of these rivals still has the time of the start: a list that lags shows what was called off since.
    async fn stands_any(&self, client: &Client, rivals: &[&BookingUid]) -> bool {
        for uid in rivals.iter().take(RIVALS_READ) {
            let read = client.bookings().get(*uid).await;
            if read.is_ok_and(|it| self.has_the_time(&it) && self.is_at_the_start(&it)) {
                return true;
            }
        }
        false
    }

    /// Looks for the first time: at the host's last bookings, where the key may stand on anything; and, where the host has
    /// more of them, at the place of the appointment. `many` tells that it has, and learns it.
    pub(crate) async fn look_around(&self, client: &Client, many: &mut bool) -> Result<Sight> {
        let filter = BookingFilter {
            sort: Some(BookingSort::UpdatedDescending),
            take: Some(RECENT),
            ..BookingFilter::default()
        };
        let recent = Box::pin(whole(client, &filter, Some(&self.key)));
        let (recent, mut here) = if *many {
            let (recent, here) = both(recent, self.look(client, false)).await;
            (recent, Some(here))
        } else {
            (recent.await, None)
        };
        *many = recent.as_ref().map_or(*many, |page| page.next_skip.is_some());
        let around = recent.map(|page| (self.sort_out(&page.items), page.next_skip.is_none()));
        if let Ok((sight, true)) = around {
            return Ok(sight);
        }
        let mut sight = match here.take() {
            Some(here) => here?,
            None => Box::pin(self.look(client, false)).await?,
        };
        if let Ok((around, _)) = around {
            let known: HashSet<RowName> = sight.rows.iter().map(Row::name).collect();
            sight.rows.extend(around.rows.into_iter().filter(|row| !known.contains(&row.name())));
            sight.used_for = sight.used_for.or(around.used_for);
        }
        Ok(sight)
    }

    /// What of the booking or series `uid` bears the key, as it stands now.
    pub(crate) async fn read(&self, client: &Client, uid: &BookingUid) -> Result<Sight> {
        Ok(self.sort_out(&client.bookings().get_series(uid).await?))
    }

    fn sort_out(&self, bookings: &[Booking]) -> Sight {
        let mut sight = Sight::default();
        for booking in bookings {
            let rows = Row::of(booking, &self.key);
            if rows.is_empty() && self.is_of_same_person(booking) {
                sight.same_person.get_or_insert_with(|| booking.clone());
            }
            for row in rows {
                if self.is_this_content(&row) {
                    sight.rows.push(row);
                } else if !Why::is_ours(booking) {
                    sight.used_for.get_or_insert_with(|| booking.clone());
                }
            }
        }
        sight
    }

    /// Whether a row that bears the key is what is looked for. One without a digest is, where it stands in its place.
    fn is_this_content(&self, row: &Row) -> bool {
        let booking = &row.booking;
        if self.digest.is_empty() {
            return booking.event_type_id().is_none_or(|id| id == self.event_type);
        }
        match row.digest() {
            Some(digest) => digest == self.digest,
            None => {
                let here = (self.start..=self.end).contains(&booking.start_time) || booking.reschedule_uid.is_some();
                let person = booking.attendees.is_empty() || booking.attendees.iter().any(|it| it.email == self.email);
                here && person && booking.event_type_id().is_none_or(|id| id == self.event_type)
            }
        }
    }

    fn is_of_same_person(&self, booking: &Booking) -> bool {
        is_live(booking)
            && booking.start_time == self.start
            && booking.event_type_id() == Some(self.event_type)
            && booking.attendees.iter().any(|attendee| attendee.email == self.email)
    }

    fn is_at_the_start(&self, booking: &Booking) -> bool {
        let end = self.start.checked_add(self.length).unwrap_or(Timestamp::MAX);
        booking.start_time == self.start && booking.end_time == end
    }

    /// Whether a booking takes the time from the same host: the lists show bookings too that the host only attends.
    fn has_the_time(&self, booking: &Booking) -> bool {
        let host = booking.user.as_ref().and_then(|host| host.extra("id")?.as_i64());
        if booking.status != BookingStatus::Accepted || host.is_none() || host != self.host {
            return false;
        }
        let Some(every) = self.every else {
            return booking.start_time == self.start && booking.end_time == self.end;
        };
        self.meets_an_occurrence(booking, every)
    }

    /// Where the host's clock changes in between, an occurrence is missed here; it costs another try, no more.
    fn meets_an_occurrence(&self, booking: &Booking, every: SignedDuration) -> bool {
        let seconds = |at: Timestamp| at.duration_since(self.start).as_secs();
        let every = every.as_secs().max(1);
        // The first occurrence that has not ended when the booking starts.
        let nth = ((seconds(booking.start_time) - self.length.as_secs()).div_euclid(every) + 1).max(0);
        nth * every < seconds(booking.end_time)
    }

    /// What stands in the way of the appointment, or of one of its occurrences.
    pub(crate) async fn in_the_way(&self, client: &Client) -> Result<Option<Booking>> {
        let near = SignedDuration::from_mins(DAY);
        let filter = BookingFilter {
            start_time: self.start.checked_sub(near).ok(),
            end_time: self.end.checked_add(near).ok(),
            ..BookingFilter::default()
        };
        let overlaps = |booking: &Booking| match self.every {
            Some(every) => self.meets_an_occurrence(booking, every),
            None => {
                let end = self.start.checked_add(self.length).unwrap_or(Timestamp::MAX);
                booking.start_time < end && self.start < booking.end_time
            }
        };
        let found = all(client, &filter, Some(&self.key)).await?;
        let mut live: Vec<Booking> = found.into_iter().filter(|it| is_live(it) && overlaps(it)).collect();
        live.sort_by_key(|booking| (!self.is_of_same_person(booking), !self.is_the_same_persons(booking)));
        Ok(live.into_iter().next())
    }

    /// Whether a booking is the same person's, of whichever event type.
    pub(crate) fn is_the_same_persons(&self, booking: &Booking) -> bool {
        booking.attendees.iter().any(|attendee| attendee.email == self.email)
    }
}

/// Both at once.
pub(crate) async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (Box::pin(one), Box::pin(other));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|context| {
        use std::task::Poll;
        if first.is_none()
            && let Poll::Ready(done) = one.as_mut().poll(context)
        {
            first = Some(done);
        }
        if second.is_none()
            && let Poll::Ready(done) = other.as_mut().poll(context)
        {
            second = Some(done);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

/// Everything that a filter finds, page by page, as far as that brings anything new.
pub(crate) async fn all(client: &Client, filter: &BookingFilter, key: Option<&IdempotencyKey>) -> Result<Vec<Booking>> {
    let mut filter =
        BookingFilter { sort: Some(filter.sort.unwrap_or(BookingSort::CreatedAscending)), ..filter.clone() };
    filter.take.get_or_insert(250);
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    for _ in 0..MOST_PAGES {
        let page = whole(client, &filter, key).await?;
        let before = found.len();
        found.extend(page.items.into_iter().filter(|booking| known.insert(booking.uid.clone())));
        if page.next_skip.is_none() || found.len() == before {
            break;
        }
        filter.skip = page.next_skip;
    }
    Ok(found)
}

/// Goes through the bookings of this host, the youngest first, for one that bears the key: for callers that have kept
/// nothing else.
pub(crate) async fn search(client: &Client, key: &IdempotencyKey, most: usize) -> Result<Vec<Row>> {
    let take = u32::try_from(most.clamp(1, 250)).unwrap_or(250);
    let mut filter =
        BookingFilter { sort: Some(BookingSort::CreatedDescending), take: Some(take), ..BookingFilter::default() };
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    while known.len() < most {
        let page = whole(client, &filter, Some(key)).await?;
        let before = known.len();
        for booking in page.items {
            if known.len() < most && known.insert(booking.uid.clone()) {
                found.extend(Row::of(&booking, key));
            }
        }
        if page.next_skip.is_none() || known.len() == before {
            break;
        }
        filter.skip = page.next_skip;
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
