//! Finds types with the same name in one package.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Item,
    visit::{self, Visit},
};

use super::{
    layers::is_library,
    order::Package,
    source::is_generated,
    tree::{Tree, attributes, is_test},
};

/// The known twins: package, name, and number of types. The list only gets shorter.
pub(super) const LISTED: &str = include_str!("twins.txt");

/// The name of private inner types, which need not be unique.
const INNER_TYPE: &str = "Inner";

/// Compares the twins of the packages with the list.
pub(super) fn check(listed: &str, packages: &[(&Package, &Tree)]) -> (usize, Vec<String>) {
    let (mut twins, mut problems, mut met) = (0, Vec::new(), BTreeSet::new());
    let list: BTreeMap<(&str, &str), usize> = listed.lines().filter_map(entry).collect();
    for (package, tree) in packages {
        for (name, places) in types(package, tree).into_iter().filter(|(_, places)| places.len() > 1) {
            twins += 1;
            let known = list.get(&(package.name, name.as_str())).copied().unwrap_or(1);
            if places.len() > known {
                problems.push(format!(
                    "{}: {} types are called {name}: {}",
                    package.name,
                    places.len(),
                    places.join(", ")
                ));
            } else if places.len() < known {
                problems.push(format!("twins.txt: `{} {name} {known}` is {} by now", package.name, places.len()));
            }
            met.insert((package.name, name));
        }
    }
    let stale = list.keys().filter(|(package, name)| !met.contains(&(*package, (*name).to_owned())));
    problems.extend(stale.map(|(package, name)| format!("twins.txt: `{package} {name}` has no twin any more")));
    (twins, problems)
}

fn entry(line: &str) -> Option<((&str, &str), usize)> {
    let mut words = line.split_whitespace();
    Some(((words.next()?, words.next()?), words.next()?.parse().ok()?))
}

/// The places of declaration of each type.
fn types(package: &Package, tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut declared = TypeCollector { makers: makers(tree), types: BTreeMap::new(), file: String::new() };
    let modules = tree.modules.iter().enumerate().filter(|(id, _)| is_library(package, tree, *id));
    for (file, item) in modules.flat_map(|(_, module)| &module.items) {
        let path = tree.file(*file);
        if !is_generated(path) && !package.mirrors.iter().any(|mirror| path.starts_with(mirror)) {
            declared.file = path.display().to_string();
            declared.visit_item(item);
        }
    }
    declared.types.remove(INNER_TYPE);
    declared.types
}

struct TypeCollector {
    makers: BTreeSet<String>,
    types: BTreeMap<String, Vec<String>>,
    file: String,
}

impl TypeCollector {
    fn makes_types(&self, call: &syn::Macro) -> bool {
        call.path.segments.last().is_some_and(|name| self.makers.contains(&name.ident.to_string()))
    }

    fn add(&mut self, name: &syn::Ident) {
        let place = format!("{}:{}", self.file, name.span().start().line);
        self.types.entry(name.to_string()).or_default().push(place);
    }
}

impl<'ast> Visit<'ast> for TypeCollector {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(attributes(item)) {
            return;
        }
        match item {
            Item::Enum(item) => self.add(&item.ident),
            Item::Struct(item) => self.add(&item.ident),
            Item::Trait(item) => self.add(&item.ident),
            Item::TraitAlias(item) => self.add(&item.ident),
            Item::Type(item) => self.add(&item.ident),
            Item::Union(item) => self.add(&item.ident),
            Item::Macro(item) if item.ident.is_some() => {
                for name in keyword_then(item.mac.tokens.clone(), false) {
                    self.add(&name);
                }
            }
            Item::Macro(item) if self.makes_types(&item.mac) => {
                let declared = keyword_then(item.mac.tokens.clone(), false);
                let named = if declared.is_empty() { after_attributes(item.mac.tokens.clone()) } else { declared };
                for name in named {
                    self.add(&name);
                }
            }
            _ => {}
        }
        visit::visit_item(self, item);
    }
}

/// The macros of the package that declare a type with a name from their arguments.
fn makers(tree: &Tree) -> BTreeSet<String> {
    let mut makers = BTreeSet::new();
    let definitions = || {
        tree.modules.iter().flat_map(|module| &module.items).filter_map(|(_, item)| match item {
            Item::Macro(item) => item.ident.as_ref().map(|name| (name.to_string(), item.mac.tokens.clone())),
            _ => None,
        })
    };
    makers.extend(definitions().filter(|(_, body)| !keyword_then(body.clone(), true).is_empty()).map(|(name, _)| name));
    // Macros that call one of these with the name.
    loop {
        let calls = |body: &TokenStream| makers.iter().any(|maker| calls(body.clone(), maker));
        let more: Vec<String> =
            definitions().filter(|(name, body)| !makers.contains(name) && calls(body)).map(|(name, _)| name).collect();
        if more.is_empty() {
            return makers;
        }
        makers.extend(more);
    }
}

/// The names after `struct`, `enum`, `union` and `trait`: arguments of the macro if `given`, else literal names. `type` in a
/// macro counts as an associated type.
fn keyword_then(tokens: TokenStream, given: bool) -> Vec<syn::Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => names.extend(keyword_then(group.stream(), given)),
            TokenTree::Ident(word) if ["struct", "enum", "union", "trait"].iter().any(|keyword| word == keyword) => {
                match (tokens.get(at + 1), tokens.get(at + 2)) {
                    (Some(TokenTree::Ident(name)), _) if !given => names.push(name.clone()),
                    (Some(TokenTree::Punct(dollar)), Some(TokenTree::Ident(name)))
                        if given && dollar.as_char() == '$' =>
                    {
                        names.push(name.clone());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    names
}

fn calls(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => calls(group.stream(), name),
        TokenTree::Ident(word) => {
            word == name && matches!(tokens.get(at + 1), Some(TokenTree::Punct(mark)) if mark.as_char() == '!')
        }
        _ => false,
    })
}

/// The name arguments of a declaring macro: at the beginning, or after attributes.
fn after_attributes(tokens: TokenStream) -> Vec<syn::Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_attribute = |at: usize| matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == proc_macro2::Delimiter::Bracket);
    let names = tokens.iter().enumerate().filter_map(|(at, token)| match token {
        TokenTree::Ident(name) if at == 0 || is_attribute(at - 1) => Some(name.clone()),
        _ => None,
    });
    names.collect()
}
