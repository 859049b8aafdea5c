//! The unit of the time after which the service looks for no-shows of a video call: an enum that keeps unknown values.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::compare::eq_by_text;

/// The unit of the time after the start of a booking at which the service looks for no-shows of the video call.
///
/// ```
/// use calcom::model::WebhookTimeUnit;
///
/// assert_eq!(WebhookTimeUnit::from("MINUTE"), WebhookTimeUnit::Minute);
/// assert_eq!(WebhookTimeUnit::from("WEEK").as_str(), "WEEK");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum WebhookTimeUnit {
    /// `MINUTE`.
    Minute,
    /// `HOUR`.
    Hour,
    /// `DAY`.
    Day,
    /// An unknown unit, as the service sent it.
    Other(String),
}

impl WebhookTimeUnit {
    /// The text of the unit: `MINUTE`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Minute => "MINUTE",
            Self::Hour => "HOUR",
            Self::Day => "DAY",
            Self::Other(text) => text,
        }
    }
}

eq_by_text!(WebhookTimeUnit);

impl From<&str> for WebhookTimeUnit {
    fn from(text: &str) -> Self {
        match text {
            "MINUTE" => Self::Minute,
            "HOUR" => Self::Hour,
            "DAY" => Self::Day,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for WebhookTimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebhookTimeUnit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebhookTimeUnit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}
