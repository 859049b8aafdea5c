//! Reads JSON and YAML values strictly: a key that an object has twice is an error. `serde_json::Value` keeps the last one.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A value whose objects have each key once.
pub struct UniqueKeys(pub Value);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(UniqueKeys(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice in one object")));
            }
            let UniqueKeys(value) = fields.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_read_as_it_is_written_in_both_forms() {
        let json = r#"{"b": [1, -2, 1.5, true, null, "x"], "a": {"b": {}, "c": {"b": 18446744073709551615}}}"#;
        let expected: Value = serde_json::from_str(json).unwrap();
        for UniqueKeys(value) in [serde_json::from_str(json).unwrap(), serde_yaml_ng::from_str(json).unwrap()] {
            assert_eq!(value, expected);
            assert_eq!(value.to_string(), expected.to_string());
        }
    }

    #[test]
    fn a_key_that_stands_twice_in_one_object_is_named_with_its_line() {
        let twice = "{\"a\": {\"b\": 1},\n\"c\": {\"b\": 1,\n\"b\": 1}}";
        let json = serde_json::from_str::<UniqueKeys>(twice).err().unwrap().to_string();
        assert_eq!(json, "the key \"b\" stands twice in one object at line 3 column 3");
        let yaml = serde_yaml_ng::from_str::<UniqueKeys>("a: 1\nc:\n  b: 1\n  b: 2\n").err().unwrap().to_string();
        assert!(yaml.contains("the key \"b\" stands twice in one object at line"), "{yaml}");
        assert_eq!(serde_json::from_value::<UniqueKeys>(json!({"a": 1})).unwrap().0, json!({"a": 1}));
    }
}
