//! Encodes a value as a segment of a path.

use percent_encoding::utf8_percent_encode;

use crate::pipeline::UNRESERVED;

/// Encodes a value as one segment of a path. progenitor's encoding leaves `\`, which a URL reads as `/`. An empty value,
/// `.` and `..` cannot be encoded; the pipeline rejects them.
pub(crate) fn encode_path(value: &str) -> String {
    utf8_percent_encode(value, &UNRESERVED).to_string()
}
