//! Plants a key, a token, a secret, an e-mail address, a name, a telephone number, a uid and a query wherever they can
//! be, and looks for them in everything that people and logs get to see.

use std::{
    error::Error as _,
    fmt::{Debug, Write},
};

use calcom::{AccessToken, ApiKey, Client, Credentials, Error, PlatformCredentials, raw::types};
use serde_json::{Value, json};

use crate::support::{
    log::Log,
    recorded_body, recorded_request, socket,
    socket::{Service, answer, head},
};

const KEY: &str = "cal_live_planted0123456789";
const TOKEN: &str = "planted-token-of-no-known-form";
const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvd25lciI6InBsYW50ZWQifQ.c2lnbmVkLWJ5LXBsYW50ZWQ";
const CLIENT_ID: &str = "planted-client-id";
const CLIENT_SECRET: &str = "planted-client-secret";
const EMAIL: &str = "erika.planted+1@example.org";
const NAME: &str = "Erika \"Ria\" Planted-Müller";
const SHORT_NAME: &str = "Bo";
const CHINESE_NAME: &str = "王伟";
const PHONE: &str = "+49 171 5550123";
const UID: &str = "planteduid7kgiKeoVgk6N";
const NOTE: &str = "the planted knee hurts";
/// Never in a request, and known by their form.
const STRANGERS: [&str; 4] = ["stranger@planted.example", "cal_test_strangersplantedkey", "+4930999888777", JWT];

/// Whether `text` shows any of it, or a part that would do.
fn assert_clean(text: &str, context: &str) {
    for planted in
        ["planted", "Planted", "Erika", "erika", "Ria", "Müller", "5550123", "王伟", "7kgiKeo", "knee", "999888777"]
    {
        assert!(!text.contains(planted), "{context}: {planted} is in {text}");
    }
    assert!(!text.split(|c: char| !c.is_alphanumeric()).any(|word| word == SHORT_NAME), "{context}: {text}");
}

/// Everything that is printed of an error: its texts, those of what lies beneath, and its parts.
fn everything(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n{}\n{:?}\n", error.details(), error.details());
    write!(text, "{:?} {:?} {:?}", error.code(), error.field_errors(), error.rate_limits()).unwrap();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, "\n{cause}\n{cause:?}\n{cause:#?}").unwrap();
        source = cause.source();
    }
    for field in error.field_errors() {
        write!(text, "\n{field}").unwrap();
    }
    text
}

/// A call that carries much, with everything that it carries.
#[derive(Clone, Copy, Debug)]
enum Call {
    Create,
    Reschedule,
    List,
}

impl Call {
    fn credentials(self) -> (Credentials, Vec<&'static str>) {
        match self {
            Self::Create => (PlatformCredentials::new(CLIENT_ID, CLIENT_SECRET).into(), vec![CLIENT_ID, CLIENT_SECRET]),
            Self::Reschedule => (AccessToken::new(TOKEN).into(), vec![TOKEN]),
            Self::List => (ApiKey::new(KEY).into(), vec![KEY]),
        }
    }

    /// All that the request carries, in one text, in the forms in which the service could repeat it.
    fn echo(self) -> String {
        let mut values = self.credentials().1;
        values.extend(match self {
            Self::Create => vec![EMAIL, NAME, SHORT_NAME, CHINESE_NAME, PHONE, NOTE],
            Self::Reschedule => vec![UID, EMAIL, NOTE],
            Self::List => vec![EMAIL, NAME, UID],
        });
        let encoded: Vec<String> = values
            .iter()
            .flat_map(|value| {
                let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                [form.replace('+', "%20"), form]
            })
            .collect();
        let values = values.join(" | ");
        let strangers = STRANGERS.join(", ");
        format!(
            "{values}, uid=planteduid9 token={strangers} mailto:{} ({}). {} \
             https://api.cal.com/v2/bookings?attendeeName=Planted&x=erika /v2/me?planted",
            STRANGERS[0],
            STRANGERS[2],
            encoded.join(" ")
        )
    }

    async fn on(self, client: &Client) -> Result<(), Error> {
        let raw = client.raw();
        match self {
            Self::Create => {
                let body = json!({
                    "start": "2026-12-01T09:00:00Z",
                    "eventTypeId": 1,
                    "attendee": {"name": NAME, "email": EMAIL, "phoneNumber": PHONE, "timeZone": "Europe/Berlin"},
                    "guests": [EMAIL],
                    "bookingFieldsResponses": {"notes": NOTE, "nick": SHORT_NAME, "list": [CHINESE_NAME]},
                    "metadata": {"crm": NOTE},
                });
                raw.create_booking(&serde_json::from_value(body).unwrap()).await.map(drop)
            }
            Self::Reschedule => {
                let body = json!({"start": "2026-12-01T09:00:00Z", "rescheduledBy": EMAIL, "reschedulingReason": NOTE});
                raw.reschedule_booking(UID, &serde_json::from_value(body).unwrap()).await.map(drop)
            }
            Self::List => {
                raw.list_bookings().attendee_email(EMAIL).attendee_name(NAME).booking_uid(UID).await.map(drop)
            }
        }
    }
}

const CALLS: [Call; 3] = [Call::Create, Call::Reschedule, Call::List];

/// Every shape of an error's body, with `echo` wherever there is a text.
fn shapes(echo: &str) -> Vec<String> {
    let usual = |message: &str, details: Value| {
        json!({"status": "error", "timestamp": echo, "path": echo,
            "error": {"code": echo, "message": message, "details": details}})
    };
    let tree = json!({"errors": [{"target": {"name": echo}, "value": echo, "property": echo,
        "constraints": {"isText": echo}, "children": [{"property": "email", "constraints": {(echo): echo}}]}]});
    let json = [
        usual(echo, json!({"message": echo, "error": echo, "statusCode": 400})),
        usual(echo, json!(echo)),
        usual(echo, Value::Null),
        usual("Bad Request Exception", tree),
        usual("Invalid", json!([{"field": echo, "message": echo}, {"field": "email", "message": echo}])),
        usual(&format!("start property is wrong,{echo} , {echo} property is wrong,must be {echo} "), Value::Null),
        usual(&format!("attendee property is wrong, name property is wrong,{echo} "), Value::Null),
        usual(&format!("responses - {{{echo}}}error_required_field, {{email}}{echo}, "), Value::Null),
        usual(&format!("Missing required booking field response: {echo} - it is required"), Value::Null),
        usual(&format!("metadata.key - {echo}, {echo} - Required, "), Value::Null),
        usual(&format!("Cannot GET /v2/bookings?attendeeEmail={echo}"), Value::Null),
        json!({"statusCode": 400, "message": echo}),
        json!({"statusCode": 400, "message": [echo, echo], "error": echo}),
        json!({"error": echo, "error_description": echo}),
        json!({"error": echo}),
        json!(echo),
        json!([echo]),
        json!({(echo): echo}),
    ];
    let mut bodies: Vec<String> = json.iter().map(Value::to_string).collect();
    bodies.push(format!("<html><head><title>{echo}</title></head><body>{echo}</body></html>"));
    bodies.push(echo.to_owned());
    bodies
}

/// Successes that cannot be read, with `echo` where the reader stumbles.
fn unreadable(echo: &str) -> Vec<String> {
    let json = [
        json!({"status": "success", "data": echo}),
        json!({"status": "success", "data": {(echo): echo}}),
        json!({"status": "success", "data": {"id": echo, "uid": echo, "title": echo}}),
        json!({"status": "success", "data": [{"id": echo}], "pagination": echo}),
        json!({"status": "success", "data": [{"id": 1, "metadata": {(echo): {"x": echo}}, "start": echo}]}),
        json!(echo),
        json!({(echo): echo}),
    ];
    let mut bodies: Vec<String> = json.iter().map(Value::to_string).collect();
    let whole = recorded_body("bookings-2024-08-13/create-regular").to_string();
    bodies.extend([whole[..whole.len() / 2].to_owned(), echo.to_owned(), format!("<title>{echo}</title>")]);
    bodies
}

fn headers(echo: &str) -> Vec<(String, String)> {
    let visible: String = echo.chars().filter(|c| (' '..='~').contains(c)).collect();
    let name: String = echo.chars().filter(char::is_ascii_alphanumeric).collect();
    vec![
        ("x-request-id".to_owned(), visible.clone()),
        ("retry-after".to_owned(), visible.clone()),
        ("x-ratelimit-limit-default".to_owned(), visible.clone()),
        (format!("x-ratelimit-limit-{name}"), visible.clone()),
        ("location".to_owned(), format!("https://example.org/?{visible}")),
        ("set-cookie".to_owned(), visible),
    ]
}

/// A client that sends once, and logs whatever it may.
fn client(service: &Service, call: Call) -> Client {
    let config = json!({
        "api_url": service.url(),
        "retry": {"times": 1},
        "debug": {"enabled": true, "log_requests": true, "log_responses": true},
    });
    let builder = Client::builder().config(serde_json::from_value(config).unwrap());
    builder.credentials(call.credentials().0).build().unwrap()
}

/// What the client tells of its last request, in every form.
fn debug(client: &Client) -> String {
    let debug = client.last_request_debug().unwrap();
    format!("{debug:?} {}", serde_json::to_string(&debug).unwrap())
}

async fn failure(call: Call, bytes: Vec<u8>) -> Error {
    let service = Service::answering([bytes]).await;
    let client = client(&service, call);
    let error = call.on(&client).await.unwrap_err();
    assert_clean(&debug(&client), &format!("{call:?}, the last request"));
    error
}

fn with_headers(status: u16, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    answer(status, &headers, body)
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_what_the_request_carried() {
    let log = Log::start();
    for call in CALLS {
        let echo = call.echo();
        for status in [302, 400, 404, 418, 429, 503] {
            for body in shapes(&echo) {
                let error = failure(call, with_headers(status, &headers(&echo), &body)).await;
                assert_eq!(error.status(), Some(status));
                assert_clean(&everything(&error), &format!("{call:?}, {status}, {body}"));
            }
        }
        for body in shapes(&echo) {
            let said = body.replacen(r#""status":"error""#, r#""status":"error","statusCode":400"#, 1);
            for body in [body, said] {
                let error = failure(call, with_headers(200, &headers(&echo), &body)).await;
                assert_clean(&everything(&error), &format!("{call:?}, 200, {body}"));
            }
        }
        for body in unreadable(&echo) {
            for bytes in [
                with_headers(201, &headers(&echo), &body),
                [head(201, &[], body.len() + 9), body.clone().into_bytes()].concat(),
            ] {
                let error = failure(call, bytes).await;
                assert_clean(&everything(&error), &format!("{call:?}, {body}"));
            }
        }
        // Not HTTP at all.
        for bytes in [echo.clone().into_bytes(), format!("HTTP/1.1 200 {echo}\r\n{echo}: {echo}\r\n\r\n").into_bytes()]
        {
            assert_clean(&everything(&failure(call, bytes).await), &format!("{call:?}, not HTTP"));
        }
    }
    assert_clean(&log.text(), "the log");
}

#[tokio::test(start_paused = true)]
async fn no_failure_on_our_side_shows_it_either() {
    let log = Log::start();
    for call in CALLS {
        let with = |builder: calcom::ClientBuilder| builder.credentials(call.credentials().0).build().unwrap();
        let (refusing, _port) = Service::refusing();
        let silent = Service::start([]).await;
        for client in [with(refusing.builder()), with(silent.builder())] {
            assert_clean(&everything(&call.on(&client).await.unwrap_err()), &format!("{call:?}"));
            let late = client.with_deadline(std::time::Duration::ZERO);
            assert_clean(&everything(&call.on(&late).await.unwrap_err()), &format!("{call:?}, late"));
        }
        // To a prefix that gives the planted away, at a version that does.
        let client = with(silent.builder().api_url(format!("{}/proxy", silent.url()))).with_version("planted version");
        assert_clean(&everything(&call.on(&client).await.unwrap_err()), &format!("{call:?}, version"));
    }
    let service = Service::start([]).await;
    for value in ["../planted", "..", "planted/../.."] {
        assert_clean(&everything(&service.client().raw().get_booking(value).await.unwrap_err()), value);
    }
    assert_clean(&log.text(), "the log");
}

#[tokio::test(start_paused = true)]
async fn a_success_is_not_logged() {
    let log = Log::start();
    for call in CALLS {
        let body = recorded_body("bookings-2024-08-13/create-regular").to_string().replace("Alice", "Planted");
        let service = Service::answering([socket::json(201, &[], body)]).await;
        let client = client(&service, call);
        drop(call.on(&client).await);
        assert_clean(&debug(&client), "the last request");
    }
    assert_clean(&log.text(), "the log");
    for told in ["calcom.call", "calcom::requests", "calcom::responses"] {
        assert!(log.text().contains(told), "{told} is not in the log");
    }
    // What is written is seen here: the log is not empty because nobody listens.
    tracing::trace!(parent: &tracing::info_span!("call", who = "planted-who"), what = "planted-what", "planted-message");
    for planted in ["planted-who", "planted-what", "planted-message"] {
        assert!(log.text().contains(planted), "{}", log.text());
    }
}

#[test]
fn clients_settings_and_credentials_do_not_show_it() {
    for call in CALLS {
        let (credentials, _) = call.credentials();
        let builder = Client::builder().credentials(credentials.clone());
        let client = builder.clone().build().unwrap();
        let raw = client.raw();
        let debugs: [&dyn Debug; 7] =
            [&credentials, &builder, &client, client.config(), &raw, &client.bookings(), &client.me()];
        for debug in debugs {
            assert_clean(&format!("{debug:?} {debug:#?}"), "Debug");
        }
    }
    let debugs: [&dyn Debug; 4] =
        [&ApiKey::new(KEY), &AccessToken::new(TOKEN), &PlatformCredentials::new(CLIENT_ID, CLIENT_SECRET), &UID];
    assert!(debugs[..3].iter().all(|debug| !format!("{debug:?}").contains("planted")));
    assert!(format!("{:?}", debugs[3]).contains("planted"), "the check finds what is there");
    for url in ["https://erika:planted@api.cal.com", "https://api.cal.com/?key=planted", KEY] {
        assert_clean(&format!("{:?}", Client::builder().api_url(url)), "a builder");
    }
}

/// Every text in `json` that could be about somebody; the API's own words, times and kinds are left out.
fn personal<'a>(json: &'a Value, key: &'a str, found: &mut Vec<(&'a str, &'a str)>) {
    const SHOWN: [&str; 23] = [
        "bookerLayouts",
        "currency",
        "date",
        "days",
        "defaultLayout",
        "enabledLayouts",
        "end",
        "endTime",
        "format",
        "frequency",
        "interval",
        "language",
        "slug",
        "start",
        "startTime",
        "status",
        "timeZone",
        "triggers",
        "trigger",
        "type",
        "unit",
        "version",
        "weekStart",
    ];
    match json {
        Value::String(text) if !SHOWN.contains(&key) && text.len() > 3 && !is_time(text) => found.push((key, text)),
        Value::Array(items) => items.iter().for_each(|item| personal(item, key, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| personal(value, key, found)),
        _ => {}
    }
}

fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

/// That the generated type of a body shows nothing personal of it.
#[track_caller]
fn assert_hides<T: serde::de::DeserializeOwned + Debug>(json: &Value, least: usize) {
    let debug = format!("{:?}", serde_json::from_value::<T>(json.clone()).unwrap());
    let mut texts = Vec::new();
    personal(json, "", &mut texts);
    assert!(texts.len() >= least, "only {} personal texts in {json}", texts.len());
    for (key, text) in texts {
        assert!(!debug.contains(&format!("{text:?}")), "{key}: {text} is in {debug}");
    }
}

#[test]
fn raw_types_do_not_show_people() {
    assert_hides::<types::MeResponse>(&recorded_body("me/get-2024-06-14"), 3);
    assert_hides::<types::ApiKeyResponse>(&recorded_body("api-keys/refresh"), 1);
    assert_hides::<types::BookingListResponse>(&recorded_body("bookings-2024-08-13/list-take-1"), 10);
    for name in ["create-regular", "create-recurring", "create-seated-2", "get-regular"] {
        assert_hides::<types::BookingOrSeriesResponse>(&recorded_body(&format!("bookings-2024-08-13/{name}")), 10);
    }
    assert_hides::<types::EventTypeListResponse>(&recorded_body("event-types/list-2024-06-14"), 10);
    assert_hides::<types::ScheduleListResponse>(&recorded_body("schedules/list-2024-06-11"), 1);
    assert_hides::<types::WebhookResponse>(&recorded_body("webhooks/get"), 2);
    assert_hides::<types::PrivateLinkListResponse>(&recorded_body("private-links/ok-list"), 1);
    assert_hides::<types::SlotReservationResponse>(&recorded_body("slots/reservation-create"), 1);
    assert_hides::<types::CreateBooking>(&recorded_request("bookings-2024-08-13/create-regular"), 3);
    assert_hides::<types::RescheduleBooking>(&recorded_request("bookings-2024-08-13/reschedule"), 2);
    assert_hides::<types::UpdateMe>(&recorded_request("me/patch-avatar"), 1);
    assert_hides::<types::CreateWebhook>(&recorded_request("webhooks/create-with-version"), 1);
    assert_hides::<types::CreateEventType>(&recorded_request("event-types/create-2024-06-14-full"), 3);
}
