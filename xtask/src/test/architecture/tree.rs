//! The modules of a package: their files, declarations and imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta, UseTree, Visibility, ext::IdentExt};

use super::source::{Source, generated, is_generated, normal};

pub(super) type ModuleId = usize;
pub(super) type FileId = usize;

#[derive(Default)]
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
    pub(super) files: Vec<PathBuf>,
    /// Included files, with the file that includes each.
    included: BTreeMap<FileId, FileId>,
}

pub(super) struct Module {
    /// The path from the root of the crate: `["pipeline", "cache"]`.
    pub(super) path: Vec<String>,
    pub(super) parent: Option<ModuleId>,
    pub(super) root: ModuleId,
    pub(super) file: FileId,
    pub(super) items: Vec<(FileId, Item)>,
    pub(super) names: BTreeMap<String, Vec<Name>>,
    /// Modules that are imported by a glob.
    pub(super) globs: Vec<Vec<String>>,
    /// The words of macro calls in item position and of their definitions, which include the declared names.
    pub(super) made: BTreeMap<String, FileId>,
}

/// The meaning of a name in a module.
pub(super) enum Name {
    /// An item and the place of its declaration. An exported macro is at the root, and is declared elsewhere.
    Item(ModuleId, FileId),
    Module(ModuleId),
    Import(Vec<String>),
}

/// A name of a `use` item: the local name (`None` for a glob), and the path.
pub(super) struct Import {
    pub(super) name: Option<String>,
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

impl Tree {
    /// Reads all crates of the package.
    pub(super) fn read(source: &Source<'_>) -> Result<Self> {
        let mut reader = Reader { source, tree: Self::default(), tests: BTreeSet::new() };
        for root in source.roots() {
            let file = reader.file(&root)?;
            let id = reader.module(Vec::new(), None, file);
            let folder = root.parent().map(Path::to_path_buf).unwrap_or_default();
            let parsed = parse(source, &root)?;
            reader.items(id, file, &folder, parsed.items)?;
        }
        let Reader { tree, tests, .. } = reader;
        let mounted: BTreeSet<&PathBuf> = tree.files.iter().chain(&tests).collect();
        // cargo keeps the files of older build scripts.
        let lost = source.files.keys().filter(|file| !mounted.contains(file) && !is_generated(file));
        let lost: Vec<String> = lost.map(|file| file.display().to_string()).collect();
        if !lost.is_empty() {
            bail!("mounted by no module: {}", lost.join(", "));
        }
        Ok(tree)
    }

    pub(super) fn file(&self, id: FileId) -> &Path {
        &self.files[id]
    }

    /// The file that includes this one, or itself.
    pub(super) fn holder(&self, id: FileId) -> FileId {
        self.included.get(&id).copied().unwrap_or(id)
    }

    /// `crate::pipeline::cache`, or the root file of the crate.
    pub(super) fn shown(&self, module: ModuleId) -> String {
        let path = &self.modules[module].path;
        if path.is_empty() { "the crate's root".to_owned() } else { format!("crate::{}", path.join("::")) }
    }
}

struct Reader<'a> {
    source: &'a Source<'a>,
    tree: Tree,
    /// Files of test modules.
    tests: BTreeSet<PathBuf>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path) -> Result<FileId> {
        if self.tree.files.iter().any(|file| file == path) {
            bail!("{} is mounted twice", path.display());
        }
        self.tree.files.push(path.to_path_buf());
        Ok(self.tree.files.len() - 1)
    }

    fn module(&mut self, path: Vec<String>, parent: Option<ModuleId>, file: FileId) -> ModuleId {
        let id = self.tree.modules.len();
        let root = parent.map_or(id, |parent| self.tree.modules[parent].root);
        let (items, names, globs, made) = Default::default();
        self.tree.modules.push(Module { path, parent, root, file, items, names, globs, made });
        id
    }

    /// Adds these items to a module. `folder` contains the files of its child modules.
    fn items(&mut self, id: ModuleId, file: FileId, folder: &Path, items: Vec<Item>) -> Result<()> {
        for item in items {
            if is_test(attributes(&item)) {
                if let Item::Mod(module) = &item {
                    self.tests(folder, file, module)?;
                }
                continue;
            }
            match item {
                Item::Mod(module) => self.child(id, file, folder, module)?,
                Item::ExternCrate(item) if item.ident == "self" => {
                    let file = self.tree.files[file].display();
                    bail!("{file}: `extern crate self` gives the root a second name, which no path may have");
                }
                Item::Macro(call) if call.mac.path.is_ident("include") => {
                    let holder = self.tree.files[file].display().to_string();
                    let path = included(self.source, &call.mac.tokens)
                        .with_context(|| format!("{holder}: an include! of something else than OUT_DIR's files"))?;
                    let included = self.file(&path)?;
                    self.tree.included.insert(included, self.tree.holder(file));
                    let items = parse(self.source, &path)?.items;
                    self.items(id, included, folder, items)?;
                }
                item => {
                    self.declare(id, file, &item);
                    self.tree.modules[id].items.push((file, item));
                }
            }
        }
        Ok(())
    }

    fn child(&mut self, parent: ModuleId, file: FileId, folder: &Path, module: ItemMod) -> Result<()> {
        let name = module.ident.unraw().to_string();
        let mut path = self.tree.modules[parent].path.clone();
        path.push(name.clone());
        let (file, folder, items) = match module.content {
            Some((_, items)) => (file, folder.join(&name), items),
            None => {
                let (path, folder) = self.mounted(folder, file, &module.attrs, &name)?;
                (self.file(&path)?, folder, parse(self.source, &path)?.items)
            }
        };
        let id = self.module(path, Some(parent), file);
        self.tree.modules[parent].names.entry(name).or_default().push(Name::Module(id));
        self.items(id, file, &folder, items)
    }

    /// The file of a `mod` item, and the folder of its child modules.
    fn mounted(&self, folder: &Path, file: FileId, attrs: &[syn::Attribute], name: &str) -> Result<(PathBuf, PathBuf)> {
        if let Some(path) = attribute_path(attrs) {
            let beside = self.tree.files[file].parent().unwrap_or(Path::new(""));
            let path = normal(&beside.join(path));
            let children = path.parent().map(Path::to_path_buf).unwrap_or_default();
            return Ok((path, children));
        }
        let children = folder.join(name);
        let choices = [folder.join(format!("{name}.rs")), children.join("mod.rs")];
        let found = choices.into_iter().find(|path| self.source.files.contains_key(path));
        let found = found.with_context(|| format!("no file for the module {name} in {}", folder.display()))?;
        Ok((found, children))
    }

    /// Adds the files of a test module, which are not checked.
    fn tests(&mut self, folder: &Path, file: FileId, module: &ItemMod) -> Result<()> {
        if module.content.is_some() {
            return Ok(());
        }
        let (path, children) = self.mounted(folder, file, &module.attrs, &module.ident.unraw().to_string())?;
        let inside = self.source.files.keys().filter(|file| **file == path || file.starts_with(&children));
        self.tests.extend(inside.cloned());
        Ok(())
    }

    fn declare(&mut self, id: ModuleId, file: FileId, item: &Item) {
        let root = self.tree.modules[id].root;
        if let Item::Macro(definition) = item
            && let Some(name) = &definition.ident
            && definition.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
        {
            self.tree.modules[root].names.entry(name.to_string()).or_default().push(Name::Item(id, file));
        }
        let module = &mut self.tree.modules[id];
        let ident = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::TraitAlias(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Macro(item) => {
                words(&item.mac.tokens, &mut |word| {
                    module.made.entry(word).or_insert(file);
                });
                item.ident.as_ref()
            }
            _ => None,
        };
        if let Some(ident) = ident {
            module.names.entry(ident.unraw().to_string()).or_default().push(Name::Item(id, file));
        }
        if let Item::Use(item) = item {
            for Import { name, path, .. } in imported(item.leading_colon.is_some(), &item.tree) {
                match name {
                    Some(name) => module.names.entry(name).or_default().push(Name::Import(path)),
                    None => module.globs.push(path),
                }
            }
        }
    }
}

fn parse(source: &Source<'_>, path: &Path) -> Result<syn::File> {
    let text = source.files.get(path).with_context(|| format!("{} is missing", path.display()))?;
    syn::parse_file(text).with_context(|| format!("{} cannot be parsed", path.display()))
}

/// The names that a `use` item imports. A path from `::` begins with an empty segment.
pub(super) fn imported(absolute: bool, tree: &UseTree) -> Vec<Import> {
    let mut all = Vec::new();
    let mut path: Vec<String> = absolute.then(String::new).into_iter().collect();
    collect(tree, &mut path, &mut all);
    all
}

fn collect(tree: &UseTree, path: &mut Vec<String>, all: &mut Vec<Import>) {
    let mut push = |name: Option<&syn::Ident>, mut path: Vec<String>, ident: &syn::Ident| {
        if ident == "self" {
            path.pop();
        }
        let name =
            name.map(
                |name| if name == "self" { path.last().cloned().unwrap_or_default() } else { name.unraw().to_string() },
            );
        all.push(Import { name, path, line: ident.span().start().line });
    };
    let with = |path: &[String], last: &syn::Ident| [path, &[last.unraw().to_string()]].concat();
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.unraw().to_string());
            collect(&part.tree, path, all);
            path.pop();
        }
        UseTree::Name(part) => push(Some(&part.ident), with(path, &part.ident), &part.ident),
        UseTree::Rename(part) => push(Some(&part.rename), with(path, &part.ident), &part.ident),
        UseTree::Glob(part) => {
            let line = part.star_token.spans[0].start().line;
            all.push(Import { name: None, path: path.clone(), line });
        }
        UseTree::Group(part) => part.items.iter().for_each(|item| collect(item, path, all)),
    }
}

/// Whether a `use` item is visible outside its module.
pub(super) fn is_reexport(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Inherited => false,
        Visibility::Restricted(within) => !within.path.is_ident("self"),
        Visibility::Public(_) => true,
    }
}

/// Whether an item is compiled for tests only.
pub(super) fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && attribute.parse_args::<Meta>().is_ok_and(|meta| asks_for_test(&meta))
    })
}

fn asks_for_test(meta: &Meta) -> bool {
    match meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated)
            .is_ok_and(|parts| parts.iter().any(asks_for_test)),
        _ => false,
    }
}

pub(super) fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The file of `#[path = ".."]`.
fn attribute_path(attrs: &[syn::Attribute]) -> Option<String> {
    attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// The file of `include!(concat!(env!("OUT_DIR"), "/file.rs"))`.
fn included(source: &Source<'_>, tokens: &TokenStream) -> Option<PathBuf> {
    let mut file = None;
    literals(tokens, &mut |text| {
        if let Some(name) = text.strip_prefix('/') {
            file = Some(generated(source.package, name));
        }
    });
    file
}

fn literals(tokens: &TokenStream, each: &mut impl FnMut(String)) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => literals(&group.stream(), each),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    each(text.value());
                }
            }
            _ => {}
        }
    }
}

fn words(tokens: &TokenStream, each: &mut impl FnMut(String)) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => words(&group.stream(), each),
            TokenTree::Ident(ident) => each(ident.unraw().to_string()),
            _ => {}
        }
    }
}
