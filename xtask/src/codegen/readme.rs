//! Checks the tables of features in the README, and its number of operations.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    bundle::operations,
    features::{AREAS, Features, areas, turns_on},
};

/// The heads of the tables: of the areas, and of the other features.
const AREA_HEAD: &str = "| area | default | what it has |";
const FEATURE_HEAD: &str = "| feature | default | what it adds |";
/// The feature of what is on unless it is switched off.
const DEFAULT: &str = "default";

/// The differences between the tables of `readme` and the features.
pub fn check(document: &Value, features: &Features, readme: &str) -> Vec<String> {
    let areas = areas(document);
    let is_area = |name: &str| name == AREAS || areas.contains(name);
    let public = features.keys().filter(|name| *name != DEFAULT && !name.starts_with("__"));
    let (of_areas, others): (Vec<&String>, Vec<&String>) = public.partition(|name| is_area(name));
    let mut problems = Vec::new();
    for (head, names) in [(AREA_HEAD, of_areas), (FEATURE_HEAD, others)] {
        let rows = rows(readme, head);
        for name in &names {
            let is_default = turns_on(features, DEFAULT, name);
            match rows.get(name.as_str()) {
                None => problems.push(format!("README.md: the table `{head}` lacks `{name}`")),
                Some(column) if (*column == "yes") != is_default => {
                    problems.push(format!("README.md: `{name}`: default is {column:?}, in Cargo.toml {is_default}"));
                }
                Some(_) => {}
            }
        }
        let unknown = rows.keys().filter(|row| !names.iter().any(|name| name == *row));
        problems.extend(
            unknown.map(|name| format!("README.md: the table `{head}` has `{name}`, which does not belong there")),
        );
    }
    let count = operations(document).count();
    if !readme.contains(&format!("all {count} operations")) {
        problems.push(format!("README.md: does not say that there are {count} operations"));
    }
    problems
}

/// The rows of a table: the column of the default by name.
fn rows<'r>(readme: &'r str, head: &str) -> BTreeMap<&'r str, &'r str> {
    let table = readme.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
    table
        .filter_map(|row| {
            let mut columns = row.split('|').skip(1).map(str::trim);
            Some((columns.next()?.strip_prefix('`')?.strip_suffix('`')?, columns.next()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(readme: &str) -> Vec<String> {
        let operation = |area: &str| json!({"get": {"operationId": area, "x-calcom": {"area": area}}});
        let document = json!({"paths": {"/moons": operation("moons"), "/suns": operation("suns")}});
        let features: Features = [
            ("default", &["moons", "tls"][..]),
            ("full", &["moons", "suns"]),
            ("moons", &["client"]),
            ("suns", &["client"]),
            ("client", &[]),
            ("tls", &[]),
            ("__tests", &[]),
        ]
        .into_iter()
        .map(|(name, others)| (name.to_owned(), others.iter().map(|other| (*other).to_owned()).collect()))
        .collect();
        check(&document, &features, readme)
    }

    const GOOD: &str = "has all 2 operations\n\n| area | default | what it has |\n|---|:-:|---|\n| `moons` | yes | a |\n\
        | `suns` | | b |\n| `full` | | all |\n\n| feature | default | what it adds |\n|---|:-:|---|\n| `client` | yes | c |\n\
        | `tls` | yes | d |\n";

    #[test]
    fn the_tables_name_each_feature_with_its_default() {
        assert_eq!(problems(GOOD), Vec::<String>::new());
        for (from, to, said) in [
            ("| `suns` | | b |\n", "", "the table `| area | default | what it has |` lacks `suns`"),
            ("| `suns` | |", "| `suns` | yes |", "`suns`: default is \"yes\", in Cargo.toml false"),
            ("| `tls` | yes |", "| `tls` | |", "`tls`: default is \"\", in Cargo.toml true"),
            ("all 2 operations", "all 3 operations", "does not say that there are 2 operations"),
            (
                "| `full`",
                "| `stars` | | e |\n| `full`",
                "the table `| area | default | what it has |` has `stars`, which does not belong there",
            ),
        ] {
            assert_eq!(problems(&GOOD.replace(from, to)), [format!("README.md: {said}")]);
        }
    }
}
