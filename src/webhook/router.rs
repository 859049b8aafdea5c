//! Taking events to whoever handles their trigger, and answering the sender.

use std::{collections::HashMap, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Event, Refusal, Verifier, unhandled::Unhandled};
use crate::model::Trigger;

type Handled<E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send>>;
type Handler<E> = Arc<dyn Fn(Event) -> Handled<E> + Send + Sync>;

/// Handlers by trigger.
///
/// Cheap to clone. `E` is the handlers' error type.
///
/// ```
/// use calcom::webhook::{Event, Router, Trigger};
///
/// async fn book(event: Event) -> Result<(), std::io::Error> {
///     println!("{:?}", event.booking_uid());
///     Ok(())
/// }
///
/// let router = Router::new()
///     .on([Trigger::BookingCreated, Trigger::BookingRescheduled], book)
///     .otherwise(async |_| Ok(()));
/// # let _: Router<std::io::Error> = router;
/// ```
pub struct Router<E> {
    handlers: Arc<HashMap<Trigger, Handler<E>>>,
    otherwise: Option<Handler<E>>,
}

impl<E> Router<E> {
    /// A router without handlers.
    #[must_use]
    pub fn new() -> Self {
        Self { handlers: Arc::default(), otherwise: None }
    }

    /// Has `handler` handle these triggers; of two handlers for one trigger the later one is called.
    #[must_use]
    pub fn on<H, F>(mut self, triggers: impl IntoIterator<Item = Trigger>, handler: H) -> Self
    where
        H: Fn(Event) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let handler = boxed(handler);
        let handlers = Arc::make_mut(&mut self.handlers);
        handlers.extend(triggers.into_iter().map(|trigger| (trigger, Arc::clone(&handler))));
        self
    }

    /// Has `handler` handle every other trigger; without one they are let go.
    #[must_use]
    pub fn otherwise<H, F>(mut self, handler: H) -> Self
    where
        H: Fn(Event) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.otherwise = Some(boxed(handler));
        self
    }

    /// Hands an event to its handler. Says whether there was one.
    ///
    /// # Errors
    ///
    /// The handler's.
    pub async fn dispatch(&self, event: Event) -> Result<bool, E> {
        match self.handlers.get(event.trigger()).or(self.otherwise.as_ref()) {
            Some(handler) => handler(event).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Receives a delivery, hands it to its handler, and answers: 200, what [`Refusal::status`]
    /// says, or 500 where the handler failed.
    ///
    /// A delivery whose handler failed, panicked or was dropped before its end is forgotten by the replay guard, so that it
    /// can be sent again; the service itself will not. `failed` is told of whatever went wrong.
    pub async fn serve(
        &self,
        verifier: &Verifier,
        request: Request<Bytes>,
        failed: impl FnOnce(ServeError<E>),
    ) -> Response<Bytes> {
        let event = match verifier.receive(request).await {
            Ok(event) => event,
            Err(refusal) => {
                let response = refusal.to_response();
                failed(ServeError::Refused(refusal));
                return response;
            }
        };
        let mut response = Response::new(Bytes::new());
        let unhandled = Unhandled::new(verifier, &event);
        match self.dispatch(event).await {
            Ok(_) => unhandled.handled(),
            Err(error) => {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                failed(ServeError::Handler(error));
                unhandled.forget().await;
            }
        }
        response
    }
}

/// What went wrong with a delivery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError<E> {
    /// It was not let in.
    #[error("the delivery was not let in")]
    Refused(#[source] Refusal),
    /// It was let in, and its handler failed.
    #[error("the delivery's handler failed")]
    Handler(#[source] E),
}

fn boxed<E, H, F>(handler: H) -> Handler<E>
where
    H: Fn(Event) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
{
    Arc::new(move |event| Box::pin(handler(event)))
}

impl<E> Default for Router<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Clone for Router<E> {
    fn clone(&self) -> Self {
        Self { handlers: Arc::clone(&self.handlers), otherwise: self.otherwise.clone() }
    }
}

impl<E> fmt::Debug for Router<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut triggers: Vec<&str> = self.handlers.keys().map(Trigger::as_str).collect();
        triggers.sort_unstable();
        f.debug_struct("Router").field("triggers", &triggers).field("otherwise", &self.otherwise.is_some()).finish()
    }
}
