//! Following a booking through its reschedules: each gives a new uid and cancels the old booking, so that a uid that was
//! kept since the beginning still leads to the appointment.

use std::collections::HashSet;

use super::{
    Service,
    deadline::Deadline,
    lookup::{all, is_live},
    once::Why,
};
use crate::{
    Client, Error, Result,
    facade::BookingFilter,
    model::{Booking, BookingUid},
};

/// So many reschedules are followed, to either side.
const MOST_LINKS: usize = 100;

/// A booking's whole life, from the first time it was booked for to the present one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lineage {
    /// What it was before, the first booking first. All of them are cancelled.
    pub earlier: Vec<Booking>,
    /// What it is now. Cancelled or rejected, where the appointment was called off.
    pub present: Booking,
}

impl Lineage {
    /// Every uid that the appointment has had, the present one last.
    pub fn uids(&self) -> impl Iterator<Item = &BookingUid> {
        self.earlier.iter().chain([&self.present]).map(|booking| &booking.uid)
    }
}

impl Service {
    /// Follows a booking through its reschedules both ways: to the time it was first booked for, and to its present
    /// state. Any uid that it ever had will do.
    ///
    /// At most 100 reschedules are followed to either side. A seat that moves to another booking leaves no trace in the old
    /// one, and cannot be followed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown uid; [`Error::Timeout`] where it takes longer than the budget; whatever else reading
    /// a booking can fail with.
    pub async fn lineage(&self, uid: impl Into<BookingUid>) -> Result<Lineage> {
        let deadline = Deadline::within(self.budget());
        let client = self.budget_client(&deadline);
        deadline.run(trace(&client, uid.into())).await
    }

    /// What became of `booking` in the end.
    ///
    /// # Errors
    ///
    /// As [`succession`].
    pub(super) async fn follow(&self, client: &Client, booking: Booking) -> Result<Booking> {
        succession(client, booking).await.map(|succession| succession.present)
    }
}

async fn trace(client: &Client, uid: BookingUid) -> Result<Lineage> {
    let found = client.bookings().get(uid).await?;
    let mut earlier = walk(client, &found, Direction::Earlier).await?.bookings;
    earlier.reverse();
    earlier.push(found.clone());
    earlier.extend(walk(client, &found, Direction::Later).await?.bookings);
    let present = earlier.pop().unwrap_or(found);
    Ok(Lineage { earlier, present })
}

/// A booking, what it was moved to since, and where that ends.
#[derive(Debug)]
pub(super) struct Succession {
    /// The booking that the walk began with, and those that took its place in turn, less the last.
    pub(super) earlier: Vec<Booking>,
    pub(super) present: Booking,
}

/// Follows `booking` to the one that stands in its place now.
///
/// # Errors
///
/// [`Error::Validation`] if it was moved more than [`MOST_LINKS`] times: the last booking that was read is not known to be the
/// present one. Whatever else reading a booking can fail with.
pub(super) async fn succession(client: &Client, booking: Booking) -> Result<Succession> {
    let Walk { bookings, is_whole } = walk(client, &booking, Direction::Later).await?;
    if !is_whole {
        let text = format!("was rescheduled more than {MOST_LINKS} times: the uid of a later booking is needed");
        return Err(Error::invalid("uid", text));
    }
    let (mut earlier, mut present) = (Vec::new(), booking);
    for next in bookings {
        earlier.push(std::mem::replace(&mut present, next));
    }
    Ok(Succession { earlier, present })
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Earlier,
    Later,
}

/// The bookings beyond the one that a walk began with, the nearest first.
struct Walk {
    bookings: Vec<Booking>,
    /// Whether the walk came to an end. It has none if it reached its bound at a booking that names another.
    is_whole: bool,
}

/// Walks along the reschedules of a booking. A chain that leads back into itself ends there: all of its bookings are known.
async fn walk(client: &Client, from: &Booking, direction: Direction) -> Result<Walk> {
    let mut known = HashSet::from([from.uid.clone()]);
    let mut bookings: Vec<Booking> = Vec::new();
    while bookings.len() < MOST_LINKS {
        let last = bookings.last().unwrap_or(from);
        let next = match direction {
            Direction::Earlier => predecessor(client, last).await?,
            Direction::Later => successor(client, last).await?,
        };
        match next.filter(|next| known.insert(next.uid.clone())) {
            Some(next) => bookings.push(next),
            None => return Ok(Walk { bookings, is_whole: true }),
        }
    }
    let is_whole = bookings.last().is_some_and(|last| match direction {
        Direction::Earlier => last.reschedule_uid.is_none(),
        Direction::Later => is_live(last),
    });
    Ok(Walk { bookings, is_whole })
}

/// What `booking` took the place of, unless that was deleted.
async fn predecessor(client: &Client, booking: &Booking) -> Result<Option<Booking>> {
    let Some(uid) = &booking.reschedule_uid else { return Ok(None) };
    match client.bookings().get(uid).await {
        Ok(booking) => Ok(Some(booking)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What took the place of `booking`, if anything did.
async fn successor(client: &Client, booking: &Booking) -> Result<Option<Booking>> {
    if is_live(booking) {
        return Ok(None);
    }
    if let Some(uid) = booking.rescheduled_to_uid() {
        return client.bookings().get(uid).await.map(Some);
    }
    if let Some(uid) = Why::other_of(booking) {
        // It was one of two by mistake.
        return client.bookings().get(uid).await.map(Some);
    }
    let Some(series) = booking.recurring_booking_uid() else { return Ok(None) };
    // An occurrence does not name its successor (recording `once-reschedule/recurring-4-get-old`); the successor names it.
    let after = |candidate: &Booking| candidate.reschedule_uid.as_ref() == Some(&booking.uid);
    let rows = client.bookings().get_series(series).await?;
    if let Some(row) = rows.into_iter().filter(after).max_by_key(|row| (is_live(row), row.id)) {
        return Ok(Some(row));
    }
    let Some(attendee) = booking.attendees.first() else { return Ok(None) };
    let filter = BookingFilter { attendee_email: Some(attendee.email.clone()), ..BookingFilter::default() };
    match all(client, &filter, None).await {
        Ok(rows) => Ok(rows.into_iter().filter(after).max_by_key(|row| (is_live(row), row.id))),
        // Who may not list has nothing but the series.
        Err(Error::Authentication(_) | Error::Permission(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
