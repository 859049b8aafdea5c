//! A value of a schema, with all properties that the schema describes.

use serde_json::{Map, Value, json};

use super::fake::name_of;

const INSTANT: &str = "2026-12-01T09:00:00.000Z";
const DATE: &str = "2026-12-01";

/// How deep a value is at most. Schemas can contain themselves.
const MAX_DEPTH: usize = 12;

/// The names of flags that are not set.
const NOT_SO: [&str; 8] =
    ["disabled", "empty", "hasError", "hasMore", "hasNextPage", "hasPreviousPage", "invalid", "isExpired"];

/// Makes values of the document's schemas.
pub(super) struct Sampler<'a> {
    schemas: &'a Value,
    /// The schemas around the current one.
    around: Vec<&'a str>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(schemas: &'a Value) -> Self {
        Self { schemas, around: Vec::new() }
    }

    /// A value with every property, and one item in each list. `name` is that of the property.
    pub(super) fn value(&mut self, schema: &'a Value, name: &str) -> Value {
        if let Some(example) = schema.get("example") {
            return example.clone();
        }
        if let Some(target) = schema.get("$ref").and_then(name_of) {
            self.around.push(target);
            let value = self.value(&self.schemas[target], name);
            self.around.pop();
            return value;
        }
        if let Some(first) = schema["enum"].as_array().and_then(|known| known.iter().find(|value| !value.is_null())) {
            return first.clone();
        }
        if let Some(first) = schema["oneOf"].get(0) {
            return self.value(first, name);
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("array") if self.is_open(&schema["items"]) => json!([]),
            Some("array") => json!([self.value(&schema["items"], name)]),
            Some("integer" | "number") => number(schema, name),
            // A list of one page ends.
            Some("boolean") => json!(!NOT_SO.contains(&name)),
            Some("string") if matches!(name, "nextCursor" | "previousCursor") => Value::Null,
            Some("string") => text(schema, name),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &'a Value) -> Value {
        let required = schema["required"].as_array();
        let is_required = |name: &str| required.is_some_and(|list| list.iter().any(|known| known == name));
        let mut made = Map::new();
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            if is_required(name) || !(self.is_open(of) || of["deprecated"] == true) {
                made.insert(name.clone(), self.value(of, name));
            }
        }
        let more = &schema["additionalProperties"];
        if made.is_empty() && more.as_object().is_some_and(|more| !more.is_empty()) && !self.is_open(more) {
            made.insert("example".to_owned(), self.value(more, "example"));
        }
        made.into()
    }

    /// Whether a value of the schema is a part of itself, too deep, or an object of any form.
    fn is_open(&self, schema: &Value) -> bool {
        let target = schema.get("$ref").and_then(name_of);
        let has_no_form = schema["type"] == "object"
            && !["properties", "additionalProperties", "example"]
                .iter()
                .any(|key| schema[key].as_object().is_some_and(|found| !found.is_empty()));
        self.around.len() >= MAX_DEPTH || has_no_form || target.is_some_and(|name| self.around.contains(&name))
    }
}

fn number(schema: &Value, name: &str) -> Value {
    match (name, schema.get("minimum").and_then(Value::as_i64)) {
        ("duration" | "lengthInMinutes", _) => json!(30),
        (_, Some(minimum)) => json!(minimum.max(1)),
        _ => json!(1),
    }
}

/// A text of the schema's format, of its description, or of what a property with this name holds.
fn text(schema: &Value, name: &str) -> Value {
    let lower = name.to_ascii_lowercase();
    let ends = |ending: &str| lower.ends_with(ending);
    let described = schema["description"].as_str().unwrap_or_default();
    json!(match schema["format"].as_str() {
        _ if schema["x-rust-type"]["path"] == "jiff::Timestamp" => INSTANT,
        Some("date-time") => INSTANT,
        Some("date") => DATE,
        Some("uuid") => "0b3f9c52-6d1e-4c07-9c3e-5f0a8b7d2e41",
        Some("email") => "ada@example.org",
        Some("uri") => "https://example.org",
        _ if described.starts_with("HH:MM") => "09:00",
        _ if described.starts_with("YYYY-MM-DD") => DATE,
        _ if name == "status" => "success",
        _ if name == "role" => "MEMBER",
        _ if name == "days" => "Monday",
        _ if ends("timezone") => "Europe/London",
        _ if ends("email") => "ada@example.org",
        _ if ends("phone") || ends("phonenumber") => "+4930123456",
        _ if ends("url") || ends("link") => "https://example.org",
        _ if ends("date") => DATE,
        _ if ends("start") || ends("end") || ends("time") || ends("timestamp") || name.ends_with("At") => INSTANT,
        _ => "example",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(schemas: Value, schema: &Value) -> Value {
        Sampler::new(&schemas).value(schema, "")
    }

    #[test]
    fn an_object_has_all_its_properties_and_a_list_one_item() {
        let item = json!({"type": "object", "properties": {
            "kind": {"type": "string", "enum": [null, "a", "b"]}, "at": {"type": "string", "format": "date-time"},
            "count": {"type": "integer", "minimum": 5}, "words": {"type": "string", "example": "two words"}}});
        let list = json!({"type": "array", "items": {"$ref": "#/components/schemas/Item"}});
        let expected = json!([{"kind": "a", "at": "2026-12-01T09:00:00.000Z", "count": 5, "words": "two words"}]);
        assert_eq!(made(json!({"Item": item}), &list), expected);
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let child = json!({"$ref": "#/components/schemas/Node"});
        let node = json!({"type": "object", "properties": {
            "name": {"type": "string"}, "parent": child, "children": {"type": "array", "items": child}}});
        assert_eq!(made(json!({"Node": node}), &child), json!({"name": "example", "children": []}));
    }

    #[test]
    fn the_example_of_a_reference_goes_before_its_schema() {
        let schema = json!({"$ref": "#/components/schemas/Done", "example": {"status": "success", "data": 1}});
        assert_eq!(made(json!({"Done": {"type": "object"}}), &schema)["data"], 1);
    }
}
