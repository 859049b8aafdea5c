//! The facade of the areas beside bookings: what it sends, and what it makes of the responses.

mod calendars;
mod conferencing;
mod lenient;
mod organizations;
mod out_of_office;
mod resources;
mod routing_forms;
mod routing_insights;
mod stale;
mod teams;

use std::sync::atomic::{AtomicUsize, Ordering};

use calcom::{ApiKey, Client, config::ServiceKind};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use crate::support;

/// A service that answers its requests in turn, the last answer again and again.
struct Service {
    server: MockServer,
    client: Client,
}

impl Service {
    /// A self-hosted server. An answer is the body of a success.
    async fn self_hosted(answers: impl IntoIterator<Item = Value>) -> Self {
        Self::start(ServiceKind::SelfHosted, answers).await
    }

    /// The hosted service.
    async fn hosted(answers: impl IntoIterator<Item = Value>) -> Self {
        Self::start(ServiceKind::Hosted, answers).await
    }

    async fn start(kind: ServiceKind, answers: impl IntoIterator<Item = Value>) -> Self {
        let (answers, next): (Vec<Value>, _) = (answers.into_iter().collect(), AtomicUsize::new(0));
        let respond = move |request: &Request| {
            let at = next.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let status = if request.method == "POST" { 201 } else { 200 };
            match &answers[at] {
                Value::Null => ResponseTemplate::new(204),
                body => ResponseTemplate::new(status_of(body).unwrap_or(status)).set_body_json(body),
            }
        };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(respond).mount(&server).await;
        let mut config = support::client(&server).config().clone();
        config.service = kind;
        let client = Client::builder().config(config).credentials(ApiKey::new("cal_live_areas")).build().unwrap();
        Self { server, client }
    }

    /// What was sent: method, path, query, the version and the body where there are such.
    async fn calls(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(call).collect()
    }
}

/// The status of an answer that is a failure.
fn status_of(body: &Value) -> Option<u16> {
    body["error"]["details"]["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok())
}

fn call(request: &Request) -> String {
    assert_eq!(request.headers["authorization"], "Bearer cal_live_areas");
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut call = format!("{} {}{query}", request.method, request.url.path());
    if let Some(version) = request.headers.get("cal-api-version") {
        call += &format!(" @{}", version.to_str().unwrap());
    }
    if !request.body.is_empty() {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        call += &format!(" {body}");
    }
    call
}

fn success(data: Value) -> Value {
    json!({"status": "success", "data": data})
}

fn failure(status: u16, code: &str, message: &str) -> Value {
    json!({"status": "error", "error": {"code": code, "message": message, "details": {"statusCode": status}}})
}
