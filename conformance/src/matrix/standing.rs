//! What stands in the end, whatever anybody was told: of a fake its own state, without a request; of a real server the list
//! that its host gets.

use std::collections::{BTreeMap, HashMap, HashSet};

use calcom::{
    model::{Booking, BookingStatus},
    service::IDEMPOTENCY_KEY_FIELD,
};
use calcom_fake::{__conformance::with_state, FakeCalcom};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{caller::Told, report::Truth, scenario::Shape};

/// Everything that stands and bears a key: the uids of bookings and seats under each key, by their start.
#[derive(Debug, Default)]
pub(super) struct Standing(HashMap<String, BTreeMap<Timestamp, HashSet<String>>>);

impl Standing {
    pub(super) fn in_fake(fake: &FakeCalcom) -> Self {
        let mut standing = Self::default();
        with_state(fake, |state| {
            for booking in state.bookings.iter().filter(|booking| booking.status.is_live()) {
                standing.add(&booking.metadata, booking.start, &booking.uid);
                for seat in booking.attendees.iter().filter_map(|attendee| attendee.seat.as_ref()) {
                    standing.add(&seat.metadata, booking.start, &seat.uid);
                }
            }
        });
        standing
    }

    pub(super) fn listed(bookings: &[Booking]) -> Self {
        let mut standing = Self::default();
        let gone = [BookingStatus::Cancelled, BookingStatus::Rejected];
        for booking in bookings.iter().filter(|booking| !gone.contains(&booking.status)) {
            standing.add(&booking.metadata, booking.start_time, booking.uid.as_ref());
            for attendee in &booking.attendees {
                if let Some((metadata, seat)) = attendee.metadata().zip(attendee.seat_uid()) {
                    standing.add(metadata, booking.start_time, seat.as_ref());
                }
            }
        }
        standing
    }

    fn add(&mut self, metadata: &Map<String, Value>, start: Timestamp, uid: &str) {
        if let Some(key) = metadata.get(IDEMPOTENCY_KEY_FIELD).and_then(Value::as_str) {
            self.0.entry(key.to_owned()).or_default().entry(start).or_default().insert(uid.to_owned());
        }
    }

    /// What stands of one appointment, of which this was told.
    pub(super) fn of(&self, key: &str, shape: Shape, told: &Told) -> Truth {
        let Some(starts) = self.0.get(key) else { return Truth::default() };
        let stands = |uid: &String| starts.values().any(|uids| uids.contains(uid));
        let named = matches!(told, Told::Booked(uids) if uids.len() == shape.rows() && uids.iter().all(stands));
        Truth {
            whole: starts.len() >= shape.rows(),
            torn: starts.len() < shape.rows(),
            doubled: starts.values().any(|uids| uids.len() > 1),
            named,
        }
    }
}
