//! Reading what is there rather than what was promised.
//!
//! A delivery is sent once and never again, so a field that holds something else than it should must not cost the
//! event: it reads as absent, and stays reachable in the raw body. An object where a list belongs is a list of one, and
//! of two equal keys the last one counts, as in JavaScript. Which keys a payload has is said where it is declared, with
//! [`payload!`].

use std::{borrow::Cow, fmt, marker::PhantomData};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};

use crate::model::{BookingStatus, Trigger};

/// A value that is read from one kind of JSON and is absent where it finds another.
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

    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A field of a payload: always readable, perhaps absent.
pub(crate) trait Field: Default {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    fn is_absent(&self) -> bool;
}

/// An object whose fields are known by their keys.
pub(crate) trait Object: Default {
    /// The keys that have a field.
    const KEYS: &'static [&'static str];

    /// Reads the value of `key` into its field, or says that it has none and leaves the value to be read.
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
}

impl<T: Object> Lenient for T {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut object = T::default();
        while let Some(Key(key)) = map.next_key()? {
            if !object.set(&key, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Some(object))
    }
}

/// Reads an object, for the places where nothing else will do.
pub(crate) fn object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Reader::<T>::new().deserialize(deserializer)?.ok_or_else(|| de::Error::custom("not an object"))
}

impl<T: Lenient> Field for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader::new().deserialize(deserializer)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Lenient> Field for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListReader(PhantomData))
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Field for Option<Value> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl Field for Map<String, Value> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Reader::new().deserialize(deserializer)?.unwrap_or_default())
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

/// Templates write everything as text.
impl Lenient for bool {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for i64 {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn from_integer(value: i64) -> Option<Self> {
        Some(value)
    }

    // With serde_json's `arbitrary_precision`, which any crate of a build can switch on, a number arrives as a map.
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Ok(Value::deserialize(MapAccessDeserializer::new(map))?.as_i64())
    }
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

/// A key of an object, without a copy where JSON needs no unescaping.
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Reads one [`Field`] where serde asks for a seed.
pub(crate) struct FieldReader<T>(PhantomData<T>);

impl<T> FieldReader<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Field> DeserializeSeed<'de> for FieldReader<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// Reads one [`Lenient`] value.
pub(crate) struct Reader<T>(PhantomData<T>);

impl<T> Reader<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for Reader<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Lenient> Visitor<'de> for Reader<T> {
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

    fn visit_f64<E>(self, _: f64) -> Result<Option<T>, E> {
        Ok(None)
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

/// Reads a list; one alone is a list of one.
struct ListReader<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for ListReader<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
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
        while let Some(item) = seq.next_element_seed(Reader::<T>::new())? {
            list.extend(item);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        Ok(T::from_map(map)?.into_iter().collect())
    }
}

/// Declares a part of a payload: its fields, the keys they are written under, and which of them may be seen in a log
/// (`shown`); what is not marked so is personal, or may be.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal $($shown:ident)?,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::webhook::payload::read::Object for $name {
            const KEYS: &'static [&'static str] = &[$($key),+];

            fn set<'de, A: serde::de::MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
                use $crate::webhook::payload::read::FieldReader;
                match key {
                    $($key => self.$field = map.next_value_seed(FieldReader::<$type>::new())?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::webhook::payload::read::object(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                use $crate::webhook::payload::read::Field as _;
                let mut map = serializer.serialize_map(None)?;
                $(if !self.$field.is_absent() {
                    map.serialize_entry($key, &self.$field)?;
                })+
                map.end()
            }
        }

        /// Shows what is there of what identifies the event, and nothing personal.
        impl std::fmt::Debug for $name {
            #[allow(unused, reason = "some payloads show nothing")]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                use $crate::webhook::payload::read::Field as _;
                let mut out = f.debug_struct(stringify!($name));
                $($(if !self.$field.is_absent() {
                    let _ = stringify!($shown);
                    out.field(stringify!($field), &self.$field);
                })?)+
                out.finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use payload;
