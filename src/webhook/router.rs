//! Calls the handler of an event's trigger, and makes the response to the delivery.

use std::{collections::HashMap, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Event, Rejection, Verifier, pending_delivery::PendingDelivery};
use crate::model::Trigger;

type HandlerFuture<E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send>>;
type Handler<E> = Arc<dyn Fn(Event) -> HandlerFuture<E> + Send + Sync>;

/// Calls a handler for each trigger.
///
/// Cheap to clone. `E` is the error type of the handlers.
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
///     .fallback(async |_| Ok(()));
/// # let _: Router<std::io::Error> = router;
/// ```
pub struct Router<E> {
    handlers: Arc<HashMap<Trigger, Handler<E>>>,
    fallback: Option<Handler<E>>,
}

impl<E> Router<E> {
    /// Creates a router without handlers.
    #[must_use]
    pub fn new() -> Self {
        Self { handlers: Arc::default(), fallback: None }
    }

    /// Sets the handler of these triggers. It replaces an earlier handler of the same trigger.
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

    /// Sets the handler of all other triggers. Without it, their events are ignored.
    #[must_use]
    pub fn fallback<H, F>(mut self, handler: H) -> Self
    where
        H: Fn(Event) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.fallback = Some(boxed(handler));
        self
    }

    /// Calls the handler of an event. Returns `false` if the trigger has no handler.
    ///
    /// # Errors
    ///
    /// The error of the handler.
    pub async fn dispatch(&self, event: Event) -> Result<bool, E> {
        match self.handlers.get(event.trigger()).or(self.fallback.as_ref()) {
            Some(handler) => handler(event).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Receives a delivery, calls its handler, and returns the response: 200, [`Rejection::status`], or 500 if the
    /// handler failed.
    ///
    /// If the handler fails, panics or is dropped before its end, the delivery is removed from the replay store, so that
    /// it can be sent again. The service does not send it again by itself. `on_error` receives the error.
    pub async fn handle(
        &self,
        verifier: &Verifier,
        request: Request<Bytes>,
        on_error: impl FnOnce(DeliveryError<E>),
    ) -> Response<Bytes> {
        let event = match verifier.receive(request).await {
            Ok(event) => event,
            Err(rejection) => {
                let response = rejection.to_response();
                on_error(DeliveryError::Rejected(rejection));
                return response;
            }
        };
        let mut response = Response::new(Bytes::new());
        let pending_delivery = PendingDelivery::new(verifier, &event);
        match self.dispatch(event).await {
            Ok(_) => pending_delivery.complete(),
            Err(error) => {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                on_error(DeliveryError::Handler(error));
                pending_delivery.forget().await;
            }
        }
        response
    }
}

/// Error of a delivery that [`Router::handle`] could not handle.
///
/// ```
/// use calcom::webhook::{DeliveryError, Rejection};
///
/// fn log(error: DeliveryError<std::io::Error>) {
///     match error {
///         DeliveryError::Rejected(Rejection::Duplicate) => {}
///         error => eprintln!("{error}"),
///     }
/// }
/// # log(DeliveryError::Rejected(Rejection::Duplicate));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError<E> {
    /// The verifier rejected the delivery.
    #[error("the delivery was rejected")]
    Rejected(#[source] Rejection),
    /// The handler returned an error.
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
        Self { handlers: Arc::clone(&self.handlers), fallback: self.fallback.clone() }
    }
}

impl<E> fmt::Debug for Router<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut triggers: Vec<&str> = self.handlers.keys().map(Trigger::as_str).collect();
        triggers.sort_unstable();
        f.debug_struct("Router").field("triggers", &triggers).field("fallback", &self.fallback.is_some()).finish()
    }
}
