//! How a documented type is read from both forms of JSON, written in both, and compared.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::Extra;
use crate::redact::without_value;

/// A documented type that keeps the JSON that it was read from.
pub(crate) trait Documented: Serialize + Sized {
    /// The names in the wire form of fields that the documented form has under another name.
    const WIRE_NAMES: &'static [&'static str];

    /// The JSON that the value was read from.
    fn extra(&self) -> &Extra;

    /// The fields that hold documented types, each with everything that these hold.
    fn nested(&self) -> Vec<(&'static str, Value)>;

    /// Reads the documented form, or the wire form if the crate is built with its type; `extra` is the place of `json`.
    fn read(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error>;

    /// Reads a value that stands alone.
    fn read_alone(json: Value) -> Result<Self, serde_json::Error> {
        let extra = Extra::of_value(json);
        Self::read(extra.value().unwrap_or(&Value::Null), &extra)
    }

    /// Everything that the value holds: the JSON that it was read from; if the value was changed since, with the change in it.
    fn complete(&self) -> Cow<'_, Value> {
        let documented = self.documented();
        let Some(json) = self.extra().value() else { return Cow::Owned(Value::Object(documented)) };
        let before = Self::read(json, self.extra()).map(|unchanged| unchanged.documented()).unwrap_or_default();
        if before == documented {
            return Cow::Borrowed(json);
        }
        let sent = json.as_object().cloned().unwrap_or_default();
        Cow::Owned(changed::<Self>(sent, &before, documented))
    }

    /// The documented fields, those within with everything that they hold.
    fn documented(&self) -> Map<String, Value> {
        let mut fields = match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        fields.extend(self.nested().into_iter().map(|(name, json)| (name.to_owned(), json)));
        fields
    }
}

/// The JSON `sent` with the change from the documented fields `before` to those `now`.
///
/// As much of what was sent stands in it as can: all that did not change, each field in its form; else the documented form of
/// all documented fields, with what was sent within those that did not change; else without. The first of them is taken that
/// reads as the value that is `now`.
fn changed<D: Documented>(sent: Map<String, Value>, before: &Map<String, Value>, now: Map<String, Value>) -> Value {
    let merged = merge_fields(&sent, before, &now);
    let as_sent = in_form_sent::<D>(merged.clone(), before, &now);
    if read_fields_of::<D>(&as_sent).as_ref() == Some(&now) {
        return Value::Object(as_sent);
    }
    // A field that was there and is none now is not written: what came must not stand in its place.
    let beside = |name: &str| !D::WIRE_NAMES.contains(&name);
    let mut as_documented: Map<_, _> = merged.into_iter().filter(|(name, _)| beside(name)).collect();
    for (name, field) in &now {
        as_documented.entry(name).or_insert_with(|| field.clone());
    }
    if read_fields_of::<D>(&as_documented).as_ref() == Some(&now) {
        return Value::Object(as_documented);
    }
    let kept = sent.into_iter().filter(|(name, _)| beside(name) && !before.contains_key(name));
    Value::Object(kept.chain(now).collect())
}

/// The documented fields of a value that reads so.
fn read_fields_of<D: Documented>(json: &Map<String, Value>) -> Option<Map<String, Value>> {
    D::read_alone(Value::Object(json.clone())).ok().map(|value| value.documented())
}

/// Fields that changed and have another name in the wire form: under that name if the value is read there, else under the
/// documented name, without the field of the wire form.
fn in_form_sent<D: Documented>(
    mut json: Map<String, Value>,
    before: &Map<String, Value>,
    now: &Map<String, Value>,
) -> Map<String, Value> {
    for (name, field) in now.iter().filter(|(name, field)| before.get(*name) != Some(field)) {
        let is_read =
            |json: &Map<String, Value>| read_fields_of::<D>(json).is_some_and(|read| read.get(name) == Some(field));
        if is_read(&json) {
            continue;
        }
        let candidates = D::WIRE_NAMES.iter().filter(|wire| json.contains_key(**wire)).flat_map(|wire| {
            let (mut renamed, mut removed) = (json.clone(), json.clone());
            renamed.remove(name);
            renamed.insert((*wire).to_owned(), field.clone());
            removed.remove(*wire);
            [renamed, removed]
        });
        if let Some(candidate) = candidates.into_iter().find(is_read) {
            json = candidate;
        }
    }
    json
}

/// The fields that were sent, with those replaced that changed; within them too.
fn merge_fields(
    sent: &Map<String, Value>,
    before: &Map<String, Value>,
    now: &Map<String, Value>,
) -> Map<String, Value> {
    let mut merged = sent.clone();
    merged.retain(|name, _| now.contains_key(name) || !before.contains_key(name));
    for (name, field) in now {
        let was = before.get(name);
        if was != Some(field) {
            let field = merge(sent.get(name), was, field);
            merged.insert(name.clone(), field);
        }
    }
    merged
}

fn merge(sent: Option<&Value>, before: Option<&Value>, now: &Value) -> Value {
    match (sent, before, now) {
        (Some(sent), Some(before), _) if before == now => sent.clone(),
        // An object in which nothing stayed is another one.
        (Some(Value::Object(sent)), Some(Value::Object(before)), Value::Object(now))
            if before.iter().any(|(name, field)| now.get(name) == Some(field)) =>
        {
            Value::Object(merge_fields(sent, before, now))
        }
        (Some(Value::Array(sent)), Some(Value::Array(before)), Value::Array(now)) if sent.len() == before.len() => {
            let item = |(at, item): (usize, &Value)| {
                let unchanged = before.iter().position(|before| before == item);
                let from = unchanged.or((before.len() == now.len()).then_some(at));
                merge(from.and_then(|at| sent.get(at)), from.and_then(|at| before.get(at)), item)
            };
            now.iter().enumerate().map(item).collect()
        }
        _ => now.clone(),
    }
}

/// Reads the fields of a type; the error names the place, and shows no value.
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

/// The result of the form that the JSON has, or of the other form if it cannot be read so. It has the wire form if it has a
/// name of that form; if the forms have the same names, the wire form is tried first.
#[cfg(feature = "client")]
pub(crate) fn of_either<D: Documented>(
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

/// Everything that a value of a documented type holds, as JSON: see [`wire_json`](super::wire_json).
pub trait ToWireJson {
    /// Everything that the value holds, as JSON.
    ///
    /// It is what the service sent, every field of it, in the form in which it came. If the value was changed since, the
    /// changed fields stand in there, in the wire form if they can. Reading it gives an equal value.
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
/// After the struct stand the names of the wire form that the documented form has not, the fields that hold documented types
/// (with their names in JSON), and the feature and the function that read the wire form.
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
            pub(crate) extra: crate::model::Extra,
        }

        const _: () = {
            use crate::model::{Extra, documented::Documented, from_documented::FromDocumented};

            /// The fields alone, to derive how the documented form is read.
            #[derive(serde::Deserialize)]
            #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
            $(#[serde($($serde)*)])*
            struct Fields {
                $($(#[$attribute])* $field: $type,)+
            }

            impl Documented for $name {
                const WIRE_NAMES: &'static [&'static str] = &[$($wire_name),*];

                fn extra(&self) -> &Extra {
                    &self.extra
                }

                fn nested(&self) -> Vec<(&'static str, serde_json::Value)> {
                    vec![$(($nested_name, crate::model::ToWireJson::to_wire_json(&self.$nested))),*]
                }

                fn read(json: &serde_json::Value, extra: &Extra) -> Result<Self, serde_json::Error> {
                    let documented = || Self::from_documented(json, extra);
                    $(
                        #[cfg(feature = $feature)]
                        let documented = || crate::model::documented::of_either(json, || $read_wire(json, extra), documented);
                    )?
                    documented()
                }
            }

            impl FromDocumented for $name {
                fn from_documented(json: &serde_json::Value, extra: &Extra) -> Result<Self, serde_json::Error> {
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
                    self.complete() == other.complete()
                }
            }

            impl $name {
                /// Any field of the JSON that this was read from, documented or not, by its name there.
                ///
                /// An answer of the service is parsed when a field is first asked for. `None` if the field is missing.
                #[must_use]
                pub fn extra(&self, field: &str) -> Option<&serde_json::Value> {
                    self.extra.field(field)
                }

                /// Everything that this holds, as JSON.
                ///
                /// It is what the service sent, every field of it, in the form in which it came. If the value was changed
                /// since, the changed fields stand in there, in the wire form if they can. Reading it gives an equal value.
                #[must_use]
                pub fn to_wire_json(&self) -> serde_json::Value {
                    self.complete().into_owned()
                }
            }

            impl crate::model::ToWireJson for $name {
                fn to_wire_json(&self) -> serde_json::Value {
                    self.complete().into_owned()
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
            /// Every field that the document knows, typed, as the service sent it.
            ///
            /// It is decoded from the response at each call; what was changed in this value since is not in it. `None` if
            /// this was not read from the service, or if the response has the documented form.
            #[must_use]
            pub fn wire(&self) -> Option<$wire> {
                serde::Deserialize::deserialize(self.extra.value()?).ok()
            }
        }
    )+};
}

pub(crate) use documented;
pub(crate) use reads_wire;
