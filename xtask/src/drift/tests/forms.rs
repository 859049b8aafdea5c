//! Equivalent forms of a schema are not reported as differences.

use std::path::Path;

use serde_json::json;

use super::{compared, lines, remove, set, small};
use crate::{
    codegen,
    drift::{Deviations, Document, Extent, drift},
};

const NAME: &str = "/components/schemas/Room/properties/name";
const INSIDE: &str = "/components/schemas/Room/properties/inside";
const ENTRY: &str = "/components/schemas/CreateRoom/properties/entry";

#[test]
fn the_documents_of_both_contracts_do_not_differ_from_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for contract in codegen::CONTRACTS {
        let document = codegen::of_contract(&root, contract).unwrap();
        let (ours, theirs) = (Document::new("ours", document.clone()), Document::new("published", document));
        let report = drift(&ours, &theirs, Deviations::parse("", "").unwrap(), contract, Extent::Whole).unwrap();
        assert_eq!(lines(&report), Vec::<String>::new());
        assert!(report.compared > 50 && !report.is_drift());
    }
}

#[test]
fn a_reference_in_all_of_any_of_or_beside_nullable_is_the_schema() {
    let room = json!({"$ref": "#/components/schemas/Room"});
    for form in [json!({"allOf": [room]}), json!({"anyOf": [room]}), json!({"type": "object", "oneOf": [room]})] {
        let mut published = small();
        set(&mut published, INSIDE, form);
        assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
    }
    let mut published = small();
    set(&mut published, INSIDE, json!({"allOf": [room], "nullable": true}));
    let line = "GET /v2/rooms | response data[].inside: nullable in the published document, not in ours";
    assert_eq!(lines(&compared(published, "")), [line]);
}

#[test]
fn null_is_written_in_four_ways() {
    let text = json!({"type": "string"});
    for form in [
        json!({"type": ["string", "null"]}),
        json!({"oneOf": [text, {"type": "null"}]}),
        json!({"anyOf": [text, {"enum": [null]}]}),
        json!({"oneOf": [{"type": "string", "nullable": true}]}),
    ] {
        let mut published = small();
        set(&mut published, NAME, form);
        assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
    }
}

#[test]
fn all_of_puts_fields_and_what_is_required_together() {
    let mut published = small();
    remove(&mut published, "/components/schemas/CodeEntry/properties/type");
    let kind = json!({"type": "object", "properties": {"type": {"const": "code"}}});
    let own = published["components"]["schemas"]["CodeEntry"].take();
    set(&mut published, "/components/schemas/CodeEntry", json!({"allOf": [kind, own]}));
    assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
}

#[test]
fn alternatives_are_a_set() {
    let mut published = small();
    let door = json!({"$ref": "#/components/schemas/DoorEntry"});
    let code = json!({"$ref": "#/components/schemas/CodeEntry"});
    set(&mut published, ENTRY, json!({"anyOf": [{"oneOf": [code]}, door]}));
    assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
}

#[test]
fn an_example_tells_apart_what_the_published_document_leaves_open() {
    let mut published = small();
    for name in ["Door", "Code"] {
        let open = json!({"type": "string", "example": name.to_lowercase()});
        set(&mut published, &format!("/components/schemas/{name}Entry/properties/type"), open);
    }
    let open = |name: &str| {
        format!(
            "POST /v2/rooms | request entry<{name}>.type: open in the published document, a closed enum in ours ({name})"
        )
    };
    assert_eq!(lines(&compared(published, "")), [open("door"), open("code")]);
}

#[test]
fn parameters_of_the_path_and_references_to_parameters_are_those_of_the_operation() {
    let mut published = small();
    let parameter = published["paths"]["/v2/rooms/{roomId}"]["delete"]["parameters"][0].take();
    remove(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/parameters");
    set(&mut published, "/paths/~1v2~1rooms~1{roomId}/parameters", json!([{"$ref": "#/components/parameters/Id"}]));
    set(&mut published, "/components/parameters", json!({"Id": parameter}));
    assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
}

#[test]
fn a_version_is_read_from_wherever_the_header_tells_it() {
    let header = "/paths/~1v2~1rooms/get/parameters/0";
    for told in [
        json!({"schema": {"type": "string", "example": "2024-01-01"}}),
        json!({"schema": {"type": "string", "enum": ["2024-01-01"]}}),
        json!({"schema": {"type": "string"}, "example": "2024-01-01"}),
        json!({"schema": {"type": "string"}, "description": "Must be set to 2024-01-01."}),
    ] {
        let mut published = small();
        set(&mut published, header, told);
        set(&mut published, &format!("{header}/name"), json!("cal-api-version"));
        set(&mut published, &format!("{header}/in"), json!("header"));
        assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
    }
}

#[test]
fn credentials_are_read_from_headers_where_the_document_has_no_security() {
    let mut published = small();
    remove(&mut published, "/security");
    remove(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/security");
    let header = |required: bool| json!({"name": "Authorization", "in": "header", "required": required});
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/-", header(true));
    set(&mut published, "/paths/~1v2~1rooms/post/parameters", json!([header(true)]));
    set(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/parameters/-", header(false));
    assert_eq!(lines(&compared(published.clone(), "")), Vec::<String>::new());
    remove(&mut published, "/paths/~1v2~1rooms/post/parameters");
    let line = "POST /v2/rooms | credentials: ours required, published none";
    assert_eq!(lines(&compared(published, "")), [line]);
}

#[test]
fn a_reference_can_be_percent_encoded() {
    let mut published = small();
    let room = published["components"]["schemas"]["Room"].clone();
    set(&mut published, "/components/schemas/Room of\u{ab}one\u{bb}", room);
    for reference in ["#/components/schemas/Room%20of%C2%ABone%C2%BB", "#/components/schemas/Room of\u{ab}one\u{bb}"] {
        set(
            &mut published,
            "/components/schemas/RoomsAnswer/properties/data/items",
            json!({"$ref": reference, "description": "one"}),
        );
        assert_eq!(lines(&compared(published.clone(), "")), Vec::<String>::new());
    }
}

#[test]
fn an_extension_beside_the_paths_is_no_path_and_every_method_is_an_operation() {
    let mut published = small();
    set(&mut published, "/paths/x-internal", json!(true));
    set(&mut published, "/paths/x-groups", json!({"get": {}}));
    assert_eq!(lines(&compared(published.clone(), "")), Vec::<String>::new());
    set(&mut published, "/paths/~1v2~1rooms/head", json!({"responses": {"200": {"description": ""}}}));
    assert_eq!(lines(&compared(published, "")), ["HEAD /v2/rooms | new operation"]);
}
