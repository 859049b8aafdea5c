//! Bounds of requests.

use serde_json::{Value, json};

use super::{compared, lines, set, small};

/// The values of the bounds that are reported if the seats of a new room have this schema.
fn seats(schema: Value) -> Vec<String> {
    reported("seats", schema)
}

fn reported(field: &str, schema: Value) -> Vec<String> {
    let mut published = small();
    set(&mut published, &format!("/components/schemas/CreateRoom/properties/{field}"), schema);
    let place = format!("POST /v2/rooms | request {field}: bounds: ours ");
    let text = |line: String| line.strip_prefix(&place).unwrap_or(&line).to_owned();
    lines(&compared(published, "")).into_iter().map(text).collect()
}

#[test]
fn each_sort_of_bound_in_a_request_is_reported() {
    let integer = |key: &str, value: Value| {
        let mut schema = json!({"type": "integer", "minimum": 1});
        schema[key] = value;
        seats(schema)
    };
    assert_eq!(integer("maximum", json!(5)), ["1.., published 1..5"]);
    assert_eq!(integer("multipleOf", json!(5)), ["none, published multiple of 5"]);
    for (key, value, expected) in [
        ("minLength", json!(1), "length 1.."),
        ("maxLength", json!(9), "length ..9"),
        ("pattern", json!("^a"), "pattern ^a"),
        ("contentEncoding", json!("base64"), "contentEncoding \"base64\""),
        ("contentMediaType", json!("image/png"), "contentMediaType \"image/png\""),
    ] {
        let mut schema = json!({"type": "string"});
        schema[key] = value;
        assert_eq!(reported("name", schema), [format!("none, published {expected}")]);
    }
    for (key, value, expected) in [
        ("minProperties", json!(1), "properties 1.."),
        ("maxProperties", json!(2), "properties ..2"),
        ("not", json!({"required": ["width"]}), "not {\"required\":[\"width\"]}"),
        ("propertyNames", json!({"maxLength": 3}), "propertyNames {\"maxLength\":3}"),
        ("patternProperties", json!({"^x": {"type": "string"}}), "patternProperties {\"^x\":{\"type\":\"string\"}}"),
        ("unevaluatedProperties", json!(false), "unevaluatedProperties false"),
    ] {
        let mut size = json!({"type": "object", "properties": {"width": {"type": "number"}}});
        size[key] = value;
        let expected = [format!("none, published {expected}")];
        assert_eq!(reported("size", json!({"oneOf": [{"type": "integer"}, size]})), expected);
    }
}

#[test]
fn bounds_of_a_list_are_reported_in_a_parameter_and_in_no_answer() {
    let list = json!({"type": "array", "minItems": 1, "maxItems": 9, "uniqueItems": true});
    let mut published = small();
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/3/schema", json!({"oneOf": [{"type": "string"}, list]}));
    set(&mut published, "/components/schemas/RoomsAnswer/properties/data/minItems", json!(1));
    set(&mut published, "/components/schemas/Room/properties/id/multipleOf", json!(2));
    set(&mut published, "/components/schemas/Room/properties/id/not", json!({"enum": [7]}));
    assert_eq!(
        lines(&compared(published.clone(), "")),
        ["GET /v2/rooms | query house: type: ours string, published array or string"]
    );
    let mut ours = small();
    set(
        &mut ours,
        "/paths/~1v2~1rooms/get/parameters/3/schema",
        json!({"oneOf": [{"type": "string"}, {"type": "array"}]}),
    );
    assert_eq!(
        super::lines_of(ours, published),
        ["items 1..9", "unique items"]
            .map(|text| format!("GET /v2/rooms | query house: bounds: ours none, published {text}"))
    );
}

#[test]
fn a_bound_is_exclusive_by_a_flag_or_by_a_number() {
    let number = |bounds: Value| {
        let mut schema = json!({"type": "number"});
        schema.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
        let [kind, bounds] = seats(schema).try_into().unwrap();
        assert_eq!(kind, "POST /v2/rooms | request seats: type: ours integer, published number");
        bounds
    };
    assert_eq!(number(json!({"minimum": 0, "exclusiveMinimum": true})), "1.., published >0..");
    assert_eq!(number(json!({"minimum": 0, "exclusiveMinimum": false})), "1.., published 0..");
    assert_eq!(number(json!({"exclusiveMinimum": 0, "exclusiveMaximum": 1.5})), "1.., published >0..<1.5");
    assert_eq!(number(json!({"minimum": 0, "exclusiveMinimum": 0})), "1.., published >0..");
    assert_eq!(number(json!({"minimum": 2, "exclusiveMinimum": 0})), "1.., published 2..");
    assert_eq!(number(json!({"maximum": 2, "exclusiveMaximum": 2})), "1.., published ..<2");
    assert_eq!(number(json!({"maximum": 1, "exclusiveMaximum": 2})), "1.., published ..1");
}

#[test]
fn bounds_that_allow_the_same_are_the_same() {
    for same in [
        json!({"type": "integer", "exclusiveMinimum": 0}),
        json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true}),
        json!({"type": "integer", "minimum": 1.0}),
        json!({"minimum": 1, "allOf": [{"type": "integer"}]}),
        json!({"type": "integer", "minimum": -4, "allOf": [{"minimum": 1}, {"minimum": 0}]}),
        json!({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 1}]}),
    ] {
        assert_eq!(seats(same.clone()), Vec::<String>::new(), "{same}");
    }
    assert_eq!(reported("name", json!({"type": "string", "minLength": 0})), Vec::<String>::new());
}

#[test]
fn bounds_beside_other_schemas_hold_for_what_those_allow() {
    assert_eq!(seats(json!({"allOf": [{"type": "integer", "minimum": 1}], "maximum": 3})), ["1.., published 1..3"]);
    assert_eq!(seats(json!({"allOf": [{"type": "integer", "minimum": 1}, {"maximum": 3}]})), ["1.., published 1..3"]);
    let any = json!({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "integer"}]});
    assert_eq!(seats(any), ["1.., published 1.. or any"]);
    assert_eq!(
        reported("name", json!({"allOf": [{"type": "string"}, {"minLength": 2}]})),
        ["none, published length 2.."]
    );
    let other = json!({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string"}], "minimum": 1});
    assert_eq!(seats(other), ["POST /v2/rooms | request seats: type: ours integer, published integer or string"]);
}

#[test]
fn of_bounds_that_hold_together_the_tighter_ones_count() {
    let integer = |more: Value| {
        let mut all = vec![json!({"type": "integer", "minimum": 1})];
        all.extend(more.as_array().unwrap().iter().cloned());
        seats(json!({"allOf": all}))
    };
    assert_eq!(integer(json!([{"maximum": 9}, {"maximum": 5}, {"maximum": 7}])), ["1.., published 1..5"]);
    assert_eq!(integer(json!([{"exclusiveMaximum": 5}])), ["1.., published 1..4"]);
    assert_eq!(integer(json!([{"type": "integer", "exclusiveMaximum": 5}])), ["1.., published 1..4"]);
    assert_eq!(integer(json!([{"multipleOf": 5}, {"multipleOf": 2}])), ["none, published multiple of 2 and 5"]);
    let texts = json!({"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "b$"}]});
    assert_eq!(reported("name", texts), ["none, published pattern ^a and b$"]);
}
