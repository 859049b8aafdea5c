//! Counted background tasks: work that continues after a call has ended, such as watching for duplicates or releasing a lease.
//! A program can wait for it before it ends.

use std::{future::Future, pin::Pin};

use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

/// Spawns background tasks, and counts them so that a program can wait until all have ended. Clones share the count.
#[derive(Debug, Clone)]
pub(crate) struct TaskTracker(watch::Sender<usize>);

/// Runs work in the runtime of the caller. `None` without a runtime.
///
/// The future is in a box, so that tokio's task is compiled once and not for each kind of work.
pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Option<JoinHandle<()>> {
    let work: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(work);
    Some(Handle::try_current().ok()?.spawn(work))
}

/// Counts one task until it is dropped.
struct TaskCount(watch::Sender<usize>);

impl Drop for TaskCount {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Default for TaskTracker {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl TaskTracker {
    fn count_task(&self) -> TaskCount {
        self.0.send_modify(|count| *count += 1);
        TaskCount(self.0.clone())
    }

    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let task_count = self.count_task();
        tokio::spawn(async move {
            let _task_count = task_count;
            work.await
        })
    }

    /// As [`spawn`](Self::spawn), for destructors: without a runtime the work is not done.
    pub(crate) fn try_spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let task_count = self.count_task();
        spawn(async move {
            let _task_count = task_count;
            work.await;
        });
    }

    /// Waits until no task runs.
    pub(crate) async fn wait_idle(&self) {
        // `self` holds the sender, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}
