//! Weekdays by the English names that the service uses.

use jiff::civil::Weekday;

pub(crate) fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// The weekday with this name, in letters of any case.
pub(crate) fn from_name(text: &str) -> Option<Weekday> {
    Weekday::Sunday.cycle_forward().take(7).find(|day| name(*day).eq_ignore_ascii_case(text))
}

/// The weekday as a value of requests.
#[cfg(any(feature = "me", feature = "schedules"))]
pub(crate) fn to_wire(day: Weekday) -> crate::generated::types::Weekday {
    use crate::generated::types;

    match day {
        Weekday::Monday => types::Weekday::Monday,
        Weekday::Tuesday => types::Weekday::Tuesday,
        Weekday::Wednesday => types::Weekday::Wednesday,
        Weekday::Thursday => types::Weekday::Thursday,
        Weekday::Friday => types::Weekday::Friday,
        Weekday::Saturday => types::Weekday::Saturday,
        Weekday::Sunday => types::Weekday::Sunday,
    }
}

/// Writes and reads an optional weekday as its name.
#[cfg(any(feature = "me", feature = "organizations", feature = "platform", feature = "teams"))]
pub(crate) mod optional {
    use jiff::civil::Weekday;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::{from_name, name};

    #[allow(clippy::ref_option)]
    pub(crate) fn serialize<S: Serializer>(day: &Option<Weekday>, serializer: S) -> Result<S::Ok, S::Error> {
        day.map(name).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Weekday>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let day = |text: String| from_name(&text).ok_or_else(|| D::Error::custom("not a weekday in English"));
        text.map(day).transpose()
    }
}
