//! Expands `x-like`: a schema with the properties of another one, except for the named ones.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

const KEY: &str = "x-like";
/// The lists that are copied, without the properties that are left out.
const LISTS: [&str; 2] = ["required", "x-clears"];
/// The keys that a copied schema may have. For other keys, the effect of leaving out a property is not defined.
const KNOWN: [&str; 6] = ["type", "description", "properties", "required", "x-clears", KEY];

/// Expands each `x-like`.
///
/// # Errors
///
/// If an `x-like` names an unknown schema or property, or if both schemas have a property.
pub fn expand(schemas: &mut Map<String, Value>) -> Result<()> {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        expand_one(&name, schemas, &mut Vec::new())?;
    }
    Ok(())
}

/// `trail` contains the names of the schemas that are being expanded.
fn expand_one(name: &str, schemas: &mut Map<String, Value>, trail: &mut Vec<String>) -> Result<()> {
    let Some(like) = schemas.get(name).and_then(|schema| schema.get(KEY)).cloned() else { return Ok(()) };
    if trail.iter().any(|known| known == name) {
        bail!("schema {name}: x-like leads back to it");
    }
    let (of, without) = read(name, &like)?;
    trail.push(name.to_owned());
    expand_one(&of, schemas, trail)?;
    trail.pop();
    let Some(other) = schemas.get(&of) else { bail!("schema {name}: x-like: {of} is not defined") };
    let expanded = join(name, &schemas[name], &of, other, &without)?;
    schemas.insert(name.to_owned(), expanded);
    Ok(())
}

/// The schema that `like` names, and the properties that are left out.
fn read(name: &str, like: &Value) -> Result<(String, Vec<String>)> {
    let keys = like.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    if let Some(key) = keys.into_iter().find(|key| !["schema", "without"].contains(key)) {
        bail!("schema {name}: x-like.{key} is not known");
    }
    let Some(of) = like["schema"].as_str() else { bail!("schema {name}: x-like needs a schema") };
    let list = match &like["without"] {
        Value::Null => Some(Vec::new()),
        list => list.as_array().map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
    };
    let Some(without) = list else { bail!("schema {name}: x-like.without is a list") };
    Ok((of.to_owned(), without))
}

fn join(name: &str, own: &Value, of: &str, other: &Value, without: &[String]) -> Result<Value> {
    let none = Map::new();
    let properties = |schema: &Value| schema["properties"].as_object().unwrap_or(&none).clone();
    for (whose, schema) in [(name, own), (of, other)] {
        let mut keys = schema.as_object().unwrap_or(&none).keys();
        if let Some(key) = keys.find(|key| !KNOWN.contains(&key.as_str())) {
            bail!("schema {name}: x-like: {whose} has `{key}`, which cannot be taken over");
        }
    }
    let (mut joined, theirs) = (own.clone(), properties(other));
    if let Some(unknown) = without.iter().find(|property| !theirs.contains_key(property.as_str())) {
        bail!("schema {name}: x-like: {of} has no property {unknown}");
    }
    let mut all: Map<String, Value> = theirs.into_iter().filter(|(property, _)| !without.contains(property)).collect();
    for (property, schema) in properties(own) {
        if all.insert(property.clone(), schema).is_some() {
            bail!("schema {name}: {property} is a property of {of} too: x-like.without must name it");
        }
    }
    joined["properties"] = all.into();
    for key in LISTS {
        let list = |schema: &Value| schema[key].as_array().cloned().unwrap_or_default();
        let taken = list(other).into_iter().filter(|item| !without.iter().any(|property| item == property));
        let both: Vec<Value> = taken.chain(list(own)).collect();
        if !both.is_empty() {
            joined[key] = both.into();
        }
    }
    if let Some(joined) = joined.as_object_mut() {
        joined.remove(KEY);
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expanded(schemas: Value) -> Result<Value> {
        let mut schemas = schemas.as_object().unwrap().clone();
        expand(&mut schemas).map(|()| schemas.into())
    }

    fn error(schemas: Value) -> String {
        expanded(schemas).unwrap_err().to_string()
    }

    /// A planet, and a schema with `x-like`.
    fn planets(other: Value) -> Value {
        json!({
            "Moon": other,
            "Planet": {
                "type": "object", "description": "A planet.", "required": ["name", "mass"], "x-clears": ["owner", "color"],
                "properties": {"name": {"type": "string"}, "mass": {"type": "integer"}, "owner": {}, "color": {}},
            },
        })
    }

    #[test]
    fn a_schema_has_what_the_other_has_but_for_what_it_leaves_out() {
        let moon = json!({
            "type": "object", "description": "A moon.", "x-like": {"schema": "Planet", "without": ["mass", "color"]},
            "required": ["of"], "x-clears": ["lander"],
            "properties": {"of": {"type": "string"}, "lander": {}, "mass": {"type": "number"}},
        });
        let all = expanded(planets(moon)).unwrap();
        let expected = json!({
            "type": "object", "description": "A moon.", "required": ["name", "of"], "x-clears": ["owner", "lander"],
            "properties": {
                "name": {"type": "string"}, "owner": {}, "of": {"type": "string"}, "lander": {}, "mass": {"type": "number"},
            },
        });
        assert_eq!(all["Moon"], expected);
        assert_eq!(all["Planet"], planets(json!({}))["Planet"]);
    }

    #[test]
    fn a_schema_can_be_like_one_that_is_like_another() {
        let schemas = json!({
            "A": {"x-like": {"schema": "B"}, "properties": {"a": {}}},
            "B": {"x-like": {"schema": "C", "without": ["d"]}, "properties": {"b": {}}},
            "C": {"properties": {"c": {}, "d": {}}},
        });
        assert_eq!(expanded(schemas).unwrap()["A"], json!({"properties": {"c": {}, "b": {}, "a": {}}}));
    }

    #[test]
    fn what_is_not_there_or_is_there_twice_is_named() {
        let like = |like: Value| error(planets(json!({"x-like": like, "properties": {"name": {}}})));
        assert_eq!(like(json!({"schema": "Star"})), "schema Moon: x-like: Star is not defined");
        assert_eq!(
            like(json!({"schema": "Planet", "without": ["rings"]})),
            "schema Moon: x-like: Planet has no property rings"
        );
        assert_eq!(
            like(json!({"schema": "Planet"})),
            "schema Moon: name is a property of Planet too: x-like.without must name it"
        );
        assert_eq!(like(json!({"schema": "Planet", "but": []})), "schema Moon: x-like.but is not known");
        assert_eq!(like(json!({"without": []})), "schema Moon: x-like needs a schema");
        assert_eq!(like(json!({"schema": "Planet", "without": "name"})), "schema Moon: x-like.without is a list");
        assert_eq!(like(json!({"schema": "Moon"})), "schema Moon: x-like leads back to it");
    }

    #[test]
    fn what_says_more_of_properties_than_is_taken_over_is_named() {
        let mut schemas = planets(json!({"x-like": {"schema": "Planet"}}));
        schemas["Planet"]["x-contracts"] = json!({"hosted": ["owner"]});
        assert_eq!(error(schemas), "schema Moon: x-like: Planet has `x-contracts`, which cannot be taken over");
    }
}
