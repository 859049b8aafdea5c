//! Makes a generated request fit to be sent: checks that its path leads where it should, and sets the headers that the
//! document leaves to the client.

use http::HeaderName;

use super::CallOptions;
use crate::{
    Error, Result,
    client::Core,
    config::{DEFAULT_VERSION, version_header},
    operation::{Credentials, Operation},
};

pub(super) const VERSION: HeaderName = HeaderName::from_static("cal-api-version");

/// Room for the headers of an answer too: the connection reads them into the map that the request's came in.
const HEADERS: usize = 32;

pub(super) fn prepare(
    request: &mut reqwest::Request,
    operation: &'static Operation,
    core: &Core,
    options: &CallOptions,
) -> Result<()> {
    check_path(request, operation, core)?;
    let version = options.version.as_deref().or(match operation.version {
        Some(DEFAULT_VERSION) => Some(core.config.api_version.as_str()),
        version => version,
    });
    let headers = request.headers_mut();
    headers.reserve(HEADERS);
    if let Some(version) = version {
        let Some(value) = version_header(version) else {
            return Err(refused(operation, "version", "cannot stand in a header"));
        };
        headers.insert(VERSION, value);
    }
    if operation.credentials != Credentials::Refused {
        headers.extend(core.credential_headers.clone());
    }
    Ok(())
}

/// A value in a path (`../me`, nothing, `default`) must not lead to another route than the operation's.
fn check_path(request: &reqwest::Request, operation: &'static Operation, core: &Core) -> Result<()> {
    let path = request.url().path();
    let path = path.strip_prefix(core.base_path.as_str()).unwrap_or(path);
    if operation.is_reached_by(path) && request.url().path().starts_with(&core.base_path) {
        return Ok(());
    }
    let empty = operation.values(path).find_map(|(name, value)| value.is_empty().then_some(name));
    let first = || operation.values(operation.path).map(|(name, _)| name).next();
    let name = empty.or_else(|| operation.swallowed(path)).or_else(first);
    Err(refused(operation, name.unwrap_or("path"), "must be an id: this value would lead to another route"))
}

fn refused(operation: &'static Operation, field: &str, message: &str) -> Error {
    let mut error = Error::invalid(field, message);
    error.failure_mut().sent(operation.id, 0, false, false);
    error
}
