//! The status of a booking: an enum that keeps unknown values.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::compare::{eq_by_text, parse_any_text};

/// The status of a booking.
///
/// The [wire form](crate::model#the-two-forms-of-json) has lower case (`accepted`), the documented form and webhook deliveries
/// have upper case (`ACCEPTED`). Both are read; upper case is written. An unknown status is kept as the service sent it.
///
/// ```
/// use calcom::model::BookingStatus;
///
/// assert_eq!(BookingStatus::from("accepted"), BookingStatus::from("ACCEPTED"));
/// assert_eq!(BookingStatus::from("accepted").as_str(), "ACCEPTED");
/// assert_eq!("on_hold".parse::<BookingStatus>()?.as_str(), "on_hold");
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BookingStatus {
    /// `ACCEPTED`: the booking takes place.
    Accepted,
    /// `PENDING`: the confirmation of the host or the payment is missing.
    Pending,
    /// `CANCELLED`: it was cancelled or rescheduled; a reschedule cancels the old booking.
    Cancelled,
    /// `REJECTED`: the host declined it.
    Rejected,
    /// `AWAITING_HOST`: an instant meeting that no host has joined yet.
    AwaitingHost,
    /// An unknown status, as the service sent it.
    Other(String),
}

impl BookingStatus {
    /// Every known status.
    pub const KNOWN: [Self; 5] = [Self::Accepted, Self::Pending, Self::Cancelled, Self::Rejected, Self::AwaitingHost];

    /// The documented, upper-case spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Pending => "PENDING",
            Self::Cancelled => "CANCELLED",
            Self::Rejected => "REJECTED",
            Self::AwaitingHost => "AWAITING_HOST",
            Self::Other(text) => text,
        }
    }

    fn known(text: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(text))
    }
}

eq_by_text!(BookingStatus, ignoring_case);
parse_any_text!(BookingStatus);

impl From<&str> for BookingStatus {
    fn from(text: &str) -> Self {
        Self::known(text).unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

impl From<String> for BookingStatus {
    fn from(text: String) -> Self {
        Self::known(&text).unwrap_or(Self::Other(text))
    }
}

impl fmt::Display for BookingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for BookingStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for BookingStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StatusVisitor;

        impl de::Visitor<'_> for StatusVisitor {
            type Value = BookingStatus;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a booking's status")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<BookingStatus, E> {
                Ok(BookingStatus::from(text))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<BookingStatus, E> {
                Ok(BookingStatus::from(text))
            }
        }

        deserializer.deserialize_str(StatusVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_read_and_the_documented_one_is_written() {
        for status in BookingStatus::KNOWN {
            let upper = status.as_str().to_owned();
            for text in [upper.clone(), upper.to_ascii_lowercase()] {
                let read: BookingStatus = serde_json::from_value(text.into()).unwrap();
                assert_eq!(read, status);
                assert_eq!(serde_json::to_value(&read).unwrap(), upper);
            }
        }
    }

    #[test]
    fn an_unknown_status_is_kept_as_it_was_written() {
        let read: BookingStatus = serde_json::from_str("\"On_Hold\"").unwrap();
        assert_eq!(read, BookingStatus::Other("On_Hold".to_owned()));
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"On_Hold\"");
    }
}
