//! Two lists of field names: text fields that may be shown, and all fields of the document. They decide which parts of types,
//! bodies and queries are shown in logs and `Debug`.

use std::{collections::BTreeSet, fmt::Write};

use serde_json::Value;

/// JSON names of text fields without personal data.
pub(super) const SAFE_TEXT_FIELDS: &[&str] = &[
    "currency",
    "date",
    "days",
    "end",
    "endTime",
    "format",
    "interval",
    "language",
    "slug",
    "start",
    "startTime",
    "status",
    "timeZone",
    "triggers",
    "type",
    "unit",
    "version",
    "weekStart",
];

/// Both lists as code, in order.
pub(super) fn lists(document: &Value) -> String {
    let mut known = BTreeSet::new();
    names(document, &mut known);
    let safe: BTreeSet<&str> = SAFE_TEXT_FIELDS.iter().copied().collect();
    let mut code = String::new();
    for (name, list) in [("KNOWN_FIELDS", known), ("SAFE_TEXT_FIELDS", safe)] {
        let list: Vec<&str> = list.into_iter().collect();
        let _ = writeln!(code, "pub(crate) static {name}: &[&str] = &{list:?};");
    }
    code
}

/// The names of all properties and of all parameters in queries.
fn names<'a>(node: &'a Value, found: &mut BTreeSet<&'a str>) {
    match node {
        Value::Object(fields) => {
            if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
                found.extend(properties.keys().map(String::as_str));
            }
            if fields.get("in").and_then(Value::as_str) == Some("query") {
                found.extend(fields.get("name").and_then(Value::as_str));
            }
            fields.values().for_each(|field| names(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}
