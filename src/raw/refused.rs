//! Values that cannot be sent.

/// A value that cannot be sent.
#[derive(Clone)]
pub(super) struct RefusedValue {
    pub(super) part: RequestPart,
    pub(super) name: String,
    pub(super) why: &'static str,
}

impl RefusedValue {
    /// Removes those of one part and name. Here, and not in the generic request, so that it is compiled once.
    pub(super) fn forget(values: &mut Vec<Self>, part: RequestPart, name: &str) {
        values.retain(|it| it.part != part || it.name != name);
    }
}

/// The part of a request that a value belongs to.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum RequestPart {
    Header,
    Parameter,
    Body,
}
