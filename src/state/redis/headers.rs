//! The headers of a cached response as text.

use http::{HeaderName, HeaderValue};

pub(super) fn encode_headers(headers: &[(HeaderName, HeaderValue)]) -> String {
    let pairs: Vec<_> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

/// What is no header is left out.
pub(super) fn decode_headers(text: &str) -> Vec<(HeaderName, HeaderValue)> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
    let read = |(name, value): (String, String)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?));
    pairs.into_iter().filter_map(read).collect()
}
