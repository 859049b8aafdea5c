//! The bounds of a value, in one form: `exclusiveMinimum` can be a flag or a number, and bounds that exclude nothing are none.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use super::document::Node;

/// The bounds of one kind of JSON.
#[derive(Clone, Default)]
pub struct Bounds {
    value: Range,
    length: Range,
    items: Range,
    properties: Range,
    multiples: BTreeSet<String>,
    patterns: BTreeSet<String>,
    unique: bool,
}

#[derive(Clone, Default)]
struct Range {
    low: Option<Limit>,
    high: Option<Limit>,
}

#[derive(Clone)]
struct Limit {
    value: Number,
    /// Whether the value itself is out of bounds.
    exclusive: bool,
}

/// The number of sorts of bounds.
pub const BOUND_SORTS: usize = 7;
/// The keywords of an inclusive bound and of the exclusive one.
const LOW: [&str; 2] = ["minimum", "exclusiveMinimum"];
const HIGH: [&str; 2] = ["maximum", "exclusiveMaximum"];

impl Bounds {
    /// The bounds in a schema's own keys for values of `kind`.
    pub fn of(node: &Node<'_>, kind: &str) -> Self {
        let mut bounds = Self::default();
        match kind {
            "integer" | "number" => {
                bounds.value.low = Limit::of(node, LOW);
                bounds.value.high = Limit::of(node, HIGH);
                bounds.multiples.extend(number(node, "multipleOf").map(|number| number.to_string()));
            }
            "string" => {
                bounds.length = Range::of(node, ["minLength", "maxLength"]);
                bounds.patterns.extend(node.value["pattern"].as_str().map(str::to_owned));
            }
            "array" => {
                bounds.items = Range::of(node, ["minItems", "maxItems"]);
                bounds.unique = node.value["uniqueItems"] == true;
            }
            "object" => bounds.properties = Range::of(node, ["minProperties", "maxProperties"]),
            _ => {}
        }
        bounds
    }

    /// Adds other bounds that hold too.
    pub fn narrow(&mut self, other: &Self) {
        for (range, other) in [
            (&mut self.value, &other.value),
            (&mut self.length, &other.length),
            (&mut self.items, &other.items),
            (&mut self.properties, &other.properties),
        ] {
            range.low = tighter(range.low.take(), other.low.clone(), |value, than| value > than);
            range.high = tighter(range.high.take(), other.high.clone(), |value, than| value < than);
        }
        self.multiples.extend(other.multiples.iter().cloned());
        self.patterns.extend(other.patterns.iter().cloned());
        self.unique |= other.unique;
    }

    /// A text for each sort of bound of values of `kind`, always in the same order. A sort that is not bounded has none.
    pub fn texts(&self, kind: &str) -> [Option<String>; BOUND_SORTS] {
        let named = |name: &str, text: Option<String>| text.map(|text| format!("{name} {text}"));
        let list = |texts: &BTreeSet<String>| {
            (!texts.is_empty()).then(|| texts.iter().cloned().collect::<Vec<_>>().join(" and "))
        };
        [
            if kind == "integer" { self.value.of_integers().text() } else { self.value.text() },
            named("length", self.length.text()),
            named("items", self.items.text()),
            named("properties", self.properties.text()),
            named("multiple of", list(&self.multiples)),
            named("pattern", list(&self.patterns)),
            self.unique.then(|| "unique items".to_owned()),
        ]
    }
}

impl Range {
    /// The range of a count. At least 0 is no bound.
    fn of(node: &Node<'_>, [low, high]: [&str; 2]) -> Self {
        let limit = |key: &str| number(node, key).map(|value| Limit { value, exclusive: false });
        Self { low: limit(low).filter(|limit| limit.size() > 0.0), high: limit(high) }
    }

    /// The range without exclusive limits that are integers.
    fn of_integers(&self) -> Self {
        Self {
            low: self.low.clone().map(|limit| limit.rounded(1)),
            high: self.high.clone().map(|limit| limit.rounded(-1)),
        }
    }

    fn text(&self) -> Option<String> {
        let side = |limit: &Option<Limit>, sign: &str| {
            let sign = if limit.as_ref().is_some_and(|limit| limit.exclusive) { sign } else { "" };
            limit.as_ref().map_or_else(String::new, |limit| format!("{sign}{}", limit.value))
        };
        let bounded = self.low.is_some() || self.high.is_some();
        bounded.then(|| format!("{}..{}", side(&self.low, ">"), side(&self.high, "<")))
    }
}

impl Limit {
    /// The limit of `keys`: an inclusive one, and an exclusive one that is a number, or makes the other exclusive.
    fn of(node: &Node<'_>, keys: [&str; 2]) -> Option<Self> {
        let inclusive = number(node, keys[0]).map(|value| Self { value, exclusive: node.value[keys[1]] == true });
        let exclusive = number(node, keys[1]).map(|value| Self { value, exclusive: true });
        match keys {
            LOW => tighter(inclusive, exclusive, |value, than| value > than),
            _ => tighter(inclusive, exclusive, |value, than| value < than),
        }
    }

    /// The limit of integers: one that excludes an integer is the next integer, at a distance of `step`.
    fn rounded(self, step: i64) -> Self {
        match self.value.as_i64().and_then(|value| value.checked_add(step)) {
            Some(next) if self.exclusive => Self { value: next.into(), exclusive: false },
            _ => self,
        }
    }

    fn size(&self) -> f64 {
        self.value.as_f64().unwrap_or_default()
    }
}

/// The limit that allows less.
fn tighter(a: Option<Limit>, b: Option<Limit>, beats: fn(f64, f64) -> bool) -> Option<Limit> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let b_wins = beats(b.size(), a.size()) || (b.size() == a.size() && b.exclusive);
            Some(if b_wins { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

fn number(node: &Node<'_>, key: &str) -> Option<Number> {
    match &node.value[key] {
        Value::Number(number) => Some(whole(number)),
        _ => None,
    }
}

/// `1.0` is 1.
fn whole(number: &Number) -> Number {
    /// The first integer that a float cannot tell from the next one.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number in the exact range of both types")]
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => (float as i64).into(),
        _ => number.clone(),
    }
}
