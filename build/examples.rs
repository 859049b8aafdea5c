//! An example for each body: its constructor with a value for each required field, if all values are known. Values of texts are
//! the `example` of their property.

use std::collections::{BTreeMap, HashSet};

use quote::ToTokens;
use serde_json::Value;
use syn::{Attribute, Field, Fields, File, Item, ItemEnum, ItemStruct, Type, parse_quote};

use super::{
    constructors::{key, required_fields},
    debug::json_name,
    setters::generic,
};

/// How deep values are nested in an example.
const DEPTH: usize = 4;

/// Adds an example to the documentation of the types in `bodies` that have required fields.
///
/// # Errors
///
/// If the example is no Rust.
pub(super) fn examples(
    file: &mut File,
    bodies: &HashSet<&str>,
    requests: &HashSet<String>,
    schemas: &Value,
) -> syn::Result<()> {
    let types = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    let Some((_, items)) = types else { return Ok(()) };
    let known = Known { types: items.iter().filter_map(named).collect(), requests, schemas };
    let made: BTreeMap<String, String> = bodies
        .iter()
        .filter(|name| !schemas[**name]["required"].is_null())
        .filter_map(|name| Some(((*name).to_owned(), known.named(known.types.get(*name)?, &Value::Null, DEPTH)?)))
        .collect();
    for item in items {
        if let Item::Struct(item) = item
            && let Some(code) = made.get(&item.ident.to_string())
        {
            item.attrs.extend(block(code)?);
        }
    }
    Ok(())
}

fn named(item: &Item) -> Option<(String, &Item)> {
    match item {
        Item::Struct(ItemStruct { ident, .. }) | Item::Enum(ItemEnum { ident, .. }) => Some((ident.to_string(), item)),
        _ => None,
    }
}

fn block(code: &str) -> syn::Result<Vec<Attribute>> {
    let file: File = syn::parse_str(&format!("fn main() {{ let body = {code}; }}"))?;
    let text = prettyplease::unparse(&file);
    let inner: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let (head, tail): (&[&str], &[&str]) = match code.contains('?') {
        true => (&["# fn main() -> Result<(), Box<dyn std::error::Error>> {"], &["# Ok(()) }"]),
        false => (&[], &[]),
    };
    let lines = [&["", "```", "use calcom::raw::types;", ""], head, &inner, tail, &["```"]].concat();
    Ok(lines.into_iter().map(|line| parse_quote!(#[doc = #line])).collect())
}

struct Known<'a> {
    types: BTreeMap<String, &'a Item>,
    /// The names of the schemas whose types have a constructor.
    requests: &'a HashSet<String>,
    schemas: &'a Value,
}

impl Known<'_> {
    fn named(&self, item: &Item, example: &Value, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match item {
            Item::Struct(item) if self.requests.contains(&item.ident.to_string()) => self.constructed(item, depth),
            Item::Enum(item) => self.variant(item, example, depth),
            _ => None,
        }
    }

    fn constructed(&self, item: &ItemStruct, depth: usize) -> Option<String> {
        let name = item.ident.to_string();
        let schema = &self.schemas[&name];
        let Fields::Named(fields) = &item.fields else { return None };
        let required = required_fields(fields, &schema["required"]);
        if required.is_empty() {
            return None;
        }
        let values: Option<Vec<String>> = required
            .into_iter()
            .map(|field: &Field| self.value(&field.ty, &schema["properties"][key(field)], depth))
            .collect();
        Some(format!("types::{name}::new({})", values?.join(", ")))
    }

    /// The variant that `example` names, else the first one.
    fn variant(&self, item: &ItemEnum, example: &Value, depth: usize) -> Option<String> {
        let named = item.variants.iter().find(|variant| json_name(&variant.attrs).is_some_and(|name| *example == name));
        let variant = named.or_else(|| item.variants.first())?;
        let name = format!("types::{}::{}", item.ident, variant.ident);
        match &variant.fields {
            Fields::Unit => Some(name),
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                Some(format!("{name}({})", self.value(&fields.unnamed.first()?.ty, &Value::Null, depth)?))
            }
            _ => None,
        }
    }

    fn value(&self, ty: &Type, property: &Value, depth: usize) -> Option<String> {
        let example = &property["example"];
        let words = ty.to_token_stream().to_string().replace(' ', "");
        let text = || example.as_str().map(|text| format!("{text:?}"));
        let number = || example.as_u64().unwrap_or(1);
        match words.as_str() {
            "::std::string::String" => text(),
            "bool" => Some("true".to_owned()),
            "i64" | "u64" => Some(number().to_string()),
            "::std::num::NonZeroU64" => Some(format!("{}u64.try_into()?", number())),
            "::jiff::Timestamp" => Some(format!("{}.parse()?", text()?)),
            _ => match generic(ty, "Vec") {
                Some(item) => {
                    let item_schema = match example {
                        Value::Null => property["items"].clone(),
                        example => serde_json::json!({"example": example[0]}),
                    };
                    Some(format!("[{}]", self.value(item, &item_schema, depth)?))
                }
                None => self.named(self.types.get(&words)?, example, depth),
            },
        }
    }
}
