//! Finds the keys that a comma leaves in a flow mapping of YAML: `{description: a, b}` has a key `b` without a value.

use serde_json::Value;

/// The places of an operation at which null says that there is no version.
const VERSIONS: [&str; 2] = [".x-calcom", ".x-calcom.hosted"];

/// The keys with a space, but for names of properties, or without a value, each with its place.
pub fn problems(document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    look("", document, &mut problems);
    problems
}

fn look(at: &str, node: &Value, problems: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            for (key, value) in fields {
                let is_version = key == "version" && VERSIONS.iter().any(|place| at.ends_with(place));
                let is_name = at.ends_with(".properties");
                if key.contains(char::is_whitespace) && !is_name || value.is_null() && !is_version {
                    let place = at.trim_start_matches('.');
                    problems.push(format!("{place}: `{key}` is no key: a text with a comma needs quotes"));
                }
                look(&format!("{at}.{key}"), value, problems);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| look(&format!("{at}.{index}"), item, problems));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_without_quotes_is_named_in_schemas_parameters_and_operations() {
        let yaml = "
paths:
  /v2/moons:
    get:
      summary: Read moons, one by one.
      x-calcom: {version: null, resend: safe, read}
      parameters:
        - {name: of, in: query, description: A planet, a star, schema: {type: string}}
components:
  schemas:
    Moon:
      type: object
      description: 'A moon, in quotes.'
      properties:
        mass: {type: integer, description: The mass, large}
        size: {type: integer, description: The size, in km: whole}
        name: {type: string, enum: [null, a b]}
        owner:
        No Show: {type: integer}
";
        let at = "paths./v2/moons.get";
        let expected = [
            (format!("{at}.x-calcom"), "read"),
            (format!("{at}.parameters.0"), "a star"),
            ("components.schemas.Moon.properties.mass".to_owned(), "large"),
            ("components.schemas.Moon.properties.size".to_owned(), "in km"),
            ("components.schemas.Moon.properties".to_owned(), "owner"),
        ];
        let document = serde_yaml_ng::from_str(yaml).unwrap();
        let mut expected =
            expected.map(|(at, key)| format!("{at}: `{key}` is no key: a text with a comma needs quotes"));
        let mut found = problems(&document);
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_operation_can_say_that_it_has_no_version_in_either_form() {
        let policy = serde_json::json!({"x-calcom": {"version": null, "hosted": {"version": null}}, "version": null});
        assert_eq!(problems(&policy), [": `version` is no key: a text with a comma needs quotes"]);
    }
}
