//! A constructor for every request type: `new` takes the required fields, and each of the others has a setter.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::{
    Field, Fields, FieldsNamed, File, GenericArgument, ImplItemFn, Item, ItemStruct, PathArguments, Type, parse_quote,
};

use super::{debug::json_name, setters::generic};

/// The required fields are in the order in which `schemas` names them.
pub(super) fn constructors(file: &mut File, requests: &HashSet<String>, schemas: &Value) {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let made: Vec<Item> = items
                .iter()
                .filter_map(|item| match item {
                    Item::Struct(item) if requests.contains(&item.ident.to_string()) => {
                        constructor(item, &schemas[item.ident.to_string()]["required"])
                    }
                    _ => None,
                })
                .collect();
            items.extend(made);
        }
    }
}

fn constructor(item: &ItemStruct, required: &Value) -> Option<Item> {
    let Fields::Named(fields) = &item.fields else { return None };
    let (mut values, mut setters) = (Vec::new(), Vec::new());
    for field in &fields.named {
        if let Some(value) = default_expr(field) {
            let name = field.ident.as_ref()?;
            values.push(quote!(#name: #value));
            setters.push(setter(field)?);
        }
    }
    let mut arguments = Vec::new();
    for field in required_fields(fields, required) {
        let (name, ty) = (field.ident.as_ref()?, &field.ty);
        let (ty, value) = match (ty.to_token_stream().to_string().replace(' ', "").as_str(), generic(ty, "Vec")) {
            ("::std::string::String", _) => (quote!(impl Into<#ty>), quote!(#name.into())),
            (_, Some(item)) => (
                quote!(impl IntoIterator<Item = impl Into<#item>>),
                quote!(#name.into_iter().map(Into::into).collect()),
            ),
            _ => (quote!(#ty), quote!(#name)),
        };
        arguments.push(quote!(#name: #ty));
        values.push(quote!(#name: #value));
    }
    let text = match arguments.is_empty() {
        true => " Without a field: each is left out until it is set.",
        false => " With the required fields; the others are left out until they are set.",
    };
    let name = &item.ident;
    Some(parse_quote! {
        impl #name {
            #[doc = #text]
            #[allow(clippy::too_many_arguments)]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
            #(#setters)*
        }
    })
}

/// The fields without a default, in the order in which `required` names them.
pub(super) fn required_fields<'f>(fields: &'f FieldsNamed, required: &Value) -> Vec<&'f Field> {
    let position = |field: &&Field| {
        let name = key(field);
        required.as_array().into_iter().flatten().position(|known| *known == *name).unwrap_or(usize::MAX)
    };
    let mut found: Vec<&Field> = fields.named.iter().filter(|field| default_expr(field).is_none()).collect();
    found.sort_by_key(position);
    found
}

/// The JSON name of a field.
pub(super) fn key(field: &Field) -> String {
    json_name(&field.attrs).or_else(|| field.ident.as_ref().map(ToString::to_string)).unwrap_or_default()
}

/// The setter of an optional field.
fn setter(field: &Field) -> Option<ImplItemFn> {
    let name = field.ident.as_ref()?;
    let text = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let method = if name == "new" { format_ident!("new_field") } else { name.clone() };
    let optional = generic(&field.ty, "Option");
    let inner = optional.unwrap_or(&field.ty);
    let (ty, value) = match inner.to_token_stream().to_string().replace(' ', "").as_str() {
        _ if generic(inner, "Patch").is_some() => (quote!(impl Into<#inner>), quote!(value.into())),
        "bool" | "i64" | "u64" | "f64" | "::std::num::NonZeroU64" => (quote!(#inner), quote!(value)),
        map if map.starts_with("::std::collections::BTreeMap<") => {
            let item = pair(inner)?;
            (
                quote!(impl IntoIterator<Item = (impl Into<::std::string::String>, impl Into<#item>)>),
                quote!(value.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
            )
        }
        map if map.starts_with("::serde_json::Map<") => (
            quote!(impl IntoIterator<Item = (impl Into<::std::string::String>, impl Into<::serde_json::Value>)>),
            quote!(value.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
        ),
        _ => match generic(inner, "Vec") {
            Some(item) => (
                quote!(impl IntoIterator<Item = impl Into<#item>>),
                quote!(value.into_iter().map(Into::into).collect()),
            ),
            None => (quote!(impl Into<#inner>), quote!(value.into())),
        },
    };
    let value = if optional.is_some() { quote!(::std::option::Option::Some(#value)) } else { value };
    Some(parse_quote! {
        #(#text)*
        #[must_use]
        pub fn #method(mut self, value: #ty) -> Self {
            self.#name = #value;
            self
        }
    })
}

/// The key and value types of a map.
fn pair(map: &Type) -> Option<&Type> {
    let Type::Path(path) = map else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.iter().nth(1)? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The default of an optional field. `None` if the field is required.
fn default_expr(field: &Field) -> Option<TokenStream> {
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let code = attribute.to_token_stream().to_string();
        if let Some((_, rest)) = code.split_once("default = \"") {
            let path: syn::Path = rest.split_once('"').and_then(|(path, _)| syn::parse_str(path).ok())?;
            return Some(quote!(#path()));
        }
        if code.contains("(default") || code.contains(", default") {
            return Some(quote!(::std::default::Default::default()));
        }
    }
    let optional =
        matches!(&field.ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"));
    optional.then(|| quote!(::std::default::Default::default()))
}
