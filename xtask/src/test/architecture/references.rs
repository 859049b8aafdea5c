//! Collects the references of modules.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, Item, Meta, Pat, Stmt,
    ext::IdentExt,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    resolve::{PathTarget, Resolution},
    tokens,
    tree::{FileId, Import, ModuleId, Tree, imported, is_reexport, is_test},
};

/// A path in the source, and its resolution.
pub(super) struct Reference {
    pub(super) from: ModuleId,
    pub(super) file: FileId,
    pub(super) line: usize,
    pub(super) path: Vec<String>,
    pub(super) found: Resolution,
}

/// The references of all modules outside tests. `mod` items and re-exports are no references.
pub(super) fn references(tree: &Tree) -> Vec<Reference> {
    let mut all = Vec::new();
    for (module, declared) in tree.modules.iter().enumerate() {
        for (file, item) in &declared.items {
            let mut visitor = Visitor { tree, module, file: *file, scopes: Vec::new(), all };
            visitor.visit_item(item);
            all = visitor.all;
        }
    }
    all
}

/// The meaning of a name inside a function.
enum LocalName {
    /// A variable.
    Variable,
    /// An item that the function declares.
    Item,
    Import(Vec<String>),
}

struct Visitor<'a> {
    tree: &'a Tree,
    module: ModuleId,
    file: FileId,
    scopes: Vec<BTreeMap<String, LocalName>>,
    all: Vec<Reference>,
}

impl Visitor<'_> {
    fn refer(&mut self, path: Vec<String>, line: usize) {
        let (resolved, own) = self.through_scopes(path.clone());
        if !own {
            let found = self.tree.resolve(self.module, &resolved);
            self.all.push(Reference { from: self.module, file: self.file, line, path, found });
        }
    }

    /// Expands the imports of the enclosing functions in a path. Also returns whether a function declares the item.
    fn through_scopes(&self, path: Vec<String>) -> (Vec<String>, bool) {
        let Some((first, rest)) = path.split_first() else { return (path, true) };
        let locals = self.scopes.iter().rev().filter_map(|scope| scope.get(first));
        match locals.into_iter().find(|local| rest.is_empty() || !matches!(local, LocalName::Variable)) {
            Some(LocalName::Variable | LocalName::Item) => (path, true),
            Some(LocalName::Import(import)) => (import.iter().chain(rest).cloned().collect(), false),
            None => (path, false),
        }
    }

    fn tokens(&mut self, stream: TokenStream, calls: bool) {
        for written in tokens::paths(stream) {
            let is_type = written.path[0].starts_with(char::is_uppercase);
            if written.path.len() > 1 || is_type || calls && written.called {
                self.refer(written.path, written.line);
            }
        }
    }

    /// Visits with the names that a function binds in scope.
    fn inside(&mut self, bound: Bindings, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(bound.0);
        visit(self);
        self.scopes.pop();
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(super::tree::attributes(item)) {
            return;
        }
        match item {
            Item::Verbatim(tokens) => self.tokens(tokens.clone(), true),
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            self.inside(Bindings::of(|names| names.visit_impl_item_fn(item)), |this| {
                visit::visit_impl_item_fn(this, item)
            });
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.inside(Bindings::of(|names| names.visit_trait_item_fn(item)), |this| {
            visit::visit_trait_item_fn(this, item)
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.inside(Bindings::of(|names| names.visit_item_fn(item)), |this| visit::visit_item_fn(this, item));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !is_test(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let mut scope = BTreeMap::new();
        for statement in &block.stmts {
            match statement {
                Stmt::Item(Item::Use(item)) => {
                    for Import { name, path, .. } in imported(item.leading_colon.is_some(), &item.tree) {
                        scope.extend(name.map(|name| (name, LocalName::Import(path))));
                    }
                }
                Stmt::Item(item) => scope.extend(own_name(item).map(|name| (name, LocalName::Item))),
                _ => {}
            }
        }
        self.scopes.push(scope);
        visit::visit_block(self, block);
        self.scopes.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_reexport(&item.vis) {
            for Import { name, path, line } in imported(item.leading_colon.is_some(), &item.tree) {
                let whole = name.is_none() && !self.scopes.is_empty();
                self.refer(path, line);
                if whole && let Some(reference) = self.all.last_mut() {
                    // A glob in a function is a reference to the whole module.
                    let tree = self.tree;
                    let modules = reference.found.named.iter().map(|id| PathTarget::Item(*id, tree.modules[*id].file));
                    reference.found.ends.extend(modules.collect::<Vec<_>>());
                }
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let absolute = path.leading_colon.map(|_| String::new());
        let names = absolute.into_iter().chain(path.segments.iter().map(|segment| segment.ident.unraw().to_string()));
        self.refer(names.collect(), path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        match call.path.get_ident() {
            Some(name) => {
                if let Some(end) = self.tree.macro_above(self.module, &name.to_string()) {
                    let (line, path) = (name.span().start().line, vec![name.to_string()]);
                    let found = Resolution { named: Vec::new(), ends: [end].into() };
                    self.all.push(Reference { from: self.module, file: self.file, line, path, found });
                } else {
                    self.visit_path(&call.path);
                }
            }
            None => self.visit_path(&call.path),
        }
        // Generated code is read from the generated files.
        if !call.path.segments.last().is_some_and(|name| name.ident == "quote" || name.ident == "parse_quote") {
            self.tokens(call.tokens.clone(), true);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if attribute.path().segments.len() > 1 {
            self.visit_path(attribute.path());
        }
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone(), false);
        }
    }

    /// `pub(in path)` names nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Verbatim(tokens) => self.tokens(tokens.clone(), true),
            expression => visit::visit_expr(self, expression),
        }
    }
}

/// The names that a function binds: parameters, `let`, patterns. Upper-case names in patterns are constants.
#[derive(Default)]
struct Bindings(BTreeMap<String, LocalName>);

impl Bindings {
    fn of(visit: impl FnOnce(&mut Self)) -> Self {
        let mut names = Self::default();
        visit(&mut names);
        names
    }
}

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Ident(name) = pattern
            && name.ident.to_string().starts_with(char::is_lowercase)
        {
            self.0.insert(name.ident.to_string(), LocalName::Variable);
        }
        visit::visit_pat(self, pattern);
    }
}

fn own_name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

impl Reference {
    /// Whether a path from `crate`, `self` or `super`, or through a module in scope, cannot be resolved.
    pub(super) fn is_unresolved(&self) -> bool {
        let anchored = self.path.first().is_some_and(|first| matches!(first.as_str(), "crate" | "self" | "super"));
        self.found.ends.is_empty()
            && (self.path.len() > 1 || anchored)
            && self.path.first().is_some_and(|first| first != "Self")
    }

    /// The name of the other package, if the path leads to one.
    pub(super) fn outside(&self) -> Option<&str> {
        self.found.ends.iter().find_map(|end| match end {
            PathTarget::Outside(name) => Some(name.as_str()),
            _ => None,
        })
    }
}
