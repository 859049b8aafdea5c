//! The status of a booking, open to those that are not documented.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::compare::eq_by_text;

/// Where a booking stands.
///
/// The service writes lower case in its answers (`accepted`) and upper case in webhooks (`ACCEPTED`), and upper
/// case is [documented](crate::model#the-documented-interface). Every spelling is read; the documented one is written.
/// A status that is none of these is kept as it was written.
///
/// ```
/// use calcom::model::BookingStatus;
///
/// assert_eq!(BookingStatus::from("accepted"), BookingStatus::from("ACCEPTED"));
/// assert_eq!(BookingStatus::from("accepted").as_str(), "ACCEPTED");
/// assert_eq!(BookingStatus::from("on_hold").as_str(), "on_hold");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BookingStatus {
    /// `ACCEPTED`: it takes place.
    Accepted,
    /// `PENDING`: it waits for the host's confirmation, or for the payment.
    Pending,
    /// `CANCELLED`: it was called off, or moved: the service cancels the old booking of a reschedule.
    Cancelled,
    /// `REJECTED`: the host did not confirm it.
    Rejected,
    /// `AWAITING_HOST`: an instant meeting that no host has joined yet.
    AwaitingHost,
    /// A status that is none of the known ones, as the service wrote it.
    Other(String),
}

impl BookingStatus {
    /// Every status that has a name here.
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

eq_by_text!(BookingStatus);

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
        struct Text;

        impl de::Visitor<'_> for Text {
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

        deserializer.deserialize_str(Text)
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
