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

/// A chain is not followed further than this.
const LONGEST: usize = 100;

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
    /// A seat that moves to another booking leaves no trace in the old one, and cannot be followed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown uid; [`Error::Timeout`] where it takes longer than the budget; whatever else reading
    /// a booking can fail with.
    pub async fn lineage(&self, uid: impl Into<BookingUid>) -> Result<Lineage> {
        let deadline = Deadline::within(self.budget());
        let client = deadline.client(self.client(), self.budget());
        deadline.run(trace(&client, uid.into())).await
    }

    /// What became of `booking` in the end.
    pub(super) async fn follow(&self, client: &Client, booking: Booking) -> Result<Booking> {
        let mut chain = chain(client, booking).await?;
        // It begins with the booking itself.
        chain.pop().ok_or_else(|| Error::empty("the booking"))
    }
}

async fn trace(client: &Client, uid: BookingUid) -> Result<Lineage> {
    let here = client.bookings().get(uid).await?;
    let mut earlier = Vec::new();
    let mut known = HashSet::from([here.uid.clone()]);
    let mut before = here.reschedule_uid.clone();
    while let Some(uid) = before.take().filter(|uid| earlier.len() < LONGEST && known.insert(uid.clone())) {
        let booking = match client.bookings().get(&uid).await {
            Ok(booking) => booking,
            // Deleted since.
            Err(Error::NotFound(_)) => break,
            Err(error) => return Err(error),
        };
        before.clone_from(&booking.reschedule_uid);
        earlier.push(booking);
    }
    earlier.reverse();
    let mut later = chain(client, here.clone()).await?;
    let present = later.pop().unwrap_or(here);
    earlier.extend(later);
    Ok(Lineage { earlier, present })
}

/// `booking` and everything that took its place since, one after the other. Ends where it would go round, and at a length
/// that no appointment has.
pub(super) async fn chain(client: &Client, booking: Booking) -> Result<Vec<Booking>> {
    let mut known = HashSet::from([booking.uid.clone()]);
    let mut chain = vec![booking];
    while let Some(last) = chain.last()
        && chain.len() <= LONGEST
        && let Some(next) = successor(client, last).await?
    {
        if !known.insert(next.uid.clone()) {
            break;
        }
        chain.push(next);
    }
    Ok(chain)
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
