//! Checks that what callers read has a description: schemas, parameters, and the properties of request bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bundle::operations;

/// The schemas, parameters and properties of request bodies without a description, each with its place.
pub fn problems(document: &Value) -> Vec<String> {
    let schemas = &document["components"]["schemas"];
    let mut problems = Vec::new();
    let (mut requests, mut responses) = (BTreeSet::new(), BTreeSet::new());
    for op in operations(document) {
        let second = &op.body["x-calcom"]["hosted"];
        for parameters in [&op.body["parameters"], &second["parameters"]] {
            for parameter in parameters.as_array().into_iter().flatten().filter(|parameter| !is_described(parameter)) {
                let name = parameter["name"].as_str().unwrap_or("?");
                problems.push(format!("{}: parameter {name} has no description", op.id()));
            }
        }
        for body in [&op.body["requestBody"], &second["body"]] {
            references(body, schemas, &mut requests);
        }
        let answers = op.body["responses"].as_object().into_iter().flatten();
        responses.extend(answers.filter_map(|(_, answer)| name(&answer["content"]["application/json"]["schema"])));
    }
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        // The generator says what a whole response is the response of.
        let is_whole = name.ends_with("Response") && responses.contains(name.as_str());
        if !is_described(schema) && !is_whole {
            problems.push(format!("{name}: no description"));
        }
    }
    for name in requests {
        let properties = schemas[name]["properties"].as_object().into_iter().flatten();
        for (property, _) in properties.filter(|(_, property)| !is_told(property, schemas)) {
            problems.push(format!("{name}.{property}: a property of a request has no description"));
        }
    }
    problems
}

fn is_described(node: &Value) -> bool {
    node["description"].as_str().is_some_and(|text| !text.trim().is_empty())
}

/// Whether the documentation says what a property is: its description, its only value, or the schema that it refers to. A schema
/// that stands for a type of Rust says only how the value is written.
fn is_told(property: &Value, schemas: &Value) -> bool {
    let has_one_value = property["enum"].as_array().is_some_and(|values| values.len() == 1);
    let schema = name(property).map(|name| &schemas[name]);
    is_described(property) || has_one_value || schema.is_some_and(|schema| schema.get("x-rust-type").is_none())
}

fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// The names of the schemas that `node` refers to, nested ones included.
fn references<'a>(node: &'a Value, schemas: &'a Value, names: &mut BTreeSet<&'a str>) {
    if let Some(name) = name(node)
        && names.insert(name)
    {
        references(&schemas[name], schemas, names);
    }
    match node {
        Value::Object(fields) => fields.values().for_each(|field| references(field, schemas, names)),
        Value::Array(items) => items.iter().for_each(|item| references(item, schemas, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reference(name: &str) -> Value {
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A document with a body, a response and these further schemas. `parameter` is of both forms.
    fn document(parameter: Value, schemas: Value) -> Value {
        let content = |name: &str| json!({"content": {"application/json": {"schema": reference(name)}}});
        let mut document = json!({
            "paths": {"/moons": {"post": {
                "operationId": "make_moon",
                "parameters": [parameter],
                "x-calcom": {"hosted": {"parameters": [parameter], "body": reference("NewMoon")}},
                "requestBody": content("Moon"),
                "responses": {"201": content("MoonResponse")},
            }}},
            "components": {"schemas": {
                "Moon": {"description": "A moon."},
                "NewMoon": {"description": "A new moon."},
                "MoonResponse": {"properties": {"data": {}}},
            }},
        });
        for (name, schema) in schemas.as_object().unwrap() {
            document["components"]["schemas"][name] = schema.clone();
        }
        document
    }

    fn found(schemas: Value) -> Vec<String> {
        problems(&document(json!({"name": "of", "in": "query", "description": "A planet."}), schemas))
    }

    #[test]
    fn a_schema_without_a_description_is_named_but_for_whole_responses() {
        assert_eq!(found(json!({})), Vec::<String>::new());
        assert_eq!(
            found(json!({"Star": {}, "Sun": {"description": " "}, "StarResponse": {}})),
            ["Star: no description", "StarResponse: no description", "Sun: no description"]
        );
    }

    #[test]
    fn a_parameter_without_a_description_is_named_in_each_form() {
        let problems = problems(&document(json!({"name": "of", "in": "query"}), json!({})));
        assert_eq!(problems, ["make_moon: parameter of has no description"; 2]);
    }

    #[test]
    fn a_property_of_a_request_without_a_description_is_named_in_nested_schemas_and_in_both_forms() {
        let properties = json!({
            "mass": {"type": "integer"},
            "name": {"type": "string", "description": "Its name."},
            "type": {"type": "string", "enum": ["moon"]},
            "color": {"type": "string", "enum": ["red", "grey"]},
            "crater": reference("Crater"),
            "since": reference("Instant"),
            "until": {"$ref": reference("Instant")["$ref"], "description": "When it is gone."},
        });
        let schemas = json!({
            "Moon": {"description": "A moon.", "properties": properties},
            "NewMoon": {"description": "A new moon.", "properties": {"owner": {}}},
            "Crater": {"description": "A crater.", "properties": {"depth": {}}},
            "Instant": {"description": "An instant.", "x-rust-type": {}},
            "Orbit": {"description": "No part of a request.", "properties": {"length": {}}},
        });
        let places = ["Crater.depth", "Moon.color", "Moon.mass", "Moon.since", "NewMoon.owner"];
        assert_eq!(found(schemas), places.map(|at| format!("{at}: a property of a request has no description")));
    }
}
