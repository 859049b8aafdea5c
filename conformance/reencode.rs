//! Two functions that decode the JSON of an operation through its generated type and encode it again. They find the types
//! in the signatures of the generated methods.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    FnArg, GenericArgument, ImplItem, ImplItemFn, Item, Pat, Path, PathArguments, ReturnType, Type, TypeParamBound,
};

/// The source of both functions.
pub(super) fn dispatchers(file: &syn::File) -> String {
    let (mut answers, mut requests) = (Vec::new(), Vec::new());
    for method in methods(file) {
        let id = method.sig.ident.to_string();
        let Some(ty) = answer(method) else { continue };
        answers.push(arm(&id, ty));
        if let Some(ty) = body(method) {
            requests.push(arm(&id, ty));
        }
    }
    let functions = [dispatcher(quote!(response), &answers), dispatcher(quote!(request), &requests)];
    functions.map(|function| function.to_string()).join("\n")
}

fn dispatcher(name: TokenStream, arms: &[TokenStream]) -> TokenStream {
    quote! {
        pub(crate) fn #name(operation_id: &str, json: &[u8]) -> Option<Result<serde_json::Value, String>> {
            match operation_id {
                #(#arms)*
                _ => None,
            }
        }
    }
}

fn arm(id: &str, ty: &Type) -> TokenStream {
    quote!(#id => Some(round_trip::<#ty>(json)),)
}

fn methods(file: &syn::File) -> impl Iterator<Item = &ImplItemFn> {
    let blocks = file.items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    });
    blocks.flat_map(|block| &block.items).filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

/// `T` of `Request<T>`. `None` if the response has no body.
fn answer(method: &ImplItemFn) -> Option<&Type> {
    let ReturnType::Type(_, request) = &method.sig.output else { return None };
    let Type::Path(path) = &**request else { return None };
    let is_request = path.path.segments.last().is_some_and(|last| last.ident == "Request");
    first_argument(request).filter(|ty| is_request && !matches!(ty, Type::Tuple(_)))
}

fn body(method: &ImplItemFn) -> Option<&Type> {
    method.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) if matches!(&*input.pat, Pat::Ident(name) if name.ident == "body") => match &*input.ty {
            Type::Reference(reference) => Some(base(&reference.elem)),
            ty => Some(ty),
        },
        _ => None,
    })
}

/// `T` of `impl FormOf<T>`, else the type itself. The recordings are of self-hosted servers.
fn base(ty: &Type) -> &Type {
    let Type::ImplTrait(either) = ty else { return ty };
    let form = either.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(form) => argument(&form.path),
        _ => None,
    });
    form.unwrap_or(ty)
}

fn first_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    argument(&path.path)
}

fn argument(path: &Path) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
