//! Rewrites progenitor's methods, which send a request, to methods that return a [`crate::raw::Request`]. Path, query, body
//! and operation are taken from the generated method; progenitor's client is removed. The pipeline sends the request.

use std::{collections::BTreeMap, error::Error};

use super::{
    facts::Facts,
    forms::{self, Forms},
    setters::{Query, Setters},
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Expr, ExprLit, ExprMethodCall, ExprStruct, File, GenericArgument, ImplItem, ImplItemFn, Item, Lit, LitStr, Macro,
    PathArguments, ReturnType, Token, Type, parse_quote,
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

/// Replaces progenitor's client. `facts` are the document's facts about operations; `forms` has the operations with two
/// bodies.
pub(super) fn replace_client(
    file: &mut File,
    facts: &BTreeMap<&str, Facts<'_>>,
    forms: &BTreeMap<&str, Forms<'_>>,
) -> Result<(), Box<dyn Error>> {
    file.items.retain(|item| !is_import(item) && !is_module(item, "prelude") && !is_client(item));
    file.items.insert(
        0,
        parse_quote! {
            #[allow(unused_imports)]
            use crate::{
                contract::Contract,
                generated::types,
                operation::Operation,
                raw::{FormOf, RawClient, Request, encode_path, form::GeneratedBody},
            };
        },
    );
    let mut setters = Setters::default();
    for item in &mut file.items {
        if let Item::Impl(block) = item
            && block.trait_.is_none()
            && block.self_ty.to_token_stream().to_string() == "Client"
        {
            *block.self_ty = parse_quote!(RawClient);
            block.items.retain(|item| !is_constructor(item));
            for item in &mut block.items {
                if let ImplItem::Fn(method) = item {
                    let name = method.sig.ident.to_string();
                    rewrite_method(method, &mut setters, facts, forms)
                        .map_err(|what| format!("{name}: {what}: the generator has changed"))?;
                }
            }
        }
    }
    file.items.extend(setters.items());
    file.items.extend(forms::implementations(forms.values()));
    let left = file.to_token_stream().to_string();
    for foreign in ["ResponseValue", "UnexpectedResponse", "Error < () >", "api-version", "reqwest", "OperationInfo"] {
        if left.contains(foreign) {
            return Err(format!("`{foreign}` is still there: the generator has changed").into());
        }
    }
    Ok(())
}

fn is_import(item: &Item) -> bool {
    matches!(item, Item::Use(import) if import.to_token_stream().to_string().contains("progenitor_client"))
}

pub(super) fn is_module(item: &Item, name: &str) -> bool {
    matches!(item, Item::Mod(module) if module.ident == name)
}

/// Whether the item is the client, or a part of progenitor's.
fn is_client(item: &Item) -> bool {
    match item {
        Item::Struct(item) => item.ident == "Client",
        Item::Impl(block) => block.trait_.as_ref().is_some_and(|(path, _)| {
            path.segments.last().is_some_and(|last| last.ident == "ClientInfo" || last.ident == "ClientHooks")
        }),
        Item::Const(item) => item.to_token_stream().to_string().contains("ClientHooks"),
        _ => false,
    }
}

fn is_constructor(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(method) if method.sig.ident == "new" || method.sig.ident == "new_with_client")
}

fn rewrite_method(
    method: &mut ImplItemFn,
    setters: &mut Setters,
    facts: &BTreeMap<&str, Facts<'_>>,
    forms: &BTreeMap<&str, Forms<'_>>,
) -> Result<(), String> {
    let mut parts = MethodParts::default();
    parts.visit_block_mut(&mut method.block);
    if let Some(unknown) = parts.unknown {
        return Err(format!("`{unknown}` is not known"));
    }
    let (id, path) = parts.id.zip(parts.path).ok_or("it names no operation or no path")?;
    let ReturnType::Type(_, result) = &method.sig.output else { return Err("it answers with nothing".to_owned()) };
    let answer = first_argument(result).and_then(first_argument).ok_or("it answers with something else")?.clone();
    let facts = facts.get(id.value().as_str()).ok_or("the document has no area for it")?;
    let optional = setters.extract(method, &id.value(), &mut parts.queries, facts)?;
    let (queries, bodies) = (parts.queries.iter().map(|query| &query.parameter), parts.bodies);
    let body = match forms.get(id.value().as_str()) {
        Some(forms) => {
            forms.accept(method)?;
            forms.setter()
        }
        None => quote!(#(.body(#bodies))*),
    };
    let below = facts.note();
    method.attrs.push(parse_quote!(#[doc = #below]));
    method.sig.asyncness = None;
    method.sig.output = match optional {
        Some(marker) => parse_quote!(-> Request<#answer, parameters::#marker>),
        None => parse_quote!(-> Request<#answer>),
    };
    method.block = parse_quote!({
        Request::new(&self.0, const { Operation::by_id(#id) }, #path) #(.parameter(#queries))* #body
    });
    Ok(())
}

fn first_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The parts of a request, taken from a generated method.
#[derive(Default)]
struct MethodParts {
    id: Option<LitStr>,
    path: Option<TokenStream>,
    queries: Vec<Query>,
    bodies: Vec<Expr>,
    unknown: Option<String>,
}

impl VisitMut for MethodParts {
    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if call.path.is_ident("format") && call.tokens.to_string().contains("self . baseurl") {
            let arguments = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
            self.path = arguments.ok().and_then(|arguments| path(&arguments));
        }
    }

    fn visit_expr_struct_mut(&mut self, value: &mut ExprStruct) {
        if value.path.is_ident("OperationInfo")
            && let Some(Expr::Lit(ExprLit { lit: Lit::Str(id), .. })) = value.fields.first().map(|field| &field.expr)
        {
            self.id = Some(id.clone());
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if !is_client_call(&call.receiver) {
            return;
        }
        match (call.method.to_string().as_str(), call.args.first()) {
            ("get" | "post" | "put" | "patch" | "delete" | "header" | "headers" | "build", _) => {}
            ("query", Some(pair)) => match Query::of(pair) {
                Some(query) => self.queries.push(query),
                None => self.unknown = Some(pair.to_token_stream().to_string()),
            },
            ("json", Some(body)) => self.bodies.push(body.clone()),
            (other, _) => self.unknown = Some(other.to_owned()),
        }
    }
}

/// The path of `format!("{}/v2/me/{}", self.baseurl, id)`, without the base URL.
fn path(arguments: &Punctuated<Expr, Token![,]>) -> Option<TokenStream> {
    let mut arguments = arguments.iter();
    let Some(Expr::Lit(ExprLit { lit: Lit::Str(template), .. })) = arguments.next() else { return None };
    let template = LitStr::new(template.value().strip_prefix("{}")?, template.span());
    let values: Vec<_> = arguments.skip(1).collect();
    Some(if values.is_empty() { quote!(#template.to_owned()) } else { quote!(format!(#template, #(#values),*)) })
}

/// Whether an expression is `self.client`, or a chain of calls on it.
fn is_client_call(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => is_client_call(&call.receiver),
        field => field.to_token_stream().to_string() == "self . client",
    }
}
