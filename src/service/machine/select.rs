//! Selecting the rows of an appointment among those that have its key, and the surplus.

use std::collections::{BTreeMap, BTreeSet};

use super::{CancelReason, Evidence};
use crate::{model::BookingUid, service::lookup::BookingRow};

/// The rows of one key, sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// The appointment: one row for each start, in order.
    pub(crate) keep: Vec<BookingRow>,
    /// The other rows.
    pub(crate) surplus: Vec<BookingRow>,
    /// Whether no row is missing.
    pub(crate) is_complete: bool,
}

/// Sorts `active` rows. `expected_rows` is the number of rows of the appointment. Rows that a person cancelled or
/// rescheduled (`cancelled`) are not missing.
///
/// The selection depends only on the rows, so that two calls with the same rows keep the same ones. They keep the oldest
/// complete series if there is one, else the oldest row of each start.
pub(crate) fn select(active: &[BookingRow], cancelled: &[BookingRow], expected_rows: Option<usize>) -> Selection {
    let mut rows = active.to_vec();
    rows.sort_by_key(BookingRow::sort_key);
    let starts: BTreeSet<_> = active.iter().chain(cancelled).map(|row| row.booking.start_time).collect();
    let expected_rows = expected_rows.unwrap_or(starts.len());
    let series = oldest_whole_series(&rows, expected_rows);
    let mut kept = BTreeMap::new();
    let mut surplus = Vec::new();
    for row in rows {
        let belongs = series.as_ref().is_none_or(|uid| row.booking.recurring_booking_uid().as_ref() == Some(uid));
        if belongs && !kept.contains_key(&row.booking.start_time) {
            kept.insert(row.booking.start_time, row);
        } else {
            surplus.push(row);
        }
    }
    let is_complete = !kept.is_empty() && starts.len() >= expected_rows;
    Selection { keep: kept.into_values().collect(), surplus, is_complete }
}

/// The rows that a watch cancels: duplicates, and a part of a series. Rows of a series are cancelled only if it is
/// `stable`: it has not changed since the lookup before.
pub(crate) fn find_surplus(evidence: &Evidence, expected_rows: Option<usize>, stable: bool) -> Option<Surplus> {
    let (active, cancelled) = (evidence.active_rows(), evidence.cancelled_rows());
    let series = active.iter().any(|row| row.booking.recurring_booking_uid().is_some());
    let Selection { keep, surplus, is_complete } = select(&active, &cancelled, expected_rows);
    if !surplus.is_empty() {
        return (stable || !series).then_some(Surplus { rows: surplus, keep, reason: CancelReason::Duplicate });
    }
    let is_partial = !is_complete && !active.is_empty() && expected_rows.is_some() && stable;
    is_partial.then_some(Surplus { rows: active, keep: Vec::new(), reason: CancelReason::PartialSeries })
}

/// Rows to be cancelled, and the rows that are kept.
#[derive(Debug, Clone)]
pub(crate) struct Surplus {
    pub(crate) rows: Vec<BookingRow>,
    pub(crate) keep: Vec<BookingRow>,
    pub(crate) reason: CancelReason,
}

/// The series of the oldest row that has all its occurrences.
fn oldest_whole_series(rows: &[BookingRow], expected_rows: usize) -> Option<BookingUid> {
    let mut uids = Vec::new();
    for row in rows {
        if let Some(uid) = row.booking.recurring_booking_uid()
            && !uids.contains(&uid)
        {
            uids.push(uid);
        }
    }
    uids.into_iter().find(|uid| {
        let of_series = rows.iter().filter(|row| row.booking.recurring_booking_uid().as_ref() == Some(uid));
        of_series.map(|row| row.booking.start_time).collect::<BTreeSet<_>>().len() >= expected_rows
    })
}
