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
        set(&mut published, &format!("{header}/required"), json!(true));
        assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
    }
}

#[test]
fn the_usual_way_to_write_a_parameter_can_be_said() {
    let mut published = small();
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/2/style", json!("form"));
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/2/explode", json!(true));
    set(&mut published, "/paths/~1v2~1rooms~1{roomId}/delete/parameters/0/explode", json!(false));
    // A schema says how a value is written, whatever else there is.
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/3/content", json!({"application/json": {}}));
    assert_eq!(lines(&compared(published.clone(), "")), Vec::<String>::new());
    // There is one way to write a deep object.
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/2/style", json!("deepObject"));
    let line = "GET /v2/rooms | query order: written in another way: ours exploded form, published deepObject";
    assert_eq!(lines(&compared(published, "")), [line]);
}

#[test]
fn fields_that_only_the_other_side_writes_and_fields_beyond_the_known_do_not_matter() {
    let mut published = small();
    set(&mut published, "/components/schemas/CreateRoom/additionalProperties", json!(false));
    set(&mut published, "/components/schemas/CreateRoom/properties/id", json!({"type": "integer", "readOnly": true}));
    set(&mut published, "/components/schemas/CreateRoom/required/-", json!("id"));
    set(&mut published, "/components/schemas/Number", json!({"type": "integer", "readOnly": true}));
    let number = json!({"$ref": "#/components/schemas/Number"});
    set(&mut published, "/components/schemas/CreateRoom/properties/number", number);
    // In one of two alternatives it can be written.
    let width = |read_only: bool| {
        let width = json!({"type": "number", "readOnly": read_only});
        json!({"type": "object", "properties": {"width": width}})
    };
    let size = json!({"oneOf": [{"type": "integer"}, width(true), width(false)]});
    set(&mut published, "/components/schemas/CreateRoom/properties/size", size);
    set(&mut published, "/components/schemas/Room/properties/code", json!({"type": "string", "writeOnly": true}));
    set(&mut published, "/components/schemas/Room/properties/name/default", json!("none"));
    assert_eq!(lines(&compared(published, "")), Vec::<String>::new());
}

#[test]
fn a_default_matters_where_something_can_be_left_out() {
    let mut published = small();
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/3/schema/default", json!("here"));
    set(&mut published, "/components/schemas/CreateRoom/properties/name/default", json!("none"));
    set(&mut published, "/components/schemas/CreateRoom/properties/seats/default", json!(null));
    assert_eq!(lines(&compared(published.clone(), "")), Vec::<String>::new());
    set(&mut published, "/components/schemas/CreateRoom/properties/entry/default", json!({"type": "door"}));
    let line = r#"POST /v2/rooms | request entry: default: ours none, published {"type":"door"}"#;
    assert_eq!(lines(&compared(published.clone(), "")), [line]);
    // A requirement is the difference, and leaves its default without effect.
    set(&mut published, "/components/schemas/CreateRoom/required/-", json!("entry"));
    let line = "POST /v2/rooms | request entry: required in the published document, optional in ours";
    assert_eq!(lines(&compared(published, "")), [line]);
}

#[test]
fn of_schemas_that_no_value_satisfies_together_the_last_one_is_used() {
    for (all, reported) in [(["integer", "string"], None), (["string", "integer"], Some("integer"))] {
        let mut published = small();
        set(&mut published, NAME, json!({"nullable": true, "allOf": [{"type": all[0]}, {"type": all[1]}]}));
        let line = |kind| format!("GET /v2/rooms | response data[].name: type: ours string, published {kind}");
        assert_eq!(lines(&compared(published, "")), reported.map(line).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_schema_that_no_value_satisfies_stays_so_beside_others() {
    for never in [
        json!({"allOf": [false, {"type": "string"}]}),
        json!({"allOf": [{"type": "string"}, false]}),
        json!({"type": "string", "oneOf": [false]}),
        json!({"enum": []}),
    ] {
        let mut published = small();
        set(&mut published, "/components/schemas/CreateRoom/properties/name", never);
        let line = "POST /v2/rooms | request name: type: ours string, published never";
        assert_eq!(lines(&compared(published, "")), [line]);
    }
}

#[test]
fn what_is_required_beside_other_schemas_is_required() {
    let mut published = small();
    let own = published["components"]["schemas"]["CreateRoom"].take();
    set(&mut published, "/components/schemas/Base", own);
    let base = json!({"$ref": "#/components/schemas/Base"});
    set(&mut published, "/components/schemas/CreateRoom", json!({"allOf": [base], "required": ["seats"]}));
    let line = "POST /v2/rooms | request seats: required in the published document, optional in ours";
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
