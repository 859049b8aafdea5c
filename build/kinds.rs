//! Decodes a `oneOf` by the JSON kind of the value. serde's untagged enum buffers the value and tries each variant in turn.
//! With the kind the value is decoded once, and an error names its field.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, File, Ident, Item, ItemEnum, Type, parse_quote, visit_mut::VisitMut};

use super::debug::without_derive;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Object,
    Array,
    Text,
    Integer,
    Number,
    Boolean,
}

pub(super) fn dispatch_on_kind(file: &mut File) {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let named = named_kinds(items);
            name_variants(items);
            let mut implementations = Vec::new();
            for item in items.iter_mut() {
                if let Item::Enum(choice) = item
                    && choice.attrs.iter().any(is_untagged)
                    && let Some(arms) = arms(choice, &named)
                {
                    implementations.push(implementation(choice, &arms));
                    choice.attrs.iter_mut().for_each(|attribute| without_derive(attribute, "Deserialize"));
                }
            }
            items.extend(implementations);
        }
    }
}

/// Renames `Variant0(Booking)` to `Booking(Booking)`.
fn name_variants(items: &mut [Item]) {
    for at in 0..items.len() {
        let Item::Enum(choice) = &mut items[at] else { continue };
        let owner = choice.ident.clone();
        let mut renames = HashMap::new();
        for variant in choice.variants.iter_mut().filter(|variant| variant.ident.to_string().starts_with("Variant")) {
            let Some(Type::Path(path)) = variant.fields.iter().next().map(|field| &field.ty) else { continue };
            let Some(last) = path.path.segments.last().filter(|last| last.arguments.is_empty()) else { continue };
            renames.insert(variant.ident.clone(), last.ident.clone());
        }
        for (variant, name) in renames.iter() {
            choice
                .variants
                .iter_mut()
                .filter(|known| known.ident == *variant)
                .for_each(|known| known.ident = name.clone());
        }
        let mut rename = Rename(renames);
        for item in items.iter_mut() {
            if let Item::Impl(block) = item
                && matches!(&*block.self_ty, Type::Path(path) if path.path.is_ident(&owner))
            {
                rename.visit_item_impl_mut(block);
            }
        }
    }
}

struct Rename(HashMap<Ident, Ident>);

impl VisitMut for Rename {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        if let Some(name) = self.0.get(ident) {
            *ident = name.clone();
        }
    }
}

/// The JSON kind of each generated type that has only one.
fn named_kinds(items: &[Item]) -> HashMap<String, Kind> {
    let mut kinds = HashMap::new();
    for item in items {
        match item {
            Item::Struct(item) if matches!(item.fields, syn::Fields::Named(_)) => {
                kinds.insert(item.ident.to_string(), Kind::Object);
            }
            Item::Struct(item) => {
                if let Some(kind) = item.fields.iter().next().and_then(|field| kind(&field.ty, &HashMap::new())) {
                    kinds.insert(item.ident.to_string(), kind);
                }
            }
            Item::Enum(item) if item.variants.iter().all(|variant| variant.fields.is_empty()) => {
                kinds.insert(item.ident.to_string(), Kind::Text);
            }
            _ => {}
        }
    }
    kinds
}

fn kind(ty: &Type, named: &HashMap<String, Kind>) -> Option<Kind> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match last.ident.to_string().as_str() {
        "Box" => match &last.arguments {
            syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
                syn::GenericArgument::Type(inner) => kind(inner, named),
                _ => None,
            },
            _ => None,
        },
        "Vec" => Some(Kind::Array),
        "BTreeMap" | "Map" => Some(Kind::Object),
        "String" | "Timestamp" => Some(Kind::Text),
        "i64" | "u64" | "i32" | "u32" | "NonZeroU64" | "NonZeroU32" => Some(Kind::Integer),
        "f64" => Some(Kind::Number),
        "bool" => Some(Kind::Boolean),
        name => named.get(name).copied(),
    }
}

/// The variants with their kinds, if no two variants have the same kind.
fn arms<'a>(choice: &'a ItemEnum, named: &HashMap<String, Kind>) -> Option<Vec<(&'a Ident, &'a Type, Kind)>> {
    let mut arms: Vec<(&Ident, &Type, Kind)> = Vec::new();
    for variant in &choice.variants {
        let ty = &variant.fields.iter().next()?.ty;
        let kind = kind(ty, named)?;
        if arms.iter().any(|(_, _, known)| *known == kind) {
            return None;
        }
        arms.push((&variant.ident, ty, kind));
    }
    Some(arms)
}

fn implementation(choice: &ItemEnum, arms: &[(&Ident, &Type, Kind)]) -> Item {
    let name = &choice.ident;
    let expecting = arms.iter().map(|(_, _, kind)| describe(*kind)).collect::<Vec<_>>().join(" or ");
    let methods = arms.iter().map(|(variant, ty, kind)| visitor_method(variant, ty, *kind));
    parse_quote! {
        const _: () = {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                    struct Variants;
                    impl<'de> ::serde::de::Visitor<'de> for Variants {
                        type Value = #name;
                        fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                            f.write_str(#expecting)
                        }
                        #(#methods)*
                    }
                    deserializer.deserialize_any(Variants)
                }
            }
        };
    }
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::Text => "a string",
        Kind::Integer => "a whole number",
        Kind::Number => "a number",
        Kind::Boolean => "a boolean",
    }
}

fn visitor_method(variant: &Ident, ty: &Type, kind: Kind) -> TokenStream {
    let scalar = |method: &str, argument: TokenStream| {
        let method = Ident::new(method, variant.span());
        quote! {
            fn #method<E: ::serde::de::Error>(self, value: #argument) -> ::std::result::Result<Self::Value, E> {
                <#ty as ::serde::Deserialize>::deserialize(::serde::de::IntoDeserializer::into_deserializer(value)).map(Self::Value::#variant)
            }
        }
    };
    match kind {
        Kind::Object => quote! {
            fn visit_map<A: ::serde::de::MapAccess<'de>>(self, map: A) -> ::std::result::Result<Self::Value, A::Error> {
                <#ty as ::serde::Deserialize>::deserialize(::serde::de::value::MapAccessDeserializer::new(map)).map(Self::Value::#variant)
            }
        },
        Kind::Array => quote! {
            fn visit_seq<A: ::serde::de::SeqAccess<'de>>(self, seq: A) -> ::std::result::Result<Self::Value, A::Error> {
                <#ty as ::serde::Deserialize>::deserialize(::serde::de::value::SeqAccessDeserializer::new(seq)).map(Self::Value::#variant)
            }
        },
        Kind::Text => scalar("visit_str", quote!(&str)),
        Kind::Boolean => scalar("visit_bool", quote!(bool)),
        Kind::Integer => [scalar("visit_i64", quote!(i64)), scalar("visit_u64", quote!(u64))].into_iter().collect(),
        Kind::Number => {
            [scalar("visit_i64", quote!(i64)), scalar("visit_u64", quote!(u64)), scalar("visit_f64", quote!(f64))]
                .into_iter()
                .collect()
        }
    }
}

fn is_untagged(attribute: &Attribute) -> bool {
    attribute.path().is_ident("serde") && attribute.to_token_stream().to_string().contains("untagged")
}
