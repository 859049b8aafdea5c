//! A DELETE whose first answer was lost and that is sent again: the thing is gone, and the service says that there is none.

use serde_json::{Map, Value, json};

use super::super::{context::RequestContext, response::ApiResponse};
use crate::{Error, operation::Method};

/// The response of a DELETE that an earlier attempt may have carried out already, if `error` says that the thing is gone.
/// It holds the ids of the path in the place of what the lost answer told.
pub(super) fn already_deleted(context: &RequestContext<'_>, error: &Error) -> Option<ApiResponse> {
    let request = context.request;
    if request.operation.method != Method::Delete || !is_gone(error) {
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

/// Of schedules the service says so with a 400. A route that does not exist deletes nothing.
fn is_gone(error: &Error) -> bool {
    let said = error.service_message().unwrap_or_default();
    match error.status() {
        Some(404 | 410) => !said.starts_with("Cannot DELETE "),
        Some(400) => said.contains("does not exist"),
        _ => false,
    }
}
