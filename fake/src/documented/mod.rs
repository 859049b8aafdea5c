//! Operations of the document that no handler plays: which request is which operation, what is checked of it, and what it is
//! answered. `cargo xtask codegen` writes `operations.json`.

mod check;
mod description;

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use calcom::operation::{CredentialPolicy, Operation};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use description::Description;

use super::auth::AccessRule;
use super::check::tree_reply;
use super::exchange::Request;
use super::reply::{Reply, ReplyBody};
use super::service::Service;
use super::state::State;

/// The parameters, the body and an answer of each operation.
static DOCUMENT: LazyLock<Document> =
    LazyLock::new(|| serde_json::from_str(include_str!("operations.json")).unwrap_or_default());

#[derive(Default, Deserialize)]
struct Document {
    schemas: HashMap<String, Value>,
    operations: HashMap<String, Description>,
}

/// The operation of a request that no handler plays, or the reason for which there is none.
pub(crate) fn find(
    method: &str,
    path: &str,
    version: Option<&str>,
    service: Service,
) -> Result<&'static Operation, Option<String>> {
    let Some(operation) = Operation::route(method, path) else { return Err(None) };
    let contract = service.contract;
    if !service.serves(operation.path.strip_prefix("/v2").unwrap_or(operation.path)) {
        return Err(Some(format!("{} is no operation of the community's server", operation.id)));
    }
    if !operation.is_in(contract) {
        return Err(Some(format!("{} is no operation of a {contract} service", operation.id)));
    }
    match operation.version_in(contract) {
        Some(wanted) if version != Some(wanted) => Err(Some(format!(
            "not routed with cal-api-version {}; known: {} (cal-api-version {wanted})",
            version.unwrap_or("none"),
            operation.id
        ))),
        _ => Ok(operation),
    }
}

/// The parameters in a path of this operation, decoded.
pub(crate) fn path_params(operation: &'static Operation, path: &str) -> Vec<(&'static str, String)> {
    let parts = operation.path.split('/').zip(path.split('/'));
    let params = parts.filter_map(|(part, value)| Some((part.strip_prefix('{')?.strip_suffix('}')?, value)));
    let decode = |value| percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
    params.map(|(name, value)| (name, decode(value))).collect()
}

/// The credentials that the document asks for.
pub(crate) fn access(operation: &Operation) -> AccessRule {
    match operation.credentials {
        CredentialPolicy::Required => AccessRule::Required,
        CredentialPolicy::Optional => AccessRule::Optional,
        CredentialPolicy::Refused => AccessRule::Ignored,
    }
}

/// Checks path, query and body of a request against the document, and answers with the answer of the test or the
/// example.
///
/// The error names every field that is wrong, in the service's form. Its header `x-fake-hint` has the paths of the fields.
pub(crate) fn respond(state: &mut State, request: &Request) -> Reply {
    // An older form of an operation is not in the document. It has an answer only if the test gives one.
    let known = DOCUMENT.operations.get(request.operation);
    if let Some(known) = known {
        let violations = check::violations(known, &DOCUMENT.schemas, request, state.contract);
        if !violations.is_empty() {
            return tree_reply(&violations).with_hint(&check::texts(&violations, "").join(", "));
        }
    }
    let example = || known.map(|known| reply(known.status, &known.answer, &[]));
    state.answers.take(request.operation).or_else(example).unwrap_or_else(Reply::internal)
}

/// The answer of an operation that no handler plays.
pub fn example(operation: &str) -> Option<&'static Value> {
    DOCUMENT.operations.get(operation).map(|known| &known.answer)
}

/// The status of an operation's success.
pub(crate) fn status(operation: &str) -> u16 {
    DOCUMENT.operations.get(operation).map_or(200, |known| known.status)
}

/// The response with this body. An empty text and `null` are no body.
pub(crate) fn reply(status: u16, body: &Value, headers: &[(HeaderName, HeaderValue)]) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match body {
        Value::Null => ReplyBody::Empty,
        Value::String(text) if text.is_empty() => ReplyBody::Empty,
        Value::String(text) => ReplyBody::Raw(Bytes::from(text.clone())),
        json => ReplyBody::Json(json.clone()),
    };
    let mut reply = Reply::of(status, body);
    reply.headers.extend(headers.iter().cloned());
    reply
}
