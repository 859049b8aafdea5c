//! Recurrence of event types.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The recurrence of an event type: `{"freq": 2, "interval": 1, "count": 4}` is every week, four times.
///
/// ```
/// use calcom::model::{Frequency, RecurringEvent};
///
/// let every_other_week = RecurringEvent::new(Frequency::Weekly, 2, 4);
/// assert_eq!(serde_json::to_string(&every_other_week).unwrap(), r#"{"freq":2,"interval":2,"count":4}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RecurringEvent {
    /// The unit of the interval.
    #[cfg_attr(feature = "schemars", schemars(with = "i64"))]
    pub freq: Frequency,
    /// The interval between two appointments, in units of `freq`: 2 with [`Frequency::Weekly`] is every other week.
    pub interval: i64,
    /// The largest number of appointments.
    pub count: i64,
}

impl RecurringEvent {
    /// A recurrence of at most `count` appointments, one every `interval` units of `freq`.
    #[must_use]
    pub fn new(freq: Frequency, interval: i64, count: i64) -> Self {
        Self { freq, interval, count }
    }
}

/// The unit of a recurrence: years, months, weeks or days.
///
/// In the documented form it is a number (recording `event-types/list-2024-06-11`), in the wire form a word: `weekly`. Both are
/// read; the number is written.
///
/// ```
/// use calcom::model::Frequency;
///
/// assert_eq!(Frequency::from("weekly"), Frequency::Weekly);
/// assert_eq!(serde_json::to_string(&Frequency::Weekly).unwrap(), "2");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Frequency {
    /// Years; 0 in JSON.
    Yearly,
    /// Months; 1 in JSON.
    Monthly,
    /// Weeks; 2 in JSON.
    Weekly,
    /// Days; 3 in JSON. Requests are refused with it: the service takes the other three only.
    Daily,
    /// Any other unit, as the service sent it.
    Other(String),
}

impl Frequency {
    const KNOWN: [(Self, &'static str); 4] =
        [(Self::Yearly, "yearly"), (Self::Monthly, "monthly"), (Self::Weekly, "weekly"), (Self::Daily, "daily")];

    /// The word of the wire form: `weekly`.
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

/// A frequency in JSON: a number, or the word of an unknown one.
#[derive(PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum FrequencyJson<'f> {
    Number(i64),
    Word(&'f str),
}

impl Frequency {
    fn json_form(&self) -> FrequencyJson<'_> {
        let of_word = |text| Self::KNOWN.iter().zip(0..).find(|((_, word), _)| *word == text).map(|(_, number)| number);
        let text = self.as_str();
        of_word(text).or_else(|| text.parse().ok()).map_or(FrequencyJson::Word(text), FrequencyJson::Number)
    }
}

/// Two frequencies are equal if their JSON is: `Other("weekly")` equals `Weekly`.
impl PartialEq for Frequency {
    fn eq(&self, other: &Self) -> bool {
        self.json_form() == other.json_form()
    }
}

impl Eq for Frequency {}

impl std::hash::Hash for Frequency {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.json_form().hash(state);
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json_form().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum NumberOrWord {
            Number(i64),
            Word(String),
        }
        Ok(match NumberOrWord::deserialize(deserializer)? {
            NumberOrWord::Word(word) => Self::from(word.as_str()),
            NumberOrWord::Number(number) => {
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
        /// Returns `None` if the recurrence is disabled.
        pub(crate) fn from_wire(wire: types::EventTypeRecurrence) -> Option<Self> {
            if wire.disabled == Some(true) {
                return None;
            }
            Some(Self::new(Frequency::from(wire.frequency?.as_str()), wire.interval?, wire.occurrences?))
        }
    }
}
