//! Compares a request with the document's description of its operation.

use std::collections::HashMap;

use calcom::Contract;
use serde_json::{Map, Value};

use super::super::check::Violation;
use super::super::check::rule::{is_email, is_iso_date};
use super::super::exchange::Request;
use super::description::{Description, Parameter};
use crate::instant;

/// Everything that the document does not allow.
pub(super) fn violations(
    description: &Description,
    schemas: &HashMap<String, Value>,
    request: &Request,
    contract: Contract,
) -> Vec<Violation> {
    let checker = SchemaChecker { schemas };
    let mut found = Vec::new();
    let path: Value =
        request.params.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))).collect();
    for (name, value) in &request.params {
        let schema = description.path.get(*name).map(|parameter| &parameter.schema);
        found.extend(schema.and_then(|schema| checker.text(schema, value, name, &path)));
    }
    found.extend(checker.query(&description.query, &request.query));
    let hosted = description.hosted_body.as_ref().filter(|_| contract == Contract::Hosted);
    if let Some(schema) = hosted.or(description.body.as_ref()) {
        let body = checker.value(schema, &request.body, "body", &request.body);
        found.extend(body.into_iter().flat_map(|violation| match violation.children.is_empty() {
            true => vec![violation],
            false => violation.children,
        }));
    }
    found
}

/// The texts of violations, each with the path of its property.
pub(super) fn texts(violations: &[Violation], place: &str) -> Vec<String> {
    let mut found = Vec::new();
    for violation in violations {
        let path = format!("{place}{}", violation.property);
        found.extend(violation.constraints.iter().map(|(_, text)| format!("{path}: {text}")));
        found.extend(texts(&violation.children, &format!("{path}.")));
    }
    found
}

struct SchemaChecker<'a> {
    schemas: &'a HashMap<String, Value>,
}

impl<'a> SchemaChecker<'a> {
    /// The schema itself, in place of a reference to it.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let name =
            schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/components/schemas/"));
        match name.and_then(|name| self.schemas.get(name)) {
            Some(target) => self.resolved(target),
            None => schema,
        }
    }

    fn query(&self, parameters: &'a HashMap<String, Parameter>, query: &[(String, String)]) -> Vec<Violation> {
        let target: Value = query.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
        let mut required: Vec<(&String, &Parameter)> = parameters.iter().filter(|(_, it)| it.required).collect();
        required.sort_unstable_by_key(|(name, _)| *name);
        let missing = required.into_iter().filter(|(name, _)| !query.iter().any(|(key, _)| plain_name(key) == *name));
        let mut found: Vec<Violation> =
            missing.filter_map(|(name, it)| self.missing(&it.schema, name, &target)).collect();
        found.extend(query.iter().filter_map(|(key, value)| match parameters.get(plain_name(key)) {
            Some(parameter) => self.text(&parameter.schema, value, key, &target),
            None => Some(unknown(key, &target)),
        }));
        found
    }

    /// Checks a text of a path or a query.
    fn text(&self, schema: &'a Value, text: &str, name: &str, target: &Value) -> Option<Violation> {
        let schema = self.resolved(schema);
        let value = match schema.get("type").and_then(Value::as_str) {
            Some("integer" | "number") => text.trim().parse::<serde_json::Number>().map(Value::Number).ok(),
            Some("boolean") => text.parse::<bool>().map(Value::Bool).ok(),
            // A part of a list or an object is not checked further: its form in a query is open.
            Some("array" | "object") => return None,
            _ => None,
        };
        self.value(schema, &value.unwrap_or_else(|| Value::from(text)), name, target)
    }

    /// The violation of a property that is required and absent.
    fn missing(&self, schema: &'a Value, name: &str, target: &Value) -> Option<Violation> {
        let absent = Violation { value: None, ..violation(name, target, vec![self.kind(self.resolved(schema), name)]) };
        Some(absent)
    }

    /// What a value of the schema has to be.
    fn kind(&self, schema: &'a Value, name: &str) -> (&'static str, String) {
        if let Some(known) = schema.get("enum").and_then(Value::as_array) {
            let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let known: Vec<String> = known.iter().map(plain).collect();
            return ("isEnum", format!("{name} must be one of the following values: {}", known.join(", ")));
        }
        let (kind, text) = match schema.get("type").and_then(Value::as_str) {
            Some("string") => ("isString", "a string"),
            Some("integer") => ("isInt", "an integer number"),
            Some("number") => ("isNumber", "a number conforming to the specified constraints"),
            Some("boolean") => ("isBoolean", "a boolean value"),
            Some("array") => ("isArray", "an array"),
            _ => ("isObject", "an object"),
        };
        (kind, format!("{name} must be {text}"))
    }

    fn value(&self, schema: &'a Value, value: &Value, name: &str, target: &Value) -> Option<Violation> {
        let schema = self.resolved(schema);
        let refused =
            |constraints| Some(Violation { value: Some(value.clone()), ..violation(name, target, constraints) });
        if value.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
            return None;
        }
        if let Some(arms) = schema.get("oneOf").and_then(Value::as_array) {
            // The arm with the fewest violations is the one that was meant.
            let tries = arms.iter().map(|arm| self.value(arm, value, name, target));
            return tries
                .min_by_key(|tried| tried.as_ref().map_or(0, |violation| texts_of(violation).max(1)))
                .flatten();
        }
        let known = schema.get("enum").and_then(Value::as_array);
        if known.is_some_and(|known| !known.contains(value)) {
            return refused(vec![self.kind(schema, name)]);
        }
        let fits = match schema.get("type").and_then(Value::as_str) {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => return None,
        };
        if !fits {
            return refused(vec![self.kind(schema, name)]);
        }
        let (constraints, children) = match value {
            Value::String(text) => (format(schema, text, name), Vec::new()),
            Value::Number(_) => (bounds(schema, value, name), Vec::new()),
            Value::Object(fields) => (Vec::new(), self.object(schema, fields, value)),
            Value::Array(items) => {
                let item = schema.get("items");
                let each = items.iter().enumerate();
                let wrong = each.filter_map(|(at, item_value)| self.value(item?, item_value, &at.to_string(), value));
                (Vec::new(), wrong.collect())
            }
            _ => (Vec::new(), Vec::new()),
        };
        if constraints.is_empty() && children.is_empty() {
            return None;
        }
        refused(constraints).map(|violation| Violation { children, ..violation })
    }

    fn object(&self, schema: &'a Value, fields: &Map<String, Value>, target: &Value) -> Vec<Violation> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut found = Vec::new();
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                let of = properties.and_then(|known| known.get(name)).unwrap_or(&Value::Null);
                found.extend(self.missing(of, name, target));
            }
        }
        let more = schema.get("additionalProperties");
        for (name, value) in fields {
            found.extend(match (properties.and_then(|known| known.get(name)), more) {
                (Some(of), _) => self.value(of, value, name, target),
                (None, Some(of)) if of.is_object() => self.value(of, value, name, target),
                (None, None | Some(Value::Bool(false))) if properties.is_some() => Some(unknown(name, target)),
                (None, _) => None,
            });
        }
        found
    }
}

fn violation(name: &str, target: &Value, constraints: Vec<(&'static str, String)>) -> Violation {
    Violation { target: target.clone(), value: None, property: name.to_owned(), children: Vec::new(), constraints }
}

fn unknown(name: &str, target: &Value) -> Violation {
    violation(name, target, vec![("whitelistValidation", format!("property {name} should not exist"))])
}

fn texts_of(violation: &Violation) -> usize {
    texts(std::slice::from_ref(violation), "").len()
}

fn format(schema: &Value, text: &str, name: &str) -> Vec<(&'static str, String)> {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") if instant::parse(text).is_none() => {
            vec![("isDateString", format!("{name} must be a valid ISO 8601 date string"))]
        }
        Some("date") if !is_iso_date(text) => {
            vec![("isDateString", format!("{name} must be a valid ISO 8601 date string"))]
        }
        Some("email") if !is_email(text) => vec![("isEmail", format!("{name} must be an email"))],
        _ => Vec::new(),
    }
}

fn bounds(schema: &Value, value: &Value, name: &str) -> Vec<(&'static str, String)> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let number = value.as_f64().unwrap_or_default();
    let least = bound("minimum").filter(|least| number < *least);
    let most = bound("maximum").filter(|most| number > *most);
    let least = least.map(|least| ("min", format!("{name} must not be less than {least}")));
    let most = most.map(|most| ("max", format!("{name} must not be greater than {most}")));
    least.into_iter().chain(most).collect()
}

/// `ids` of `ids[]` and `ids[0]`.
fn plain_name(key: &str) -> &str {
    key.split('[').next().unwrap_or(key)
}
