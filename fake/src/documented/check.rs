//! Compares a request with the document's description of its operation.

use std::collections::HashMap;

use calcom::Contract;
use serde_json::{Map, Value};

use super::super::check::rule::{is_email, is_iso_date};
use super::super::exchange::Request;
use super::{Description, Parameter};
use crate::instant;

/// Everything that the document does not allow, each with the name of the field.
pub(super) fn complaints(
    description: &Description,
    schemas: &HashMap<String, Value>,
    request: &Request,
    contract: Contract,
) -> Vec<String> {
    let mut checker = SchemaChecker { schemas, found: Vec::new() };
    for (name, value) in &request.params {
        if let Some(parameter) = description.path.get(*name) {
            checker.text(&parameter.schema, value, name);
        }
    }
    checker.query(&description.query, &request.query);
    let hosted = description.hosted_body.as_ref().filter(|_| contract == Contract::Hosted);
    if let Some(schema) = hosted.or(description.body.as_ref()) {
        checker.value(schema, &request.body, "");
    }
    checker.found
}

struct SchemaChecker<'a> {
    schemas: &'a HashMap<String, Value>,
    found: Vec<String>,
}

impl<'a> SchemaChecker<'a> {
    fn add(&mut self, name: &str, what: impl AsRef<str>) {
        let name = if name.is_empty() { "the body" } else { name };
        self.found.push(format!("{name} {}", what.as_ref()));
    }

    /// The schema itself, in place of a reference to it.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let name =
            schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/components/schemas/"));
        match name.and_then(|name| self.schemas.get(name)) {
            Some(target) => self.resolved(target),
            None => schema,
        }
    }

    fn query(&mut self, parameters: &'a HashMap<String, Parameter>, query: &[(String, String)]) {
        let mut required: Vec<&String> =
            parameters.iter().filter(|(_, parameter)| parameter.required).map(|(name, _)| name).collect();
        required.sort_unstable();
        for name in required {
            if !query.iter().any(|(key, _)| plain_name(key) == name) {
                self.add(name, "is required");
            }
        }
        for (key, value) in query {
            let Some(parameter) = parameters.get(plain_name(key)) else {
                self.found.push(format!("property {key} should not exist"));
                continue;
            };
            self.text(&parameter.schema, value, key);
        }
    }

    /// Checks a text of a path or a query.
    fn text(&mut self, schema: &'a Value, text: &str, name: &str) {
        let schema = self.resolved(schema);
        let value = match schema.get("type").and_then(Value::as_str) {
            Some("integer" | "number") => text.trim().parse::<serde_json::Number>().map(Value::Number).ok(),
            Some("boolean") => text.parse::<bool>().map(Value::Bool).ok(),
            // A part of a list or an object is not checked further: its form in a query is open.
            Some("array" | "object") => return,
            _ => None,
        };
        self.value(schema, &value.unwrap_or_else(|| Value::from(text)), name);
    }

    fn value(&mut self, schema: &'a Value, value: &Value, name: &str) {
        let schema = self.resolved(schema);
        if value.is_null() {
            if schema.get("nullable") != Some(&Value::Bool(true)) && schema.get("type").is_some() {
                self.add(name, "must not be null");
            }
            return;
        }
        if let Some(arms) = schema.get("oneOf").and_then(Value::as_array) {
            return self.one_of(arms, value, name);
        }
        if let Some(known) = schema.get("enum").and_then(Value::as_array)
            && !known.contains(value)
        {
            let known: Vec<String> =
                known.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
            return self.add(name, format!("must be one of the following values: {}", known.join(", ")));
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => match value.as_str() {
                Some(text) => self.format(schema, text, name),
                None => self.add(name, "must be a string"),
            },
            Some("integer") if !value.is_i64() && !value.is_u64() => self.add(name, "must be an integer number"),
            Some("number") if !value.is_number() => self.add(name, "must be a number"),
            Some("integer" | "number") => self.bounds(schema, value, name),
            Some("boolean") if !value.is_boolean() => self.add(name, "must be a boolean value"),
            Some("array") => match value.as_array() {
                Some(items) => {
                    let Some(item) = schema.get("items") else { return };
                    items.iter().enumerate().for_each(|(at, value)| self.value(item, value, &format!("{name}[{at}]")));
                }
                None => self.add(name, "must be an array"),
            },
            Some("object") => match value.as_object() {
                Some(fields) => self.object(schema, fields, name),
                None => self.add(name, "must be an object"),
            },
            _ => {}
        }
    }

    /// The arm with the fewest complaints is the one that was meant.
    fn one_of(&mut self, arms: &'a [Value], value: &Value, name: &str) {
        let tries = arms.iter().map(|arm| {
            let mut checker = SchemaChecker { schemas: self.schemas, found: Vec::new() };
            checker.value(arm, value, name);
            checker.found
        });
        self.found.extend(tries.min_by_key(Vec::len).unwrap_or_default());
    }

    fn object(&mut self, schema: &'a Value, fields: &Map<String, Value>, name: &str) {
        let inner = |field: &str| if name.is_empty() { field.to_owned() } else { format!("{name}.{field}") };
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let required = required.as_str().unwrap_or_default();
            if !fields.contains_key(required) {
                self.add(&inner(required), "is required");
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let more = schema.get("additionalProperties");
        for (field, value) in fields {
            match (properties.and_then(|known| known.get(field)), more) {
                (Some(of), _) => self.value(of, value, &inner(field)),
                (None, Some(of)) if of.is_object() => self.value(of, value, &inner(field)),
                (None, None | Some(Value::Bool(false))) if properties.is_some() => {
                    self.found.push(format!("property {} should not exist", inner(field)));
                }
                (None, _) => {}
            }
        }
    }

    fn format(&mut self, schema: &Value, text: &str, name: &str) {
        match schema.get("format").and_then(Value::as_str) {
            Some("date-time") if instant::parse(text).is_none() => {
                self.add(name, "must be a valid ISO 8601 date string")
            }
            Some("date") if !is_iso_date(text) => self.add(name, "must be a valid ISO 8601 date string"),
            Some("email") if !is_email(text) => self.add(name, "must be an email"),
            _ => {}
        }
    }

    fn bounds(&mut self, schema: &Value, value: &Value, name: &str) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let number = value.as_f64().unwrap_or_default();
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.add(name, format!("must not be less than {least}"));
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.add(name, format!("must not be greater than {most}"));
        }
    }
}

/// `ids` of `ids[]` and `ids[0]`.
fn plain_name(key: &str) -> &str {
    key.split('[').next().unwrap_or(key)
}
