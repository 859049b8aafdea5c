//! The idempotency key: what a caller names an appointment by, and how it is written on the booking.

use std::{fmt, time::SystemTime};

use serde::{Deserialize, Serialize};

/// Where the key stands in a booking's metadata (of a seated booking: in its attendee's).
pub const MARKER: &str = "idempotencyKey";

/// Names one appointment that is to be booked, once and for all.
///
/// It travels as [`MARKER`] in the booking's metadata, where the service keeps it through confirmation, reschedule and
/// cancellation. Whoever knows the booking's uid can read it: put nothing secret into it. A key that has booked is spent;
/// booking under it again finds that booking, even if it was called off since.
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
    /// The longest that the service keeps, in characters (recordings `once-marker/limit-*`).
    pub const LONGEST: usize = 500;

    /// A key that nobody else has.
    #[must_use]
    pub fn random() -> Self {
        let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        Self(format!("{millis:012x}-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)))
    }

    /// The key as it is written on the booking.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it unfit to be written on a booking.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let length = self.0.chars().count();
        if length == 0 || self.0.trim() != self.0 {
            Some("must not be empty, nor begin or end with a blank")
        } else if length > Self::LONGEST {
            Some("must not be longer than 500 characters")
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
