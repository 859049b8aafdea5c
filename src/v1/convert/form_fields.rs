//! The fields of the booking form of an event type.

use serde_json::{Map, Value, json};

use super::table::ConversionOutput;
use crate::v1::{LossReason, schema::JsonObject};

/// The properties of a form field that have the same name in both versions.
const SHARED_FORM_FIELDS: [&str; 6] = ["type", "label", "placeholder", "required", "hidden", "disableOnPrefill"];
/// The default fields of a form that V2 identifies by slug in requests.
const EDITABLE_DEFAULT_FIELDS: [&str; 5] = ["title", "notes", "guests", "rescheduleReason", "location"];

pub(super) fn fields_to_v2(value: &Value, out: &mut ConversionOutput) -> Option<Value> {
    let items = value.as_array()?.iter().filter_map(Value::as_object);
    Some(items.map(|item| Value::Object(form_field_to_v2(item, out))).collect())
}

fn form_field_to_v2(item: &JsonObject, out: &mut ConversionOutput) -> JsonObject {
    let mut json = Map::new();
    for name in SHARED_FORM_FIELDS {
        if let Some(value) = item.get(name).filter(|value| !value.is_null()) {
            json.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(slug) = item.get("name") {
        json.insert("slug".to_owned(), slug.clone());
    }
    let slug = item.get("name").and_then(Value::as_str).unwrap_or_default();
    let editable = item.get("editable").and_then(Value::as_str);
    let is_default = editable.is_some_and(|editable| editable.starts_with("system"));
    match editable {
        Some("system" | "user") | None => {}
        Some(_) => out.report_loss(
            "bookingFields[].editable",
            LossReason::NotExpressible("V2 returns the form's own fields and others"),
        ),
    }
    if out.is_request() {
        // V2 identifies a default field by its slug, or else by its type.
        if is_default && EDITABLE_DEFAULT_FIELDS.contains(&slug) {
            json.remove("type");
        }
    } else if editable.is_some() {
        json.insert("isDefault".to_owned(), is_default.into());
    }
    if let Some(Value::Array(options)) = item.get("options") {
        let values: Vec<Value> = options.iter().map(|option| option.get("value").unwrap_or(option).clone()).collect();
        if options.iter().any(|option| option.get("label") != option.get("value")) {
            out.report_loss(
                "bookingFields[].options[].label",
                LossReason::Dropped("V2's options are their own labels"),
            );
        }
        json.insert("options".to_owned(), values.into());
    }
    let known = [SHARED_FORM_FIELDS.as_slice(), &["name", "editable", "options"]].concat();
    out.report_unmapped("bookingFields[].", item, &known, "V2 has nothing like it");
    json
}

pub(super) fn fields_to_v1(value: &Value, out: &mut ConversionOutput) -> Option<Value> {
    let items = value.as_array()?.iter().filter_map(Value::as_object);
    Some(items.map(|item| Value::Object(form_field_to_v1(item, out))).collect())
}

fn form_field_to_v1(item: &JsonObject, out: &mut ConversionOutput) -> JsonObject {
    let mut json = Map::new();
    for name in SHARED_FORM_FIELDS {
        if let Some(value) = item.get(name).filter(|value| !value.is_null()) {
            json.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(slug) = item.get("slug") {
        json.insert("name".to_owned(), slug.clone());
    }
    if let Some(Value::Bool(is_default)) = item.get("isDefault") {
        json.insert("editable".to_owned(), if *is_default { "system" } else { "user" }.into());
    }
    if let Some(Value::Array(options)) = item.get("options") {
        let options: Vec<Value> = options.iter().map(|value| json!({"label": value, "value": value})).collect();
        json.insert("options".to_owned(), options.into());
    }
    let known = [SHARED_FORM_FIELDS.as_slice(), &["slug", "isDefault", "options"]].concat();
    out.report_unmapped("bookingFields[].", item, &known, "V1 has nothing like it");
    json
}
