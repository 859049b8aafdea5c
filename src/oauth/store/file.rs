//! Sessions in files, one each, with a lock beside it.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use fs4::{FileExt, TryLockError};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};

use super::{SessionKey, SessionLock, TokenStore, locked_by_another, memory::KeyedLocks};
use crate::state::{StoreError, StoreFuture};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// First and longest wait before a lock that another process has is tried again.
const RETRY_WAITS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));

/// Sessions in a folder: one file for each, in clear text, which only the user of the process can read (mode 0600 in a folder
/// of mode 0700; on Windows, what the folder allows). Processes of one machine share it.
///
/// A file is replaced as a whole, so that after a crash it is the one before or the new one. Beside it is a file that is locked
/// while a process changes the session; the operating system releases the lock of a process that ends. On a network file system
/// locks may not work: use `RedisTokenStore` there.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use calcom::oauth::{FileTokenStore, OAuthApp};
///
/// # fn main() -> calcom::Result<()> {
/// let store = Arc::new(FileTokenStore::new("/var/lib/clinic/calcom-sessions"));
/// let app = OAuthApp::public("client-id", "https://example.org/back").store(store).build()?;
/// # let _ = app;
/// # Ok(()) }
/// ```
pub struct FileTokenStore {
    folder: Arc<Path>,
    /// In one process, so that its calls wait without asking the operating system again and again.
    locks: KeyedLocks,
}

impl FileTokenStore {
    /// Takes the folder, which is made at the first use. Nothing else should be in it.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into().into(), locks: KeyedLocks::default() }
    }

    fn path(&self, key: &SessionKey, ending: &str) -> PathBuf {
        self.folder.join(format!("{key}.{ending}"))
    }
}

impl TokenStore for FileTokenStore {
    fn load<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, Option<SecretString>> {
        let path = self.path(key, "json");
        Box::pin(on_thread(move || read(&path)))
    }

    fn save<'a>(&'a self, key: &'a SessionKey, value: &'a SecretString) -> StoreFuture<'a, ()> {
        let (folder, path, value) = (Arc::clone(&self.folder), self.path(key, "json"), value.clone());
        Box::pin(on_thread(move || {
            make_folder(&folder)?;
            replace(&folder, &path, value.expose_secret().as_bytes())
        }))
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, ()> {
        let path = self.path(key, "json");
        Box::pin(on_thread(move || match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }))
    }

    fn lock<'a>(&'a self, key: &'a SessionKey, wait: Duration) -> StoreFuture<'a, SessionLock> {
        let (folder, path, deadline) = (Arc::clone(&self.folder), self.path(key, "lock"), Instant::now() + wait);
        Box::pin(async move {
            let in_process = self.locks.lock(key, wait).await.ok_or_else(locked_by_another)?;
            let file = on_thread(move || {
                make_folder(&folder)?;
                private(OpenOptions::new().create(true).truncate(false).write(true)).open(&path)
            })
            .await?;
            let mut pause = RETRY_WAITS.0;
            loop {
                match FileExt::try_lock(&file) {
                    Ok(()) => return Ok(SessionLock::new((file, in_process))),
                    Err(TryLockError::WouldBlock) if Instant::now() + pause < deadline => sleep(pause).await,
                    Err(TryLockError::WouldBlock) => return Err(locked_by_another()),
                    Err(TryLockError::Error(error)) => return Err(failed(&error)),
                }
                pause = (pause * 2).min(RETRY_WAITS.1);
            }
        })
    }
}

/// Runs file operations where they may block.
async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| failed(&error)),
        Err(_) => Err(StoreError("the file operation was interrupted".to_owned())),
    }
}

fn failed(error: &io::Error) -> StoreError {
    StoreError(format!("the file of the session: {error}"))
}

fn read(path: &Path) -> io::Result<Option<SecretString>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    check_mode(&file)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is too large"));
    }
    // A file that is not UTF-8 is read as an empty text, which is no session.
    Ok(Some(SecretString::from(String::from_utf8(bytes).unwrap_or_default())))
}

/// Writes a file beside the old one, and puts it in its place when it is on the disk.
fn replace(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    // The holder of the lock is alone; a file from before a crash is overwritten.
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Refuses a file that others can read: its tokens may be known to them.
#[cfg(unix)]
fn check_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match file.metadata()?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => Err(io::Error::other("others can read it (its mode must be 0600): revoke the session")),
    }
}

#[cfg(not(unix))]
fn check_mode(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

impl fmt::Debug for FileTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileTokenStore").finish_non_exhaustive()
    }
}
