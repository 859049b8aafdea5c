//! A row of the operation table: its columns, and how a path is matched.

use std::{fmt, str::FromStr, time::Duration};

use super::access::{LeastRole, OAuthScopes, PlatformPlan};
use crate::{contract::Contract, retry_policy::Resend};

/// Area and cache tag of requests whose route is not in the document.
const UNTYPED: &str = "untyped";

/// One operation of the service.
///
/// ```
/// use calcom::{Contract, operation::Operation};
///
/// let operation = Operation::find("get_booking").expect("the document has this operation");
/// assert_eq!(operation.path, "/v2/bookings/{bookingUid}");
/// assert_eq!(operation.version_in(Contract::SelfHosted), Some("2024-08-13"));
/// ```
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The id in the document, and the name of the method on [`raw::RawClient`](crate::raw::RawClient).
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The `cal-api-version` for self-hosted servers; `None` if they need none, or accept none.
    pub version: Option<&'static str>,
    /// The `cal-api-version` for the hosted service; `None` if it needs none.
    pub hosted_version: Option<&'static str>,
    /// The services that have the operation.
    pub contracts: &'static [Contract],
    /// The query parameters that only one service has.
    pub(crate) parameters: &'static [(&'static str, Contract)],
    /// The query parameters that are a list, and of which the hosted service takes one value.
    pub(crate) single_in_hosted: &'static [&'static str],
    /// Whether the operation needs a credential.
    pub credentials: CredentialPolicy,
    /// The scopes that an OAuth token needs.
    pub scopes: OAuthScopes,
    /// The least role of the caller in the team or organization of the path; `None` if the service names none.
    pub role: Option<LeastRole>,
    /// The permission with which a lesser role passes, in organizations that have permissions switched on: `eventType.update`.
    /// The set is open.
    pub permission: Option<&'static str>,
    /// The least plan of a platform customer; other customers are not asked for one.
    pub plan: Option<PlatformPlan>,
    /// Whether a request may be sent again if the outcome of an attempt is unknown.
    pub resend: Resend,
    /// How a response is cached; `None` if it is not.
    pub cache: Option<CachePolicy>,
    /// The cache tags that a success invalidates.
    pub invalidates: &'static [&'static str],
    /// The area of the operation, which is the cargo feature of its typed method. The table has the row without the feature too.
    pub area: &'static str,
    /// The HTTP status of a success.
    pub success: u16,
    /// Whether a success takes a slot, so that a request can find its slot taken.
    pub(crate) takes_slot: bool,
    /// Whether the error of an unknown id, at the repetition of a DELETE, proves that the first one was executed.
    pub(crate) proves_deletion: bool,
    /// Where a response has the items of a list, if the operation reads one. If the list cannot be decoded as a whole, its
    /// items are decoded one by one.
    pub(crate) items: Option<ItemsPath>,
    /// How the list is read page by page; two ways if the services differ.
    pub(crate) pages: &'static [Pages],
    /// Paths of other operations that a value of a path parameter could reach.
    pub(super) overlapping_paths: &'static [&'static str],
    /// Whether the path has parameters.
    pub(crate) has_path_params: bool,
    /// Its index in the table.
    pub(crate) index: usize,
}

/// An HTTP method that the service uses.
///
/// ```
/// use calcom::operation::Method;
///
/// assert_eq!(Method::try_from(&calcom::http::Method::PATCH).unwrap().as_str(), "PATCH");
/// assert!(Method::try_from(&calcom::http::Method::TRACE).is_err());
/// assert_eq!("DELETE".parse::<Method>().unwrap().to_string(), "DELETE");
/// ```
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
    /// Returns the method as it is written in a request.
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

impl TryFrom<&http::Method> for Method {
    type Error = crate::Error;

    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a method that the service does not use.
    fn try_from(method: &http::Method) -> crate::Result<Self> {
        Self::try_from(method.as_str())
    }
}

/// Reads a method as a request has it: in capitals.
impl TryFrom<&str> for Method {
    type Error = crate::Error;

    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a method that the service does not use.
    fn try_from(method: &str) -> crate::Result<Self> {
        let all = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];
        let found = all.into_iter().find(|known| known.as_str() == method);
        found.ok_or_else(|| crate::Error::invalid("method", "must be GET, POST, PUT, PATCH or DELETE"))
    }
}

impl FromStr for Method {
    type Err = crate::Error;

    fn from_str(method: &str) -> crate::Result<Self> {
        Self::try_from(method)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether an operation needs a credential.
///
/// ```
/// use calcom::operation::{CredentialPolicy, Operation};
///
/// let of = |id: &str| Operation::all().iter().find(|operation| operation.id == id).map(|operation| operation.credentials);
/// assert_eq!(of("get_me"), Some(CredentialPolicy::Required));
/// assert_eq!(of("create_booking"), Some(CredentialPolicy::Optional));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)]
pub enum CredentialPolicy {
    /// The service refuses a request without one.
    Required,
    /// It works without one, and may show or do more with one.
    Optional,
    /// It must not be sent with one.
    Refused,
}

/// Where a response has the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemsPath {
    /// The list is at this path.
    At(&'static [&'static str]),
    /// The object at this path has lists, by date for instance.
    ByKey(&'static [&'static str]),
}

/// How the position of a page in its list is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// By the number of items before it.
    Offset,
    /// By a text of the page before it.
    Cursor,
}

/// How an operation lists its items page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) kind: PageKind,
    /// The name of the position.
    pub(crate) position: &'static str,
    /// The name of the number of items of a page.
    pub(crate) size: &'static str,
    /// The largest number of items of a page, if the service says it.
    pub(crate) max_size: Option<u64>,
    /// The path of the list in the response.
    pub(crate) items: &'static [&'static str],
    /// Whether position and size are fields of the body, and not parameters of the query.
    pub(crate) in_body: bool,
}

/// The rules by which responses of an operation are cached.
///
/// ```
/// use std::time::Duration;
///
/// use calcom::operation::Operation;
///
/// let me = Operation::all().iter().find(|operation| operation.id == "get_me").and_then(|operation| operation.cache);
/// assert_eq!(me.map(|cache| cache.ttl), Some(Duration::from_secs(600)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachePolicy {
    /// Tag of the responses. Writes name the tags that they invalidate.
    pub tag: &'static str,
    /// How long a response is fresh.
    pub ttl: Duration,
    /// How long an empty response is fresh.
    pub empty_ttl: Duration,
    /// The parameter that partitions the tag. A write that names its value invalidates only the responses to requests with that
    /// value.
    pub partition_by: Option<&'static str>,
    /// The parameters for the first and the last day that a response covers. The response can be invalidated by day.
    pub day_range: Option<(&'static str, &'static str)>,
}

impl CachePolicy {
    /// Policy of a response of an unknown route that the caller wants cached. No write invalidates it.
    pub(crate) const fn untyped(ttl: Duration) -> Self {
        Self { tag: UNTYPED, ttl, empty_ttl: ttl, partition_by: None, day_range: None }
    }
}

impl Operation {
    /// Row of requests with this method whose route is not in the document. `index` follows those of the table.
    pub(super) const fn untyped(id: &'static str, method: Method, index: usize) -> Self {
        Self {
            id,
            method,
            path: "/v2/{path}",
            version: None,
            hosted_version: None,
            contracts: &[Contract::Hosted, Contract::SelfHosted],
            parameters: &[],
            single_in_hosted: &[],
            credentials: CredentialPolicy::Required,
            scopes: OAuthScopes::Unknown,
            role: None,
            permission: None,
            plan: None,
            resend: Resend::Unsafe,
            cache: None,
            invalidates: &[],
            area: UNTYPED,
            success: 200,
            takes_slot: false,
            proves_deletion: false,
            items: None,
            pages: &[],
            overlapping_paths: &[],
            has_path_params: false,
            index,
        }
    }

    /// Whether the row is for routes that the document does not have.
    pub(crate) fn is_untyped(&self) -> bool {
        self.area == UNTYPED
    }

    /// Whether this service has the operation.
    #[must_use]
    pub fn is_in(&self, contract: Contract) -> bool {
        self.contracts.contains(&contract)
    }

    /// Returns the `cal-api-version` for this service; `None` if the service needs none, or does not have the operation.
    #[must_use]
    pub fn version_in(&self, contract: Contract) -> Option<&'static str> {
        match contract {
            Contract::Hosted => self.hosted_version,
            Contract::SelfHosted => self.version,
        }
    }

    /// Whether `path` leads to this operation and to no other, whatever the values in it are.
    pub(crate) fn matches_path(&self, path: &str) -> bool {
        if !self.has_path_params && path == self.path {
            return true;
        }
        matches(self.path, path) && !self.overlapping_paths.iter().any(|other| matches(other, path))
    }

    /// Returns the names and values of this operation's path parameters in `path`.
    pub(crate) fn path_params<'p>(&self, path: &'p str) -> impl Iterator<Item = (&'static str, &'p str)> {
        let both = self.has_path_params.then(|| self.path.split('/').zip(path.split('/')));
        both.into_iter().flatten().filter_map(|(part, value)| Some((part.strip_prefix('{')?.strip_suffix('}')?, value)))
    }
}

fn matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            // The service ignores case in paths.
            (Some(part), Some(value)) if part.eq_ignore_ascii_case(value) => {}
            (Some(part), Some(value)) if part.starts_with('{') && !value.is_empty() => {}
            _ => return false,
        }
    }
}
