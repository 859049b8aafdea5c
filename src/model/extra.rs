//! What an answer holds beyond the documented fields: kept as the bytes that came, read when somebody asks.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::civil::Date;
use serde_json::Value;

use super::lenient;

/// The place of a value in the answer that it came in, and the answer itself.
///
/// Every value of an answer shares it; it is parsed at most once, and only when a field is asked for.
#[derive(Clone, Default)]
pub(crate) struct Extra(Option<Place>);

#[derive(Clone)]
struct Place {
    answer: Arc<Body>,
    steps: [Step; DEPTH],
}

/// As deep as a documented value stands in a response: `data[0].attendees[0]`.
const DEPTH: usize = 4;

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
    Hosts,
    Participants,
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
            Self::Hosts => "hosts",
            Self::Participants => "participants",
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

    /// A value that stands alone.
    pub(crate) fn of_value(json: Value) -> Self {
        let answer = Arc::new(Body { bytes: Bytes::new(), json: OnceLock::from(json) });
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

    /// One step further; no place at all if that is deeper than a place can say.
    fn step(&self, step: Step) -> Self {
        let deeper = |place: &Place| {
            let mut place = place.clone();
            *place.steps.iter_mut().find(|step| matches!(step, Step::End))? = step;
            Some(place)
        };
        Self(self.0.as_ref().and_then(deeper))
    }

    /// The whole value, every field of it, as it came.
    pub(crate) fn value(&self) -> Option<&Value> {
        let place = self.0.as_ref()?;
        let mut value = place.answer.json.get_or_init(|| lenient::read(&place.answer.bytes));
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

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_deeper_than_it_can_be_named_has_no_fields_rather_than_those_of_another() {
        let named = json!({ "name": "right" });
        let deep = json!({ "data": [{ "attendees": [{ "name": "outer", "user": named, "hosts": [named] }] }] });
        let root = Extra::of(deep.to_string().into());
        let attendee = root.key(Key::Data).index(0).key(Key::Attendees).index(0);
        assert_eq!(attendee.field("name"), Some(&json!("outer")));
        for deeper in [attendee.key(Key::User), attendee.index(0), attendee.key(Key::Hosts).index(0)] {
            assert!(deeper.value().is_none() && deeper.field("name").is_none());
            assert!(deeper.key(Key::User).field("name").is_none(), "nor has anything in it");
        }
        // What it does not hold, or holds in another form, is no field of what stands around it.
        for other in [root.key(Key::User), root.key(Key::Data).key(Key::User), root.index(0)] {
            assert!(other.value().is_none() && other.field("data").is_none());
        }
    }
}
