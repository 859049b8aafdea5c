//! Instants as epoch seconds in JSON. An instant with a fraction of a second, which the service does not send, is written as a
//! text, so that nothing is lost.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[allow(clippy::ref_option)]
pub(super) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) if time.subsec_nanosecond() == 0 => serializer.serialize_some(&time.as_second()),
        time => time.serialize(serializer),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum SecondsOrText {
        Seconds(i64),
        Text(Timestamp),
    }

    match Option::deserialize(deserializer)? {
        Some(SecondsOrText::Seconds(seconds)) => Timestamp::from_second(seconds).map(Some).map_err(D::Error::custom),
        Some(SecondsOrText::Text(time)) => Ok(Some(time)),
        None => Ok(None),
    }
}
