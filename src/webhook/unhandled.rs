//! A delivery that is remembered as received and not handled yet. Where its handler does not come to an end the delivery is
//! forgotten, also if the handler panics, or if whoever waits for it gives up.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Wake, Waker},
    thread::{self, Thread},
};

use super::{DedupeKey, Event, ReplayStore, Verifier};

pub(super) struct Unhandled(Option<(Arc<dyn ReplayStore>, DedupeKey)>);

type Forgetting = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Unhandled {
    pub(super) fn new(verifier: &Verifier, event: &Event) -> Self {
        Self(verifier.replays().map(|store| (store, event.dedupe_key())))
    }

    pub(super) fn handled(mut self) {
        self.0 = None;
    }

    /// Should the store fail, the delivery stays refused until it runs out there.
    pub(super) async fn forget(mut self) {
        if let Some((store, key)) = self.0.take() {
            let _ = store.forget(&key).await;
        }
    }
}

impl Drop for Unhandled {
    fn drop(&mut self) {
        let Some((store, key)) = self.0.take() else { return };
        let mut forgetting: Forgetting = Box::pin(async move {
            let _ = store.forget(&key).await;
        });
        // A store in memory is done at once, before the delivery can come again.
        if forgetting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            finish(forgetting);
        }
    }
}

/// Goes on where nobody waits: in the runtime, or in a thread where there is none.
fn finish(forgetting: Forgetting) {
    #[cfg(feature = "client")]
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(forgetting);
        return;
    }
    // Without a thread the delivery stays refused until it runs out.
    let _ = thread::Builder::new().name("calcom-forget".to_owned()).spawn(move || block_on(forgetting));
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
