//! A value as pairs of a query: one for a text, a number or a flag, one for each entry of a list, none for `None`.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeSeq, SerializeTuple, SerializeTupleStruct},
};
use url::form_urlencoded;

/// The pairs of a parameter, encoded. `None` if a value is not a text, a finite number or a flag.
pub(super) fn query_pairs(name: &str, value: &(impl Serialize + ?Sized)) -> Option<String> {
    let mut pairs = Pairs { name, form: form_urlencoded::Serializer::new(String::new()), in_list: false };
    value.serialize(&mut pairs).ok()?;
    Some(pairs.form.finish())
}

struct Pairs<'a> {
    name: &'a str,
    form: form_urlencoded::Serializer<'static, String>,
    in_list: bool,
}

/// The value has no form in a query.
#[derive(Debug)]
struct NoParameter;

impl fmt::Display for NoParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has no form in a query")
    }
}

impl std::error::Error for NoParameter {}

impl serde::ser::Error for NoParameter {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl Pairs<'_> {
    fn pair(&mut self, value: &str) -> Result<(), NoParameter> {
        self.form.append_pair(self.name, value);
        Ok(())
    }

    fn number(&mut self, value: f64, written: serde_json::Result<String>) -> Result<(), NoParameter> {
        match written {
            Ok(written) if value.is_finite() => self.pair(&written),
            _ => Err(NoParameter),
        }
    }

    fn list(&mut self) -> Result<&mut Self, NoParameter> {
        if std::mem::replace(&mut self.in_list, true) { Err(NoParameter) } else { Ok(self) }
    }
}

macro_rules! displayed {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), NoParameter> { self.pair(&value.to_string()) })*
    };
}

impl Serializer for &mut Pairs<'_> {
    type Ok = ();
    type Error = NoParameter;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), NoParameter>;
    type SerializeMap = Impossible<(), NoParameter>;
    type SerializeStruct = Impossible<(), NoParameter>;
    type SerializeStructVariant = Impossible<(), NoParameter>;

    displayed! {
        serialize_bool: bool, serialize_char: char,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    }

    fn serialize_f32(self, value: f32) -> Result<(), NoParameter> {
        self.number(value.into(), serde_json::to_string(&value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), NoParameter> {
        self.number(value, serde_json::to_string(&value))
    }

    fn serialize_str(self, value: &str) -> Result<(), NoParameter> {
        self.pair(value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), NoParameter> {
        Err(NoParameter)
    }

    /// `None` as an entry of a list would be lost.
    fn serialize_none(self) -> Result<(), NoParameter> {
        if self.in_list { Err(NoParameter) } else { Ok(()) }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NoParameter> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), NoParameter> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), NoParameter> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), NoParameter> {
        self.pair(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NoParameter> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), NoParameter> {
        Err(NoParameter)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, NoParameter> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, NoParameter> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, NoParameter> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NoParameter> {
        Err(NoParameter)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NoParameter> {
        Err(NoParameter)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, NoParameter> {
        Err(NoParameter)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NoParameter> {
        Err(NoParameter)
    }
}

macro_rules! entries {
    ($($list:ident: $method:ident),*) => {
        $(impl $list for &mut Pairs<'_> {
            type Ok = ();
            type Error = NoParameter;

            fn $method<T: Serialize + ?Sized>(&mut self, entry: &T) -> Result<(), NoParameter> {
                entry.serialize(&mut **self)
            }

            fn end(self) -> Result<(), NoParameter> {
                Ok(())
            }
        })*
    };
}

entries! { SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_flags_are_one_pair_and_lists_are_one_for_each_entry() {
        let written = |value: &dyn erased::Value| value.pairs();
        assert_eq!(written(&"a b&c").as_deref(), Some("x=a+b%26c"));
        assert_eq!(written(&-7_i64).as_deref(), Some("x=-7"));
        assert_eq!(written(&true).as_deref(), Some("x=true"));
        assert_eq!(written(&0.1_f32).as_deref(), Some("x=0.1"));
        assert_eq!(written(&1.0_f64).as_deref(), Some("x=1.0"));
        assert_eq!(written(&Some('ß')).as_deref(), Some("x=%C3%9F"));
        assert_eq!(written(&vec!["a", "b"]).as_deref(), Some("x=a&x=b"));
        assert_eq!(written(&(1, "b")).as_deref(), Some("x=1&x=b"));
        assert_eq!(written(&Vec::<u8>::new()).as_deref(), Some(""));
        assert_eq!(written(&None::<u8>).as_deref(), Some(""));
    }

    #[test]
    fn what_has_no_form_in_a_query_is_no_parameter() {
        assert_eq!(query_pairs("x", &f64::NAN), None);
        assert_eq!(query_pairs("x", &[f32::INFINITY]), None);
        assert_eq!(query_pairs("x", &vec![vec![1]]), None);
        assert_eq!(query_pairs("x", &vec![Some(1), None]), None);
        assert_eq!(query_pairs("x", &serde_json::json!({"a": 1})), None);
    }

    /// Values of different types behind one type.
    mod erased {
        pub(super) trait Value {
            fn pairs(&self) -> Option<String>;
        }

        impl<T: serde::Serialize> Value for T {
            fn pairs(&self) -> Option<String> {
                super::query_pairs("x", self)
            }
        }
    }
}
