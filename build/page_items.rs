//! Implements the trait of paged operations: the items of a page.

use std::error::Error;

use proc_macro2::Ident;
use quote::format_ident;
use serde_json::Value;
use syn::{Field, File, GenericArgument, ImplItem, Item, PathArguments, ReturnType, Type, parse_quote};

use super::{
    pages::{pages, steps},
    rewrite::is_module,
    setters::generic,
    table::METHODS,
};

/// Implements `Paged` for the marker of each operation that is paged.
pub(super) fn implementations(file: &mut File, document: &Value) -> Result<(), Box<dyn Error>> {
    let mut implementations: Vec<Item> = Vec::new();
    let items = document["paths"].as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    for (method, operation) in items.flatten().filter(|(method, _)| METHODS.contains(&method.as_str())) {
        let Some(id) = operation["operationId"].as_str() else { continue };
        if pages(document, method, operation).is_empty() {
            continue;
        }
        let steps = steps(document, operation).unwrap_or_default();
        implementations.push(implementation(file, id, &steps).ok_or_else(|| format!("{id}: its page has no list"))?);
    }
    file.items.extend(implementations);
    Ok(())
}

fn implementation(file: &File, id: &str, steps: &[String]) -> Option<Item> {
    let (page, marker) = request_types(file, id)?;
    let mut owner = page.clone();
    let mut access: syn::Expr = parse_quote!(page);
    let mut item = None;
    for (depth, step) in steps.iter().enumerate() {
        let field = field(file, &owner, step)?;
        let name = field.ident.as_ref()?;
        let optional = generic(&field.ty, "Option");
        let inner = optional.unwrap_or(&field.ty);
        if depth + 1 == steps.len() {
            item = generic(inner, "Vec").cloned();
            access = match optional {
                Some(_) => parse_quote!(#access.#name.unwrap_or_default()),
                None => parse_quote!(#access.#name),
            };
        } else {
            owner = last_segment(inner)?.clone();
            access = match optional {
                Some(_) => parse_quote!(match #access.#name { Some(inner) => inner, None => return Vec::new() }),
                None => parse_quote!(#access.#name),
            };
        }
    }
    let item = in_types(item?);
    Some(parse_quote! {
        impl crate::raw::Paged for parameters::#marker {
            type Page = types::#page;
            type Item = #item;

            fn items(page: types::#page) -> Vec<#item> {
                #access
            }
        }
    })
}

/// The response type and the marker of the request that a method returns.
fn request_types(file: &File, id: &str) -> Option<(Ident, Ident)> {
    let method = file.items.iter().find_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => block.items.iter().find_map(|item| match item {
            ImplItem::Fn(method) if method.sig.ident == id => Some(method),
            _ => None,
        }),
        _ => None,
    })?;
    let ReturnType::Type(_, request) = &method.sig.output else { return None };
    let Type::Path(request) = &**request else { return None };
    let PathArguments::AngleBracketed(arguments) = &request.path.segments.last()?.arguments else { return None };
    let mut names = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => last_segment(ty).cloned(),
        _ => None,
    });
    names.next().zip(names.next())
}

fn last_segment(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| &segment.ident)
}

/// The field of a type with this name in JSON.
fn field<'f>(file: &'f File, owner: &Ident, name: &str) -> Option<&'f Field> {
    let module = file.items.iter().find(|item| is_module(item, "types"))?;
    let Item::Mod(module) = module else { return None };
    let (_, items) = module.content.as_ref()?;
    let rust_name = format_ident!("{}", snake_case(name));
    items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == *owner => {
            item.fields.iter().find(|field| field.ident.as_ref() == Some(&rust_name))
        }
        _ => None,
    })
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// The type as it is named outside of the module of types: `Booking` is `types::Booking`.
fn in_types(ty: Type) -> Type {
    match &ty {
        Type::Path(path) if path.path.leading_colon.is_none() && path.path.segments.len() == 1 => {
            parse_quote!(types::#ty)
        }
        _ => ty,
    }
}
