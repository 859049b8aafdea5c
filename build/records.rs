//! Decoding and encoding of generated structs. serde's derive writes four functions for an object that is only ever read from
//! JSON, and compiling them was two thirds of what the generated types cost. Here a struct has the numbers of its fields and one
//! function that reads them by number; what all structs have in common is in `crate::generated::record`.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Error, Field, Fields, File, Ident, Item, ItemStruct, LitStr, Path, PathSegment, Result, parse_quote,
};

use super::debug::without_derive;

const READ_WITH: &str = "read_with";

/// Marks a field as read by another function of `crate::generated::record` than `value`.
pub(super) fn read_with(function: &PathSegment) -> Attribute {
    let name = format_ident!("{READ_WITH}");
    parse_quote!(#[#name(#function)])
}

/// Replaces the derives of serde of all structs with named fields.
///
/// # Errors
///
/// If a field has an attribute of serde that is not known here.
pub(super) fn implement(file: &mut File) -> Result<()> {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let mut implementations = Vec::new();
            for item in items.iter_mut() {
                if let Item::Struct(item) = item
                    && matches!(item.fields, Fields::Named(_))
                    && derives(item)
                {
                    implementations.extend(implementation(item)?);
                }
            }
            items.extend(implementations);
        }
    }
    Ok(())
}

fn derives(item: &ItemStruct) -> bool {
    item.attrs.iter().any(|attribute| {
        attribute.path().is_ident("derive") && attribute.to_token_stream().to_string().contains("Deserialize")
    })
}

struct Member {
    ident: Ident,
    /// The name in JSON.
    name: String,
    /// Without it the field has its default.
    is_optional: bool,
    /// Holds what no other field does.
    is_rest: bool,
    /// Whether it is left out of what is written.
    skip: Option<Path>,
    /// How it is read.
    read: TokenStream,
}

fn implementation(item: &mut ItemStruct) -> Result<[Item; 3]> {
    for attribute in &mut item.attrs {
        without_derive(attribute, "Deserialize");
        without_derive(attribute, "Serialize");
    }
    let members = item.fields.iter_mut().map(member).collect::<Result<Vec<_>>>()?;
    let owner = &item.ident;
    Ok([record(owner, &members), deserialize(owner), serialize(owner, &members)])
}

/// Takes the attributes of a field that say how it is read and written.
fn member(field: &mut Field) -> Result<Member> {
    let ident = field.ident.clone().ok_or_else(|| Error::new_spanned(&field.ty, "a field without a name"))?;
    let is_option = matches!(&field.ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"));
    let mut member = Member {
        name: ident.to_string().trim_start_matches("r#").to_owned(),
        ident,
        is_optional: is_option,
        is_rest: false,
        skip: None,
        read: quote!(value),
    };
    let (own, others): (Vec<Attribute>, Vec<Attribute>) = std::mem::take(&mut field.attrs)
        .into_iter()
        .partition(|attribute| attribute.path().is_ident("serde") || attribute.path().is_ident(READ_WITH));
    field.attrs = others;
    for attribute in own {
        if attribute.path().is_ident(READ_WITH) {
            member.read = attribute.parse_args()?;
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                member.name = meta.value()?.parse::<LitStr>()?.value();
            } else if meta.path.is_ident("default") && !meta.input.peek(syn::Token![=]) {
                member.is_optional = true;
            } else if meta.path.is_ident("skip_serializing_if") {
                member.skip = Some(meta.value()?.parse::<LitStr>()?.parse()?);
            } else if meta.path.is_ident("flatten") {
                member.is_rest = true;
            } else {
                return Err(meta.error("records: this attribute of a field is not known"));
            }
            Ok(())
        })?;
    }
    Ok(member)
}

fn record(owner: &Ident, members: &[Member]) -> Item {
    let title = format!("struct {owner}");
    let slots: Vec<Ident> = (0..members.len()).map(|number| format_ident!("field{number}")).collect();
    let fields = || slots.iter().zip(members).zip((0..members.len()).map(Literal::usize_unsuffixed));
    let numbers = fields().filter(|((_, member), _)| !member.is_rest).map(|((_, member), number)| {
        let name = &member.name;
        quote!(#name => #number,)
    });
    let reads = fields().filter(|((_, member), _)| !member.is_rest).map(|((slot, member), number)| {
        let (read, name) = (&member.read, &member.name);
        quote!(#number => crate::generated::record::#read(&mut map, #name, &mut #slot),)
    });
    let rest = slots.iter().zip(members).find(|(_, member)| member.is_rest).map(|(slot, _)| slot);
    let (next, number, others) = match rest {
        Some(slot) => (
            quote!(let Some(name) = map.next_key::<::std::string::String>()?),
            quote!(<Self as crate::generated::record::Record>::number(&name)),
            quote!(crate::generated::record::rest(&mut map, name, &mut #slot)),
        ),
        None => (
            quote!(let Some(number) = crate::generated::record::next::<Self, M>(&mut map)?),
            quote!(number),
            quote!(crate::generated::record::skip(&mut map)),
        ),
    };
    let declared = slots.iter().zip(members).map(|(slot, member)| match member.is_rest {
        true => quote!(let mut #slot = ::std::default::Default::default();),
        false => quote!(let mut #slot = ::std::option::Option::None;),
    });
    let values = slots.iter().zip(members).map(|(slot, member)| {
        let (ident, name) = (&member.ident, &member.name);
        match (member.is_rest, member.is_optional) {
            (true, _) => quote!(#ident: #slot),
            (false, true) => quote!(#ident: #slot.unwrap_or_default()),
            (false, false) => quote!(#ident: crate::generated::record::required(#slot, #name)?),
        }
    });
    parse_quote! {
        impl crate::generated::record::Record for #owner {
            const TITLE: &'static str = #title;
            fn number(name: &str) -> usize {
                match name {
                    #(#numbers)*
                    _ => usize::MAX,
                }
            }
            fn read<'de, M: ::serde::de::MapAccess<'de>>(mut map: M) -> ::std::result::Result<Self, M::Error> {
                #(#declared)*
                while #next {
                    match #number {
                        #(#reads)*
                        _ => #others,
                    }?;
                }
                Ok(Self { #(#values),* })
            }
        }
    }
}

fn deserialize(owner: &Ident) -> Item {
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #owner {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::generated::record::read(deserializer)
            }
        }
    }
}

fn serialize(owner: &Ident, members: &[Member]) -> Item {
    let writes = members.iter().map(|member| {
        let (ident, name) = (&member.ident, &member.name);
        match (&member.skip, member.is_rest) {
            (_, true) => quote!(crate::generated::record::write_rest(&mut fields, &self.#ident)?;),
            (None, false) => quote!(crate::generated::record::write(&mut fields, #name, &self.#ident, false)?;),
            (Some(skip), false) => {
                quote!(crate::generated::record::write(&mut fields, #name, &self.#ident, #skip(&self.#ident))?;)
            }
        }
    });
    parse_quote! {
        impl ::serde::Serialize for #owner {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_map(None)?;
                #(#writes)*
                ::serde::ser::SerializeMap::end(fields)
            }
        }
    }
}
