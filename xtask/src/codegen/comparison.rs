//! Checks the README's table of other clients against the figures: each row has a version and a date, each figure the number that
//! it is of.

use serde_json::Value;

/// The figures, relative to the root.
pub const FIGURES: &str = "tests/figures/comparison.json";

/// The rows that the README lacks, and rows that are not complete.
pub fn check(figures: &Value, readme: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for row in figures["rows"].as_array().into_iter().flatten() {
        match line(row) {
            Ok(line) if readme.lines().any(|known| known == line) => {}
            Ok(line) => problems.push(format!("README.md: lacks the row `{line}` of {FIGURES}")),
            Err(problem) => problems.push(format!("{FIGURES}: {problem}: {row}")),
        }
    }
    problems
}

/// The README's line for a row.
fn line(row: &Value) -> Result<String, String> {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    if let Some(missing) = ["client", "version", "date"].into_iter().find(|name| text(name).is_empty()) {
        return Err(format!("a row has no {missing}"));
    }
    if row["told_failed"].is_number() && text("server").is_empty() {
        return Err("a row does not name the server that it was booked on".to_owned());
    }
    let (decoded, told_failed) = (figure(row, "decoded")?, figure(row, "told_failed")?);
    let columns = [text("client"), text("version"), text("date"), text("offers"), decoded, told_failed, text("server")]
        .join(" | ");
    Ok(format!("| {columns} |").replace("|  |", "| |").replace("|  |", "| |"))
}

/// A figure with the number that it is of, or the text in place of a figure.
fn figure(row: &Value, name: &str) -> Result<String, String> {
    let of = row[format!("{name}_of")].as_u64();
    match (row[name].as_u64(), of) {
        (Some(number), Some(of)) => Ok(format!("{number} of {of}")),
        (Some(_), None) => Err(format!("a row does not say of how many `{name}` is")),
        (None, _) => Ok(row[name].as_str().unwrap_or_default().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(row: &Value, readme: &str) -> Vec<String> {
        check(&json!({ "rows": [row] }), readme)
    }

    #[test]
    fn a_row_is_in_the_readme_with_its_version_and_date() {
        let row = |decoded: Value| {
            json!({
                "client": "a", "version": "1.2", "date": "2026-07", "decoded": decoded, "decoded_of": 9
            })
        };
        let readme = "| a | 1.2 | 2026-07 | | 3 of 9 | | |\n";
        assert_eq!(problems(&row(json!(3)), readme), Vec::<String>::new());
        assert_eq!(problems(&row(json!(4)), readme).len(), 1);
        assert_eq!(problems(&row(json!("not typed")), "| a | 1.2 | 2026-07 | | not typed | | |"), Vec::<String>::new());
    }

    #[test]
    fn a_row_without_a_date_and_a_figure_without_its_whole_or_its_server_are_refused() {
        let told_failed = |name: &str, value: Value| {
            let mut row = json!({
                "client": "a", "version": "1", "date": "2026-07", "told_failed": 1, "told_failed_of": 9, "server": "fake"
            });
            row[name] = value;
            problems(&row, "| a | 1 | 2026-07 | | | 1 of 9 | fake |")
        };
        assert_eq!(told_failed("server", json!("fake")), Vec::<String>::new());
        for name in ["date", "told_failed_of", "server"] {
            let found = told_failed(name, Value::Null);
            assert_eq!(found.len(), 1, "{name}: {found:?}");
            assert!(found[0].starts_with(FIGURES), "{name}: {found:?}");
        }
    }
}
