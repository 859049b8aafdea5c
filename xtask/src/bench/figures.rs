//! The figures: one line each, `name: value unit (aim ...)`, and all of them in `target/figures.json`.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// A measured figure.
#[derive(Debug, PartialEq)]
pub struct Figure {
    pub name: String,
    /// `None` if this machine cannot measure it.
    pub value: Option<f64>,
    pub unit: String,
    pub aim: Option<String>,
}

/// The measured figures, in order.
#[derive(Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Prints and stores a figure.
    pub fn add(&mut self, figure: Figure) {
        println!("{}", figure.line());
        self.store(figure);
    }

    /// Stores a figure that is already printed.
    pub fn store(&mut self, figure: Figure) {
        self.0.push(figure);
    }

    /// Prints all figures again, and writes them as JSON.
    pub fn write(&self, file: &Path) -> Result<()> {
        println!("\n== figures");
        for figure in &self.0 {
            println!("{}", figure.line());
        }
        let all: Vec<Value> = self.0.iter().map(Figure::json).collect();
        let mut text = serde_json::to_string_pretty(&all)?;
        text.push('\n');
        fs::write(file, text).with_context(|| format!("writing {}", file.display()))
    }
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64, unit: &str, aim: Option<&str>) -> Self {
        Self { name: name.into(), value: Some(value), unit: unit.to_owned(), aim: aim.map(str::to_owned) }
    }

    /// A figure that this machine cannot measure, and the reason.
    pub fn unavailable(name: impl Into<String>, why: &str) -> Self {
        Self { name: name.into(), value: None, unit: why.to_owned(), aim: None }
    }

    /// Parses a line of a bench. `None` if it is not a figure.
    pub fn read(line: &str) -> Option<Self> {
        let (name, rest) = line.split_once(": ")?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        let (value, rest) = rest.split_once(' ')?;
        if let ("unavailable", Some(why)) = (value, rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))) {
            return Some(Self::unavailable(name, why));
        }
        let (unit, aim) = match rest.strip_suffix(')').and_then(|rest| rest.split_once(" (aim ")) {
            Some((unit, aim)) => (unit, Some(aim)),
            None => (rest, None),
        };
        Some(Self::new(name, value.parse().ok()?, unit, aim))
    }

    fn line(&self) -> String {
        let Self { name, value, unit, aim } = self;
        match (value, aim) {
            (None, _) => format!("{name}: unavailable ({unit})"),
            (Some(value), Some(aim)) => format!("{name}: {} {unit} (aim {aim})", shown(*value)),
            (Some(value), None) => format!("{name}: {} {unit}", shown(*value)),
        }
    }

    fn json(&self) -> Value {
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "aim": self.aim })
    }
}

fn shown(value: f64) -> String {
    if value >= 1000.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_as_it_was_printed() {
        for figure in [
            Figure::new("latency_get_me", 1.023, "times by hand", Some("at most 1.05")),
            Figure::new("lines_generated", 10930.0, "lines", None),
            Figure::unavailable("cache_hit_redis", "redis-server is missing"),
        ] {
            assert_eq!(Figure::read(&figure.line()), Some(figure));
        }
    }

    #[test]
    fn other_lines_of_a_bench_are_no_figures() {
        for line in
            ["get_me/facade  time:   [67.1 us 67.4 us 67.9 us]", "Found 3 outliers: 2 high", "note: it 3", "a: b"]
        {
            assert_eq!(Figure::read(line), None, "{line}");
        }
    }
}
