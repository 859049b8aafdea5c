//! Documented types: read from both forms of JSON, written in both, and compared.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{RawValueRef, change::Forms};
use crate::redact::without_value;

/// A documented type, which keeps the JSON that it was read from.
pub(crate) trait Documented: Serialize + Sized {
    /// The names in the wire form of fields that have another name in the documented form.
    const WIRE_NAMES: &'static [&'static str];

    /// The JSON that the value was read from.
    fn extra(&self) -> &RawValueRef;

    /// The fields that hold documented types, each with everything that these hold.
    fn nested(&self) -> Vec<(&'static str, Value)>;

    /// Reads the documented form, or the wire form if the crate is built with its type; `extra` refers to `json` in the
    /// response that it is part of.
    fn read(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error>;

    /// Reads a single value.
    fn read_alone(json: Value) -> Result<Self, serde_json::Error> {
        let extra = RawValueRef::of_value(json);
        Self::read(extra.value().unwrap_or(&Value::Null), &extra)
    }

    /// Everything that the value holds: the JSON that it was read from; if the value was changed since, with the change in it.
    fn full_json(&self) -> Cow<'_, Value> {
        let documented = self.documented_fields();
        let Some(json) = self.extra().value() else { return Cow::Owned(Value::Object(documented)) };
        let before = Self::read(json, self.extra()).map(|unchanged| unchanged.documented_fields()).unwrap_or_default();
        if before == documented {
            return Cow::Borrowed(json);
        }
        let sent = json.as_object().cloned().unwrap_or_default();
        let read = |json: &Map<String, Value>| {
            Self::read_alone(Value::Object(json.clone())).ok().map(|value| value.documented_fields())
        };
        Cow::Owned(Forms { wire_names: Self::WIRE_NAMES, read: &read }.apply_change(sent, &before, documented))
    }

    /// The documented fields, those within with everything that they hold.
    fn documented_fields(&self) -> Map<String, Value> {
        let mut fields = match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        fields.extend(self.nested().into_iter().map(|(name, json)| (name.to_owned(), json)));
        fields
    }
}

/// Reads the fields of a type. The error names the path, and shows no value.
pub(crate) fn read_fields<T: DeserializeOwned>(json: &Value) -> Result<T, serde_json::Error> {
    let shown =
        |error: &serde_json::Error| without_value(error).unwrap_or_else(|| "a value of the wrong form".to_owned());
    #[cfg(feature = "client")]
    let read = serde_path_to_error::deserialize(json).map_err(|error| match error.path().to_string().as_str() {
        "." => shown(error.inner()),
        path => format!("at `{path}`: {}", shown(error.inner())),
    });
    #[cfg(not(feature = "client"))]
    let read = T::deserialize(json).map_err(|error| shown(&error));
    read.map_err(serde::de::Error::custom)
}

/// Reads the form that the JSON has, or the other form if that fails.
///
/// The JSON has the wire form if it has a name of that form. If the forms have the same names, the wire form is tried first.
#[cfg(feature = "client")]
pub(crate) fn read_either_form<D: Documented>(
    json: &Value,
    wire: impl FnOnce() -> Result<D, serde_json::Error>,
    documented: impl FnOnce() -> Result<D, serde_json::Error>,
) -> Result<D, serde_json::Error> {
    if D::WIRE_NAMES.is_empty() {
        return wire().or_else(|_| documented());
    }
    if D::WIRE_NAMES.iter().any(|name| json.get(name).is_some()) {
        return wire().or_else(|error| documented().map_err(|_| error));
    }
    documented().or_else(|error| wire().map_err(|_| error))
}

/// The error of JSON in the wire form, if the crate is built without the feature that reads it.
#[cfg_attr(feature = "full", allow(dead_code))]
pub(crate) fn without_wire_form<D: Documented>(
    json: &Value,
    feature: &str,
    error: serde_json::Error,
) -> serde_json::Error {
    match D::WIRE_NAMES.iter().find(|name| json.get(name).is_some()) {
        Some(name) => serde::de::Error::custom(format!(
            "{error}; this is the wire form, because it has `{name}`: the cargo feature `{feature}` reads it"
        )),
        None => error,
    }
}

/// Conversion into JSON with every field that the service sent, documented or not.
///
/// [`wire_json`](super::wire_json) uses it in serde attributes. Lists and options of documented types implement it too.
///
/// ```
/// use calcom::model::{CalendarLink, ToWireJson};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let json = r#"[{"id": "ics", "label": "ICS", "link": "data:text/calendar", "color": "red"}]"#;
/// let links: Vec<CalendarLink> = serde_json::from_str(json)?;
/// assert_eq!(serde_json::to_value(&links)?[0].get("color"), None);
/// assert_eq!(links.to_wire_json()[0]["color"], "red");
/// # Ok(()) }
/// ```
pub trait ToWireJson {
    /// Returns every field of the value as JSON, in the form in which the service sent it.
    ///
    /// If the value was changed since, the JSON holds the changed fields, in the wire form if possible. Reading the JSON
    /// gives an equal value. What a [`Value`] cannot hold is its text: a number with more digits than a `f64` has, and half of a
    /// surrogate pair.
    ///
    /// [`Slots`](super::Slots) and [`EventTypeGroups`](super::EventTypeGroups) are written in their documented form. The slots
    /// and event types in them have the form in which they were sent. A field `unread` has those that could not be read. A
    /// [`List`](crate::facade::List) with unread items is an object of both.
    fn to_wire_json(&self) -> Value;
}

impl<T: ToWireJson> ToWireJson for [T] {
    fn to_wire_json(&self) -> Value {
        self.iter().map(T::to_wire_json).collect()
    }
}

impl<T: ToWireJson> ToWireJson for Vec<T> {
    fn to_wire_json(&self) -> Value {
        self.as_slice().to_wire_json()
    }
}

impl<T: ToWireJson> ToWireJson for Option<T> {
    fn to_wire_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_wire_json)
    }
}

impl<T: ToWireJson> ToWireJson for super::Shared<T> {
    fn to_wire_json(&self) -> Value {
        (**self).to_wire_json()
    }
}

/// Defines a documented type: the struct, with the JSON that it was read from beside its fields; reading, writing, comparing.
///
/// After the struct follow the names of the wire form that the documented form does not have, and the fields that hold
/// documented types, with their names in JSON. Then follow the feature and the function that read the wire form.
macro_rules! documented {
    (
        $(#[doc = $doc:literal])*
        $(#[serde($($serde:tt)*)])*
        pub struct $name:ident {
            $($(#[$attribute:meta])* $visibility:vis $field:ident: $type:ty,)+
        }
        wire_names: [$($wire_name:literal),*],
        nested: [$($nested:ident as $nested_name:literal),*],
        $(read_wire: ($feature:literal, $read_wire:expr),)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        $(#[serde($($serde)*)])*
        #[non_exhaustive]
        pub struct $name {
            $($(#[$attribute])* $visibility $field: $type,)+
            #[serde(skip)]
            pub(crate) extra: crate::model::RawValueRef,
        }

        const _: () = {
            use crate::model::{RawValueRef, documented::Documented, from_documented::FromDocumented};

            /// The fields alone, from which reading of the documented form is derived.
            #[derive(serde::Deserialize)]
            #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
            $(#[serde($($serde)*)])*
            struct Fields {
                $($(#[$attribute])* $field: $type,)+
            }

            impl Documented for $name {
                const WIRE_NAMES: &'static [&'static str] = &[$($wire_name),*];

                fn extra(&self) -> &RawValueRef {
                    &self.extra
                }

                fn nested(&self) -> Vec<(&'static str, serde_json::Value)> {
                    vec![$(($nested_name, crate::model::ToWireJson::to_wire_json(&self.$nested))),*]
                }

                fn read(json: &serde_json::Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
                    let documented = || Self::from_documented(json, extra);
                    $(
                        #[cfg(feature = $feature)]
                        let documented = || crate::model::documented::read_either_form(json, || $read_wire(json, extra), documented);
                        #[cfg(not(feature = $feature))]
                        let documented = || {
                            documented().map_err(|error| crate::model::documented::without_wire_form::<Self>(json, $feature, error))
                        };
                    )?
                    documented()
                }
            }

            impl FromDocumented for $name {
                fn from_documented(json: &serde_json::Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
                    if !json.is_object() {
                        let expected = concat!("expected an object, ", stringify!($name));
                        return Err(serde::de::Error::custom(expected));
                    }
                    if json["status"] == "success" && json.get("data").is_some() {
                        let whole = concat!("expected ", stringify!($name), ", which is the `data` of this response");
                        return Err(serde::de::Error::custom(whole));
                    }
                    let Fields { $($field),+ } = crate::model::documented::read_fields(json)?;
                    Ok(Self { $($field,)+ extra: extra.clone() })
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let json = serde_json::Value::deserialize(deserializer)?;
                    Self::read_alone(json).map_err(serde::de::Error::custom)
                }
            }

            impl PartialEq for $name {
                fn eq(&self, other: &Self) -> bool {
                    self.full_json() == other.full_json()
                }
            }

            impl $name {
                /// Reads a field of the JSON that this value was read from, documented or not, by its name in that JSON:
                /// usually the name in the [wire form](crate::model#the-two-forms-of-json). `None` if the field is missing.
                ///
                /// A response of the service is parsed at the first call.
                #[must_use]
                pub fn extra(&self, field: &str) -> Option<&serde_json::Value> {
                    self.extra.field(field)
                }

                /// Returns the parts that could not be decoded, and that the other fields lack: elements of an optional list, or
                /// optional objects.
                #[cfg(feature = "client")]
                #[must_use]
                pub fn unread_parts(&self) -> Vec<crate::raw::UnreadItem> {
                    crate::pipeline::read_unread(self.extra("unread"))
                }

                /// Returns every field as JSON, in the form in which the service sent it: usually the
                /// [wire form](crate::model#the-two-forms-of-json).
                ///
                /// If the value was changed since, the JSON holds the changed fields, in the wire form if possible. Reading
                /// the JSON gives an equal value.
                #[must_use]
                pub fn to_wire_json(&self) -> serde_json::Value {
                    self.full_json().into_owned()
                }
            }

            impl crate::reveal::FullJson for $name {
                fn full_json(&self) -> serde_json::Value {
                    self.to_wire_json()
                }
            }

            impl crate::model::ToWireJson for $name {
                fn to_wire_json(&self) -> serde_json::Value {
                    self.full_json().into_owned()
                }
            }
        };
    };
}

/// Gives a documented type the method that reads every field of the wire form.
macro_rules! reads_wire {
    ($feature:literal, $($name:ident => $wire:path),+ $(,)?) => {$(
        #[cfg(feature = $feature)]
        impl $name {
            /// Decodes every field that the service sent, typed, in the [wire form](crate::model#the-two-forms-of-json).
            ///
            /// Each call decodes the response anew; changes of this value since are not in the result. Elements of optional
            /// lists and optional objects that cannot be decoded are left out: `extra` returns them. `None` if this value was
            /// not read from a response, if the response has the documented form, or if a required field cannot be decoded.
            #[must_use]
            pub fn wire(&self) -> Option<$wire> {
                let json = self.extra.value()?;
                serde::Deserialize::deserialize(json).ok().or_else(|| crate::pipeline::read_value_without_parts(json))
            }
        }
    )+};
}

pub(crate) use documented;
pub(crate) use reads_wire;
