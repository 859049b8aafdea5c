//! What a call sees of the simulated server, and the final reconciliation.

use super::{
    super::{Action, BookingMachine, BookingRow, CancelReason, LookupResult, Resolution, Surplus},
    LAG, SimulatedWorld,
};
use crate::{model::BookingUid, service::appointment::PriorUse};

pub(super) fn list(world: &mut SimulatedWorld) -> LookupResult {
    world.asked += 1;
    let lag = world.history.lags[world.asked % world.history.lags.len()];
    let hidden_share = world.history.hidden_share;
    world.server.list(lag, |row, age| age < LAG && (row * 97 + 13) % 256 < usize::from(hidden_share))
}

/// The rows that the decision to cancel depends on.
pub(super) fn deciding_rows(world: &SimulatedWorld, surplus: &Surplus) -> Vec<(BookingUid, Vec<BookingRow>)> {
    let rows = if surplus.reason == CancelReason::Duplicate { &surplus.keep } else { &surplus.rows };
    let mut uids: Vec<BookingUid> = Vec::new();
    for row in rows {
        let uid = row.booking.recurring_booking_uid().unwrap_or_else(|| row.booking.uid.clone());
        if !uids.contains(&uid) {
            uids.push(uid);
        }
    }
    uids.into_iter().map(|uid| (uid.clone(), world.server.read(uid.as_str()))).collect()
}

/// Reconciles after all calls have ended, with lists that all succeed.
pub(super) fn reconcile(world: &mut SimulatedWorld, now: u64) -> Resolution {
    world.history.fails = vec![false];
    let rows = Some(world.server.series);
    let mut machine =
        BookingMachine::new(world.server.kind, rows, SimulatedWorld::timing(), PriorUse::Interrupted, world.at(now))
            .lookup_only();
    machine.set_can_list(world.history.can_list);
    let mut now = now;
    for _ in 0..1_000 {
        world.server.advance(now);
        match machine.next_transition(world.at(now)).action {
            Action::Lookup { at, .. } => {
                let asked = world.millis(at).max(now);
                now = asked + 10;
                world.server.advance(now);
                let result = list(world);
                machine.record_lookup(world.at(asked), world.at(now), Ok(result));
            }
            Action::Read(uid) => _ = machine.record_read(&uid, world.server.read(uid.as_str())),
            Action::Cancel { rows, keep, reason } => {
                world.server.cancel(&rows, reason, &keep);
                machine.record_cancellation(world.at(now), &rows, reason, None);
            }
            Action::Finish(resolution) => return resolution,
            Action::Send { .. } => panic!("reconciling sends"),
        }
    }
    Resolution::Unknown
}
