//! `Debug` of generated types. They contain personal data, and booking uids, which are enough to cancel a booking. So `Debug`
//! shows numbers, flags and instants, and only the texts of the fields that `fields` lists. A program can reveal the other
//! texts, and never the secrets.

use quote::{ToTokens, quote};
use syn::{Attribute, Fields, File, Item, Meta, Token, Type, parse_quote, punctuated::Punctuated};

use super::fields::SAFE_TEXT_FIELDS;

pub(super) fn redact(file: &mut File) {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let implementations: Vec<Item> = items.iter_mut().filter_map(implementation).collect();
            items.extend(implementations);
        }
    }
}

fn implementation(item: &mut Item) -> Option<Item> {
    match item {
        Item::Struct(item) => {
            item.attrs.iter_mut().for_each(|attribute| without_derive(attribute, "Debug"));
            let name = &item.ident;
            let text = name.to_string();
            let fields: Vec<_> = match &item.fields {
                Fields::Named(fields) => fields
                    .named
                    .iter()
                    .filter_map(|field| {
                        let ident = field.ident.as_ref()?;
                        let label = json_name(&field.attrs).unwrap_or_else(|| ident.to_string());
                        Some(if is_secret(&label) {
                            quote!(.field(#label, &crate::redact::Redacted))
                        } else if holds_text(&field.ty) && !SAFE_TEXT_FIELDS.contains(&label.as_str()) {
                            quote!(.field(#label, &crate::reveal::HiddenField(#label, &self.#ident)))
                        } else {
                            quote!(.field(#label, &self.#ident))
                        })
                    })
                    .collect(),
                _ => {
                    return Some(parse_quote! {
                        impl ::std::fmt::Debug for #name {
                            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                                f.debug_tuple(#text).field(&crate::reveal::HiddenJson(&self.0)).finish()
                            }
                        }
                    });
                }
            };
            Some(parse_quote! {
                impl ::std::fmt::Debug for #name {
                    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.debug_struct(#text)#(#fields)*.finish()
                    }
                }
            })
        }
        Item::Enum(item)
            if item.variants.iter().any(|variant| variant.fields.iter().any(|field| holds_text(&field.ty))) =>
        {
            item.attrs.iter_mut().for_each(|attribute| without_derive(attribute, "Debug"));
            let name = &item.ident;
            let text = name.to_string();
            Some(parse_quote! {
                impl ::std::fmt::Debug for #name {
                    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.debug_tuple(#text).field(&crate::reveal::HiddenJson(self)).finish()
                    }
                }
            })
        }
        _ => None,
    }
}

/// Whether a field holds a secret, which is never revealed.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "token", "password", "apikey", "api_key"].iter().any(|end| name.ends_with(end))
}

fn holds_text(ty: &Type) -> bool {
    let code = ty.to_token_stream().to_string();
    code.contains("String") || code.contains("serde_json")
}

pub(super) fn json_name(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).find_map(|attribute| {
        let code = attribute.to_token_stream().to_string();
        let (_, rest) = code.split_once("rename = \"")?;
        rest.split_once('"').map(|(name, _)| name.to_owned())
    })
}

/// Removes one trait from a `derive`.
pub(super) fn without_derive(attribute: &mut Attribute, name: &str) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    if let Ok(paths) = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
        let kept: Vec<_> = paths
            .into_iter()
            .filter(|path| path.path().segments.last().is_none_or(|last| last.ident != name))
            .collect();
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
}
