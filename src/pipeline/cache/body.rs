//! What the cache must know of a body, read without decoding it: whether there is anything in it, and which ids it names.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The ids that a body gives for `field`: at its top or within `data`, one or several, as `eventTypeId: 1` or as
/// `eventType: {id: 1}`.
pub(crate) fn named(field: &str, body: &[u8]) -> Vec<i64> {
    let mut found = Vec::new();
    let object = field.strip_suffix("Id").unwrap_or(field);
    let named = Named { field, object, depth: 0, found: &mut found };
    // What cannot be read names nothing; what was found before that was named.
    let _ = named.deserialize(&mut serde_json::Deserializer::from_slice(body));
    found.sort_unstable();
    found.dedup();
    found
}

/// Collects ids; its fields are those of the object that it looks into.
struct Named<'a> {
    field: &'a str,
    object: &'a str,
    depth: u8,
    found: &'a mut Vec<i64>,
}

impl Named<'_> {
    fn within(&mut self) -> Named<'_> {
        Named { field: self.field, object: self.object, depth: self.depth + 1, found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! ignore {
    ($value:expr; $($method:ident: $type:ty),+) => {
        $(fn $method<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok($value)
        })+

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
}

impl<'de> Visitor<'de> for Named<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    ignore! { (); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.within())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        /// A field that matters.
        enum Key {
            Field,
            Object,
            Data,
            Other,
        }

        struct Keys<'a>(&'a str, &'a str);

        impl<'de> DeserializeSeed<'de> for Keys<'_> {
            type Value = Key;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
                deserializer.deserialize_str(self)
            }
        }

        impl Visitor<'_> for Keys<'_> {
            type Value = Key;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "data" => Key::Data,
                    key if key == self.0 => Key::Field,
                    key if key == self.1 => Key::Object,
                    _ => Key::Other,
                })
            }
        }

        #[derive(Deserialize)]
        struct Id {
            id: Option<i64>,
        }

        while let Some(key) = fields.next_key_seed(Keys(self.field, self.object))? {
            match key {
                Key::Field => self.found.extend(fields.next_value::<Option<i64>>()?),
                Key::Object => self.found.extend(fields.next_value::<Option<Id>>()?.and_then(|object| object.id)),
                Key::Data if self.depth == 0 => fields.next_value_seed(self.within())?,
                Key::Data | Key::Other => _ = fields.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

/// Whether a body begins as the service's answers do.
pub(crate) fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether an answer holds nothing: `data` is empty, or has nothing but empty lists.
pub(crate) fn is_empty(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Body {
        data: Option<Data>,
        slots: Option<Data>,
    }

    serde_json::from_slice::<Body>(body).is_ok_and(|body| match (body.data, body.slots) {
        (None, None) => false,
        (data, slots) => data.is_none_or(|data| data.0) && slots.is_none_or(|slots| slots.0),
    })
}

/// Whether a value is null, or an empty list, or an object of nothing else.
struct Data(bool);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Empty;

        impl<'de> Visitor<'de> for Empty {
            type Value = Data;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            ignore! { Data(false); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Data, A::Error> {
                let mut empty = true;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    empty = false;
                }
                Ok(Data(empty))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Data, A::Error> {
                let mut empty = true;
                while let Some((IgnoredAny, Data(nothing))) = fields.next_entry()? {
                    empty &= nothing;
                }
                Ok(Data(empty))
            }
        }

        deserializer.deserialize_any(Empty)
    }
}

impl Default for Data {
    fn default() -> Self {
        Self(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_empty_when_there_is_nothing_in_it() {
        for empty in [
            r#"{"data":{},"status":"success"}"#,
            r#"{"data":[]}"#,
            r#"{"data":{"2026-12-01":[]}}"#,
            r#"{"data":{"slots":{}}}"#,
            r#"{"data":{"slots":{"2026-12-01":[]}}}"#,
        ] {
            assert!(is_empty(empty.as_bytes()), "{empty}");
        }
        for full in [
            r#"{"data":{"2026-12-01":[{"start":"2026-12-01T08:00:00.000Z"}]},"status":"success"}"#,
            r#"{"data":[1]}"#,
            r#"{"status":"success"}"#,
            r#"{"data":{"slots":{"2026-12-01":[{"time":"x"}]}}}"#,
            "<html>",
        ] {
            assert!(!is_empty(full.as_bytes()), "{full}");
        }
    }

    #[test]
    fn ids_are_found_where_the_service_writes_them_and_nowhere_else() {
        for (body, ids) in [
            (r#"{"eventTypeId":5,"start":"x"}"#, &[5][..]),
            (r#"{"status":"success","data":{"uid":"a","eventType":{"id":6,"slug":"s"},"eventTypeId":6}}"#, &[6]),
            (r#"{"data":[{"eventTypeId":7},{"eventType":{"id":8}},{"eventType":null}]}"#, &[7, 8]),
            (r#"{"metadata":{"eventTypeId":9},"data":{"data":{"eventTypeId":9},"guests":[{"eventTypeId":9}]}}"#, &[]),
            (r#"{"eventTypeId":"5"}"#, &[]),
            ("<html>", &[]),
            ("", &[]),
        ] {
            assert_eq!(named("eventTypeId", body.as_bytes()), ids, "{body}");
        }
    }
}
