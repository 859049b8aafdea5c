//! What goes on after a call has ended: watching for doubles, finishing what a caller did not wait for, giving a
//! reservation or a lease back. Counted, so that a program can wait for it before it ends.

use std::future::Future;

use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

/// How many pieces of work are going on.
/// Clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Background(watch::Sender<usize>);

/// One of them; it counts until it is dropped, however it ends.
struct Counted(watch::Sender<usize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Default for Background {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Background {
    fn counted(&self) -> Counted {
        self.0.send_modify(|count| *count += 1);
        Counted(self.0.clone())
    }

    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let counted = self.counted();
        tokio::spawn(async move {
            let _counted = counted;
            work.await
        })
    }

    /// As [`spawn`](Self::spawn), from a destructor: without a runtime there is nobody left to do it.
    pub(crate) fn spawn_if_possible(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else { return };
        let counted = self.counted();
        runtime.spawn(async move {
            let _counted = counted;
            work.await;
        });
    }

    /// Waits until nothing goes on.
    pub(crate) async fn idle(&self) {
        // The sender is held here, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}
