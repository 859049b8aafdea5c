//! Payload templates: `{{organizer.name}}` is replaced by the value at this path.

use serde_json::Value;

/// Fills `template` with `data`. Returns the body and its content type.
pub(super) fn fill(template: &str, data: &Value) -> (String, &'static str) {
    let filled = replace(template, data);
    if serde_json::from_str::<Value>(template).is_err() {
        return (filled, "application/x-www-form-urlencoded");
    }
    // A template that is JSON, and is not once it is filled, gives the body `false`.
    let json = serde_json::from_str(&filled).unwrap_or(Value::Bool(false));
    (json.to_string(), "application/json")
}

fn replace(template: &str, data: &Value) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = rest
        .split_once("{{")
        .and_then(|(before, open)| open.split_once("}}").map(|(name, after)| (before, name, after)))
    {
        filled.push_str(before);
        filled.push_str(&text(name.trim(), data));
        rest = after;
    }
    filled + rest
}

/// The text with HTML escapes, except for quotation marks.
fn text(path: &str, data: &Value) -> String {
    let value = path.split('.').try_fold(data, |value, step| match value {
        Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
        value => value.get(step),
    });
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(_)) => "[object Object]".to_owned(),
        Some(other) => other.to_string(),
    };
    let escapes = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('\'', "&#x27;"), ('`', "&#x60;"), ('=', "&#x3D;")];
    text.chars()
        .map(|character| match escapes.iter().find(|(plain, _)| *plain == character) {
            Some((_, escaped)) => (*escaped).to_owned(),
            None => character.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_is_filled_as_the_service_fills_it() {
        let data =
            json!({"type": "30min", "organizer": {"name": "John & Doe"}, "attendees": [{"name": "A"}], "n": null});
        let (body, kind) = fill(r#"{"who": "{{organizer.name}}", "n": "{{n}}", "x": "{{ attendees.0.name }}"}"#, &data);
        assert_eq!((body.as_str(), kind), (r#"{"n":"","who":"John &amp; Doe","x":"A"}"#, "application/json"));
        let (body, kind) = fill("type={{type}}&open={{", &data);
        assert_eq!((body.as_str(), kind), ("type=30min&open={{", "application/x-www-form-urlencoded"));
        let broken = json!({"title": "a \"quote\""});
        assert_eq!(fill(r#"{"t": "{{title}}"}"#, &broken).0, "false");
    }
}
