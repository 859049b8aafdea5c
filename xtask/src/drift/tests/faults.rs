//! Invalid documents, and the arguments of the command.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{remove, set, small};
use crate::drift::{Deviations, Document, Extent, codegen, drift, outcome};

/// The error of comparing `published`.
fn error(published: Value) -> String {
    let (ours, theirs) = (Document::new("ours.json", small()), Document::new("published.json", published));
    let report = drift(&ours, &theirs, Deviations::parse("", "").unwrap(), "hosted", Extent::Whole);
    report.map(|report| report.text()).unwrap_err().to_string()
}

fn with(pointer: &str, value: Value) -> Value {
    let mut published = small();
    set(&mut published, pointer, value);
    published
}

#[test]
fn an_error_names_file_and_place() {
    let name = "/components/schemas/Room/properties/name";
    let mut lost = small();
    remove(&mut lost, "/components/schemas/Order");
    for (published, expected) in [
        (json!([]), "published.json: is a list, not an object"),
        (json!({"paths": {}}), "published.json: /openapi is missing"),
        (
            json!({"swagger": "2.0", "paths": {}}),
            "published.json: /swagger is the key of an older format: OpenAPI 3 is read",
        ),
        (with("/openapi", json!("2.0")), "published.json: /openapi is \"2.0\": OpenAPI 3 is read"),
        (with("/openapi", json!(3.1)), "published.json: /openapi is a number, not a string"),
        (json!({"openapi": "3.1.0"}), "published.json: /paths is missing"),
        (json!({"openapi": "3.0.3", "paths": []}), "published.json: /paths is a list, not an object"),
        (
            with("/components/securitySchemes/bearer", json!({"type": "http"})),
            "published.json: /components/securitySchemes/bearer/scheme is missing",
        ),
        (
            json!({"openapi": "3.0.3", "paths": {"/v2/rooms": {"get": 7}}}),
            "published.json: /paths/~1v2~1rooms/get is a number, not an object",
        ),
        (
            with("/paths/~1v2~1rooms/get/parameters", json!({})),
            "published.json: /paths/~1v2~1rooms/get/parameters is an object, not a list",
        ),
        (
            with("/paths/~1v2~1rooms/get/parameters/1", json!({"in": "query"})),
            "published.json: /paths/~1v2~1rooms/get/parameters/1/name is missing",
        ),
        (
            with("/paths/~1v2~1rooms/get/parameters/1/in", json!("body")),
            "published.json: /paths/~1v2~1rooms/get/parameters/1 is in \"body\": path, query, header and cookie are known",
        ),
        (
            lost,
            "published.json: /paths/~1v2~1rooms/get/parameters/2/schema/$ref is \"#/components/schemas/Order\", which the document does not have",
        ),
        (
            with(name, json!({"$ref": "other.json#/Name"})),
            "published.json: /components/schemas/Room/properties/name/$ref is \"other.json#/Name\": only references inside the document are followed",
        ),
        (
            with(name, json!({"$ref": format!("#{name}")})),
            "published.json: /components/schemas/Room/properties/name is a reference of more than 32 steps",
        ),
        (
            with(name, json!({"type": 7})),
            "published.json: /components/schemas/Room/properties/name/type is a number, not a string",
        ),
        (
            with(name, json!({"type": "text"})),
            "published.json: /components/schemas/Room/properties/name/type is \"text\", which is no type of JSON",
        ),
        (
            with(name, json!({"properties": []})),
            "published.json: /components/schemas/Room/properties/name/properties is a list, not an object",
        ),
        (
            with("/components/schemas/Room/required", json!([1])),
            "published.json: /components/schemas/Room/required/0 is a number, not a string",
        ),
        (
            with("/paths/~1v2~1rooms~1{id}", json!({"delete": {}})),
            "published.json: /paths/~1v2~1rooms~1{roomId}/delete is the same route as DELETE /v2/rooms/{id}",
        ),
    ] {
        assert_eq!(error(published), expected);
    }
}

#[test]
fn schemas_that_multiply_or_nest_without_end_are_refused() {
    // Twenty schemas, each with two references to the next one: a million alternatives.
    let mut wide = small();
    for level in 0..20 {
        let next = json!({"$ref": format!("#/components/schemas/W{}", level + 1)});
        set(&mut wide, &format!("/components/schemas/W{level}"), json!({"oneOf": [next, next]}));
    }
    set(&mut wide, "/components/schemas/W20", json!({"type": "string"}));
    set(&mut wide, "/components/schemas/Room/properties/name", json!({"$ref": "#/components/schemas/W0"}));
    assert!(error(wide).ends_with("has more than 2000 alternatives and parts"));

    let mut deep = json!({"type": "string"});
    for _ in 0..200 {
        deep = json!({"allOf": [deep]});
    }
    let deep = error(with("/components/schemas/Room/properties/name", deep));
    assert!(deep.ends_with("is composed of schemas more than 128 deep"), "{deep}");
}

#[test]
fn whatever_stands_at_a_place_of_a_document_it_is_compared_or_refused() {
    let mut pointers = Vec::new();
    collect(&small(), String::new(), &mut pointers);
    let (mut read, mut refused) = (0, 0);
    for pointer in &pointers {
        for value in
            [json!(null), json!(true), json!(-1.5), json!("x"), json!([]), json!([[]]), json!({}), json!({"$ref": "#"})]
        {
            let mut published = small();
            *published.pointer_mut(pointer).unwrap() = value;
            let (ours, theirs) = (Document::new("ours.json", small()), Document::new("published.json", published));
            match drift(&ours, &theirs, Deviations::parse("", "").unwrap(), "hosted", Extent::Whole) {
                Ok(_) => read += 1,
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().starts_with("published.json: "), "{pointer}: {error}");
                }
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

fn collect(value: &Value, pointer: String, all: &mut Vec<String>) {
    let below = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| collect(value, below(key), all)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| collect(value, below(&index.to_string()), all));
        }
        _ => {}
    }
    all.push(pointer);
}

/// A folder with the files of this project, no deviations and a published document.
fn folder(published: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let openapi = folder.path().join("openapi");
    fs::create_dir(&openapi).unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            fs::copy(&path, openapi.join(path.file_name().unwrap())).unwrap();
        }
    }
    fs::write(openapi.join("DEVIATIONS.md"), "# None\n").unwrap();
    fs::write(folder.path().join("published.json"), published).unwrap();
    folder
}

fn run(folder: &Path, words: &[&str]) -> (String, u8) {
    let document = folder.join("published.json").display().to_string();
    outcome(folder, &[&[document.as_str()], words].concat())
}

#[test]
fn the_exit_status_tells_no_drift_drift_and_nothing_compared_apart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = codegen::of_contract(&root, "self-hosted").unwrap();
    let place = folder(document.to_string().as_bytes());
    let (text, status) = run(place.path(), &["--contract", "self-hosted"]);
    assert_eq!((text.as_str(), status), ("no drift: 287 operations compared, 0 deviations ignored\n", 0));
    let (text, status) = run(place.path(), &["--json", "--contract", "self-hosted"]);
    assert_eq!((serde_json::from_str::<Value>(&text).unwrap()["drift"].clone(), status), (json!(false), 0));
    let (text, status) = run(place.path(), &[]);
    assert!(text.contains("GET /v2/bookings\n") && text.contains("version: ours 2026-05-01, published 2024-08-13"));
    assert_eq!(status, 1);
    for words in [&["--contract", "other"][..], &["--contract"], &["--yaml"], &["second.json"]] {
        let (text, status) = run(place.path(), words);
        assert!(text.starts_with("error: usage: cargo xtask drift") && status == 2, "{text}");
    }
    assert_eq!(outcome(place.path(), &[]).1, 2);
    assert_eq!(outcome(place.path(), &["missing.json"]).1, 2);
}

#[test]
fn a_file_that_is_no_document_is_named_with_line_and_column() {
    let nested = [b"[".repeat(5_000), b"]".repeat(5_000)].concat();
    for (bytes, expected) in [
        (&b""[..], "is not JSON: EOF while parsing a value at line 1 column 0\n"),
        (b"{\"paths\":\n{]}", "is not JSON: key must be a string at line 2 column 2\n"),
        (b"{\"paths\": \"\xff\"}", "is not JSON: invalid unicode code point at line 1 column 12\n"),
        (
            b"{\"paths\": {\"/v2/rooms\": {}},\n \"paths\": {}}",
            "is malformed: the key \"paths\" stands twice in one object at line 2 column 8\n",
        ),
        (&nested, "is not JSON: recursion limit exceeded at line 1 column 128\n"),
    ] {
        let place = folder(bytes);
        let (text, status) = run(place.path(), &[]);
        assert_eq!(status, 2);
        assert!(text.contains("published.json: ") && text.ends_with(expected), "{text}");
    }
}

#[test]
fn deviations_that_cannot_be_read_are_named_with_their_line() {
    let head = "| contract | operations | place | change | why |\n|---|---|---|---|---|\n";
    for (row, expected) in [
        ("| hosted | `*` | `*` | `type` |", "line 3: a row has 4 cells, not 5"),
        ("| all | `*` | `*` | `type` | x |", "line 3: the contract is \"all\", not both, hosted or self-hosted"),
        ("| both | `*` | `*` | `type` | |", "line 3: the row does not say why"),
        ("| both | `*` | `*` | `kind` | x |", "line 3: \"kind\" is no change"),
        (
            "| both | * | `*` | `type` | x |",
            "line 3: the column operations holds patterns in backquotes, with commas between them",
        ),
        (
            "| both | `*` | `a` b | `type` | x |",
            "line 3: the column place holds patterns in backquotes, with commas between them",
        ),
    ] {
        let error = Deviations::parse("DEVIATIONS.md", &format!("{head}{row}\n")).err().unwrap();
        assert_eq!(error.to_string(), format!("DEVIATIONS.md: {expected}"));
    }
}
