//! Tables that map the fields of the two versions. Each resource has one table, which defines both directions, requests
//! and responses, and the losses.
//!
//! No loss is silent. A field without a mapping is reported. A mapping reports what it cannot express. A value that the
//! target type does not accept is removed and reported.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::lenient::deserialize_lenient;
use crate::v1::{
    LossReason,
    loss::{Converted, Losses},
    schema::JsonObject,
};

/// The purpose of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A resource of a response.
    Read,
    /// A request that creates a resource. V2 accepts no `null` and fewer fields than it returns. `null` counts as
    /// missing.
    Create,
    /// A request that updates a resource. Missing fields stay unchanged.
    Update,
}

/// The direction of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConversionDirection {
    ToV2,
    ToV1,
}

/// Maps fields of V1 to fields of V2.
pub(crate) struct FieldMapping {
    v1: &'static [&'static str],
    v2: &'static [&'static str],
    rule: MappingRule,
    access: FieldAccess,
}

enum MappingRule {
    /// The same value.
    Same,
    /// One value, converted: by the first function to V2, by the second to V1.
    Value(fn(&Value, &mut ConversionOutput) -> Option<Value>, fn(&Value, &mut ConversionOutput) -> Option<Value>),
    /// An object, or each object of a list, with a table of its own.
    Nested(&'static [FieldMapping]),
    /// Several fields of V1 that correspond to several fields of V2.
    Group(fn(&JsonObject, &mut ConversionOutput), fn(&JsonObject, &mut ConversionOutput)),
    /// A field of V1 only: the reason, and the value that V1's responses get.
    OnlyV1(&'static str, fn() -> Value),
    /// A field of V2 only: the reason, and a value if V2 requires the field.
    OnlyV2(&'static str, Option<fn() -> Value>),
}

/// The requests and responses in which a field occurs. The text is the reason for losses elsewhere.
#[derive(Clone, Copy)]
enum FieldAccess {
    Always,
    /// In responses only.
    ReadOnly(&'static str),
    /// In requests only.
    WriteOnly(&'static str),
}

/// A list of one name.
macro_rules! name {
    ($name:literal) => {
        &[$name]
    };
}

pub(crate) use name;

type FieldNames = &'static [&'static str];

pub(crate) const fn same(name: FieldNames) -> FieldMapping {
    renamed(name, name)
}

pub(crate) const fn renamed(v1: FieldNames, v2: FieldNames) -> FieldMapping {
    FieldMapping { v1, v2, rule: MappingRule::Same, access: FieldAccess::Always }
}

pub(crate) const fn value(
    v1: FieldNames,
    v2: FieldNames,
    to_v2: fn(&Value, &mut ConversionOutput) -> Option<Value>,
    to_v1: fn(&Value, &mut ConversionOutput) -> Option<Value>,
) -> FieldMapping {
    FieldMapping { v1, v2, rule: MappingRule::Value(to_v2, to_v1), access: FieldAccess::Always }
}

pub(crate) const fn nested(v1: FieldNames, v2: FieldNames, table: &'static [FieldMapping]) -> FieldMapping {
    FieldMapping { v1, v2, rule: MappingRule::Nested(table), access: FieldAccess::Always }
}

pub(crate) const fn group(
    v1: FieldNames,
    v2: FieldNames,
    to_v2: fn(&JsonObject, &mut ConversionOutput),
    to_v1: fn(&JsonObject, &mut ConversionOutput),
) -> FieldMapping {
    FieldMapping { v1, v2, rule: MappingRule::Group(to_v2, to_v1), access: FieldAccess::Always }
}

pub(crate) const fn only_v1(name: FieldNames, reason: &'static str) -> FieldMapping {
    only_v1_as(name, reason, || Value::Null)
}

pub(crate) const fn only_v1_as(name: FieldNames, reason: &'static str, placeholder: fn() -> Value) -> FieldMapping {
    FieldMapping { v1: name, v2: &[], rule: MappingRule::OnlyV1(reason, placeholder), access: FieldAccess::Always }
}

pub(crate) const fn only_v2(name: FieldNames, reason: &'static str) -> FieldMapping {
    FieldMapping { v1: &[], v2: name, rule: MappingRule::OnlyV2(reason, None), access: FieldAccess::Always }
}

pub(crate) const fn only_v2_as(name: FieldNames, reason: &'static str, placeholder: fn() -> Value) -> FieldMapping {
    FieldMapping {
        v1: &[],
        v2: name,
        rule: MappingRule::OnlyV2(reason, Some(placeholder)),
        access: FieldAccess::Always,
    }
}

impl FieldMapping {
    pub(crate) const fn read_only(mut self, reason: &'static str) -> Self {
        self.access = FieldAccess::ReadOnly(reason);
        self
    }

    pub(crate) const fn write_only(mut self, reason: &'static str) -> Self {
        self.access = FieldAccess::WriteOnly(reason);
        self
    }
}

/// The result of a conversion, which the mappings fill.
pub(crate) struct ConversionOutput {
    pub(crate) purpose: Purpose,
    direction: ConversionDirection,
    object: JsonObject,
    losses: Losses,
    /// The path of this object in the resource, for losses: `attendees[].`
    path_prefix: String,
}

impl ConversionOutput {
    fn new(purpose: Purpose, direction: ConversionDirection, path_prefix: String) -> Self {
        Self { purpose, direction, object: JsonObject::new(), losses: Losses::default(), path_prefix }
    }

    pub(crate) fn is_request(&self) -> bool {
        self.purpose != Purpose::Read
    }

    /// Whether a value can be left out without a loss. V2's responses contain empty texts and lists, which carry no
    /// information. In V1's responses they count as values.
    fn is_ignorable(&self, value: &Value) -> bool {
        let counts = self.direction == ConversionDirection::ToV2 && self.purpose == Purpose::Read;
        value.is_null() || (!counts && is_blank(value))
    }

    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.object.insert(name.to_owned(), value.into());
    }

    pub(crate) fn report_loss(&mut self, field: &str, reason: LossReason) {
        self.losses.add(format!("{}{field}", self.path_prefix), reason);
    }

    /// Reports every field of `object` that has a value and is not in `known`.
    pub(crate) fn report_unmapped(&mut self, at: &str, object: &JsonObject, known: &[&str], reason: &'static str) {
        for (name, value) in object {
            if !self.is_ignorable(value) && !known.contains(&name.as_str()) {
                self.report_loss(&format!("{at}{name}"), LossReason::Dropped(reason));
            }
        }
    }

    /// Converts a nested object with its own table. The paths of its losses begin with `at`.
    fn convert_nested(
        &mut self,
        at: &str,
        table: &[FieldMapping],
        direction: ConversionDirection,
        from: &JsonObject,
    ) -> JsonObject {
        let mut inner = ConversionOutput::new(self.purpose, direction, format!("{}{at}", self.path_prefix));
        apply_table(table, direction, from, &mut inner);
        self.losses.extend(inner.losses.list().to_vec());
        inner.object
    }
}

/// Whether the value is null or an empty list, object or text.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Converts an object by its table and deserializes the result.
///
/// # Errors
///
/// A required field is missing, and no mapping supplies it.
pub(crate) fn convert<T: DeserializeOwned + Serialize>(
    table: &[FieldMapping],
    direction: ConversionDirection,
    purpose: Purpose,
    from: &JsonObject,
) -> Result<Converted<T>, serde_json::Error> {
    convert_parts(&[(table, from)], direction, purpose)
}

/// Converts objects by their tables, and deserializes their results as one object.
///
/// # Errors
///
/// A required field is missing, and no mapping supplies it.
pub(crate) fn convert_parts<T: DeserializeOwned + Serialize>(
    parts: &[(&[FieldMapping], &JsonObject)],
    direction: ConversionDirection,
    purpose: Purpose,
) -> Result<Converted<T>, serde_json::Error> {
    let mut out = ConversionOutput::new(purpose, direction, String::new());
    for (table, from) in parts {
        apply_table(table, direction, from, &mut out);
    }
    let ConversionOutput { object, mut losses, .. } = out;
    let value = deserialize_lenient(object, &mut losses)?;
    Ok(Converted::new(value, losses))
}

fn apply_table(table: &[FieldMapping], direction: ConversionDirection, from: &JsonObject, out: &mut ConversionOutput) {
    let reason_unknown = match direction {
        ConversionDirection::ToV2 => "V2 does not know this field",
        ConversionDirection::ToV1 => "V1 does not know this field",
    };
    let names = |mapping: &FieldMapping| if direction == ConversionDirection::ToV2 { mapping.v1 } else { mapping.v2 };
    let known: Vec<&str> = table.iter().flat_map(names).copied().collect();
    for mapping in table {
        mapping.apply(direction, from, out);
    }
    for (name, value) in from {
        if !known.contains(&name.as_str()) && !out.is_ignorable(value) {
            out.report_loss(name, LossReason::Dropped(reason_unknown));
        }
    }
}

impl FieldMapping {
    fn apply(&self, direction: ConversionDirection, from: &JsonObject, out: &mut ConversionOutput) {
        let (sources, target) = match direction {
            ConversionDirection::ToV2 => (self.v1, self.v2.first()),
            ConversionDirection::ToV1 => (self.v2, self.v1.first()),
        };
        let has_value = sources.iter().any(|name| from.get(*name).is_some_and(|value| !value.is_null()));
        let excluded = match (self.access, out.purpose) {
            (FieldAccess::ReadOnly(reason), Purpose::Create | Purpose::Update)
            | (FieldAccess::WriteOnly(reason), Purpose::Read) => Some(reason),
            _ => None,
        };
        if let Some(reason) = excluded {
            for name in sources {
                if from.get(*name).is_some_and(|value| !out.is_ignorable(value)) {
                    out.report_loss(name, LossReason::Dropped(reason));
                }
            }
            return;
        }
        match (&self.rule, direction) {
            (MappingRule::OnlyV1(reason, _), ConversionDirection::ToV2)
            | (MappingRule::OnlyV2(reason, _), ConversionDirection::ToV1) => {
                // The opposite conversion restores this value, so it is not a loss.
                let default = match &self.rule {
                    MappingRule::OnlyV2(_, Some(default)) | MappingRule::OnlyV1(_, default) => Some(default()),
                    _ => None,
                };
                for name in sources {
                    if from.get(*name).is_some_and(|value| !out.is_ignorable(value) && default.as_ref() != Some(value))
                    {
                        out.report_loss(name, LossReason::Dropped(reason));
                    }
                }
            }
            (MappingRule::OnlyV1(reason, placeholder), ConversionDirection::ToV1) => {
                for name in self.v1 {
                    out.put(name, placeholder());
                    out.report_loss(name, LossReason::MadeUp(reason));
                }
            }
            (MappingRule::OnlyV2(_, None), ConversionDirection::ToV2) => {}
            (MappingRule::OnlyV2(reason, Some(placeholder)), ConversionDirection::ToV2) => {
                for name in self.v2 {
                    out.put(name, placeholder());
                    out.report_loss(name, LossReason::MadeUp(reason));
                }
            }
            (MappingRule::Group(to_v2, _), ConversionDirection::ToV2) => to_v2(from, out),
            (MappingRule::Group(_, to_v1), ConversionDirection::ToV1) => to_v1(from, out),
            (rule, direction) => {
                let (Some(source), Some(target)) = (sources.first(), target) else { return };
                match from.get(*source) {
                    Some(value) if has_value => rule.convert_value(direction, source, target, value, out),
                    Some(_) if direction == ConversionDirection::ToV2 && out.purpose == Purpose::Update => {
                        out.report_loss(source, LossReason::NotExpressible("V2 takes no null here"));
                    }
                    _ if direction == ConversionDirection::ToV1 => out.put(target, Value::Null),
                    _ => {}
                }
            }
        }
    }
}

impl MappingRule {
    fn convert_value(
        &self,
        direction: ConversionDirection,
        source: &str,
        target: &str,
        value: &Value,
        out: &mut ConversionOutput,
    ) {
        let converted = match (self, direction) {
            (Self::Value(to_v2, _), ConversionDirection::ToV2) => to_v2(value, out),
            (Self::Value(_, to_v1), ConversionDirection::ToV1) => to_v1(value, out),
            (Self::Nested(table), direction) => match value {
                Value::Array(items) => {
                    let at = format!("{source}[].");
                    let items = items.iter().filter_map(Value::as_object);
                    Some(items.map(|item| Value::Object(out.convert_nested(&at, table, direction, item))).collect())
                }
                Value::Object(object) => {
                    Some(Value::Object(out.convert_nested(&format!("{source}."), table, direction, object)))
                }
                _ => None,
            },
            _ => Some(value.clone()),
        };
        match converted {
            Some(value) => out.put(target, value),
            None if direction == ConversionDirection::ToV1 => out.put(target, Value::Null),
            None => {}
        }
    }
}
