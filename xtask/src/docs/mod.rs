//! Builds the documentation of the published packages as docs.rs does, and checks the links of pages and of markdown files.

mod links;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    process::{cargo, run},
    test::{PUBLISHED, as_docs_rs, docs_rs_features},
    workspace::Workspace,
};

/// Builds all pages, and checks all links.
pub fn run_all(root: &Path) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let pages = workspace.target.join("doc");
    for (package, _) in PUBLISHED {
        let folder = pages.join(package.replace('-', "_"));
        if folder.exists() {
            // Pages of items that are gone would hide broken links.
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        let mut doc = cargo(root);
        doc.args(["doc", "--no-deps", "--lib", "--package", package]);
        doc.args(["--features", &docs_rs_features(&workspace, package)?]);
        doc.env("RUSTDOCFLAGS", "--cfg docsrs -D warnings");
        run(as_docs_rs(&mut doc)?)?;
    }
    let names: Vec<String> = PUBLISHED.iter().map(|(package, _)| package.replace('-', "_")).collect();
    let mut report = links::Report::default();
    links::check_pages(&pages, &names, &workspace, &mut report)?;
    links::check_markdown(&workspace, &mut report)?;
    if report.broken.is_empty() {
        println!("{} links of {} files lead somewhere", report.links, report.files);
        return Ok(());
    }
    bail!("{} broken links:\n{}", report.broken.len(), report.broken.join("\n"))
}
