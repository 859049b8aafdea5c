//! Operations with two forms of the body. Their methods take either form; the type of the body determines which one it is.

use std::collections::BTreeMap;

use quote::format_ident;
use serde_json::Value;
use syn::{FnArg, Ident, ImplItemFn, Item, Pat, parse_quote};

use super::table::METHODS;

/// The two bodies of an operation.
pub(super) struct Forms<'d> {
    base: Ident,
    hosted: Ident,
    /// The version for the second body.
    version: &'d str,
}

/// The forms of each operation with two bodies.
pub(super) fn forms(document: &Value) -> BTreeMap<&str, Forms<'_>> {
    let items = document["paths"].as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    let operations = items.flatten().filter(|(key, _)| METHODS.contains(&key.as_str())).map(|(_, operation)| operation);
    let forms = operations.filter_map(|operation| {
        let second = &operation["x-calcom"]["hosted"];
        let base = name(&operation["requestBody"]["content"]["application/json"]["schema"])?;
        let (hosted, version) = (name(&second["body"])?, second["version"].as_str()?);
        Some((operation["operationId"].as_str()?, Forms { base, hosted, version }))
    });
    forms.collect()
}

fn name(schema: &Value) -> Option<Ident> {
    Some(format_ident!("{}", schema["$ref"].as_str()?.rsplit('/').next()?))
}

impl Forms<'_> {
    /// Makes `method` take either body.
    ///
    /// # Errors
    ///
    /// If the method takes no body.
    pub(super) fn accept(&self, method: &mut ImplItemFn) -> Result<(), String> {
        let Self { base, hosted, version } = self;
        let body = method.sig.inputs.iter_mut().find_map(|input| match input {
            FnArg::Typed(input) if matches!(&*input.pat, Pat::Ident(name) if name.ident == "body") => Some(input),
            _ => None,
        });
        body.ok_or("it takes no body")?.ty = parse_quote!(&'a impl FormOf<types::#base>);
        let text = format!(
            "\n\nThe body is a [`{base}`](types::{base}), or a [`{hosted}`](types::{hosted}), which the hosted service takes at \
             {version}."
        );
        method.attrs.push(parse_quote!(#[doc = #text]));
        Ok(())
    }

    /// The call that sets the body.
    pub(super) fn setter(&self) -> proc_macro2::TokenStream {
        let base = &self.base;
        quote::quote!(.body_of_form::<types::#base, _>(body))
    }
}

/// The implementations that determine the form of each type.
pub(super) fn implementations<'f>(forms: impl Iterator<Item = &'f Forms<'f>>) -> Vec<Item> {
    let pairs: BTreeMap<_, _> = forms.map(|forms| (&forms.base, &forms.hosted)).collect();
    let blocks = pairs.into_iter().flat_map(|(base, hosted)| {
        let block: syn::File = parse_quote! {
            impl GeneratedBody for types::#base {}
            impl GeneratedBody for types::#hosted {}
            impl FormOf<types::#base> for types::#base {
                const FORM: Contract = Contract::SelfHosted;
            }
            impl FormOf<types::#base> for types::#hosted {
                const FORM: Contract = Contract::Hosted;
            }
        };
        block.items
    });
    blocks.collect()
}
