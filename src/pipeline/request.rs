//! A request before it is HTTP: the operation and what the caller put into it.

use bytes::Bytes;

use crate::{Error, Result, error::SendReport, operation::Operation};

/// A request of an operation.
#[derive(Clone)]
pub(crate) struct ApiRequest {
    pub(crate) operation: &'static Operation,
    /// From `/v2` on, with every value percent-encoded.
    pub(crate) path: String,
    /// As it is sent, or empty.
    pub(crate) query: String,
    /// JSON.
    pub(crate) body: Option<Bytes>,
}

impl ApiRequest {
    pub(crate) fn new(operation: &'static Operation, path: String) -> Self {
        Self { operation, path, query: String::new(), body: None }
    }

    /// Refuses a path whose values (an empty one, `..`, `default`) lead to another route than the operation's.
    pub(super) fn validate_path(&self) -> Result<()> {
        let Self { operation, path, .. } = self;
        if operation.is_reached_by(path) && !operation.values(path).any(|(_, value)| escapes_segment(value)) {
            return Ok(());
        }
        let name = operation.values(path).find_map(|(name, value)| escapes_segment(value).then_some(name));
        let name = name.or_else(|| operation.values(operation.path).map(|(name, _)| name).next());
        Err(self.invalid(name.unwrap_or("path"), "must be an id: this value would lead to another route"))
    }

    /// Whether the request differs from others of its operation in its body only.
    pub(super) fn is_parameterless(&self) -> bool {
        self.path == self.operation.path && self.query.is_empty()
    }

    /// The error of a field that cannot be sent.
    pub(super) fn invalid(&self, field: &str, message: &str) -> Error {
        let mut error = Error::invalid(field, message);
        error.failure_mut().set_send_report(SendReport {
            operation: self.operation.id,
            attempts: 0,
            may_have_been_applied: false,
            repeatable: false,
        });
        error
    }
}

/// Whether a URL reads `value` as something else than one segment of its path.
fn escapes_segment(value: &str) -> bool {
    let dots = |value: &str| matches!(value.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    let ends_a_path = |byte: u8| byte <= b' ' || b"?#\\".contains(&byte);
    value.is_empty()
        || value.bytes().any(ends_a_path)
        || (value.len() <= 6 && value.starts_with(['.', '%']) && dots(value))
}
