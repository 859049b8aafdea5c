//! Lenient deserialization of payloads.
//!
//! A delivery is sent once, so a field of an unexpected type must not make the event unreadable. Such a field is absent,
//! and its value stays in the raw body. A single value in place of a list is read as a list of one. Numbers and booleans are
//! read from texts too, because payload templates write every value as a text. If a key occurs twice, the last value counts,
//! as in JavaScript.

use std::{borrow::Cow, fmt, marker::PhantomData};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};

use crate::model::{BookingStatus, Trigger};

/// A value that is read from one kind of JSON, and is absent if the JSON is of another kind.
pub(crate) trait Lenient: Sized {
    fn from_text(_: &str) -> Option<Self> {
        None
    }

    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    fn from_integer(_: i64) -> Option<Self> {
        None
    }

    fn from_float(_: f64) -> Option<Self> {
        None
    }

    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A field of a payload. Reading it cannot fail on valid JSON.
pub(crate) trait PayloadField: Default {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    fn is_absent(&self) -> bool;
}

/// A type that the macro `payload!` declares.
pub(crate) trait PayloadObject: Default {
    /// The keys that have a field.
    const KEYS: &'static [&'static str];

    /// The object that a text contains: payload templates write the names of persons.
    fn of_text(_: &str) -> Option<Self> {
        None
    }

    /// Reads the value of `key` into its field. Returns `false` and leaves the value unread if the key has no field.
    fn read_field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
}

impl<T: PayloadObject> Lenient for T {
    fn from_text(text: &str) -> Option<Self> {
        T::of_text(text)
    }

    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut object = T::default();
        while let Some(ObjectKey(key)) = map.next_key()? {
            if !object.read_field(&key, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Some(object))
    }
}

/// Reads an object. Any other JSON is an error.
pub(crate) fn object<'de, T: PayloadObject, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    LenientReader::<T>::new().deserialize(deserializer)?.ok_or_else(|| de::Error::custom("not an object"))
}

impl<T: Lenient> PayloadField for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        LenientReader::new().deserialize(deserializer)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Lenient> PayloadField for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListReader(PhantomData))
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl PayloadField for Option<Value> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl PayloadField for Map<String, Value> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(LenientReader::new().deserialize(deserializer)?.unwrap_or_default())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Lenient for Map<String, Value> {
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Self::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

impl Lenient for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Lenient for bool {
    fn from_text(text: &str) -> Option<Self> {
        text.trim().to_ascii_lowercase().parse().ok()
    }

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for i64 {
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = text.split_once('.').map_or(text, |(whole, fraction)| {
            let is_whole = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
            if is_whole { whole } else { text }
        });
        whole.parse().ok()
    }

    fn from_integer(value: i64) -> Option<Self> {
        Some(value)
    }

    fn from_float(value: f64) -> Option<Self> {
        whole(value)
    }

    // A number is a map if any crate of the build enables `arbitrary_precision` of serde_json.
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        let number = Value::deserialize(MapAccessDeserializer::new(map))?;
        Ok(number.as_i64().or_else(|| whole(number.as_f64()?)))
    }
}

/// The integer that a number of JavaScript is, if it is one: up to 2^53.
#[allow(clippy::cast_possible_truncation, reason = "checked")]
fn whole(number: f64) -> Option<i64> {
    const MAX: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= MAX).then_some(number as i64)
}

impl Lenient for Timestamp {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Lenient for BookingStatus {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl Lenient for Trigger {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

/// A key of an object. It is borrowed if it contains no escape.
pub(crate) struct ObjectKey<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for ObjectKey<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = ObjectKey<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<ObjectKey<'de>, E> {
                Ok(ObjectKey(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ObjectKey<'de>, E> {
                Ok(ObjectKey(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Seed that reads the value of one field.
pub(crate) struct FieldSeed<T>(PhantomData<T>);

impl<T> FieldSeed<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: PayloadField> DeserializeSeed<'de> for FieldSeed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// Seed and visitor that read a [`Lenient`] value.
pub(crate) struct LenientReader<T>(PhantomData<T>);

impl<T> LenientReader<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for LenientReader<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Lenient> Visitor<'de> for LenientReader<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<T>, E> {
        Ok(T::from_bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<T>, E> {
        Ok(T::from_integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<T>, E> {
        Ok(i64::try_from(value).ok().and_then(T::from_integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<T>, E> {
        Ok(T::from_float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        Ok(T::from_text(text))
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::from_map(map)
    }
}

/// Reads a list. A single value is a list of one.
struct ListReader<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for ListReader<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Vec<T>, E> {
        Ok(T::from_bool(value).into_iter().collect())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Vec<T>, E> {
        Ok(T::from_integer(value).into_iter().collect())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Vec<T>, E> {
        Ok(i64::try_from(value).ok().and_then(T::from_integer).into_iter().collect())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Vec<T>, E> {
        Ok(T::from_float(value).into_iter().collect())
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<T>, E> {
        Ok(T::from_text(text).into_iter().collect())
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_none<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(LenientReader::<T>::new())? {
            list.extend(item);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        Ok(T::from_map(map)?.into_iter().collect())
    }
}
