mod arms;
mod bounds;
mod credentials;
mod faults;
mod forms;
mod planted;
mod reports;

use serde_json::{Value, json};

use super::{Extent, deviations::Deviations, document::Document, drift, report::DriftReport};

/// A small document with everything that is compared.
fn small() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Rooms", "version": "1"},
        "security": [{"bearer": []}],
        "paths": {
            "/v2/rooms": {
                "get": {
                    "parameters": [
                        {"name": "cal-api-version", "in": "header", "required": true,
                            "schema": {"type": "string", "default": "2024-01-01"}},
                        {"name": "take", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 250}},
                        {"name": "order", "in": "query", "schema": {"$ref": "#/components/schemas/Order"}},
                        {"name": "house", "in": "query", "required": true, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": {"description": "", "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/RoomsAnswer"}}}}}
                },
                "post": {
                    "requestBody": {"required": true, "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/CreateRoom"}}}},
                    "responses": {"201": {"description": "", "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/CreatedAnswer"}}}}}
                }
            },
            "/v2/rooms/{roomId}": {
                "delete": {
                    "security": [{}, {"bearer": []}],
                    "parameters": [{"name": "roomId", "in": "path", "required": true, "schema": {"type": "integer"}}],
                    "responses": {"204": {"description": ""}}
                }
            }
        },
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}, "schemas": {
            "Order": {"type": "string", "enum": ["asc", "desc"]},
            "RoomsAnswer": {"type": "object", "required": ["data"], "properties": {
                "status": {"type": "string"},
                "data": {"type": "array", "items": {"$ref": "#/components/schemas/Room"}}}},
            "Room": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "integer"},
                "name": {"type": "string", "nullable": true},
                "inside": {"$ref": "#/components/schemas/Room"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "extra": {}}},
            "CreateRoom": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"},
                "seats": {"type": "integer", "minimum": 1},
                "kind": {"type": "string", "enum": ["office", "hall"]},
                "entry": {"oneOf": [{"$ref": "#/components/schemas/DoorEntry"},
                    {"$ref": "#/components/schemas/CodeEntry"}]},
                "size": {"oneOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Size"}]}}},
            "DoorEntry": {"type": "object", "required": ["type"], "properties": {
                "type": {"type": "string", "enum": ["door"]}, "floor": {"type": "integer"}}},
            "CodeEntry": {"type": "object", "required": ["type", "code"], "properties": {
                "type": {"type": "string", "enum": ["code"]}, "code": {"type": "string"}}},
            "Size": {"type": "object", "properties": {"width": {"type": "number"}}},
            "CreatedAnswer": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
        }}
    })
}

/// Compares `published` with the small document, with the deviations in `markdown`.
fn compared(published: Value, markdown: &str) -> DriftReport {
    compared_to(published, markdown, Extent::Whole)
}

fn compared_to(published: Value, markdown: &str, extent: Extent) -> DriftReport {
    let (ours, theirs) = (Document::new("ours.json", small()), Document::new("published.json", published));
    let deviations = Deviations::parse("DEVIATIONS.md", markdown).unwrap();
    drift(&ours, &theirs, deviations, "hosted", extent).unwrap()
}

/// The findings of a comparison with another document than the small one.
fn lines_of(ours: Value, published: Value) -> Vec<String> {
    let (ours, theirs) = (Document::new("ours.json", ours), Document::new("published.json", published));
    let comparison = super::compare::compare(&ours, &theirs).unwrap();
    comparison.findings.iter().map(|finding| format!("{} | {finding}", finding.operation)).collect()
}

/// The findings, one line each.
fn lines(report: &DriftReport) -> Vec<String> {
    report.findings.iter().map(|finding| format!("{} | {finding}", finding.operation)).collect()
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.insert(key, value)),
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer} is in {other}"),
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(&key.replace("~1", "/")).unwrap()),
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        other => panic!("{pointer} is in {other}"),
    }
}
