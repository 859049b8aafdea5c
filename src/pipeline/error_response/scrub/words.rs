//! Words that stay in a text even if the request carried them.

/// Fields whose values are words of the API, if they are single words.
const ENUM_FIELDS: [&str; 18] = [
    "app",
    "calendar",
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

/// The largest number of digits of an id of the service.
const MAX_ID_DIGITS: usize = 10;

/// Common words of English that are not names. In a text of the service they reveal nothing of a request with such a value.
const COMMON_WORDS: [&str; 54] = [
    "all", "and", "any", "are", "because", "been", "but", "can", "cannot", "could", "does", "each", "every", "few",
    "for", "from", "had", "has", "have", "how", "into", "less", "many", "more", "most", "must", "not", "off", "only",
    "other", "our", "out", "over", "should", "some", "such", "than", "that", "the", "their", "then", "there", "these",
    "they", "this", "those", "too", "until", "was", "were", "when", "which", "with", "your",
];

/// Whether a field takes words of the API, and `text` has the form of one.
pub(super) fn is_api_word(field: &str, text: &str) -> bool {
    ENUM_FIELDS.contains(&field) && text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"/_-".contains(&byte))
}

/// Whether a field holds the number of a row of the service, which says nothing to others.
pub(super) fn is_row_id(field: &str, text: &str) -> bool {
    (field == "id" || field.ends_with("Id"))
        && text.len() <= MAX_ID_DIGITS
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a value is a common word.
pub(super) fn is_common(text: &str) -> bool {
    COMMON_WORDS.contains(&text.trim())
}

/// Whether a field holds a secret.
pub(super) fn holds_secret(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ["secret", "password", "token", "key", "code"].iter().any(|part| field.contains(part))
}
