//! What all requests of an operation have in common, made for the first request and copied for the others.

use std::sync::{Arc, OnceLock};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use url::Url;

use super::{cache::CacheRequest, endpoint::Endpoint, transport};
use crate::{
    config::version_header,
    operation::{CredentialPolicy, Operation},
    state::{TenantId, cached_response::CacheKey},
};

const VERSION: HeaderName = HeaderName::from_static("cal-api-version");
/// The capacity of a header map. It suffices for the response too: the connection reads headers into the map of the request.
const HEADERS: usize = 24;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The templates of a client, one for each operation.
pub(super) struct Templates(Box<[OnceLock<Template>]>);

impl Default for Templates {
    fn default() -> Self {
        Self(Operation::rows().map(|_| OnceLock::new()).collect())
    }
}

impl Templates {
    pub(super) fn get(&self, operation: &'static Operation, make: impl FnOnce() -> Template) -> &Template {
        self.0[operation.index].get_or_init(make)
    }
}

pub(super) struct Template {
    /// The address, if the path has no parameters.
    pub(super) url: Url,
    headers: HeaderMap,
    /// The headers of requests with a body.
    with_body: HeaderMap,
    /// The cache slot of a request without parameters.
    pub(super) cache_slot: Option<CacheSlot>,
}

/// The cache key of a response, and its tags.
pub(super) struct CacheSlot {
    pub(super) key: CacheKey,
    pub(super) tags: Arc<[String]>,
}

impl Template {
    pub(super) fn new(
        endpoint: &Endpoint,
        version: Option<&str>,
        scope: TenantId,
        operation: &'static Operation,
    ) -> Self {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, HeaderValue::from_static(transport::USER_AGENT));
        insert_version(&mut headers, version);
        if operation.credentials != CredentialPolicy::Refused {
            let credentials = endpoint.credential_headers();
            headers.extend(credentials.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let request = CacheRequest { operation, version, path: operation.path, query: "" };
        let cache_slot = operation.cache.map(|policy| CacheSlot {
            key: CacheKey::new(scope, request.key(policy)),
            tags: request.tags(policy).into(),
        });
        let mut with_body = headers.clone();
        with_body.insert(CONTENT_TYPE, JSON);
        Self { url: endpoint.address(operation.path), headers, with_body, cache_slot }
    }

    pub(super) fn headers(&self, has_body: bool) -> HeaderMap {
        if has_body { self.with_body.clone() } else { self.headers.clone() }
    }
}

pub(super) fn insert_version(headers: &mut HeaderMap, version: Option<&str>) {
    if let Some(version) = version.and_then(version_header) {
        headers.insert(VERSION, version);
    }
}
