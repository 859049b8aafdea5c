//! Constructors of a fake.

use std::path::Path;

use super::builder::FakeBuilder;
use super::fake::FakeCalcom;
use super::playback::Playback;
use super::seed;

impl FakeCalcom {
    /// Starts a fake with the user `johndoe`, whose key is [`Self::api_key`], and an event type `30min`.
    ///
    /// # Panics
    /// If no port on loopback can be bound.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Returns the builder of a fake.
    pub fn builder() -> FakeBuilder {
        FakeBuilder::default()
    }

    /// Starts a fake that answers from the recordings below `folder` only. A [`Recorder`](super::Recorder) writes them.
    ///
    /// A request gets the response of a recorded request with the same method, path, query and version. The body is the same,
    /// or differs in values only. If several callers were recorded, the caller is the same. Persons, credentials and texts can
    /// be others than those of the recording; the response contains those of the request. Responses to the same request are
    /// played in the order of the recording; the last one is repeated. A request that was not recorded gets 404 and a list of
    /// the recorded ones.
    ///
    /// # Panics
    /// If the folder cannot be read or has no recording, or if no port on loopback can be bound.
    pub async fn from_recordings(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        match Playback::read(folder) {
            Ok(playback) if !playback.is_empty() => Self::serve(FakeBuilder::default().state(), Some(playback)).await,
            #[expect(clippy::panic, reason = "a test that has no recordings cannot go on, and says so")]
            Ok(_) => panic!("no recordings below {}", folder.display()),
            #[expect(clippy::panic, reason = "a test that has no recordings cannot go on, and says so")]
            Err(error) => panic!("the recordings below {} cannot be read: {error}", folder.display()),
        }
    }

    /// Starts a fake with the fixtures of the recorded server: users `johndoe` and `janeroe`, their schedules, and event types
    /// 1 to 9. Its clock starts at the time of the recordings.
    ///
    /// # Panics
    /// If no port on loopback can be bound.
    pub async fn recorded_seed() -> Self {
        seed::recorded().start().await
    }
}
