//! The thread that drives connections and timers, and the wait of a caller.

use std::{fmt, sync::Arc, thread};

use tokio::{
    runtime::{Builder, Handle, RuntimeFlavor},
    sync::oneshot,
    task::block_in_place,
};

use crate::{Error, Result};

const ON_CURRENT_THREAD: &str = "a blocking call on a current-thread runtime would stop everything that the runtime \
                                 drives; use calcom::Client there, or a multi-threaded runtime";

/// The result of a call that is refused on the thread of its caller.
pub(super) trait FromRefusal {
    fn refused(error: Error) -> Self;
}

impl<T> FromRefusal for Result<T> {
    fn refused(error: Error) -> Self {
        Err(error)
    }
}

/// A runtime on a thread of its own. Clones share it; it ends with the last one.
#[derive(Clone)]
pub(super) struct Driver(Arc<DriverThread>);

struct DriverThread {
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
}

impl Driver {
    pub(super) fn start() -> Result<Self> {
        let failed =
            |error: std::io::Error| Error::configuration(format!("no thread for the blocking client: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        thread::Builder::new()
            .name("calcom-blocking".to_owned())
            .spawn(move || {
                // An error means that the last client is dropped, too.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        Ok(Self(Arc::new(DriverThread { runtime: handle, stop: Some(stop) })))
    }

    /// Runs `what` in the context of the thread's runtime, so that background work starts in that runtime.
    pub(super) fn enter<T>(&self, what: impl FnOnce() -> T) -> T {
        let _context = self.0.runtime.enter();
        what()
    }

    /// Waits for a future on the thread of the caller.
    pub(super) fn wait<T: FromRefusal>(&self, future: impl Future<Output = T>) -> T {
        match Handle::try_current().map(|handle| handle.runtime_flavor()) {
            Err(_) => self.0.runtime.block_on(future),
            Ok(RuntimeFlavor::CurrentThread) => T::refused(Error::configuration(ON_CURRENT_THREAD)),
            // The other tasks of a worker thread continue on another thread.
            Ok(_) => block_in_place(|| self.0.runtime.block_on(future)),
        }
    }
}

impl Drop for DriverThread {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the thread has ended.
            let _ = stop.send(());
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driver")
    }
}
