//! What answers require: of a service that was never recorded only what tells that there is an answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{bundle::operations, lint::reference};

/// What the envelope of an answer may require.
const ENVELOPE: [&str; 2] = ["data", "status"];

/// The violations in schemas that only answers of the hosted service have.
pub(super) fn problems(document: &Value) -> Vec<String> {
    // Whether a schema is in a request, or in an answer of servers of one's own, which were recorded.
    let mut is_known: BTreeMap<&str, bool> = BTreeMap::new();
    for op in operations(document) {
        let policy = &op.body["x-calcom"];
        let mut requests = BTreeSet::new();
        schemas(&op.body["requestBody"], document, &mut requests);
        schemas(&policy["hosted"]["body"], document, &mut requests);
        let mut answers = BTreeSet::new();
        schemas(&op.body["responses"], document, &mut answers);
        let is_recorded = policy["self-hosted"] != false;
        for (names, known) in [(requests, true), (answers, is_recorded)] {
            names.into_iter().for_each(|name| *is_known.entry(name).or_default() |= known);
        }
    }
    let unknown = is_known.into_iter().filter(|(_, known)| !known).map(|(name, _)| name);
    let of_schema = |name: &str| {
        let required = document["components"]["schemas"][name]["required"].as_array().into_iter().flatten();
        let more: Vec<_> = required.filter_map(Value::as_str).filter(|name| !ENVELOPE.contains(name)).collect();
        (!more.is_empty()).then(|| {
            format!("{name}: only the hosted service answers with it, which was not recorded: {more:?} is not required")
        })
    };
    unknown.filter_map(of_schema).collect()
}

/// The names of the schemas that a node refers to, nested ones included.
fn schemas<'d>(node: &'d Value, document: &'d Value, names: &mut BTreeSet<&'d str>) {
    if let Some(name) = reference(node)
        && names.insert(name)
    {
        schemas(&document["components"]["schemas"][name], document, names);
    }
    match node {
        Value::Object(fields) => fields.values().for_each(|field| schemas(field, document, names)),
        Value::Array(items) => items.iter().for_each(|item| schemas(item, document, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_never_recorded_requires_its_envelope_only() {
        let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let answer = |name: &str| json!({"200": {"content": {"application/json": {"schema": named(name)}}}});
        let mut document = json!({
            "paths": {"/moons": {
                "get": {"operationId": "list", "x-calcom": {"self-hosted": false}, "responses": answer("Moons")},
                "post": {"operationId": "make", "x-calcom": {"self-hosted": false}, "responses": {},
                         "requestBody": {"content": {"application/json": {"schema": named("NewMoon")}}}},
            }},
            "components": {"schemas": {
                "Moons": {"required": ["data", "status"], "properties": {"data": {"type": "array", "items": named("Moon")}}},
                "Moon": {"required": ["id"], "properties": {"id": {}, "color": named("Color")}},
                "NewMoon": {"required": ["id"], "properties": {"color": named("Color")}},
                "Color": {"required": ["red"]},
            }},
        });
        let said = problems(&document);
        assert!(said.len() == 1 && said[0].starts_with("Moon: ") && said[0].contains(r#"["id"]"#), "{said:?}");
        document["paths"]["/suns"] =
            json!({"get": {"operationId": "suns", "x-calcom": {}, "responses": answer("Moon")}});
        assert_eq!(problems(&document), Vec::<String>::new());
    }
}
