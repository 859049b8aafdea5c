//! Checks that modules name lower ones only.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    order::Package,
    references::Reference,
    resolve::PathTarget,
    tree::{ModuleId, Tree},
};

/// The violations of the order.
pub(super) fn check(package: &Package, tree: &Tree, references: &[Reference]) -> Vec<String> {
    let mut problems = Vec::new();
    let whole = Layer { inside: None, order: package.order };
    let parts: Vec<Layer> =
        package.inside.iter().map(|(name, order)| Layer { inside: Some(name), order }).chain([whole]).collect();
    for layer in &parts {
        layer.complete(package, tree, &mut problems);
    }
    let mut met = BTreeSet::new();
    for reference in references.iter().filter(|reference| is_library(package, tree, reference.from)) {
        for (target, defined) in targets(reference) {
            if !met.insert((reference.file, reference.from, target, defined)) {
                continue;
            }
            if defined && tree.modules[target].path.is_empty() && !tree.modules[reference.from].path.is_empty() {
                problems.push(format!("{}, which is declared at the root, above everything", message(tree, reference)));
            }
            for layer in &parts {
                if let Some((from, to)) = layer.upward(tree, reference.from, target, defined) {
                    problems.push(format!("{}: {to} is above {from}", message(tree, reference)));
                }
            }
        }
    }
    problems.dedup();
    problems
}

/// An ordered list of modules: those of the top level, or those in one module.
struct Layer<'a> {
    inside: Option<&'a str>,
    order: &'a [&'a str],
}

/// The entry of the items that a module's own file declares.
const OWN: &str = "mod";

impl Layer<'_> {
    /// Checks that each module has an entry, and each entry a module.
    fn complete(&self, package: &Package, tree: &Tree, problems: &mut Vec<String>) {
        let depth = usize::from(self.inside.is_some());
        let shown = self.inside.map(|name| format!("{name}::")).unwrap_or_default();
        let modules = tree.modules.iter().enumerate().filter(|(id, module)| {
            is_library(package, tree, *id)
                && module.path.len() == depth + 1
                && self.inside.is_none_or(|inside| module.path[0] == inside)
        });
        let there: BTreeSet<&str> = modules.map(|(_, module)| module.path[depth].as_str()).collect();
        let order: BTreeMap<&str, usize> = self.order.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        if order.len() < self.order.len() {
            problems.push(format!("{}: a module has two places in the order", package.name));
        }
        let without = there.iter().filter(|name| !order.contains_key(**name));
        problems.extend(without.map(|name| format!("{}: {shown}{name} has no place in the order", package.name)));
        let stale = order.keys().filter(|name| **name != OWN && !there.contains(**name));
        problems.extend(stale.map(|name| format!("{}: {shown}{name} is in the order, and no module", package.name)));
    }

    /// The two modules, if the first one names the second one and is lower.
    fn upward(&self, tree: &Tree, from: ModuleId, to: ModuleId, defined: bool) -> Option<(String, String)> {
        let (from, to) = (self.part(&tree.modules[from].path, true)?, self.part(&tree.modules[to].path, defined)?);
        let place = |name: &str| self.order.iter().position(|other| *other == name);
        let shown = |name: &str| self.inside.map_or_else(|| name.to_owned(), |inside| format!("{inside}::{name}"));
        (from != to && place(to)? > place(from)?).then(|| (shown(from), shown(to)))
    }

    fn part<'a>(&self, path: &'a [String], own: bool) -> Option<&'a str> {
        match self.inside {
            None => path.first().map(String::as_str),
            Some(inside) if path.first()? == inside => match path.get(1) {
                Some(part) => Some(part),
                None => own.then_some(OWN),
            },
            Some(_) => None,
        }
    }
}

/// The modules that a reference names, and those that declare the named item.
fn targets(reference: &Reference) -> BTreeSet<(ModuleId, bool)> {
    let declared = reference.found.ends.iter().filter_map(|end| match end {
        PathTarget::Item(module, _) => Some((*module, true)),
        _ => None,
    });
    reference.found.named.iter().map(|module| (*module, false)).chain(declared).collect()
}

pub(super) fn is_library(package: &Package, tree: &Tree, module: ModuleId) -> bool {
    let root = tree.modules[module].root;
    tree.file(tree.modules[root].file)
        == super::source::normal(&std::path::Path::new(package.folder).join("src/lib.rs"))
}

/// A message such as `src/error/mod.rs:7: crate::error names crate::config::Config`.
pub(super) fn message(tree: &Tree, reference: &Reference) -> String {
    let file = tree.file(reference.file).display();
    format!("{file}:{}: {} names {}", reference.line, tree.shown(reference.from), reference.path.join("::"))
}
