//! Puts our own types in the place of progenitor's in the methods, so that every operation answers with
//! `raw::Answer<T>` or [`crate::Error`], and drops what the pipeline does itself.

use std::error::Error;

use quote::ToTokens;
use syn::{
    Expr, File, ImplItem, Item, Stmt, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

pub(super) fn through_our_types(file: &mut File) -> Result<(), Box<dyn Error>> {
    file.items.retain(|item| !is_import(item) && !is_module(item, "prelude"));
    file.items.insert(
        0,
        parse_quote! {
            #[allow(unused_imports)]
            use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, RequestBuilderExt};
        },
    );
    file.items.insert(
        1,
        parse_quote! {
            #[allow(unused_imports)]
            use crate::raw::encode_path;
        },
    );
    for item in &mut file.items {
        if let Item::Impl(block) = item
            && block.trait_.is_none()
        {
            block.items.retain(|item| !is_constructor(item));
            Methods.visit_item_impl_mut(block);
        }
    }
    let left = file.to_token_stream().to_string();
    for foreign in ["ResponseValue", "UnexpectedResponse", "Error < () >", "api-version"] {
        if left.contains(foreign) {
            return Err(format!("`{foreign}` is still there: the generator has changed").into());
        }
    }
    Ok(())
}

fn is_import(item: &Item) -> bool {
    matches!(item, Item::Use(import) if import.to_token_stream().to_string().contains("progenitor_client"))
}

fn is_module(item: &Item, name: &str) -> bool {
    matches!(item, Item::Mod(module) if module.ident == name)
}

fn is_constructor(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(method) if method.sig.ident == "new" || method.sig.ident == "new_with_client")
}

struct Methods;

impl VisitMut for Methods {
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|statement| {
            let code = statement.to_token_stream().to_string();
            let is_hook = matches!(statement, Stmt::Expr(..))
                && (code.starts_with("self . pre (") || code.starts_with("self . post ("));
            !(is_hook || code.contains("header_map") && !code.contains("let mut request"))
        });
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && let Some(last) = path.path.segments.last()
        {
            if last.ident == "Error" {
                *ty = parse_quote!(crate::Error);
                return;
            }
            if last.ident == "ResponseValue" {
                let arguments = last.arguments.clone();
                *ty = parse_quote!(crate::raw::Answer #arguments);
            }
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::MethodCall(call) if call.method == "headers" => {
                let receiver = &call.receiver;
                *expr = parse_quote!(#receiver);
            }
            Expr::Path(path) => {
                let code = path.to_token_stream().to_string();
                if code == "Error :: UnexpectedResponse" {
                    *expr = parse_quote!(crate::raw::unexpected);
                } else if code == "ResponseValue :: from_response" {
                    *expr = parse_quote!(crate::raw::Answer::from_response);
                } else if code == "ResponseValue :: empty" {
                    *expr = parse_quote!(crate::raw::Answer::empty);
                }
            }
            _ => {}
        }
    }
}
