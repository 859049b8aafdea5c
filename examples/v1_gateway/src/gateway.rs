//! The gateway: one route, which passes every request to [`calcom::v1::serve`].
//!
//! Paths, queries and bodies contain keys, uids and personal data, so that they are not logged.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderName, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use calcom::v1::{Client, serve};

/// The router of V1 with this client.
pub(crate) fn router(client: Client) -> Router {
    Router::new().fallback(v1).with_state(Arc::new(client))
}

/// The header with the number of losses of the conversions to V2 and back.
const LOSSES: HeaderName = HeaderName::from_static("x-v1-losses");

async fn v1(State(client): State<Arc<Client>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let request = serve::Request::new(method.as_str(), uri.path(), uri.query().unwrap_or_default(), &body);
    let answer = serve::answer(&client, &request).await;
    eprintln!("{}", log_line(&answer));
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (LOSSES, answer.losses.len().to_string())];
    (status, headers, answer.body.to_string()).into_response()
}

/// The log line of a request: V1's path with its parameters in braces, the status, and the number of losses.
pub(crate) fn log_line(answer: &serve::Answer) -> String {
    let route = answer.route.unwrap_or("an unknown path");
    format!("{route}: {}, {} losses", answer.status, answer.losses.len())
}
