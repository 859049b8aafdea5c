//! The gateway: one route, which passes every request to [`calcom::v1::serve`].
//!
//! Paths, queries and bodies are not logged, because they contain keys, uids and personal data.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderName, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use calcom::v1::{V1Client, serve};

/// Creates the V1 server.
pub(crate) fn router(client: V1Client) -> Router {
    Router::new().fallback(handle).with_state(Arc::new(client))
}

/// The header with the number of losses.
const LOSSES_HEADER: HeaderName = HeaderName::from_static("x-v1-losses");

async fn handle(State(client): State<Arc<V1Client>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let request = serve::GatewayRequest::new(method.as_str(), uri.path(), uri.query().unwrap_or_default(), &body);
    let response = serve::handle(&client, &request).await;
    eprintln!("{}", log_line(&response));
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers =
        [(header::CONTENT_TYPE, "application/json".to_owned()), (LOSSES_HEADER, response.losses.len().to_string())];
    (status, headers, response.body.to_string()).into_response()
}

/// The log line of a request: the route with parameters in braces, the status, the number of losses.
pub(crate) fn log_line(response: &serve::GatewayResponse) -> String {
    let route = response.route.unwrap_or("an unknown path");
    format!("{route}: {}, {} losses", response.status, response.losses.len())
}
