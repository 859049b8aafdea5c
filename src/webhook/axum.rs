//! The extractor for axum.

use axum_core::{
    body::Body,
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_LENGTH};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{Event, Rejection, Verifier};

/// Extractor for axum: a verified event.
///
/// The state of the axum router has to give a [`Verifier`] (axum's `FromRef`). A rejected delivery is answered with
/// [`Rejection::status`]: 401 if the signature is wrong, 400 if the body is no event or too old, 413 if the body is too
/// long, and 200 for a duplicate. The handler is not called then. A handler that takes
/// `Result<CalcomWebhook, Rejection>` is called in each case; the body of a payload template is in
/// [`Rejection::InvalidPayload`].
///
/// If the signature is missing or malformed, the body is not read. A delivery counts as received once it is extracted. If
/// the handler fails, [`Verifier::forget`] makes the delivery acceptable again; [`Router::handle`](super::Router::handle)
/// does so by itself.
///
/// The extractor reads the body, so it has to be the last argument of the handler. No layer before it may change the body,
/// because the signature is of the bytes as they were sent.
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
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let verifier = Verifier::from_ref(state);
        let (parts, body) = request.into_parts();
        let body = read_body(&verifier, &parts.headers, body).await?;
        verifier.receive_parts(&parts.headers, body).await.map(Self)
    }
}

/// Reads the body up to the limit, whatever `Content-Length` says. Without a well-formed signature it reads nothing.
async fn read_body(verifier: &Verifier, headers: &HeaderMap, body: Body) -> Result<Bytes, Rejection> {
    let limit = verifier.max_body_bytes();
    let declared_length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared_length.is_some_and(|length| length > limit) {
        return Err(Rejection::TooLarge { limit });
    }
    verifier.check_headers(headers)?;
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Rejection::TooLarge { limit }),
        Err(_) => Err(Rejection::Body),
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.to_response()
    }
}
