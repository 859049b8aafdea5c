//! V1's response to every recorded response of V2, with its losses: a snapshot for each area.
//!
//! A resource that occurs in several responses is written once. Later occurrences have its number.

use std::{collections::BTreeMap, fs, path::Path};

use calcom::v1::serve::GatewayResponse;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::support::{ID, ask, v1};

/// The V1 request that leads to a recorded V2 request. `None` if V1 had no such call.
fn v1_request(area: &str, recording: &Value) -> Option<(&'static str, String, &'static str, Value)> {
    let request = &recording["request"];
    let path = request["path"].as_str()?;
    let rest = path.strip_prefix("/v2/")?;
    let parts: Vec<&str> = rest.split('/').collect();
    let booking = json!({
        "eventTypeId": 1, "start": "2030-01-15T10:00:00Z", "responses": {"name": "E", "email": "e@example.com"},
        "timeZone": "UTC", "language": "en", "metadata": {},
    });
    let none = Value::Null;
    let one = |resource: &str| format!("/v1/{resource}/{ID}");
    Some(match (request["method"].as_str()?, parts.as_slice()) {
        ("GET", ["me"]) => ("GET", "/v1/me".into(), "", none),
        ("GET", [resource @ ("event-types" | "schedules" | "webhooks" | "bookings")]) => {
            ("GET", format!("/v1/{resource}"), "", none)
        }
        ("GET", [resource @ ("event-types" | "schedules" | "webhooks"), id]) if *id != "default" => {
            ("GET", one(resource), "", none)
        }
        ("DELETE", [resource @ ("event-types" | "schedules" | "webhooks"), _]) => ("DELETE", one(resource), "", none),
        ("PATCH", ["event-types", _]) => ("PATCH", one("event-types"), "", json!({"title": "T"})),
        ("PATCH", ["schedules", _]) => ("PATCH", one("schedules"), "", json!({"name": "N"})),
        ("PATCH", ["webhooks", _]) => ("PATCH", one("webhooks"), "", json!({"active": true})),
        ("POST", ["event-types"]) => {
            ("POST", "/v1/event-types".into(), "", json!({"title": "T", "slug": "t", "length": 30}))
        }
        ("POST", ["schedules"]) => ("POST", "/v1/schedules".into(), "", json!({"name": "N", "timeZone": "UTC"})),
        ("POST", ["webhooks"]) => (
            "POST",
            "/v1/webhooks".into(),
            "",
            json!({"subscriberUrl": "https://example.com", "eventTriggers": [], "active": true}),
        ),
        ("GET", ["slots"]) if area == "slots" => {
            let zone = request["query"].as_str().is_some_and(|query| query.contains("timeZone=Asia"));
            let query = if zone {
                "eventTypeId=1&startTime=2030-01-15&endTime=2030-01-16&timeZone=Asia/Tokyo"
            } else {
                "eventTypeId=1&startTime=2030-01-15&endTime=2030-01-16"
            };
            ("GET", "/v1/slots".into(), query, none)
        }
        ("GET", ["bookings", uid]) if *uid != "by-seat" => ("GET", one("bookings"), "", none),
        ("POST", ["bookings"]) => ("POST", "/v1/bookings".into(), "", booking),
        ("POST", ["bookings", _, "reschedule"]) => {
            ("PATCH", one("bookings"), "", json!({"startTime": "2030-01-15T10:00:00Z"}))
        }
        ("POST", ["bookings", _, "cancel"]) => ("DELETE", one("bookings"), "", none),
        ("POST", ["bookings", _, "confirm"]) => ("PATCH", one("bookings"), "", json!({"status": "ACCEPTED"})),
        ("POST", ["bookings", _, "decline"]) => ("PATCH", one("bookings"), "", json!({"status": "REJECTED"})),
        ("PATCH", ["bookings", _, "location"]) => ("PATCH", one("bookings"), "", json!({"location": "Main St"})),
        ("GET", ["bookings", _, "recordings"]) => ("GET", format!("/v1/bookings/{ID}/recordings"), "", none),
        ("GET", ["bookings", _, "transcripts"]) => ("GET", format!("/v1/bookings/{ID}/transcripts"), "", none),
        _ => return None,
    })
}

/// Whether the recorded request has the version that this crate sends.
fn has_sent_version(area: &str, recording: &Value) -> bool {
    let version = recording["request"]["headers"]["cal-api-version"].as_str();
    match area {
        "event-types" => version == Some("2024-06-14"),
        "schedules" => version == Some("2024-06-11"),
        "slots" => version == Some("2024-09-04"),
        "bookings-2024-08-13" => version == Some("2024-08-13"),
        _ => true,
    }
}

/// The numbers of written resources, by JSON.
#[derive(Default)]
struct ResourceNumbers(BTreeMap<String, usize>);

impl ResourceNumbers {
    fn number(&mut self, resource: &Value, text: &mut String) -> String {
        let json = resource.to_string();
        let next = self.0.len() + 1;
        let number = *self.0.entry(json.clone()).or_insert_with(|| {
            text.push_str(&format!("#{next} = {json}\n"));
            next
        });
        format!("#{number}")
    }
}

/// The body with numbers for resources. Of slots it has the count and the first of each day.
fn compact(body: &Value, numbers: &mut ResourceNumbers, text: &mut String) -> String {
    let Value::Object(object) = body else { return body.to_string() };
    if object.contains_key("uid") {
        return numbers.number(body, text);
    }
    let fields = object.iter().map(|(name, value)| {
        let value = match (name.as_str(), value) {
            ("bookings" | "event_types" | "schedules" | "webhooks", Value::Array(items)) => {
                let items: Vec<String> = items.iter().map(|item| numbers.number(item, text)).collect();
                format!("[{}]", items.join(" "))
            }
            ("booking" | "event_type" | "schedule" | "webhook" | "user", Value::Object(_)) => {
                numbers.number(value, text)
            }
            ("slots", Value::Object(days)) => {
                let days = days.iter().map(|(day, slots)| {
                    let slots = slots.as_array().expect("a list");
                    let shown = slots.iter().find(|slot| slot["bookingUid"].is_string()).or(slots.first());
                    format!("{day}: {} of {}", shown.map(Value::to_string).unwrap_or_default(), slots.len())
                });
                format!("{{{}}}", days.collect::<Vec<_>>().join(", "))
            }
            (_, value) => value.to_string(),
        };
        format!("{name}: {value}")
    });
    fields.collect::<Vec<_>>().join(", ")
}

async fn v1_answer(area: &str, recording: &Value) -> Option<GatewayResponse> {
    let (method, path, query, body) = v1_request(area, recording)?;
    if !has_sent_version(area, recording) {
        return None;
    }
    let server = MockServer::start().await;
    let response = &recording["response"];
    let mut answer = response["body"].clone();
    if answer["pagination"].is_object() {
        answer["pagination"]["hasNextPage"] = false.into();
    }
    let status = u16::try_from(response["status"].as_u64()?).ok()?;
    let answer = ResponseTemplate::new(status).set_body_json(answer);
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    Some(ask(&v1(&server), method, &path, query, &body).await)
}

async fn snapshot(area: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(area);
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let (mut text, mut numbers, mut losses) = (String::new(), ResourceNumbers::default(), BTreeMap::new());
    for path in names {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let recording: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let Some(answer) = v1_answer(area, &recording).await else { continue };
        let body = compact(&answer.body, &mut numbers, &mut text);
        let lost: Vec<String> = answer.losses.iter().map(ToString::to_string).collect();
        let next = losses.len() + 1;
        let report = if lost.is_empty() {
            String::new()
        } else {
            let number = *losses.entry(lost.clone()).or_insert_with(|| {
                text.push_str(&format!("losses {next} =\n  - {}\n", lost.join("\n  - ")));
                next
            });
            format!(", losses {number}")
        };
        text.push_str(&format!("{name}: {} {body}{report}\n", answer.status));
    }
    text
}

macro_rules! areas {
    ($($name:ident: $area:literal;)+) => {$(
        #[tokio::test]
        async fn $name() {
            insta::assert_snapshot!(snapshot($area).await);
        }
    )+};
}

areas! {
    me: "me";
    event_types: "event-types";
    schedules: "schedules";
    slots: "slots";
    bookings: "bookings-2024-08-13";
    webhooks: "webhooks";
}
