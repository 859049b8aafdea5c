//! Checks that the `x-feature` of the area files are the features of `Cargo.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bundle::operations;

/// The features of the crate, each with the features that it enables.
pub type Features = BTreeMap<String, Vec<String>>;

/// The feature that enables all areas, and nothing else.
pub const AREAS: &str = "full";
/// The feature that every area needs.
const CORE: &str = "client";

/// The areas of a document.
pub(super) fn areas(document: &Value) -> BTreeSet<&str> {
    operations(document).filter_map(|operation| operation.body["x-calcom"]["area"].as_str()).collect()
}

/// The differences between the areas of `document` and the features of the crate.
pub fn check(document: &Value, features: &Features) -> Vec<String> {
    let mut problems = Vec::new();
    let areas = areas(document);
    for area in &areas {
        if !features.contains_key(*area) {
            problems.push(format!("Cargo.toml: no feature `{area}`, which the document has as x-feature"));
        } else if !turns_on(features, area, CORE) {
            problems.push(format!("Cargo.toml: the feature `{area}` does not turn on `{CORE}`"));
        }
    }
    let all: BTreeSet<&str> = features.get(AREAS).into_iter().flatten().map(String::as_str).collect();
    for area in areas.difference(&all) {
        problems.push(format!("Cargo.toml: the feature `{AREAS}` lacks `{area}`"));
    }
    for name in all.difference(&areas) {
        problems.push(format!("Cargo.toml: the feature `{AREAS}` has `{name}`, which no file has as x-feature"));
    }
    problems
}

/// Whether `feature` enables `other`, directly or indirectly.
pub fn turns_on(features: &Features, feature: &str, other: &str) -> bool {
    features.get(feature).into_iter().flatten().any(|named| named == other || turns_on(features, named, other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(areas: &[&str]) -> Value {
        let paths = areas.iter().map(|area| (format!("/{area}"), json!({"get": {"x-calcom": {"area": area}}})));
        json!({"paths": Value::Object(paths.collect())})
    }

    fn features(all: &[(&str, &[&str])]) -> Features {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        all.iter().map(|(name, others)| ((*name).to_owned(), owned(others))).collect()
    }

    #[test]
    fn areas_that_are_features_are_no_problem() {
        let features =
            features(&[("client", &[]), ("moons", &["stars"]), ("stars", &["client"]), ("full", &["moons", "stars"])]);
        assert_eq!(check(&document(&["moons", "stars"]), &features), Vec::<String>::new());
    }

    #[test]
    fn an_area_without_a_feature_is_named() {
        let features = features(&[("client", &[]), ("full", &["moons"])]);
        let problems = check(&document(&["moons"]), &features);
        assert_eq!(problems, ["Cargo.toml: no feature `moons`, which the document has as x-feature"]);
    }

    #[test]
    fn a_feature_without_an_area_is_named() {
        let features = features(&[("client", &[]), ("moons", &["client"]), ("full", &["moons", "suns"])]);
        let problems = check(&document(&["moons"]), &features);
        assert_eq!(problems, ["Cargo.toml: the feature `full` has `suns`, which no file has as x-feature"]);
    }

    #[test]
    fn an_area_that_is_left_out_of_the_whole_or_lacks_the_client_is_named() {
        let features = features(&[("client", &[]), ("moons", &[]), ("full", &[])]);
        let problems = check(&document(&["moons"]), &features);
        let expected = [
            "Cargo.toml: the feature `moons` does not turn on `client`",
            "Cargo.toml: the feature `full` lacks `moons`",
        ];
        assert_eq!(problems, expected);
    }
}
