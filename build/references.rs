//! The schemas that a part of the document refers to.

use std::collections::BTreeSet;

use serde_json::Value;

/// Adds the names of the schemas that `node` refers to, nested ones included.
pub(super) fn references(node: &Value, document: &Value, names: &mut BTreeSet<String>) {
    match node {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next())
                && names.insert(name.to_owned())
            {
                references(&document["components"]["schemas"][name], document, names);
            }
            fields.values().for_each(|field| references(field, document, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, document, names)),
        _ => {}
    }
}
