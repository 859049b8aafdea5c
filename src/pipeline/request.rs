//! An API request before it becomes an HTTP request.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use url::form_urlencoded;

use crate::{Error, Result, contract::Contract, error::CallReport, operation::Operation, retry_policy::FailureClass};

/// The characters that are percent-encoded in a segment of a path, or in a value: all but the unreserved ones of RFC 3986.
pub(crate) const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Passes the headers that a caller cannot set to the macro `$with`. The pipeline sets the headers of the body, of conditions,
/// of version and of credentials; the transport sets those of a connection.
macro_rules! refused_headers {
    ($with:ident) => {
        $with! {
            "accept-encoding", "authorization", "cal-api-version", "connection", "content-length", "content-type", "expect",
            "host", "http2-settings", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "keep-alive",
            "proxy-authenticate", "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding",
            "upgrade", "x-cal-client-id", "x-cal-secret-key"
        }
    };
}

macro_rules! list {
    ($($name:literal),*) => { &[$($name),*] };
}

const REFUSED_HEADERS: &[&str] = refused_headers!(list);

pub(crate) use refused_headers;

/// A request of an operation.
#[derive(Clone)]
pub(crate) struct ApiRequest {
    pub(crate) operation: &'static Operation,
    /// The path from `/v2`, with every value percent-encoded.
    pub(crate) path: String,
    /// The query as it is sent, or empty.
    pub(crate) query: String,
    /// JSON.
    pub(crate) body: Option<Bytes>,
    /// The service whose form the body has, if the operation has two.
    pub(crate) form: Option<Contract>,
    /// The caller's own headers; boxed because few requests have any.
    pub(super) headers: Option<Box<HeaderMap>>,
}

impl ApiRequest {
    pub(crate) fn new(operation: &'static Operation, path: String) -> Self {
        Self { operation, path, query: String::new(), body: None, form: None, headers: None }
    }

    /// Whether callers cannot set this header.
    pub(crate) fn is_refused_header(name: &HeaderName) -> bool {
        REFUSED_HEADERS.contains(&name.as_str())
    }

    /// Sets a header. Fails if there are more headers than a map can hold.
    pub(crate) fn insert_header(&mut self, name: HeaderName, mut value: HeaderValue) -> Result<(), ()> {
        value.set_sensitive(true);
        let headers = self.headers.get_or_insert_with(Box::default);
        headers.try_insert(name, value).map(drop).map_err(drop)
    }

    /// Inserts `pairs` of the parameter `name` in the order of names: the same parameters are the same query, in whatever
    /// order they are set.
    pub(crate) fn insert_parameter(&mut self, name: &str, pairs: &str, replaces: bool) {
        let name_of = |pair: &str| form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name.into_owned());
        let before = std::mem::take(&mut self.query);
        let others = before.split('&').filter(|pair| !pair.is_empty()).map(|pair| (name_of(pair), pair));
        let kept = others.filter(|(other, _)| !replaces || other.as_deref() != Some(name));
        let (earlier, later): (Vec<_>, Vec<_>) = kept.partition(|(other, _)| other.as_deref() <= Some(name));
        let parts = earlier.iter().map(|(_, pair)| *pair).chain([pairs]).chain(later.iter().map(|(_, pair)| *pair));
        self.query = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
    }

    /// Rejects a path whose values (an empty one, `..`, `default`) lead to another route than the operation's.
    pub(super) fn validate_path(&self) -> Result<()> {
        let Self { operation, path, .. } = self;
        if operation.is_untyped() {
            let is_plain = |part: &str| !escapes_segment(part) && part.bytes().all(|byte| byte.is_ascii_graphic());
            return match path.strip_prefix("/v2/") {
                Some(rest) if rest.split('/').all(is_plain) => Ok(()),
                _ => Err(self.invalid(
                    "path",
                    "must begin with `/v2/` and be percent-encoded, without a query: that is set with `query`",
                )),
            };
        }
        if operation.matches_path(path) && !operation.path_params(path).any(|(_, value)| escapes_segment(value)) {
            return Ok(());
        }
        let escaping = operation.path_params(path).find(|(_, value)| escapes_segment(value));
        if let Some((name, "")) = escaping {
            return Err(self.invalid(name, "must not be empty"));
        }
        let name = escaping.map(|(name, _)| name);
        let name = name.or_else(|| operation.path_params(operation.path).map(|(name, _)| name).next());
        match name {
            Some(name) => Err(self.invalid(name, "must be an id: this value would lead to another route")),
            None => Err(self.invalid("path", &format!("must be `{}`", operation.path))),
        }
    }

    /// Whether the request differs from others of its operation only in its body.
    pub(super) fn is_parameterless(&self) -> bool {
        self.path == self.operation.path && self.query.is_empty()
    }

    /// The error of a field that cannot be sent.
    pub(crate) fn invalid(&self, field: &str, message: &str) -> Error {
        let mut error = Error::invalid(field, message);
        error.details_mut().set_call_report(CallReport::new(
            self.operation.id,
            self.operation.resend,
            FailureClass::Invalid,
        ));
        error
    }
}

/// Whether a URL parser reads `value` as more or less than one segment of a path.
fn escapes_segment(value: &str) -> bool {
    let dots = |value: &str| matches!(value.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    let ends_a_path = |byte: u8| byte <= b' ' || b"?#\\".contains(&byte);
    value.is_empty()
        || value.bytes().any(ends_a_path)
        || (value.len() <= 6 && value.starts_with(['.', '%']) && dots(value))
}
