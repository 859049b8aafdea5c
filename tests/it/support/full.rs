//! Whole examples of the bodies of requests, made of the document.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A body with every property that the document knows.
pub fn full<T: DeserializeOwned>(schema: &str) -> T {
    let json = of_schema(&schemas()[schema], schema, &mut vec![schema]).unwrap();
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{schema}: {error}: {json}"))
}

fn schemas() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/calcom-v2.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    });
    &document["components"]["schemas"]
}

/// `None` for a schema that stands within itself.
fn of_schema<'s>(schema: &'s Value, name: &str, trail: &mut Vec<&'s str>) -> Option<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.rsplit('/').next().unwrap();
        if target == "Timestamp" {
            return Some(json!("2026-12-01T09:00:00Z"));
        }
        if trail.contains(&target) {
            return None;
        }
        trail.push(target);
        let value = of_schema(&schemas()[target], name, trail);
        trail.pop();
        return value;
    }
    if let Some(first) = schema["oneOf"].get(0) {
        return of_schema(first, name, trail);
    }
    if let Some(first) = schema["enum"].get(0) {
        return Some(first.clone());
    }
    Some(match schema["type"].as_str() {
        Some("string") => json!(text(name)),
        Some("integer") => {
            let least = schema["minimum"].as_i64().unwrap_or(7).max(7);
            json!(schema["maximum"].as_i64().map_or(least, |most| least.min(most)))
        }
        Some("number") => json!(0.5),
        Some("boolean") => json!(true),
        Some("array") => of_schema(&schema["items"], name, trail).into_iter().collect(),
        Some("object") => match schema["properties"].as_object() {
            Some(properties) => {
                let fields = properties
                    .iter()
                    .filter_map(|(name, schema)| Some((name.clone(), of_schema(schema, name, trail)?)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            None => json!({"key": "value"}),
        },
        _ => json!("value"),
    })
}

/// A text as a property of this name has it.
fn text(name: &str) -> &'static str {
    let name = name.to_lowercase();
    let texts = [
        ("email", "jane@example.com"),
        ("url", "https://example.com/"),
        ("uri", "https://example.com/"),
        ("phone", "+15550100"),
        ("timezone", "Europe/Berlin"),
        ("slug", "a-slug"),
        ("name", "Jane Roe"),
    ];
    texts.into_iter().find(|(part, _)| name.contains(part)).map_or("text", |(_, text)| text)
}
