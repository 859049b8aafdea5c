//! For each kind of change, a document with one change gives exactly one finding.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{compared, lines, remove, set, small};
use crate::drift::finding::Change;

const GET: &str = "/paths/~1v2~1rooms/get";
const POST: &str = "/paths/~1v2~1rooms/post";
const DELETE: &str = "/paths/~1v2~1rooms~1{roomId}/delete";
const SCHEMAS: &str = "/components/schemas";

/// A change of the document: a new value at a place, or its removal.
type PlantedChange = (String, Option<Value>, &'static str);

fn planted() -> Vec<PlantedChange> {
    let at = |start: &str, rest: &str| format!("{start}{rest}");
    let put = |place: String, value: Value, line| (place, Some(value), line);
    let cut = |place: String, line| (place, None, line);
    let create = |rest: &str| format!("{SCHEMAS}/CreateRoom/{rest}");
    let room = |rest: &str| format!("{SCHEMAS}/Room/{rest}");
    vec![
        put("/paths/~1v2~1halls".to_owned(), json!({"get": {}}), "GET /v2/halls | new operation"),
        cut(DELETE.to_owned(), "DELETE /v2/rooms/{roomId} | the published document does not have this operation"),
        put(
            at(GET, "/parameters/0/schema/default"),
            json!("2025-01-01"),
            "GET /v2/rooms | version: ours 2024-01-01, published 2025-01-01",
        ),
        put(
            at(GET, "/parameters/0/schema/enum"),
            json!(["2024-01-01", "2026-01-01"]),
            "GET /v2/rooms | version: ours 2024-01-01, published 2024-01-01 or 2026-01-01",
        ),
        put(
            at(GET, "/x-oauth-scopes"),
            json!(["ROOM_READ"]),
            "GET /v2/rooms | scopes of OAuth tokens: ours none, published ROOM_READ",
        ),
        cut(
            at(GET, "/parameters/0/required"),
            "GET /v2/rooms | header cal-api-version: optional in the published document, required in ours",
        ),
        cut(at(GET, "/parameters/0"), "GET /v2/rooms | version: ours 2024-01-01, published none"),
        put(at(GET, "/security"), json!([]), "GET /v2/rooms | credentials: ours required, published none"),
        put(at(GET, "/security"), json!([{}]), "GET /v2/rooms | credentials: ours required, published none"),
        put(
            at(GET, "/security"),
            json!([{}, {"bearer": []}]),
            "GET /v2/rooms | credentials: ours required, published optional",
        ),
        put(
            at(GET, "/security"),
            json!([{"clientSecret": []}]),
            "GET /v2/rooms | credentials: ours required (http bearer), published required (clientSecret)",
        ),
        put(
            at(DELETE, "/responses"),
            json!({"200": {"description": ""}}),
            "DELETE /v2/rooms/{roomId} | success status: ours 204, published 200",
        ),
        put(
            at(GET, "/parameters/-"),
            json!({"name": "floor", "in": "query", "schema": {"type": "integer"}}),
            "GET /v2/rooms | query floor: new parameter (optional)",
        ),
        put(
            at(GET, "/parameters/-"),
            json!({"name": "X-Building", "in": "header", "required": true, "schema": {"type": "string"}}),
            "GET /v2/rooms | header X-Building: new parameter (required)",
        ),
        put(
            at(GET, "/parameters/-"),
            json!({"name": "session", "in": "cookie", "required": true, "schema": {"type": "string"}}),
            "GET /v2/rooms | cookie session: new parameter (required)",
        ),
        put(
            at(GET, "/parameters/2/explode"),
            json!(false),
            "GET /v2/rooms | query order: written in another way: ours exploded form, published form",
        ),
        put(
            at(DELETE, "/parameters/0/style"),
            json!("label"),
            "DELETE /v2/rooms/{roomId} | path roomId: written in another way: ours simple, published label",
        ),
        put(
            at(GET, "/parameters/3"),
            json!({"name": "house", "in": "query", "required": true,
                "content": {"application/json": {"schema": {"type": "string"}}}}),
            "GET /v2/rooms | query house: written in another way: ours exploded form, published application/json",
        ),
        put(
            at(GET, "/parameters/1/schema/default"),
            json!(100),
            "GET /v2/rooms | query take: default: ours none, published 100",
        ),
        cut(
            at(GET, "/parameters/2"),
            "GET /v2/rooms | query order: the published document does not have this parameter",
        ),
        put(
            at(GET, "/parameters/1/required"),
            json!(true),
            "GET /v2/rooms | query take: required in the published document, optional in ours",
        ),
        cut(
            at(GET, "/parameters/3/required"),
            "GET /v2/rooms | query house: optional in the published document, required in ours",
        ),
        put(
            at(GET, "/parameters/3/schema/type"),
            json!("integer"),
            "GET /v2/rooms | query house: type: ours string, published integer",
        ),
        put(
            at(GET, "/parameters/1/schema/maximum"),
            json!(100),
            "GET /v2/rooms | query take: bounds: ours 1..250, published 1..100",
        ),
        put(at(SCHEMAS, "/Order/enum/-"), json!("random"), "GET /v2/rooms | query order: new enum value random"),
        cut(
            at(SCHEMAS, "/Order/enum/1"),
            "GET /v2/rooms | query order: the published document does not have the enum value desc",
        ),
        put(
            at(DELETE, "/requestBody"),
            json!({"content": {"application/json": {"schema": {}}}}),
            "DELETE /v2/rooms/{roomId} | request: new body (application/json)",
        ),
        cut(at(POST, "/requestBody"), "POST /v2/rooms | request: the published document has no body here"),
        cut(
            at(POST, "/requestBody/required"),
            "POST /v2/rooms | request: optional in the published document, required in ours",
        ),
        put(
            at(POST, "/requestBody/content"),
            json!({"text/csv": {"schema": {"type": "string"}}}),
            "POST /v2/rooms | request: type: ours application/json, published text/csv",
        ),
        cut(at(POST, "/responses/201/content"), "POST /v2/rooms | response: the published document has no body here"),
        put(
            create("properties/wide"),
            json!({"type": "boolean"}),
            "POST /v2/rooms | request wide: new field (boolean, optional)",
        ),
        cut(
            create("properties/seats"),
            "POST /v2/rooms | request seats: the published document does not have this field",
        ),
        put(
            create("required/-"),
            json!("seats"),
            "POST /v2/rooms | request seats: required in the published document, optional in ours",
        ),
        put(create("required/-"), json!("token"), "POST /v2/rooms | request token: new field (any, required)"),
        put(
            create("properties/name/readOnly"),
            json!(true),
            "POST /v2/rooms | request name: the published document does not have this field",
        ),
        put(
            create("properties/kind/default"),
            json!("hall"),
            "POST /v2/rooms | request kind: default: ours none, published hall",
        ),
        cut(
            create("required/0"),
            "POST /v2/rooms | request name: optional in the published document, required in ours",
        ),
        put(
            create("properties/name/type"),
            json!("boolean"),
            "POST /v2/rooms | request name: type: ours string, published boolean",
        ),
        put(
            create("properties/name/nullable"),
            json!(true),
            "POST /v2/rooms | request name: nullable in the published document, not in ours",
        ),
        put(
            create("properties/name/type"),
            json!(["string", "null"]),
            "POST /v2/rooms | request name: nullable in the published document, not in ours",
        ),
        put(create("properties/kind/enum/-"), json!("garden"), "POST /v2/rooms | request kind: new enum value garden"),
        cut(
            create("properties/kind/enum"),
            "POST /v2/rooms | request kind: open in the published document, a closed enum in ours (hall, office)",
        ),
        put(
            create("properties/entry/oneOf/-"),
            json!({"type": "object", "properties": {"type": {"type": "string", "enum": ["card"]}}}),
            "POST /v2/rooms | request entry: new alternative card",
        ),
        cut(
            create("properties/entry/oneOf/0"),
            "POST /v2/rooms | request entry: the published document does not have the alternative door",
        ),
        put(
            create("properties/size/oneOf/-"),
            json!({"type": "string"}),
            "POST /v2/rooms | request size: type: ours integer or object, published integer or object or string",
        ),
        put(
            at(SCHEMAS, "/DoorEntry/properties/key"),
            json!({"type": "string"}),
            "POST /v2/rooms | request entry<door>.key: new field (string, optional)",
        ),
        put(
            at(SCHEMAS, "/Size/properties/width/type"),
            json!("integer"),
            "POST /v2/rooms | request size.width: type: ours number, published integer",
        ),
        put(
            room("properties/floor"),
            json!({"type": "integer"}),
            "GET /v2/rooms | response data[].floor: new field (integer, optional)",
        ),
        cut(
            room("properties/labels"),
            "GET /v2/rooms | response data[].labels: the published document does not have this field",
        ),
        cut(
            room("required/0"),
            "GET /v2/rooms | response data[].id: optional in the published document, required in ours",
        ),
        put(
            room("properties/id/type"),
            json!("string"),
            "GET /v2/rooms | response data[].id: type: ours integer, published string",
        ),
        cut(
            room("properties/name/nullable"),
            "GET /v2/rooms | response data[].name: not nullable in the published document, but in ours",
        ),
        put(
            room("properties/name/enum"),
            json!(["a", "b"]),
            "GET /v2/rooms | response data[].name: a closed enum in the published document (a, b), open in ours",
        ),
        put(
            room("properties/labels/additionalProperties/type"),
            json!("integer"),
            "GET /v2/rooms | response data[].labels.*: type: ours string, published integer",
        ),
        put(
            room("properties/labels/additionalProperties"),
            json!(false),
            "GET /v2/rooms | response data[].labels.*: type: ours string, published never",
        ),
        put(
            room("properties/name/writeOnly"),
            json!(true),
            "GET /v2/rooms | response data[].name: the published document does not have this field",
        ),
        put(
            room("properties/extra"),
            json!(false),
            "GET /v2/rooms | response data[].extra: type: ours any, published never",
        ),
        put(
            room("properties/id"),
            json!(false),
            "GET /v2/rooms | response data[].id: type: ours integer, published never",
        ),
        put(
            room("properties/labels/additionalProperties"),
            json!(true),
            "GET /v2/rooms | response data[].labels.*: type: ours string, published any",
        ),
        cut(
            "/components/schemas/RoomsAnswer/properties/data/items".to_owned(),
            "GET /v2/rooms | response data[]: type: ours object, published any",
        ),
        cut(at(GET, "/parameters/3/schema"), "GET /v2/rooms | query house: type: ours string, published any"),
        put(
            room("properties/extra/type"),
            json!("object"),
            "GET /v2/rooms | response data[].extra: type: ours any, published object",
        ),
    ]
}

#[test]
fn each_planted_change_is_reported_and_nothing_else() {
    let mut kinds = BTreeSet::new();
    for (place, value, line) in planted() {
        let mut published = small();
        match value {
            Some(value) => set(&mut published, &place, value),
            None => remove(&mut published, &place),
        }
        let report = compared(published, "");
        assert_eq!(lines(&report), [line], "planted at {place}");
        assert!(report.is_drift());
        kinds.extend(report.findings.iter().map(|finding| finding.change.word()));
    }
    let missing: Vec<_> = Change::ALL.iter().map(|change| change.word()).filter(|word| !kinds.contains(word)).collect();
    assert_eq!(missing, ["parameter-renamed"], "kinds of change that no plant shows");
}

#[test]
fn a_parameter_of_the_path_with_another_name_is_the_same_parameter() {
    let mut published = small();
    let mut item = published["paths"]["/v2/rooms/{roomId}"].take();
    remove(&mut published, "/paths/~1v2~1rooms~1{roomId}");
    item["delete"]["parameters"][0]["name"] = json!("id");
    set(&mut published, "/paths/~1v2~1rooms~1{id}", item);
    let line = "DELETE /v2/rooms/{roomId} | path roomId: the published document names this parameter id";
    assert_eq!(lines(&compared(published, "")), [line]);
}
