//! What a path leads to, through imports, re-exports and globs.

use std::collections::BTreeSet;

use super::tree::{FileId, ModuleId, Name, Tree};

/// Where a path ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// At an item declared in this module and file.
    Item(ModuleId, FileId),
    Module(ModuleId),
    /// In another package, or nowhere that is known: its first name.
    Outside(String),
}

/// What a path names.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The modules that it passes through by their names.
    pub(super) named: Vec<ModuleId>,
    /// Several where the same name stands for several things.
    pub(super) ends: BTreeSet<End>,
}

type Seen = BTreeSet<(ModuleId, String)>;

impl Tree {
    /// Where `path`, written in `from`, leads. Nowhere if a part of it is not there.
    pub(super) fn resolve(&self, from: ModuleId, path: &[String]) -> Found {
        let mut found = Found::default();
        found.ends = self.walk(from, path, &mut found.named, &mut Seen::new());
        found
    }

    /// A macro that is in scope by the order of the text.
    pub(super) fn macro_above(&self, from: ModuleId, name: &str) -> Option<End> {
        let mut module = Some(from);
        while let Some(id) = module {
            let item = self.modules[id].names.get(name).into_iter().flatten().find_map(|name| match name {
                Name::Item(module, file) => Some(End::Item(*module, *file)),
                _ => None,
            });
            if item.is_some() {
                return item;
            }
            module = self.modules[id].parent;
        }
        None
    }

    fn walk(&self, from: ModuleId, path: &[String], named: &mut Vec<ModuleId>, seen: &mut Seen) -> BTreeSet<End> {
        let Some((first, mut rest)) = path.split_first() else { return [End::Module(from)].into() };
        let mut ends: BTreeSet<End> = match first.as_str() {
            "crate" => [End::Module(self.modules[from].root)].into(),
            "self" => [End::Module(from)].into(),
            "super" => self.modules[from].parent.map(End::Module).into_iter().collect(),
            "Self" => return BTreeSet::new(),
            "" => return rest.first().map(|name| End::Outside(name.clone())).into_iter().collect(),
            name => {
                let ends = self.look_up(from, name, false, seen);
                if ends.is_empty() {
                    return [End::Outside(name.to_owned())].into();
                }
                note(&ends, named);
                ends
            }
        };
        while let Some((name, further)) = rest.split_first() {
            rest = further;
            let mut next = BTreeSet::new();
            // Where a function has a module's name, it is the module that a path goes through.
            if ends.iter().any(|end| matches!(end, End::Module(_))) {
                ends.retain(|end| !matches!(end, End::Item(..)));
            }
            for end in ends {
                match end {
                    End::Module(id) if name == "super" => next.extend(self.modules[id].parent.map(End::Module)),
                    End::Module(id) => {
                        let ends = self.look_up(id, name, true, seen);
                        note(&ends, named);
                        next.extend(ends);
                    }
                    // What follows an item is a variant of it, or something associated with it.
                    end => _ = next.insert(end),
                }
            }
            ends = next;
        }
        ends
    }

    /// What `name` is in a module; `made`: or may be, by what macros make there.
    fn look_up(&self, id: ModuleId, name: &str, made: bool, seen: &mut Seen) -> BTreeSet<End> {
        let mut ends = BTreeSet::new();
        if !seen.insert((id, name.to_owned())) {
            return ends;
        }
        let module = &self.modules[id];
        for name in module.names.get(name).into_iter().flatten() {
            match name {
                Name::Item(module, file) => _ = ends.insert(End::Item(*module, *file)),
                Name::Module(module) => _ = ends.insert(End::Module(*module)),
                Name::Import(path) => ends.extend(self.walk(id, path, &mut Vec::new(), seen)),
            }
        }
        if ends.is_empty() {
            for path in &module.globs {
                for end in self.walk(id, path, &mut Vec::new(), seen) {
                    match end {
                        End::Module(other) => ends.extend(self.look_up(other, name, true, seen)),
                        // All variants of an enum, or all of another package: which names these are is not known here.
                        End::Item(..) | End::Outside(_) => {}
                    }
                }
            }
        }
        if ends.is_empty() && made {
            ends.extend(module.made.get(name).map(|file| End::Item(id, *file)));
        }
        seen.remove(&(id, name.to_owned()));
        ends
    }
}

fn note(ends: &BTreeSet<End>, named: &mut Vec<ModuleId>) {
    named.extend(ends.iter().filter_map(|end| match end {
        End::Module(id) => Some(*id),
        _ => None,
    }));
}
