//! Guard of a delivery that is received and not handled yet. If the handler fails, panics or is dropped, the guard removes
//! the delivery from the replay store.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Wake, Waker},
    thread::{self, Thread},
};

use super::{DedupeKey, Event, ReplayStore, Verifier};

pub(super) struct PendingDelivery(Option<(Arc<dyn ReplayStore>, DedupeKey)>);

type ForgetFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl PendingDelivery {
    pub(super) fn new(verifier: &Verifier, event: &Event) -> Self {
        Self(verifier.replay_store().map(|store| (store, event.dedupe_key())))
    }

    pub(super) fn complete(mut self) {
        self.0 = None;
    }

    /// If the store fails, the delivery stays rejected until its entry expires.
    pub(super) async fn forget(mut self) {
        if let Some((store, key)) = self.0.take() {
            let _ = store.forget(&key).await;
        }
    }
}

impl Drop for PendingDelivery {
    fn drop(&mut self) {
        let Some((store, key)) = self.0.take() else { return };
        let mut future: ForgetFuture = Box::pin(async move {
            let _ = store.forget(&key).await;
        });
        // A store in memory finishes at the first poll, before the delivery can be sent again.
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            run_in_background(future);
        }
    }
}

/// Runs the future in the background: in the runtime, or in a thread if there is no runtime.
fn run_in_background(future: ForgetFuture) {
    #[cfg(feature = "client")]
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(future);
        return;
    }
    // If no thread can be started, the delivery stays rejected until its entry expires.
    let _ = thread::Builder::new().name("calcom-forget".to_owned()).spawn(move || block_on(future));
}

fn block_on(future: impl Future<Output = ()>) {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    while future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        thread::park();
    }
}
