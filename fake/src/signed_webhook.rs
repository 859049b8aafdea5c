//! Signed deliveries for tests of a receiver, without a fake.

use bytes::Bytes;
use http::{Method, Request, header};

use calcom::{
    Result,
    model::WebhookSecret,
    webhook::{Event, SIGNATURE_HEADER, VERSION_HEADER, sign},
};

/// The version header of deliveries.
const VERSION: &str = "2021-10-20";

/// Makes the delivery of `event` that the service would send to a webhook with this secret: a POST with the service's
/// headers and the body of the [`Event`].
///
/// ```
/// use calcom::webhook::{BookingPayload, Event, Payload, Verifier};
/// use calcom_fake::signed_webhook;
///
/// # async fn example() -> calcom::Result<()> {
/// let mut booking = BookingPayload::default();
/// booking.uid = Some("kgiKeoVgk6NpALrVxDhWeY".to_owned());
/// let event = Event::new("2026-11-23T09:00:00Z".parse().unwrap(), Payload::BookingCreated(booking.into()));
///
/// let request = signed_webhook(&event, "whsec_test")?;
/// let received = Verifier::new("whsec_test")?.receive(request).await?;
/// assert_eq!(received.booking_uid(), event.booking_uid());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::Configuration`](calcom::Error::Configuration) for a blank secret, and for `no-secret-provided`.
pub fn signed_webhook(event: &Event, secret: impl Into<WebhookSecret>) -> Result<Request<Bytes>> {
    let body = event.body().clone();
    let signature = sign(&body, secret)?;
    Ok(request("/", "application/json", &signature, body))
}

/// The request of a delivery.
pub(crate) fn request(target: &str, content_type: &str, signature: &str, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    if let Ok(uri) = target.parse() {
        *request.uri_mut() = uri;
    }
    let headers = request.headers_mut();
    let texts = [
        (header::CONTENT_TYPE.as_str(), content_type),
        (SIGNATURE_HEADER, signature),
        (VERSION_HEADER, VERSION),
        (header::ACCEPT.as_str(), "*/*"),
        (header::USER_AGENT.as_str(), "node"),
    ];
    for (name, value) in texts {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    request
}
