//! What an answer holds beyond the documented fields: kept as the bytes that came, read when somebody asks.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::civil::Date;
use serde_json::Value;

/// The place of a value in the answer that it came in, and the answer itself.
///
/// Every value of an answer shares it; it is parsed at most once, and only when a field is asked for. Two values are
/// equal whatever answer they came in.
#[derive(Clone, Default)]
pub(crate) struct Extra(Option<Place>);

#[derive(Clone)]
struct Place {
    answer: Arc<Body>,
    steps: [Step; DEPTH],
}

/// As deep as a documented value stands in an answer: `data.eventTypeGroups[0].eventTypes[0].locations[0]`.
const DEPTH: usize = 7;

/// Every value of every answer carries its steps: they are kept small.
#[derive(Clone, Copy)]
enum Step {
    End,
    Key(Key),
    Date(Date),
    Index(u32),
}

/// The fields within which documented values stand.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) enum Key {
    Attendees,
    Data,
    EventType,
    EventTypeGroups,
    EventTypes,
    Hosts,
    Profile,
    Slots,
    Team,
    User,
    Users,
}

impl Key {
    fn as_str(self) -> &'static str {
        match self {
            Self::Attendees => "attendees",
            Self::Data => "data",
            Self::EventType => "eventType",
            Self::EventTypeGroups => "eventTypeGroups",
            Self::EventTypes => "eventTypes",
            Self::Hosts => "hosts",
            Self::Profile => "profile",
            Self::Slots => "slots",
            Self::Team => "team",
            Self::User => "user",
            Self::Users => "users",
        }
    }
}

struct Body {
    bytes: Bytes,
    json: OnceLock<Value>,
}

#[cfg_attr(not(feature = "client"), allow(dead_code))]
impl Extra {
    /// The root of an answer.
    pub(crate) fn of(body: Bytes) -> Self {
        let answer = Arc::new(Body { bytes: body, json: OnceLock::new() });
        Self(Some(Place { answer, steps: [Step::End; DEPTH] }))
    }

    /// The value under `key`.
    pub(crate) fn key(&self, key: Key) -> Self {
        self.step(Step::Key(key))
    }

    /// The value under `date`, in an object by dates.
    pub(crate) fn date(&self, date: Date) -> Self {
        self.step(Step::Date(date))
    }

    /// The item at `index`.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.step(Step::Index(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    fn step(&self, step: Step) -> Self {
        let mut extra = self.clone();
        if let Some(place) = &mut extra.0
            && let Some(free) = place.steps.iter_mut().find(|step| matches!(step, Step::End))
        {
            *free = step;
        }
        extra
    }

    /// The whole value, every field of it, as it came.
    pub(crate) fn value(&self) -> Option<&Value> {
        let place = self.0.as_ref()?;
        let mut value =
            place.answer.json.get_or_init(|| serde_json::from_slice(&place.answer.bytes).unwrap_or(Value::Null));
        for step in place.steps {
            value = match step {
                Step::End => break,
                Step::Key(key) => value.get(key.as_str())?,
                Step::Date(date) => value.get(date.to_string())?,
                Step::Index(index) => value.get(usize::try_from(index).ok()?)?,
            };
        }
        Some(value)
    }

    /// One field of it.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.value()?.get(name)
    }
}

impl PartialEq for Extra {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Extra {}

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

/// Gives a documented type with a private `extra` the methods that read it.
macro_rules! reads_extra {
    ($($name:ident),+ $(,)?) => {$(
        impl $name {
            /// Any field of the answer that this came in, documented or not, by its name in JSON.
            ///
            /// The answer is parsed when a field is first asked for. `None` where the field is missing, or where this was
            /// not read from the service.
            #[must_use]
            pub fn extra(&self, field: &str) -> Option<&serde_json::Value> {
                self.extra.field(field)
            }
        }
    )+};
}

/// Gives a documented type with a private `extra` the method that reads every field, with the area that it belongs to.
macro_rules! reads_wire {
    ($area:literal: $($name:ident => $wire:path),+ $(,)?) => {$(
        #[cfg(feature = $area)]
        impl $name {
            /// Every field that the document knows, typed, as the service sent it.
            ///
            /// It is decoded from the response at each call; what was changed in this value since is not in it. `None` if
            /// this was not read from the service, or if the response has the documented form.
            #[must_use]
            pub fn wire(&self) -> Option<$wire> {
                serde::Deserialize::deserialize(self.extra.value()?).ok()
            }
        }
    )+};
}

pub(crate) use reads_extra;
pub(crate) use reads_wire;
