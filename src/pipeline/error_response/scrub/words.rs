//! Words that stay in a text although the request had them too.

/// Fields whose values are words of the API, where they are single words.
const OF_THE_API: [&str; 16] = [
    "days",
    "format",
    "integration",
    "interval",
    "language",
    "sortCreated",
    "sortCreatedAt",
    "sortEnd",
    "sortStart",
    "sortUpdatedAt",
    "status",
    "timeZone",
    "triggers",
    "type",
    "unit",
    "weekStart",
];

/// Words that English texts are made of, and that nobody is called: in a text of the service they tell nothing of a request
/// that had them as a value.
const COMMON: [&str; 54] = [
    "all", "and", "any", "are", "because", "been", "but", "can", "cannot", "could", "does", "each", "every", "few",
    "for", "from", "had", "has", "have", "how", "into", "less", "many", "more", "most", "must", "not", "off", "only",
    "other", "our", "out", "over", "should", "some", "such", "than", "that", "the", "their", "then", "there", "these",
    "they", "this", "those", "too", "until", "was", "were", "when", "which", "with", "your",
];

/// Whether a field takes words of the API, and this is one by its form.
pub(super) fn is_of_the_api(field: &str, text: &str) -> bool {
    OF_THE_API.contains(&field) && text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"/_-".contains(&byte))
}

/// Whether a value is a word that every text has.
pub(super) fn is_common(text: &str) -> bool {
    COMMON.contains(&text.trim())
}

/// Whether a field holds what only its owner knows.
pub(super) fn holds_secret(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ["secret", "password", "token", "key", "code"].iter().any(|part| field.contains(part))
}
