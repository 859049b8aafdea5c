//! Open enums: an enum of a schema with `x-open` accepts values that the document does not contain.

use serde_json::Value;
use syn::{File, Item, ItemEnum, ItemImpl, Type, parse_quote};

use super::debug::{json_name, without_derive};

/// Gives each open enum the variant `Other`, infallible conversions from text, and comparison by the sent text.
pub(super) fn rewrite_open_enums(file: &mut File, document: &Value) {
    let schemas = document["components"]["schemas"].as_object();
    let open: Vec<&str> = schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema["x-open"] == true)
        .map(|(name, _)| name.as_str())
        .collect();
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            items.retain(|item| !matches!(item, Item::Impl(block) if is_of(block, &open) && converts_text(block)));
            let made: Vec<Item> = items
                .iter_mut()
                .filter_map(|item| match item {
                    Item::Enum(item) if open.contains(&&*item.ident.to_string()) => Some(rewrite_open_enum(item)),
                    _ => None,
                })
                .flatten()
                .collect();
            items.extend(made);
        }
    }
}

fn is_of(block: &ItemImpl, names: &[&str]) -> bool {
    matches!(&*block.self_ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| names.contains(&&*name.to_string())))
}

fn converts_text(block: &ItemImpl) -> bool {
    let name = block.trait_.as_ref().and_then(|(path, _)| path.segments.last()).map(|last| last.ident.to_string());
    matches!(name.as_deref(), Some("Display" | "FromStr" | "TryFrom"))
}

fn rewrite_open_enum(item: &mut ItemEnum) -> Vec<Item> {
    let known: Vec<_> = item
        .variants
        .iter_mut()
        .map(|variant| {
            let text = json_name(&variant.attrs).unwrap_or_else(|| variant.ident.to_string());
            variant.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
            // The value "other" of a list is not the variant of unknown values.
            if variant.ident == "Other" {
                variant.ident = parse_quote!(OtherValue);
            }
            if text.is_empty() {
                variant.ident = parse_quote!(Empty);
                variant.attrs.push(parse_quote!(#[doc = " The empty text."]));
            }
            (variant.ident.clone(), text)
        })
        .collect();
    let (variants, texts): (Vec<_>, Vec<_>) = known.into_iter().unzip();
    for name in ["Copy", "Debug", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Serialize", "Deserialize"] {
        item.attrs.iter_mut().for_each(|attribute| without_derive(attribute, name));
    }
    item.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    item.variants.push(parse_quote! {
        /// A value that this version of the crate does not know, as it is sent.
        Other(::std::string::String)
    });
    let name = &item.ident;
    let debugged = variants.iter().map(ToString::to_string);
    let block: syn::File = parse_quote! {
        impl #name {
            /// The value as it is sent.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #texts,)*
                    Self::Other(text) => text,
                }
            }

            /// Whether this version of the crate knows the value.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }
        impl ::std::cmp::PartialEq for #name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }
        impl ::std::cmp::Eq for #name {}
        impl ::std::cmp::PartialOrd for #name {
            fn partial_cmp(&self, other: &Self) -> ::std::option::Option<::std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
        impl ::std::cmp::Ord for #name {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }
        impl ::std::hash::Hash for #name {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }
        impl ::std::convert::From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#texts => Self::#variants,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }
        impl ::std::convert::From<::std::string::String> for #name {
            fn from(value: ::std::string::String) -> Self {
                match Self::from(value.as_str()) {
                    Self::Other(_) => Self::Other(value),
                    known => known,
                }
            }
        }
        impl ::std::convert::From<&str> for crate::patch::Patch<#name> {
            fn from(value: &str) -> Self {
                Self::Set(value.into())
            }
        }
        impl ::std::convert::From<::std::string::String> for crate::patch::Patch<#name> {
            fn from(value: ::std::string::String) -> Self {
                Self::Set(value.into())
            }
        }
        impl ::std::str::FromStr for #name {
            type Err = ::std::convert::Infallible;
            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(value))
            }
        }
        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(match self {
                    #(Self::#variants => #debugged,)*
                    Self::Other(text) if crate::reveal::is_revealed() => return f.debug_tuple("Other").field(text).finish(),
                    Self::Other(_) => "Other(***)",
                })
            }
        }
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as ::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    };
    block.items
}
