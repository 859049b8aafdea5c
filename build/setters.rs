//! Optional parameters: a method takes the required ones, and each optional one becomes a setter of the returned request.

use super::facts::Facts;
use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, ImplItemFn, Item, Lit, LitStr, Meta, Pat, PathArguments, Type,
    parse_quote,
};

/// The names of the methods of every request, which setters must not have.
const REQUEST_METHODS: [&str; 23] = [
    "another",
    "body",
    "body_of_form",
    "bypass_cache",
    "cached_for",
    "clone",
    "deadline",
    "form",
    "header",
    "older",
    "operation",
    "parameter",
    "parameter_value",
    "query",
    "refresh_cache",
    "resend",
    "send",
    "send_page",
    "set",
    "set_parameter",
    "stream",
    "timeout",
    "version",
];

/// A query parameter: `&QueryParam::new("afterStart", &after_start)`.
pub(super) struct Query {
    /// The arguments of `Request::parameter`.
    pub(super) parameter: proc_macro2::TokenStream,
    name: LitStr,
    argument: String,
}

impl Query {
    pub(super) fn of(pair: &Expr) -> Option<Self> {
        let Expr::Reference(reference) = pair else { return None };
        let Expr::Call(call) = &*reference.expr else { return None };
        let (Some(Expr::Lit(ExprLit { lit: Lit::Str(name), .. })), Some(value)) = (call.args.first(), call.args.get(1))
        else {
            return None;
        };
        let Expr::Reference(argument) = value else { return None };
        Some(Self {
            parameter: quote!(#name, #value),
            name: name.clone(),
            argument: argument.expr.to_token_stream().to_string(),
        })
    }
}

/// The setters of all operations, with their marker types.
#[derive(Default)]
pub(super) struct Setters {
    blocks: Vec<Item>,
    markers: Vec<Item>,
}

impl Setters {
    /// The generated items. They contain the module of the markers even if it is empty.
    pub(super) fn items(self) -> impl Iterator<Item = Item> {
        let markers = self.markers;
        let module = parse_quote! {
            /// A type for each operation with optional parameters, and for each that is paged. A [`Request`](super::Request)
            /// with this type has their setters.
            pub mod parameters { #(#markers)* }
        };
        self.blocks.into_iter().chain([module])
    }

    /// Removes the optional arguments from `method`, and makes setters of them. Returns the name of their marker, if any.
    pub(super) fn extract(
        &mut self,
        method: &mut ImplItemFn,
        id: &str,
        queries: &mut Vec<Query>,
        facts: &Facts<'_>,
    ) -> Result<Option<Ident>, String> {
        let mut documentation = Documentation::of(&method.attrs);
        let mut setters: Vec<ImplItemFn> = Vec::new();
        sort_by_document(method, queries, facts);
        let mut required = Vec::new();
        for input in std::mem::take(&mut method.sig.inputs) {
            let optional = argument(&input).and_then(|(name, ty)| Some((name, optional(ty)?)));
            let Some((name, ty)) = optional else {
                required.extend(argument(&input).map(|(name, _)| name));
                method.sig.inputs.push(input);
                continue;
            };
            let at = queries.iter().position(|query| query.argument == name);
            let query = queries.remove(at.ok_or_else(|| format!("`{name}` is optional and no query"))?);
            let mut text = documentation.of_argument(&name)?;
            if let Some(only) = facts.parameter_note(&query.name.value()) {
                text = format!("{text} {only}");
            }
            setters.push(setter(&name, ty, &query.name, &text));
        }
        let names: Vec<_> = setters.iter().map(|setter| setter.sig.ident.to_string()).collect();
        method.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
        let text = documentation.of_method(&required, &names);
        method.attrs.push(parse_quote!(#[doc = #text]));
        if setters.is_empty() && !facts.is_paged {
            return Ok(None);
        }
        let marker = Ident::new(&pascal_case(id), Span::call_site());
        let what = if setters.is_empty() { "pages" } else { "optional parameters" };
        let text = format!(" The {what} of [`{id}`](super::RawClient::{id}).");
        if !setters.is_empty() {
            self.blocks.push(parse_quote! {
                impl<T> Request<T, parameters::#marker> { #(#setters)* }
            });
        }
        self.markers.push(parse_quote!(#[doc = #text] #[derive(Debug)] pub enum #marker {}));
        Ok(Some(marker))
    }
}

/// Sorts the query arguments in the order of the document, such as `start` before `end`.
fn sort_by_document(method: &mut ImplItemFn, queries: &[Query], facts: &Facts<'_>) {
    let place = |input: &FnArg| {
        let (name, _) = argument(input)?;
        let query = queries.iter().find(|query| query.argument == name)?;
        Some(facts.position(&query.name.value()))
    };
    let mut ordered: Vec<FnArg> = method.sig.inputs.iter().filter(|input| place(input).is_some()).cloned().collect();
    ordered.sort_by_key(place);
    let mut ordered = ordered.into_iter();
    for input in &mut method.sig.inputs {
        if place(input).is_some()
            && let Some(next) = ordered.next()
        {
            *input = next;
        }
    }
}

fn argument(input: &FnArg) -> Option<(String, &Type)> {
    let FnArg::Typed(typed) = input else { return None };
    let Pat::Ident(name) = &*typed.pat else { return None };
    Some((name.ident.to_string(), &typed.ty))
}

/// The type argument of an `Option`.
fn optional(ty: &Type) -> Option<&Type> {
    generic(ty, "Option")
}

/// The first type argument of a type with this name.
pub(super) fn generic<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn setter(argument: &str, ty: &Type, name: &LitStr, text: &str) -> ImplItemFn {
    let ident = if REQUEST_METHODS.contains(&argument) {
        format_ident!("{argument}_parameter")
    } else {
        format_ident!("{argument}")
    };
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let words = ty.to_token_stream().to_string().replace(' ', "");
    if let Some(item) = generic(ty, "Vec") {
        let text = format!(" {text} Adds a value; call it again for another.");
        return if item.to_token_stream().to_string().ends_with("String") {
            parse_quote!(#[doc = #text] pub fn #ident(self, value: impl AsRef<str>) -> Self { self.another(#name, value.as_ref()) })
        } else {
            parse_quote!(#[doc = #text] pub fn #ident(self, value: impl Into<#item>) -> Self { self.another(#name, &value.into()) })
        };
    }
    let text = format!(" {text}");
    match words.as_str() {
        "str" | "::std::string::String" => parse_quote! {
            #[doc = #text]
            pub fn #ident(self, value: impl AsRef<str>) -> Self { self.parameter(#name, value.as_ref()) }
        },
        "::std::num::NonZeroU64" => parse_quote! {
            #[doc = #text]
            pub fn #ident(self, value: u64) -> Self { self.positive(#name, value) }
        },
        "bool" | "i64" | "u64" | "f64" | "::jiff::Timestamp" => parse_quote! {
            #[doc = #text]
            pub fn #ident(self, value: #ty) -> Self { self.parameter(#name, &value) }
        },
        _ => parse_quote! {
            #[doc = #text]
            pub fn #ident(self, value: impl Into<#ty>) -> Self { self.parameter(#name, &value.into()) }
        },
    }
}

/// The documentation that progenitor writes for a method: the text, and a list of arguments.
struct Documentation {
    head: String,
    arguments: Vec<(String, String)>,
}

impl Documentation {
    fn of(attributes: &[Attribute]) -> Self {
        let text: Vec<_> = attributes.iter().filter_map(text).collect();
        let text = text.join("\n");
        let (head, list) = text.split_once("\nArguments:\n").unwrap_or((&text, ""));
        let mut arguments: Vec<(String, String)> = Vec::new();
        for line in list.lines() {
            match line.strip_prefix("- `").and_then(|rest| rest.split_once('`')) {
                Some((name, text)) => {
                    arguments.push((name.to_owned(), text.trim_start_matches(':').trim().to_owned()));
                }
                None => {
                    if let Some((_, text)) = arguments.last_mut() {
                        text.push(' ');
                        text.push_str(line.trim());
                    }
                }
            }
        }
        Self { head: head.trim().to_owned(), arguments }
    }

    fn of_argument(&mut self, name: &str) -> Result<String, String> {
        let text = self.arguments.iter().find(|(known, _)| known == name).map(|(_, text)| text.trim().to_owned());
        let mut text = text.filter(|text| !text.is_empty()).ok_or_else(|| format!("`{name}` has no description"))?;
        if !text.ends_with('.') {
            text.push('.');
        }
        Ok(text)
    }

    fn of_method(&self, required: &[String], optional: &[String]) -> String {
        let mut text = self.head.clone();
        let list: Vec<_> = required
            .iter()
            .filter_map(|name| self.arguments.iter().find(|(known, text)| known == name && !text.is_empty()))
            .map(|(name, text)| format!("- `{name}`: {text}"))
            .collect();
        if !list.is_empty() {
            text.push_str("\n\nArguments:\n\n");
            text.push_str(&list.join("\n"));
        }
        if !optional.is_empty() {
            let names: Vec<_> = optional.iter().map(|name| format!("`{name}`")).collect();
            text.push_str("\n\nOptional, as setters of the request: ");
            text.push_str(&names.join(", "));
            text.push('.');
        }
        text
    }
}

fn text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

fn pascal_case(id: &str) -> String {
    let words = id.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect()
}
