//! Durations as numbers, in the units of the documented settings.

use std::time::{Duration, TryFromFloatSecsError};

/// The duration of so many seconds. The largest one is not exact as a number.
pub(crate) fn from_seconds(seconds: f64) -> Result<Duration, TryFromFloatSecsError> {
    #[allow(clippy::float_cmp)]
    if seconds == Duration::MAX.as_secs_f64() { Ok(Duration::MAX) } else { Duration::try_from_secs_f64(seconds) }
}

/// Durations as seconds.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        super::number(value.as_secs_f64(), serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        super::from_seconds(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Durations as seconds, or none.
pub(crate) mod optional_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::seconds::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<f64>::deserialize(deserializer)?;
        seconds.map(|seconds| super::from_seconds(seconds).map_err(D::Error::custom)).transpose()
    }
}

/// Durations as milliseconds.
pub(crate) mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        super::number(value.as_secs_f64() * 1e3, serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        super::from_seconds(f64::deserialize(deserializer)? / 1e3).map_err(D::Error::custom)
    }
}

/// Serializes a whole number without a fraction.
fn number<S: serde::Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    if value.fract() == 0.0 && value < u64::MAX as f64 {
        serializer.serialize_u64(value as u64)
    } else {
        serializer.serialize_f64(value)
    }
}
