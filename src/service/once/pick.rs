//! Which of the rows that bear a key are the appointment, and which are there too often.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Why};
use crate::{model::BookingUid, service::lookup::Row};

/// The rows of one key, sorted out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Picked {
    /// The appointment: one row for each start, in their order.
    pub(crate) keep: Vec<Row>,
    /// What is there beyond it.
    pub(crate) surplus: Vec<Row>,
    /// Whether nothing is missing.
    pub(crate) whole: bool,
}

/// Sorts `live` rows out. `wanted` is the number of rows that the appointment has; those that somebody called off or moved
/// since (`gone`) are not missing.
///
/// The choice depends on nothing but the rows, so that two who sort out the same rows at the same time keep the same
/// ones: the oldest whole series where there is one, else the oldest row of every start.
pub(crate) fn pick(live: &[Row], gone: &[Row], wanted: Option<usize>) -> Picked {
    let mut rows = live.to_vec();
    rows.sort_by_key(Row::age);
    let starts: BTreeSet<_> = live.iter().chain(gone).map(|row| row.booking.start_time).collect();
    let wanted = wanted.unwrap_or(starts.len());
    let series = oldest_whole_series(&rows, wanted);
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
    let whole = !kept.is_empty() && starts.len() >= wanted;
    Picked { keep: kept.into_values().collect(), surplus, whole }
}

/// What a watch finds to be withdrawn: what is there twice, and a part of a series. Of a series only if it is `stable`: it
/// has not changed since the look before.
pub(crate) fn untidy(evidence: &Evidence, wanted: Option<usize>, stable: bool) -> Option<Untidy> {
    let (live, gone) = (evidence.live(), evidence.gone());
    let series = live.iter().any(|row| row.booking.recurring_booking_uid().is_some());
    let Picked { keep, surplus, whole } = pick(&live, &gone, wanted);
    if !surplus.is_empty() {
        return (stable || !series).then_some(Untidy { rows: surplus, keep, why: Why::Twice });
    }
    let torn = !whole && !live.is_empty() && wanted.is_some() && stable;
    torn.then_some(Untidy { rows: live, keep: Vec::new(), why: Why::Torn })
}

/// Rows to be withdrawn, and those that stand in their place.
#[derive(Debug, Clone)]
pub(crate) struct Untidy {
    pub(crate) rows: Vec<Row>,
    pub(crate) keep: Vec<Row>,
    pub(crate) why: Why,
}

/// The series of the oldest row that has all its occurrences.
fn oldest_whole_series(rows: &[Row], wanted: usize) -> Option<BookingUid> {
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
        of_series.map(|row| row.booking.start_time).collect::<BTreeSet<_>>().len() >= wanted
    })
}
