//! Checks links: between pages of the documentation, from them to files of the repository, and in markdown files. Addresses
//! of other sites are not visited.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;

use crate::{process::output, workspace::Workspace};

/// The path of the default branch's files in addresses of the repository.
const FILES: &str = "/blob/main/";
/// Pages that docs.rs serves, and this build does not have.
const ELSEWHERE: &[&str] = &["http://", "https://", "mailto:", "data:", "javascript:"];

/// What was found.
#[derive(Default)]
pub struct Report {
    pub files: usize,
    pub links: usize,
    /// File and address, one a line.
    pub broken: Vec<String>,
}

impl Report {
    fn add(&mut self, file: &Path, address: &str, leads: bool) {
        self.links += 1;
        if !leads {
            self.broken.push(format!("{}: {address}", file.display()));
        }
    }
}

/// Checks the pages of these crates below `folder`.
pub fn check_pages(folder: &Path, crates: &[String], workspace: &Workspace, report: &mut Report) -> Result<()> {
    let mut anchors = BTreeMap::new();
    for name in crates {
        let mut pages = Vec::new();
        html_files(&folder.join(name), &mut pages)?;
        for page in pages {
            let html = fs::read_to_string(&page)?;
            report.files += 1;
            for address in attributes(&html, "href").collect::<BTreeSet<_>>() {
                let address = unescaped(address);
                let leads = leads(&page, &address, crates, workspace, &mut anchors);
                report.add(&page, &address, leads);
            }
        }
    }
    Ok(())
}

/// Whether an address on a page leads to a page, an anchor or a file that exists.
fn leads(
    page: &Path,
    address: &str,
    crates: &[String],
    workspace: &Workspace,
    anchors: &mut BTreeMap<PathBuf, Option<BTreeSet<String>>>,
) -> bool {
    if let Some(file) = workspace.repository.as_deref().and_then(|url| address.strip_prefix(url)?.strip_prefix(FILES)) {
        return workspace.root.join(file.split('#').next().unwrap_or(file)).exists();
    }
    if ELSEWHERE.iter().any(|start| address.starts_with(start)) {
        return true;
    }
    let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
    let path = path.split('?').next().unwrap_or_default();
    // Pages and files have an extension. Anything else comes with the documentation of a foreign trait, which names its own
    // items.
    let is_foreign = !path.is_empty() && !path.ends_with('/') && Path::new(path).extension().is_none();
    if is_foreign || path.contains("::") {
        return true;
    }
    let target = if path.is_empty() { page.to_path_buf() } else { resolved(page, path) };
    let of_other_crate = !crates.iter().any(|name| target.components().any(|part| part.as_os_str() == name.as_str()));
    let is_page = target.extension().is_some_and(|extension| extension == "html");
    if of_other_crate || !is_page || anchor.is_empty() {
        return target.exists();
    }
    let ids = anchors.entry(target).or_insert_with_key(|target| {
        let html = fs::read_to_string(target).ok()?;
        // A page at the private path of a re-exported item sends readers on to the public one.
        let redirect =
            html.split_once("<meta http-equiv=\"refresh\" content=\"0;URL=").and_then(|(_, rest)| rest.split_once('"'));
        let html = match redirect {
            Some((path, _)) => fs::read_to_string(resolved(target, path)).ok()?,
            None => html,
        };
        Some(attributes(&html, "id").map(unescaped).collect())
    });
    // Lines of a source file are anchors that a script reads.
    let is_lines = anchor.chars().all(|letter| letter.is_ascii_digit() || letter == '-');
    let decoded = percent_decode_str(anchor).decode_utf8_lossy();
    ids.as_ref().is_some_and(|ids| is_lines || ids.contains(anchor) || ids.contains(decoded.as_ref()))
}

/// The target of a relative address, without `.` and `..`.
fn resolved(page: &Path, path: &str) -> PathBuf {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let whole = page.parent().unwrap_or(Path::new("")).join(path.as_ref());
    let mut out = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => _ = out.pop(),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

fn html_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            html_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "html") {
            files.push(path);
        }
    }
    Ok(())
}

/// The values of an attribute. rustdoc writes them in double quotes.
fn attributes<'h>(html: &'h str, name: &'static str) -> impl Iterator<Item = &'h str> {
    html.match_indices(name).filter_map(move |(at, _)| {
        let before = html[..at].chars().next_back();
        let value = html[at + name.len()..].strip_prefix("=\"")?;
        before.is_some_and(char::is_whitespace).then(|| value.split('"').next())?
    })
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

/// Checks the links of the markdown files of the repository: to files, and to addresses of the repository's own files.
pub fn check_markdown(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let list = output(std::process::Command::new("git").current_dir(&workspace.root).args(["ls-files", "*.md"]))?;
    for name in list.lines().filter(|name| !name.starts_with("src/")) {
        let file = workspace.root.join(name);
        let text = fs::read_to_string(&file)?;
        report.files += 1;
        for address in markdown_links(&text) {
            let own = workspace.repository.as_deref().and_then(|url| address.strip_prefix(url)?.strip_prefix(FILES));
            let target = match own {
                Some(path) => workspace.root.join(path.split('#').next().unwrap_or(path)),
                None if ELSEWHERE.iter().any(|start| address.starts_with(start)) => continue,
                // Items of the crates, which rustdoc checks.
                None if address.starts_with('#') || address.contains("::") => continue,
                None => resolved(&file, address.split('#').next().unwrap_or(address)),
            };
            report.add(Path::new(name), address, target.exists());
        }
    }
    Ok(())
}

/// The addresses of `[text](address)` and `[name]: address` outside of code blocks.
fn markdown_links(text: &str) -> Vec<&str> {
    let (mut links, mut in_code) = (Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let inline = line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split(')').next());
            links.extend(inline.filter(|address| !address.contains(' ')));
            let named = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
            links.extend(named.map(|(_, address)| address.trim()));
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_pages_are_read() {
        let html =
            r##"<a href="a.html#x">1</a><h2 id="x"><div data-id="no"></div><a class="b" href="../c/index.html">"##;
        assert_eq!(attributes(html, "href").collect::<Vec<_>>(), ["a.html#x", "../c/index.html"]);
        assert_eq!(attributes(html, "id").collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn links_of_markdown_are_read_outside_of_code() {
        let text = "See [a](A.md#x) and [b][c].\n```text\n[no](no.md)\n```\n[c]: https://example.org/c\n";
        assert_eq!(markdown_links(text), ["A.md#x", "https://example.org/c"]);
    }

    #[test]
    fn a_link_leads_to_a_page_with_its_anchor_or_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("own")).unwrap();
        let page = folder.path().join("own/index.html");
        fs::write(&page, r#"<h1 id="top">"#).unwrap();
        fs::write(folder.path().join("file.rs"), "").unwrap();
        let workspace = Workspace {
            root: folder.path().into(),
            repository: Some("https://example.org/own".into()),
            ..Workspace::default()
        };
        let check = |address: &str| leads(&page, address, &["own".to_owned()], &workspace, &mut BTreeMap::new());
        for address in [
            "#top",
            "index.html#top",
            "../own/index.html",
            "https://elsewhere.example/x",
            "https://example.org/own/blob/main/file.rs#L3",
        ] {
            assert!(check(address), "{address}");
        }
        for address in
            ["#bottom", "other.html", "../own/index.html#bottom", "https://example.org/own/blob/main/gone.rs"]
        {
            assert!(!check(address), "{address}");
        }
    }
}
