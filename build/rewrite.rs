//! Puts our own types in the place of progenitor's in the methods, so that every operation answers with
//! `raw::Answer<T>` or [`crate::Error`], sends every request through the pipeline instead of a client, and drops what the
//! pipeline does itself.

use std::error::Error;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Expr, File, ImplItem, ImplItemFn, Item, Lit, LitStr, Stmt, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

pub(super) fn through_our_types(file: &mut File) -> Result<(), Box<dyn Error>> {
    file.items.retain(|item| !is_import(item) && !is_hook_check(item) && !is_module(item, "prelude"));
    file.items.insert(
        0,
        parse_quote! {
            #[allow(unused_imports)]
            use progenitor_client::{ClientInfo, RequestBuilderExt};
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
    for foreign in
        ["ResponseValue", "UnexpectedResponse", "Error < () >", "OperationInfo", "ClientHooks", "api-version"]
    {
        if left.contains(foreign) {
            return Err(format!("`{foreign}` is still there: the generator has changed").into());
        }
    }
    Ok(())
}

fn is_import(item: &Item) -> bool {
    matches!(item, Item::Use(import) if import.to_token_stream().to_string().contains("progenitor_client"))
}

/// Asks for the hooks that the methods had.
fn is_hook_check(item: &Item) -> bool {
    matches!(item, Item::Const(constant) if constant.to_token_stream().to_string().contains("ClientHooks"))
}

fn is_module(item: &Item, name: &str) -> bool {
    matches!(item, Item::Mod(module) if module.ident == name)
}

fn is_constructor(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(method) if method.sig.ident == "new" || method.sig.ident == "new_with_client")
}

struct Methods;

impl VisitMut for Methods {
    /// What stands before the hooks makes the request; what stands after them is the pipeline's.
    fn visit_impl_item_fn_mut(&mut self, method: &mut ImplItemFn) {
        visit_mut::visit_impl_item_fn_mut(self, method);
        let statements = &mut method.block.stmts;
        let Some((at, id)) = statements.iter().enumerate().find_map(|(at, line)| Some((at, operation(line)?))) else {
            return;
        };
        statements.truncate(at);
        statements.iter_mut().for_each(address_by_path);
        statements.push(Stmt::Expr(parse_quote!(crate::raw::Answer::of(self.inner.run(request, #id).await)), None));
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|statement| {
            let code = statement.to_token_stream().to_string();
            !code.contains("header_map") || code.contains("let mut request")
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
        if let Expr::MethodCall(call) = expr
            && call.method == "headers"
        {
            let receiver = &call.receiver;
            *expr = parse_quote!(#receiver);
        }
    }
}

/// The id in `let info = OperationInfo { operation_id: "..." };`.
fn operation(statement: &Stmt) -> Option<LitStr> {
    let Stmt::Local(local) = statement else { return None };
    let Expr::Struct(info) = &*local.init.as_ref()?.expr else { return None };
    let field = info.fields.first().filter(|_| info.path.is_ident("OperationInfo"))?;
    match &field.expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(id) => Some(id.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// `let url = format!("{}/v2/..", self.baseurl, ..);` becomes the address of a path: the base was parsed once.
fn address_by_path(statement: &mut Stmt) {
    let Stmt::Local(local) = statement else { return };
    let Some(init) = &mut local.init else { return };
    let Expr::Macro(format) = &*init.expr else { return };
    let tokens = format.mac.tokens.to_string();
    if let Ok(arguments) = tokens.replace("self . baseurl", "self . inner . base_path ()").parse::<TokenStream>() {
        init.expr = parse_quote!(self.inner.address(&format!(#arguments)));
    }
}
