//! Suggestions for unknown names.

/// The number of names that a message contains.
const NEAREST: usize = 3;

/// The names that are most similar to `wanted`, the most similar one first.
pub(crate) fn nearest(wanted: &str, known: impl Iterator<Item = String>) -> String {
    let mut known: Vec<(usize, String)> =
        known.map(|name| (strsim::damerau_levenshtein(wanted, &name), name)).collect();
    known.sort();
    known.dedup();
    known.iter().take(NEAREST).map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
