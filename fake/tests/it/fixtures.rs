//! Calendars, verification codes, and requests to reschedule.

use calcom::Contract;
use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{Change, FakeCalcom, FakeEventType, FakeUser, FakeWebhook};
use serde_json::{Value, json};

use crate::{create, send};

async fn call(fake: &FakeCalcom, method: &str, target: &str, body: Value) -> (u16, Value) {
    let call = RawRequest::new(method, target).key(&fake.api_key());
    let (status, body) = send(fake, if body.is_null() { call } else { call.json(&body) }).await;
    (status, body.get("data").cloned().unwrap_or(body))
}

async fn get(fake: &FakeCalcom, target: &str) -> Value {
    let (status, data) = call(fake, "GET", target, Value::Null).await;
    assert_eq!(status, 200, "{data}");
    data
}

async fn slots(fake: &FakeCalcom) -> usize {
    let target = "/v2/slots?eventTypeId=1&start=2026-12-01&end=2026-12-01";
    let (_, body) = send(fake, RawRequest::new("GET", target).version("2024-09-04")).await;
    body["data"]["2026-12-01"].as_array().map_or(0, Vec::len)
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

async fn with_calendars() -> FakeCalcom {
    let ada = FakeUser::new("ada")
        .calendar("ada@example.com")
        .busy(at("2026-12-01T10:00:00Z"), at("2026-12-01T11:00:00Z"))
        .calendar("projects@example.com");
    let builder = FakeCalcom::builder().at(at("2026-11-23T00:00:00Z")).contract(Contract::Hosted);
    builder.user(ada).event_type(FakeEventType::new("ada", "30min", 30)).start().await
}

#[tokio::test(start_paused = true)]
async fn a_calendar_is_listed_selected_and_closes_slots_then() {
    let fake = with_calendars().await;
    let listed = get(&fake, "/v2/calendars").await;
    let connected = &listed["connectedCalendars"][0];
    let names: Vec<&Value> =
        connected["calendars"].as_array().unwrap().iter().map(|calendar| &calendar["externalId"]).collect();
    assert_eq!(names, ["ada@example.com", "projects@example.com"]);
    assert_eq!(connected["primary"]["isSelected"], false);
    assert_eq!(listed["destinationCalendar"]["externalId"], "ada@example.com");
    let credential = connected["credentialId"].as_i64().unwrap();

    let all = slots(&fake).await;
    let calendar =
        json!({"integration": "google_calendar", "externalId": "ada@example.com", "credentialId": credential});
    assert_eq!(call(&fake, "POST", "/v2/selected-calendars", calendar).await.0, 201);
    assert_eq!(slots(&fake).await, all - 2);
    assert_eq!(get(&fake, "/v2/calendars").await["connectedCalendars"][0]["primary"]["isSelected"], true);

    let chosen = json!({"integration": "google_calendar", "externalId": "projects@example.com"});
    assert_eq!(call(&fake, "PUT", "/v2/destination-calendars", chosen).await.0, 200);
    assert_eq!(get(&fake, "/v2/calendars").await["destinationCalendar"]["externalId"], "projects@example.com");
    let unknown = json!({"integration": "google_calendar", "externalId": "none@example.com"});
    assert_eq!(call(&fake, "PUT", "/v2/destination-calendars", unknown).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn the_busy_times_of_a_calendar_are_those_of_the_test() {
    let fake = with_calendars().await;
    let busy =
        json!([{"start": "2026-12-01T10:00:00.000Z", "end": "2026-12-01T11:00:00.000Z", "source": "google-calendar"}]);
    let of = |address: &str, day: &str| {
        format!(
            "/v2/calendars/busy-times?timeZone=UTC&dateFrom={day}T00:00:00Z&dateTo={day}T23:59:59Z\
            &calendarsToLoad[0][credentialId]=1&calendarsToLoad[0][externalId]={address}"
        )
    };
    assert_eq!(get(&fake, &of("ada@example.com", "2026-12-01")).await, busy);
    assert_eq!(get(&fake, &of("ada@example.com", "2026-12-02")).await, json!([]));
    assert_eq!(get(&fake, &of("projects@example.com", "2026-12-01")).await, json!([]));
    let connections = get(&fake, "/v2/calendars/connections").await;
    assert_eq!(
        connections["connections"][0],
        json!({"connectionId": "1", "type": "google", "email": "ada@example.com"})
    );
    let range = "from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z";
    assert_eq!(get(&fake, &format!("/v2/calendars/connections/1/freebusy?{range}")).await, busy);
    assert_eq!(call(&fake, "GET", &format!("/v2/calendars/connections/2/freebusy?{range}"), Value::Null).await.0, 404);
    let (status, gone) = call(&fake, "POST", "/v2/calendars/google/disconnect", json!({"id": 1})).await;
    assert_eq!((status, &gone["appId"]), (200, &json!("google-calendar")));
    assert_eq!(get(&fake, "/v2/calendars").await, json!({"connectedCalendars": [], "destinationCalendar": {}}));
}

#[test]
#[should_panic = "`busy` comes after `calendar`"]
fn an_event_without_a_calendar_is_refused() {
    let _ = FakeUser::new("ada").busy(at("2026-12-01T10:00:00Z"), at("2026-12-01T11:00:00Z"));
}

#[tokio::test(start_paused = true)]
async fn a_contact_is_verified_by_the_code_that_the_test_reads() {
    let fake = FakeCalcom::start().await;
    for (kind, name, shown, contact) in
        [("emails", "email", "email", "ada@example.org"), ("phones", "phone", "phoneNumber", "+4930123456")]
    {
        let path = |end: &str| format!("/v2/verified-resources/{kind}/verification-code/{end}");
        assert_eq!(fake.verification_code(contact), None);
        assert_eq!(call(&fake, "POST", &path("request"), json!({name: contact})).await.0, 200);
        let code = fake.verification_code(contact).unwrap();
        assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        let wrong = json!({name: contact, "code": "none"});
        assert_eq!(call(&fake, "POST", &path("verify"), wrong).await.0, 400);
        let (status, verified) = call(&fake, "POST", &path("verify"), json!({name: contact, "code": code})).await;
        assert_eq!((status, &verified[shown]), (200, &json!(contact)));
        assert_eq!(get(&fake, &format!("/v2/verified-resources/{kind}")).await, json!([verified]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_address_of_an_attendee_is_verified_by_its_code() {
    let fake = FakeCalcom::builder().contract(Contract::Hosted).start().await;
    let path = |end: &str| format!("/v2/bookings/verification/email/{end}");
    let check = async |code: &str| {
        let body = json!({"email": "ada@example.org", "code": code});
        call(&fake, "POST", &path("verify-code"), body).await
    };
    assert_eq!(check("000000").await.0, 400);
    let sent = call(&fake, "POST", &path("send-code"), json!({"email": "ada@example.org"})).await;
    assert_eq!(sent, (200, json!({"sent": true})));
    let code = fake.verification_code("ada@example.org").unwrap();
    assert_eq!(check(&code).await, (200, json!({"verified": true})));
    assert_eq!(call(&fake, "POST", &path("send-code"), json!({"email": "nobody"})).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_request_to_reschedule_cancels_the_booking_and_is_delivered_to_webhooks() {
    let hook = FakeWebhook::new("johndoe", "http://127.0.0.1:1/hook", &["BOOKING_CANCELLED"]);
    let builder =
        FakeCalcom::builder().at(at("2026-11-23T00:00:00Z")).contract(Contract::Hosted).user(FakeUser::new("johndoe"));
    let builder = builder.user(FakeUser::new("eve")).event_type(FakeEventType::new("johndoe", "30min", 30));
    let fake = builder.webhook(hook).start().await;
    let (status, booked) = send(&fake, create(&fake, 1, "ada@example.org", "2026-12-01T10:00:00Z")).await;
    assert_eq!(status, 201, "{booked}");
    let uid = booked["data"]["uid"].as_str().unwrap().to_owned();
    let ask = async |uid: &str, key: &str| {
        let path = format!("/v2/bookings/{uid}/request-reschedule");
        let call = RawRequest::new("POST", &path).key(key).version("2026-02-25");
        send(&fake, call.json(&json!({"rescheduleReason": "The host is ill"}))).await
    };
    assert_eq!(ask("unknown", &fake.api_key()).await.0, 404);
    assert_eq!(ask(&uid, &fake.api_key_of("eve")).await.0, 403);
    assert_eq!(ask(&uid, &fake.api_key()).await, (200, json!({"status": "success"})));
    assert_eq!(ask(&uid, &fake.api_key()).await.0, 400);
    let path = format!("/v2/bookings/{uid}");
    let (_, shown) = send(&fake, RawRequest::new("GET", &path).key(&fake.api_key()).version("2026-02-25")).await;
    assert_eq!(shown["data"]["status"], "cancelled");
    assert_eq!(shown["data"]["cancellationReason"], "The host is ill");
    assert_eq!(fake.history().last().unwrap().change, Change::Cancelled { uid });
    let told: Value = serde_json::from_slice(&fake.deliveries()[0].body).unwrap();
    assert_eq!(told["payload"]["requestReschedule"], true);
}
