//! Checks the README's table of other clients against the figures, each of which has a version and a date.

use serde_json::Value;

/// The figures, relative to the root.
pub const FIGURES: &str = "tests/figures/comparison.json";

/// The rows that the README lacks, and figures without a version or a date.
pub fn check(figures: &Value, readme: &str) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let number = |row: &Value, name: &str| row[name].as_u64().map(|number| number.to_string()).unwrap_or_default();
    let mut problems = Vec::new();
    for row in figures["rows"].as_array().into_iter().flatten() {
        let (client, version, date) = (text(row, "client"), text(row, "version"), text(row, "date"));
        if client.is_empty() || version.is_empty() || date.is_empty() {
            problems.push(format!("{FIGURES}: a row has no client, version or date: {row}"));
        }
        // A version that names its date says it once.
        let measured = if version.contains(date.split('-').next().unwrap_or(&date)) {
            version
        } else {
            format!("{version}, {date}")
        };
        let columns =
            [client, text(row, "offers"), number(row, "decoded"), number(row, "told_failed"), measured].join(" | ");
        let line = format!("| {columns} |").replace("|  |", "| |").replace("|  |", "| |");
        if !readme.lines().any(|known| known == line) {
            problems.push(format!("README.md: lacks the row `{line}` of {FIGURES}"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_in_the_readme_with_its_version_and_date() {
        let row = |decoded: Value| json!({"rows": [{"client": "a", "version": "1.2", "date": "2026-07", "offers": null, "decoded": decoded, "told_failed": null}]});
        let readme = "| a | | 3 | | 1.2, 2026-07 |\n";
        assert_eq!(check(&row(json!(3)), readme), Vec::<String>::new());
        assert_eq!(check(&row(json!(4)), readme).len(), 1);
        assert_eq!(check(&json!({"rows": [{"client": "a", "version": "1"}]}), "").len(), 2);
    }
}
