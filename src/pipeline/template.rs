//! What all requests of an operation have in common, made for the first request and copied for the others. All tenants of one
//! connection share it; only the cache slot has a tenant.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use url::Url;

use super::{cache::CacheRequest, endpoint::Endpoint, sparse::SparseTable, transport};
use crate::{
    config::version_header,
    operation::Operation,
    state::{TenantId, cached_response::CacheKey},
};

const VERSION: HeaderName = HeaderName::from_static("cal-api-version");
/// The capacity of a header map. It suffices for the response too: the connection reads headers into the map of the request.
const HEADERS: usize = 24;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The templates of a client and of those of other tenants: one for each operation with a bearer token, and one without.
#[derive(Default)]
pub(super) struct Templates {
    bearer: SparseTable<Template>,
    other: SparseTable<Template>,
}

impl Templates {
    /// The template of `operation`. `bearer`: whether each of its requests gets a value of `Authorization`.
    pub(super) fn get(
        &self,
        operation: &'static Operation,
        bearer: bool,
        make: impl FnOnce() -> Template,
    ) -> &Template {
        let table = if bearer { &self.bearer } else { &self.other };
        table.get(operation, make)
    }
}

/// The cache slots of a tenant.
pub(super) type CacheAddresses = SparseTable<Option<CacheAddress>>;

pub(super) struct Template {
    /// The address, if the path has no parameters.
    pub(super) url: Url,
    headers: HeaderMap,
    /// The headers of requests with a body.
    with_body: HeaderMap,
}

/// The cache key of a response, and its tags: of a request without parameters.
pub(super) struct CacheAddress {
    pub(super) key: CacheKey,
    pub(super) tags: Arc<[String]>,
}

impl CacheAddress {
    /// `None` if the responses of the operation are not cached.
    pub(super) fn new(version: Option<&str>, tenant: TenantId, operation: &'static Operation) -> Option<Self> {
        let request = CacheRequest { operation, version, path: operation.path, query: "" };
        operation
            .cache
            .map(|policy| Self { key: CacheKey::new(tenant, request.key(policy)), tags: request.tags(policy).into() })
    }
}

impl Template {
    pub(super) fn new(
        endpoint: &Endpoint,
        version: Option<&str>,
        operation: &'static Operation,
        with_user_agent: bool,
        bearer: bool,
    ) -> Self {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(ACCEPT, JSON);
        if with_user_agent {
            headers.insert(USER_AGENT, HeaderValue::from_static(transport::USER_AGENT));
        }
        insert_version(&mut headers, version);
        if bearer {
            // A place for the value: putting it into a copy costs less than an insertion, which moves all headers.
            headers.insert(AUTHORIZATION, HeaderValue::from_static(""));
        }
        let mut with_body = headers.clone();
        with_body.insert(CONTENT_TYPE, JSON);
        Self { url: endpoint.address(operation.path), headers, with_body }
    }

    /// The headers of a request, without credentials: with an empty value of `Authorization` if it gets one.
    pub(super) fn headers(&self, has_body: bool) -> HeaderMap {
        if has_body { self.with_body.clone() } else { self.headers.clone() }
    }
}

pub(super) fn insert_version(headers: &mut HeaderMap, version: Option<&str>) {
    if let Some(version) = version.and_then(version_header) {
        headers.insert(VERSION, version);
    }
}
