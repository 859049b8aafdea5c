//! The extractor for axum: takes the raw body, verifies, reads, and refuses by itself.

use axum_core::{
    body::Body,
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_LENGTH};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{Event, Refusal, Verifier};

/// A genuine delivery, for a handler of axum.
///
/// The router's state has to give a [`Verifier`] (axum's `FromRef`). What is not let in is answered with
/// [`Refusal::status`]: 401 for a forgery, 400 for what is no event or too old, 413 for too long a body, 200 without
/// calling the handler for a delivery that was received before. A handler that takes
/// `Result<CalcomWebhook, Refusal>` decides by itself; a payload template's body is in [`Refusal::Unreadable`].
///
/// The body of a request without a signature, or with one of another form, is not read. A delivery counts as received once it is extracted: where the
/// handler does not come to its end, [`Verifier::forget`] lets it in again, and [`Router::serve`](super::Router::serve)
/// does that by itself.
///
/// It reads the body, so it has to be the handler's last argument. Nothing before it may change the body: the signature
/// is of the bytes as they were sent.
///
/// ```
/// use axum::{Router, routing::post};
/// use calcom::webhook::{CalcomWebhook, Verifier};
///
/// async fn hook(CalcomWebhook(event): CalcomWebhook) {
///     println!("{} of {:?}", event.trigger(), event.booking_uid());
/// }
///
/// let app: Router = Router::new().route("/hook", post(hook)).with_state(Verifier::new("the webhook's secret")?);
/// # Ok::<(), calcom::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CalcomWebhook(pub Event);

impl<S> FromRequest<S> for CalcomWebhook
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let verifier = Verifier::from_ref(state);
        let (parts, body) = request.into_parts();
        let body = collect(&verifier, &parts.headers, body).await?;
        verifier.receive_parts(&parts.headers, body).await.map(Self)
    }
}

/// The body, unless it is longer than the limit: neither believed to be short nor read on when it is not. Without a
/// signature it is not read at all.
async fn collect(verifier: &Verifier, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let limit = verifier.limit();
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > limit) {
        return Err(Refusal::TooLarge { limit });
    }
    verifier.check_headers(headers)?;
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge { limit }),
        Err(_) => Err(Refusal::Body),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.to_response()
    }
}
