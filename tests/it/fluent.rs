//! A request is a value: its parameters, headers and options are set one by one, and it is sent when it is awaited.

mod headers;

use std::time::Duration;

use calcom::{
    Client, Error, Patch,
    facade::{BookingFilter, EventTypeFilter},
    model::{BookingStatus, UpdateWebhook},
    operation::{Method, Resend},
    raw::{
        Response,
        types::{
            self,
            BookingListStatus::{self, Past, Upcoming},
            SortOrder, WebhookTrigger,
        },
    },
};
use serde_json::{Value, json};

use crate::support::socket::{Received, Service, Step, json as response};

const EMPTY: &str = r#"{"status":"success","data":[],"pagination":{"hasNextPage":false}}"#;

/// A service that answers the requests with these in order, each on its own connection.
async fn service(answers: &[(u16, &str)]) -> Service {
    let closing = [("connection", "close")];
    let answers: Vec<_> = answers.iter().map(|(status, body)| response(*status, &closing, body)).collect();
    Service::start(answers.into_iter().map(|bytes| vec![Step::Request, Step::Write(bytes), Step::Close])).await
}

fn queries(service: &Service) -> Vec<String> {
    let query =
        |request: &Received| request.line.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    service.requests().iter().map(query).collect()
}

#[track_caller]
fn refused(error: &Error, field: &str) {
    assert!(matches!(error, Error::Validation(_)), "{error:?}");
    let fields: Vec<_> = error.field_errors().iter().map(|it| it.field.as_str()).collect();
    assert_eq!((fields, error.attempts()), (vec![field], 0), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_same_parameters_are_the_same_query_in_whatever_order_they_are_set() {
    let service = service(&[(200, EMPTY), (200, EMPTY)]).await;
    let raw = service.client().raw().clone();
    raw.list_bookings().take(50).status(Upcoming).status(Past).sort_start(SortOrder::Asc).await.unwrap();
    raw.list_bookings().sort_start(SortOrder::Asc).status("upcoming").take(9).status(Past).take(50).await.unwrap();
    let query = "sortStart=asc&status=upcoming&status=past&take=50";
    assert_eq!(queries(&service), [query, query]);
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_is_set_again_is_replaced_and_one_that_is_not_there_is_left_out() {
    let service = service(&[(200, EMPTY), (200, EMPTY)]).await;
    let raw = service.client().raw().clone();
    let (some, none): (Option<&str>, Option<&str>) = (Some("a&b=c"), None);
    raw.list_bookings()
        .attendee_name("A B")
        .attendee_name("Ä")
        .set(some, |request, email| request.attendee_email(email))
        .set(none, |request, uid| request.booking_uid(uid))
        .await
        .unwrap();
    raw.list_bookings()
        .query("status", &["past", "new"])
        .query("status", "late")
        .query("new one", &[1, 2])
        .query("gone", &1)
        .query("gone", &None::<f64>)
        .query("none", &Value::Null)
        .await
        .unwrap();
    assert_eq!(queries(&service), ["attendeeEmail=a%26b%3Dc&attendeeName=%C3%84", "new+one=1&new+one=2&status=late"]);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_sent_is_refused_by_its_name_before_anything_is_sent() {
    struct NoJson;
    impl serde::Serialize for NoJson {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("erika@example.org"))
        }
    }
    let service = service(&[]).await;
    let client = service.client();
    let raw = client.raw();
    refused(&raw.list_bookings().take(0).await.unwrap_err(), "take");
    refused(&raw.list_bookings().query("take", &json!({"a": 1})).await.unwrap_err(), "take");
    let error = raw.get_me().body(&NoJson).await.unwrap_err();
    refused(&error, "body");
    assert!(!format!("{error} {error:?}").contains("erika"), "{error:?}");
    refused(&raw.get_me().header("x-a", "line\nbreak").await.unwrap_err(), "x-a");
    refused(&raw.get_me().header("no name", "a").await.unwrap_err(), "header");
    for not_finite in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refused(&raw.list_bookings().query("f", &not_finite).await.unwrap_err(), "f");
        refused(&raw.list_bookings().query("f", &Some(not_finite)).await.unwrap_err(), "f");
        refused(&raw.list_bookings().query("f", &[1.5, not_finite]).await.unwrap_err(), "f");
        let untyped = client.request::<Value>(Method::Get, "/v2/new").query("f", &not_finite);
        refused(&untyped.await.unwrap_err(), "f");
    }
    refused(&raw.list_bookings().query("f", &f32::NAN).await.unwrap_err(), "f");
    // The first of two is named.
    refused(&raw.list_bookings().take(0).header("host", "a").await.unwrap_err(), "take");
    refused(&raw.get_me().version("2024\n").await.unwrap_err(), "version");
    assert!(service.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_sent_is_replaced_if_it_is_set_again() {
    let service = service(&[(200, EMPTY), (200, "{}")]).await;
    let client = service.client();
    let list = client.raw().list_bookings();
    let request = list.take(0).query("new", &[[1]]).header("x-a", "line\nbreak");
    refused(&request.clone().take(5).await.unwrap_err(), "new");
    refused(&request.clone().take(5).query("new", &1).await.unwrap_err(), "x-a");
    refused(&request.clone().take(5).query("new", &1).query("x-a", &1).await.unwrap_err(), "x-a");
    request.take(5).query("new", &1).header("x-a", "a").await.unwrap();
    let not_json = std::collections::BTreeMap::from([((1, 2), 3)]);
    let post = client.request::<Value>(Method::Post, "/v2/new").body(&not_json);
    refused(&post.clone().await.unwrap_err(), "body");
    refused(&post.clone().body(&json!({})).body(&not_json).await.unwrap_err(), "body");
    post.body(&json!({})).await.unwrap();
    assert_eq!(queries(&service), ["new=1&take=5", ""]);
}

#[tokio::test(start_paused = true)]
async fn a_header_replaces_the_one_of_the_client() {
    let service = service(&[(200, r#"{"status":"success","data":[]}"#)]).await;
    let request = service.client().raw().list_schedules().header("user-agent", "desk/1").header("accept", "text/json");
    request.await.unwrap();
    let sent = service.requests();
    for (name, value) in [("user-agent", "desk/1"), ("accept", "text/json")] {
        let values: Vec<_> = sent[0].headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).collect();
        assert_eq!((values.len(), sent[0].header(name)), (1, Some(value)), "{values:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_with_a_body_is_not_answered_from_the_cache() {
    let service = service(&[(200, r#"{"data":1}"#), (200, r#"{"data":2}"#)]).await;
    let client = service.client();
    let ask = async |number: i64| {
        let request = client.request::<Value>(Method::Get, "/v2/new").body(&json!({"number": number}));
        request.cached_for(Duration::from_secs(60)).await.unwrap()["data"].clone()
    };
    assert_eq!((ask(1).await, ask(2).await), (json!(1), json!(2)));
}

#[tokio::test(start_paused = true)]
async fn only_a_get_is_answered_from_the_cache() {
    let service = service(&[(200, r#"{"data":1}"#), (200, r#"{"data":2}"#)]).await;
    let client = service.client();
    for number in [1, 2] {
        let request = client.request::<Value>(Method::Post, "/v2/new").cached_for(Duration::from_secs(60));
        assert_eq!(request.await.unwrap()["data"], number);
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_is_sent_with_every_attempt_and_its_value_is_shown_nowhere() {
    let body = r#"{"status":"error","error":{"message":"no route for trace-secret-1"}}"#;
    let service = service(&[(500, body), (404, body)]).await;
    let client = service.client();
    let request = client.raw().get_me().header("X-Trace", "first").header("x-trace", "trace-secret-1");
    assert!(!format!("{request:?}").contains("secret"));
    let error = request.await.unwrap_err();
    let traces: Vec<_> = service.requests().iter().map(|it| it.header("x-trace").unwrap().to_owned()).collect();
    assert_eq!(traces, ["trace-secret-1", "trace-secret-1"]);
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_with_a_header_of_its_own_bypasses_the_cache() {
    let body = r#"{"status":"success","data":[]}"#;
    let service = service(&[(200, body); 3]).await;
    let schedules = || service.client().raw().clone();
    let raw = schedules();
    for _ in 0..2 {
        raw.list_schedules().await.unwrap();
    }
    assert_eq!(service.requests().len(), 1);
    raw.list_schedules().header("x-view", "other").await.unwrap();
    raw.list_schedules().bypass_cache().await.unwrap();
    assert_eq!(service.requests().len(), 3);
    raw.list_schedules().await.unwrap();
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn options_apply_to_their_request_alone() {
    let hanging = vec![Step::Request, Step::Wait(Duration::from_secs(3_600))];
    let service = Service::start(vec![hanging; 2]).await;
    let client = service.builder().max_attempts(1).build().unwrap();
    let request = client.raw().list_webhooks();
    let began = tokio::time::Instant::now();
    let error = request.clone().timeout(Duration::from_secs(2)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)) && began.elapsed().as_secs() == 2, "{error} {:?}", began.elapsed());
    let began = tokio::time::Instant::now();
    let error = request.deadline(Duration::from_secs(5)).version("2030-01-01").await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)) && began.elapsed().as_secs() == 5, "{error} {:?}", began.elapsed());
    let versions: Vec<_> =
        service.requests().iter().map(|it| it.header("cal-api-version").map(str::to_owned)).collect();
    assert_eq!(versions, [None, Some("2030-01-01".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_kept_cloned_and_sent_from_another_task() {
    let service = service(&[(200, EMPTY), (200, EMPTY)]).await;
    let request = service.client().raw().list_bookings().status(BookingListStatus::Other("tomorrow".to_owned()));
    let clone = request.clone();
    tokio::spawn(async move { clone.await }).await.unwrap().unwrap();
    request.erase().await.unwrap();
    assert_eq!(queries(&service), ["status=tomorrow", "status=tomorrow"]);
}

async fn untyped(client: &Client, method: Method, path: &str) -> Result<Response<Value>, Error> {
    client.request(method, path).await
}

#[tokio::test(start_paused = true)]
async fn any_route_can_be_requested() {
    let service = service(&[(200, r#"{"data":1}"#), (201, r#"{"data":2}"#), (200, EMPTY)]).await;
    let client = service.client();
    let found: Response<Value> =
        client.request(Method::Get, "/v2/new/things").query("q", "a b").version("2026-01-01").await.unwrap();
    assert_eq!(found["data"], 1);
    let made: Response<Value> =
        client.request(Method::Post, "/v2/new/things").body(&json!({"name": "x"})).await.unwrap();
    assert_eq!((made["data"].clone(), made.status()), (json!(2), 201));
    untyped(&client, Method::Get, "/v2/bookings").await.unwrap();
    let sent = service.requests();
    assert_eq!(sent[0].line, "GET /v2/new/things?q=a+b");
    assert_eq!((sent[1].line.as_str(), &*sent[1].body), ("POST /v2/new/things", br#"{"name":"x"}"#.as_slice()));
    let versions: Vec<_> = sent.iter().map(|it| it.header("cal-api-version")).collect();
    assert_eq!(versions, [Some("2026-01-01"), None, Some("2024-08-13")]);
    assert!(sent.iter().all(|it| it.header("authorization").is_some()));
}

#[tokio::test(start_paused = true)]
async fn an_untyped_request_is_sent_again_only_if_it_says_that_it_may() {
    let service = service(&[(500, "{}"), (500, "{}"), (200, "{}")]).await;
    let client = service.client();
    let error = untyped(&client, Method::Get, "/v2/new").await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true));
    let _: Response<Value> = client.request(Method::Get, "/v2/new").resend(Resend::Safe).await.unwrap();
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_response_was_executed_unless_the_request_says_that_it_changes_nothing() {
    for (resend, was_executed) in [(None, true), (Some(Resend::Unsafe), true), (Some(Resend::Safe), false)] {
        // Of an unknown route, and of one that the document knows as safe.
        for path in ["/v2/new", "/v2/schedules"] {
            let service = service(&[(200, r#"{"data": "text"}"#), (304, "")]).await;
            let client = service.client();
            let request = || {
                let request = client.request::<types::EventType>(Method::Get, path).cached_for(Duration::from_secs(9));
                if let Some(resend) = resend { request.resend(resend) } else { request }
            };
            for _ in 0..2 {
                let error = request().await.unwrap_err();
                assert!(matches!(error, Error::Decode(..) | Error::Configuration(_)), "{error:?}");
                if let Error::Decode(..) = error {
                    assert_eq!(error.may_have_been_applied(), was_executed, "{resend:?} {path}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_untyped_request_of_a_known_route_is_neither_sent_again_nor_cached_unless_it_says_so() {
    let list = r#"{"status":"success","data":[]}"#;
    let service = service(&[(200, list), (200, list), (500, "{}")]).await;
    let client = service.client();
    for sent in [1, 2] {
        untyped(&client, Method::Get, "/v2/schedules").await.unwrap();
        assert_eq!(service.requests().len(), sent);
    }
    let error = untyped(&client, Method::Get, "/v2/schedules").await.unwrap_err();
    assert_eq!((error.operation(), error.attempts()), (Some("list_schedules"), 1));
}

#[tokio::test(start_paused = true)]
async fn an_untyped_request_is_cached_only_if_it_says_how_long() {
    let service = service(&[(200, r#"{"data":1}"#), (200, r#"{"data":2}"#), (200, r#"{"data":3}"#)]).await;
    let client = service.client();
    let read = async |ttl: Option<u64>| {
        let request = client.request::<Value>(Method::Get, "/v2/new");
        let request = request.set(ttl, |request, seconds| request.cached_for(Duration::from_secs(seconds)));
        request.await.unwrap()["data"].clone()
    };
    assert_eq!((read(None).await, read(Some(60)).await, read(Some(60)).await), (json!(1), json!(2), json!(2)));
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(read(Some(60)).await, 3);
}

#[tokio::test(start_paused = true)]
async fn an_untyped_write_of_a_known_route_invalidates_the_tags_of_the_route() {
    let list = r#"{"status":"success","data":[]}"#;
    let service = service(&[(200, list), (200, "{}"), (200, list)]).await;
    let client = service.client();
    client.schedules().list().await.unwrap();
    untyped(&client, Method::Delete, "/v2/schedules/7").await.unwrap();
    client.schedules().list().await.unwrap();
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_invalid_path_is_refused() {
    let service = service(&[]).await;
    let client = service.client();
    for path in [
        "",
        "/",
        "/v2",
        "v2/x",
        "/v1/x",
        "/v2//x",
        "/v2/../x",
        "/v2/%2e%2e/x",
        "/v2/x?y=1",
        "/v2/x#y",
        "/v2/ü",
        "/v2/x\\y",
        "/v2/x/",
    ] {
        refused(&untyped(&client, Method::Get, path).await.unwrap_err(), "path");
    }
    assert!(service.requests().is_empty());
}

#[test]
fn an_open_enum_takes_a_value_that_the_caller_names() {
    let named = [WebhookTrigger::from("BOOKING_CREATED"), "BOOKING_TOMORROW".to_owned().into()];
    assert_eq!(named, [WebhookTrigger::BookingCreated, WebhookTrigger::Other("BOOKING_TOMORROW".to_owned())]);
    assert_eq!(serde_json::to_value(&named).unwrap(), json!(["BOOKING_CREATED", "BOOKING_TOMORROW"]));
    let read: Vec<WebhookTrigger> = serde_json::from_value(json!(["BOOKING_CREATED", "BOOKING_TOMORROW"])).unwrap();
    assert_eq!(read, named);
    assert_eq!(format!("{named:?}"), "[BookingCreated, Other(***)]");
    assert_eq!(named[1].to_string(), "BOOKING_TOMORROW");
    assert_eq!(named.map(|trigger| trigger.is_known()), [true, false]);
}

#[test]
fn a_field_that_null_clears_has_three_states() {
    let json = |changes: &types::UpdateMe| serde_json::to_value(changes).unwrap();
    assert_eq!(json(&types::UpdateMe::new()), json!({}));
    let changes = types::UpdateMe::new().bio(Patch::Clear).avatar_url("https://example.com/a.png").name("E");
    assert_eq!(json(&changes), json!({"bio": null, "avatarUrl": "https://example.com/a.png", "name": "E"}));
    let texts = types::UpdateMe::new().locale("de").bio("b".to_owned());
    assert_eq!(json(&texts), json!({"locale": "de", "bio": "b"}));
    assert_eq!(json(&types::UpdateMe::new().locale("tlh".to_owned())), json!({"locale": "tlh"}));
    assert_eq!(json(&types::UpdateMe::new().locale(types::MeLocale::De)), json!({"locale": "de"}));
    assert_eq!(json(&types::UpdateMe::new().locale(Patch::Clear)), json!({"locale": null}));
    let webhook = UpdateWebhook::default().secret(Patch::Clear).payload_template("{}");
    assert_eq!(serde_json::to_value(webhook).unwrap(), json!({"secret": null, "payloadTemplate": "{}"}));
    for value in [json!({}), json!({"bio": null}), json!({"bio": "b"})] {
        assert_eq!(json(&serde_json::from_value(value.clone()).unwrap()), value);
    }
    assert_eq!(format!("{:?}", Patch::Set("secret")), "Set(..)");
}

#[test]
fn a_body_is_built_of_required_fields_and_setters() {
    let start = "2026-12-01T09:00:00Z".parse().unwrap();
    let attendee = types::NewBookingAttendee::new("Erika Muster", "Europe/Berlin").email("e@example.org");
    let body = types::CreateBooking::new(start, attendee)
        .event_type_id(7)
        .guests(["g@example.org"])
        .metadata([("crm", "42")])
        .booking_fields_responses([("notes", "none")]);
    let expected = json!({
        "attendee": {"name": "Erika Muster", "timeZone": "Europe/Berlin", "email": "e@example.org"},
        "start": "2026-12-01T09:00:00Z",
        "eventTypeId": 7,
        "guests": ["g@example.org"],
        "metadata": {"crm": "42"},
        "bookingFieldsResponses": {"notes": "none"},
    });
    assert_eq!(serde_json::to_value(&body).unwrap(), expected);
}

#[test]
fn an_http_method_that_the_service_does_not_have_is_refused() {
    assert_eq!(Method::try_from(&calcom::http::Method::PATCH).unwrap(), Method::Patch);
    refused(&Method::try_from(&calcom::http::Method::TRACE).unwrap_err(), "method");
}

#[test]
fn a_filter_is_set_field_by_field() {
    let filter = BookingFilter::default().status(BookingStatus::Accepted).event_type_id(7).take(5u32);
    let expected = json!({"status": "ACCEPTED", "eventTypeId": 7, "take": 5});
    assert_eq!(serde_json::to_value(&filter).unwrap(), expected);
    let filter = EventTypeFilter::default().active(true).usernames(["a", "b"]);
    assert_eq!(serde_json::to_value(&filter).unwrap(), json!({"active": true, "usernames": ["a", "b"]}));
}
