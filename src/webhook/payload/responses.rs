//! What the booker, or whoever filled in a form, answered.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Map, Value, value::RawValue};

use super::read::{Field, Key, Lenient, Reader};
use crate::webhook::repair::repair;

/// The answers to a form's questions, by the question's slug, in the form's order.
///
/// In bookings each answer stands beside its question's label; in `INSTANT_MEETING` it stands alone; routing forms give
/// it twice, as [`value`](Response::value) and with the option's id as [`response`](Response::response).
///
/// They are half of a delivery and seldom asked for, so they are read when somebody asks.
#[derive(Clone, Default)]
pub struct Responses {
    /// As they were received, unless they were changed.
    json: Option<Box<RawValue>>,
    read: OnceLock<Vec<(String, Response)>>,
}

/// One answer.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// The question: a text, or the service's key for one (`your_name`).
    pub label: Option<String>,
    /// The answer: text, boolean, number, list, or an object (`location`, or a name in two parts); `None` where the
    /// booker gave none.
    pub value: Option<Value>,
    /// A routing form's answer with the ids of the options, in place of the deprecated `value`.
    pub response: Option<Value>,
    /// Whether the form hides the question; cancellations can leave it out.
    pub is_hidden: Option<bool>,
    /// Whether the answer stands alone, without label.
    pub is_plain: bool,
}

impl Responses {
    fn list(&self) -> &Vec<(String, Response)> {
        self.read.get_or_init(|| {
            let read = self.json.as_ref().and_then(|json| {
                let repaired = || serde_json::from_str::<ResponseList>(&repair(json.get())?).ok();
                serde_json::from_str::<ResponseList>(json.get()).ok().or_else(repaired)
            });
            read.map(|ResponseList(list)| list).unwrap_or_default()
        })
    }

    /// The answer to a question.
    #[must_use]
    pub fn get(&self, slug: &str) -> Option<&Response> {
        self.list().iter().rfind(|(name, _)| name == slug).map(|(_, response)| response)
    }

    /// The answer to a question, where it is a text (see [`Response::text`]).
    #[must_use]
    pub fn text(&self, slug: &str) -> Option<&str> {
        self.get(slug)?.text()
    }

    /// Sets the answer to a question.
    pub fn insert(&mut self, slug: impl Into<String>, response: Response) {
        let slug = slug.into();
        let mut list = std::mem::take(self).into_list();
        match list.iter_mut().find(|(name, _)| *name == slug) {
            Some((_, known)) => *known = response,
            None => list.push((slug, response)),
        }
        *self = Self { json: None, read: list.into() };
    }

    fn into_list(self) -> Vec<(String, Response)> {
        self.list();
        self.read.into_inner().unwrap_or_default()
    }

    /// The questions' slugs with the answers, in the form's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Response)> {
        self.list().iter().map(|(slug, response)| (slug.as_str(), response))
    }

    /// How many questions there are, answered or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }
}

/// Whatever their order.
impl PartialEq for Responses {
    fn eq(&self, other: &Self) -> bool {
        BTreeMap::from_iter(self.iter()) == BTreeMap::from_iter(other.iter())
    }
}

impl Response {
    /// An answer with its question, as bookings have it.
    pub fn labelled(label: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { label: Some(label.into()), value: Some(value.into()), is_hidden: Some(false), ..Self::default() }
    }

    /// An answer alone, as instant meetings have it.
    pub fn plain(value: impl Into<Value>) -> Self {
        Self { value: Some(value.into()), is_plain: true, ..Self::default() }
    }

    /// The answer, where it is a text, or a location's (`{"value": "...", "optionValue": ""}`).
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.value.as_ref()? {
            Value::String(text) => Some(text),
            Value::Object(location) => location.get("value")?.as_str(),
            _ => None,
        }
    }

    fn from_entries<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut labelled = Self::default();
        let mut others = Map::new();
        let mut is_labelled = false;
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "label" => labelled.label = map.next_value_seed(Reader::new())?,
                "value" => labelled.value = map.next_value()?,
                "response" => labelled.response = map.next_value()?,
                "isHidden" => labelled.is_hidden = map.next_value_seed(Reader::new())?,
                _ => {
                    others.insert(key.into_owned(), map.next_value()?);
                    continue;
                }
            }
            is_labelled = true;
        }
        // A location that stands alone has a `value` of its own.
        if is_labelled && !(labelled.label.is_none() && others.contains_key("optionValue")) {
            return Ok(labelled);
        }
        if let Some(value) = labelled.value {
            others.insert("value".to_owned(), value);
        }
        Ok(Self::plain(others))
    }
}

/// What the JSON of [`Responses`] reads as.
struct ResponseList(Vec<(String, Response)>);

impl<'de> Deserialize<'de> for ResponseList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Reader::new().deserialize(deserializer)?.unwrap_or(Self(Vec::new())))
    }
}

impl Lenient for ResponseList {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut list = Vec::new();
        while let Some(Key(slug)) = map.next_key()? {
            list.push((slug.into_owned(), map.next_value()?));
        }
        Ok(Some(Self(list)))
    }
}

impl Field for Responses {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let json = Some(json).filter(|json| !matches!(json.get(), "{}" | "null"));
        Ok(Self { json, read: OnceLock::new() })
    }

    fn is_absent(&self) -> bool {
        self.json.is_none() && self.is_empty()
    }
}

impl<'de> Deserialize<'de> for Responses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)
    }
}

/// Gives what was received, or what was made of it.
impl Serialize for Responses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Some(json) => json.serialize(serializer),
            None => serializer.collect_map(self.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Response;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Response, A::Error> {
                Response::from_entries(map)
            }

            fn visit_str<E>(self, text: &str) -> Result<Response, E> {
                Ok(Response::plain(text))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Response, E> {
                Ok(Response::plain(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Response, E> {
                Ok(Response::plain(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Response, E> {
                Ok(Response::plain(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Response, E> {
                Ok(Response::plain(value))
            }

            fn visit_unit<E>(self) -> Result<Response, E> {
                Ok(Response { is_plain: true, ..Response::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Response, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element::<Value>()? {
                    list.push(item);
                }
                Ok(Response::plain(list))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_plain {
            return self.value.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        if let Some(label) = &self.label {
            map.serialize_entry("label", label)?;
        }
        if let Some(value) = &self.value {
            map.serialize_entry("value", value)?;
        }
        if let Some(response) = &self.response {
            map.serialize_entry("response", response)?;
        }
        if let Some(is_hidden) = self.is_hidden {
            map.serialize_entry("isHidden", &is_hidden)?;
        }
        map.end()
    }
}

/// Shows how many questions there are; the answers are personal.
impl fmt::Debug for Responses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responses").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Shows whether there is an answer, not which.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("answered", &self.value.is_some()).finish_non_exhaustive()
    }
}
