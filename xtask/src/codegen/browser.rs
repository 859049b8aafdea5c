//! Checks the addresses that only a browser visits.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bundle::{BROWSER_PATHS, operations};

/// What is wrong with them: each is a `get` with an id of its own, its path parameters, and `code` and `state`.
pub fn problems(document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, item) in document[BROWSER_PATHS].as_object().into_iter().flatten() {
        let get = &item["get"];
        let id = get["operationId"].as_str().unwrap_or_default();
        if id.is_empty() || operations(document).any(|operation| operation.id() == id) {
            problems.push(format!("{path}: an address needs an operationId of its own"));
        }
        let of = |place: &str| -> BTreeSet<&str> {
            let list = get["parameters"].as_array().into_iter().flatten();
            list.filter(|parameter| parameter["in"] == place).filter_map(|it| it["name"].as_str()).collect()
        };
        let template: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        if of("path") != template {
            problems.push(format!("{path}: the path parameters do not match the path"));
        }
        if of("query") != BTreeSet::from(["code", "state"]) {
            problems.push(format!("{path}: a browser brings code and state"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(path: &str, id: &str, parameters: &[(&str, &str)]) -> usize {
        let parameters: Vec<_> = parameters.iter().map(|(name, place)| json!({"name": name, "in": place})).collect();
        let operation = json!({"operationId": "get_me"});
        problems(&json!({
            "paths": {"/me": {"get": operation}},
            "x-browser-paths": {path: {"get": {"operationId": id, "parameters": parameters}}},
        }))
        .len()
    }

    #[test]
    fn an_address_has_an_id_of_its_own_its_path_parameters_and_code_and_state() {
        let query = [("code", "query"), ("state", "query")];
        assert_eq!(said("/a/save", "a_redirect", &query), 0);
        assert_eq!(said("/a/{b}/save", "a_redirect", &[query[0], query[1], ("b", "path")]), 0);
        assert_eq!(said("/a/save", "get_me", &query), 1);
        assert_eq!(said("/a/{b}/save", "a_redirect", &query), 1);
        assert_eq!(said("/a/save", "a_redirect", &query[..1]), 1);
    }
}
