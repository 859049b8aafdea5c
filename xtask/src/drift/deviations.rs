//! The tables of deliberate differences in `openapi/DEVIATIONS.md`. Their rules are in `openapi/README.md`.

use super::{
    compare::Comparison,
    document::DocumentError,
    finding::{Change, Finding},
};
use crate::codegen::CONTRACTS;

const TABLE_HEAD: [&str; 5] = ["contract", "operations", "place", "change", "why"];

/// The deviations, and which of them have matched a difference.
pub struct Deviations {
    rows: Vec<Deviation>,
}

struct Deviation {
    line: usize,
    contract: String,
    operations: Vec<Pattern>,
    places: Vec<Pattern>,
    changes: Vec<Pattern>,
}

/// A text in which `*` matches any characters, and whether a finding has matched it.
struct Pattern {
    text: String,
    used: bool,
}

/// A deviation, or a part of one, that no difference matches.
#[derive(Debug, PartialEq, Eq)]
pub struct StaleDeviation {
    pub line: usize,
    pub pattern: String,
}

impl Deviations {
    /// Parses all tables of the Markdown in `text`. Errors contain the file `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, DocumentError> {
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let Some(row) = line.strip_prefix('|').and_then(|row| row.trim_end().strip_suffix('|')) else { continue };
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let is_rule = cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| c == '-' || c == ':'));
            if cells == TABLE_HEAD || is_rule {
                continue;
            }
            let row = Deviation::parse(index + 1, &cells);
            rows.push(row.map_err(|problem| DocumentError::new(name, &format!("line {}:", index + 1), &problem))?);
        }
        Ok(Self { rows })
    }

    /// Removes the deliberate differences from `comparison`. Returns their number, and the deviations that matched nothing.
    pub fn apply(&mut self, comparison: &mut Comparison, contract: &str) -> (usize, Vec<StaleDeviation>) {
        let before = comparison.findings.len();
        let mut rows: Vec<_> =
            self.rows.iter_mut().filter(|row| row.contract == "both" || row.contract == contract).collect();
        comparison.findings.retain(|finding| {
            // All matching rows are marked.
            rows.iter_mut().filter_map(|row| row.matches(finding).then_some(())).count() == 0
        });
        let gone = comparison.findings.iter().filter(|finding| finding.change == Change::OperationGone);
        let lacking: Vec<String> = gone.map(|finding| finding.operation.clone()).collect();
        let stale = rows.iter().flat_map(|row| row.stale(comparison, &lacking)).collect();
        (before - comparison.findings.len(), stale)
    }
}

impl Deviation {
    fn parse(line: usize, cells: &[&str]) -> Result<Self, String> {
        let [contract, operations, places, changes, why] = cells else {
            return Err(format!("a row has {} cells, not {}", cells.len(), TABLE_HEAD.len()));
        };
        if *contract != "both" && !CONTRACTS.contains(contract) {
            return Err(format!("the contract is {contract:?}, not both, {}", CONTRACTS.join(" or ")));
        }
        if why.is_empty() {
            return Err("the row does not say why".to_owned());
        }
        let changes = patterns(changes, "change")?;
        for change in &changes {
            let word = change.text.split(' ').next().unwrap_or_default();
            if Change::ALL.iter().all(|known| known.word() != word) {
                return Err(format!("{word:?} is no change"));
            }
        }
        let mut all = Vec::new();
        for operation in patterns(operations, "operations")? {
            match operation.text.rsplit_once(' ') {
                Some((methods, path)) => {
                    all.extend(methods.split(", ").map(|method| Pattern::new(&format!("{method} {path}"))));
                }
                None => all.push(operation),
            }
        }
        Ok(Self {
            line,
            contract: (*contract).to_owned(),
            operations: all,
            places: patterns(places, "place")?,
            changes,
        })
    }

    /// Whether this deviation matches `finding`. It marks the matching patterns.
    fn matches(&mut self, finding: &Finding) -> bool {
        let change = finding.change_text();
        let is_change = |pattern: &Pattern| pattern.text == finding.change.word() || pattern.matches(&change);
        let takes = self.operations.iter().any(|pattern| pattern.matches(&finding.operation))
            && self.places.iter().any(|pattern| pattern.matches(&finding.place))
            && self.changes.iter().any(is_change);
        if takes {
            self.operations.iter_mut().for_each(|pattern| pattern.used |= pattern.matches(&finding.operation));
            self.places.iter_mut().for_each(|pattern| pattern.used |= pattern.matches(&finding.place));
            self.changes.iter_mut().for_each(|pattern| pattern.used |= is_change(pattern));
        }
        takes
    }

    /// The patterns that matched nothing. Rows about operations in `lacking`, which the document does not contain, are not
    /// stale, because they can match a complete document.
    fn stale(&self, comparison: &Comparison, lacking: &[String]) -> Vec<StaleDeviation> {
        let is_in = |pattern: &Pattern, names: &[String]| names.iter().any(|name| pattern.matches(name));
        let due = |pattern: &&Pattern| is_in(pattern, &comparison.compared) || !is_in(pattern, &comparison.gone);
        if self.operations.iter().any(|pattern| is_in(pattern, lacking))
            || !self.operations.iter().any(|pattern| due(&pattern))
        {
            return Vec::new();
        }
        let operations = self.operations.iter().filter(due);
        let unused = operations.chain(&self.places).chain(&self.changes).filter(|pattern| !pattern.used);
        let all = self.operations.iter().chain(&self.places).chain(&self.changes).all(|pattern| !pattern.used);
        let stale = |text: &str| StaleDeviation { line: self.line, pattern: text.to_owned() };
        match all {
            true => {
                vec![stale(&[&self.operations, &self.places, &self.changes].map(|column| texts(column)).join(" | "))]
            }
            false => unused.map(|pattern| stale(&pattern.text)).collect(),
        }
    }
}

fn texts(patterns: &[Pattern]) -> String {
    patterns.iter().map(|pattern| pattern.text.as_str()).collect::<Vec<_>>().join(", ")
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), used: false }
    }

    fn matches(&self, text: &str) -> bool {
        let mut parts = self.text.split('*');
        let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let parts: Vec<&str> = parts.collect();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

/// The code spans of a cell.
fn patterns(cell: &str, column: &str) -> Result<Vec<Pattern>, String> {
    let parts: Vec<&str> = cell.split('`').collect();
    let spans: Vec<Pattern> = parts.iter().skip(1).step_by(2).map(|span| Pattern::new(span.trim())).collect();
    let between = parts.iter().step_by(2).all(|text| text.chars().all(|c| c == ',' || c == ' '));
    match parts.len() % 2 == 1 && between && !spans.is_empty() && spans.iter().all(|span| !span.text.is_empty()) {
        true => Ok(spans),
        false => Err(format!("the column {column} holds patterns in backquotes, with commas between them")),
    }
}
