//! The lease that the calls of a history share.

use crate::model::BookingUid;

/// The lease on the key: its holder, and the note of the last one.
#[derive(Debug, Default)]
pub(super) struct SimulatedLease {
    pub(super) holder: Option<usize>,
    pub(super) free_at: u64,
    pub(super) grants: u64,
    pub(super) left: Option<LeftNote>,
    /// The notes of calls without a lease, for the next holder.
    late: Vec<Option<LeftNote>>,
}

impl SimulatedLease {
    pub(super) fn release(&mut self, left: Option<LeftNote>) {
        self.holder = None;
        let late = std::mem::take(&mut self.late);
        self.left = late.into_iter().fold(left, |left, late| match (left, late) {
            (Some(LeftNote::Booked(uid)), _) | (_, Some(LeftNote::Booked(uid))) => Some(LeftNote::Booked(uid)),
            (left, late) => left.and(late),
        });
    }

    /// Registers a call that had no lease.
    pub(super) fn enter(&mut self, left: Option<LeftNote>) {
        self.late.push(left);
        if self.holder.is_none() {
            self.grants += 1;
            let left = if self.grants == 1 { Some(LeftNote::NotBooked) } else { self.left.take() };
            self.release(left);
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum LeftNote {
    NotBooked,
    Booked(BookingUid),
}
