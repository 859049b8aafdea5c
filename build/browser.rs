//! A method for each address that only a browser visits. It returns the address and sends nothing.

use proc_macro2::Span;
use serde_json::Value;
use syn::{Ident, Item, Type, parse_quote};

pub(super) const PATHS: &str = "x-browser-paths";

pub(super) fn methods(document: &Value) -> Option<Item> {
    let items = document[PATHS].as_object().into_iter().flatten();
    let methods: Vec<_> = items.filter_map(|(path, item)| method(path, &item["get"])).collect();
    (!methods.is_empty()).then(|| parse_quote!(impl RawClient { #(#methods)* }))
}

fn method(path: &str, get: &Value) -> Option<syn::ImplItemFn> {
    let name = Ident::new(get["operationId"].as_str()?, Span::call_site());
    let parameters: Vec<(&str, &Value)> = get["parameters"]
        .as_array()?
        .iter()
        .filter(|parameter| parameter["in"] == "path")
        .filter_map(|parameter| Some((parameter["name"].as_str()?, &parameter["schema"])))
        .collect();
    let idents: Vec<Ident> = parameters.iter().map(|(name, _)| Ident::new(&snake(name), Span::call_site())).collect();
    let types: Vec<Type> = parameters
        .iter()
        .map(|(_, schema)| if schema["type"] == "integer" { parse_quote!(i64) } else { parse_quote!(&str) })
        .collect();
    let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    let doc = format!(
        "{} Sends nothing.\n\nRoute for browsers: `GET {path}`.\n\n* Cargo feature: `{}`\n\n# Errors\n\n\
         [`Error::Validation`](crate::Error::Validation) for a value that no path can hold.",
        get["summary"].as_str()?,
        get["x-feature"].as_str()?,
    );
    Some(parse_quote! {
        #[doc = #doc]
        pub fn #name(&self, #(#idents: #types),*) -> crate::Result<crate::raw::BrowserUrl> {
            crate::raw::BrowserUrl::new(&self.0, #path, &[#((#names, #idents.to_string())),*])
        }
    })
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
