//! Descriptions of parameters that are said once for all of a name: `x-parameters` of a file is about its own operations, and
//! that of `common.yaml` about all others.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::bundle::METHODS;

pub const KEY: &str = "x-parameters";

/// Gives each parameter of `paths` without a description the one of its place and name in `texts`.
///
/// # Errors
///
/// If a text is about no parameter of `paths` without a description.
pub fn describe(paths: &mut Map<String, Value>, texts: &Value) -> Result<()> {
    let mut used = BTreeSet::new();
    let items = paths.values_mut().filter_map(Value::as_object_mut).flatten();
    for (_, operation) in items.filter(|(method, _)| METHODS.contains(&method.as_str())) {
        for list in ["/parameters", "/x-calcom/hosted/parameters"] {
            let parameters = operation.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
            for parameter in parameters.filter_map(Value::as_object_mut) {
                let word = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                let (place, name) = (word("in"), word("name"));
                let text = &texts[&place][&name];
                if text.is_string() && !parameter.contains_key("description") {
                    parameter.insert("description".to_owned(), text.clone());
                    used.insert((place, name));
                }
            }
        }
    }
    for (place, names) in texts.as_object().into_iter().flatten() {
        for name in names.as_object().into_iter().flatten().map(|(name, _)| name) {
            if !used.contains(&(place.clone(), name.clone())) {
                bail!("{KEY}.{place}.{name} describes no parameter");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(texts: Value) -> Result<Value> {
        let parameter = |place: &str, name: &str| json!({"in": place, "name": name});
        let paths = json!({"/moons/{id}": {"get": {
            "parameters": [parameter("path", "id"), {"in": "query", "name": "of", "description": "A planet."}],
            "x-calcom": {"hosted": {"parameters": [parameter("query", "id")]}},
        }}});
        let mut paths = paths.as_object().unwrap().clone();
        describe(&mut paths, &texts)?;
        Ok(paths["/moons/{id}"]["get"].clone())
    }

    #[test]
    fn a_parameter_without_a_description_has_the_one_of_its_place_and_name() {
        let get = described(json!({"path": {"id": "A moon."}, "query": {"id": "Only this moon."}})).unwrap();
        assert_eq!(get["parameters"][0]["description"], "A moon.");
        assert_eq!(get["parameters"][1]["description"], "A planet.");
        assert_eq!(get["x-calcom"]["hosted"]["parameters"][0]["description"], "Only this moon.");
        assert_eq!(described(json!(null)).unwrap()["parameters"][0].get("description"), None);
    }

    #[test]
    fn a_description_of_no_parameter_is_named() {
        for (place, name) in [("path", "moonId"), ("query", "of")] {
            let error = described(json!({place: {name: "Never read."}})).unwrap_err().to_string();
            assert_eq!(error, format!("x-parameters.{place}.{name} describes no parameter"));
        }
    }
}
