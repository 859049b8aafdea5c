//! Resolves paths through imports, re-exports and globs.

use std::collections::BTreeSet;

use super::tree::{FileId, ModuleId, Name, Tree};

/// The target of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathTarget {
    /// An item declared in this module and file.
    Item(ModuleId, FileId),
    Module(ModuleId),
    /// Another package, or an unknown target: the first name of the path.
    Outside(String),
}

/// The resolution of a path.
#[derive(Debug, Default)]
pub(super) struct Resolution {
    /// The modules that the path names.
    pub(super) named: Vec<ModuleId>,
    /// The targets; several if a name has several meanings.
    pub(super) ends: BTreeSet<PathTarget>,
}

type VisitedNames = BTreeSet<(ModuleId, String)>;

impl Tree {
    /// Resolves `path` in the module `from`. The result has no targets if a part of the path does not exist.
    pub(super) fn resolve(&self, from: ModuleId, path: &[String]) -> Resolution {
        let mut found = Resolution::default();
        found.ends = self.walk(from, path, &mut found.named, &mut VisitedNames::new());
        found
    }

    /// A macro that is in textual scope.
    pub(super) fn macro_above(&self, from: ModuleId, name: &str) -> Option<PathTarget> {
        let mut module = Some(from);
        while let Some(id) = module {
            let item = self.modules[id].names.get(name).into_iter().flatten().find_map(|name| match name {
                Name::Item(module, file) => Some(PathTarget::Item(*module, *file)),
                _ => None,
            });
            if item.is_some() {
                return item;
            }
            module = self.modules[id].parent;
        }
        None
    }

    fn walk(
        &self,
        from: ModuleId,
        path: &[String],
        named: &mut Vec<ModuleId>,
        seen: &mut VisitedNames,
    ) -> BTreeSet<PathTarget> {
        let Some((first, mut rest)) = path.split_first() else { return [PathTarget::Module(from)].into() };
        let mut ends: BTreeSet<PathTarget> = match first.as_str() {
            "crate" => [PathTarget::Module(self.modules[from].root)].into(),
            "self" => [PathTarget::Module(from)].into(),
            "super" => self.modules[from].parent.map(PathTarget::Module).into_iter().collect(),
            "Self" => return BTreeSet::new(),
            "" => return rest.first().map(|name| PathTarget::Outside(name.clone())).into_iter().collect(),
            name => {
                let ends = self.lookup(from, name, false, seen);
                if ends.is_empty() {
                    return [PathTarget::Outside(name.to_owned())].into();
                }
                note(&ends, named);
                ends
            }
        };
        while let Some((name, further)) = rest.split_first() {
            rest = further;
            let mut next = BTreeSet::new();
            // If a function and a module have the same name, the path continues through the module.
            if ends.iter().any(|end| matches!(end, PathTarget::Module(_))) {
                ends.retain(|end| !matches!(end, PathTarget::Item(..)));
            }
            for end in ends {
                match end {
                    PathTarget::Module(id) if name == "super" => {
                        next.extend(self.modules[id].parent.map(PathTarget::Module))
                    }
                    PathTarget::Module(id) => {
                        let ends = self.lookup(id, name, true, seen);
                        note(&ends, named);
                        next.extend(ends);
                    }
                    // The name after an item is a variant or an associated item.
                    end => _ = next.insert(end),
                }
            }
            ends = next;
        }
        ends
    }

    /// The targets of `name` in a module. With `made`, items that macros declare are included.
    fn lookup(&self, id: ModuleId, name: &str, made: bool, seen: &mut VisitedNames) -> BTreeSet<PathTarget> {
        let mut ends = BTreeSet::new();
        if !seen.insert((id, name.to_owned())) {
            return ends;
        }
        let module = &self.modules[id];
        for name in module.names.get(name).into_iter().flatten() {
            match name {
                Name::Item(module, file) => _ = ends.insert(PathTarget::Item(*module, *file)),
                Name::Module(module) => _ = ends.insert(PathTarget::Module(*module)),
                Name::Import(path) => ends.extend(self.walk(id, path, &mut Vec::new(), seen)),
            }
        }
        if ends.is_empty() {
            for path in &module.globs {
                for end in self.walk(id, path, &mut Vec::new(), seen) {
                    match end {
                        PathTarget::Module(other) => ends.extend(self.lookup(other, name, true, seen)),
                        // The names of a glob of an enum or of another package are not known.
                        PathTarget::Item(..) | PathTarget::Outside(_) => {}
                    }
                }
            }
        }
        if ends.is_empty() && made {
            ends.extend(module.made.get(name).map(|file| PathTarget::Item(id, *file)));
        }
        seen.remove(&(id, name.to_owned()));
        ends
    }
}

fn note(ends: &BTreeSet<PathTarget>, named: &mut Vec<ModuleId>) {
    named.extend(ends.iter().filter_map(|end| match end {
        PathTarget::Module(id) => Some(*id),
        _ => None,
    }));
}
