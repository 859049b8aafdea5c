//! The document of one contract: the operations of its service in its form, without the policies of this project.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::bundle::{BROWSER_PATHS, METHODS};

/// The names of the contracts in `x-calcom`.
pub const CONTRACTS: [&str; 2] = ["hosted", "self-hosted"];

/// The part of `document` about one contract.
pub fn plain(document: &Value, contract: &str) -> Value {
    let mut plain = document.clone();
    let browser_paths = plain.as_object_mut().and_then(|plain| plain.remove(BROWSER_PATHS)).unwrap_or_default();
    let security = document["security"].as_array().cloned().unwrap_or_default();
    if let Some(paths) = plain["paths"].as_object_mut() {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|method, body| !METHODS.contains(&method.as_str()) || body["x-calcom"][contract] != false);
            item.iter_mut()
                .filter(|(key, _)| METHODS.contains(&key.as_str()))
                .for_each(|(_, body)| form(body, contract, &security));
        }
        paths.retain(|_, item| METHODS.iter().any(|method| item.get(*method).is_some()));
        paths.extend(browser_paths.as_object().into_iter().flatten().map(|(path, item)| (path.clone(), visit(item))));
        paths.sort_keys();
    }
    let schemas = plain["components"]["schemas"].as_object_mut();
    schemas.into_iter().flat_map(Map::values_mut).for_each(|schema| properties(schema, contract));
    let mut used = BTreeSet::new();
    references(&plain["paths"], &plain["components"]["schemas"], &mut used);
    if let Some(schemas) = plain["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
    plain
}

/// The operation of an address that only a browser visits: a redirect, without credentials.
fn visit(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(get) = item["get"].as_object_mut() {
        get.remove("x-feature");
        get.insert("security".to_owned(), json!([]));
        get.insert("responses".to_owned(), json!({"200": {"description": "A redirect of the browser."}}));
    }
    item
}

/// Gives an operation the parameters, the body, the version and the credentials of the contract.
fn form(operation: &mut Value, contract: &str, security: &[Value]) {
    let policy = operation["x-calcom"].take();
    if let Some(operation) = operation.as_object_mut() {
        operation.remove("x-calcom");
    }
    credentials(operation, &policy["credentials"], security);
    if policy["scopes"].as_array().is_some_and(|scopes| !scopes.is_empty()) && contract == "hosted" {
        operation["x-oauth-scopes"] = policy["scopes"].clone();
    }
    let second = if contract == "hosted" { &policy["hosted"] } else { &Value::Null };
    if second["body"].is_object() {
        operation["requestBody"]["content"]["application/json"]["schema"] = second["body"].clone();
    }
    let version = if second.is_object() { &second["version"] } else { &policy["version"] };
    let names = |name: &Value, list: &Value| list.as_array().is_some_and(|list| list.contains(name));
    let mut parameters: Vec<Value> = operation["parameters"].as_array().cloned().unwrap_or_default();
    parameters.retain(|parameter| !names(&parameter["name"], &second["without"]));
    for parameter in second["parameters"].as_array().into_iter().flatten() {
        match parameters.iter_mut().find(|known| known["name"] == parameter["name"]) {
            Some(known) => *known = parameter.clone(),
            None => parameters.push(parameter.clone()),
        }
    }
    if version.is_string() {
        let schema = json!({"type": "string", "default": version});
        parameters.push(json!({"name": "cal-api-version", "in": "header", "required": true, "schema": schema}));
    }
    match operation.as_object_mut() {
        Some(operation) if parameters.is_empty() => drop(operation.remove("parameters")),
        Some(operation) => drop(operation.insert("parameters".to_owned(), parameters.into())),
        None => {}
    }
}

/// Sets the `security` of operations whose credentials are optional or refused.
fn credentials(operation: &mut Value, policy: &Value, security: &[Value]) {
    match policy.as_str() {
        Some("optional") => operation["security"] = [&[json!({})], security].concat().into(),
        Some("refused") => operation["security"] = json!([]),
        _ => {}
    }
}

/// Removes the properties of other contracts, and sets which ones are required and which ones `null` clears.
fn properties(schema: &mut Value, contract: &str) {
    let Some(schema) = schema.as_object_mut() else { return };
    let (contracts, always) = (schema.remove("x-contracts"), schema.remove("x-required"));
    schema.remove("x-open");
    // Keys beside a reference are ignored.
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        if let Some(fields) = property.as_object_mut().filter(|fields| fields.len() > 1)
            && let Some(reference) = fields.remove("$ref")
        {
            fields.insert("allOf".to_owned(), json!([{"$ref": reference}]));
        }
    }
    for name in schema.remove("x-clears").iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str) {
        if let Some(property) = schema.get_mut("properties").and_then(|properties| properties.get_mut(name)) {
            if property.get("$ref").is_some() {
                *property = json!({"allOf": [property.take()]});
            }
            property["nullable"] = true.into();
        }
    }
    let foreign: Vec<Value> = CONTRACTS
        .iter()
        .filter(|other| **other != contract)
        .filter_map(|other| contracts.as_ref()?[other].as_array().cloned())
        .flatten()
        .collect();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !foreign.contains(&Value::from(name.as_str())));
    }
    if let Some(always) = always.as_ref().and_then(|always| always[contract].as_array()) {
        let mut required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        required.extend(always.iter().cloned());
        schema.insert("required".to_owned(), required.into());
    }
}

fn references(node: &Value, schemas: &Value, used: &mut BTreeSet<String>) {
    match node {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next())
                && used.insert(name.to_owned())
            {
                references(&schemas[name], schemas, used);
            }
            fields.values().for_each(|field| references(field, schemas, used));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, schemas, used)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::codegen::bundle::bundle;

    fn of(contract: &str) -> Value {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
        plain(&bundle(&folder).unwrap(), contract)
    }

    fn parameters(document: &Value) -> Vec<&str> {
        let list = &document["paths"]["/v2/bookings"]["get"]["parameters"];
        list.as_array().unwrap().iter().filter_map(|parameter| parameter["name"].as_str()).collect()
    }

    #[test]
    fn each_document_pages_bookings_in_the_form_of_its_contract() {
        let (hosted, own) = (of("hosted"), of("self-hosted"));
        assert!(parameters(&hosted).contains(&"cursor") && !parameters(&hosted).contains(&"skip"));
        assert!(parameters(&own).contains(&"skip") && !parameters(&own).contains(&"cursor"));
        let page = |document: &Value| document["components"]["schemas"]["BookingPagination"].clone();
        assert_eq!(page(&hosted)["required"], json!(["nextCursor", "hasMore"]));
        assert!(page(&hosted)["properties"].get("totalItems").is_none());
        assert!(page(&own)["properties"].get("nextCursor").is_none());
    }

    #[test]
    fn each_document_has_the_body_of_its_contract_whole() {
        let body = |document: &Value| {
            let schema =
                &document["paths"]["/v2/event-types"]["post"]["requestBody"]["content"]["application/json"]["schema"];
            let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            (document["components"]["schemas"][&name].clone(), name)
        };
        let (hosted, own) = (of("hosted"), of("self-hosted"));
        let ((second, name), (first, base)) = (body(&hosted), body(&own));
        assert_eq!((base.as_str(), name.as_str()), ("CreateEventType", "HostedCreateEventType"));
        assert_eq!((&second["required"], &second["type"]), (&first["required"], &first["type"]));
        assert_eq!(second["properties"]["title"], first["properties"]["title"]);
        assert!(
            second["properties"].get("disableGuests").is_none() && first["properties"].get("disableGuests").is_some()
        );
        assert!(
            second["properties"].get("emailSettings").is_some() && first["properties"].get("emailSettings").is_none()
        );
        assert!(
            hosted["components"]["schemas"].get(&base).is_none() && own["components"]["schemas"].get(&name).is_none()
        );
        assert!(!hosted.to_string().contains("x-like"));
    }

    #[test]
    fn what_stands_beside_a_reference_is_not_ignored() {
        let mut schema = json!({"x-clears": ["until"], "properties": {
            "since": {"$ref": "#/Instant", "description": "The begin."},
            "until": {"$ref": "#/Instant", "description": "The end."},
            "moon": {"$ref": "#/Moon"},
        }});
        properties(&mut schema, "hosted");
        let reference = json!([{"$ref": "#/Instant"}]);
        let expected = json!({"properties": {
            "since": {"allOf": reference, "description": "The begin."},
            "until": {"allOf": reference, "description": "The end.", "nullable": true},
            "moon": {"$ref": "#/Moon"},
        }});
        assert_eq!(schema, expected);
    }

    #[test]
    fn an_operation_says_where_its_credentials_are_not_those_of_the_document() {
        let hosted = of("hosted");
        assert_eq!(hosted["paths"]["/v2/me"]["get"].get("security"), None);
        let ways = hosted["security"].as_array().unwrap();
        let optional = hosted["paths"]["/v2/slots"]["get"]["security"].as_array().unwrap();
        assert_eq!((&optional[0], &optional[1..]), (&json!({}), ways.as_slice()));
    }

    #[test]
    fn an_operation_that_a_contract_lacks_is_not_in_its_document() {
        assert!(of("hosted")["paths"].get("/v2/slots/available").is_none());
        assert!(of("self-hosted")["paths"].get("/v2/slots/available").is_some());
        assert!(!of("hosted").to_string().contains("x-calcom"));
    }
}
