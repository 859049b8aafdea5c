//! The JSON that a value was read from: a reference into the response body, which is parsed at the first read.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::civil::Date;
use serde_json::Value;

use super::lenient;

/// A reference to a value in a response: the response and the path of the value.
///
/// All values of a response share its body, which is parsed at most once, at the first read of a field.
#[derive(Clone, Default)]
pub(crate) struct RawValueRef(Option<ValuePath>);

#[derive(Clone)]
struct ValuePath {
    response: Arc<LazyJson>,
    steps: [PathStep; MAX_PATH_STEPS],
}

impl ValuePath {
    fn append(mut self, step: PathStep) -> Option<Self> {
        *self.steps.iter_mut().find(|step| matches!(step, PathStep::End))? = step;
        Some(self)
    }
}

/// The length of the longest path of a documented value in a response: `data[0].attendees[0]`.
const MAX_PATH_STEPS: usize = 4;

/// One step of a path. Each value of a response stores its steps, so a step is small.
#[derive(Clone, Copy)]
enum PathStep {
    End,
    Key(PathKey),
    Date(Date),
    Index(u32),
}

/// The fields that contain documented values.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) enum PathKey {
    Attendees,
    Data,
    EventType,
    Hosts,
    Participants,
    Team,
    User,
    Users,
}

impl PathKey {
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

struct LazyJson {
    bytes: Bytes,
    json: OnceLock<Value>,
}

#[cfg_attr(not(feature = "client"), allow(dead_code))]
impl RawValueRef {
    /// Refers to the root of a response body.
    pub(crate) fn of_body(body: Bytes) -> Self {
        let response = Arc::new(LazyJson { bytes: body, json: OnceLock::new() });
        Self(Some(ValuePath { response, steps: [PathStep::End; MAX_PATH_STEPS] }))
    }

    /// Refers to a value outside of a response.
    pub(crate) fn of_value(json: Value) -> Self {
        let response = Arc::new(LazyJson { bytes: Bytes::new(), json: OnceLock::from(json) });
        Self(Some(ValuePath { response, steps: [PathStep::End; MAX_PATH_STEPS] }))
    }

    /// Refers to the value under `key`.
    pub(crate) fn key(&self, key: PathKey) -> Self {
        self.step(PathStep::Key(key))
    }

    /// Refers to the value under `date`, in an object whose keys are dates.
    pub(crate) fn date(&self, date: Date) -> Self {
        self.step(PathStep::Date(date))
    }

    /// Refers to the item at `index`.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.step(PathStep::Index(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// As [`index`](Self::index), for a reference that is not used again.
    pub(crate) fn into_index(mut self, index: usize) -> Self {
        let index = PathStep::Index(u32::try_from(index).unwrap_or(u32::MAX));
        self.0 = self.0.and_then(|place| place.append(index));
        self
    }

    /// Appends a step. The result refers to nothing if the path would be longer than [`MAX_PATH_STEPS`].
    fn step(&self, step: PathStep) -> Self {
        Self(self.0.clone().and_then(|place| place.append(step)))
    }

    /// The value, with every field that was received.
    pub(crate) fn value(&self) -> Option<&Value> {
        let place = self.0.as_ref()?;
        let mut value = place.response.json.get_or_init(|| lenient::read(&place.response.bytes));
        for step in place.steps {
            value = match step {
                PathStep::End => break,
                PathStep::Key(key) => value.get(key.as_str())?,
                PathStep::Date(date) => value.get(date.to_string())?,
                PathStep::Index(index) => value.get(usize::try_from(index).ok()?)?,
            };
        }
        Some(value)
    }

    /// A field of the value.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.value()?.get(name)
    }
}

impl std::fmt::Debug for RawValueRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_that_is_too_long_has_no_fields_rather_than_those_of_its_parent() {
        let named = json!({ "name": "right" });
        let deep = json!({ "data": [{ "attendees": [{ "name": "outer", "user": named, "hosts": [named] }] }] });
        let root = RawValueRef::of_body(deep.to_string().into());
        let attendee = root.key(PathKey::Data).index(0).key(PathKey::Attendees).index(0);
        assert_eq!(attendee.field("name"), Some(&json!("outer")));
        for deeper in [attendee.key(PathKey::User), attendee.index(0), attendee.key(PathKey::Hosts).index(0)] {
            assert!(deeper.value().is_none() && deeper.field("name").is_none());
            assert!(deeper.key(PathKey::User).field("name").is_none(), "nor has anything in it");
        }
        // A missing step, or one into a value of another kind, does not read fields of the parent.
        for other in [root.key(PathKey::User), root.key(PathKey::Data).key(PathKey::User), root.index(0)] {
            assert!(other.value().is_none() && other.field("data").is_none());
        }
    }
}
