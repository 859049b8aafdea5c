//! The report as text and as JSON. The JSON is documented in `openapi/README.md`.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};

use super::{
    deviations::StaleDeviation,
    finding::{Change, Finding},
};

/// The result of a comparison.
pub struct DriftReport {
    pub document: String,
    pub contract: String,
    pub compared: usize,
    pub findings: Vec<Finding>,
    /// The number of differences that the deviations cover.
    pub ignored: usize,
    pub stale: Vec<StaleDeviation>,
}

impl DriftReport {
    pub fn is_drift(&self) -> bool {
        !self.findings.is_empty() || !self.stale.is_empty()
    }

    fn counts(&self) -> BTreeMap<Change, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.change).or_default() += 1;
        }
        counts
    }

    /// The text: grouped by operation, with a line for each finding, and a summary as the last line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut last = "";
        for finding in &self.findings {
            if finding.operation != last {
                text.push_str(&finding.operation);
                text.push('\n');
                last = &finding.operation;
            }
            let _ = writeln!(text, "  {finding}");
        }
        if !self.stale.is_empty() {
            text.push_str("openapi/DEVIATIONS.md\n");
        }
        for stale in &self.stale {
            let _ = writeln!(text, "  line {}: {} matches no difference", stale.line, stale.pattern);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let ignored = format!("{} operations compared, {} deviations ignored", self.compared, self.ignored);
        let mut kinds: Vec<String> =
            self.counts().into_iter().map(|(change, count)| format!("{count} {}", change.word())).collect();
        if !self.stale.is_empty() {
            kinds.push(format!("{} stale", self.stale.len()));
        }
        let _ = match kinds.is_empty() {
            true => writeln!(text, "no drift: {ignored}"),
            false => writeln!(text, "drift: {} ({ignored})", kinds.join(", ")),
        };
        text
    }

    pub fn json(&self) -> Value {
        let finding = |finding: &Finding| {
            json!({
                "operation": finding.operation,
                "place": finding.place,
                "change": finding.change.word(),
                "ours": finding.ours,
                "published": finding.published,
            })
        };
        let counts = self.counts().into_iter().map(|(change, count)| (change.word().to_owned(), count.into()));
        json!({
            "document": self.document,
            "contract": self.contract,
            "drift": self.is_drift(),
            "compared": self.compared,
            "ignored": self.ignored,
            "counts": counts.collect::<serde_json::Map<_, _>>(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "stale": self
                .stale
                .iter()
                .map(|stale| json!({"line": stale.line, "pattern": stale.pattern}))
                .collect::<Vec<_>>(),
        })
    }
}
