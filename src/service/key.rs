//! The idempotency key: the caller's name for an appointment, and how it is written to the booking.

use std::{fmt, time::SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::CreateBooking;

/// The field of a booking's metadata (of a seated booking: of its attendee's) that contains the key.
pub const IDEMPOTENCY_KEY_FIELD: &str = "idempotencyKey";

/// The metadata field that contains the digest of the content, beside the key.
pub(crate) const DIGEST_FIELD: &str = "idempotencyDigest";

/// The digest of a booking's content, as it is sent, without the key. It is a hash: it does not reveal the content.
pub(crate) fn content_digest(booking: &CreateBooking) -> String {
    let mut hash = Sha256::new();
    // A value of this type can always be written as JSON.
    hash_value(&serde_json::to_value(booking).unwrap_or_default(), &mut hash);
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Hashes a value with its kind and length as a prefix; the fields of an object in the order of their names.
fn hash_value(value: &Value, hash: &mut Sha256) {
    let text = |kind: &str, text: &str, hash: &mut Sha256| hash.update(format!("{kind}{}:{text}", text.len()));
    match value {
        Value::Array(items) => {
            hash.update(format!("list{}:", items.len()));
            items.iter().for_each(|item| hash_value(item, hash));
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
            fields.sort_by_key(|(name, _)| *name);
            hash.update(format!("object{}:", fields.len()));
            for (name, value) in fields {
                text("name", name, hash);
                hash_value(value, hash);
            }
        }
        Value::String(string) => text("text", string, hash),
        other => text("value", &other.to_string(), hash),
    }
}

/// Names one appointment, permanently.
///
/// It is sent as [`IDEMPOTENCY_KEY_FIELD`] in the booking's metadata, where the service keeps it through confirmation,
/// reschedule and cancellation. It can be read with the booking's uid: put nothing secret into it. A key that has
/// booked is used up. Booking the same content under it again finds that booking, even if it was cancelled since.
/// Booking other content under it is refused ([`Problem::KeyUsed`](super::Problem::KeyUsed)).
///
/// ```
/// use calcom::service::IdempotencyKey;
///
/// let own = IdempotencyKey::from("order-4711");
/// let made = IdempotencyKey::random();
/// assert_ne!(own, made);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Longest key that the service keeps, in UTF-16 units (recordings `once-marker/limit-*`).
    pub const MAX_UTF16_LEN: usize = 500;

    /// Makes a unique key.
    #[must_use]
    pub fn random() -> Self {
        let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        Self(format!("{millis:012x}-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)))
    }

    /// The key as it is written to the booking.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The problem with a key that cannot be written to a booking.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let length = self.0.encode_utf16().count();
        if length == 0 || self.0.trim() != self.0 {
            Some("must not be empty, nor begin or end with a blank")
        } else if length > Self::MAX_UTF16_LEN {
            Some("must not be longer than 500 UTF-16 units")
        } else if self.0.chars().any(char::is_control) {
            Some("must not hold control characters")
        } else {
            None
        }
    }
}

impl From<&str> for IdempotencyKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl From<String> for IdempotencyKey {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl From<&IdempotencyKey> for IdempotencyKey {
    fn from(key: &IdempotencyKey) -> Self {
        key.clone()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_contents_apart_and_not_the_order_of_their_fields() {
        let booking = |notes: &str| {
            CreateBooking::new(1, "2030-01-15T10:00:00Z".parse().unwrap(), "Jo", "jo@example.org").notes(notes)
        };
        assert_eq!(content_digest(&booking("a")).len(), 32);
        assert_eq!(
            content_digest(&booking("a").metadata("x", 1).metadata("y", 2)),
            content_digest(&booking("a").metadata("y", 2).metadata("x", 1))
        );
        for other in [booking("b"), booking("a").metadata("x", 1), booking("a").length_in_minutes(30)] {
            assert_ne!(content_digest(&booking("a")), content_digest(&other));
        }
    }

    #[test]
    fn a_key_is_measured_as_the_service_measures_it() {
        assert!(IdempotencyKey::from("\u{1f98a}".repeat(250)).problem().is_none());
        assert!(IdempotencyKey::from("\u{1f98a}".repeat(251)).problem().is_some());
    }
}
