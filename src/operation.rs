//! The operation table: what is known of each operation of the service, generated from the policies in the document.
//!
//! The pipeline asks it which version header an operation needs, whether it may be sent again and how its answer may be
//! cached. Nothing here is written by hand a second time.

use std::time::Duration;

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

/// One operation of the service.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its id in the document, and the name of its method on [`raw::Client`](crate::raw::Client).
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The `cal-api-version` that it is sent with; `None` where the service needs none, or accepts none.
    pub version: Option<&'static str>,
    /// Whether it needs a credential.
    pub credentials: Credentials,
    /// Whether it may be sent again when its outcome is not known.
    pub resend: Resend,
    /// How its answer may be kept, if it may.
    pub cache: Option<CachePolicy>,
    /// The cache tags that it makes stale.
    pub invalidates: &'static [&'static str],
    /// The area of the document that it belongs to.
    pub area: &'static str,
    /// The status of its success.
    pub success: u16,
    rivals: &'static [&'static str],
    /// Whether its path has parameters.
    pub(crate) has_values: bool,
    /// Its place in the table.
    pub(crate) index: usize,
}

/// An HTTP method that the service uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as it is written in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether an operation needs a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)]
pub enum Credentials {
    /// Without one it is refused.
    Required,
    /// It works without, and may show or do more with one.
    Optional,
    /// It must not be sent with one.
    Refused,
}

/// Whether an operation may be sent again when its outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)]
pub enum Resend {
    /// It changes nothing.
    Safe,
    /// Done twice it leaves the same as done once.
    Idempotent,
    /// Done twice it may book, send or move something twice: it is never sent again on a guess.
    Unsafe,
}

/// How an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachePolicy {
    /// What it belongs to; writes name the tags that they make stale.
    pub tag: &'static str,
    /// How long it is fresh.
    pub ttl: Duration,
    /// How long it is fresh if it is empty.
    pub empty_ttl: Duration,
    /// The parameter that splits the tag: writes that name its value make stale only what was asked for with it.
    pub by: Option<&'static str>,
    /// The parameters between whose days the answer lies; it can be forgotten by day.
    pub days: Option<(&'static str, &'static str)>,
}

impl Operation {
    /// Every operation, by id.
    #[must_use]
    pub fn all() -> &'static [Operation] {
        OPERATIONS
    }

    /// The parameter that splits a cache tag, if one does.
    pub(crate) fn splits(tag: &str) -> Option<&'static str> {
        SPLIT_TAGS.iter().find(|(split, _)| *split == tag).map(|(_, by)| *by)
    }

    /// The operation with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Operation> {
        OPERATIONS.binary_search_by(|operation| operation.id.cmp(id)).ok().map(|at| &OPERATIONS[at])
    }

    /// The operation with this id, looked for while compiling: an unknown one does not compile.
    #[allow(clippy::panic)]
    pub(crate) const fn known(id: &str) -> &'static Operation {
        let mut at = 0;
        while at < OPERATIONS.len() {
            if is_same(OPERATIONS[at].id.as_bytes(), id.as_bytes()) {
                return &OPERATIONS[at];
            }
            at += 1;
        }
        panic!("no operation has this id");
    }

    /// The operation that a request with this method and path is for, as the service would route it.
    #[must_use]
    pub fn route(method: &str, path: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|operation| operation.method.as_str() == method && operation.is_reached_by(path))
    }

    /// Whether `path` leads to this operation and to no other, whatever the values in it are.
    pub(crate) fn is_reached_by(&self, path: &str) -> bool {
        if !self.has_values && path == self.path {
            return true;
        }
        matches(self.path, path) && !self.rivals.iter().any(|rival| matches(rival, path))
    }

    /// The values that `path` has in the place of this operation's parameters.
    pub(crate) fn values<'p>(&self, path: &'p str) -> impl Iterator<Item = (&'static str, &'p str)> {
        let both = self.has_values.then(|| self.path.split('/').zip(path.split('/')));
        both.into_iter().flatten().filter_map(|(part, value)| Some((part.strip_prefix('{')?.strip_suffix('}')?, value)))
    }
}

/// `==`, where it cannot be used yet.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

fn matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            // The service routes without regard to case.
            (Some(part), Some(value)) if part.eq_ignore_ascii_case(value) => {}
            (Some(part), Some(value)) if part.starts_with('{') && !value.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_by_id_and_by_path() {
        let operation = Operation::find("get_booking").expect("there is such an operation");
        assert_eq!(operation.path, "/v2/bookings/{bookingUid}");
        assert_eq!(Operation::route("GET", "/v2/bookings/abc"), Some(operation));
        assert_eq!(Operation::route("GET", "/v2/bookings/").map(|operation| operation.id), None);
        assert_eq!(Operation::route("GET", "/v2/schedules/default").map(|it| it.id), Some("get_default_schedule"));
        assert!(Operation::find("nope").is_none());
    }
}
