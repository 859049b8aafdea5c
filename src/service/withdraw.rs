//! Cancelling what this crate itself booked too often or not to its end. Nothing else is ever cancelled unasked, and nothing
//! before a reading has shown that it is so: a list may lag behind.

use std::time::Duration;

use super::{
    Problem,
    deadline::Deadline,
    lookup::{Lookup, Row},
    once::{Untidy, Why},
};
use crate::{
    Client, Error, Result,
    model::{BookingUid, CancelBooking},
};

/// Reads what the decision to withdraw rests on: of doubles what is to stand, of a part of a series all of the series.
pub(crate) async fn stands(
    client: &Client,
    deadline: &Deadline,
    most: Duration,
    lookup: &Lookup,
    untidy: &Untidy,
) -> Result<Vec<(BookingUid, Vec<Row>)>> {
    let rows = if untidy.why == Why::Twice { &untidy.keep } else { &untidy.rows };
    let mut uids: Vec<BookingUid> = Vec::new();
    for row in rows {
        let uid = row.booking.recurring_booking_uid().unwrap_or_else(|| row.booking.uid.clone());
        if !uids.contains(&uid) {
            uids.push(uid);
        }
    }
    let mut read = Vec::new();
    for uid in uids {
        let rows = lookup.read(&deadline.client(client, most), &uid).await?.rows;
        read.push((uid, rows));
    }
    Ok(read)
}

/// Cancels what is untidy; the first failure, where a row could not be cancelled.
pub(crate) async fn withdraw(client: &Client, deadline: &Deadline, most: Duration, untidy: &Untidy) -> Option<Error> {
    let Untidy { rows, keep, why } = untidy;
    if *why == Why::Torn
        && let Some(series) = common_series(rows)
        // Refused where one of them was cancelled before: then it takes a request for each.
        && deadline.client(client, most).bookings().cancel(&series, &CancelBooking::with_reason(why.reason(None))).await.is_ok()
    {
        return None;
    }
    let mut failure = None;
    for row in rows {
        let stands = keep.iter().find(|kept| kept.booking.start_time == row.booking.start_time).or(keep.first());
        let mut how = CancelBooking::with_reason(why.reason(stands.map(|kept| &kept.booking.uid)));
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
