//! The control routes, and the page.

use std::time::Duration;

use bytes::Bytes;
use calcom::webhook::{UNSIGNED, sign};
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming as HyperBody;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::super::delivery_sender::deliver;
use super::super::fake::FakeCalcom;
use super::super::response_body::ResponseBody;
use super::super::seed_file::{Seed, duration, positive, read_json};
use super::super::state::WebhookDelivery;
use super::fault_input::{FaultInput, check_header};
use super::host::{CONTROL, ControlState};
use super::views;

/// The page that shows the fake.
const PAGE: &str = include_str!("page.html");
/// The largest body of a control request.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// The longest wait for the receiver of a delivery, and for requests and deliveries in progress.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The routes, as the overview lists them.
const ROUTES: [&str; 16] = [
    "GET /__fake/",
    "POST /__fake/reset",
    "GET /__fake/clock",
    "POST /__fake/clock",
    "GET /__fake/faults",
    "POST /__fake/faults",
    "DELETE /__fake/faults",
    "GET /__fake/bookings",
    "GET /__fake/ledger",
    "GET /__fake/log",
    "POST /__fake/idle",
    "GET /__fake/deliveries",
    "POST /__fake/deliveries",
    "POST /__fake/deliveries/NUMBER",
    "POST /__fake/answers",
    "DELETE /__fake/answers/OPERATION",
];

type ControlResult = Result<Value, (StatusCode, String)>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockInput {
    now: Option<Timestamp>,
    #[serde(default, deserialize_with = "duration")]
    advance: Option<SignedDuration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnswerInput {
    operation: String,
    status: Option<u16>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
    times: Option<usize>,
}

/// A delivery of a body of the test.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeliveryInput {
    url: String,
    secret: Option<String>,
    body: Value,
}

/// A delivery that is sent again, to its own URL or to another.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RepeatInput {
    url: Option<String>,
}

pub(super) async fn answer(host: &ControlState, request: http::Request<HyperBody>) -> Response<ResponseBody> {
    let (head, body) = request.into_parts();
    let is_read = matches!(head.method, Method::GET | Method::HEAD);
    if head.uri.path() == "/" && is_read {
        return response(StatusCode::OK, "text/html; charset=utf-8", Bytes::from_static(PAGE.as_bytes()));
    }
    let (status, value) = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, error("the body cannot be read, or is larger than 4 MiB")),
        Ok(body) => match control(host, &head, &body.to_bytes()).await {
            Ok(value) => (StatusCode::OK, value),
            Err((status, message)) => (status, error(&message)),
        },
    };
    let mut response = response(status, "application/json; charset=utf-8", Bytes::from(format!("{value}\n")));
    if status == StatusCode::METHOD_NOT_ALLOWED
        && let Ok(allowed) = HeaderValue::try_from(methods(head.uri.path()).join(", "))
    {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The methods of a path; none if there is no such path.
fn methods(path: &str) -> Vec<&'static str> {
    if path == "/" {
        return vec!["GET", "HEAD"];
    }
    let is_path = |route: &str| {
        // A word in capitals is any number or name.
        let is_segment = |(known, given): (&str, &str)| {
            known == given || !known.is_empty() && known.chars().all(char::is_uppercase) && !given.is_empty()
        };
        route.split('/').count() == path.split('/').count() && route.split('/').zip(path.split('/')).all(is_segment)
    };
    let routes = ROUTES.iter().filter_map(|route| route.split_once(' '));
    routes.filter(|(_, route)| is_path(route)).map(|(method, _)| method).collect()
}

fn error(message: &str) -> Value {
    json!({ "error": message })
}

fn response(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::complete(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn control(host: &ControlState, head: &http::request::Parts, body: &[u8]) -> ControlResult {
    let path = head.uri.path().strip_prefix(CONTROL).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let fake = host.fake();
    match (&head.method, parts.as_slice()) {
        (&Method::GET, [""]) => Ok(views::overview(&fake, &ROUTES)),
        (&Method::POST, ["reset"]) => {
            let seed = if body.is_empty() { None } else { Some(parse::<Seed>(body)?) };
            host.reset(seed).map_err(|error| refused(&error.to_string()))?;
            Ok(views::overview(&host.fake(), &ROUTES))
        }
        (&Method::GET, ["clock"]) => Ok(now(&fake)),
        (&Method::POST, ["clock"]) => set_clock(&fake, &parse(body)?),
        (&Method::GET, ["faults"]) => Ok(views::faults(&fake)),
        (&Method::POST, ["faults"]) => {
            fake.fault(parse::<FaultInput>(body)?.fault().map_err(|message| refused(&message))?);
            Ok(views::faults(&fake))
        }
        (&Method::DELETE, ["faults"]) => {
            fake.clear_faults();
            Ok(views::faults(&fake))
        }
        (&Method::GET, ["bookings"]) => Ok(views::bookings(&fake)),
        (&Method::GET, ["ledger"]) => Ok(views::ledger(&fake.ledger())),
        (&Method::GET, ["log"]) => Ok(views::log(&fake, operation(head)?.as_deref())),
        (&Method::POST, ["idle"]) => {
            let wait = async {
                fake.idle().await;
                fake.wait_for_webhooks().await;
            };
            match tokio::time::timeout(MAX_WAIT, wait).await {
                Ok(()) => Ok(json!({ "idle": true })),
                Err(_) => Err((StatusCode::CONFLICT, "requests or deliveries are still in progress".to_owned())),
            }
        }
        (&Method::GET, ["deliveries"]) => Ok(views::deliveries(&fake.deliveries())),
        (&Method::POST, ["deliveries"]) => send(&fake, parse(body)?).await,
        (&Method::POST, ["deliveries", number]) => send_again(&fake, number, body).await,
        (&Method::POST, ["answers"]) => set_answer(&fake, parse(body)?),
        (&Method::DELETE, ["answers", operation]) => {
            fake.try_on(operation).map_err(|message| (StatusCode::NOT_FOUND, message))?.clear();
            Ok(json!({ "operation": operation }))
        }
        (method, _) => Err(match methods(head.uri.path()) {
            known if known.is_empty() => {
                (StatusCode::NOT_FOUND, format!("no such route; there are: {}", ROUTES.join(", ")))
            }
            known => (StatusCode::METHOD_NOT_ALLOWED, format!("not with {method}, but with {}", known.join(", "))),
        }),
    }
}

fn refused(message: &str) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, message.to_owned())
}

/// The body, as JSON of a known form. The error names the field or the line.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, String)> {
    read_json(body).map_err(|message| refused(&message))
}

/// The parameter `operation` of the query. A log of what can never be in it would look as if nothing had been sent.
fn operation(head: &http::request::Parts) -> Result<Option<String>, (StatusCode, String)> {
    let mut wanted = None;
    for (name, value) in url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()) {
        if name != "operation" {
            return Err(refused(&format!("`{name}`: the log has no such parameter, but `operation`")));
        }
        FakeCalcom::check_logged(&value).map_err(|message| refused(&format!("operation: {message}")))?;
        wanted = Some(value.into_owned());
    }
    Ok(wanted)
}

fn now(fake: &FakeCalcom) -> Value {
    json!({ "now": fake.clock().now() })
}

fn set_clock(fake: &FakeCalcom, input: &ClockInput) -> ControlResult {
    match (input.now, input.advance) {
        (Some(to), None) => fake.clock().set(to),
        (None, Some(by)) => fake.clock().advance(positive(by, "advance").map_err(|error| refused(&error.to_string()))?),
        _ => return Err(refused("either `now`, an instant, or `advance`, a time such as `1h 30m`")),
    }
    Ok(now(fake))
}

fn set_answer(fake: &FakeCalcom, input: AnswerInput) -> ControlResult {
    let mut answer = fake.try_on(&input.operation).map_err(|message| refused(&format!("operation: {message}")))?;
    if let Some(status) = input.status {
        if !(200..600).contains(&status) {
            return Err(refused("status: must be from 200 to 599"));
        }
        answer = answer.status(status);
    }
    for (name, value) in &input.headers {
        let value = value.as_str().ok_or_else(|| refused(&format!("headers: `{name}` must be a text")))?;
        check_header(name, value).map_err(|message| refused(&message))?;
        answer = answer.header(name, value);
    }
    if let Some(times) = input.times {
        if times == 0 {
            return Err(refused("times: must be 1 or more"));
        }
        answer = answer.times(times);
    }
    answer.answer(input.body);
    Ok(json!({ "operation": input.operation }))
}

async fn send(fake: &FakeCalcom, input: DeliveryInput) -> ControlResult {
    let body = Bytes::from(match input.body {
        Value::String(text) => text,
        json => json.to_string(),
    });
    let signature = match input.secret {
        Some(secret) => sign(&body, secret).map_err(|error| refused(&format!("secret: {error}")))?,
        None => UNSIGNED.to_owned(),
    };
    let delivery = WebhookDelivery {
        number: 0,
        webhook: String::new(),
        url: input.url,
        trigger: "",
        content_type: "application/json",
        signature,
        body,
        status: None,
    };
    sent(fake, &delivery).await
}

async fn send_again(fake: &FakeCalcom, number: &str, body: &[u8]) -> ControlResult {
    let input: RepeatInput = if body.is_empty() { RepeatInput::default() } else { parse(body)? };
    let known = fake.deliveries().into_iter().find(|delivery| delivery.number.to_string() == number);
    let mut delivery = known.ok_or((StatusCode::NOT_FOUND, format!("there is no delivery {number}")))?;
    if let Some(url) = input.url {
        delivery.url = url;
    }
    sent(fake, &delivery).await
}

/// Sends a delivery. The status is that of the receiver, or `null` if it did not answer.
async fn sent(fake: &FakeCalcom, delivery: &WebhookDelivery) -> ControlResult {
    if !delivery.url.starts_with("http://") {
        return Err(refused("url: must begin with `http://`"));
    }
    let status = tokio::time::timeout(MAX_WAIT, deliver(fake.shared(), delivery)).await;
    Ok(json!({ "status": status.ok().flatten() }))
}
