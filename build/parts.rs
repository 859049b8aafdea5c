//! The parts of responses that the documented types read. For a schema with `x-documented` (a list of properties), and for each
//! schema of a response that contains one, there is a second schema with these properties alone: the facade decodes that one, and
//! skips the rest of the JSON.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Literal;
use serde_json::Value;
use syn::{Field, File, Item, Type, parse_quote};

use super::{records, references::references, table::METHODS};

const DOCUMENTED: &str = "x-documented";
/// The type of the crate that a documented property has in the second schema.
const DOCUMENTED_TYPE: &str = "x-documented-type";

/// The names of the schemas that have a second one, each with the name of that.
pub(super) type Parts = BTreeMap<String, String>;

/// Adds the second schemas to the document.
pub(super) fn add_schemas(document: &mut Value) -> Parts {
    let mut parts = Parts::new();
    let reachable = response_schemas(document);
    let schemas = &document["components"]["schemas"];
    loop {
        let next: Vec<&String> = reachable
            .iter()
            .filter(|name| !parts.contains_key(*name))
            .filter(|name| schemas[*name].get(DOCUMENTED).is_some() || refers_to(&schemas[*name], &parts))
            .collect();
        if next.is_empty() {
            break;
        }
        parts.extend(next.into_iter().map(|name| (name.clone(), format!("{name}Parts"))));
    }
    let second: Vec<(String, Value)> =
        parts.iter().map(|(name, second)| (second.clone(), part(&schemas[name], &parts))).collect();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(second);
    }
    parts
}

/// Hides the generated types of the second schemas, and says of each response which type the facade decodes.
pub(super) fn connect(file: &mut File, document: &Value, parts: &Parts) {
    let second: BTreeMap<&String, &String> = parts.iter().map(|(name, second)| (second, name)).collect();
    for item in types(file) {
        let (ident, vis, attributes) = match item {
            Item::Struct(item) => (&item.ident, &mut item.vis, &mut item.attrs),
            Item::Enum(item) => (&item.ident, &mut item.vis, &mut item.attrs),
            _ => continue,
        };
        if let Some(name) = second.get(&ident.to_string()) {
            *vis = parse_quote!(pub(crate));
            attributes.retain(|attribute| !attribute.path().is_ident("doc"));
            let text = format!(" The parts of [`{name}`] that its documented type reads.");
            attributes.push(parse_quote!(#[doc = #text]));
        }
    }
    for item in types(file) {
        if let Item::Struct(item) = item
            && let Some(name) = item.ident.to_string().strip_suffix("Parts")
            && parts.contains_key(name)
        {
            // The largest page has 250 items; a list in an item, such as the attendees of a booking, most often has one entry.
            let capacity = Literal::usize_unsuffixed(if name.ends_with("Response") { 250 } else { 1 });
            for field in item.fields.iter_mut().filter(|field| is_required_list(field)) {
                field.attrs.push(records::read_with(&parse_quote!(list::<#capacity, _, _>)));
            }
        }
    }
    for (name, second) in parts {
        for (property, schema) in
            document["components"]["schemas"][name]["properties"].as_object().into_iter().flatten()
        {
            if let Some(model) = schema[DOCUMENTED_TYPE].as_str() {
                set_type(file, second, property, model);
            }
        }
    }
    let responses = responses(document).filter_map(|schema| schema["$ref"].as_str()?.rsplit('/').next());
    for name in responses.collect::<BTreeSet<_>>() {
        let decoded = parts.get(name).map_or(name, String::as_str);
        let (name, decoded) = (quote::format_ident!("{name}"), quote::format_ident!("{decoded}"));
        file.items.push(parse_quote! {
            impl crate::generated::Decoded for types::#name {
                type Parts = types::#decoded;
            }
        });
    }
}

fn set_type(file: &mut File, owner: &str, property: &str, model: &str) {
    let Ok(model) = syn::parse_str::<syn::Path>(model) else { return };
    for item in types(file) {
        if let Item::Struct(item) = item
            && item.ident == owner
        {
            let named = |field: &&mut Field| field.ident.as_ref().is_some_and(|ident| ident == property);
            item.fields.iter_mut().filter(named).for_each(|field| field.ty = parse_quote!(crate::#model));
        }
    }
}

fn types(file: &mut File) -> impl Iterator<Item = &mut Item> {
    file.items
        .iter_mut()
        .filter_map(|item| match item {
            Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
            _ => None,
        })
        .flatten()
}

fn is_required_list(field: &Field) -> bool {
    let is_list =
        matches!(&field.ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec"));
    let has_serde = field.attrs.iter().any(|attribute| attribute.path().is_ident("serde"));
    is_list && !has_serde && field.ident.is_some()
}

/// The schemas of the bodies of all successful responses.
fn responses(document: &Value) -> impl Iterator<Item = &Value> {
    let items = document["paths"].as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    let operations = items.flatten().filter(|(method, _)| METHODS.contains(&method.as_str())).map(|(_, body)| body);
    let responses = operations.flat_map(|operation| operation["responses"].as_object().into_iter().flatten());
    responses.map(|(_, response)| &response["content"]["application/json"]["schema"])
}

fn response_schemas(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    responses(document).for_each(|schema| references(schema, document, &mut names));
    names
}

fn refers_to(node: &Value, parts: &Parts) -> bool {
    match node {
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(target) => target.rsplit('/').next().is_some_and(|name| parts.contains_key(name)),
            None => fields.values().any(|field| refers_to(field, parts)),
        },
        Value::Array(items) => items.iter().any(|item| refers_to(item, parts)),
        _ => false,
    }
}

/// The schema with its documented properties alone, of which each refers to the second schemas.
fn part(schema: &Value, parts: &Parts) -> Value {
    let mut schema = schema.clone();
    let documented: Option<BTreeSet<String>> =
        schema[DOCUMENTED].as_array().map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    if let Some(documented) = documented {
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.retain(|name, _| documented.contains(name));
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_some_and(|name| documented.contains(name)));
        }
    }
    redirect(&mut schema, parts);
    schema
}

fn redirect(node: &mut Value, parts: &Parts) {
    match node {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get_mut("$ref")
                && let Some((path, name)) = target.rsplit_once('/')
                && let Some(second) = parts.get(name)
            {
                *target = format!("{path}/{second}");
            }
            fields.values_mut().for_each(|field| redirect(field, parts));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, parts)),
        _ => {}
    }
}
