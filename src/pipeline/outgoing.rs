//! A request before it is HTTP: what the caller asks for, what the client adds to it, and a fresh HTTP request of both for
//! every attempt.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE, IF_NONE_MATCH},
};
use tokio::time::Instant;

use super::Call;
use crate::{
    Error, Result,
    config::{DEFAULT_VERSION, version_header},
    operation::{Credentials, Method, Operation},
};

const VERSION: HeaderName = HeaderName::from_static("cal-api-version");
/// Room for the headers of an answer too: the connection reads them into the map that the request's came in.
const HEADERS: usize = 32;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a caller asks for.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) operation: &'static Operation,
    /// From `/v2` on, with every value percent-encoded.
    pub(crate) path: String,
    /// As it is sent, or nothing.
    pub(crate) query: String,
    /// JSON.
    pub(crate) body: Option<Bytes>,
}

/// It on its way.
pub(super) struct Sending<'a> {
    pub(super) call: &'a Call,
    pub(super) request: &'a Outgoing,
    pub(super) version: Option<&'a str>,
    pub(super) deadline: Instant,
    /// The validator of the answer from before.
    pub(super) if_none_match: Option<HeaderValue>,
}

impl Outgoing {
    /// A value in a path (nothing, `..`, `default`) must not lead to another route than the operation's.
    pub(super) fn check(&self) -> Result<()> {
        let Self { operation, path, .. } = self;
        if operation.is_reached_by(path) && !operation.values(path).any(|(_, value)| leads_elsewhere(value)) {
            return Ok(());
        }
        let name = operation.values(path).find_map(|(name, value)| leads_elsewhere(value).then_some(name));
        let name = name.or_else(|| operation.values(operation.path).map(|(name, _)| name).next());
        Err(refused(operation, name.unwrap_or("path"), "must be an id: this value would lead to another route"))
    }

    /// The version that is sent with it.
    pub(super) fn version<'a>(&self, call: &'a Call) -> Result<Option<&'a str>> {
        if let Some(version) = call.options.version.as_deref() {
            let can_be_sent = version_header(version).is_some();
            return can_be_sent
                .then_some(Some(version))
                .ok_or_else(|| refused(self.operation, "version", "cannot stand in a header"));
        }
        Ok(match self.operation.version {
            Some(DEFAULT_VERSION) => Some(&call.core.config.api_version),
            version => version,
        })
    }
}

impl Sending<'_> {
    /// The request of one attempt.
    pub(super) fn to_http(&self) -> reqwest::Request {
        let request = self.request;
        let url = self.call.core.address(&request.path, &request.query);
        let mut http = reqwest::Request::new(method(request.operation.method), url);
        *http.headers_mut() = self.headers();
        *http.body_mut() = request.body.clone().map(Into::into);
        http
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(ACCEPT, JSON);
        if let Some(version) = self.version.and_then(version_header) {
            headers.insert(VERSION, version);
        }
        if self.request.operation.credentials != Credentials::Refused {
            for (name, value) in &self.call.core.credential_headers {
                headers.insert(name.clone(), value.clone());
            }
        }
        if self.request.body.is_some() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Some(validator) = &self.if_none_match {
            headers.insert(IF_NONE_MATCH, validator.clone());
        }
        headers
    }
}

/// Whether a URL would read `value` as something else than one part of its path.
fn leads_elsewhere(value: &str) -> bool {
    let dots = |value: &str| matches!(value.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    let ends_a_path = |byte: u8| byte <= b' ' || b"?#\\".contains(&byte);
    value.is_empty()
        || value.bytes().any(ends_a_path)
        || (value.len() <= 6 && value.starts_with(['.', '%']) && dots(value))
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

fn refused(operation: &'static Operation, field: &str, message: &str) -> Error {
    let mut error = Error::invalid(field, message);
    error.failure_mut().sent(operation.id, 0, false, false);
    error
}
