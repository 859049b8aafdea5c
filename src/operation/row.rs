//! A row of the operation table: its columns, and what can be asked of a path.

use std::time::Duration;

use crate::{contract::Contract, retry_policy::Resend};

/// Area and cache tag of requests whose route the document does not know.
const UNTYPED: &str = "untyped";

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
    /// The `cal-api-version` that it is sent with to servers of one's own; `None` if they need none, or accept none.
    pub version: Option<&'static str>,
    /// The `cal-api-version` that it is sent with to the hosted service; `None` if that needs none.
    pub hosted_version: Option<&'static str>,
    /// The services that have it.
    pub contracts: &'static [Contract],
    /// The parameters of its query that only one service has.
    pub(crate) parameters: &'static [(&'static str, Contract)],
    /// The parameters of its query that are a list, but one value in the form of the hosted service.
    pub(crate) single_in_hosted: &'static [&'static str],
    /// Whether it needs a credential.
    pub credentials: Credentials,
    /// Whether it may be sent again when its outcome is not known.
    pub resend: Resend,
    /// How its answer may be kept, if it may.
    pub cache: Option<CachePolicy>,
    /// The cache tags that it makes stale.
    pub invalidates: &'static [&'static str],
    /// The area that it belongs to, which is the cargo feature of its typed method. The row is there without it.
    pub area: &'static str,
    /// The status of its success.
    pub success: u16,
    /// Whether a success takes a slot, so that the slot can have been taken before.
    pub(crate) takes_slot: bool,
    /// Where a success that changes nothing has its items, if it is a list: they are read one by one if need be.
    pub(crate) items: Option<Items>,
    pub(super) rivals: &'static [&'static str],
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

impl TryFrom<&http::Method> for Method {
    type Error = crate::Error;

    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a method that the service does not use.
    fn try_from(method: &http::Method) -> crate::Result<Self> {
        let all = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];
        let found = all.into_iter().find(|known| known.as_str() == method.as_str());
        found.ok_or_else(|| crate::Error::invalid("method", "must be GET, POST, PUT, PATCH or DELETE"))
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

/// Where a response has the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Items {
    /// `data` is the list.
    InData,
    /// The object at this path has lists, by date for instance.
    ByKey(&'static [&'static str]),
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

impl CachePolicy {
    /// For a response that the caller wants cached. No write makes it stale.
    pub(crate) const fn untyped(ttl: Duration) -> Self {
        Self { tag: UNTYPED, ttl, empty_ttl: ttl, by: None, days: None }
    }
}

impl Operation {
    /// The row of requests with this method whose route the document does not know; `index` is its place after the table.
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
            credentials: Credentials::Required,
            resend: Resend::Unsafe,
            cache: None,
            invalidates: &[],
            area: UNTYPED,
            success: 200,
            takes_slot: false,
            items: None,
            rivals: &[],
            has_values: false,
            index,
        }
    }

    /// Whether it stands for a route that the document does not know.
    pub(crate) fn is_untyped(&self) -> bool {
        self.area == UNTYPED
    }

    /// Whether this service has it.
    #[must_use]
    pub fn is_in(&self, contract: Contract) -> bool {
        self.contracts.contains(&contract)
    }

    /// The `cal-api-version` that it is sent with to this service; `None` if that needs none, or does not have it.
    #[must_use]
    pub fn version_in(&self, contract: Contract) -> Option<&'static str> {
        match contract {
            Contract::Hosted => self.hosted_version,
            Contract::SelfHosted => self.version,
        }
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
