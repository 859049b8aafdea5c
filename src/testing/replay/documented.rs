//! Successes through the facade's documented types.

use super::recording::Recording;
use crate::operation::Operation;

/// What is wrong with the documented type of an operation that has one.
pub(super) fn problems(_recording: &Recording, _operation: &'static Operation) -> Vec<String> {
    Vec::new()
}
