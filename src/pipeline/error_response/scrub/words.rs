//! Words that stay in a text even if the request carried them, and the words of headers, which do not.

use http::HeaderValue;

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

/// A shorter part of a header's value is removed only together with the whole value.
const MIN_HEADER_PART_BYTES: usize = 4;

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

/// The value of a header and its parts (`Signature keyId="..."`), as UTF-8, and as Latin-1, which many services read.
pub(super) fn header_texts(value: &HeaderValue) -> Vec<String> {
    let utf8 = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let latin1: String = value.as_bytes().iter().copied().map(char::from).collect();
    let mut texts = Vec::new();
    for text in [utf8, latin1] {
        let parts = text.split([' ', '\t', ',', ';', '=', '"', '\'']);
        let parts = parts.filter(|part| part.len() >= MIN_HEADER_PART_BYTES && !is_common(part));
        texts.extend(parts.map(str::to_owned));
        texts.push(text);
    }
    texts
}
