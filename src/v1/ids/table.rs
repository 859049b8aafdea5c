//! A table in a file: every booking that goes by gets a line.

use std::{
    collections::HashMap,
    fmt,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    sync::{Mutex, MutexGuard},
};

use serde::{Deserialize, Serialize};

use super::{BookingIds, Lookup};
use crate::{Client, sync::lock};

/// A table of numbers and uids that outlives the process: a file of JSON lines, read once and then only written to.
///
/// The file holds uids, and whoever has one can cancel that booking: keep it as one keeps a key. Of the credential it holds
/// a hash. A line that cannot be written is lost with the process, and nothing else.
pub struct Table {
    inner: Mutex<Inner>,
}

struct Inner {
    uids: HashMap<(String, i64), String>,
    file: File,
}

/// One line of the file; of two for one booking the later one counts.
#[derive(Serialize, Deserialize)]
struct Line {
    caller: String,
    id: i64,
    uid: String,
}

impl Table {
    /// Opens the table, or makes it. A line that is none is passed over.
    ///
    /// # Errors
    ///
    /// Those of opening and reading the file.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut uids = HashMap::new();
        for line in BufReader::new(&file).lines() {
            if let Ok(Line { caller, id, uid }) = serde_json::from_str(&line?) {
                uids.insert((caller, id), uid);
            }
        }
        Ok(Self { inner: Mutex::new(Inner { uids, file }) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl BookingIds for Table {
    fn uid<'a>(&'a self, client: &'a Client, id: i64) -> Lookup<'a> {
        Box::pin(async move { Ok(self.inner().uids.get(&(client.scope().to_string(), id)).cloned()) })
    }

    fn learn(&self, client: &Client, id: i64, uid: &str) {
        let mut inner = self.inner();
        let line = Line { caller: client.scope().to_string(), id, uid: uid.to_owned() };
        let known = inner.uids.insert((line.caller.clone(), id), line.uid.clone());
        if known.as_deref() != Some(uid)
            && let Ok(text) = serde_json::to_string(&line)
            && let Err(error) = writeln!(inner.file, "{text}")
        {
            tracing::warn!(target: "calcom::v1", kind = ?error.kind(), "a booking could not be written into the table of numbers");
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("bookings", &self.inner().uids.len()).finish_non_exhaustive()
    }
}
