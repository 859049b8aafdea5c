//! Handles whole V1 requests, for a gateway in front of programs that use V1. The HTTP server is the caller's choice.
//!
//! The `?apiKey=` of each request becomes the credential of the V2 requests. It is not forwarded in a URL.
//!
//! ```no_run
//! # async fn example() -> calcom::Result<()> {
//! use calcom::v1;
//!
//! let client = v1::V1Client::from(calcom::Client::new(calcom::Credentials::Anonymous)?);
//! let request = v1::serve::GatewayRequest::get("/v1/event-types", "apiKey=cal_live_xxxxxxxxxxxxxx");
//! let response = v1::serve::handle(&client, &request).await;
//! println!("{} {}", response.status, response.body);
//! # Ok(()) }
//! ```

mod routes;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use self::routes::{RoutedRequest, find_route};
use super::{Loss, V1Client, V1Error, key, loss::Losses};

/// A V1 request. `Debug` shows the method only, because the rest contains a key and personal data.
///
/// ```
/// use calcom::v1::serve::GatewayRequest;
///
/// let body = br#"{"name": "Late", "timeZone": "Europe/Berlin"}"#;
/// let request = GatewayRequest::new("POST", "/v1/schedules", "apiKey=cal_live_xxxxxxxxxxxxxx", body);
/// assert_eq!(request.path, "/v1/schedules");
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct GatewayRequest<'a> {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: &'a str,
    /// The path. The prefixes `/v1` and `/api/v1` are optional.
    pub path: &'a str,
    /// The query, without `?`.
    pub query: &'a str,
    /// The body. Empty if the request has none.
    pub body: &'a [u8],
}

impl<'a> GatewayRequest<'a> {
    /// Creates a request.
    #[must_use]
    pub fn new(method: &'a str, path: &'a str, query: &'a str, body: &'a [u8]) -> Self {
        Self { method, path, query, body }
    }

    /// Creates a `GET` request without a body.
    #[must_use]
    pub fn get(path: &'a str, query: &'a str) -> Self {
        Self::new("GET", path, query, b"")
    }
}

impl fmt::Debug for GatewayRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The response to a V1 request, returned by [`handle`].
///
/// [`serve`](crate::v1::serve) has an example.
#[derive(Clone)]
#[non_exhaustive]
pub struct GatewayResponse {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
    /// The losses of the request and the response.
    pub losses: Vec<Loss>,
    /// The route, with parameters in braces (`/bookings/{id}`), for logs. `None` if the path is unknown.
    pub route: Option<&'static str>,
}

impl fmt::Debug for GatewayResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("GatewayResponse");
        out.field("status", &self.status).field("route", &self.route).field("losses", &self.losses.len());
        out.finish_non_exhaustive()
    }
}

/// Executes a V1 request with V2 and returns V1's response. Failures are responses too, with V1's status and body.
///
/// `client` gives the address of V2 and the settings. Its own credential is not used.
///
/// ```no_run
/// # async fn example() -> calcom::Result<()> {
/// use calcom::v1::{V1Client, serve::{GatewayRequest, handle}};
///
/// let client = V1Client::from(calcom::Client::new(calcom::Credentials::Anonymous)?);
/// let request = GatewayRequest::get("/v1/me", "apiKey=cal_live_xxxxxxxxxxxxxx");
/// let response = handle(&client, &request).await;
/// println!("{} with {} losses", response.status, response.losses.len());
/// # Ok(()) }
/// ```
pub async fn handle(client: &V1Client, request: &GatewayRequest<'_>) -> GatewayResponse {
    let path = request.path.trim_end_matches('/');
    let path = path.strip_prefix("/api").unwrap_or(path);
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let Some(route) = find_route(path) else {
        let body = V1Error::not_found("Not Found").body(request.method, path);
        return GatewayResponse { status: 404, body, losses: Vec::new(), route: None };
    };
    let losses = Mutex::new(Losses::default());
    let (status, body, losses) = match try_handle(client, request, path, &losses).await {
        Ok(body) => (200, body, losses.into_inner().unwrap_or_else(PoisonError::into_inner).list().to_vec()),
        Err(error) => (error.status(), error.body(request.method, path), error.losses().to_vec()),
    };
    GatewayResponse { status, body, losses, route: Some(route.template) }
}

async fn try_handle(
    client: &V1Client,
    request: &GatewayRequest<'_>,
    path: &str,
    losses: &Mutex<Losses>,
) -> super::V1Result<Value> {
    let Some(route) = find_route(path) else { return Err(V1Error::not_found("Not Found")) };
    if !route.methods.contains(&request.method) {
        return Err(V1Error::method_not_allowed(&route.methods.join(",")));
    }
    let (pairs, key) = key::split_query(request.query);
    let client = client.with_credentials(key.ok_or_else(V1Error::missing_key)?).map_err(|_| V1Error::invalid_key())?;
    let body = match request.body.trim_ascii() {
        b"" => Value::Object(Default::default()),
        body => serde_json::from_slice(body).map_err(|_| V1Error::unsupported("Invalid JSON"))?,
    };
    let routed = RoutedRequest { client: &client, query: &pairs, body: &body, losses };
    routed.execute(request.method, &route.segments(path)).await
}
