//! Fields with three states: a property in `x-clears` of its schema can be left out, cleared with `null`, or set.

use quote::ToTokens;
use serde_json::Value;
use syn::{Field, Fields, File, Item, parse_quote};

use super::{debug::json_name, setters::generic};

/// Replaces progenitor's `Option<T>` by `Patch<T>` for such a property.
///
/// # Errors
///
/// If the schema or the property does not exist, or if the property is required.
pub(super) fn rewrite_cleared_fields(file: &mut File, document: &Value) -> Result<(), String> {
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        for property in schema["x-clears"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let field = field(file, name, property).ok_or_else(|| format!("{name}: x-clears: no field {property}"))?;
            if !field
                .attrs
                .iter()
                .any(|attribute| attribute.to_token_stream().to_string().contains("skip_serializing_if"))
            {
                return Err(format!("{name}: x-clears: {property} is required"));
            }
            // A map is not an `Option`: if it is left out, it is empty.
            let value = generic(&field.ty, "Option").unwrap_or(&field.ty).clone();
            field.ty = parse_quote!(crate::patch::Patch<#value>);
            for attribute in field.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("serde")) {
                *attribute = match json_name(std::slice::from_ref(attribute)) {
                    Some(name) => parse_quote!(
                        #[serde(rename = #name, default, skip_serializing_if = "crate::patch::Patch::is_keep")]
                    ),
                    None => parse_quote!(#[serde(default, skip_serializing_if = "crate::patch::Patch::is_keep")]),
                };
            }
        }
    }
    Ok(())
}

fn field<'f>(file: &'f mut File, name: &str, property: &str) -> Option<&'f mut Field> {
    let module = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    })?;
    let item = module.1.iter_mut().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    })?;
    let Fields::Named(fields) = &mut item.fields else { return None };
    fields.named.iter_mut().find(|field| {
        let ident = field.ident.as_ref().map(|ident| ident.to_token_stream().to_string());
        json_name(&field.attrs).or(ident).as_deref() == Some(property)
    })
}
