//! Checking the signature of a delivery without a service.

use super::Service;
use crate::webhook;

impl Service {
    /// As [`validate_webhook_signature`](Self::validate_webhook_signature), with a given secret: for a receiver that
    /// has no client.
    ///
    /// ```
    /// use calcom::service::Service;
    ///
    /// let (body, signature) = (r#"{"triggerEvent":"PING"}"#, "no-secret-provided");
    /// assert!(!Service::validate_webhook_signature_with(body, signature, "whsec"));
    /// ```
    #[must_use]
    pub fn validate_webhook_signature_with(
        payload: impl AsRef<[u8]>,
        signature: impl AsRef<[u8]>,
        secret: impl AsRef<[u8]>,
    ) -> bool {
        webhook::validate_webhook_signature(payload, signature, secret)
    }
}
