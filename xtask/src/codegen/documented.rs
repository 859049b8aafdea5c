//! Checks the properties that documented types read (`x-documented`): each is a property of its schema.

use serde_json::Value;

/// The names without a property, and the types of properties that are not named, each with its place.
pub fn problems(document: &Value) -> Vec<String> {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    schemas.flat_map(|(name, schema)| problems_of(name, schema)).collect()
}

fn problems_of(name: &str, schema: &Value) -> Vec<String> {
    let named: Vec<&Value> = schema["x-documented"].as_array().into_iter().flatten().collect();
    let properties = &schema["properties"];
    let unknown = named.iter().filter(|named| named.as_str().is_none_or(|named| properties.get(named).is_none()));
    let mut problems: Vec<String> = unknown.map(|named| format!("{name}: x-documented names {named}")).collect();
    for (property, schema) in properties.as_object().into_iter().flatten() {
        if schema.get("x-documented-type").is_some() && !named.iter().any(|named| *named == property) {
            problems.push(format!("{name}.{property}: x-documented-type, but x-documented does not name it"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_documented_property_is_one_of_its_schema() {
        let properties = json!({"name": {"type": "string"}, "size": {"type": "string", "x-documented-type": "Size"}});
        let problems = |named: Value| {
            problems(&json!({"components": {"schemas": {"Moon": {"x-documented": named, "properties": properties}}}}))
        };
        assert_eq!(problems(json!(["name", "size"])), [""; 0]);
        assert_eq!(
            problems(json!(["size", "mass", 7])),
            ["Moon: x-documented names \"mass\"", "Moon: x-documented names 7"]
        );
        assert_eq!(problems(json!(["name"])), ["Moon.size: x-documented-type, but x-documented does not name it"]);
    }
}
