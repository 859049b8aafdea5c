//! A delivery that the fake made, for tests to look at and to send once more.

use std::fmt;

use bytes::Bytes;
use http::Request;

use super::super::signed;

/// A delivery of a webhook, and what came of it.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Counts from 1 in the order in which they were made; they need not arrive in it.
    pub number: u64,
    /// The id of the webhook.
    pub webhook: String,
    /// Where it goes.
    pub url: String,
    /// What it tells of.
    pub trigger: &'static str,
    /// `application/json`, or that of a form where the webhook's template is not JSON.
    pub content_type: &'static str,
    /// What `X-Cal-Signature-256` says: `no-secret-provided` where the webhook has no secret.
    pub signature: String,
    /// The body.
    pub body: Bytes,
    /// What the receiver answered; nothing while it is under way, or where it did not arrive.
    pub status: Option<u16>,
}

impl WebhookDelivery {
    /// The request that carries it, for a test that delivers it by itself: again, later, or to somebody else.
    #[must_use]
    pub fn to_request(&self) -> Request<Bytes> {
        signed::request(&self.url, self.content_type, &self.signature, self.body.clone())
    }
}

/// Shows no body and no signature.
impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} to webhook {}: ", self.number, self.trigger, self.webhook)?;
        match self.status {
            Some(status) => write!(f, "{status}"),
            None => write!(f, "no answer"),
        }
    }
}
