//! Keeps numbers and uids in a file: one line for each booking.

use std::{
    collections::HashMap,
    fmt,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    sync::{Mutex, MutexGuard},
};

use serde::{Deserialize, Serialize};

use super::{UidFuture, UidResolver};
use crate::{Client, sync::lock};

/// Numbers and uids in a file of JSON lines, which outlives the process. The file is read once and then appended to.
///
/// The file contains uids, and a uid is enough to cancel a booking: protect it like a key. Of a credential it contains a
/// hash. If a line cannot be written, a warning is logged and the uid stays in memory until the process ends.
///
/// ```no_run
/// # fn example(v1: calcom::v1::V1Client) -> std::io::Result<()> {
/// use calcom::v1::ids::UidFile;
///
/// let v1 = v1.uid_resolver(UidFile::open("booking-ids.jsonl")?);
/// # let _ = v1;
/// # Ok(()) }
/// ```
pub struct UidFile {
    inner: Mutex<Inner>,
}

struct Inner {
    uids: HashMap<(String, i64), String>,
    file: File,
}

/// A line of the file. If two lines have the same booking, the later one counts.
#[derive(Serialize, Deserialize)]
struct UidRecord {
    caller: String,
    id: i64,
    uid: String,
}

impl UidFile {
    /// Opens the file, or creates it. Lines that are not valid are skipped.
    ///
    /// # Errors
    ///
    /// The file cannot be opened or read.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut uids = HashMap::new();
        for line in BufReader::new(&file).lines() {
            if let Ok(UidRecord { caller, id, uid }) = serde_json::from_str(&line?) {
                uids.insert((caller, id), uid);
            }
        }
        Ok(Self { inner: Mutex::new(Inner { uids, file }) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl UidResolver for UidFile {
    fn resolve<'a>(&'a self, client: &'a Client, id: i64) -> UidFuture<'a> {
        Box::pin(async move { Ok(self.inner().uids.get(&(client.tenant().to_string(), id)).cloned()) })
    }

    fn record(&self, client: &Client, id: i64, uid: &str) {
        let mut inner = self.inner();
        let line = UidRecord { caller: client.tenant().to_string(), id, uid: uid.to_owned() };
        let previous = inner.uids.insert((line.caller.clone(), id), line.uid.clone());
        if previous.as_deref() != Some(uid)
            && let Ok(text) = serde_json::to_string(&line)
            && let Err(error) = writeln!(inner.file, "{text}")
        {
            tracing::warn!(target: "calcom::v1", kind = ?error.kind(), "a booking could not be appended to the file of uids");
        }
    }
}

impl fmt::Debug for UidFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UidFile").field("bookings", &self.inner().uids.len()).finish_non_exhaustive()
    }
}
