//! The thread that drives connections and timers, and the wait of a caller.

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use tokio::{
    runtime::{Builder, Handle, RuntimeFlavor},
    sync::oneshot,
    task::{block_in_place, unconstrained},
};

use crate::{Error, Result};

const ON_CURRENT_THREAD: &str = "a blocking call on a current-thread runtime would stop everything that the runtime \
                                 drives; use calcom::Client there, or a multi-threaded runtime";
const IN_LOCAL_SET: &str = "a blocking call in a LocalSet would stop its other tasks; use calcom::Client there";

thread_local! {
    /// Whether this thread waits for a call, so that what runs on it is a part of that call.
    static IS_WAITING: Cell<bool> = const { Cell::new(false) };
}

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
        if IS_WAITING.get() {
            return self.wait_within_a_call(future);
        }
        match Handle::try_current().map(|handle| handle.runtime_flavor()) {
            Err(_) => self.block_on(future),
            Ok(RuntimeFlavor::CurrentThread) => T::refused(Error::configuration(ON_CURRENT_THREAD)),
            // The other tasks of a worker thread continue on another thread.
            Ok(_) => {
                let mut future = Some(future);
                let waited = catch_unwind(AssertUnwindSafe(|| {
                    block_in_place(|| future.take().map(|future| self.block_on(future)))
                }));
                match waited {
                    Ok(Some(result)) => result,
                    Err(panic) if future.is_none() => resume_unwind(panic),
                    // Only by a panic tokio tells that this thread has tasks that it cannot give away.
                    Err(_) | Ok(None) => T::refused(Error::configuration(IN_LOCAL_SET)),
                }
            }
        }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        IS_WAITING.set(true);
        let _waiting = Waiting;
        self.0.runtime.block_on(future)
    }

    /// Waits on a thread that waits already: for the next appointment of a batch, which another call reads. The thread of the
    /// client drives both calls.
    fn wait_within_a_call<T>(&self, future: impl Future<Output = T>) -> T {
        let _context = self.0.runtime.enter();
        // The budget of a task is that of the call around it, which gets none while this one waits.
        let mut future = pin!(unconstrained(future));
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(result) => return result,
                Poll::Pending => thread::park(),
            }
        }
    }
}

/// The wait of a thread, which ends with this value, after a panic too.
struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        IS_WAITING.set(false);
    }
}

/// Continues a thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
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
