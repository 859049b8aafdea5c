//! Looking up what has a key. The service has no filter for the key, so that bookings are listed by e-mail address, event type
//! and time, and compared in this module. No status is requested: every status of the service would omit some.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{
    IDEMPOTENCY_KEY_FIELD, IdempotencyKey, Ticket, cancel_reason::CancelReason, event_type::EventTypeRules, join::join,
    key::DIGEST_FIELD, page::list_complete_page, scope::LookupClient,
};
use crate::{
    Client, Result,
    facade::{BookingFilter, BookingSort},
    model::{Attendee, Booking, BookingStatus, BookingUid, EventTypeId, SeatUid},
};

/// A row: a booking, an occurrence of a series, or a seat that has the key.
#[derive(Debug, Clone)]
pub(crate) struct BookingRow {
    pub(crate) booking: Booking,
    pub(crate) seat: Option<SeatUid>,
}

/// The identity of a row.
pub(crate) type RowId = (BookingUid, Option<SeatUid>);

impl BookingRow {
    /// The rows of `booking` that have `key`.
    pub(crate) fn with_key(booking: &Booking, key: &IdempotencyKey) -> Vec<Self> {
        let has_key =
            |metadata: &Map<String, Value>| metadata_text(metadata, IDEMPOTENCY_KEY_FIELD) == Some(key.as_str());
        if has_key(&booking.metadata) {
            return vec![Self { booking: booking.clone(), seat: None }];
        }
        let seats = booking.attendees.iter().filter(|attendee| attendee.metadata().is_some_and(has_key));
        seats.map(|attendee| Self { booking: booking.clone(), seat: attendee.seat_uid() }).collect()
    }

    pub(crate) fn id(&self) -> RowId {
        (self.booking.uid.clone(), self.seat.clone())
    }

    pub(crate) fn is_active(&self) -> bool {
        is_active(&self.booking)
    }

    /// Orders rows by age, the oldest first. Seats have no time of their own; the service lists them in the order in
    /// which they were taken.
    pub(crate) fn sort_key(&self) -> (Option<Timestamp>, i64, usize, Option<SeatUid>) {
        let is_it = |attendee: &Attendee| self.seat.is_some() && attendee.seat_uid() == self.seat;
        let place = self.booking.attendees.iter().position(is_it).unwrap_or(usize::MAX);
        (self.booking.created_at(), self.booking.id.0, place, self.seat.clone())
    }

    /// The digest of its content, if one is stored beside the key.
    fn digest(&self) -> Option<&str> {
        let of_seat = |seat: &SeatUid| {
            let attendee = self.booking.attendees.iter().find(|it| it.seat_uid().as_ref() == Some(seat))?;
            metadata_text(attendee.metadata()?, DIGEST_FIELD)
        };
        self.seat.as_ref().map_or_else(|| metadata_text(&self.booking.metadata, DIGEST_FIELD), of_seat)
    }
}

fn metadata_text<'a>(metadata: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    metadata.get(key).and_then(Value::as_str)
}

/// Whether a booking has any key.
pub(crate) fn has_any_key(booking: &Booking) -> bool {
    booking.metadata.contains_key(IDEMPOTENCY_KEY_FIELD)
        || booking
            .attendees
            .iter()
            .any(|it| it.metadata().is_some_and(|metadata| metadata.contains_key(IDEMPOTENCY_KEY_FIELD)))
}

pub(crate) fn is_active(booking: &Booking) -> bool {
    !matches!(booking.status, BookingStatus::Cancelled | BookingStatus::Rejected)
}

/// The result of one lookup.
#[derive(Debug, Clone, Default)]
pub(crate) struct LookupResult {
    /// All rows with the key, active or cancelled.
    pub(crate) rows: Vec<BookingRow>,
    /// Whether another attendee's booking has exactly this time, or overlaps an occurrence. Only a wide lookup shows
    /// it.
    pub(crate) taken_by_other: bool,
    /// Whether that booking has the time of the appointment, or of its first occurrence.
    pub(crate) start_taken_by_other: bool,
    /// A booking that has the key and other content.
    pub(crate) other_content: Option<Booking>,
    /// The same attendee's booking of the same time and event type, without the key.
    pub(crate) same_attendee: Option<Booking>,
}

/// The lookup of one appointment: the filter, and what to compare.
#[derive(Debug, Clone)]
pub(crate) struct BookingLookup {
    key: IdempotencyKey,
    /// The digest of the content; empty if it is not known.
    digest: String,
    email: String,
    event_type: EventTypeId,
    start: Timestamp,
    end: Timestamp,
    /// The length of one occurrence.
    length: SignedDuration,
    /// The interval between occurrences, if it is constant.
    interval: Option<SignedDuration>,
    /// The id of the host, if the event type has only one.
    host: Option<i64>,
}

/// Minutes of a day. An appointment of unknown length is assumed to end within them.
const DAY_MINUTES: i64 = 24 * 60;
/// How many of the host's bookings, the last changed first, the first lookup for a caller's own key reads. A key that
/// was used for another attendee or time is among them.
const RECENT_BOOKINGS: u32 = 50;
/// Most conflicting bookings that are read to learn whether one is active.
const MAX_CONFLICT_READS: usize = 3;
/// Most pages of a list that are read.
const MAX_PAGES: usize = 40;

impl BookingLookup {
    pub(crate) fn new(ticket: &Ticket, rules: Option<&EventTypeRules>, minutes: Option<u32>) -> Self {
        let length = minutes
            .map(|minutes| i64::from(minutes).min(3_660 * DAY_MINUTES))
            .or(rules.map(|rules| rules.length_minutes))
            .unwrap_or(DAY_MINUTES);
        let series = rules.and_then(|rules| rules.series).map_or(0, |it| it.occurrences * it.max_days * DAY_MINUTES);
        let series = if rules.is_none() { 366 * DAY_MINUTES } else { series };
        // The event type may offer a longer length than it did when the ticket was written.
        let longest = rules.into_iter().flat_map(|rules| rules.length_options.iter().copied()).fold(length, i64::max);
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
            interval: rules
                .and_then(|rules| rules.series)
                .filter(|it| it.is_weekly)
                .map(|it| SignedDuration::from_hours(24 * it.max_days)),
            host: rules.and_then(|rules| match *rules.host_ids.as_slice() {
                [host] => Some(host),
                _ => None,
            }),
        }
    }

    /// Sets the digest of the content: a row that has the key and another digest is other content.
    pub(crate) fn with_digest(mut self, digest: &str) -> Self {
        digest.clone_into(&mut self.digest);
        self
    }

    /// Looks up once. A `wide` lookup also shows whether another attendee has the time.
    pub(crate) async fn lookup(&self, client: &LookupClient, wide: bool) -> Result<LookupResult> {
        let mut filter =
            BookingFilter { start_time: Some(self.start), end_time: Some(self.end), ..BookingFilter::default() };
        if !wide {
            filter.attendee_email = Some(self.email.clone());
            filter.event_type_id = Some(self.event_type);
        }
        let bookings = Box::pin(list_all(client, &filter, Some(&self.key))).await?;
        let mut result = self.classify(&bookings);
        let own: HashSet<&BookingUid> = result.rows.iter().map(|row| &row.booking.uid).collect();
        let is_conflict = |booking: &&Booking| self.occupies_slot(booking) && !own.contains(&booking.uid);
        let conflicts: Vec<&Booking> = bookings.iter().filter(|_| wide).filter(is_conflict).collect();
        result.taken_by_other = !conflicts.is_empty();
        let at_start: Vec<&BookingUid> =
            conflicts.into_iter().filter(|it| self.occupies_start(it)).map(|it| &it.uid).collect();
        result.start_taken_by_other = Box::pin(self.is_any_active(client, &at_start)).await;
        Ok(result)
    }

    /// Whether one of these bookings still has the time of the start: a list that lags shows bookings that were
    /// cancelled since.
    async fn is_any_active(&self, client: &Client, conflicts: &[&BookingUid]) -> bool {
        for uid in conflicts.iter().take(MAX_CONFLICT_READS) {
            let read = client.bookings().get(*uid).await;
            if read.is_ok_and(|it| self.occupies_slot(&it) && self.occupies_start(&it)) {
                return true;
            }
        }
        false
    }

    /// Looks up for the first time: among the host's last bookings, where the key may have any content, and, if the
    /// host has more of them, at the time of the appointment. `has_more` says that it has, and is updated.
    pub(crate) async fn lookup_recent(&self, client: &LookupClient, has_more: &mut bool) -> Result<LookupResult> {
        let filter = BookingFilter {
            sort: Some(BookingSort::UpdatedDescending),
            take: Some(RECENT_BOOKINGS),
            ..BookingFilter::default()
        };
        let recent = Box::pin(list_complete_page(client, &filter, Some(&self.key)));
        let (recent, mut at_slot) = if *has_more {
            let (recent, at_slot) = join(recent, self.lookup(client, false)).await;
            (recent, Some(at_slot))
        } else {
            (recent.await, None)
        };
        *has_more = recent.as_ref().map_or(*has_more, |page| page.next_skip.is_some());
        let by_recent = recent.map(|page| (self.classify(&page.items), page.next_skip.is_none()));
        if let Ok((result, true)) = by_recent {
            return Ok(result);
        }
        let mut result = match at_slot.take() {
            Some(at_slot) => at_slot?,
            None => Box::pin(self.lookup(client, false)).await?,
        };
        if let Ok((by_recent, _)) = by_recent {
            let known: HashSet<RowId> = result.rows.iter().map(BookingRow::id).collect();
            result.rows.extend(by_recent.rows.into_iter().filter(|row| !known.contains(&row.id())));
            result.other_content = result.other_content.or(by_recent.other_content);
        }
        Ok(result)
    }

    /// The rows of the booking or series `uid` that have the key, as they are now.
    pub(crate) async fn read_rows(&self, client: &Client, uid: &BookingUid) -> Result<LookupResult> {
        Ok(self.classify(&client.bookings().get_series(uid).await?))
    }

    fn classify(&self, bookings: &[Booking]) -> LookupResult {
        let mut result = LookupResult::default();
        for booking in bookings {
            let rows = BookingRow::with_key(booking, &self.key);
            if rows.is_empty() && self.is_same_attendees_slot(booking) {
                result.same_attendee.get_or_insert_with(|| booking.clone());
            }
            for row in rows {
                if self.matches_content(&row) {
                    result.rows.push(row);
                } else if !CancelReason::is_ours(booking) {
                    result.other_content.get_or_insert_with(|| booking.clone());
                }
            }
        }
        result
    }

    /// Whether a row with the key has the content that is looked up. A row without a digest has, if its time, attendee
    /// and event type fit.
    fn matches_content(&self, row: &BookingRow) -> bool {
        let booking = &row.booking;
        if self.digest.is_empty() {
            return booking.event_type_id().is_none_or(|id| id == self.event_type);
        }
        match row.digest() {
            Some(digest) => digest == self.digest,
            None => {
                let at_slot = (self.start..=self.end).contains(&booking.start_time) || booking.reschedule_uid.is_some();
                let person = booking.attendees.is_empty() || booking.attendees.iter().any(|it| it.email == self.email);
                at_slot && person && booking.event_type_id().is_none_or(|id| id == self.event_type)
            }
        }
    }

    fn is_same_attendees_slot(&self, booking: &Booking) -> bool {
        is_active(booking)
            && booking.start_time == self.start
            && booking.event_type_id() == Some(self.event_type)
            && booking.attendees.iter().any(|attendee| attendee.email == self.email)
    }

    fn occupies_start(&self, booking: &Booking) -> bool {
        let end = self.start.checked_add(self.length).unwrap_or(Timestamp::MAX);
        booking.start_time == self.start && booking.end_time == end
    }

    /// Whether a booking takes the time of the same host: lists also show bookings that the host only attends.
    fn occupies_slot(&self, booking: &Booking) -> bool {
        let host = booking.user.as_ref().and_then(|host| host.extra("id")?.as_i64());
        if booking.status != BookingStatus::Accepted || host.is_none() || host != self.host {
            return false;
        }
        let Some(interval) = self.interval else {
            return booking.start_time == self.start && booking.end_time == self.end;
        };
        self.overlaps_occurrence(booking, interval)
    }

    /// If the host's clock changes in between, this misses an occurrence; the cost is one more attempt.
    fn overlaps_occurrence(&self, booking: &Booking, interval: SignedDuration) -> bool {
        let seconds = |at: Timestamp| at.duration_since(self.start).as_secs();
        let interval = interval.as_secs().max(1);
        // The first occurrence that has not ended when the booking starts.
        let nth = ((seconds(booking.start_time) - self.length.as_secs()).div_euclid(interval) + 1).max(0);
        nth * interval < seconds(booking.end_time)
    }

    /// The booking that conflicts with the appointment, or with one of its occurrences.
    pub(crate) async fn find_conflict(&self, client: &LookupClient) -> Result<Option<Booking>> {
        let near = SignedDuration::from_mins(DAY_MINUTES);
        let filter = BookingFilter {
            start_time: self.start.checked_sub(near).ok(),
            end_time: self.end.checked_add(near).ok(),
            ..BookingFilter::default()
        };
        let overlaps = |booking: &Booking| match self.interval {
            Some(interval) => self.overlaps_occurrence(booking, interval),
            None => {
                let end = self.start.checked_add(self.length).unwrap_or(Timestamp::MAX);
                booking.start_time < end && self.start < booking.end_time
            }
        };
        let found = list_all(client, &filter, Some(&self.key)).await?;
        let mut live: Vec<Booking> = found.into_iter().filter(|it| is_active(it) && overlaps(it)).collect();
        live.sort_by_key(|booking| (!self.is_same_attendees_slot(booking), !self.has_same_attendee(booking)));
        Ok(live.into_iter().next())
    }

    /// Whether a booking has the same attendee, of any event type.
    pub(crate) fn has_same_attendee(&self, booking: &Booking) -> bool {
        booking.attendees.iter().any(|attendee| attendee.email == self.email)
    }
}

/// All bookings that a filter finds, page by page, while pages bring new ones.
pub(crate) async fn list_all(
    client: &LookupClient,
    filter: &BookingFilter,
    key: Option<&IdempotencyKey>,
) -> Result<Vec<Booking>> {
    let mut filter =
        BookingFilter { sort: Some(filter.sort.unwrap_or(BookingSort::CreatedAscending)), ..filter.clone() };
    filter.take.get_or_insert(250);
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    for _ in 0..MAX_PAGES {
        let page = list_complete_page(client, &filter, key).await?;
        let before = found.len();
        found.extend(page.items.into_iter().filter(|booking| known.insert(booking.uid.clone())));
        if page.next_skip.is_none() || found.len() == before {
            break;
        }
        filter.skip = page.next_skip;
    }
    Ok(found)
}

/// Searches the bookings of the caller, the youngest first, for rows with the key.
pub(crate) async fn search_by_key(
    client: &LookupClient,
    key: &IdempotencyKey,
    limit: usize,
) -> Result<Vec<BookingRow>> {
    let take = u32::try_from(limit.clamp(1, 250)).unwrap_or(250);
    let mut filter =
        BookingFilter { sort: Some(BookingSort::CreatedDescending), take: Some(take), ..BookingFilter::default() };
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    while known.len() < limit {
        let page = list_complete_page(client, &filter, Some(key)).await?;
        let before = known.len();
        for booking in page.items {
            if known.len() < limit && known.insert(booking.uid.clone()) {
                found.extend(BookingRow::with_key(&booking, key));
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
