//! Serde functions that keep everything that the service sent, for `#[serde(with = "calcom::model::wire_json")]`.
//!
//! serde writes a documented type with its documented fields alone. These functions write it as
//! [`to_wire_json`](ToWireJson::to_wire_json) returns it, and read it again as an equal value.
//!
//! ```
//! use calcom::model::{Booking, wire_json};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Row {
//!     patient: u64,
//!     #[serde(with = "wire_json")]
//!     booking: Booking,
//! }
//!
//! # fn main() -> Result<(), serde_json::Error> {
//! # let text = r#"{"patient": 7, "booking": {"id": 1, "uid": "u", "title": "Visit", "description": null,
//! #     "startTime": "2025-01-15T10:00:00Z", "endTime": "2025-01-15T10:30:00Z", "attendees": [], "user": null,
//! #     "location": null, "status": "ACCEPTED", "rescheduleUid": null, "cancellationReason": null, "duration": 30}}"#;
//! let row: Row = serde_json::from_str(text)?;
//! let again: Row = serde_json::from_str(&serde_json::to_string(&row)?)?;
//! assert!(again.booking == row.booking);
//! assert_eq!(again.booking.extra("duration"), Some(&30.into()));
//! # Ok(()) }
//! ```

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ToWireJson;

/// Writes every field that the service sent, in the form in which it was sent.
///
/// # Errors
///
/// Errors of the serializer.
pub fn serialize<T: ToWireJson, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_wire_json().serialize(serializer)
}

/// Reads the value from either [form](super#the-two-forms-of-json).
///
/// # Errors
///
/// JSON that does not hold such a value, and errors of the deserializer.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}
