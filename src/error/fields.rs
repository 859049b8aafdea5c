//! Field errors, the same for every form in which the service writes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A rejected field of a request.
///
/// In JSON as documented: `{"field": "startTime", "message": "Must be in the future"}`.
///
/// ```no_run
/// # async fn example(client: calcom::Client, booking: calcom::model::CreateBooking) {
/// if let Err(error) = client.bookings().create(&booking).await {
///     for field in error.field_errors() {
///         println!("{}: {}", field.field, field.message);
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldError {
    /// The path of the field in the request: `start`, `attendee.email`, `guests[1]`, or a booking field's slug.
    pub field: String,
    /// Why it is rejected. The rejected value is removed.
    pub message: String,
}

impl FieldError {
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}
