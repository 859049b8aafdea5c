//! Optional lists and maps of responses: `null` is read as an empty one. A required one, such as the items of a list, is not
//! there if it is `null`, and nothing is concluded from it.

use std::collections::HashSet;

use quote::ToTokens;
use syn::{Field, Fields, File, Item, Type, parse_quote};

use super::records;

/// Marks the optional lists and maps of all types that are not part of a request.
pub(super) fn accept_null_for_lists(file: &mut File, requests: &HashSet<String>) {
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            for item in items {
                if let Item::Struct(item) = item
                    && !requests.contains(&item.ident.to_string())
                    && let Fields::Named(fields) = &mut item.fields
                {
                    for field in fields.named.iter_mut().filter(|field| is_collection(&field.ty) && is_optional(field))
                    {
                        field.attrs.push(records::read_with(&parse_quote!(null_is_empty)));
                    }
                }
            }
        }
    }
}

fn is_collection(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let name = path.path.segments.last().map(|last| last.ident.to_string());
    matches!(name.as_deref(), Some("Vec" | "BTreeMap" | "Map"))
}

/// Whether the field may be absent.
fn is_optional(field: &Field) -> bool {
    let texts = field.attrs.iter().map(|attribute| attribute.to_token_stream().to_string());
    let has = |word: &str| texts.clone().any(|text| text.contains(word));
    has("default") && !has("flatten")
}
