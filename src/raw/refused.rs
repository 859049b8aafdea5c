//! Values that cannot be sent.

/// A value that cannot be sent.
#[derive(Clone)]
pub(super) struct RefusedValue {
    pub(super) part: RequestPart,
    pub(super) name: String,
    pub(super) why: &'static str,
}

/// The part of a request that a value belongs to.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum RequestPart {
    Header,
    Parameter,
    Body,
}
