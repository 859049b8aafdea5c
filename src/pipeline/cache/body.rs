//! What the cache needs of a body, read without decoding it: whether it is a response of the service, and whether it is empty.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

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

/// Whether a body is a response of the service: an object with `data`, or a list.
pub(crate) fn is_response(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct WithData {
        #[serde(rename = "data")]
        _data: IgnoredAny,
    }

    // The service writes it in one of these ways. The check saves a second pass over a long body.
    if body.starts_with(br#"{"status":"success","data":"#)
        || (body.starts_with(br#"{"data":"#) && body.ends_with(br#""status":"success"}"#))
    {
        return true;
    }
    match body.trim_ascii_start().first() {
        Some(b'{') => serde_json::from_slice::<WithData>(body).is_ok(),
        Some(b'[') => serde_json::from_slice::<IgnoredAny>(body).is_ok(),
        _ => false,
    }
}

/// Whether a response is empty: `data` is empty, or contains only empty lists.
pub(crate) fn is_empty(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct BodyContent {
        data: Option<Emptiness>,
        slots: Option<Emptiness>,
    }

    serde_json::from_slice::<BodyContent>(body).is_ok_and(|body| match (body.data, body.slots) {
        (None, None) => false,
        (data, slots) => data.is_none_or(|data| data.0) && slots.is_none_or(|slots| slots.0),
    })
}

/// Whether a value is null, an empty list, or an object of such values.
struct Emptiness(bool);

impl<'de> Deserialize<'de> for Emptiness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Empty;

        impl<'de> Visitor<'de> for Empty {
            type Value = Emptiness;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            ignore! { Emptiness(false); visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Emptiness, A::Error> {
                let mut empty = true;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    empty = false;
                }
                Ok(Emptiness(empty))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Emptiness, A::Error> {
                let mut empty = true;
                while let Some((IgnoredAny, Emptiness(nothing))) = fields.next_entry()? {
                    empty &= nothing;
                }
                Ok(Emptiness(empty))
            }
        }

        deserializer.deserialize_any(Empty)
    }
}

impl Default for Emptiness {
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
    fn an_answer_in_the_form_of_the_service_is_known_without_being_read() {
        for unread in [r#"{"status":"success","data":{"a":1"#, r#"{"data":{"a":1,"status":"success"}"#] {
            assert!(is_response(unread.as_bytes()), "{unread}");
        }
        assert!(!is_response(br#"{"data":{"a":1}"#));
    }

    #[test]
    fn an_answer_has_data() {
        for body in
            [r#"{"status":"success","data":{}}"#, r#"{"data":null,"status":"success"}"#, " [1]", r#"{"a":1,"data":[]}"#]
        {
            assert!(is_response(body.as_bytes()), "{body}");
        }
        for body in [
            r#"{"error":"closed"}"#,
            r#"{"a":1,"data":"#,
            "[1",
            "{",
            "<html>",
            "",
            "\"data\"",
            r#"{"status":"success"}"#,
        ] {
            assert!(!is_response(body.as_bytes()), "{body}");
        }
    }
}
