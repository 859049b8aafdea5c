use std::collections::BTreeMap;

use super::{order::Package, source::Source};

const PACKAGE: Package = Package {
    name: "calcom",
    folder: "",
    code: &[],
    order: &["low", "middle", "high"],
    inside: &[("high", &["first", "second", "mod"])],
    mirrors: &["src/middle/mirror"],
};

const FAKE: Package =
    Package { name: "calcom-fake", folder: "fake", code: &[], order: &["one"], inside: &[], mirrors: &[] };

/// A tree without violations.
const CLEAN: &[(&str, &str)] = &[
    ("src/lib.rs", "mod high; mod low; mod middle;\npub use high::High; pub use low::Low;"),
    (
        "src/low.rs",
        "pub struct Low; pub struct Inner;
        macro_rules! declares { ($(#[$doc:meta])* $name:ident) => { pub struct $name; impl $crate::low::Mark for $name {} } }
        pub(crate) use declares; pub(crate) trait Mark {}
        #[cfg(test)] mod tests { use crate::high::*; fn upward() { crate::High::new(); } }
        #[cfg(all(test, unix))] use crate::middle::Middle;",
    ),
    (
        "src/middle/mod.rs",
        "mod mirror; mod part; pub use part::{Part as Renamed, *};
        use crate::{Low, low::{self, declares}}; use std::fmt::{self, Debug};
        declares! { /// Made by a macro.
            Made }
        include!(concat!(env!(\"OUT_DIR\"), \"/middle.rs\"));
        fn calls(made: &Made, low: low::Low) -> Generated { let high = 1; format!(\"{}\", high + 1); Generated(Low) }",
    ),
    ("OUT_DIR/calcom/middle.rs", "pub struct Generated(crate::low::Low); pub struct High;"),
    ("src/middle/part.rs", "use super::super::Low; pub struct Part(Low); pub fn high() {} struct Inner;"),
    ("src/middle/mirror/mod.rs", "pub struct High;"),
    (
        "src/high/mod.rs",
        "mod first; mod second; pub use first::First; use crate::middle::{Generated, Made, Renamed, high};
        pub struct High(First, second::Second, Made, Renamed, Generated);",
    ),
    ("src/high/first.rs", "pub struct First;"),
    ("src/high/second.rs", "use super::First; pub struct Second(First);"),
];

/// The problems of the clean tree with these files added or replaced.
fn problems(changes: &[(&str, &str)]) -> Vec<String> {
    with_twins(changes, "")
}

fn with_twins(changes: &[(&str, &str)], listed: &str) -> Vec<String> {
    let files: BTreeMap<_, _> =
        CLEAN.iter().chain(changes).map(|(path, text)| ((*path).into(), (*text).to_owned())).collect();
    let (in_fake, files) =
        files.into_iter().partition(|(path, _): &(std::path::PathBuf, String)| path.starts_with("fake"));
    let mut sources = vec![Source { package: &PACKAGE, files }];
    sources.push(Source { package: &FAKE, files: in_fake });
    sources.retain(|source| !source.files.is_empty());
    match super::examine(&sources, listed) {
        Ok((_, problems)) => problems,
        Err(error) => vec![format!("{error:#}")],
    }
}

/// Asserts that one of the problems contains all of these words.
#[track_caller]
fn refused(changes: &[(&str, &str)], words: &[&str]) {
    let problems = problems(changes);
    let said = problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)));
    assert!(said, "{words:?}: {problems:#?}");
}

/// Asserts that this text is a violation in a module lower than `high`.
#[track_caller]
fn refused_in_middle(text: &str) {
    let part = format!("pub struct Part; pub fn high() {{}}\n{text}");
    refused(&[("src/middle/part.rs", &part)], &["src/middle/part.rs:2", "high is above middle"]);
}

#[test]
fn a_tree_in_order_is_accepted_and_counted() {
    assert_eq!(problems(&[]), Vec::<String>::new());
    let files = CLEAN.iter().map(|(path, text)| ((*path).into(), (*text).to_owned())).collect();
    let (report, _) = super::examine(&[Source { package: &PACKAGE, files }], "").unwrap();
    assert_eq!(report.to_string(), "8 modules, 9 files, 7 edges, 0 circles, 0 twins");
}

#[test]
fn an_upward_use_is_refused_however_it_is_written() {
    refused_in_middle("use crate::high::second::Second;");
    refused_in_middle("use crate::{Low, low::{self}, high::second::{Second as Other}};");
    refused_in_middle("use super::super::high::First;");
    refused_in_middle("fn inside(it: &super::super::High) {}");
    refused_in_middle("fn inside() { use crate::high::*; }");
    refused_in_middle("fn inside() { let crate::High(..) = it; }");
    refused_in_middle("impl From<u8> for Part where crate::High: Clone {}");
    refused_in_middle("mod inner { use super::super::super::high::First; }");
    refused_in_middle("pub use crate::high as upstairs; fn inside(it: upstairs::First) {}");
    refused_in_middle("#[derive(Serialize)] struct Own { #[serde(with = \"crate::high::First\")] field: u8 }");
}

#[test]
fn a_reexport_counts_as_its_definition() {
    refused_in_middle("use crate::High;");
    refused_in_middle("pub(crate) use crate::High as Named; struct Own(Named);");
    let through_low = ("src/low.rs", "pub use crate::high::High; pub struct Low; pub(crate) use Low as declares;");
    refused(
        &[through_low, ("src/middle/mirror/mod.rs", "use crate::low::High as Own;")],
        &["mirror", "high is above middle"],
    );
    let by_glob = ("src/low.rs", "pub use crate::high::*; pub struct Low; pub(crate) use Low as declares;");
    refused(
        &[by_glob, ("src/middle/mirror/mod.rs", "type Own = crate::low::First;")],
        &["mirror", "high is above middle"],
    );
}

#[test]
fn an_upward_use_in_a_macro_is_refused() {
    refused_in_middle("fn inside() { println!(\"{}\", crate::High::NUMBER); }");
    refused_in_middle("macro_rules! hidden { () => { $crate::high::First } }");
    refused_in_middle("macro_rules! hidden { () => { use $crate::{low::Low, high::{First}}; } }");
    refused_in_middle("macro_rules! hidden { () => { #[serde(default = \"crate::high::First::new\")] field: u8 } }");
}

#[test]
fn an_upward_use_in_generated_code_is_refused() {
    let generated = ("OUT_DIR/calcom/middle.rs", "pub struct Generated(crate::High);");
    refused(&[generated], &["OUT_DIR/calcom/middle.rs:1", "high is above middle"]);
}

#[test]
fn modules_inside_one_have_an_order_too() {
    refused(
        &[("src/high/first.rs", "pub struct First(super::second::Second);")],
        &["high::second is above high::first"],
    );
    refused(&[("src/high/first.rs", "pub struct First(super::High);")], &["high::mod is above high::first"]);
    let third = ("src/high/mod.rs", "mod first; mod second; mod third; pub use first::First; pub struct High;");
    refused(&[third, ("src/high/third.rs", "")], &["high::third has no place"]);
}

#[test]
fn every_module_has_a_place_and_every_place_a_module() {
    let more = ("src/lib.rs", "mod high; mod low; mod middle; mod extra; pub use high::High; pub use low::Low;");
    refused(&[more, ("src/extra.rs", "")], &["extra has no place in the order"]);
    let fewer = ("src/high/mod.rs", "mod first; pub use first::First; #[cfg(test)] mod second; pub struct High;");
    refused(&[fewer], &["high::second is in the order, and no module"]);
    refused(&[("src/lost.rs", "")], &["mounted by no module: src/lost.rs"]);
}

#[test]
fn a_circle_of_files_is_refused() {
    let child = ("src/middle/part.rs", "use super::calls; pub struct Part; pub fn high() {}");
    refused(
        &[child, ("src/middle/mod.rs", &format!("{} type Own = Part;", CLEAN[2].1))],
        &["a circle of 2 files", "src/middle/part.rs:1", "in src/middle/part.rs"],
    );
    // Through a re-export at the root.
    let root = ("src/lib.rs", "mod high; mod low; mod middle; pub use high::{First, High, Second}; pub use low::Low;");
    let first = ("src/high/first.rs", "pub struct First(crate::Second);");
    let high = ("src/high/mod.rs", "mod first; mod second; pub use {first::First, second::Second}; pub struct High;");
    refused(&[root, high, first], &["a circle of 2 files", "names crate::Second, in src/high/second.rs"]);
}

#[test]
fn a_path_that_is_not_understood_is_not_passed_over() {
    refused(&[("src/high/first.rs", "pub struct First(crate::low::Gone);")], &["crate::low::Gone", "leads nowhere"]);
}

#[test]
fn a_path_that_hides_behind_another_name_of_the_root_or_a_macros_argument_is_refused() {
    let second_name = "pub struct First; extern crate self as me; fn up(_: me::high::High) {}";
    refused(&[("src/high/first.rs", second_name)], &["src/high/first.rs", "extern crate self"]);
    let argument = "pub struct First; macro_rules! up { ($($n:ident)::+) => { fn up(_: crate::$($n)::+) {} } }";
    refused(&[("src/high/first.rs", argument)], &["crate::$", "leads nowhere"]);
    let argument = "pub struct First; macro_rules! up { ($n:ident) => { fn up(_: $crate::$n) {} } }";
    refused(&[("src/high/first.rs", argument)], &["crate::$", "leads nowhere"]);
}

#[test]
fn what_the_root_declares_is_above_everything() {
    let root =
        ("src/lib.rs", "mod high; mod low; mod middle; pub use high::High; pub use low::Low; pub fn helper() {}");
    refused(
        &[root, ("src/high/first.rs", "pub struct First; fn own() { crate::helper(); }")],
        &["declared at the root"],
    );
}

#[test]
fn a_package_names_no_package_above_it() {
    let fake = [("fake/src/lib.rs", "mod one;"), ("fake/src/one.rs", "use calcom::High;")];
    assert_eq!(problems(&fake), Vec::<String>::new());
    let upward = ("src/high/first.rs", "pub struct First(calcom_fake::One);");
    refused(&[fake[0], fake[1], upward], &["src/high/first.rs:1", "the package calcom_fake is above calcom"]);
    let upward = ("src/high/first.rs", "pub struct First(::calcom_fake::One);");
    refused(&[fake[0], fake[1], upward], &["the package calcom_fake is above calcom"]);
}

#[test]
fn two_types_of_one_name_are_refused_unless_they_are_listed() {
    let twin = ("src/high/first.rs", "pub struct First; enum Low {} struct Inner;");
    refused(&[twin], &["2 types are called Low", "src/high/first.rs:1", "src/low.rs:1"]);
    let by_macro = ("src/high/first.rs", "pub struct First; crate::low::declares! { Low }");
    refused(&[by_macro], &["2 types are called Low"]);
    let whole =
        ("src/high/first.rs", "pub struct First; crate::low::declares! { pub struct Low { at: u8 } names: [] }");
    refused(&[whole], &["2 types are called Low"]);
    assert_eq!(with_twins(&[twin], "calcom Low 2"), Vec::<String>::new());
}

#[test]
fn the_list_of_twins_only_gets_shorter() {
    let stale = with_twins(&[], "calcom Low 2");
    assert_eq!(stale, ["twins.txt: `calcom Low` has no twin any more"]);
    let twin = ("src/high/first.rs", "pub struct First; enum Low {}");
    assert_eq!(with_twins(&[twin], "calcom Low 3"), ["twins.txt: `calcom Low 3` is 2 by now"]);
}
