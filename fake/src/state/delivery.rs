//! A webhook delivery of the fake.

use std::fmt;

use bytes::Bytes;
use http::Request;

use super::super::signed_webhook;

/// A webhook delivery and its result. See [`FakeCalcom::deliveries`](crate::FakeCalcom::deliveries).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom::model::CreateBooking;
/// use calcom_fake::{FakeCalcom, FakeWebhook};
///
/// // Nothing listens at the URL, so that the delivery gets no response.
/// let webhook = FakeWebhook::new("johndoe", "http://127.0.0.1:9/hook", &["BOOKING_CREATED"]);
/// let fake = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).webhook(webhook).start().await;
/// let start = "2026-11-23T10:00:00Z".parse().unwrap();
/// fake.client().bookings().create(&CreateBooking::new(1, start, "Ada", "ada@example.org")).await.unwrap();
/// fake.wait_for_webhooks().await;
/// let delivery = &fake.deliveries()[0];
/// assert_eq!((delivery.trigger, delivery.status), ("BOOKING_CREATED", None));
/// // A test can send it to a receiver of its own.
/// assert_eq!(delivery.to_request().method(), "POST");
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// The number of the delivery, counted from 1 in the order of creation. Deliveries can arrive in another order.
    pub number: u64,
    /// The id of the webhook.
    pub webhook: String,
    /// The URL of the webhook.
    pub url: String,
    /// The trigger.
    pub trigger: &'static str,
    /// The content type: `application/json`, or that of a form if the payload template is not JSON.
    pub content_type: &'static str,
    /// The value of `X-Cal-Signature-256`; `no-secret-provided` if the webhook has no secret.
    pub signature: String,
    /// The body.
    pub body: Bytes,
    /// The status of the receiver's response. `None` while the delivery is in progress, or if there was no response.
    pub status: Option<u16>,
}

impl WebhookDelivery {
    /// The request of the delivery, for tests that send it themselves: again, later, or to another receiver.
    #[must_use]
    pub fn to_request(&self) -> Request<Bytes> {
        signed_webhook::request(&self.url, self.content_type, &self.signature, self.body.clone())
    }
}

/// Does not show the body or the signature.
impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} to webhook {}: ", self.number, self.trigger, self.webhook)?;
        match self.status {
            Some(status) => write!(f, "{status}"),
            None => write!(f, "no answer"),
        }
    }
}
