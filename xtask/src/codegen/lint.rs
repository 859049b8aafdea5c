//! Checks the rules of `openapi/README.md` that can be automated.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::{
    access, browser,
    bundle::{Operation, operations},
    described, documented, keys, required,
};

/// All violations, each with its place.
pub fn lint(document: &Value) -> Vec<String> {
    let mut lint =
        Lint { document, problems: keys::problems(document), used: BTreeSet::new(), second: BTreeMap::new() };
    lint.problems.extend(described::problems(document));
    lint.problems.extend(documented::problems(document));
    let mut ids = HashSet::new();
    for op in operations(document) {
        if !ids.insert(op.id()) {
            lint.problems.push(format!("{}: this operationId is used twice", op.id()));
        }
        lint.operation(&op);
    }
    for problem in browser::problems(document) {
        lint.problems.push(problem);
    }
    lint.names();
    lint.problems.extend(required::problems(document));
    lint.problems
}

struct Lint<'a> {
    document: &'a Value,
    problems: Vec<String>,
    used: BTreeSet<&'a str>,
    /// The schemas of bodies with a second form, with that form.
    second: BTreeMap<&'a str, &'a str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Request,
    Answer,
}

impl<'a> Lint<'a> {
    fn report(&mut self, at: &str, what: impl AsRef<str>) {
        self.problems.push(format!("{at}: {}", what.as_ref()));
    }

    fn operation(&mut self, op: &Operation<'a>) {
        let at = format!("{} {} ({})", op.method.to_uppercase(), op.path, op.id());
        let id = op.id();
        if id == "?" || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            self.report(&at, "operationId must be snake case");
        }
        self.policy(&at, op);
        self.prose(&at, op.body);
        let mut in_path = BTreeSet::new();
        for parameter in op.body["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or("?");
            match parameter["in"].as_str() {
                Some("path") => {
                    in_path.insert(name);
                }
                Some("query") => {}
                other => self.report(&at, format!("parameter {name} is in {other:?}: the pipeline sets headers")),
            }
            self.prose(&format!("{at} parameter {name}"), parameter);
            self.schema(&format!("{at} parameter {name}"), &parameter["schema"], Side::Request, &mut HashSet::new());
        }
        for parameter in op.body["x-calcom"]["hosted"]["parameters"].as_array().into_iter().flatten() {
            let at = format!("{at} parameter {} of the second form", parameter["name"].as_str().unwrap_or("?"));
            if parameter["in"] != "query" {
                self.report(&at, "only parameters of the query differ between the forms");
            }
            self.prose(&at, parameter);
            self.schema(&at, &parameter["schema"], Side::Request, &mut HashSet::new());
        }
        let template: BTreeSet<&str> =
            op.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        if template != in_path {
            self.report(&at, format!("path parameters {in_path:?} do not match the path"));
        }
        if let Some(body) = op.body.pointer("/requestBody/content/application~1json/schema") {
            self.schema(&format!("{at} body"), body, Side::Request, &mut HashSet::new());
        }
        if let Some(body) = op.body["x-calcom"]["hosted"].get("body") {
            self.schema(&format!("{at} body of the second form"), body, Side::Request, &mut HashSet::new());
            self.second_body(&at, op, body);
        }
        let answers: Vec<_> = op.body["responses"].as_object().into_iter().flatten().collect();
        match answers.as_slice() {
            [(status, answer)] if status.starts_with('2') => {
                if let Some(schema) = answer.pointer("/content/application~1json/schema") {
                    self.schema(&format!("{at} answer"), schema, Side::Answer, &mut HashSet::new());
                }
            }
            _ => self.report(&at, "exactly one answer, a success, must be described"),
        }
    }

    /// Checks an operation with two bodies. The type of the body determines its form, and the form its version, so that both
    /// have a name and a version.
    fn second_body(&mut self, at: &str, op: &Operation<'a>, body: &'a Value) {
        let policy = &op.body["x-calcom"];
        let (own, second) = (policy["version"].as_str(), policy["hosted"]["version"].as_str());
        if own.is_none() || second.is_none() || own == second {
            self.report(at, "x-calcom.hosted.body needs a version of its own, and one of the other form");
        }
        let first = op.body.pointer("/requestBody/content/application~1json/schema").and_then(reference);
        match (first, reference(body)) {
            (Some(first), Some(name)) if first != name => {
                let known = *self.second.entry(first).or_insert(name);
                if known != name {
                    self.report(at, format!("x-calcom.hosted.body: the second form of {first} is {known} elsewhere"));
                }
            }
            _ => self.report(at, "x-calcom.hosted.body refers to another schema than the body"),
        }
    }

    fn policy(&mut self, at: &str, op: &Operation<'a>) {
        let policy = &op.body["x-calcom"];
        let known = [
            "version",
            "credentials",
            "resend",
            "cache",
            "invalidates",
            "takes-slot",
            "gone",
            "area",
            "hosted",
            "self-hosted",
        ];
        for key in policy.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
            if !known.contains(&key) && !access::KEYS.contains(&key) {
                self.report(at, format!("x-calcom.{key} is not known"));
            }
        }
        for problem in access::problems(policy) {
            self.report(at, problem);
        }
        if !(policy["version"].is_string() || policy.get("version").is_some_and(Value::is_null)) {
            self.report(at, "x-calcom.version must be a version or null");
        }
        for key in ["hosted", "self-hosted"] {
            let form = &policy[key];
            let is_form =
                key == "hosted" && (form["version"].is_string() || form["version"].is_null() && form.is_object());
            if !(form.is_null() || *form == Value::Bool(false) || is_form) {
                self.report(at, format!("x-calcom.{key} is false, or hosted is the form of the hosted service"));
            }
        }
        for key in policy["hosted"].as_object().into_iter().flatten().map(|(key, _)| key) {
            if !["version", "parameters", "without", "body"].contains(&key.as_str()) {
                self.report(at, format!("x-calcom.hosted.{key} is not known"));
            }
        }
        if policy["hosted"] == false && policy["self-hosted"] == false {
            self.report(at, "x-calcom: one of the services must have it");
        }
        if !["required", "optional", "refused"].contains(&policy["credentials"].as_str().unwrap_or("")) {
            self.report(at, "x-calcom.credentials must be required, optional or refused");
        }
        let resend = policy["resend"].as_str().unwrap_or("");
        if !["safe", "idempotent", "unsafe"].contains(&resend) {
            self.report(at, "x-calcom.resend must be safe, idempotent or unsafe");
        }
        let may_be_safe = ["get", "post"].contains(&op.method);
        if op.method == "get" && resend != "safe" || resend == "safe" && !may_be_safe {
            self.report(at, "x-calcom.resend: a GET is safe; of the others only a POST that reads can be");
        }
        if let Some(cache) = policy.get("cache") {
            if op.method != "get" {
                self.report(at, "x-calcom.cache: only a GET can be cached");
            }
            if !cache["tag"].is_string() || !cache["ttl"].is_u64() {
                self.report(at, "x-calcom.cache needs a tag and a ttl in seconds");
            }
            let is_word = |word: &Value| word.is_null() || word.is_string();
            if !is_word(&cache["by"]) || !is_word(&cache["days"][0]) || !is_word(&cache["days"][1]) {
                self.report(at, "x-calcom.cache: by is one parameter, days are two");
            }
        }
        if policy.get("takes-slot").is_some_and(|takes| takes != true || resend == "safe") {
            self.report(at, "x-calcom.takes-slot is true, and on writes only");
        }
        if policy.get("gone").is_some_and(|gone| gone != true || op.method != "delete" || resend != "idempotent") {
            self.report(at, "x-calcom.gone is true, and on idempotent deletions only");
        }
        if policy.get("invalidates").is_some() && resend == "safe" {
            self.report(at, "x-calcom.invalidates: a read makes nothing stale");
        }
    }

    fn schema(&mut self, at: &str, schema: &'a Value, side: Side, trail: &mut HashSet<&'a str>) {
        if let Some(name) = reference(schema) {
            self.used.insert(name);
            let Some(target) = self.document["components"]["schemas"].get(name) else {
                return self.report(at, format!("{name} is not defined"));
            };
            if trail.insert(name) {
                self.schema(name, target, side, trail);
            }
            return;
        }
        self.keywords(at, schema, side);
        if let Some(arms) = schema["oneOf"].as_array() {
            let kinds: Vec<_> = arms.iter().map(|arm| self.kind(arm)).collect();
            if side == Side::Answer && kinds.iter().collect::<HashSet<_>>().len() != kinds.len() {
                self.report(at, format!("oneOf in an answer needs arms of different JSON kinds, not {kinds:?}"));
            }
            for arm in arms {
                self.schema(at, arm, side, trail);
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            if property.get("properties").is_some() {
                self.report(&at, "an object needs a name: define it in components/schemas");
            }
            self.prose(&at, property);
            self.schema(&at, property, side, trail);
        }
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if schema["properties"].get(required).is_none() {
                self.report(at, format!("{required} is required and not defined"));
            }
        }
        for (key, inner) in [("[]", &schema["items"]), (".*", &schema["additionalProperties"])] {
            if inner.is_object() {
                if inner.get("properties").is_some() {
                    self.report(at, "an object needs a name: define it in components/schemas");
                }
                self.schema(&format!("{at}{key}"), inner, side, trail);
            }
        }
    }

    fn keywords(&mut self, at: &str, schema: &Value, side: Side) {
        for keyword in ["anyOf", "allOf", "not", "pattern", "minLength", "maxLength", "discriminator"] {
            if schema.get(keyword).is_some() {
                self.report(at, format!("`{keyword}` is not allowed"));
            }
        }
        if side == Side::Answer {
            for keyword in ["enum", "minimum", "maximum"] {
                if schema.get(keyword).is_some() {
                    self.report(at, format!("`{keyword}` closes an answer"));
                }
            }
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("integer"), Some("int64" | "int32")) | (Some("number"), Some("double")) => {}
            (Some("integer" | "number"), format) => self.report(at, format!("a number of format {format:?}")),
            (_, Some(format)) => self.report(at, format!("format `{format}` is not allowed here")),
            _ => {}
        }
    }

    /// The JSON kind of an arm.
    fn kind(&self, arm: &'a Value) -> &'a str {
        let resolved = reference(arm).and_then(|name| self.document["components"]["schemas"].get(name)).unwrap_or(arm);
        resolved["type"].as_str().unwrap_or("any")
    }

    fn prose(&mut self, at: &str, node: &Value) {
        for key in ["summary", "description"] {
            let Some(text) = node[key].as_str() else { continue };
            if text.contains("  ") || text.trim().contains('\n') || text.contains('`') {
                self.report(at, format!("{key} must be plain sentences"));
            }
        }
    }

    fn names(&mut self) {
        let defined: BTreeMap<&str, &Value> = self.document["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.as_str(), schema))
            .collect();
        for (name, schema) in &defined {
            self.prose(name, schema);
            if !self.used.contains(name) {
                self.report(name, "defined and never used");
            }
        }
    }
}

pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The problems of an operation with this policy for the hosted service, and of another one with the same body.
    fn problems(hosted: Value, other: Value) -> Vec<String> {
        let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let operation = |id: &str, hosted: Value| {
            json!({"post": {
                "operationId": id,
                "x-calcom": {"version": "1", "hosted": hosted, "credentials": "required", "scopes": [], "resend": "unsafe"},
                "requestBody": {"content": {"application/json": {"schema": reference("Moon")}}},
                "responses": {"201": {}},
            }})
        };
        let paths = json!({"/moons": operation("make_moon", hosted), "/suns": operation("make_sun", other)});
        let object = json!({"type": "object", "description": "A moon."});
        let mut schemas = json!({"Moon": object});
        for name in ["NewMoon", "FullMoon"] {
            if paths.to_string().contains(&format!("/{name}\"")) {
                schemas[name] = object.clone();
            }
        }
        lint(&json!({"paths": paths, "components": {"schemas": schemas}}))
    }

    fn body(name: &str) -> Value {
        json!({"version": "2", "body": {"$ref": format!("#/components/schemas/{name}")}})
    }

    #[test]
    fn a_second_body_is_another_schema_with_a_version_and_the_same_wherever_the_first_one_is() {
        let none = Vec::<String>::new();
        assert_eq!(problems(body("NewMoon"), json!({"version": "2"})), none);
        assert_eq!(problems(body("NewMoon"), body("NewMoon")), none);
        let at = "POST /moons (make_moon): x-calcom.hosted";
        let said = |hosted: Value| problems(hosted, json!({"version": "2"}));
        assert_eq!(said(body("Moon")), [format!("{at}.body refers to another schema than the body")]);
        assert_eq!(said(body("Star")), [format!("{} body of the second form: Star is not defined", &at[..23])]);
        for version in [json!("1"), json!(null)] {
            let mut hosted = body("NewMoon");
            hosted["version"] = version;
            assert_eq!(said(hosted), [format!("{at}.body needs a version of its own, and one of the other form")]);
        }
        assert_eq!(said(json!({"version": "2", "bodies": 1})), [format!("{at}.bodies is not known")]);
        let twice = problems(body("NewMoon"), body("FullMoon"));
        assert_eq!(
            twice,
            ["POST /suns (make_sun): x-calcom.hosted.body: the second form of Moon is NewMoon elsewhere"]
        );
    }
}
