//! What stands in the end, whatever anybody was told: of a fake its own state, without a request; of a real server the list
//! that its host gets.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{report::Truth, scenario::Shape};
use crate::{
    model::{Booking, BookingStatus},
    service::MARKER,
    testing::FakeCalcom,
};

/// Everything that stands and bears a key: under each key, how many bookings or seats there are for each start.
#[derive(Debug, Default)]
pub(super) struct Standing(HashMap<String, BTreeMap<Timestamp, usize>>);

impl Standing {
    pub(super) fn in_fake(fake: &FakeCalcom) -> Self {
        let mut standing = Self::default();
        let core = fake.shared().lock();
        for booking in core.state.bookings.iter().filter(|booking| booking.status.is_live()) {
            standing.count(&booking.metadata, booking.start);
            for seat in booking.attendees.iter().filter_map(|attendee| attendee.seat.as_ref()) {
                standing.count(&seat.metadata, booking.start);
            }
        }
        standing
    }

    pub(super) fn listed(bookings: &[Booking]) -> Self {
        let mut standing = Self::default();
        let gone = [BookingStatus::Cancelled, BookingStatus::Rejected];
        for booking in bookings.iter().filter(|booking| !gone.contains(&booking.status)) {
            standing.count(&booking.metadata, booking.start_time);
            for metadata in booking.attendees.iter().filter_map(|attendee| attendee.metadata()) {
                standing.count(metadata, booking.start_time);
            }
        }
        standing
    }

    fn count(&mut self, metadata: &Map<String, Value>, start: Timestamp) {
        if let Some(key) = metadata.get(MARKER).and_then(Value::as_str) {
            *self.0.entry(key.to_owned()).or_default().entry(start).or_default() += 1;
        }
    }

    /// What stands of one appointment.
    pub(super) fn of(&self, key: &str, shape: Shape) -> Truth {
        let Some(starts) = self.0.get(key) else { return Truth::default() };
        Truth {
            whole: starts.len() >= shape.rows(),
            torn: starts.len() < shape.rows(),
            doubled: starts.values().any(|number| *number > 1),
        }
    }
}
