//! The generated table, and how its rows are found.

use std::{cmp::Ordering, time::Duration};

use crate::contract::Contract;

use super::{
    Resend,
    access::{LeastRole, OAuthScopes, PlatformPlan},
    row::{CachePolicy, CredentialPolicy, ItemsPath, Method, Operation, PageKind, Pages},
    scope::Scope,
};

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

static UNTYPED: [Operation; 5] = [
    Operation::untyped("untyped_get", Method::Get, OPERATIONS.len()),
    Operation::untyped("untyped_post", Method::Post, OPERATIONS.len() + 1),
    Operation::untyped("untyped_put", Method::Put, OPERATIONS.len() + 2),
    Operation::untyped("untyped_patch", Method::Patch, OPERATIONS.len() + 3),
    Operation::untyped("untyped_delete", Method::Delete, OPERATIONS.len() + 4),
];

impl Operation {
    /// Returns the row for a request with this method and path. If the document does not have the route, returns the row of the
    /// method.
    pub(crate) fn for_route(method: Method, path: &str) -> &'static Operation {
        Self::route(method.as_str(), path).unwrap_or(match method {
            Method::Get => &UNTYPED[0],
            Method::Post => &UNTYPED[1],
            Method::Put => &UNTYPED[2],
            Method::Patch => &UNTYPED[3],
            Method::Delete => &UNTYPED[4],
        })
    }

    /// Returns every row in the order of its index, those of unknown routes included.
    pub(crate) fn rows() -> impl Iterator<Item = &'static Operation> {
        OPERATIONS.iter().chain(&UNTYPED)
    }

    /// Returns every operation, sorted by id.
    #[must_use]
    pub fn all() -> &'static [Operation] {
        OPERATIONS
    }

    /// Returns the parameter that partitions a cache tag, if one does.
    pub(crate) fn partition_param(tag: &str) -> Option<&'static str> {
        SPLIT_TAGS.iter().find(|(partitioned, _)| *partitioned == tag).map(|(_, param)| *param)
    }

    /// Returns the operation with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Operation> {
        OPERATIONS.binary_search_by(|operation| operation.id.cmp(id)).ok().map(|at| &OPERATIONS[at])
    }

    /// Returns the operation with this id at compile time. An unknown id does not compile.
    #[allow(clippy::panic)]
    pub(crate) const fn by_id(id: &str) -> &'static Operation {
        // A binary search: every generated method has one, and the compiler interprets it.
        let (mut low, mut high) = (0, OPERATIONS.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(OPERATIONS[middle].id.as_bytes(), id.as_bytes()) {
                Ordering::Equal => return &OPERATIONS[middle],
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        panic!("no operation has this id");
    }

    /// Returns the operation of a request with this method (a [`Method`], an `http` one or its text) and path, as the service
    /// routes it. The path begins with `/v2/` and has no query; a parameter can stand in it in braces.
    ///
    /// ```
    /// use calcom::operation::{Method, Operation};
    ///
    /// let operation = Operation::route(Method::Get, "/v2/bookings/{bookingUid}");
    /// assert_eq!(operation.map(|operation| operation.id), Some("get_booking"));
    /// assert_eq!(Operation::route("GET", "/v2/bookings/kgiKeoVgk6NpALrVxDhWeY"), operation);
    /// assert_eq!(Operation::route(&calcom::http::Method::TRACE, "/v2/bookings"), None);
    /// ```
    #[must_use]
    pub fn route(method: impl TryInto<Method>, path: &str) -> Option<&'static Operation> {
        let method = method.try_into().ok()?;
        OPERATIONS.iter().find(|operation| operation.method == method && operation.matches_path(path))
    }
}

/// `cmp` of byte strings in a `const fn`.
const fn compare(one: &[u8], other: &[u8]) -> Ordering {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return if one[at] < other[at] { Ordering::Less } else { Ordering::Greater };
        }
        at += 1;
    }
    if at < other.len() {
        Ordering::Less
    } else if at < one.len() {
        Ordering::Greater
    } else {
        Ordering::Equal
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
        assert_eq!(Operation::route(Method::Get, "/v2/bookings/abc"), Some(operation));
        assert_eq!(Operation::route(&http::Method::GET, "/v2/bookings/abc"), Some(operation));
        assert_eq!(Operation::route("get", "/v2/bookings/abc"), None);
    }
}
