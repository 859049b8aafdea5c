//! Headers that a caller cannot set.

use calcom::operation::Method;
use serde_json::Value;

use super::{refused, service};

#[tokio::test(start_paused = true)]
async fn a_header_that_the_client_or_the_connection_sets_is_refused_by_its_name() {
    let service = service(&[]).await;
    let client = service.client();
    for name in [
        "Accept-Encoding",
        "Authorization",
        "CAL-API-VERSION",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Expect",
        "host",
        "HTTP2-Settings",
        "If-Match",
        "If-Modified-Since",
        "if-none-match",
        "If-Unmodified-Since",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Range",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "X-Cal-Client-Id",
        "x-cal-secret-key",
    ] {
        refused(&client.raw().get_me().header(name, "a").await.unwrap_err(), &name.to_lowercase());
        let untyped = client.request::<Value>(Method::Get, "/v2/new").header(name, "a");
        refused(&untyped.await.unwrap_err(), &name.to_lowercase());
    }
    assert!(service.requests().is_empty());
}
