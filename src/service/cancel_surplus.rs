//! Cancelling what this crate itself booked twice or in part. Nothing else is cancelled unasked. Every cancellation
//! follows a read of the rows that decide, because a list may lag behind.

use std::time::Duration;

use super::{
    Problem,
    deadline::Deadline,
    lookup::{BookingLookup, BookingRow},
    machine::{CancelReason, Surplus},
};
use crate::{
    Client, Error, Result,
    model::{BookingUid, CancelBooking},
};

/// Reads the rows that the decision depends on: for duplicates the kept ones, for a part of a series the whole series.
pub(crate) async fn read_deciding_rows(
    client: &Client,
    deadline: &Deadline,
    lookup_timeout: Duration,
    lookup: &BookingLookup,
    surplus: &Surplus,
) -> Result<Vec<(BookingUid, Vec<BookingRow>)>> {
    let rows = if surplus.reason == CancelReason::Duplicate { &surplus.keep } else { &surplus.rows };
    let mut uids: Vec<BookingUid> = Vec::new();
    for row in rows {
        let uid = row.booking.recurring_booking_uid().unwrap_or_else(|| row.booking.uid.clone());
        if !uids.contains(&uid) {
            uids.push(uid);
        }
    }
    let mut read = Vec::new();
    for uid in uids {
        let rows = lookup.read_rows(&deadline.client(client, lookup_timeout), &uid).await?.rows;
        read.push((uid, rows));
    }
    Ok(read)
}

/// Cancels surplus rows. Returns the last error if a row could not be cancelled.
pub(crate) async fn cancel_surplus(
    client: &Client,
    deadline: &Deadline,
    lookup_timeout: Duration,
    surplus: &Surplus,
) -> Option<Error> {
    let Surplus { rows, keep, reason } = surplus;
    if *reason == CancelReason::PartialSeries
        && let Some(series) = common_series(rows)
        // The service refuses this if one of them was cancelled before. Then each takes a request.
        && deadline.client(client, lookup_timeout).bookings().cancel(&series, &CancelBooking::with_reason(reason.text(None))).await.is_ok()
    {
        return None;
    }
    let mut first_error = None;
    for row in rows {
        let kept = keep.iter().find(|kept| kept.booking.start_time == row.booking.start_time).or(keep.first());
        let mut input = CancelBooking::with_reason(reason.text(kept.map(|kept| &kept.booking.uid)));
        input.seat_uid.clone_from(&row.seat);
        first_error = cancel_row(client, deadline, lookup_timeout, &row.booking.uid, &input).await.or(first_error);
    }
    first_error
}

/// The series of all rows, if they are in the same one: one request cancels it.
fn common_series(rows: &[BookingRow]) -> Option<BookingUid> {
    let series = rows.first()?.booking.recurring_booking_uid()?;
    let common = rows.iter().all(|row| row.booking.recurring_booking_uid().as_ref() == Some(&series));
    (common && rows.len() > 1).then_some(series)
}

/// Cancels one row. A row that is cancelled already is a success.
async fn cancel_row(
    client: &Client,
    deadline: &Deadline,
    lookup_timeout: Duration,
    uid: &BookingUid,
    input: &CancelBooking,
) -> Option<Error> {
    let error = deadline.client(client, lookup_timeout).bookings().cancel(uid, input).await.err()?;
    let is_gone =
        Problem::from_error(&error).iter().any(|problem| matches!(problem, Problem::Cancelled | Problem::NoSuchSeat));
    (!is_gone).then_some(error)
}
