//! Names that are like one that is not known: what was meant, perhaps.

/// How many names a refusal gives.
const NEAREST: usize = 3;

/// The names that differ least from `wanted`, the nearest first.
pub(crate) fn nearest(wanted: &str, known: impl Iterator<Item = String>) -> String {
    let mut known: Vec<(usize, String)> =
        known.map(|name| (strsim::damerau_levenshtein(wanted, &name), name)).collect();
    known.sort();
    known.dedup();
    known.iter().take(NEAREST).map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
