//! Following a booking through its reschedules. Each reschedule makes a new uid and cancels the old booking.

use std::collections::HashSet;

use super::{
    Service,
    deadline::Deadline,
    lookup::{is_active, list_all},
    machine::CancelReason,
    scope::LookupClient,
};
use crate::{
    Error, Result,
    facade::BookingFilter,
    model::{Booking, BookingUid},
};

/// Most reschedules that are followed in each direction.
const MAX_RESCHEDULES: usize = 100;

/// The reschedules of an appointment, from its first booking to the current one.
///
/// ```no_run
/// use calcom::service::Service;
///
/// # async fn example(service: Service) -> calcom::Result<()> {
/// let history = service.reschedule_history("booking-uid").await?;
/// println!("rescheduled {} time(s), now at {}", history.previous.len(), history.current.start_time);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RescheduleHistory {
    /// The bookings before, the first booking first. All of them are cancelled.
    pub previous: Vec<Booking>,
    /// The current booking. Cancelled or rejected, if the appointment was cancelled.
    pub current: Booking,
    /// Whether the reschedules were followed to both ends. If not, there are more than 100 of them in one direction: `current`
    /// is then the last booking that was read, or `previous` begins with the earliest one that was read.
    pub is_complete: bool,
}

impl RescheduleHistory {
    /// Every uid that the appointment has had, the current one last.
    pub fn uids(&self) -> impl Iterator<Item = &BookingUid> {
        self.previous.iter().chain([&self.current]).map(|booking| &booking.uid)
    }
}

impl Service {
    /// Follows a booking through its reschedules in both directions: to its first booking, and to the current one. Any
    /// uid that it ever had will do.
    ///
    /// At most 100 reschedules are followed in each direction. A seat that is rescheduled to another booking is not recorded in
    /// the old one, and cannot be followed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown uid; [`Error::Timeout`] if it takes longer than the deadline; the errors of
    /// reading a booking.
    pub async fn reschedule_history(&self, uid: impl Into<BookingUid>) -> Result<RescheduleHistory> {
        let deadline = Deadline::after(self.call_duration());
        let client = self.deadline_client(&deadline);
        deadline.run(trace_history(&client, uid.into())).await
    }

    /// The current booking of the appointment that `booking` belongs to.
    ///
    /// # Errors
    ///
    /// As [`follow_reschedules`].
    pub(super) async fn current_booking(&self, client: &LookupClient, booking: Booking) -> Result<Booking> {
        follow_reschedules(client, booking).await.map(|chain| chain.current)
    }
}

async fn trace_history(client: &LookupClient, uid: BookingUid) -> Result<RescheduleHistory> {
    let found = client.bookings().get(uid).await?;
    let backward = walk(client, &found, WalkDirection::Backward).await?;
    let forward = walk(client, &found, WalkDirection::Forward).await?;
    let is_complete = backward.is_complete && forward.is_complete;
    let mut previous = backward.bookings;
    previous.reverse();
    previous.push(found.clone());
    previous.extend(forward.bookings);
    let current = previous.pop().unwrap_or(found);
    Ok(RescheduleHistory { previous, current, is_complete })
}

/// A booking, the bookings that it was rescheduled to, and the current one.
#[derive(Debug)]
pub(super) struct RescheduleChain {
    /// The first booking of the chain and its successors, without the current one.
    pub(super) previous: Vec<Booking>,
    pub(super) current: Booking,
}

/// Follows `booking` to the current booking.
///
/// # Errors
///
/// [`Error::Validation`] if it was rescheduled more than [`MAX_RESCHEDULES`] times: the last booking that was read may
/// not be the current one. The errors of reading a booking.
pub(super) async fn follow_reschedules(client: &LookupClient, booking: Booking) -> Result<RescheduleChain> {
    let ChainWalk { bookings, is_complete } = walk(client, &booking, WalkDirection::Forward).await?;
    if !is_complete {
        let text = format!("was rescheduled more than {MAX_RESCHEDULES} times: the uid of a later booking is needed");
        return Err(Error::invalid("uid", text));
    }
    let (mut previous, mut current) = (Vec::new(), booking);
    for next in bookings {
        previous.push(std::mem::replace(&mut current, next));
    }
    Ok(RescheduleChain { previous, current })
}

#[derive(Debug, Clone, Copy)]
enum WalkDirection {
    Backward,
    Forward,
}

/// The bookings beyond the first one of a walk, the nearest first.
struct ChainWalk {
    bookings: Vec<Booking>,
    /// Whether the walk reached the end of the chain. It has not if it stopped at its bound, at a booking that names
    /// another.
    is_complete: bool,
}

/// Follows the reschedules of a booking in one direction. A walk ends at a booking that it has already read.
async fn walk(client: &LookupClient, from: &Booking, direction: WalkDirection) -> Result<ChainWalk> {
    let mut known = HashSet::from([from.uid.clone()]);
    let mut bookings: Vec<Booking> = Vec::new();
    while bookings.len() < MAX_RESCHEDULES {
        let last = bookings.last().unwrap_or(from);
        let next = match direction {
            WalkDirection::Backward => predecessor(client, last).await?,
            WalkDirection::Forward => successor(client, last).await?,
        };
        match next.filter(|next| known.insert(next.uid.clone())) {
            Some(next) => bookings.push(next),
            None => return Ok(ChainWalk { bookings, is_complete: true }),
        }
    }
    let is_complete = bookings.last().is_some_and(|last| match direction {
        WalkDirection::Backward => last.reschedule_uid.is_none(),
        WalkDirection::Forward => is_active(last),
    });
    Ok(ChainWalk { bookings, is_complete })
}

/// The booking that `booking` replaced, unless it was deleted.
async fn predecessor(client: &LookupClient, booking: &Booking) -> Result<Option<Booking>> {
    let Some(uid) = &booking.reschedule_uid else { return Ok(None) };
    match client.bookings().get(uid).await {
        Ok(booking) => Ok(Some(booking)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The booking that replaced `booking`, if there is one.
async fn successor(client: &LookupClient, booking: &Booking) -> Result<Option<Booking>> {
    if is_active(booking) {
        return Ok(None);
    }
    if let Some(uid) = booking.rescheduled_to_uid() {
        return client.bookings().get(uid).await.map(Some);
    }
    if let Some(uid) = CancelReason::kept_uid(booking) {
        // It was a duplicate.
        return client.bookings().get(uid).await.map(Some);
    }
    let Some(series) = booking.recurring_booking_uid() else { return Ok(None) };
    // An occurrence does not name its successor (recording `once-reschedule/recurring-4-get-old`); the successor names
    // it.
    let after = |candidate: &Booking| candidate.reschedule_uid.as_ref() == Some(&booking.uid);
    let rows = client.bookings().get_series(series).await?;
    if let Some(row) = rows.into_iter().filter(after).max_by_key(|row| (is_active(row), row.id)) {
        return Ok(Some(row));
    }
    let Some(attendee) = booking.attendees.first() else { return Ok(None) };
    let filter = BookingFilter { attendee_email: Some(attendee.email.clone()), ..BookingFilter::default() };
    match list_all(client, &filter, None).await {
        Ok(rows) => Ok(rows.into_iter().filter(after).max_by_key(|row| (is_active(row), row.id))),
        // A caller who may not list can only read the series.
        Err(Error::Authentication(_) | Error::Permission(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
