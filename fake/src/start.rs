//! The ways to start a fake.

use std::path::Path;

use super::builder::FakeBuilder;
use super::fake::FakeCalcom;
use super::playback::Playback;
use super::seed;

impl FakeCalcom {
    /// A fake with one user, `johndoe`, whose key is [`Self::api_key`], and an event type `30min`.
    ///
    /// # Panics
    /// When no port on loopback can be had.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A fake to be furnished first.
    pub fn builder() -> FakeBuilder {
        FakeBuilder::default()
    }

    /// A fake that knows nothing by itself and answers from the recordings below `folder`, as a
    /// [`Recorder`](super::Recorder) writes them.
    ///
    /// A request gets the answer to the recorded one that it is like: same method, path, query and version; the same body,
    /// or else one in which only values differ; the same caller where there are several. Persons and credentials need not
    /// be those of the recording, nor need texts: where the request has its own, so has the answer. Like ones are played in the order of
    /// the recording, and the last again and again. What was not recorded is answered with 404 and what is recorded.
    ///
    /// # Panics
    /// When the folder cannot be read or holds no recording, or no port on loopback can be had.
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

    /// A fake furnished like the server of the recordings: users `johndoe` and `janeroe`, their working hours, and
    /// event types 1 to 9. Its clock starts at the time of the recordings.
    ///
    /// # Panics
    /// When no port on loopback can be had.
    pub async fn recorded_seed() -> Self {
        seed::recorded().start().await
    }
}
