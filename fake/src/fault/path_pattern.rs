//! Patterns of paths: `*` matches any text, slashes included; a segment in braces matches one segment that is not empty.

use std::collections::HashSet;

#[derive(Clone, Copy, PartialEq, Eq)]
enum PatternToken {
    Byte(u8),
    /// One byte that is not a slash.
    OfPart,
    /// Any number of bytes that are not slashes.
    RestOfPart,
    /// Any number of bytes.
    Anything,
}

impl PatternToken {
    fn may_be_empty(self) -> bool {
        matches!(self, Self::RestOfPart | Self::Anything)
    }

    /// Whether a byte exists that both match.
    fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::Byte(left), Self::Byte(right)) => left == right,
            (Self::Byte(byte), Self::OfPart | Self::RestOfPart)
            | (Self::OfPart | Self::RestOfPart, Self::Byte(byte)) => byte != b'/',
            _ => true,
        }
    }
}

/// The pattern of a path. The case of letters and a trailing slash do not matter.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PathPattern {
    text: String,
    tokens: Vec<PatternToken>,
}

impl PathPattern {
    pub(super) fn new(text: &str) -> Self {
        let trimmed = text.trim_end_matches('/').to_ascii_lowercase();
        let mut tokens = Vec::with_capacity(trimmed.len());
        let mut rest = trimmed.as_bytes();
        while let Some((first, others)) = rest.split_first() {
            rest = others;
            match first {
                b'*' => tokens.push(PatternToken::Anything),
                b'{' => {
                    let end = rest.iter().position(|byte| *byte == b'}').map_or(rest.len(), |at| at + 1);
                    rest = &rest[end..];
                    tokens.extend([PatternToken::OfPart, PatternToken::RestOfPart]);
                }
                byte => tokens.push(PatternToken::Byte(*byte)),
            }
        }
        Self { text: text.to_owned(), tokens }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `path` matches the pattern.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/').bytes().map(|byte| PatternToken::Byte(byte.to_ascii_lowercase()));
        have_common_text(&self.tokens, &path.collect::<Vec<_>>())
    }

    /// Whether a path of the route `template` can match the pattern. A segment in braces of the pattern matches only one that
    /// is in braces in the template, so that `/bookings/{uid}/confrim` does not match `/bookings/by-seat/{seatUid}`.
    pub(super) fn can_match_template(&self, template: &str) -> bool {
        let own = self.tokens.iter().filter_map(|token| match token {
            PatternToken::OfPart => Some(PatternToken::Byte(b'{')),
            PatternToken::RestOfPart => None,
            other => Some(*other),
        });
        have_common_text(&own.collect::<Vec<_>>(), &Self::new(template).tokens)
    }
}

/// Whether a text exists that both sequences match. It visits each pair of positions once, so that the cost is at most the
/// product of both lengths.
fn have_common_text(left: &[PatternToken], right: &[PatternToken]) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        match (left.get(i), right.get(j)) {
            (None, None) => return true,
            (a, b) => {
                if a.is_some_and(|token| token.may_be_empty()) {
                    open.push((i + 1, j));
                }
                if b.is_some_and(|token| token.may_be_empty()) {
                    open.push((i, j + 1));
                }
                if let (Some(a), Some(b)) = (a, b)
                    && a.overlaps(*b)
                {
                    // A repeating token keeps its position; the empty step above leaves it.
                    open.push((i + usize::from(!a.may_be_empty()), j + usize::from(!b.may_be_empty())));
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_of_a_route_if_one_of_its_paths_can_be() {
        for (pattern, template) in [
            ("/v2/bookings/{uid}", "/v2/bookings/{bookingUid}"),
            ("/v2/bookings/*", "/v2/bookings/{bookingUid}/cancel"),
            ("*", "/v2/me"),
            ("/v2/*/cancel", "/v2/bookings/{bookingUid}/cancel"),
            ("/v2/bookings/abc", "/v2/bookings/{bookingUid}"),
            ("/v2/bookings/a*c/cancel", "/v2/bookings/{bookingUid}/cancel"),
            ("*types*", "/v2/event-types"),
        ] {
            assert!(PathPattern::new(pattern).can_match_template(template), "{pattern} and {template}");
        }
        for (pattern, template) in [
            ("/v2/bookings/{uid}", "/v2/bookings"),
            ("/v2/bookings/{uid}/confrim", "/v2/bookings/by-seat/{seatUid}"),
            ("/v2/{area}", "/v2/bookings/{bookingUid}"),
            ("/v2/booking/*", "/v2/bookings/{bookingUid}"),
            ("/event-types*", "/v2/event-types"),
            ("//v2/me", "/v2/me"),
        ] {
            assert!(!PathPattern::new(pattern).can_match_template(template), "{pattern} and {template}");
        }
    }

    #[test]
    fn many_stars_cost_no_more_than_their_number_times_the_path() {
        let pattern = PathPattern::new(&format!("/v2/{}b", "*a".repeat(60)));
        assert!(!pattern.matches(&format!("/v2/{}", "a".repeat(400))));
        assert!(pattern.matches(&format!("/v2/{}b", "a".repeat(400))));
    }
}
