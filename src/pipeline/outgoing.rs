//! A request before it is HTTP: what the caller asks for, what the client adds to it, and a fresh HTTP request of both for
//! every attempt.

use bytes::Bytes;
use http::{HeaderValue, header::IF_NONE_MATCH};
use tokio::time::Instant;

use super::{Call, template::insert_version};
use crate::{
    Error, Result,
    config::version_header,
    operation::{Method, Operation},
};

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
    /// The part of a cache tag that it makes stale, where that is known without reading the body.
    pub(crate) part: Option<i64>,
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
        let Some(version) = call.options.version.as_deref() else { return Ok(call.core.version(self.operation)) };
        if version_header(version).is_none() {
            return Err(refused(self.operation, "version", "cannot stand in a header"));
        }
        Ok(Some(version))
    }

    /// Whether it differs from others of its operation in its body only.
    pub(super) fn is_plain(&self) -> bool {
        self.path == self.operation.path && self.query.is_empty()
    }
}

impl Sending<'_> {
    /// The request of one attempt.
    pub(super) fn to_http(&self) -> reqwest::Request {
        let (request, core) = (self.request, &self.call.core);
        let template = core.template(request.operation);
        let mut url =
            if request.path == request.operation.path { template.url.clone() } else { core.address(&request.path) };
        if !request.query.is_empty() {
            url.set_query(Some(&request.query));
        }
        let mut http = reqwest::Request::new(method(request.operation.method), url);
        let headers = http.headers_mut();
        *headers = template.headers(request.body.is_some());
        if self.call.options.version.is_some() {
            insert_version(headers, self.version);
        }
        if let Some(validator) = &self.if_none_match {
            headers.insert(IF_NONE_MATCH, validator.clone());
        }
        if let Some(body) = &request.body {
            *http.body_mut() = Some(body.clone().into());
        }
        http
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
