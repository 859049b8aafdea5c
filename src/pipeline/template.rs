//! What all requests of an operation have in common: made when the first is sent, copied for the others.

use std::sync::{Arc, OnceLock};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use url::Url;

use super::cache_key::Asked;
use crate::{
    client::{Core, USER_AGENT as AGENT},
    config::{DEFAULT_VERSION, version_header},
    operation::{Credentials, Operation},
    state::kept::CacheKey,
};

const VERSION: HeaderName = HeaderName::from_static("cal-api-version");
/// Room for the headers of an answer too: the connection reads them into the map that the request's came in.
const HEADERS: usize = 24;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The templates of a client, one for each operation.
pub(crate) struct Templates(Box<[OnceLock<Template>]>);

impl Default for Templates {
    fn default() -> Self {
        Self(Operation::all().iter().map(|_| OnceLock::new()).collect())
    }
}

pub(super) struct Template {
    /// The address, where the path has no values.
    pub(super) url: Url,
    headers: HeaderMap,
    /// The headers of those that have a body.
    with_body: HeaderMap,
    /// Where the answer is kept to a request without values in its path and without a query.
    pub(super) place: Option<Place>,
}

/// Where an answer is kept, and by which tags it is made stale.
pub(super) struct Place {
    pub(super) key: CacheKey,
    pub(super) tags: Arc<[String]>,
}

impl Core {
    /// The template of an operation's requests.
    pub(super) fn template(&self, operation: &'static Operation) -> &Template {
        self.templates.0[operation.index].get_or_init(|| Template::new(self, operation))
    }

    /// The version that an operation is sent with, unless the caller wants another.
    pub(super) fn version(&self, operation: &'static Operation) -> Option<&str> {
        match operation.version {
            Some(DEFAULT_VERSION) => Some(&self.config.api_version),
            version => version,
        }
    }
}

impl Template {
    fn new(core: &Core, operation: &'static Operation) -> Self {
        let version = core.version(operation);
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        insert_version(&mut headers, version);
        if operation.credentials != Credentials::Refused {
            headers.extend(core.credential_headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let asked = Asked { operation, version, path: operation.path, query: "" };
        let place = operation.cache.map(|policy| Place {
            key: CacheKey::new(core.tenant.scope, asked.name(policy)),
            tags: asked.tags(policy).into(),
        });
        let mut with_body = headers.clone();
        with_body.insert(CONTENT_TYPE, JSON);
        Self { url: core.address(operation.path), headers, with_body, place }
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
