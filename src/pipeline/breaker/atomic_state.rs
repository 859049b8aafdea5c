//! The state of a circuit without a lock: every call compares it twice.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::state::CircuitState;

/// A circuit's state, closed at first.
#[derive(Debug)]
pub(super) struct AtomicState(AtomicU8);

impl Default for AtomicState {
    fn default() -> Self {
        Self(AtomicU8::new(CircuitState::Closed as u8))
    }
}

impl AtomicState {
    /// Changes the state. Returns the one before, if it was another. Of several threads that make the same change, one gets it.
    pub(super) fn change(&self, to: CircuitState) -> Option<CircuitState> {
        if self.0.load(Ordering::Acquire) == to as u8 {
            return None;
        }
        let before = self.0.swap(to as u8, Ordering::AcqRel);
        let all = [CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen];
        all.into_iter().find(|state| *state as u8 == before).filter(|from| *from != to)
    }
}
