//! Alternatives that are matched by their fields, and maps with fields.

use serde_json::{Value, json};

use super::{compared, lines, set, small};

/// The lines about a document with these properties of an entry by door, of which none tells it apart.
fn door(properties: Value) -> Vec<String> {
    let mut published = small();
    set(&mut published, "/components/schemas/DoorEntry", json!({"type": "object", "properties": properties}));
    lines(&compared(published, ""))
}

#[test]
fn alternatives_with_half_of_their_fields_in_common_are_one() {
    let text = json!({"type": "string"});
    let floor = json!({"type": "integer"});
    let place = "POST /v2/rooms | request entry";
    // Ours has two fields and a requirement: two of four are common.
    let half = door(json!({"type": text, "floor": floor, "key": text}));
    let expected = [
        "<door>.key: new field (string, optional)",
        "<door>.type: optional in the published document, required in ours",
        "<door>.type: open in the published document, a closed enum in ours (door)",
    ];
    assert_eq!(half, expected.map(|line| format!("{place}{line}")));
    // Two of five.
    let less = door(json!({"type": text, "floor": floor, "key": text, "lock": text}));
    let expected = [": new alternative DoorEntry", ": the published document does not have the alternative door"];
    assert_eq!(less, expected.map(|line| format!("{place}{line}")));
}

#[test]
fn of_several_alternatives_the_most_similar_one_is_the_same() {
    let (text, floor) = (json!({"type": "string"}), json!({"type": "integer"}));
    let mut published = small();
    let known = json!({"type": "object", "properties": {"type": text, "floor": floor}, "required": ["type"]});
    let alike = json!({"type": "object", "properties": {"type": text, "floor": floor, "key": text}});
    let code = json!({"$ref": "#/components/schemas/CodeEntry"});
    set(&mut published, "/components/schemas/CreateRoom/properties/entry", json!({"oneOf": [alike, known, code]}));
    let expected =
        [": new alternative object", "<door>.type: open in the published document, a closed enum in ours (door)"];
    assert_eq!(lines(&compared(published, "")), expected.map(|line| format!("POST /v2/rooms | request entry{line}")));
}

#[test]
fn values_of_a_map_beside_fields_are_compared_if_both_schemas_define_them() {
    let place = "GET /v2/rooms | response data[].labels";
    let new = format!("{place}.de: new field (string, optional)");
    let values = format!("{place}.*: type: ours string, published integer");
    let with = |rest: Value| {
        let mut labels = json!({"type": "object", "properties": {"de": {"type": "string"}}});
        if !rest.is_null() {
            labels["additionalProperties"] = rest;
        }
        let mut published = small();
        set(&mut published, "/components/schemas/Room/properties/labels", labels);
        lines(&compared(published, ""))
    };
    assert_eq!(with(json!({"type": "integer"})), [new.clone(), values]);
    for same in [json!({"type": "string"}), json!(null)] {
        assert_eq!(with(same), std::slice::from_ref(&new));
    }
    assert_eq!(with(json!(false)), [new, format!("{place}.*: type: ours string, published never")]);
}

#[test]
fn values_of_a_map_are_those_of_the_last_of_several_schemas_that_has_them() {
    let map = |kind: &str| json!({"type": "object", "additionalProperties": {"type": kind}});
    for (all, reported) in [
        (json!([map("string"), {"type": "object"}]), None),
        (json!([map("integer"), map("string")]), None),
        (json!([map("string"), map("integer")]), Some("integer")),
        (json!([{"type": "object", "patternProperties": {"^x": {"type": "integer"}}}]), Some("integer")),
    ] {
        let mut published = small();
        set(&mut published, "/components/schemas/Room/properties/labels", json!({"allOf": all}));
        let line = |kind| format!("GET /v2/rooms | response data[].labels.*: type: ours string, published {kind}");
        assert_eq!(lines(&compared(published, "")), reported.map(line).into_iter().collect::<Vec<_>>());
    }
}
