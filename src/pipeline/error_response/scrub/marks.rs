//! Marks ranges of a text to be removed, and finds the occurrences of a value.

use std::ops::Range;

pub(super) const REDACTED: &str = "[redacted]";
/// The prefix of a value that is looked up; the rest is compared at each match.
const MAX_PREFIX_BYTES: usize = 64;
/// The bound on the bytes that are compared and marked for one text; a text that needs more is removed as a whole.
const MAX_WORK: usize = 1 << 18;

/// Ranges of a text to be removed.
#[derive(Debug, Default)]
pub(super) struct Marks {
    ranges: Vec<Range<usize>>,
    work: usize,
}

impl Marks {
    /// Marks a range. Returns whether the bound allows more.
    pub(super) fn add(&mut self, range: Range<usize>) -> bool {
        self.work += range.len() + 1;
        let may_go_on = self.work <= MAX_WORK;
        if !range.is_empty() && may_go_on {
            self.ranges.push(range);
        }
        may_go_on
    }

    /// The ranges in order, without overlaps.
    pub(super) fn merged(mut self) -> Self {
        self.ranges.sort_unstable_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(self.ranges.len());
        for range in self.ranges {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Self { ranges: merged, work: self.work }
    }

    /// A part of the text without the marked ranges, of about `most` bytes.
    pub(super) fn apply(&self, text: &str, part: Range<usize>, most: usize, is_cut: bool) -> String {
        if self.work > MAX_WORK {
            return REDACTED.to_owned();
        }
        let mut clean = String::new();
        let shown = part.start + cut(&text[part.clone()], most).len();
        let mut at = part.start;
        let first = self.ranges.partition_point(|range| range.end <= part.start);
        for range in self.ranges[first..].iter().take_while(|range| range.start < shown) {
            clean.push_str(&text[at..range.start.max(at)]);
            clean.push_str(REDACTED);
            at = range.end;
        }
        if at < shown {
            clean.push_str(&text[at..shown]);
        }
        if is_cut || shown.max(at) < part.end {
            clean.push_str(" ...");
        }
        clean
    }
}

/// The sorted suffixes of a text, in which the occurrences of a value are found by bisection.
pub(super) struct Suffixes<'t> {
    text: &'t str,
    order: Vec<usize>,
}

impl<'t> Suffixes<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut order: Vec<usize> = (0..bytes.len()).collect();
        order.sort_unstable_by_key(|at| beginning(bytes, *at));
        Self { text, order }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// Calls `found` with every occurrence of `value`, until it returns `false`. One that is cut off by the end of the text
    /// counts too.
    pub(super) fn find(&self, value: &str, mut found: impl FnMut(Range<usize>) -> bool) {
        let (bytes, value) = (self.text.as_bytes(), value.as_bytes());
        let head = &value[..value.len().min(MAX_PREFIX_BYTES)];
        let from = self.order.partition_point(|at| beginning(bytes, *at) < head);
        let places = self.order[from..].iter().take_while(|at| bytes[**at..].starts_with(head));
        for &at in places {
            let same = bytes[at..].iter().zip(value).take_while(|(one, other)| one == other).count();
            // A long value can be cut off within a character.
            let end = (at + same..bytes.len()).find(|end| self.text.is_char_boundary(*end)).unwrap_or(bytes.len());
            if !head.is_empty() && self.text.is_char_boundary(at) && !found(at..end) {
                return;
            }
        }
    }
}

fn beginning(bytes: &[u8], at: usize) -> &[u8] {
    &bytes[at..bytes.len().min(at + MAX_PREFIX_BYTES)]
}

/// `range`, extended to whole words.
pub(super) fn word_around(text: &str, range: Range<usize>) -> Range<usize> {
    let begins_inside = text[range.clone()].starts_with(char::is_alphanumeric);
    let ends_inside = text[range.clone()].ends_with(char::is_alphanumeric);
    let before =
        if begins_inside { text[..range.start].trim_end_matches(char::is_alphanumeric).len() } else { range.start };
    let rest = &text[range.end..];
    let after = if ends_inside { rest.len() - rest.trim_start_matches(char::is_alphanumeric).len() } else { 0 };
    before..range.end + after
}

/// The beginning of a text, of at most `most` bytes.
pub(in crate::pipeline::error_response) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    &text[..end]
}
