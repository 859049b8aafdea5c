//! The answers of a booking form or a routing form.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Map, Value, value::RawValue};

use super::read::{Lenient, LenientReader, ObjectKey, PayloadField};
use crate::webhook::repair::repair;

/// The answers of a form, by the slug of the question, in the order of the form.
///
/// In bookings an answer has the label of its question. In `INSTANT_MEETING` it has none. Routing forms send an answer
/// twice: as [`value`](FormResponse::value), and with the ids of the options as [`response`](FormResponse::response).
///
/// The answers are parsed on first use.
///
/// ```
/// use calcom::webhook::{FormResponse, FormResponses};
///
/// let mut responses = FormResponses::default();
/// responses.insert("name", FormResponse::labelled("your_name", "Alice"));
/// assert_eq!(responses.text("name"), Some("Alice"));
/// ```
#[derive(Clone, Default)]
pub struct FormResponses {
    /// The JSON as it was received; `None` after a change.
    json: Option<Box<RawValue>>,
    parsed: OnceLock<Vec<(String, FormResponse)>>,
}

/// An answer to a question of a form.
///
/// ```
/// use calcom::webhook::FormResponse;
///
/// assert_eq!(FormResponse::plain("Alice").text(), Some("Alice"));
/// assert_eq!(FormResponse::plain(true).text(), None);
/// ```
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct FormResponse {
    /// The label of the question: a text, or a translation key of the service (`your_name`).
    pub label: Option<String>,
    /// The answer: text, boolean, number, list, or an object (`location`, or a name in two parts). `None` if the booker did
    /// not answer.
    pub value: Option<Value>,
    /// The answer of a routing form with the ids of the options. It replaces the deprecated `value`.
    pub response: Option<Value>,
    /// Whether the form hides the question. Cancellations can leave it out.
    pub is_hidden: Option<bool>,
    /// Whether the JSON is the bare answer, without a label.
    pub is_plain: bool,
}

impl FormResponses {
    fn list(&self) -> &Vec<(String, FormResponse)> {
        self.parsed.get_or_init(|| {
            let list = self.json.as_ref().and_then(|json| {
                let repaired = || serde_json::from_str::<ResponseList>(&repair(json.get())?).ok();
                serde_json::from_str::<ResponseList>(json.get()).ok().or_else(repaired)
            });
            list.map(|ResponseList(list)| list).unwrap_or_default()
        })
    }

    /// The answer to a question.
    #[must_use]
    pub fn get(&self, slug: &str) -> Option<&FormResponse> {
        self.list().iter().rfind(|(name, _)| name == slug).map(|(_, response)| response)
    }

    /// The answer to a question, if it is a text (see [`FormResponse::text`]).
    #[must_use]
    pub fn text(&self, slug: &str) -> Option<&str> {
        self.get(slug)?.text()
    }

    /// Sets the answer to a question.
    pub fn insert(&mut self, slug: impl Into<String>, response: FormResponse) {
        let slug = slug.into();
        let mut list = std::mem::take(self).into_list();
        match list.iter_mut().find(|(name, _)| *name == slug) {
            Some((_, known)) => *known = response,
            None => list.push((slug, response)),
        }
        *self = Self { json: None, parsed: list.into() };
    }

    fn into_list(self) -> Vec<(String, FormResponse)> {
        self.list();
        self.parsed.into_inner().unwrap_or_default()
    }

    /// Iterates over slugs and answers, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FormResponse)> {
        self.list().iter().map(|(slug, response)| (slug.as_str(), response))
    }

    /// The number of questions, with or without an answer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether there are no questions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }
}

/// Compares the answers by slug; the order does not matter.
impl PartialEq for FormResponses {
    fn eq(&self, other: &Self) -> bool {
        BTreeMap::from_iter(self.iter()) == BTreeMap::from_iter(other.iter())
    }
}

impl FormResponse {
    /// Creates an answer with the label of its question, the form in bookings.
    pub fn labelled(label: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { label: Some(label.into()), value: Some(value.into()), is_hidden: Some(false), ..Self::default() }
    }

    /// Creates an answer without a label, the form in instant meetings.
    pub fn plain(value: impl Into<Value>) -> Self {
        Self { value: Some(value.into()), is_plain: true, ..Self::default() }
    }

    /// The answer, if it is a text or a location (`{"value": "...", "optionValue": ""}`).
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
        while let Some(ObjectKey(key)) = map.next_key()? {
            match &*key {
                "label" => labelled.label = map.next_value_seed(LenientReader::new())?,
                "value" => labelled.value = map.next_value()?,
                "response" => labelled.response = map.next_value()?,
                "isHidden" => labelled.is_hidden = map.next_value_seed(LenientReader::new())?,
                _ => {
                    others.insert(key.into_owned(), map.next_value()?);
                    continue;
                }
            }
            is_labelled = true;
        }
        // A location without a label has a `value` of its own.
        if is_labelled && !(labelled.label.is_none() && others.contains_key("optionValue")) {
            return Ok(labelled);
        }
        if let Some(value) = labelled.value {
            others.insert("value".to_owned(), value);
        }
        Ok(Self::plain(others))
    }
}

/// The parsed JSON of [`FormResponses`].
struct ResponseList(Vec<(String, FormResponse)>);

impl<'de> Deserialize<'de> for ResponseList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(LenientReader::new().deserialize(deserializer)?.unwrap_or(Self(Vec::new())))
    }
}

impl Lenient for ResponseList {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut list = Vec::new();
        while let Some(ObjectKey(slug)) = map.next_key()? {
            list.push((slug.into_owned(), map.next_value()?));
        }
        Ok(Some(Self(list)))
    }
}

impl PayloadField for FormResponses {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let json = Some(json).filter(|json| !matches!(json.get(), "{}" | "null"));
        Ok(Self { json, parsed: OnceLock::new() })
    }

    fn is_absent(&self) -> bool {
        self.json.is_none() && self.is_empty()
    }
}

impl<'de> Deserialize<'de> for FormResponses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)
    }
}

/// Writes the JSON that was received, or the changed answers.
impl Serialize for FormResponses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Some(json) => json.serialize(serializer),
            None => serializer.collect_map(self.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for FormResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ResponseVisitor;

        impl<'de> Visitor<'de> for ResponseVisitor {
            type Value = FormResponse;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FormResponse, A::Error> {
                FormResponse::from_entries(map)
            }

            fn visit_str<E>(self, text: &str) -> Result<FormResponse, E> {
                Ok(FormResponse::plain(text))
            }

            fn visit_bool<E>(self, value: bool) -> Result<FormResponse, E> {
                Ok(FormResponse::plain(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<FormResponse, E> {
                Ok(FormResponse::plain(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<FormResponse, E> {
                Ok(FormResponse::plain(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<FormResponse, E> {
                Ok(FormResponse::plain(value))
            }

            fn visit_unit<E>(self) -> Result<FormResponse, E> {
                Ok(FormResponse { is_plain: true, ..FormResponse::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<FormResponse, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element::<Value>()? {
                    list.push(item);
                }
                Ok(FormResponse::plain(list))
            }
        }

        deserializer.deserialize_any(ResponseVisitor)
    }
}

impl Serialize for FormResponse {
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

/// Shows the number of questions; the answers are personal data.
impl fmt::Debug for FormResponses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormResponses").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Shows whether there is an answer, and not the answer.
impl fmt::Debug for FormResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormResponse").field("answered", &self.value.is_some()).finish_non_exhaustive()
    }
}
