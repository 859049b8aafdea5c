//! Cancelling what this crate itself booked too often or not to its end. Nothing else is ever cancelled unasked.

use std::time::Duration;

use super::{Problem, deadline::Deadline, lookup::Row, once::Why};
use crate::{
    Client, Error,
    model::{BookingUid, CancelBooking},
};

/// Cancels `rows`; the first failure, where one could not be cancelled.
pub(crate) async fn withdraw(
    client: &Client,
    deadline: &Deadline,
    most: Duration,
    rows: &[Row],
    why: Why,
) -> Option<Error> {
    if why == Why::Torn
        && let Some(series) = common_series(rows)
        // Refused where one of them was cancelled before: then it takes a request for each.
        && deadline.client(client, most).bookings().cancel(&series, &CancelBooking::because(why.reason())).await.is_ok()
    {
        return None;
    }
    let mut failure = None;
    for row in rows {
        let mut how = CancelBooking::because(why.reason());
        how.seat_uid.clone_from(&row.seat);
        failure = cancel(client, deadline, most, &row.booking.uid, &how).await.or(failure);
    }
    failure
}

/// The series that all rows belong to: one request cancels it.
fn common_series(rows: &[Row]) -> Option<BookingUid> {
    let series = rows.first()?.booking.recurring_booking_uid()?;
    let common = rows.iter().all(|row| row.booking.recurring_booking_uid().as_ref() == Some(&series));
    (common && rows.len() > 1).then_some(series)
}

/// That it is cancelled already is as good.
async fn cancel(
    client: &Client,
    deadline: &Deadline,
    most: Duration,
    uid: &BookingUid,
    how: &CancelBooking,
) -> Option<Error> {
    let error = deadline.client(client, most).bookings().cancel(uid, how).await.err()?;
    let gone = Problem::of(&error).iter().any(|problem| matches!(problem, Problem::Cancelled | Problem::NoSuchSeat));
    (!gone).then_some(error)
}
