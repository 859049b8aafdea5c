//! Operations that list their items page by page: where a page begins, and where its items are.
//!
//! The position is a parameter of the query, or a field of the body of a POST.

use serde_json::Value;

/// The names of the position and of the size of a page.
const STYLES: [(&str, &str, &str); 3] =
    [("skip", "take", "Offset"), ("offset", "limit", "Offset"), ("cursor", "limit", "Cursor")];

/// The ways in which an operation is paged, as the operation table has them. An operation has two if the services differ.
pub(super) fn pages(document: &Value, method: &str, operation: &Value) -> String {
    let Some(steps) = steps(document, operation) else { return String::new() };
    let second = &operation["x-calcom"]["hosted"]["parameters"];
    let parameters: Vec<_> =
        [&operation["parameters"], second].into_iter().filter_map(Value::as_array).flatten().collect();
    let body = resolved(document, &operation["requestBody"]["content"]["application/json"]["schema"]);
    let find = |name: &str| match method {
        "get" => {
            parameters.iter().find(|it| it["name"] == name && it["in"] == "query").map(|parameter| &parameter["schema"])
        }
        "post" => body["properties"].get(name),
        _ => None,
    };
    let style = |(position, size, kind): (&str, &str, &str)| {
        find(position)?;
        let largest = find(size)?["maximum"].as_u64();
        Some(format!(
            "Pages {{ kind: PageKind::{kind}, position: {position:?}, size: {size:?}, max_size: {largest:?}, \
             items: &{steps:?}, in_body: {} }}",
            method == "post"
        ))
    };
    STYLES.into_iter().filter_map(style).collect::<Vec<_>>().join(", ")
}

/// The path of the list in a page: `data`, or the one list in it, beside a cursor or a total.
pub(super) fn steps(document: &Value, operation: &Value) -> Option<Vec<String>> {
    let responses = operation["responses"].as_object()?;
    let success = responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, response)| response)?;
    let page = resolved(document, &success["content"]["application/json"]["schema"]);
    let data = resolved(document, &page["properties"]["data"]);
    if data["type"] == "array" {
        return Some(vec!["data".to_owned()]);
    }
    let properties = data["properties"].as_object()?;
    let counter = ["nextCursor", "total"].iter().find_map(|name| properties.get(*name));
    counter.or_else(|| page["properties"].get("pagination"))?;
    let mut lists = properties.iter().filter(|(_, schema)| resolved(document, schema)["type"] == "array");
    let (name, _) = lists.next()?;
    lists.next().is_none().then(|| vec!["data".to_owned(), name.clone()])
}

fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    }
}
