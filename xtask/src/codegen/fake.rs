//! `fake/src/documented/operations.json`: of each operation the parameters and the body that the document describes, and an
//! answer. The fake checks requests with it and answers operations that it does not play.
//!
//! The answer is the smallest recorded success of the operation below `tests/recordings` that shows something, else the example
//! of the response, else a value of its schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::{
    bundle::{Operation, operations},
    sample::Sampler,
};

/// Where the file is, from the root of the workspace.
pub const FILE: &str = "fake/src/documented/operations.json";

/// The keywords of a schema that a check of a request needs.
const KEYWORDS: [&str; 12] = [
    "$ref",
    "additionalProperties",
    "enum",
    "format",
    "items",
    "maximum",
    "minimum",
    "nullable",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// The text of the file: an operation or a schema a line.
pub fn text(root: &Path, document: &Value) -> Result<String> {
    let mut recorded = recorded(root, document)?;
    let schemas = &document["components"]["schemas"];
    let (mut lines, mut used) = (Vec::new(), BTreeSet::new());
    for operation in operations(document) {
        let body = &operation.body["requestBody"]["content"]["application/json"]["schema"];
        let hosted = &operation.body["x-calcom"]["hosted"];
        let mut row = Map::new();
        for place in ["path", "query"] {
            row.insert(place.to_owned(), parameters(&operation.body["parameters"], hosted, place));
        }
        if body.is_object() {
            row.insert("body".to_owned(), checked(body));
        }
        if hosted["body"].is_object() {
            row.insert("hostedBody".to_owned(), checked(&hosted["body"]));
        }
        collect(&Value::Object(row.clone()), schemas, &mut used);
        let made = || made(&operation, schemas);
        let (status, answer) = match recorded.remove(operation.id()) {
            Some((status, answer)) if shows_nothing(&answer) => {
                let (_, made) = made();
                (status, if shows_nothing(&made) { answer } else { made })
            }
            Some(known) => known,
            None => made(),
        };
        row.insert("status".to_owned(), status.into());
        row.insert("answer".to_owned(), answer);
        lines.push(format!("{}:{}", json!(operation.id()), Value::Object(row)));
    }
    let shared: Vec<String> = used.iter().map(|name| format!("{}:{}", json!(name), checked(&schemas[name]))).collect();
    Ok(format!("{{\"schemas\":{{\n{}\n}},\"operations\":{{\n{}\n}}}}\n", shared.join(",\n"), lines.join(",\n")))
}

/// The parameters of both services in the path or the query, by name.
fn parameters(parameters: &Value, hosted: &Value, place: &str) -> Value {
    let own = parameters.as_array().into_iter().flatten();
    let mut found = Map::new();
    for parameter in own.chain(hosted["parameters"].as_array().into_iter().flatten()) {
        if parameter["in"] != place {
            continue;
        }
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let required = parameter["required"] == true;
        found.entry(name).or_insert_with(|| json!({ "required": required, "schema": checked(&parameter["schema"]) }));
    }
    Value::Object(found)
}

/// A schema without what a check does not need.
fn checked(schema: &Value) -> Value {
    let Some(fields) = schema.as_object() else { return schema.clone() };
    let mut kept = Map::new();
    for (key, value) in fields.iter().filter(|(key, _)| KEYWORDS.contains(&key.as_str())) {
        let value = match key.as_str() {
            "properties" => {
                value.as_object().into_iter().flatten().map(|(name, of)| (name.clone(), checked(of))).collect()
            }
            "oneOf" => value.as_array().into_iter().flatten().map(checked).collect(),
            "items" | "additionalProperties" => checked(value),
            // An open set takes other values.
            "enum" if schema["x-open"] == true => continue,
            _ => value.clone(),
        };
        kept.insert(key.clone(), value);
    }
    if schema["x-clears"] == true {
        kept.insert("nullable".to_owned(), json!(true));
    }
    Value::Object(kept)
}

/// The names of the schemas that `value` refers to, and those that these refer to.
fn collect(value: &Value, schemas: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(name_of)
                && used.insert(name.to_owned())
            {
                collect(&checked(&schemas[name]), schemas, used);
            }
            fields.values().for_each(|value| collect(value, schemas, used));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, schemas, used)),
        _ => {}
    }
}

pub(super) fn name_of(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/components/schemas/")
}

/// The smallest recorded success of each operation: status and body.
fn recorded(root: &Path, document: &Value) -> Result<BTreeMap<String, (u16, Value)>> {
    let mut found: BTreeMap<String, (u16, Value)> = BTreeMap::new();
    for file in files(&root.join("tests/recordings"))? {
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let exchange: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
        let (request, response) = (&exchange["request"], &exchange["response"]);
        let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0);
        let Some(operation) = operation_of(document, request).filter(|_| (200..300).contains(&status)) else {
            continue;
        };
        let success =
            operation.body["responses"].as_object().is_some_and(|known| known.contains_key(&status.to_string()));
        let body = response["body"].clone();
        if !success || (body.is_string() && body != "") {
            continue;
        }
        // An empty list shows nothing of its items.
        let rank = |body: &Value| (body["data"].as_array().is_some_and(Vec::is_empty), body.to_string().len());
        let better = found.get(operation.id()).is_none_or(|(_, known)| rank(&body) < rank(known));
        if better {
            found.insert(operation.id().to_owned(), (status, body));
        }
    }
    Ok(found)
}

/// All recordings, in the order of their names.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The operation of a recorded request, if the request has its version.
fn operation_of<'a>(document: &'a Value, request: &Value) -> Option<Operation<'a>> {
    let path = request["path"].as_str()?.split('?').next()?;
    let method = request["method"].as_str()?;
    let matching = operations(document)
        .filter(|operation| operation.method.eq_ignore_ascii_case(method) && matches(operation.path, path));
    // A fixed segment goes before a parameter.
    let operation = matching.min_by_key(|operation| operation.path.matches('{').count())?;
    let version = &operation.body["x-calcom"]["version"];
    (version.is_null() || *version == request["headers"]["cal-api-version"]).then_some(operation)
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(part, value)| part == value || part.starts_with('{') && !value.is_empty())
}

/// An answer that is made of the first documented success: its example, else a value of its schema.
fn made(operation: &Operation<'_>, schemas: &Value) -> (u16, Value) {
    let responses = operation.body["responses"].as_object();
    let success = responses.into_iter().flatten().find_map(|(status, response)| {
        let number = status.parse::<u16>().ok().filter(|status| (200..300).contains(status))?;
        Some((number, &response["content"]["application/json"]))
    });
    let (status, content) = success.unwrap_or((200, &Value::Null));
    let body = match (&content["example"], &content["schema"]) {
        (Value::Null, Value::Null) => json!(""),
        (Value::Null, schema) => Sampler::new(schemas).value(schema, ""),
        (example, _) => example.clone(),
    };
    (status, body)
}

/// Whether a success shows nothing: no data, an empty list, or a list of empty lists.
fn shows_nothing(body: &Value) -> bool {
    match body.get("data").unwrap_or(&Value::Null) {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
