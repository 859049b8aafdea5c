//! The bookings after a run: from the state of the fake, or from the booking list of a real server's host.

use std::collections::{BTreeMap, HashMap, HashSet};

use calcom::{
    model::{Booking, BookingStatus},
    service::IDEMPOTENCY_KEY_FIELD,
};
use calcom_fake::{__conformance::with_state, FakeCalcom};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{caller::ReportedOutcome, report::ActualState, scenario::BookingShape};

/// The active bookings with a key: the uids of bookings and seats of each key, by start.
#[derive(Debug, Default)]
pub(super) struct FinalState(HashMap<String, BTreeMap<Timestamp, HashSet<String>>>);

impl FinalState {
    pub(super) fn in_fake(fake: &FakeCalcom) -> Self {
        let mut final_state = Self::default();
        with_state(fake, |state| {
            for booking in state.bookings.iter().filter(|booking| booking.status.is_live()) {
                final_state.add(&booking.metadata, booking.start, &booking.uid);
                for seat in booking.attendees.iter().filter_map(|attendee| attendee.seat.as_ref()) {
                    final_state.add(&seat.metadata, booking.start, &seat.uid);
                }
            }
        });
        final_state
    }

    pub(super) fn listed(bookings: &[Booking]) -> Self {
        let mut final_state = Self::default();
        let gone = [BookingStatus::Cancelled, BookingStatus::Rejected];
        for booking in bookings.iter().filter(|booking| !gone.contains(&booking.status)) {
            final_state.add(&booking.metadata, booking.start_time, booking.uid.as_ref());
            for attendee in &booking.attendees {
                if let Some((metadata, seat)) = attendee.metadata().zip(attendee.seat_uid()) {
                    final_state.add(metadata, booking.start_time, seat.as_ref());
                }
            }
        }
        final_state
    }

    fn add(&mut self, metadata: &Map<String, Value>, start: Timestamp, uid: &str) {
        if let Some(key) = metadata.get(IDEMPOTENCY_KEY_FIELD).and_then(Value::as_str) {
            self.0.entry(key.to_owned()).or_default().entry(start).or_default().insert(uid.to_owned());
        }
    }

    /// The actual state of one appointment, compared with the reported outcome.
    pub(super) fn of(&self, key: &str, shape: BookingShape, reported: &ReportedOutcome) -> ActualState {
        let Some(starts) = self.0.get(key) else { return ActualState::default() };
        let stands = |uid: &String| starts.values().any(|uids| uids.contains(uid));
        let named =
            matches!(reported, ReportedOutcome::Booked(uids) if uids.len() == shape.rows() && uids.iter().all(stands));
        ActualState {
            whole: starts.len() >= shape.rows(),
            partial_series: starts.len() < shape.rows(),
            doubled: starts.values().any(|uids| uids.len() > 1),
            named,
        }
    }
}
