//! How an appointment repeats.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How an appointment repeats: `{"freq": 2, "interval": 1, "count": 4}` is every week, four times.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RecurringEvent {
    /// The step.
    #[cfg_attr(feature = "schemars", schemars(with = "i64"))]
    pub freq: Frequency,
    /// Every so many steps: 2 with [`Frequency::Weekly`] is every other week.
    pub interval: i64,
    /// How many appointments at the most.
    pub count: i64,
}

impl RecurringEvent {
    /// Every `interval` steps, `count` times.
    #[must_use]
    pub fn new(freq: Frequency, interval: i64, count: i64) -> Self {
        Self { freq, interval, count }
    }
}

/// The step in which an appointment repeats; a number in JSON (recording `event-types/list-2024-06-11`).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Frequency {
    /// 0: years.
    Yearly,
    /// 1: months.
    Monthly,
    /// 2: weeks.
    Weekly,
    /// 3: days; the service takes the other three only.
    Daily,
    /// Any other, as it was written.
    Other(String),
}

impl Frequency {
    const KNOWN: [(Self, &'static str); 4] =
        [(Self::Yearly, "yearly"), (Self::Monthly, "monthly"), (Self::Weekly, "weekly"), (Self::Daily, "daily")];

    /// The word that the service has for it today: `weekly`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Yearly => "yearly",
            Self::Monthly => "monthly",
            Self::Weekly => "weekly",
            Self::Daily => "daily",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for Frequency {
    fn from(text: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|(_, word)| *word == text);
        known.map_or_else(|| Self::Other(text.to_owned()), |(frequency, _)| frequency)
    }
}

/// A frequency as JSON has it.
#[derive(PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum WrittenFrequency<'f> {
    Number(i64),
    Word(&'f str),
}

impl Frequency {
    fn written(&self) -> WrittenFrequency<'_> {
        let of_word = |text| Self::KNOWN.iter().zip(0..).find(|((_, word), _)| *word == text).map(|(_, number)| number);
        let text = self.as_str();
        of_word(text).or_else(|| text.parse().ok()).map_or(WrittenFrequency::Word(text), WrittenFrequency::Number)
    }
}

/// Two frequencies are equal if they are written alike: `Other("weekly")` is `Weekly`.
impl PartialEq for Frequency {
    fn eq(&self, other: &Self) -> bool {
        self.written() == other.written()
    }
}

impl Eq for Frequency {}

impl std::hash::Hash for Frequency {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.written().hash(state);
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Word(String),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Word(word) => Self::from(word.as_str()),
            Written::Number(number) => {
                let known = usize::try_from(number).ok().and_then(|at| Self::KNOWN.into_iter().nth(at));
                known.map_or_else(|| Self::Other(number.to_string()), |(frequency, _)| frequency)
            }
        })
    }
}

#[cfg(feature = "event-types")]
mod from_wire {
    use super::*;
    use crate::generated::types;

    impl RecurringEvent {
        /// `None` where the recurrence is switched off.
        pub(crate) fn from_wire(today: types::EventTypeRecurrence) -> Option<Self> {
            if today.disabled == Some(true) {
                return None;
            }
            Some(Self::new(Frequency::from(today.frequency?.as_str()), today.interval?, today.occurrences?))
        }
    }
}
