//! Used by the build: the methods of the blocking client. For each asynchronous method of the facade and of the booking service
//! there is one that waits. They are read from the sources, so that no method is written twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Attribute, FnArg, Ident, ImplItem, ImplItemFn, Item, Pat, PathArguments, ReceiverKind, ReturnType, Type, UseTree,
    Visibility, parse_quote,
    visit_mut::{self, VisitMut},
};

/// The modules that are read: the file, where the public types of its folder are, and the feature that gates it.
const SOURCES: [(&str, &str, &str); 2] =
    [("src/facade/mod.rs", "facade", "client"), ("src/service/mod.rs", "service", "service")];

/// Methods whose result the blocking client has in another form.
const BY_HAND: [(&str, &str); 5] = [
    ("Service", "idle"),
    ("Service", "book_all"),
    ("Service", "book_each"),
    ("Service", "client"),
    ("Service", "with_deadline"),
];
/// Types that are written by hand, and get generated methods.
const HANDS: [&str; 2] = ["Client", "Service"];

/// A file of the sources, with what gates it.
struct SourceFile {
    module: &'static str,
    gates: Vec<Attribute>,
    uses: BTreeMap<String, TokenStream>,
    items: Vec<Item>,
}

/// A public method of a type that can be shared.
struct Method<'a> {
    file: &'a SourceFile,
    owner: String,
    gates: Vec<Attribute>,
    function: &'a ImplItemFn,
}

/// Writes `blocking.rs`, which the module `blocking` includes.
pub(super) fn run() -> Result<(), Box<dyn Error>> {
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("blocking.rs"), methods()?)?)
}

/// The methods of all handles, and the handles.
fn methods() -> Result<String, Box<dyn Error>> {
    let mut files = Vec::new();
    for (file, module, feature) in SOURCES {
        read(Path::new(file), module, vec![parse_quote!(#[cfg(feature = #feature)])], &mut files)?;
    }
    let methods: Vec<Method<'_>> = files.iter().flat_map(methods_of).collect();
    let waits = |method: &&Method<'_>| method.function.sig.asyncness.is_some() || stream_of(method.function).is_some();
    let mut handles: BTreeMap<String, &Method<'_>> = BTreeMap::new();
    for method in methods.iter().filter(waits) {
        handles.entry(method.owner.clone()).or_insert(method);
    }
    // A type that leads to such types is one of them.
    while let Some(method) = methods.iter().find(|method| {
        !handles.contains_key(&method.owner)
            && returned(method.function).is_some_and(|name| handles.contains_key(&name))
    }) {
        handles.insert(method.owner.clone(), method);
    }
    let names: BTreeSet<String> = handles.keys().cloned().collect();
    let types = handles.iter().filter(|(name, _)| !HANDS.contains(&name.as_str())).map(|(name, method)| {
        let (ident, module) = (format_ident!("{name}"), format_ident!("{}", method.file.module));
        let gates = &method.file.gates;
        let text = format!("[`{module}::{name}`](crate::{module}::{name}), with methods that wait.");
        quote! {
            #(#gates)*
            #[doc = #text]
            #[derive(Debug, Clone)]
            pub struct #ident(pub(super) crate::#module::#ident, pub(super) super::driver::Driver);
        }
    });
    let bodies = methods.iter().filter(|method| names.contains(&method.owner)).filter_map(|it| written(it, &names));
    Ok(prettyplease::unparse(&syn::parse2(quote! { #(#types)* #(#bodies)* })?))
}

/// Reads a file and the modules that it declares.
fn read(
    path: &Path,
    module: &'static str,
    gates: Vec<Attribute>,
    files: &mut Vec<SourceFile>,
) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut uses = BTreeMap::new();
    for item in &file.items {
        match item {
            Item::Use(item) => collect_uses(&item.tree, &TokenStream::new(), &mut uses),
            Item::Mod(item) if item.content.is_none() && item.ident != "tests" => {
                let mut gates = gates.clone();
                gates.extend(item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned());
                read(&declared(path, &item.ident.to_string())?, module, gates, files)?;
            }
            _ => {}
        }
    }
    files.push(SourceFile { module, gates, uses, items: file.items });
    Ok(())
}

/// The file of a module that the file `path` declares.
fn declared(path: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = match path.file_stem() {
        Some(stem) if stem != "mod" => path.with_extension(""),
        _ => path.parent().unwrap_or(Path::new("")).to_path_buf(),
    };
    let places = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
    let found = places.iter().find(|place| place.is_file()).cloned();
    found.ok_or_else(|| format!("{}: no file of the module {name}", path.display()).into())
}

/// The names that a `use` brings in, each with its path. A name of the module itself is public at the module.
fn collect_uses(tree: &UseTree, before: &TokenStream, uses: &mut BTreeMap<String, TokenStream>) {
    match tree {
        UseTree::Path(path) => {
            let ident = &path.ident;
            collect_uses(&path.tree, &quote! { #before #ident :: }, uses);
        }
        UseTree::Name(name) => {
            let ident = &name.ident;
            let path = if ident == "self" {
                trimmed(before)
            } else {
                quote! { #before #ident }
            };
            let name = if ident == "self" { last(before) } else { ident.to_string() };
            uses.insert(name, path);
        }
        UseTree::Rename(rename) => {
            let ident = &rename.ident;
            uses.insert(rename.rename.to_string(), quote! { #before #ident });
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| collect_uses(tree, before, uses)),
        UseTree::Glob(_) => {}
    }
}

/// A path without the `::` at its end.
fn trimmed(path: &TokenStream) -> TokenStream {
    let tokens: Vec<_> = path.clone().into_iter().collect();
    tokens.into_iter().rev().skip(2).collect::<Vec<_>>().into_iter().rev().collect()
}

fn last(path: &TokenStream) -> String {
    trimmed(path).into_iter().last().map(|token| token.to_string()).unwrap_or_default()
}

/// The public methods of the file that take `&self`.
fn methods_of(file: &SourceFile) -> Vec<Method<'_>> {
    let mut methods = Vec::new();
    for item in &file.items {
        let Item::Impl(block) = item else { continue };
        let Type::Path(owner) = &*block.self_ty else { continue };
        if block.trait_.is_some() || !block.generics.params.is_empty() {
            continue;
        }
        let owner = owner.path.segments.last().map(|name| name.ident.to_string()).unwrap_or_default();
        for item in &block.items {
            let ImplItem::Fn(function) = item else { continue };
            if !takes_shared_self(function) || !matches!(function.vis, Visibility::Public(_)) {
                continue;
            }
            let gates = [&block.attrs, &function.attrs].into_iter().flatten();
            let gates = gates.filter(|attribute| attribute.path().is_ident("cfg")).cloned();
            let gates = file.gates.iter().cloned().chain(gates).collect();
            methods.push(Method { file, owner: owner.clone(), gates, function });
        }
    }
    methods
}

/// Whether a method takes `&self`.
fn takes_shared_self(function: &ImplItemFn) -> bool {
    let Some(FnArg::Receiver(receiver)) = function.sig.inputs.first() else { return false };
    matches!(receiver.kind, ReceiverKind::Reference(_, _, None))
}

/// The name of the type that a method returns, without `Result` and the like around it.
fn returned(function: &ImplItemFn) -> Option<String> {
    let ReturnType::Type(_, returned) = &function.sig.output else { return None };
    let Type::Path(path) = &**returned else { return None };
    let name = path.path.segments.last()?;
    matches!(name.arguments, PathArguments::None).then(|| name.ident.to_string())
}

/// The item of the stream that a method returns, if it returns one.
fn stream_of(function: &ImplItemFn) -> Option<&syn::PathSegment> {
    let ReturnType::Type(_, returned) = &function.sig.output else { return None };
    let Type::Path(path) = &**returned else { return None };
    path.path.segments.last().filter(|name| name.ident.to_string().ends_with("Stream"))
}

/// The method that waits.
fn written(method: &Method<'_>, handles: &BTreeSet<String>) -> Option<TokenStream> {
    let Method { file, owner, gates, function } = method;
    let name = &function.sig.ident;
    if BY_HAND.contains(&(owner.as_str(), name.to_string().as_str())) {
        return None;
    }
    let mut sig = function.sig.clone();
    PathResolver { file, owner }.visit_signature_mut(&mut sig);
    let arguments: Vec<Ident> = sig.inputs.iter().filter_map(argument).collect();
    let inner = quote! { self.0.#name(#(#arguments),*) };
    let is_handle = |name: &str| handles.contains(name);
    let body = if sig.asyncness.take().is_some() {
        quote! { self.1.wait(#inner) }
    } else if stream_of(function).is_some() {
        let ReturnType::Type(_, stream) = &sig.output else { return None };
        sig.output = parse_quote! { -> super::Items<#stream> };
        quote! { super::Items::new(#inner, &self.1) }
    } else if let Some(handle) =
        returned(function).map(|name| if name == "Self" { owner.clone() } else { name }).filter(|name| is_handle(name))
    {
        let handle = format_ident!("{handle}");
        sig.output = parse_quote! { -> super::#handle };
        quote! { super::#handle(#inner, self.1.clone()) }
    } else if HANDS.contains(&owner.as_str()) {
        // What needs no wait is at the asynchronous client and service.
        return None;
    } else {
        inner
    };
    let docs = documentation(method);
    let owner = format_ident!("{owner}");
    let attributes = function.attrs.iter().filter(|attribute| attribute.path().is_ident("must_use"));
    let must_use: Vec<_> = attributes.collect();
    Some(quote! {
        #(#gates)*
        impl super::#owner {
            #[doc = #docs]
            #(#must_use)*
            pub #sig { #body }
        }
    })
}

fn argument(input: &FnArg) -> Option<Ident> {
    match input {
        FnArg::Typed(input) => match &*input.pat {
            Pat::Ident(name) => Some(name.ident.clone()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    }
}

/// The first paragraph of the method's documentation, without links, and a link to the method.
fn documentation(method: &Method<'_>) -> String {
    let lines = method.function.attrs.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(it) if it.path.is_ident("doc") => match &it.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    let first: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let (module, owner, name) = (method.file.module, &method.owner, &method.function.sig.ident);
    let place = if owner == "Client" { "Client".to_owned() } else { format!("{module}::{owner}") };
    format!(
        "{}\n\nIt waits for [`{place}::{name}`](crate::{place}::{name}), which says more.",
        unlinked(&first.join(" "))
    )
}

/// A text with the words of its links in place of them.
fn unlinked(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let Some((words, tail)) = after.split_once(']') else {
            out.push('[');
            rest = after;
            continue;
        };
        out.push_str(words);
        rest = match tail.strip_prefix('(').and_then(|tail| tail.split_once(')')) {
            Some((_, tail)) => tail,
            None => tail,
        };
    }
    out + rest
}

/// Writes the paths of a signature as they are known outside its file.
struct PathResolver<'a> {
    file: &'a SourceFile,
    owner: &'a str,
}

impl VisitMut for PathResolver<'_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first() else { return };
        let (name, module) = (first.ident.to_string(), format_ident!("{}", self.file.module));
        if name == "super" || name == "self" {
            if let Some(last) = path.segments.last().cloned() {
                *path = parse_quote! { crate::#module::#last };
            }
        } else if let Some(known) = self.file.uses.get(&name) {
            let known: syn::Path = parse_quote! { #known };
            // A private module shows its public types one level above.
            let is_local =
                known.segments.first().is_some_and(|first| first.ident == "super" || self.declares(&first.ident))
                    || known
                        .segments
                        .iter()
                        .take(2)
                        .map(|it| it.ident.to_string())
                        .eq(["crate".to_owned(), self.file.module.to_owned()]);
            let mut segments = path.segments.clone();
            let mut resolved: syn::Path = if is_local && segments.len() == 1 {
                parse_quote! { crate::#module::X }
            } else {
                known
            };
            if let (Some(last), Some(first)) = (resolved.segments.last_mut(), segments.first().cloned()) {
                if is_local && segments.len() == 1 {
                    last.ident = first.ident;
                }
                last.arguments = first.arguments;
            }
            segments = segments.into_iter().skip(1).collect();
            resolved.segments.extend(segments);
            *path = resolved;
        } else if self.defines(&name) {
            *path = parse_quote! { crate::#module::#path };
        }
    }
}

impl PathResolver<'_> {
    /// Whether the file declares a module of this name.
    fn declares(&self, name: &Ident) -> bool {
        self.file.items.iter().any(|item| matches!(item, Item::Mod(module) if module.ident == *name))
    }

    /// Whether the file itself declares a type of this name.
    fn defines(&self, name: &str) -> bool {
        self.owner == name
            || self.file.items.iter().any(|item| match item {
                Item::Struct(item) => item.ident == name,
                Item::Enum(item) => item.ident == name,
                Item::Trait(item) => item.ident == name,
                _ => false,
            })
    }
}
