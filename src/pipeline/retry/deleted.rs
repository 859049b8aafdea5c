//! A DELETE that is retried after its response was lost: the resource is deleted, and the service returns 404.

use serde_json::{Map, Value, json};

use super::super::{context::RequestContext, response::ApiResponse};
use crate::Error;

/// The response of a DELETE that an earlier attempt may have executed, if `error` proves that the resource is deleted. Of other
/// operations the same error also means that it was never deleted: a built-in role, a member of another team. The response
/// contains the ids of the path in place of the lost response's data.
pub(super) fn already_deleted(context: &RequestContext<'_>, error: &Error) -> Option<ApiResponse> {
    let request = context.request;
    if !request.operation.proves_deletion || !is_gone(error) {
        return None;
    }
    let mut data = Map::new();
    for (name, value) in request.operation.path_params(&request.path) {
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        let id = value.parse::<i64>().map_or_else(|_| Value::from(value.into_owned()), Value::from);
        data.insert(name.to_owned(), id.clone());
        data.insert("id".to_owned(), id);
    }
    let body = json!({"status": "success", "data": data}).to_string();
    let operation = Some(request.operation);
    Some(ApiResponse { operation, status: request.operation.success, body: body.into(), ..ApiResponse::default() })
}

/// For schedules the service returns 400. The 404 of an unknown route means that nothing was deleted.
fn is_gone(error: &Error) -> bool {
    let said = error.service_message().unwrap_or_default();
    match error.status() {
        Some(404 | 410) => !said.starts_with("Cannot DELETE "),
        Some(400) => said.contains("does not exist"),
        _ => false,
    }
}
