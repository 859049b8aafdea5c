//! A constructor for every request type with fields that may be left out: `new` takes the fields that may not.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Field, Fields, File, Item, ItemStruct, Type, parse_quote};

pub(super) fn constructors(file: &mut File, requests: &HashSet<String>) {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let made: Vec<Item> = items
                .iter()
                .filter_map(|item| match item {
                    Item::Struct(item) if requests.contains(&item.ident.to_string()) => constructor(item),
                    _ => None,
                })
                .collect();
            items.extend(made);
        }
    }
}

fn constructor(item: &ItemStruct) -> Option<Item> {
    let Fields::Named(fields) = &item.fields else { return None };
    let (mut arguments, mut values) = (Vec::new(), Vec::new());
    for field in &fields.named {
        let (name, ty) = (field.ident.as_ref()?, &field.ty);
        if let Some(value) = left_out(field) {
            values.push(quote!(#name: #value));
        } else {
            arguments.push(quote!(#name: #ty));
            values.push(quote!(#name));
        }
    }
    if arguments.len() == fields.named.len() {
        return None;
    }
    let name = &item.ident;
    Some(parse_quote! {
        impl #name {
            /// With the required fields; the others are left out.
            #[allow(clippy::too_many_arguments)]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
        }
    })
}

/// The value of a field that is left out, if it may be.
fn left_out(field: &Field) -> Option<TokenStream> {
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
