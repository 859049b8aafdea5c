//! The fake that is current, and its fixtures.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::builder::FakeBuilder;
use super::super::fake::FakeCalcom;
use super::super::playback::Playback;
use super::super::seed_file::{Seed, SeedError};

/// The path below which the control routes are.
pub(super) const CONTROL: &str = "/__fake/";

/// What the connections share: the fixtures, and the fake that plays them.
pub(super) struct ControlState {
    pub(super) address: SocketAddr,
    pub(super) seed: Mutex<Seed>,
    /// The recordings, if it plays recordings.
    pub(super) playback: Option<Playback>,
    pub(super) fake: Mutex<Arc<FakeCalcom>>,
}

pub(super) fn fake(address: SocketAddr, builder: FakeBuilder, playback: Option<Playback>) -> Arc<FakeCalcom> {
    Arc::new(FakeCalcom::behind(address, builder.state(), playback))
}

impl ControlState {
    pub(super) fn fake(&self) -> Arc<FakeCalcom> {
        Arc::clone(&self.fake.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts again from the fixtures, or from other ones. Requests in progress end without a response.
    pub(super) fn reset(&self, seed: Option<Seed>) -> Result<(), SeedError> {
        let mut current = self.seed.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = seed.unwrap_or_else(|| current.clone());
        let fresh = fake(self.address, seed.builder()?, self.playback.clone());
        *current = seed;
        *self.fake.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}
