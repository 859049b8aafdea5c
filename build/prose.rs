//! The documentation of the types: the operations that each is the body or the response of, and what each field is.

use std::collections::{BTreeMap, HashSet};

use quote::ToTokens;
use serde_json::Value;
use syn::{Attribute, Field, Fields, File, Ident, Item, parse_quote};

use super::{constructors::key, setters::generic, table::METHODS};

/// How many operations a type names.
const NAMED: usize = 4;

/// The operations of `document` that a schema is the body and the response of.
#[derive(Default)]
struct Uses<'d> {
    bodies: Vec<&'d str>,
    responses: Vec<&'d str>,
}

/// Adds to each type what it is the body and the response of, and gives each field without a text the one of `document`.
pub(super) fn document_types(file: &mut File, document: &Value) {
    let uses = uses(document);
    let schemas = &document["components"]["schemas"];
    let mut inline = BTreeMap::new();
    let types = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    let Some((_, items)) = types else { return };
    for item in items.iter_mut() {
        let (name, attributes) = match item {
            Item::Struct(item) => (item.ident.to_string(), &mut item.attrs),
            Item::Enum(item) => (item.ident.to_string(), &mut item.attrs),
            Item::Type(item) => (item.ident.to_string(), &mut item.attrs),
            _ => continue,
        };
        let schema = &schemas[&name];
        if let Some(uses) = uses.get(name.as_str()) {
            add_uses(attributes, uses, schema["description"].is_string());
        }
        if let Item::Struct(item) = item
            && let Fields::Named(fields) = &mut item.fields
        {
            for field in &mut fields.named {
                let key = key(field);
                document_field(field, &schema["properties"][&key], schemas);
                let ty = generic(&field.ty, "Option").unwrap_or(&field.ty).to_token_stream().to_string();
                inline.insert(ty, format!(" The `{key}` of [`{name}`]."));
            }
        }
    }
    for item in items {
        // progenitor names the type of a property that is no schema, and writes nothing but the name about it.
        if let Item::Enum(item) = item
            && schemas.get(item.ident.to_string()).is_none()
            && item.attrs.iter().any(|attribute| *attribute == only_name(&item.ident))
            && let Some(text) = inline.get(&item.ident.to_string())
        {
            item.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
            item.attrs.push(parse_quote!(#[doc = #text]));
        }
    }
}

/// What progenitor writes about a type without a description.
fn only_name(name: &Ident) -> Attribute {
    let text = format!("`{name}`");
    parse_quote!(#[doc = #text])
}

/// The uses of each schema, those of the shortest routes first.
fn uses(document: &Value) -> BTreeMap<&str, Uses<'_>> {
    let mut paths: Vec<_> = document["paths"].as_object().into_iter().flatten().collect();
    paths.sort_by_key(|(path, _)| path.matches('/').count());
    let operations = paths.into_iter().flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let mut uses: BTreeMap<&str, Uses<'_>> = BTreeMap::new();
    for (_, operation) in operations.filter(|(method, _)| METHODS.contains(&method.as_str())) {
        let Some(id) = operation["operationId"].as_str() else { continue };
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        for schema in [body, &operation["x-calcom"]["hosted"]["body"]].into_iter().filter_map(name) {
            uses.entry(schema).or_default().bodies.push(id);
        }
        for (_, response) in operation["responses"].as_object().into_iter().flatten() {
            if let Some(schema) = name(&response["content"]["application/json"]["schema"]) {
                uses.entry(schema).or_default().responses.push(id);
            }
        }
    }
    uses
}

/// The schemas that are bodies.
pub(super) fn bodies(document: &Value) -> HashSet<&str> {
    uses(document).into_iter().filter(|(_, uses)| !uses.bodies.is_empty()).map(|(name, _)| name).collect()
}

/// The name of the schema that is referred to.
fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn add_uses(attributes: &mut Vec<Attribute>, uses: &Uses<'_>, is_described: bool) {
    let lines = [("body", &uses.bodies), ("response", &uses.responses)].into_iter().filter(|(_, ids)| !ids.is_empty());
    if !is_described {
        // progenitor writes the name instead.
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    }
    for (what, ids) in lines {
        let text = format!(" The {what} of {}.", links(ids));
        if attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
            attributes.push(parse_quote!(#[doc = ""]));
        }
        attributes.push(parse_quote!(#[doc = #text]));
    }
}

/// The first of the operations as links, and how many there are more.
fn links(ids: &[&str]) -> String {
    let links: Vec<_> = ids.iter().map(|id| format!("[`{id}`](crate::raw::RawClient::{id})")).collect();
    match links.as_slice() {
        [] => String::new(),
        [link] => link.clone(),
        [first @ .., last] if links.len() <= NAMED => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", links[..NAMED].join(", "), links.len() - NAMED),
    }
}

/// Gives a field the text of its property, if it has none, and says which fields can be cleared.
fn document_field(field: &mut Field, property: &Value, schemas: &Value) {
    let mut lines = Vec::new();
    if !field.attrs.iter().any(|attribute| attribute.path().is_ident("doc")) {
        lines.extend(text(property, schemas));
    }
    if generic(&field.ty, "Patch").is_some() {
        lines.push("[`Clear`](crate::Patch::Clear) clears it.".to_owned());
    }
    field.attrs.extend(lines.into_iter().map(|line| -> Attribute {
        let line = format!(" {line}");
        parse_quote!(#[doc = #line])
    }));
}

/// The description of a property. A reference without one has the first sentence of its schema, and a text with one value
/// that value.
fn text(property: &Value, schemas: &Value) -> Option<String> {
    if let Some(text) = property["description"].as_str() {
        return Some(text.to_owned());
    }
    if let Some([value]) = property["enum"].as_array().map(Vec::as_slice) {
        return Some(format!("Always `{}`.", value.as_str()?));
    }
    let text = schemas[name(property)?]["description"].as_str()?;
    Some(text.split_once(". ").map_or_else(|| text.to_owned(), |(first, _)| format!("{first}.")))
}
