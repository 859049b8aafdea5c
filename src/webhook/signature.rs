//! The signature of a delivery: HMAC-SHA256 of the bytes of the body, in lower-case hex, in `X-Cal-Signature-256`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    error::{Error, Result},
    model::WebhookSecret,
};

/// Name of the header that contains the signature.
pub const SIGNATURE_HEADER: &str = "x-cal-signature-256";

/// Name of the header that contains the version of the form of a delivery. Some servers do not send it.
pub const VERSION_HEADER: &str = "x-cal-webhook-version";

/// Value of the signature header if the webhook has no secret.
pub const UNSIGNED: &str = "no-secret-provided";

/// Reason for which a signature is rejected.
///
/// ```
/// use calcom::webhook::{Rejection, SignatureError, Verifier};
///
/// # fn main() -> calcom::Result<()> {
/// let verifier = Verifier::new("whsec_test")?;
/// let unsigned = verifier.verify(b"{}", "no-secret-provided");
/// assert!(matches!(unsigned, Err(Rejection::Signature(SignatureError::Unsigned))));
/// let forged = verifier.verify(b"{}", "0".repeat(64));
/// assert!(matches!(forged, Err(Rejection::Signature(SignatureError::Mismatch))));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The request has no header `X-Cal-Signature-256`.
    #[error("no X-Cal-Signature-256 header")]
    Missing,
    /// The request has the header more than once.
    #[error("more than one X-Cal-Signature-256 header")]
    Repeated,
    /// The header is `no-secret-provided`: the webhook has no secret. Set one on the webhook.
    #[error("the webhook has no secret, so the delivery is not signed")]
    Unsigned,
    /// The header is not exactly 64 lower-case hex digits.
    #[error("the signature is not 64 lower-case hex digits")]
    Malformed,
    /// The signature is not that of this body with any of the secrets.
    #[error("the signature does not match")]
    Mismatch,
}

/// The HMAC state of a secret. The secret itself is not kept.
#[derive(Clone)]
pub(crate) struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    fn new(secret: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(secret).ok().map(Self)
    }

    /// The key of a secret. Refuses blank secrets and [`UNSIGNED`].
    pub(crate) fn of(secret: &WebhookSecret) -> Result<Self> {
        let secret = secret.expose().as_bytes();
        let key = if is_usable(secret) { Self::new(secret) } else { None };
        key.ok_or_else(|| Error::configuration("a webhook secret must not be empty or \"no-secret-provided\""))
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(body)
    }

    /// Compares `tag` with the HMAC of the body, in constant time.
    pub(crate) fn accepts(&self, body: &[u8], tag: &[u8; 32]) -> bool {
        self.mac(body).verify_slice(tag).is_ok()
    }

    /// The value of the signature header for `body`.
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let tag = self.mac(body).finalize().into_bytes();
        tag.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
    }
}

/// Decodes the value of the signature header.
pub(crate) fn decode(signature: &[u8]) -> Result<[u8; 32], SignatureError> {
    if signature == UNSIGNED.as_bytes() {
        return Err(SignatureError::Unsigned);
    }
    if signature.len() != 64 {
        return Err(SignatureError::Malformed);
    }
    let mut tag = [0; 32];
    for (byte, digits) in tag.iter_mut().zip(signature.chunks_exact(2)) {
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    Ok(tag)
}

fn digit(character: u8) -> Result<u8, SignatureError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(SignatureError::Malformed),
    }
}

/// Checks that `signature` is the signature of `payload` with `secret`.
///
/// This is the documented `validateWebhookSignature`. `payload` is the body as it was received, byte for byte.
/// `signature` is the value of `X-Cal-Signature-256`. The result is `false` for a blank secret and for the signature
/// `no-secret-provided`. [`Verifier`](super::Verifier) supports several secrets and returns the reason of a rejection.
///
/// ```
/// use calcom::webhook::validate_webhook_signature;
///
/// let signature = "7a7bb7862a8ef5dfe8d23c93a84f5fe3e7ee4ed02cf7bea3c4ffbc7a2cb2a0d2";
/// assert!(!validate_webhook_signature(b"{}", signature, "not the secret"));
/// ```
#[must_use]
pub fn validate_webhook_signature(
    payload: impl AsRef<[u8]>,
    signature: impl AsRef<[u8]>,
    secret: impl AsRef<[u8]>,
) -> bool {
    let secret = secret.as_ref();
    let (Ok(tag), Some(key)) = (decode(signature.as_ref()), SigningKey::new(secret)) else { return false };
    is_usable(secret) && key.accepts(payload.as_ref(), &tag)
}

/// Signs `payload` with `secret`. The result is the value of `X-Cal-Signature-256`.
///
/// For tests, and for forwarding deliveries.
///
/// ```
/// use calcom::webhook::{sign, validate_webhook_signature};
///
/// let signature = sign("{}", "the webhook's secret")?;
/// assert!(validate_webhook_signature("{}", &signature, "the webhook's secret"));
/// # Ok::<(), calcom::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Configuration`] for a secret that [`Verifier::new`](super::Verifier::new) refuses.
pub fn sign(payload: impl AsRef<[u8]>, secret: impl Into<WebhookSecret>) -> Result<String> {
    Ok(SigningKey::of(&secret.into())?.sign(payload.as_ref()))
}

fn is_usable(secret: &[u8]) -> bool {
    let secret = secret.trim_ascii();
    !secret.is_empty() && secret != UNSIGNED.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_accepted() {
        let key = SigningKey::new(b"secret").unwrap();
        let signature = key.sign(b"body");
        assert_eq!(signature.len(), 64);
        assert!(key.accepts(b"body", &decode(signature.as_bytes()).unwrap()));
        assert!(!key.accepts(b"Body", &decode(signature.as_bytes()).unwrap()));
    }

    // RFC 4231, test case 2.
    #[test]
    fn the_signature_is_hmac_sha256() {
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(SigningKey::new(b"Jefe").unwrap().sign(b"what do ya want for nothing?"), signature);
        assert!(validate_webhook_signature("what do ya want for nothing?", signature, "Jefe"));
    }

    #[test]
    fn a_blank_secret_signs_nothing_and_accepts_nothing() {
        for secret in ["", " ", "\t\n", "no-secret-provided", " no-secret-provided\n"] {
            let signature = SigningKey::new(secret.as_bytes()).unwrap().sign(b"body");
            assert!(!validate_webhook_signature("body", &signature, secret), "{secret:?}");
            assert!(matches!(sign("body", secret), Err(Error::Configuration(_))), "{secret:?}");
        }
        assert!(sign("body", " a secret ").is_ok(), "blanks around one are part of it");
    }

    #[test]
    fn only_lower_case_hex_without_prefix_is_a_signature() {
        let good = SigningKey::new(b"secret").unwrap().sign(b"body");
        assert!(decode(good.as_bytes()).is_ok());
        let prefixed = format!("sha256={good}");
        let upper = good.to_ascii_uppercase();
        let spaced = format!(" {good}");
        for bad in [&*prefixed, &upper, &spaced, &good[..63], &good[..62], "", "g", &"g".repeat(64)] {
            assert_eq!(decode(bad.as_bytes()), Err(SignatureError::Malformed), "{bad}");
        }
        assert_eq!(decode(b"no-secret-provided"), Err(SignatureError::Unsigned));
    }
}
